"""Finds the resource in a reply: the body itself, or a member of an envelope (`data`, the name of the resource)."""

from __future__ import annotations

from collections.abc import Iterator

from tallystick.mock.tailoring.puts import Shapes
from tallystick.nouns.json_value import JSON
from tallystick.nouns.schema import Schema
from tallystick.resources.names import spelled

_ENVELOPES = frozenset("data result item payload response resource record entity object attributes metadata".split())
_BESIDE = frozenset("links meta metadata pagination paging error errors status".split())
"""What stands beside a resource in an envelope."""

Holder = tuple[dict[str, JSON], Schema | None]


def envelopes(body: dict[str, JSON], schema: Schema | None, shapes: Shapes, noun: str = "") -> Iterator[Holder]:
    """The objects that may be the resource, the outermost first."""
    yield body, schema
    inner = {name: member for name, member in body.items() if isinstance(member, dict)}
    is_only = len([name for name in body if spelled(name) not in _BESIDE]) == 1
    for name, member in inner.items():
        one = spelled(name)
        is_named = bool(noun) and (one.endswith(noun) or noun.endswith(one))
        if one in _ENVELOPES or is_named or (is_only and one not in _BESIDE):
            inner_schema = shapes.member(schema, name)
            yield member, inner_schema
            attributes = member.get("attributes")
            if isinstance(attributes, dict):
                yield attributes, shapes.member(inner_schema, "attributes")
