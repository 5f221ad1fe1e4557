"""The parts of a multipart body with their media types, which neither framework tells of one without a file name."""

from __future__ import annotations

import re
from typing import NamedTuple


class Part(NamedTuple):
    """One part of a form."""

    name: str
    media_type: str
    content: bytes


def parts(content_type: str, body: bytes) -> list[Part]:
    """The parts of a body; raises `ValueError` if it is no multipart body."""
    boundary = re.search(r'boundary="?([^";]+)"?', content_type)
    if boundary is None:
        raise ValueError("no boundary")
    pieces = (b"\r\n" + body).split(b"\r\n--" + boundary[1].encode())
    if len(pieces) < 3 or not pieces[-1].startswith(b"--"):
        raise ValueError("no end")
    return [_part(piece) for piece in pieces[1:-1]]


def _part(piece: bytes) -> Part:
    head, blank, content = piece.partition(b"\r\n\r\n")
    name = re.search(rb'[; ]name="([^"]*)"', head)
    media_type = re.search(rb"content-type:[ \t]*([^;\r\n]*)", head, re.IGNORECASE)
    if not blank or name is None:
        raise ValueError("a part without a name")
    return Part(name[1].decode("utf-8", "replace"), media_type[1].decode("latin-1") if media_type else "", content)
