"""Hints: what its author probably meant by a part of a document that the specification does not allow."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence

from tallystick.nouns.dialect import Dialect
from tallystick.nouns.json_value import JSON
from tallystick.nouns.keywords import PLAIN, SUBSCHEMA, SUBSCHEMA_MAP, SUBSCHEMAS
from tallystick.nouns.words import did_you_mean
from tallystick.rules.contract.objects import FIELDS, named

TYPES = ("string", "number", "integer", "boolean", "array", "object")
_SCHEMA_KEYWORDS = PLAIN | SUBSCHEMA | SUBSCHEMAS | SUBSCHEMA_MAP | {"nullable", "default", "additionalProperties"}

_OTHER_NAMES = """
string: str text char varchar enum
string, date-time: datetime date-time timestamp isodate
string, binary: file binary blob
string, byte: byte base64
string, uri: uri url
string, uuid: uuid guid
integer: int short smallint tinyint
integer, int64: int64 long bigint
integer, int32: int32
number: decimal numeric real num
number, float: float
number, double: double
boolean: bool
object: dict dictionary map hash hashmap struct record json
array: list set tuple collection
"""
"""Types and formats, each with the names that other languages have for them."""


def _by_other_name() -> dict[str, tuple[str, str]]:
    formats = dict.fromkeys(("date", "time", "email", "password", "hostname", "ipv4", "ipv6"))
    by_name = {name: ("string", name) for name in formats}
    for row in _OTHER_NAMES.strip().splitlines():
        meant, _, names = row.partition(": ")
        type_name, _, format_name = meant.partition(", ")
        by_name |= dict.fromkeys(names.split(), (type_name, format_name))
    return by_name


_BY_OTHER_NAME = _by_other_name()
_ANYTHING = frozenset(("any", "mixed", "unknown", "undefined"))
_NULL = frozenset(("null", "nil", "none"))
_ARRAY_OF = re.compile(r"(?i)(\w+)\[\]|(?:array|list|set)\s*(?:[<\[(]|of )\s*(\w+)\s*[>\])]?")
_SEVERAL = re.compile(r"\s*(?:[|,/]|\bor\b)\s*")


def for_type(value: JSON, dialect: Dialect, schemas: Collection[str]) -> str:
    """The hint for a `type` that is none; `schemas` are the names of the document's schemas. "" where there is none."""
    if value is None:
        return _for_null(dialect)
    if not isinstance(value, str) or value in TYPES:
        return ""
    meant = _meant_type(value)
    if meant:
        return f"write {meant}"
    name = value.lower()
    if name in _ANYTHING:
        return "leave `type` out where a value may be of any type"
    if name in _NULL:
        return _for_null(dialect)
    if value in schemas:
        return f"write `{_reference(value, dialect)}`"
    array = _ARRAY_OF.fullmatch(value)
    if array:
        items = array[1] or array[2]
        return f"write `type: array` with `items: {{{_items(items, dialect, schemas)}}}`"
    names = [name for name in _SEVERAL.split(value) if name]
    if len(names) > 1:
        return _for_several(names, dialect)
    return did_you_mean(value, TYPES, form="`type: {}`")


def _meant_type(value: str) -> str:
    """The type, and the format where there is one, that goes by another name; "" for a name that is not known."""
    name = value.lower()
    if name in TYPES:
        return f"`type: {name}`"
    type_name, format_name = _BY_OTHER_NAME.get(name, ("", ""))
    if not type_name:
        return ""
    extra = format_name and f" with `format: {format_name}`"
    return f"`type: {type_name}`{extra or (' with the values in `enum`' if name == 'enum' else '')}"


def _reference(name: str, dialect: Dialect) -> str:
    return f"$ref: '#/{'/'.join(dialect.schemas_at)}/{name}'"


def _items(name: str, dialect: Dialect, schemas: Collection[str]) -> str:
    if name in schemas:
        return _reference(name, dialect)
    type_name, format_name = _BY_OTHER_NAME.get(name.lower(), (name.lower(), ""))
    return f"type: {type_name}" + (f", format: {format_name}" if format_name else "")


def _for_null(dialect: Dialect) -> str:
    if dialect.nullable_keyword:
        return f"write the type of the other values, with `{dialect.nullable_keyword}: true`"
    return "write 'null' in quotes"


