"""From the bytes of a body to its value, by media type; a type that is not known is read as bytes and not judged."""

from __future__ import annotations

import codecs
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

from tallystick.nouns.contract import MediaType, Parameter
from tallystick.nouns.schema import Schema
from tallystick.schemas.shapes import items_of, properties_of, shape_of, types_of
from tallystick.wire import media_types
from tallystick.wire.parameters import field_reader, fields_of
from tallystick.wire.sequences import is_sequence, read_sequence
from tallystick.wire.values import MISSING, Value, array_of, decode, read_json, scalar_reader
from tallystick.wire.xml import read_xml

UNJUDGED: Any = type("Unjudged", (), {"__repr__": lambda _: "UNJUDGED"})()
"""The value of a body that is bytes: there is nothing in it that a schema could be asked about."""


BodyReader = Callable[[bytes], Value]
"""A function from the bytes of a body to its value and what is wrong with how it is written."""


def body_reader(media_type: MediaType, content_type: str) -> BodyReader:
    """The reader of bodies that are sent as `content_type` and documented as `media_type`.

    What is documented as a string is a text, whatever its media type says of fields or elements.
    """
    schema = media_type.schema
    if is_sequence(content_type) and (schema or media_type.item_schema):
        return partial(read_sequence, name=content_type, whole_events=media_type.item_schema is not None)
    if schema is None:  # it can still be ill-formed where it is JSON
        return _json_if_any if media_types.is_json(content_type) else _unjudged
    if media_types.is_json(content_type):
        return read_json
    if media_types.is_form(content_type) and _is_object(schema):
        return partial(_form, media_type=media_type)
    if media_types.is_multipart(content_type) and _is_object(schema):
        return partial(_multipart, media_type=media_type, content_type=content_type)
    is_xml = media_types.is_xml(content_type)
    if is_xml and types_of(schema) != {"string"}:
        return partial(read_xml, schema=schema)
    if is_xml or media_types.is_text(content_type) or media_types.is_form(content_type):
        return partial(_text, schema=schema, content_type=content_type)
    return _unjudged


def read_body(body: bytes, media_type: MediaType, content_type: str) -> Value:
    """The value of one body (see `body_reader`)."""
    return body_reader(media_type, content_type)(body)


def read_query(query: str, media_type: MediaType) -> Value:
    """The value of a whole query, where it is described as a body is (OpenAPI 3.2, `in: querystring`)."""
    if media_types.is_form(media_type.name):
        return read_body(query.encode("utf-8", "surrogateescape"), media_type, media_type.name)
    text, problem = decode(query)
    return read_json(text.encode()) if media_types.is_json(media_type.name) and not problem else (text, problem)


def _is_object(schema: Schema) -> bool:
    """Whether a value of a schema can have the fields of a form or the parts of a multipart body."""
    return "object" in types_of(schema)


def judged_parts(value: Any, media_type: MediaType, content_type: str) -> Sequence[tuple[str, Any, Schema]]:
    """What of a body's value is to fit which schema, and where it is: the whole, or each item of a sequence.

    A sequence whose schema is no array's has it for each of its items, as documents before OpenAPI 3.2 mean it.
    """
    schema, items = media_type.schema, media_type.item_schema
    found: list[tuple[str, Any, Schema]] = []
    if isinstance(value, list) and is_sequence(content_type):
        if items is None and schema is not None and shape_of(schema) != "array":
            schema, items = None, schema
        if items is not None:
            found += ((f"/{index}", item, items) for index, item in enumerate(value))
    if schema is not None:
        found.append(("", value, schema))
    return found


def _json_if_any(body: bytes) -> Value:
    return read_json(body) if body else (UNJUDGED, "")


def _unjudged(_: bytes) -> Value:
    return UNJUDGED, ""


def _text(body: bytes, schema: Schema | None, content_type: str) -> Value:
    """The value of a text; one that cannot be a scalar may be JSON under another name (XML and CSV are not judged)."""
    charset = media_types.parameters(content_type).get("charset", "utf-8")
    try:
        text = body.decode(_codec(charset))
    except (LookupError, ValueError):
        return body.decode("utf-8", "replace"), f"not text in the charset {charset}"
    if shape_of(schema) == "scalar":
        return scalar_reader(schema)(text), ""
    value, problem = read_json(body)
    if not problem:
        return value, ""
    return (text if media_types.bare(content_type) == "text/plain" else UNJUDGED), ""


def _codec(charset: str) -> str:
    name = codecs.lookup(charset).name
    if name in _NO_CHARSETS:
        raise LookupError(charset)
    return name


_NO_CHARSETS = frozenset(("idna", "punycode", "raw-unicode-escape", "undefined", "unicode-escape"))
"""Codecs of Python that are no charsets of texts on the wire."""


