"""Simplifies a schema: the result allows the same values and gives the Python type that a person would write."""

from __future__ import annotations

from collections.abc import Iterator

from tallystick.models.enumerations import NOTHING, ONE_OF, with_plain_values
from tallystick.models.keywords import (
    ANNOTATIONS,
    NULL,
    Schema,
    branches,
    items,
    map_subschemas,
    members,
    strings,
    subschemas,
    text,
    types,
    without,
)
from tallystick.models.python_names import whole_number_name
from tallystick.nouns.keywords import OF_TYPE

_KEPT_FORMATS = frozenset("date date-time time uuid ipv4 ipv6 binary".split())
"""The formats whose Python type keeps every value as it is. Strings of other formats stay strings: a URL type changes
a `uri`, a timedelta cannot hold a `duration` of a month, and an `email` type needs another package."""

_BESIDE = frozenset((*ANNOTATIONS, "title"))
_REQUIREMENT = frozenset(("type", "required", "not", "title", "description"))
_SHAPING = frozenset(
    "properties additionalProperties patternProperties propertyNames unevaluatedProperties $ref allOf anyOf oneOf not "
    "if enum const".split()
)
"""The keywords that make an object more than a dictionary of any values."""
_JOINING = frozenset("$ref allOf anyOf oneOf if patternProperties".split())
"""The keywords whose schemas may declare what a schema requires."""
_SPEAKS_OF_OBJECTS = frozenset(("additionalProperties", "patternProperties"))
_OTHER_THAN_OBJECTS = frozenset(
    (ONE_OF, *"type properties $ref allOf anyOf oneOf not if enum const items prefixItems".split())
)
_SETTLED_BY_VALUES = frozenset("$ref allOf anyOf oneOf not if then else".split())
"""The keywords that add nothing to the type where the schema lists its values."""
_COMPLEX = frozenset((ONE_OF, *"$ref enum const properties patternProperties allOf anyOf oneOf not if".split()))
"""The keywords that a schema of a plain type has not."""


def simplify(schema: Schema) -> Schema:
    """A schema that allows the same values and gives the simplest Python type."""
    if "format" in schema and not (text(schema, "format") in _KEPT_FORMATS and _allows_strings(schema)):
        del schema["format"]
    if schema.get("default", ...) is None:
        del schema["default"]  # an optional property is None without it, and may be null only if its schema says so
    if schema.get("not") == {}:
        schema = {**{key: value for key, value in schema.items() if key in _BESIDE}, **NOTHING}
    schema = _without_repeated_references(_without_impossible_branches(_without_other_types(schema)))
    if "enum" in schema or "const" in schema:
        schema = without(schema, *_SETTLED_BY_VALUES)
        schema = with_plain_values(schema)
    if schema.get("properties"):
        schema = _without_requirements(schema)
    elif _SPEAKS_OF_OBJECTS.intersection(schema) and not _OTHER_THAN_OBJECTS.intersection(schema):
        schema = {"type": "object", **schema}
    if schema.get("type") == "object" and not any(schema.get(key, {}) not in ({}, True) for key in _SHAPING):
        schema = {**schema, "additionalProperties": {}}
    if "anyOf" not in schema:
        schema = _null_beside_class(schema)
    return _null_beside_whole_number(_null_within_type(_without_wrapper(_without_remarks(schema))))


def _without_impossible_branches(schema: Schema) -> Schema:
    """A schema without the branches that allow nothing; it allows nothing itself where no branch is left."""
    for keyword in ("anyOf", "oneOf"):
        kept = [branch for branch in branches(schema, keyword) if branch != NOTHING]
        if len(kept) < len(branches(schema, keyword)):
            schema = {**schema, keyword: [*kept]} if kept else {**NOTHING}
    return {**NOTHING} if NOTHING in branches(schema, "allOf") else schema


def _without_repeated_references(schema: Schema) -> Schema:
    """A schema whose `allOf` and `anyOf` have each reference once: a second one adds nothing but work."""
    for keyword in ("allOf", "anyOf"):
        alternatives = branches(schema, keyword)
        kept = {
            text(branch, "$ref") if {*branch} == {"$ref"} else index: branch
            for index, branch in enumerate(alternatives)
        }
        if len(kept) < len(alternatives):
            schema = {**schema, keyword: [*kept.values()]}
    return schema


def _without_other_types(schema: Schema) -> Schema:
    """A schema without the keywords that judge values of other types than it names: they would add these types."""
    named = {"number" if name == "integer" else name for name in types(schema)}
    if not named:
        return schema
    other = [keyword for name, keywords in OF_TYPE.items() if name not in named for keyword in keywords]
    return without(schema, *other)


