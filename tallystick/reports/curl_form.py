"""A multipart form as the words of curl: it makes the boundary itself, so that no line has a random one."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

from tallystick.nouns.media_type import MediaType

_PART = re.compile(
    rb'\r\nContent-Disposition: form-data; name="([^"\\=\r\n]+)"(?:; filename="([^"\\\r\n]+)")?\r\n'
    rb"(?:Content-Type: ([^\r\n;\"]+(?:; ?[a-zA-Z-]+=[^\r\n;\"]+)?)\r\n)?\r\n(.*)\r\n",
    re.IGNORECASE | re.DOTALL,
)
_ODD = re.compile(rb"[@<(\"\s]|.*[;\s]$|.*;", re.DOTALL)
"""A value that `-F` would read as something else, unless it stands in quotes."""


class FormWords(NamedTuple):
    """The words of a form, and the bytes of the one file that curl reads from its input (None where there is none)."""

    words: list[str]
    file: bytes | None


def form_words(
    body: bytes, media_type: MediaType, is_literal: Callable[[bytes], bool], quoted: Callable[[bytes], str]
) -> FormWords | None:
    """The words that have curl send a form; None for one that it would send otherwise, and for what is no form.

    `is_literal` says whether bytes can stand in a line as they are, `quoted` writes them as one word of it.
    """
    boundary = media_type.parameters.get("boundary", "").encode("latin-1", "replace")
    if media_type.name != "multipart/form-data" or not boundary:
        return None
    before, *pieces = body.split(b"--" + boundary)
    end = pieces.pop() if pieces else b""
    if before or end not in (b"--\r\n", b"--"):
        return None
    words: list[str] = []
    file: bytes | None = None
    for piece in pieces:
        part = _PART.fullmatch(piece)
        if part is None or (part[2] is not None and part[3] is None):  # curl says of a file what it is
            return None
        name, file_name, content_type, content = part.groups()
        if is_literal(content):
            value = _as_value(content)
        elif file is None and file_name is not None:
            file, value = content, b"@-"
        else:
            return None
        value += b";filename=" + _as_value(file_name) if file_name is not None else b""
        value += b";type=" + content_type if content_type is not None else b""
        if not is_literal(name + value):
            return None
        words += ["-F", quoted(name + b"=" + value)]
    return FormWords(words, file) if words else None


def _as_value(text: bytes) -> bytes:
    if not _ODD.match(text):
        return text
    return b'"' + text.replace(b"\\", b"\\\\").replace(b'"', b'\\"') + b'"'