def _form(body: bytes, media_type: MediaType) -> Value:
    fields = fields_of(body.decode("utf-8", "surrogateescape"))
    value: dict[str, Any] = {}
    problem = ""
    known = form_fields(media_type)
    for parameter in known:
        found, fault = field_reader(parameter)(fields)
        problem = problem or (f"{parameter.name}: {fault}" if fault else "")
        if found is not MISSING:
            value[parameter.name] = found
    names = {parameter.name for parameter in known}
    other = media_type.schema.child("additionalProperties") if media_type.schema is not None else None
    for name, raws in fields.items():
        if name.partition("[")[0] not in names:
            decoded = [decode(raw, plus=True) for raw in raws]
            problem = problem or next((f"{name}: {fault}" for _, fault in decoded if fault), "")
            value[name] = _listed([text for text, _ in decoded], other)
    return value, problem


def _listed(texts: list[str], schema: Schema | None) -> Any:
    """The value of a field that is not declared: an array where its schema says so, or where it is repeated."""
    if shape_of(schema) == "array":
        return array_of(texts, schema)
    values = [scalar_reader(schema)(text) for text in texts]
    return values if len(values) > 1 else values[0]


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
        as_json = isinstance(content, str) and media_types.is_json(content)
        as_json = as_json or ("style" not in encoding and shape_of(schema) == "object")
        place = schema.place if schema is not None else media_type.place
        whole = MediaType("application/json", place, schema) if as_json else None
        fields.append(Parameter(name, "query", place, schema=schema, content=whole, style=style, explode=explode))
    return fields


def misnamed_parts(body: bytes, media_type: MediaType, content_type: str) -> Iterator[tuple[str, str, str]]:
    """The parts of a multipart body that name another media type than their `encoding` does: name, type, expected.

    A part that names none is not among them: few clients do for what is not a file.
    """
    documented = {name: one["contentType"] for name, one in media_type.encoding.items() if "contentType" in one}
    if not documented or not media_types.is_multipart(content_type):
        return
    parts, _ = _parts(body, content_type)
    for name, expected in documented.items():
        for kind in dict.fromkeys(kind for kind, _ in parts.get(name, ())):
            if kind and not any(media_types.covers(one, kind) for one in expected.split(",")):
                yield name, kind, expected


def _multipart(body: bytes, media_type: MediaType, content_type: str) -> Value:
    parts, problem = _parts(body, content_type)
    if problem:
        return MISSING, problem
    known = properties_of(media_type.schema)
    other = media_type.schema.child("additionalProperties") if media_type.schema is not None else None
    value: dict[str, Any] = {}
    for name, named in parts.items():
        schema = known.get(name, other)
        is_array = shape_of(schema) == "array"
        read = [_part_value(kind, octets, items_of(schema) if is_array else schema) for kind, octets in named]
        problem = problem or next((f"{name}: {fault}" for _, fault in read if fault), "")
        values = [item for item, _ in read]
        if len(values) == 1 and (not is_array or isinstance(values[0], list)):
            value[name] = values[0]
        else:
            value[name] = values
        if len(values) > 1 and name in known and not is_array:
            problem = problem or f"{name} is given {len(values)} times; one part is expected"
    return value, problem


def _part_value(kind: str, octets: bytes, schema: Schema | None) -> Value:
    """The value of one part: JSON where it says so or is an object, else text; bytes that are no text stay latin-1."""
    try:
        text = octets.decode("utf-8")
    except UnicodeDecodeError:
        text = octets.decode("latin-1")
    if not (media_types.is_json(kind) if kind else shape_of(schema) != "scalar"):
        return scalar_reader(schema)(text), ""
    value, problem = read_json(octets)
    return (text, problem) if problem else (value, "")


Parts = dict[str, list[tuple[str, bytes]]]
"""The media type and bytes of each part of a multipart body, by name."""


def _parts(body: bytes, content_type: str) -> tuple[Parts, str]:
    """The parts of a multipart body, and what is wrong with how it is written."""
    from python_multipart.exceptions import FormParserError  # slow to import, and few bodies have parts
    from python_multipart.multipart import MultipartParser, parse_options_header

    boundary = parse_options_header(content_type)[1].get(b"boundary", b"")
    if not boundary:
        return {}, "not multipart: the Content-Type has no boundary"
    start = body.find(b"--" + boundary)
    if start < 0:
        return {}, "not multipart: the boundary that the Content-Type names is not in it"
    parts: Parts = {}
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
        kind = headers.get(b"content-type", b"").decode("latin-1")
        parts.setdefault(name, []).append((kind, bytes(content)))
        headers.clear()
        content.clear()

    def end() -> None:
        nonlocal finished
        finished = True

    try:
        parser = MultipartParser(
            boundary,
            {
                "on_header_field": lambda octets, start, stop: field.extend(octets[start:stop]),
                "on_header_value": lambda octets, start, stop: header_value.extend(octets[start:stop]),
                "on_header_end": end_header,
                "on_part_data": lambda octets, start, stop: content.extend(octets[start:stop]),
                "on_part_end": end_part,
                "on_end": end,
            },
        )
        parser.write(body[start:])  # what stands before the first part is to be ignored
    except FormParserError as error:
        return {}, f"not multipart: {error}"
    return (parts, "") if finished else ({}, "not multipart: the closing boundary is missing")
