"""From the bytes of a body to its value, by media type; a type that is not known is read as bytes and not judged."""

from __future__ import annotations

import json
from typing import Any

import orjson
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from tallystick import media
from tallystick.model import MediaType, Parameter, Schema
from tallystick.values import (
    MISSING,
    Value,
    array_of,
    decode,
    field_reader,
    items_of,
    pairs,
    properties_of,
    scalar_reader,
    shape_of,
)

UNJUDGED: Any = type("Unjudged", (), {"__repr__": lambda _: "UNJUDGED"})()
"""The value of a body that is bytes: there is nothing in it that a schema could be asked about."""


def read_body(body: bytes, media_type: MediaType, content_type: str) -> Value:
    """The value of a body that was sent as `content_type` and is documented as `media_type`, and its fault."""
    if media_type.schema is None:
        return _without_schema(body, content_type)
    if media.is_json(content_type):
        return read_json(body)
    if media.is_form(content_type):
        return _form(body, media_type)
    if media.is_multipart(content_type):
        return _multipart(body, media_type, content_type)
    if media.is_text(content_type):
        text, problem = _text(body, content_type)
        return (text if problem else scalar_reader(media_type.schema)(text)), problem
    return UNJUDGED, ""


def read_json(body: bytes) -> Value:
    """The value of a JSON text (RFC 8259); a body that is none is MISSING, with line and column of the fault."""
    try:
        return orjson.loads(body), ""
    except orjson.JSONDecodeError:
        return _slow_json(body)


def _slow_json(body: bytes) -> Value:
    """What orjson leaves open: lone surrogates are taken, and a fault is told by line and column."""

    def refuse(name: str) -> Any:
        raise ValueError(f"{name} is not a JSON value")

    try:
        return json.loads(body.decode("utf-8"), parse_constant=refuse), ""
    except UnicodeDecodeError as error:
        return MISSING, f"not JSON: byte {error.start} is not UTF-8"
    except json.JSONDecodeError as error:
        return MISSING, f"not JSON: {error.msg} (line {error.lineno}, column {error.colno})"
    except RecursionError:
        return MISSING, "not JSON that can be read: it is nested too deeply"
    except ValueError as error:
        return MISSING, f"not JSON: {error}"


def _without_schema(body: bytes, content_type: str) -> Value:
    """A body without a schema can still be ill-formed where it is JSON."""
    return read_json(body) if media.is_json(content_type) and body else (UNJUDGED, "")


def _text(body: bytes, content_type: str) -> Value:
    charset = media.parameters(content_type).get("charset", "utf-8")
    try:
        return body.decode(charset), ""
    except (UnicodeDecodeError, LookupError):
        return body.decode("utf-8", "replace"), f"not text in the charset {charset}"


def _form(body: bytes, media_type: MediaType) -> Value:
    fields: dict[str, list[str]] = {}
    text, problem = decode(body.decode("latin-1")) if not body.isascii() else (body.decode(), "")
    for name, raw in pairs(text):
        fields.setdefault(name, []).append(raw)
    value: dict[str, Any] = {}
    known = form_fields(media_type)
    for parameter in known:
        found, fault = field_reader(parameter)(fields)
        problem = problem or (f"{parameter.name}: {fault}" if fault else "")
        if found is not MISSING:
            value[parameter.name] = found
    names = {parameter.name for parameter in known}
    for name, raws in fields.items():
        if name.partition("[")[0] not in names:
            texts = [decode(raw, plus=True)[0] for raw in raws]
            value[name] = texts[0] if len(texts) == 1 else texts
    return value, problem


def form_fields(media_type: MediaType) -> list[Parameter]:
    """The properties of a form as query parameters, styled by the media type's `encoding`.

    An object without a style of its own is JSON (OpenAPI 3.1, section 4.8.15.1.1).
    """
    fields = []
    for name, schema in properties_of(media_type.schema).items():
        encoding = media_type.encoding.get(name, {})
        style = encoding.get("style", "form")
        explode = encoding.get("explode", style == "form")
        content = encoding.get("contentType")
        as_json = isinstance(content, str) and media.is_json(content)
        as_json = as_json or ("style" not in encoding and shape_of(schema) == "object")
        place = schema.place if schema is not None else media_type.place
        whole = MediaType("application/json", place, schema) if as_json else None
        fields.append(Parameter(name, "query", place, schema=schema, content=whole, style=style, explode=explode))
    return fields


def _multipart(body: bytes, media_type: MediaType, content_type: str) -> Value:
    boundary = parse_options_header(content_type)[1].get(b"boundary", b"")
    if not boundary:
        return MISSING, "not multipart: the Content-Type has no boundary"
    parts, problem = _parts(body, boundary)
    if problem:
        return MISSING, problem
    known = properties_of(media_type.schema)
    value: dict[str, Any] = {}
    for name, kind, data in parts:
        child = known.get(name)
        is_array = shape_of(child) == "array"
        item, fault = _part_value(data, kind, items_of(child) if is_array else child)
        problem = problem or (f"{name}: {fault}" if fault else "")
        if is_array and not isinstance(item, list):
            value.setdefault(name, []).append(item)
        else:
            value[name] = item
    return value, problem


def _part_value(data: bytes, kind: str, schema: Schema | None) -> Value:
    """The value of one part: JSON where it says so or is an object, else text; bytes that are no text stay latin-1."""
    if (kind and media.is_json(kind)) or (not kind and shape_of(schema) in ("object", "array")):
        return read_json(data)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("latin-1"), ""
    return array_of([text], schema) if shape_of(schema) == "array" else scalar_reader(schema)(text), ""


def _parts(body: bytes, boundary: bytes) -> tuple[list[tuple[str, str, bytes]], str]:
    """The name, media type and bytes of each part of a multipart body."""
    parts: list[tuple[str, str, bytes]] = []
    headers: dict[bytes, bytes] = {}
    field, content = bytearray(), bytearray()
    header_value = bytearray()
    finished = False

    def end_header() -> None:
        headers[bytes(field).lower()] = bytes(header_value)
        field.clear()
        header_value.clear()

    def end_part() -> None:
        options = parse_options_header(headers.get(b"content-disposition", b""))[1]
        name = options.get(b"name", b"").decode("utf-8", "replace")
        parts.append((name, headers.get(b"content-type", b"").decode("latin-1"), bytes(content)))
        headers.clear()
        content.clear()

    def end() -> None:
        nonlocal finished
        finished = True

    parser = MultipartParser(
        boundary,
        {
            "on_header_field": lambda data, start, stop: field.extend(data[start:stop]),
            "on_header_value": lambda data, start, stop: header_value.extend(data[start:stop]),
            "on_header_end": end_header,
            "on_part_data": lambda data, start, stop: content.extend(data[start:stop]),
            "on_part_end": end_part,
            "on_end": end,
        },
    )
    try:
        parser.write(body)
    except FormParserError as error:
        return [], f"not multipart: {error}"
    return (parts, "") if finished else ([], "not multipart: the closing boundary is missing")
