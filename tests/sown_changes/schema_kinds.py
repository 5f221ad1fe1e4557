"""The kinds of changes of schemas: each is an edit that makes a schema allow less, and its opposite allows more."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Schema = dict[str, Any]
_WORDS = frozenset("type description title example examples default deprecated externalDocs xml".split())
_OBJECT = _WORDS | {"properties", "required"}
_ARRAY = _WORDS | {"items"}


@dataclass(frozen=True)
class SchemaKind:
    """An edit that narrows a schema; `fits` says for which schemas it surely does.

    `both` says that the edit takes something away and brings something else: it is breaking either way. `is_mild` says
    that its opposite in a response is a warning. `where` are the keys from the schema to what is changed.
    """

    name: str
    fits: Callable[[Schema], bool]
    edit: Callable[[Schema], Schema]
    is_modern: bool = False
    both: bool = False
    is_mild: bool = False
    nothing: bool = False
    """Whether the edit changes nothing."""


def _plain(kind: str, keys: frozenset[str] = _WORDS) -> Callable[[Schema], bool]:
    def fits(schema: Schema) -> bool:
        own = {key for key in schema if not key.startswith("x-")}
        return schema.get("type") == kind and own <= keys

    return fits


def _more(**keywords: Any) -> Callable[[Schema], Schema]:
    names = {"if_": "if", "not_": "not"}
    return lambda schema: {**schema, **{names.get(key, key): value for key, value in keywords.items()}}


def _optional(schema: Schema) -> str:
    """The name of a property that is optional and plain, "" for none."""
    required = schema.get("required") or ()
    for name, inner in (schema.get("properties") or {}).items():
        if name in required or not isinstance(inner, dict) or {"readOnly", "writeOnly", "$ref"} & set(inner):
            continue
        if inner.get("type") in ("string", "integer", "boolean"):
            return str(name)
    return ""


def _required(schema: Schema) -> Schema:
    return {**schema, "required": [*(schema.get("required") or ()), _optional(schema)]}


def _with_property(schema: Schema, name: str, inner: Schema, required: bool) -> Schema:
    more = {**schema, "properties": {**(schema.get("properties") or {}), name: inner}}
    return {**more, "required": [*(schema.get("required") or ()), name]} if required else more


def _is_enum(schema: Schema) -> bool:
    enum = schema.get("enum")
    is_plain = {key for key in schema if not key.startswith("x-")} <= _WORDS | {"enum"}
    return (
        is_plain and isinstance(enum, list) and len({str(each) for each in enum}) > 1 and schema.get("type") == "string"
    )


string, integer, number, boolean = (_plain(name) for name in ("string", "integer", "number", "boolean"))
array, obj = _plain("array", _ARRAY), _plain("object", _OBJECT)


def _has_strings(schema: Schema) -> bool:
    return array(schema) and isinstance(schema.get("items"), dict) and string(schema["items"])


def _has_properties(schema: Schema) -> bool:
    return obj(schema) and len(schema.get("properties") or ()) > 0


def _items(**keywords: Any) -> Callable[[Schema], Schema]:
    return lambda schema: {**schema, "items": {**schema["items"], **keywords}}


KINDS = (
    SchemaKind("maxLength", string, _more(maxLength=3)),
    SchemaKind("minLength", string, _more(minLength=40)),
    SchemaKind("minLength-1", string, _more(minLength=1)),
    SchemaKind("pattern", string, _more(pattern="^[a-z]{2,5}$")),
    SchemaKind("enum-of-string", string, _more(enum=["one", "two"]), is_mild=True),
    SchemaKind("enum-value", _is_enum, lambda schema: {**schema, "enum": schema["enum"][:-1]}, is_mild=True),
    SchemaKind("format-uuid", string, _more(format="uuid")),
    SchemaKind("format-date", string, _more(format="date")),
    SchemaKind("const", string, _more(const="one"), is_modern=True),
    SchemaKind("string-to-integer", string, _more(type="integer"), both=True),
    SchemaKind("string-to-object", string, _more(type="object"), both=True),
    SchemaKind("string-to-boolean", string, _more(type="boolean"), both=True),
    SchemaKind("not-a-string", string, _more(not_={"enum": ["one"]})),
    SchemaKind("maximum", integer, _more(maximum=99)),
    SchemaKind("minimum", integer, _more(minimum=7)),
    SchemaKind("multipleOf", integer, _more(multipleOf=5)),
    SchemaKind("int32", integer, _more(format="int32")),
    SchemaKind("integer-to-string", integer, _more(type="string"), both=True),
    SchemaKind("number-maximum", number, _more(maximum=99.5)),
    SchemaKind("number-to-integer", number, _more(type="integer")),
    SchemaKind("exclusiveMaximum", integer, _more(exclusiveMaximum=50), is_modern=True),
    SchemaKind("boolean-enum", boolean, _more(enum=[True]), is_mild=True),
    SchemaKind("boolean-to-string", boolean, _more(type="string"), both=True),
    SchemaKind("maxItems", array, _more(maxItems=2)),
    SchemaKind("minItems", array, _more(minItems=2)),
    SchemaKind("uniqueItems", _has_strings, _more(uniqueItems=True)),
    SchemaKind("items-maxLength", _has_strings, _items(maxLength=3)),
    SchemaKind("items-type", _has_strings, _items(type="integer"), both=True),
    SchemaKind("contains", _has_strings, _more(contains={"const": "one"}), is_modern=True),
    SchemaKind("prefixItems", _has_strings, _more(prefixItems=[{"type": "string", "maxLength": 2}]), is_modern=True),
    SchemaKind("array-to-object", array, lambda _: {"type": "object"}, both=True),
    SchemaKind("required", lambda schema: obj(schema) and _optional(schema) != "", _required),
    SchemaKind("required-property", obj, lambda schema: _with_property(schema, "sown", {"type": "string"}, True)),
    SchemaKind("additionalProperties-false", _has_properties, _more(additionalProperties=False)),
    SchemaKind("additionalProperties-integer", _has_properties, _more(additionalProperties={"type": "integer"})),
    SchemaKind("minProperties", obj, _more(minProperties=300)),
    SchemaKind("maxProperties", obj, lambda schema: {**schema, "maxProperties": len(schema.get("required") or ()) + 1}),
    SchemaKind("patternProperties", obj, _more(patternProperties={"^sown-": {"type": "integer"}}), is_modern=True),
    SchemaKind("propertyNames", _has_properties, _more(propertyNames={"maxLength": 60}), is_modern=True),
    SchemaKind("dependentRequired", obj, _more(dependentRequired={"sown": ["other"]}), is_modern=True),
    SchemaKind("condition", obj, _more(if_={"required": ["sown"]}, then={"required": ["other"]}), is_modern=True),
    SchemaKind("allOf-required", obj, _more(allOf=[{"required": ["sown"]}])),
    SchemaKind("anyOf-required", obj, _more(anyOf=[{"required": ["sown"]}, {"required": ["other"]}])),
    SchemaKind("object-to-string", obj, lambda _: {"type": "string"}, both=True),
    SchemaKind("description", lambda schema: "$ref" not in schema, _more(description="Sown."), nothing=True),
    SchemaKind("title", lambda schema: "$ref" not in schema, _more(title="Sown"), nothing=True),
    SchemaKind("extension", lambda schema: "$ref" not in schema, _more(**{"x-sown": {"type": "string"}}), nothing=True),
    SchemaKind("minLength-0", string, _more(minLength=0), nothing=True),
    SchemaKind("wrapped", obj, lambda schema: {"allOf": [schema]}, nothing=True),
    SchemaKind("split", _has_properties, lambda schema: {"allOf": [schema, {"type": "object"}]}, nothing=True),
    SchemaKind("open", obj, _more(additionalProperties=True), nothing=True),
    SchemaKind("reversed-enum", _is_enum, lambda schema: {**schema, "enum": schema["enum"][::-1]}, nothing=True),
    SchemaKind(
        "reversed-required",
        lambda schema: obj(schema) and len(schema.get("required") or ()) > 1,
        lambda schema: {**schema, "required": schema["required"][::-1]},
        nothing=True,
    ),
)


def _nullable(schema: Schema) -> Schema:
    return {**schema, "nullable": True}


WIDER = (
    SchemaKind("null-in-type", string, lambda schema: {**schema, "type": ["string", "null"]}, is_modern=True),
    SchemaKind("nullable", string, _nullable),
)
"""Edits that make a schema allow more: their opposites narrow."""
