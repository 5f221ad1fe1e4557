"""The character encoding of a document's file."""

from __future__ import annotations


def encoding_of(raw: bytes) -> str:
    """The encoding of a document: UTF-16 where it begins with the mark of that, else UTF-8, with or without a mark."""
    return "utf-16" if raw[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
