"""Brings `enum` and `const` to what Python can say: an enumeration of texts or integers, or a type with some values."""

from __future__ import annotations

import json
from collections.abc import Mapping

from tallystick.models.keywords import Schema, branches, items, map_subschemas, text, types, without
from tallystick.nouns.json_value import JSON

ONE_OF = "x-one-of"
"""Marks a schema of which only these values fit. The generator passes it on; `finishing` makes a check of it."""

NOTHING: Schema = {ONE_OF: []}
"""The schema that allows no value."""

_TYPE_NAMES: tuple[tuple[type, str], ...] = (
    (bool, "boolean"),
    (int, "integer"),
    (float, "number"),
    (str, "string"),
    (list, "array"),
    (dict, "object"),
)


def with_plain_values(schema: Schema) -> Schema:
    """A schema whose `enum` lists texts, or integers, each once; other values are its type, marked with `ONE_OF`."""
    if "const" in schema:
        values: list[JSON] = [schema["const"]]
    elif "enum" in schema:
        values = _unique(items(schema, "enum"))
    else:
        return schema
    rest = without(schema, "enum", "const", *_SETTLED)
    names = types(schema)
    if names:
        values = [value for value in values if value is None or _fits(value, names)]
    kinds = {type(value) for value in values if value is not None}
    if values == [None]:
        return {**without(rest, "format"), "type": "null"}
    if not kinds:
        return {**without(rest, "type", "format"), ONE_OF: []}
    if kinds == {str} or (kinds == {int} and len(values) > 1):
        return _enum(schema, rest, values, kinds)
    if len(values) == 1 and kinds <= {bool, int}:
        return {**rest, "const": values[0], ONE_OF: values}
    names = [name for kind, name in _TYPE_NAMES if kind in kinds and not (kind is int and float in kinds)]
    if None in values:
        names.append("null")
    result: Schema = {**without(rest, "format"), "type": names[0] if len(names) == 1 else [*names], ONE_OF: values}
    if "object" in names:
        result["additionalProperties"] = {}
    return result


_SETTLED = tuple(
    "minLength maxLength pattern minimum maximum exclusiveMinimum exclusiveMaximum multipleOf minItems maxItems "
    "uniqueItems minProperties maxProperties items prefixItems properties required additionalProperties".split()
)
"""The keywords that the listed values settle."""


def _enum(schema: Schema, rest: Schema, values: list[JSON], kinds: set[type]) -> Schema:
    """Texts or integers, with their type."""
    type_name = "string" if kinds == {str} else "integer"
    result: Schema = {**without(rest, "format"), "type": [type_name, "null"] if None in values else type_name}
    if "const" in schema:
        return {**result, "const": values[0]}
    if "x-enum-varnames" in result and len(values) != len(items(schema, "enum")):
        del result["x-enum-varnames"]
    return {**result, "enum": values}


def _unique(values: list[JSON]) -> list[JSON]:
    return [*{json.dumps(value, sort_keys=True): value for value in values}.values()]


def _fits(value: JSON, names: list[str]) -> bool:
    """Whether a value is of one of some types."""
    if isinstance(value, float) and value.is_integer() and "integer" in names:
        return True
    return any(
        type(value) is kind and (name in names or (name == "integer" and "number" in names))
        for kind, name in _TYPE_NAMES
    )


def with_common_values(schemas: Mapping[str, Schema]) -> dict[str, Schema]:
    """The named schemas, in which an `allOf` of lists of values is the list of those that all of them have."""
    return {name: _with_common_values(schema, schemas) for name, schema in schemas.items()}


def _with_common_values(schema: Schema, schemas: Mapping[str, Schema]) -> Schema:
    result = map_subschemas(schema, lambda subschema: _with_common_values(subschema, schemas))
    all_of = branches(schema, "allOf")
    lists = [values for branch in [without(schema, "allOf"), *all_of] if (values := _listed(branch, schemas))]
    if len(lists) < 2 or len(all_of) < 1:
        return result
    common = [value for value in lists[0] if all(_is_among(value, others) for others in lists[1:])]
    for branch in all_of:
        if "$ref" in branch and len(_listed(branch, schemas)) == len(common):
            return {**without(result, "allOf", "type", "enum", "const", ONE_OF), **branch}
    return with_plain_values({**without(result, "allOf", "type", "const", ONE_OF), "enum": common})


def _listed(schema: Schema, schemas: Mapping[str, Schema]) -> list[JSON]:
    """The values that a schema lists, itself or where its reference leads."""
    schema = schemas.get(text(schema, "$ref").removeprefix("#/components/schemas/"), schema)
    return [schema["const"]] if "const" in schema else items(schema, "enum") or items(schema, ONE_OF)


def _is_among(value: JSON, values: list[JSON]) -> bool:
    return any(value == other and isinstance(value, bool) is isinstance(other, bool) for other in values)