def _for_several(names: Sequence[str], dialect: Dialect) -> str:
    types = [_BY_OTHER_NAME.get(name.lower(), (name.lower(), ""))[0] for name in names]
    if not all(name in TYPES or name in _NULL for name in types):
        return ""
    return of_several_types(["null" if name in _NULL else name for name in types], dialect)


def of_several_types(types: Sequence[str], dialect: Dialect) -> str:
    """How a version writes that a value is of one of several types."""
    if not dialect.nullable_keyword:
        return f"write `type: [{', '.join(_quoted_null(name) for name in types)}]`"
    others = [name for name in types if name != "null"]
    nullable = f" with `{dialect.nullable_keyword}: true`" if len(others) < len(types) else ""
    if len(others) == 1:
        return f"write `type: {others[0]}`{nullable}"
    if not others:
        return ""
    if not dialect.has_branches:
        return f"leave `type` out: OpenAPI {dialect.name} allows one type or any"
    branches = ", ".join(f"{{type: {name}}}" for name in others)
    return f"write `anyOf: [{branches}]`{nullable}"


def _quoted_null(name: str) -> str:
    return "'null'" if name == "null" else name


_CHOICES: Mapping[tuple[str, str], Mapping[str, str]] = {
    ("parameter", "in"): {
        "body": "write a `requestBody` in place of this parameter",
        "formData": "write a `requestBody` of `application/x-www-form-urlencoded` or `multipart/form-data`",
        "url": "write `query`, or `path` where its name stands in the path",
        "uri": "write `query`, or `path` where its name stands in the path",
        "params": "write `query`, or `path` where its name stands in the path",
    },
    ("parameter", "type"): {
        "object": "only a body can be an object: write `in: body` with `schema`",
        "file": "write `in: formData`",
    },
    ("security-scheme", "type"): {
        "basic": "write `type: http` with `scheme: basic`",
        "bearer": "write `type: http` with `scheme: bearer`",
        "jwt": "write `type: http` with `scheme: bearer` and `bearerFormat: JWT`",
        "token": "write `type: http` with `scheme: bearer`, or `type: apiKey`",
    },
}
"""For a field of a kind of object: values that people write, each with the hint."""


def for_choice(kind: str, field: str, value: JSON, expected: Sequence[object], dialect: Dialect) -> str:
    """The hint for a value that is not one of the allowed ones of a field; "" where there is none."""
    if not isinstance(value, str):
        return ""
    near = did_you_mean(value, [name for name in expected if isinstance(name, str)], 0.6, '"{}"')
    if near:
        return near
    hint = _CHOICES.get((kind, field), {}).get(value, "")
    if (kind, field) == ("security-scheme", "type") and not dialect.has_bearer_scheme:
        return f"OpenAPI {dialect.name} has no scheme for tokens; write `type: apiKey`, `in: header`" if hint else ""
    return hint


def for_field(kind: str, name: str, dialect: Dialect) -> str:
    """The hint for a field that an object of a kind does not have; "" where there is none."""
    hint = dialect.foreign_fields.get((kind, name), "")
    if hint:
        return hint
    if kind == "path-item":
        if name.lower() in dialect.methods:
            return f"write `{name.lower()}`"
        if name in _OPERATION_FIELDS:
            return "it belongs to an operation: indent it below `get`, `post` or another method"
    if kind == "operation" and name in dialect.methods:
        return "a method stands in the path item, beside the other methods"
    if kind == "schema":
        return _SCHEMA_FIELDS.get(name, "")
    if kind == "header" and name in ("name", "in"):
        return "leave it out: the key is the name of the header"
    if kind == "example":
        return "put the value of the example under `value`"
    if kind in _WAY_TO_SCHEMA and not dialect.parameters_are_schemas:
        if name in _SCHEMA_KEYWORDS:
            return f"it belongs to a schema: put it under {_WAY_TO_SCHEMA[kind]}"
        if "/" in name and kind in ("response", "request-body"):
            return "a media type stands under `content`"
        if name == "schema":
            return "put it under `content` and a media type: `content: {application/json: {schema: ...}}`"
    if kind == "parameter" and name in _SCHEMA_KEYWORDS:
        return "put it under `schema`: a body has a schema of its own"
    return ""


