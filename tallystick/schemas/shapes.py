"""What a schema tells of its values before there is one: their types, properties and items, through all its parts.

Parts are what `allOf`, `anyOf` and `oneOf` list; each is looked at once, however often compositions refer to it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tallystick.nouns.schema import Schema
from tallystick.nouns.violation import Place

ALL_TYPES = frozenset(("null", "boolean", "integer", "number", "string", "array", "object"))
_SCALARS = frozenset(("string", "integer", "number", "boolean"))
_TYPE_NAMES = {
    str: "string",
    bool: "boolean",
    int: "integer",
    float: "number",
    list: "array",
    dict: "object",
    type(None): "null",
}


def types_of(schema: Schema | None) -> frozenset[str]:
    """The types that a value of the schema may have, as far as its keywords and those of its parts tell."""
    return _types(schema, {})


def _types(schema: Schema | None, known: dict[Place, frozenset[str]]) -> frozenset[str]:
    if schema is None:
        return ALL_TYPES
    place = schema.place
    if place not in known:
        known[place] = ALL_TYPES  # all that is known of it while its parts are looked at
        types = _own_types(schema)
        for keyword in ("anyOf", "oneOf"):
            of_parts = [_types(part, known) for part in _parts(schema, keyword)]
            if of_parts:
                types = _both(types, frozenset[str]().union(*of_parts))
        for part in _parts(schema, "allOf"):
            types = _both(types, _types(part, known))
        known[place] = types
    return known[place]


def _own_types(schema: Schema) -> frozenset[str]:
    resolved = schema.resolved
    kinds = resolved.get("type")
    if isinstance(kinds, str):
        return frozenset((kinds,))
    if isinstance(kinds, list):
        return frozenset(kind for kind in kinds if isinstance(kind, str))
    if isinstance(resolved.get("enum"), list):
        return frozenset(type_of(value) for value in resolved["enum"])
    return frozenset((type_of(resolved["const"]),)) if "const" in resolved else ALL_TYPES


def type_of(value: Any) -> str:
    """The JSON type of a value; a whole number is an "integer"."""
    return _TYPE_NAMES[type(value)]


def _both(left: frozenset[str], right: frozenset[str]) -> frozenset[str]:
    """The types in both; an integer is a number too."""
    if ALL_TYPES in (left, right):
        return right if left == ALL_TYPES else left
    both = left & right
    is_integer = ("integer" in left and "number" in right) or ("number" in left and "integer" in right)
    return both | {"integer"} if is_integer and "number" not in both else both


def shape_of(schema: Schema | None) -> str:
    """How a schema's values are written: as an "array", an "object" or a "scalar"."""
    types = types_of(schema)
    if types == ALL_TYPES:
        resolved = schema.resolved if schema is not None else {}
        if "items" in resolved or "prefixItems" in resolved:
            return "array"
        return "object" if "properties" in resolved else "scalar"
    if types & _SCALARS:
        return "scalar"
    return "array" if "array" in types else "object" if "object" in types else "scalar"


def properties_of(schema: Schema | None) -> dict[str, Schema | None]:
    """The properties that a schema or a part of it declares, by name; the first declaration of a name counts."""
    found: dict[str, Schema | None] = {}
    for part in _with_parts(schema, set()):
        properties = part.resolved.get("properties")
        for name in properties if isinstance(properties, dict) else ():
            if name not in found:
                found[name] = part.child("properties", name)
    return found


def items_of(schema: Schema | None) -> Schema | None:
    """The schema of an array's items, declared by the schema itself or by a part of it."""
    children = (part.child("items") for part in _with_parts(schema, set()))
    return next((items for items in children if items is not None), None)


def _with_parts(schema: Schema | None, seen: set[Place]) -> Iterator[Schema]:
    """A schema, its parts and theirs."""
    if schema is None or schema.place in seen:
        return
    seen.add(schema.place)
    yield schema
    for part in _parts(schema, "allOf", "anyOf", "oneOf"):
        yield from _with_parts(part, seen)


def _parts(schema: Schema, *keywords: str) -> Iterator[Schema | None]:
    for keyword in keywords:
        branches = schema.resolved.get(keyword)
        for index in range(len(branches) if isinstance(branches, list) else 0):
            yield schema.child(keyword, str(index))
