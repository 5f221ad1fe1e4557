"""Reads bodies that are HTML forms: fields are read like query parameters, each in the style of its `encoding`."""

from __future__ import annotations

from tallystick.nouns.contract import NO_ENCODING, BodyFormat, Encoding, Parameter
from tallystick.nouns.media_type import MediaKind, parse_media_type
from tallystick.nouns.schema import Schema
from tallystick.schemas.shapes import properties_of, shape_of
from tallystick.wire.parameters import field_reader, fields_of
from tallystick.wire.values import MISSING, Value, additional_properties, decode_field, member_reader, read_items

_JSON = parse_media_type("application/json")


def read_form(body: bytes, body_format: BodyFormat) -> Value:
    """The value of a body: an object with a property for each field, whether the schema declares it or not."""
    fields = fields_of(body.decode("utf-8", "surrogateescape"))
    value: dict[str, object] = {}
    fault = ""
    declared = form_fields(body_format)
    names = {parameter.name for parameter in declared}
    for parameter in declared:
        others = names - {parameter.name}
        field_value, field_fault = field_reader(parameter, others.__contains__)(fields)
        fault = fault or (f"{parameter.name}: {field_fault}" if field_fault else "")
        if field_value is not MISSING:
            value[parameter.name] = field_value
    schema = additional_properties(body_format.schema)
    for name, raw_values in fields.items():
        if name not in names and name.partition("[")[0] not in names:
            decoded = [decode_field(raw) for raw in raw_values]
            fault = fault or next((f"{name}: {text_fault}" for _, text_fault in decoded if text_fault), "")
            value[name], repeated = _undeclared_value([text for text, _ in decoded], schema)
            fault = fault or (repeated and f"{name}: {repeated}")
    return value, fault


def _undeclared_value(texts: list[str], schema: Schema | None) -> Value:
    """The value of an undeclared field: an array where the schema is that of one, or allows one and it is repeated."""
    return (read_items(texts, schema), "") if shape_of(schema) == "array" else member_reader(schema)(texts)


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
