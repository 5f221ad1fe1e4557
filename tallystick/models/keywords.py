"""The keywords of the schemas that the model generator is given, and the walk over the schemas inside a schema."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from tallystick.nouns.json_value import JSON
from tallystick.nouns.keywords import SUBSCHEMA, SUBSCHEMA_MAP, SUBSCHEMAS

Schema = dict[str, JSON]
"""A schema in JSON Schema 2020-12 whose keywords have values of the right type.

In a list or map, a schema that allows everything is `{}` and one that allows nothing is `enumerations.NOTHING`. Only a
keyword whose value is a single schema (`additionalProperties`) may have a boolean instead.
"""

NULL: Schema = {"type": "null"}

_TYPES = frozenset("null boolean object array number string integer".split())


@dataclass(frozen=True, slots=True)
class ValueType:
    """What the value of a keyword must be (JSON Schema Validation 2020-12, section 6)."""

    fits: Callable[[JSON], bool]
    expected: str


def _is_number(value: JSON) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _is_positive(value: JSON) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and value > 0


def _is_count(value: JSON) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and value >= 0 and value == int(value)


def _is_strings(value: JSON) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _is_type(value: JSON) -> bool:
    names = value if isinstance(value, list) else [value]
    return bool(names) and all(isinstance(name, str) and name in _TYPES for name in names)


_ANYTHING = ValueType(lambda _: True, "anything")
_STRING = ValueType(lambda value: isinstance(value, str), "a string")
_BOOLEAN = ValueType(lambda value: isinstance(value, bool), "a boolean")
_NUMBER = ValueType(_is_number, "a number")
_COUNT = ValueType(_is_count, "a whole number, 0 or more")
_STRINGS = ValueType(_is_strings, "a list of strings")
_OBJECT = ValueType(lambda value: isinstance(value, dict), "an object")
_SCHEMAS = ValueType(lambda value: isinstance(value, list) and bool(value), "a list of schemas, not empty")

VALUE_TYPES: Mapping[str, ValueType] = {
    "type": ValueType(_is_type, f"one of {', '.join(sorted(_TYPES))}, or a list of them"),
    "enum": ValueType(lambda value: isinstance(value, list) and bool(value), "a list of values, not empty"),
    "const": _ANYTHING,
    "multipleOf": ValueType(_is_positive, "a number greater than 0"),
    "maximum": _NUMBER,
    "exclusiveMaximum": _NUMBER,
    "minimum": _NUMBER,
    "exclusiveMinimum": _NUMBER,
    "maxLength": _COUNT,
    "minLength": _COUNT,
    "pattern": _STRING,
    "maxItems": _COUNT,
    "minItems": _COUNT,
    "uniqueItems": _BOOLEAN,
    "maxProperties": _COUNT,
    "minProperties": _COUNT,
    "required": _STRINGS,
    "format": _STRING,
    "title": _STRING,
    "description": _STRING,
    "default": _ANYTHING,
    "deprecated": _BOOLEAN,
    "readOnly": _BOOLEAN,
    "writeOnly": _BOOLEAN,
    "x-enum-varnames": _STRINGS,
    "allOf": _SCHEMAS,
    "anyOf": _SCHEMAS,
    "oneOf": _SCHEMAS,
    "prefixItems": _SCHEMAS,
    "properties": _OBJECT,
    "patternProperties": _OBJECT,
    "dependentSchemas": _OBJECT,
}
"""The keywords that the generator is given. It is given no other, since an extension could name code to import."""

ANNOTATIONS = ("description", "default", "deprecated", "readOnly", "writeOnly")
"""The keywords that say something of the place where a schema stands, and nothing of the values that it allows."""


# The values of keywords


def text(schema: Schema, keyword: str) -> str:
    """The value of a keyword whose value is a string; "" where the keyword is absent."""
    value = schema.get(keyword)
    return value if isinstance(value, str) else ""


def items(schema: Schema, keyword: str) -> list[JSON]:
    """The value of a keyword whose value is a list; empty where the keyword is absent."""
    value = schema.get(keyword)
    return value if isinstance(value, list) else []


def strings(schema: Schema, keyword: str) -> list[str]:
    """The value of a keyword whose value is a list of strings; empty where the keyword is absent."""
    return [item for item in items(schema, keyword) if isinstance(item, str)]


def branches(schema: Schema, keyword: str) -> list[Schema]:
    """The value of a keyword whose value is a list of schemas (`anyOf`); empty where the keyword is absent."""
    return [item for item in items(schema, keyword) if isinstance(item, dict)]


def members(schema: Schema, keyword: str) -> dict[str, Schema]:
    """The value of a keyword that maps names to schemas (`properties`); empty where the keyword is absent."""
    value = schema.get(keyword)
    return {name: item for name, item in value.items() if isinstance(item, dict)} if isinstance(value, dict) else {}


def types(schema: Schema) -> list[str]:
    """The types that a schema names; empty where it names none."""
    value = schema.get("type")
    return [value] if isinstance(value, str) else strings(schema, "type")


def without(schema: Schema, *keywords: str) -> Schema:
    """A copy of a schema without some keywords."""
    return {keyword: value for keyword, value in schema.items() if keyword not in keywords}


# The schemas inside a schema


def subschemas(schema: Schema) -> Iterator[Schema]:
    """The schemas that stand directly in a schema."""
    for keyword, value in schema.items():
        if keyword in SUBSCHEMA:
            if isinstance(value, dict):
                yield value
        elif keyword in SUBSCHEMAS:
            yield from branches(schema, keyword)
        elif keyword in SUBSCHEMA_MAP:
            yield from members(schema, keyword).values()


def map_subschemas(schema: Schema, change: Callable[[Schema], Schema]) -> Schema:
    """A copy of a schema in which each schema that stands directly in it is changed."""
    changed = dict(schema)
    for keyword, value in schema.items():
        if keyword in SUBSCHEMA:
            if isinstance(value, dict):
                changed[keyword] = change(value)
        elif keyword in SUBSCHEMAS:
            changed[keyword] = [change(branch) for branch in branches(schema, keyword)]
        elif keyword in SUBSCHEMA_MAP:
            changed[keyword] = {name: change(member) for name, member in members(schema, keyword).items()}
    return changed
