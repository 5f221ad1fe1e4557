"""The plainest way to say a schema: what takes the same values and gives the type that a person would write."""

from __future__ import annotations

from tallystick.models.keywords import ANNOTATIONS, Schema

_KEPT_FORMATS = frozenset("date date-time time uuid ipv4 ipv6 binary".split())
"""Formats of strings that have a Python type which keeps every value of theirs. Others stay what they are in JSON: a
`uri` as a URL type changes, a `duration` of a month has no timedelta, an `email` needs one more package."""

_REQUIREMENT = frozenset(("type", "required", "not", "title", "description"))
_SHAPED = frozenset(
    "properties additionalProperties patternProperties propertyNames unevaluatedProperties $ref allOf anyOf oneOf not "
    "if enum const".split()
)
"""What makes an object more than a dictionary of anything."""
_GENERAL = frozenset("$ref allOf anyOf oneOf not if then else".split())
"""What a list of values leaves nothing to say for."""
_NOT_PLAIN = frozenset("$ref enum const properties patternProperties allOf anyOf oneOf not if".split())


def plain(schema: Schema) -> Schema:
    """A schema that takes the same values, said in the way that gives the plainest Python type."""
    if "format" in schema and not (schema["format"] in _KEPT_FORMATS and _allows(schema, "string")):
        del schema["format"]
    if "default" in schema and schema["default"] is None:
        del schema["default"]  # what need not be there is None without it, and may be null only if it says so
    if "enum" in schema or "const" in schema:
        schema = {key: item for key, item in schema.items() if key not in _GENERAL}
    if "enum" in schema and "type" not in schema:
        schema = _typed(schema)
    if schema.get("properties"):
        schema = _without_requirements(schema)
    if schema.get("type") == "object" and not _SHAPED & {key for key, item in schema.items() if item not in ({}, True)}:
        schema = {**schema, "additionalProperties": {}}
    if "anyOf" not in schema:
        schema = _null_beside_class(schema)
    return _null_within_type(_without_wrapper(_without_remarks(schema)))


def _allows(schema: Schema, kind: str) -> bool:
    named = schema.get("type", kind)
    return bool(kind == named) or (isinstance(named, list) and kind in named)


def _typed(schema: Schema) -> Schema:
    """An enum of strings or integers only, with their type: Python then has a `StrEnum` or `IntEnum` for it."""
    kinds = {type(value) for value in schema["enum"] if value is not None}
    name = {str: "string", int: "integer"}.get(kinds.pop()) if len(kinds) == 1 else None
    return {"type": [name, "null"] if None in schema["enum"] else name, **schema} if name else schema


def _without_requirements(schema: Schema) -> Schema:
    """An object without an `anyOf` or `oneOf` that only says which properties must be there together: as a type that
    would be the same class once for each branch."""
    return {
        key: item
        for key, item in schema.items()
        if key not in ("anyOf", "oneOf") or not all(set(branch) <= _REQUIREMENT for branch in item)
    }


def _null_beside_class(schema: Schema) -> Schema:
    """An enum or object that may be null as that or null: a class is one thing, and None is no member of an enum."""
    values, kind = schema.get("enum"), schema.get("type")
    kinds = kind if isinstance(kind, list) else [kind]
    if None not in values if values is not None else not (schema.get("properties") and "null" in kinds):
        return schema
    beside = {key: item for key, item in schema.items() if key in (*ANNOTATIONS, "title")}
    branch = {key: item for key, item in schema.items() if key not in beside}
    kinds = [name for name in kinds if name not in (None, "null")]
    branch["type"] = kinds[0] if len(kinds) == 1 else kinds
    if not kinds:
        del branch["type"]
    if values is not None:
        branch["enum"] = [value for value in values if value is not None]
        if len(branch["enum"]) != len(branch.get("x-enum-varnames", branch["enum"])):
            del branch["x-enum-varnames"]
        if not branch["enum"]:
            return {**beside, "type": "null"}
    return {**beside, "anyOf": [branch, {"type": "null"}]}


def _null_within_type(schema: Schema) -> Schema:
    """A plain type or null as one schema of two types: the constraints of the one say nothing of the other."""
    for key in ("anyOf", "oneOf"):
        branches = schema.get(key, ())
        if len(branches) == 2 and {"type": "null"} in branches:
            other: Schema = next((branch for branch in branches if branch != {"type": "null"}), {})
            kind, said = other.get("type"), {*schema} - {key, *ANNOTATIONS, "title"}
            if isinstance(kind, str) and not said and not _NOT_PLAIN & other.keys():
                beside = {name: item for name, item in schema.items() if name != key}
                return {**other, **beside, "type": [kind, "null"]}
    return schema


def _without_remarks(schema: Schema) -> Schema:
    """A schema without the branches of its `allOf` that only describe or explain; what they say is said beside it."""
    branches = schema.get("allOf", [])
    remarks = [branch for branch in branches if set(branch) <= {*ANNOTATIONS, "title"}]
    if not remarks:
        return schema
    lifted: Schema = {}
    for remark in (*remarks, schema):
        lifted |= remark
    lifted["allOf"] = [branch for branch in branches if branch not in remarks]
    if not lifted["allOf"]:
        del lifted["allOf"]
    return lifted


def _without_wrapper(schema: Schema) -> Schema:
    """An `allOf`, `anyOf` or `oneOf` of one schema as that schema, with what is said beside it: how OpenAPI 3.0 has
    to write a description of a reference."""
    for key in ("allOf", "anyOf", "oneOf"):
        branches = schema.get(key)
        if isinstance(branches, list) and len(branches) == 1:
            beside = {name: item for name, item in schema.items() if name != key}
            named = beside.pop("type", None)
            if set(beside) <= {*ANNOTATIONS, "title"} and (
                "$ref" in branches[0] or named in (None, branches[0].get("type"))
            ):
                return {**branches[0], **beside}
    return schema