_WAY_TO_SCHEMA = {
    "media-type": "`schema`",
    "parameter": "`schema`",
    "header": "`schema`",
    "response": "`content`, a media type and `schema`",
    "request-body": "`content`, a media type and `schema`",
}
_OPERATION_FIELDS = frozenset(
    ("responses", "requestBody", "operationId", "tags", "security", "callbacks", "deprecated")
)
_SCHEMA_FIELDS = {
    "ref": "did you mean `$ref`?",
    "min": "did you mean `minimum`, `minLength` or `minItems`?",
    "max": "did you mean `maximum`, `maxLength` or `maxItems`?",
    "length": "did you mean `minLength` and `maxLength`?",
    "optional": "a property is optional unless the object around it lists it in `required`",
    "values": "did you mean `enum`?",
    "options": "did you mean `enum`?",
    "desc": "did you mean `description`?",
    "regex": "did you mean `pattern`?",
}


def for_status(name: str, dialect: Dialect) -> str:
    """The hint for a key of `responses` that is no status: the status that was meant, or that it stands too far out."""
    if name in FIELDS["response"] or name == "description":
        return "it belongs to a response: indent it below a status"
    digits = name.upper().replace("O", "0").replace("I", "1").replace("L", "1")
    if re.fullmatch("[1-5][0-9]{2}", digits):
        return f"did you mean {digits}?"
    if re.fullmatch("(?i)[1-5]xx", name):
        if dialect.has_ranges_of_statuses:
            return f"did you mean {name.upper()}?"
        return f"OpenAPI {dialect.name} has no ranges; write each status, or `default`"
    return "did you mean default?" if name.lower() == "default" else ""


def for_object(kind: str, value: JSON, path: Sequence[str], dialect: Dialect, schemas: Collection[str]) -> str:
    """The hint for another value where an object is expected; "" where there is none."""
    key = path[-1]
    if value is None:
        return "is what belongs below it indented too little?"
    if kind == "schema" and isinstance(value, str):
        if value.startswith("#/"):
            return f"write `$ref: '{value}'`"
        if value in schemas:
            return f"write `{_reference(value, dialect)}`"
        meant = _meant_type(value)
        return f"write an object with {meant}" if meant else ""
    if kind == "response" and isinstance(value, str):
        return "write `description: ...` below it"
    if kind == "server" and isinstance(value, str):
        return "write `- url: ...`"
    if kind == "tag" and isinstance(value, str):
        return "write `- name: ...`"
    if key == "license" and isinstance(value, str):
        return "write `name: ...` below it"
    if key == "externalDocs" and isinstance(value, str):
        return "write `url: ...` below it"
    if key == "examples" and isinstance(value, list):
        return "give each example a name, and put it under `value`: `examples: {first: {value: ...}}`"
    if kind == "schema" and key == "items" and isinstance(value, list):
        if "prefixItems" not in dialect.missing_keywords:
            return "write `prefixItems`"
        return "write one schema for all items"
    if isinstance(value, list) and key in ("properties", "parameters", "responses", "headers", "schemas", "content"):
        return "write the names as keys, without dashes"
    return ""


def for_array(key: str, kind: str, value: JSON) -> str:
    """The hint for another value where an array is expected; "" where there is none."""
    if kind == "schema" and key == "required" and isinstance(value, bool):
        if value:
            return "name the required properties in the object around them: `required: [name]`"
        return "leave it out: a property is optional unless the object around it lists it in `required`"
    if isinstance(value, str) and not (kind == "schema" and key in SUBSCHEMAS):
        return f"write `{key}: [{value}]`" if re.fullmatch(r"[\w./-]+", value) else ""
    if isinstance(value, dict):
        return "begin each item with a dash"
    return ""


_PATTERNS = {
    "^/": "has to begin with a slash; where there is no path, leave it out",
    r"^[^{}/ :\\]+(?::\d+)?$": "is no host; expected a name such as api.example.com, without scheme and path",
}
"""What the patterns of meta-schemas mean, in words, behind the value."""


def pattern_in_words(pattern: str) -> str:
    """What a pattern of a meta-schema means; "" for one that is not known."""
    return _PATTERNS.get(pattern, "")


def for_misplaced_reference(kind: str, key: str, leads_to_schema: bool) -> str:
    """The hint for a `$ref` where the specification has none."""
    if kind == "media-type" and leads_to_schema:
        return "put it under `schema`: `schema: {$ref: ...}`"
    if key in ("allOf", "anyOf", "oneOf"):
        return f"write a list: `{key}: [{{$ref: ...}}]`"
    if kind in ("media-type", "encoding", "operation", "server", "tag", "info"):
        return f"write {named(kind)} out"
    return "write out what it leads to, or refer to each member by itself"
