"""Plain schemas, which need no other schema to be judged (types, bounds, patterns, formats), and their validators."""

from __future__ import annotations

import json
from functools import lru_cache

import jsonschema_rs

from tallystick.nouns.json_value import JSON
from tallystick.nouns.keywords import PLAIN
from tallystick.schemas.formats import FORMATS
from tallystick.schemas.patterns import PATTERN_OPTIONS

SchemaObject = dict[str, JSON]
"""An object schema of a bundle, in JSON Schema 2020-12; no keyword in it has a value of the wrong type."""
Schema = SchemaObject | bool


def as_schema(value: JSON) -> Schema:
    """The value of a keyword whose value is a schema."""
    return value if isinstance(value, (dict, bool)) else True


def schema_list(schema: SchemaObject, keyword: str) -> list[Schema]:
    """The value of a keyword whose value is a list of schemas; empty where the keyword is absent."""
    value = schema.get(keyword)
    return [as_schema(item) for item in value] if isinstance(value, list) else []


@lru_cache(maxsize=4096)
def validator(schemas: str) -> jsonschema_rs.Validator:
    """The validator for a list of schemas, given as JSON, which a value must fit all at once."""
    return jsonschema_rs.Draft202012Validator(
        {"allOf": json.loads(schemas)},
        validate_formats=True,
        offline=True,
        formats=FORMATS,
        pattern_options=PATTERN_OPTIONS,
    )


def plain_keywords(source: SchemaObject) -> SchemaObject:
    """The plain part of a schema: its plain keywords, and its `not` if that is plain."""
    plain = {keyword: value for keyword, value in source.items() if keyword in PLAIN}
    if "not" in source and _is_plain(source["not"]):
        plain["not"] = source["not"]
    return plain


def _is_plain(schema: JSON) -> bool:
    if not isinstance(schema, dict):
        return True
    parts = [*schema_list(schema, "allOf"), *schema_list(schema, "anyOf"), schema.get("not", True)]
    return PLAIN.issuperset(set(schema) - {"allOf", "anyOf", "not"}) and all(map(_is_plain, parts))


def pattern_matches(pattern: str, text: str) -> bool:
    """Whether a pattern matches somewhere in a text, by the engine that judges."""
    return bool(validator(json.dumps([{"pattern": pattern}])).is_valid(text))


def equality_key(value: JSON) -> str:
    """A text that two values share where JSON Schema takes them for equal (1 and 1.0 are)."""
    return json.dumps(_with_whole_numbers(value), sort_keys=True)


def _with_whole_numbers(value: JSON) -> JSON:
    """The value with each float that is a whole number as an int."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, list):
        return [_with_whole_numbers(item) for item in value]
    if isinstance(value, dict):
        return {key: _with_whole_numbers(item) for key, item in value.items()}
    return value
