"""Reads bodies that are HTML forms: fields are read like query parameters, each in the style of its `encoding`."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import partial

from tallystick.nouns.contract import NO_ENCODING, BodyFormat, Encoding, Parameter
from tallystick.nouns.media_type import MediaKind, parse_media_type
from tallystick.nouns.schema import Schema
from tallystick.schemas.shapes import items_of, properties_of, shape_of
from tallystick.wire.fields import OtherFields, fields_of
from tallystick.wire.parameters import field_reader
from tallystick.wire.values import MISSING, Value, additional_properties, decode_field, member_reader, scalar_reader

_JSON = parse_media_type("application/json")
_RESERVED = re.compile(r"[:/?#\[\]@!$&'(),;=]")
"""The reserved characters (RFC 3986, section 2.2) but `+`, which is a blank here, and `*`, which no form encodes."""


def form_reader(body_format: BodyFormat) -> Callable[[bytes], Value]:
    """The reader of a body: to an object with a property for each field, whether the schema declares it or not."""
    declared = form_fields(body_format)
    names = {parameter.name for parameter in declared}
    others = OtherFields(list(names), set())
    readers = [(each.name, field_reader(each, partial(others.is_named, each.name))) for each in declared]
    encoded = [
        each.name
        for each in declared
        if body_format.encoding.get(each.name, NO_ENCODING).allow_reserved is False
        and shape_of(each.schema) == "scalar"
    ]
    read_undeclared = _undeclared_reader(additional_properties(body_format.schema))

    def read(body: bytes) -> Value:
        fields = fields_of(body.decode("utf-8", "surrogateescape"))
        value: dict[str, object] = {}
        fault = ""
        for name, read_declared in readers:
            field_value, field_fault = read_declared(fields)
            fault = fault or (f"{name}: {field_fault}" if field_fault else "")
            if field_value is not MISSING:
                value[name] = field_value
        if encoded:
            fault = fault or _reserved(fields, encoded)
        for name, raw_values in fields.items():
            if name not in names and name.partition("[")[0] not in names:
                decoded = [decode_field(raw) for raw in raw_values]
                fault = fault or next((f"{name}: {text_fault}" for _, text_fault in decoded if text_fault), "")
                value[name], repeated = read_undeclared([text for text, _ in decoded])
                fault = fault or (repeated and f"{name}: {repeated}")
        return value, fault

    return read


def _reserved(fields: Mapping[str, Sequence[str]], names: Sequence[str]) -> str:
    """The fault of the first of some fields that has a reserved character as it is; "" where none has."""
    for name in names:
        for raw in fields.get(name, ()):
            if character := _RESERVED.search(raw):
                return f"{name}: {character[0]!r} is not percent-encoded, which `allowReserved: false` asks for"
    return ""


def _undeclared_reader(schema: Schema | None) -> Callable[[Sequence[str]], Value]:
    """The reader of an undeclared field: an array where the schema is that of one, or allows one and it is repeated."""
    if shape_of(schema) != "array":
        return member_reader(schema)
    read_item = scalar_reader(items_of(schema))
    return lambda texts: ([read_item(text) for text in texts], "")


def form_fields(body_format: BodyFormat) -> list[Parameter]:
    """The properties of a form as query parameters, styled by the format's `encoding`.

    An object without a style of its own is JSON (OpenAPI 3.1, section 4.8.15.1.1).
    """
    return [
        _form_field(name, schema, body_format.encoding.get(name, NO_ENCODING), body_format)
        for name, schema in properties_of(body_format.schema).items()
    ]


def _form_field(name: str, schema: Schema | None, encoding: Encoding, body_format: BodyFormat) -> Parameter:
    style = encoding.style if encoding.style is not None else "form"
    is_json = parse_media_type(encoding.content_type or "").kind is MediaKind.JSON
    is_json = is_json or (encoding.style is None and shape_of(schema) == "object")
    place = schema.place if schema is not None else body_format.place
    return Parameter(
        name,
        "query",
        place,
        schema=schema,
        content=BodyFormat(_JSON, place, schema) if is_json else None,
        style=style,
        explode=encoding.explode if encoding.explode is not None else style == "form",
        item_styles=encoding.item_styles,
    )
