"""Exchanges as scenario files have them (see `tests/scenarios`): a first line, header fields by name, and a body."""

from __future__ import annotations

import base64

from tallystick.nouns.exchange import Headers, Request
from tallystick.nouns.media_type import MediaKind, parse_media_type
from tallystick.wire.values import read_json


def first_line(request: Request) -> str:
    """Method and target, as they are on the wire."""
    return f"{request.method} {request.path}{'?' if request.query else ''}{request.query}"


def message(headers: Headers, body: bytes) -> dict[str, object]:
    """The header fields and the body of a message."""
    content_type = next((value for name, value in headers if name == "content-type"), "")
    fields: dict[str, object] = {}
    for name, value in headers:
        before = fields.get(name)
        fields[name] = value if before is None else [*(before if isinstance(before, list) else [before]), value]
    part: dict[str, object] = {}
    if body:
        read, fault = read_json(body)
        if parse_media_type(content_type).kind is MediaKind.JSON and not fault:
            part["json"] = read
        else:
            part["base64"] = base64.b64encode(body).decode()
    return {**({"headers": fields} if fields else {}), **part}
