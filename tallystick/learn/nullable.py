"""Schemas of OpenAPI 3.1 as OpenAPI 3.0 has them: one type, and a keyword beside it that lets null in."""

from __future__ import annotations

from tallystick.nouns.json_value import JSON

_VALUES = frozenset(("example", "examples", "enum", "default"))
"""Members whose values are no schemas."""


def with_one_type(value: JSON, nullable: str) -> JSON:
    """A value with each schema in it brought to one type; `nullable` is the keyword that lets null in."""
    if isinstance(value, list):
        return [with_one_type(item, nullable) for item in value]
    if not isinstance(value, dict):
        return value
    members = {name: member if name in _VALUES else with_one_type(member, nullable) for name, member in value.items()}
    kinds = members.get("type")
    if kinds == "null":
        del members["type"]
    elif isinstance(kinds, list):
        others = [kind for kind in kinds if kind != "null"]
        if len(others) == 1:
            members["type"] = others[0]
        else:  # a union of types has no other form; its members are those of whichever is an object
            del members["type"]
            return {**({nullable: True} if "null" in kinds else {}), "anyOf": [_of(kind, members) for kind in others]}
        if "null" in kinds:
            members = {"type": members.pop("type"), nullable: True, **members}
    return members


_OF_TYPE = {
    "object": ("required", "properties", "additionalProperties"),
    "array": ("items",),
    "string": ("format", "enum"),
}


def _of(kind: JSON, members: dict[str, JSON]) -> JSON:
    """The schema of one type, with those of some members that are about it."""
    own = {name: members[name] for name in _OF_TYPE.get(str(kind), ()) if name in members}
    return {"type": kind, **own}
