"""What a schema may say to the generator, the shape that each keyword must have, and the walk over its parts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tallystick.schemas.keywords import SUBSCHEMA, SUBSCHEMA_MAP, SUBSCHEMAS

Schema = dict[str, Any]
"""A schema in JSON Schema 2020-12; in a list or map one that takes anything is `{}`, one that takes nothing
`{"not": {}}`, and only where one schema stands alone (`additionalProperties`) it may be a boolean."""

_TYPES = frozenset("null boolean object array number string integer".split())


@dataclass(frozen=True, slots=True)
class Shape:
    """What the value of a keyword must be (JSON Schema Validation 2020-12, section 6)."""

    fits: Callable[[Any], bool]
    expected: str


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _is_count(value: Any) -> bool:
    return _is_number(value) and value >= 0 and value == int(value)


def _is_strings(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _is_type(value: Any) -> bool:
    names = value if isinstance(value, list) else [value]
    return bool(names) and all(isinstance(name, str) and name in _TYPES for name in names)


_ANY = Shape(lambda _: True, "anything")
_STRING = Shape(lambda value: isinstance(value, str), "a string")
_BOOLEAN = Shape(lambda value: isinstance(value, bool), "a boolean")
_NUMBER = Shape(_is_number, "a number")
_COUNT = Shape(_is_count, "a whole number, 0 or more")
_STRINGS = Shape(_is_strings, "a list of strings")
_OBJECT = Shape(lambda value: isinstance(value, dict), "an object")
_SCHEMAS = Shape(lambda value: isinstance(value, list) and bool(value), "a list of schemas, not empty")

SHAPES: Mapping[str, Shape] = {
    "type": Shape(_is_type, f"one of {', '.join(sorted(_TYPES))}, or a list of them"),
    "enum": Shape(lambda value: isinstance(value, list) and bool(value), "a list of values, not empty"),
    "const": _ANY,
    "multipleOf": Shape(lambda value: _is_number(value) and value > 0, "a number greater than 0"),
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
    "default": _ANY,
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
"""The keywords that the generator is given, and no other: an extension could name code for it to import."""

ANNOTATIONS = ("description", "default", "deprecated", "readOnly", "writeOnly")
"""What a schema says of the place where it stands, rather than of the values that it takes."""


def parts(schema: Schema) -> Iterator[Schema]:
    """The schemas that stand directly in a schema."""
    for key, item in schema.items():
        if key in SUBSCHEMA and not isinstance(item, bool):
            yield item
        elif key in SUBSCHEMAS:
            yield from item
        elif key in SUBSCHEMA_MAP:
            yield from item.values()


def with_parts(schema: Schema, change: Callable[[Schema], Schema]) -> Schema:
    """A copy of a schema with each schema that stands directly in it changed."""
    changed = dict(schema)
    for key, item in schema.items():
        if key in SUBSCHEMA and not isinstance(item, bool):
            changed[key] = change(item)
        elif key in SUBSCHEMAS:
            changed[key] = [change(one) for one in item]
        elif key in SUBSCHEMA_MAP:
            changed[key] = {name: change(one) for name, one in item.items()}
    return changed
