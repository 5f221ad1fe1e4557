"""Reads the bytes of a body to its value, by media type. A body of an unknown type is not judged."""

from __future__ import annotations

import codecs
from collections.abc import Callable, Iterator
from functools import partial

from tallystick.nouns.contract import BodyFormat
from tallystick.nouns.media_type import MediaKind, MediaType
from tallystick.nouns.schema import Schema
from tallystick.schemas.shapes import items_of, shape_of, types_of
from tallystick.wire.forms import form_reader
from tallystick.wire.multipart import read_multipart
from tallystick.wire.sequences import event_schema, read_sequence
from tallystick.wire.values import Value, decode, read_json, scalar_reader
from tallystick.wire.xml import read_xml


class _Unjudged:
    def __repr__(self) -> str:
        return "UNJUDGED"


UNJUDGED = _Unjudged()
"""The value of a body that no schema can judge, such as an image."""

BodyReader = Callable[[bytes], Value]
"""A function from the bytes of a body to its value and its fault (see `Value`)."""


def body_reader(body_format: BodyFormat, media_type: MediaType) -> BodyReader:
    """The reader of bodies that are sent as `media_type` and documented as `body_format`.

    A body whose schema is a string is read as a text, even under a media type for fields or elements.
    """
    schema, kind = body_format.schema, media_type.kind
    if media_type.is_sequence and (schema or body_format.item_schema):
        return _sequence_reader(body_format, kind)
    if schema is None:  # JSON can still be ill-formed
        return _read_json_unless_empty if kind is MediaKind.JSON else _leave_unjudged
    types = types_of(schema)
    match kind:
        case MediaKind.JSON:
            return read_json
        case MediaKind.FORM if "object" in types:
            return form_reader(body_format)
        case MediaKind.MULTIPART if "object" in types:
            return partial(read_multipart, body_format=body_format, media_type=media_type)
        case MediaKind.XML if types != {"string"}:
            return partial(read_xml, schema=schema)
        case MediaKind.XML | MediaKind.TEXT | MediaKind.FORM:
            return partial(_read_text, schema=schema, media_type=media_type)
    return _leave_unjudged if media_type.text or types == {"string"} else _read_json_if_it_is


def _sequence_reader(body_format: BodyFormat, kind: MediaKind) -> BodyReader:
    schema = body_format.schema
    of_event = event_schema(schema, body_format.item_schema)
    of_item = of_event or (items_of(schema) if shape_of(schema) == "array" else schema)
    return partial(read_sequence, kind=kind, whole_events=of_event is not None, schema=of_item)


def read_body(body: bytes, body_format: BodyFormat, media_type: MediaType) -> Value:
    """The value of one body (see `body_reader`)."""
    return body_reader(body_format, media_type)(body)


def read_query(query: str, body_format: BodyFormat) -> Value:
    """The value of a whole query that is documented like a body (OpenAPI 3.2, `in: querystring`)."""
    kind = body_format.media_type.kind
    if kind is MediaKind.FORM:
        return read_body(query.encode("utf-8", "surrogateescape"), body_format, body_format.media_type)
    text, fault = decode(query)
    return read_json(text.encode()) if kind is MediaKind.JSON and not fault else (text, fault)


def judged_items(value: object, body_format: BodyFormat, media_type: MediaType) -> Iterator[tuple[str, object, Schema]]:
    """The values in a body that must fit a schema, each with its pointer and schema: the whole, or each item.

    If the schema of a sequence is not that of an array, each item must fit it: documents before OpenAPI 3.2 mean that.
    """
    schema, item_schema = body_format.schema, body_format.item_schema
    if isinstance(value, list) and media_type.is_sequence:
        if item_schema is None and schema is not None and shape_of(schema) != "array":
            schema, item_schema = None, schema
        if item_schema is not None:
            yield from ((f"/{index}", item, item_schema) for index, item in enumerate(value))
    if schema is not None:
        yield "", value, schema


def _read_json_unless_empty(body: bytes) -> Value:
    return read_json(body) if body else (UNJUDGED, "")


def _read_json_if_it_is(body: bytes) -> Value:
    """The value of a body without a Content-Type, whose reader may look at the data (RFC 9110, section 8.3)."""
    value, fault = read_json(body)
    return (UNJUDGED, "") if fault else (value, "")


def _leave_unjudged(_: bytes) -> Value:
    return UNJUDGED, ""


def _read_text(body: bytes, schema: Schema, media_type: MediaType) -> Value:
    """The value of a text. Under a schema that is no scalar's it is read as JSON; other texts (CSV) are not judged."""
    charset = media_type.parameters.get("charset", "utf-8")
    try:
        text = body.decode(_codec(charset))
    except (LookupError, ValueError):
        return body.decode("utf-8", "replace"), f"not text in the charset {charset}"
    if shape_of(schema) == "scalar":
        return scalar_reader(schema)(text), ""
    value, fault = read_json(body)
    if not fault:
        return value, ""
    return (text if media_type.name == "text/plain" else UNJUDGED), ""


def _codec(charset: str) -> str:
    """The name of Python's codec for a charset; `LookupError` where there is none."""
    name = codecs.lookup(charset).name
    if name in _NO_CHARSETS:
        raise LookupError(charset)
    return name


_NO_CHARSETS = frozenset(("idna", "punycode", "raw-unicode-escape", "undefined", "unicode-escape"))
"""Python's codecs that are not charsets."""
