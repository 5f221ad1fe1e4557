"""The types, properties and items that a schema and its branches allow or declare, without a value at hand.

Branches are the schemas in `allOf`, `anyOf` and `oneOf`. Each is looked at once, even if many compositions refer to it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from tallystick.nouns import budgets
from tallystick.nouns.schema import Schema
from tallystick.nouns.violation import Place

Shape = Literal["array", "object", "scalar"]

ALL_TYPES = frozenset(("null", "boolean", "integer", "number", "string", "array", "object"))
_SCALARS = frozenset(("string", "integer", "number", "boolean"))
_TYPE_NAMES: dict[type, str] = {
    str: "string",
    bool: "boolean",
    int: "integer",
    float: "number",
    list: "array",
    dict: "object",
    type(None): "null",
}


def types_of(schema: Schema | None) -> frozenset[str]:
    """The types that a value of the schema may have, as far as its keywords and those of its branches say."""
    return _types(schema, {}, budgets.REFERENCE_CHAIN)


def _types(schema: Schema | None, types_by_place: dict[Place, frozenset[str]], steps: int) -> frozenset[str]:
    """The types of a schema; every type beyond so many steps from branch to branch."""
    if schema is None or steps == 0:
        return ALL_TYPES
    place = schema.place
    if place not in types_by_place:
        types_by_place[place] = ALL_TYPES  # assumed where a branch refers back to it
        types = _own_types(schema)
        for keyword in ("anyOf", "oneOf"):
            branch_types = [_types(branch, types_by_place, steps - 1) for branch in _branches(schema, keyword)]
            if branch_types:
                types = _intersection(types, frozenset[str]().union(*branch_types))
        for branch in _branches(schema, "allOf"):
            types = _intersection(types, _types(branch, types_by_place, steps - 1))
        types_by_place[place] = types
    return types_by_place[place]


def _own_types(schema: Schema) -> frozenset[str]:
    resolved = schema.resolved
    types = resolved.get("type")
    if isinstance(types, str):
        return frozenset((types,))
    if isinstance(types, list):
        return frozenset(name for name in types if isinstance(name, str))
    values = resolved.get("enum")
    if isinstance(values, list):
        return frozenset(map(type_of, values))
    return frozenset((type_of(resolved["const"]),)) if "const" in resolved else ALL_TYPES


def type_of(value: object) -> str:
    """The JSON type of a value; a whole number is an "integer"."""
    return _TYPE_NAMES[type(value)]


def _intersection(left: frozenset[str], right: frozenset[str]) -> frozenset[str]:
    """The types in both; an integer is a number too."""
    if ALL_TYPES in (left, right):
        return right if left == ALL_TYPES else left
    both = left & right
    is_integer = ("integer" in left and "number" in right) or ("number" in left and "integer" in right)
    return both | {"integer"} if is_integer and "number" not in both else both


def shape_of(schema: Schema | None) -> Shape:
    """How a schema's values are written: as an array, an object or a scalar."""
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
    """The properties that a schema or a branch of it declares, by name; the first declaration of a name counts."""
    declared: dict[str, Schema | None] = {}
    for branch in _with_branches(schema):
        properties = branch.resolved.get("properties")
        for name in properties if isinstance(properties, dict) else ():
            if name not in declared:
                declared[name] = branch.child("properties", name)
    return declared


def items_of(schema: Schema | None) -> Schema | None:
    """The schema of an array's items, declared by the schema itself or by a branch of it."""
    items = (branch.child("items") for branch in _with_branches(schema))
    return next((schema for schema in items if schema is not None), None)


def values_of(schema: Schema | None) -> Schema | None:
    """The schema of an object's other members than its properties, declared by the schema itself or by a branch."""
    values = (branch.child("additionalProperties") for branch in _with_branches(schema))
    return next((schema for schema in values if schema is not None), None)


def _with_branches(schema: Schema | None) -> Iterator[Schema]:
    """A schema, its branches, their branches, and so on."""
    waiting, seen = [schema], set[Place]()
    while waiting:
        branch = waiting.pop()
        if branch is None or branch.place in seen:
            continue
        seen.add(branch.place)
        yield branch
        waiting += reversed([*_branches(branch, "allOf", "anyOf", "oneOf")])


def _branches(schema: Schema, *keywords: str) -> Iterator[Schema | None]:
    for keyword in keywords:
        branches = schema.resolved.get(keyword)
        for index in range(len(branches) if isinstance(branches, list) else 0):
            yield schema.child(keyword, str(index))