def _allows_strings(schema: Schema) -> bool:
    return "type" not in schema or "string" in types(schema)


def joined(schema: Schema) -> Iterator[Schema]:
    """The branches of each `allOf` in a schema, however deep."""
    yield from branches(schema, "allOf")
    for subschema in subschemas(schema):
        yield from joined(subschema)


def with_required_declared(schema: Schema) -> Schema:
    """An object that declares what it requires, as of any type; the parts of an `allOf` declare it for each other."""
    result = map_subschemas(schema, with_required_declared)
    if "allOf" in schema:
        result["allOf"] = schema["allOf"]
    if not _JOINING.isdisjoint(schema) or schema.get("type", "object") != "object":
        return result
    if "type" in schema or "properties" in schema:
        declared = members(result, "properties")
        missing: Schema = {name: {} for name in strings(schema, "required") if name not in declared}
        if missing:
            result["properties"] = {**declared, **missing}
    return result


def _without_requirements(schema: Schema) -> Schema:
    """An object without an `anyOf` or `oneOf` that only says which properties are required together.

    As a type it would be the same class once per branch.
    """
    return without(
        schema,
        *(key for key in ("anyOf", "oneOf") if all(set(branch) <= _REQUIREMENT for branch in branches(schema, key))),
    )


def _null_beside_class(schema: Schema) -> Schema:
    """An enum or object that may be null as a union of that and null: a class does not allow None."""
    values = items(schema, "enum")
    names = types(schema)
    is_nullable = None in values if "enum" in schema else bool(schema.get("properties")) and "null" in names
    if not is_nullable:
        return schema
    beside = {key: value for key, value in schema.items() if key in _BESIDE}
    branch = {key: value for key, value in schema.items() if key not in _BESIDE}
    names = [name for name in names if name != "null"]
    branch["type"] = names[0] if len(names) == 1 else [*names]
    if not names:
        del branch["type"]
    if "enum" in schema:
        values = [value for value in values if value is not None]
        if not values:
            return {**beside, **NULL}
        branch["enum"] = values
        if "x-enum-varnames" in branch and len(items(branch, "x-enum-varnames")) != len(values):
            del branch["x-enum-varnames"]
    return {**beside, "anyOf": [branch, {**NULL}]}


def _null_beside_whole_number(schema: Schema) -> Schema:
    """An `int32` or the like that may be null as a union of that and null, so that it keeps its name."""
    bounds = {key: value for key, value in schema.items() if key not in _BESIDE}
    if types(schema) != ["integer", "null"] or not whole_number_name(bounds | {"type": "integer"}):
        return schema
    beside = {key: value for key, value in schema.items() if key in _BESIDE}
    return {**beside, "anyOf": [{**bounds, "type": "integer"}, {**NULL}]}


def _null_within_type(schema: Schema) -> Schema:
    """A union of a plain type and null as one schema of two types: the constraints of the type do not concern null."""
    for keyword in ("anyOf", "oneOf"):
        union = branches(schema, keyword)
        if len(union) != 2 or NULL not in union:
            continue
        other: Schema = next((branch for branch in union if branch != NULL), {})
        type_name = other.get("type")
        says_more = {*schema} - {keyword, *_BESIDE}
        if isinstance(type_name, str) and not says_more and not _COMPLEX & other.keys():
            return {**other, **without(schema, keyword), "type": [type_name, "null"]}
    return schema


def _without_remarks(schema: Schema) -> Schema:
    """A schema without the branches of its `allOf` that only describe it; what they say moves to the schema itself."""
    all_of = branches(schema, "allOf")
    remarks = [branch for branch in all_of if set(branch) <= _BESIDE]
    if not remarks:
        return schema
    lifted: Schema = {}
    for remark in (*remarks, schema):
        lifted |= remark
    lifted["allOf"] = [branch for branch in all_of if branch not in remarks]
    if not lifted["allOf"]:
        del lifted["allOf"]
    return lifted


def _without_wrapper(schema: Schema) -> Schema:
    """The only branch of an `allOf`, `anyOf` or `oneOf`, with what is said beside it.

    OpenAPI 3.0 needs such a wrapper to describe a reference.
    """
    for keyword in ("allOf", "anyOf", "oneOf"):
        only = branches(schema, keyword)
        if len(only) != 1:
            continue
        beside = without(schema, keyword, "type")
        says_same_type = schema.get("type") in (None, only[0].get("type")) or "$ref" in only[0]
        if set(beside) <= _BESIDE and says_same_type:
            return {**only[0], **beside}
    return schema
