"""A body as a page shows it: JSON indented, a text as it is, a small picture as a picture, and others by their size."""

from __future__ import annotations

import base64
import json
from typing import NamedTuple

from tallystick.nouns.exchange import Headers
from tallystick.nouns.media_type import MediaKind, parse_media_type
from tallystick.nouns.words import counted

_SHOWN_CHARACTERS = 200_000
_SHOWN_PICTURE = 200_000


class ShownBody(NamedTuple):
    """A body for people: its text or a picture, and what is to be said of it; `label` names it for a screen reader."""

    label: str
    text: str = ""
    note: str = ""
    picture: str = ""

    def __bool__(self) -> bool:
        return bool(self.text or self.note or self.picture)


def shown_body(label: str, headers: Headers, body: bytes, size: int | None = None) -> ShownBody:
    """A body with the header fields of its message; `size` is that of the whole where a part of it was kept."""
    if not body:
        return ShownBody(label)
    content_type = next((value for name, value in headers if name == "content-type"), "")
    coding = next((value for name, value in headers if name == "content-encoding"), "")
    kind = parse_media_type(content_type)
    whole = len(body) if size is None else size
    note = "" if len(body) == whole else f"The first {len(body):,} of {whole:,} bytes; the journal keeps no more."
    if coding and coding.lower() != "identity":
        return ShownBody(label, note=f"{counted(whole, 'byte')} of {content_type or 'a body'}, coded as {coding}.")
    if kind.name.startswith("image/") and kind.name != "image/svg+xml" and len(body) == whole <= _SHOWN_PICTURE:
        data = f"data:{kind.name};base64,{base64.b64encode(body).decode()}"
        return ShownBody(label, note=f"{counted(whole, 'byte')} of {kind.name}", picture=data)
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return ShownBody(
            label, note=f"{counted(whole, 'byte')} of {content_type or 'no media type'}, which are no text."
        )
    if kind.kind is MediaKind.JSON and not note:
        text = indented(text)
    if len(text) > _SHOWN_CHARACTERS:
        note = f"The first {_SHOWN_CHARACTERS:,} characters of {counted(whole, 'byte')}."
    return ShownBody(label, text[:_SHOWN_CHARACTERS], note)


def indented(text: str) -> str:
    """A text of JSON as people write it; any other text as it is."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return text
    return json.dumps(value, indent=2, ensure_ascii=False) if isinstance(value, dict | list) else text


def on_one_line(body: bytes) -> bytes:
    """A body of JSON that people have indented on one line; any other as it is."""
    if not body.startswith((b"{", b"[")) or b"\n" not in body:
        return body
    try:
        return json.dumps(json.loads(body), ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        return body
