"""Odd requests: bodies of undeclared media types, bodies that are no JSON or very deep, half of a character."""

from __future__ import annotations

import json
from collections.abc import Iterator

from tallystick.fuzz.probes.drafts import with_headers
from tallystick.nouns.contract import BodyFormat, Operation
from tallystick.nouns.exchange import Request
from tallystick.nouns.json_value import JSON
from tallystick.nouns.media_type import MediaKind, parse_media_type
from tallystick.nouns.schema import Schema
from tallystick.rules.sequence.declared import members
from tallystick.wire.negotiation import documented_format

_HALF = "\ud800"
"""Half of a character, which is no JSON for some readers, and is for others (RFC 8259, section 8.2)."""
_NESTED = 300
"""How deep the deepest body is: less than what usual readers take."""
_UNDECLARED = ("text/plain", "application/xml", "application/x-tallystick")


def odd_requests(base: Request, operation: Operation, body_format: BodyFormat | None) -> Iterator[Request]:
    """The body of a request as a media type that is not declared; others that are no JSON, or very deep."""
    if not base.body or body_format is None:
        return
    content = operation.request_body.content if operation.request_body is not None else ()
    undeclared = (name for name in _UNDECLARED if documented_format(content, parse_media_type(name)) is None)
    for name in (*undeclared,)[:1]:
        yield with_headers(base, {"content-type": name})
    if body_format.media_type.kind is MediaKind.JSON:
        yield base._replace(body=b"[" * _NESTED + b"]" * _NESTED)
        yield from (base._replace(body=body) for body in (b"{", b"", b"null", b"\xff"))


def half_character(base: Request, body: JSON, schema: Schema | None) -> Request | None:
    """A request with half of a character in a text of its body; None where there is none to put it in."""
    if not isinstance(body, dict):
        return None
    declared = members(schema)
    names = [name for name, value in body.items() if isinstance(value, str) and _is_plain_text(declared.get(name))]
    return base._replace(body=json.dumps({**body, names[0]: f"a{_HALF}"}).encode()) if names else None


def _is_plain_text(schema: Schema | None) -> bool:
    said = schema.resolved if schema is not None else {"enum": []}
    return not {"enum", "const", "pattern", "format"} & said.keys()


def is_read_only(schema: Schema) -> bool:
    """Whether a member is the server's to set, so that what a client sends for it may be passed over."""
    return schema.resolved.get("readOnly") is True
