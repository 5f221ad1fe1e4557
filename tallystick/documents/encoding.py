"""The character encoding of a document's file."""

from __future__ import annotations

from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE


def encoding_of(raw: bytes) -> str:
    """The encoding of a document: UTF-16 where it begins with the mark of that, else UTF-8, with or without a mark."""
    return "utf-16" if raw[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"


def encoded_as(raw: bytes, text: str) -> bytes:
    """The bytes of a text in the encoding of a document, with its byte order mark where it has one."""
    for mark, encoding in ((BOM_UTF16_LE, "utf-16-le"), (BOM_UTF16_BE, "utf-16-be"), (BOM_UTF8, "utf-8")):
        if raw.startswith(mark):
            return mark + text.encode(encoding)
    return text.encode("utf-8")
