"""From the bytes of a body to its value, by media type; a body of an unknown type stays bytes, and is not judged."""

from __future__ import annotations

import codecs
from collections.abc import Callable, Sequence
from functools import partial

from tallystick.nouns.contract import BodyFormat
from tallystick.nouns.media_type import MediaKind, MediaType
from tallystick.nouns.schema import Schema
from tallystick.schemas.shapes import shape_of, types_of
from tallystick.wire.forms import read_form
from tallystick.wire.multipart import read_multipart
from tallystick.wire.sequences import read_sequence
from tallystick.wire.values import Value, decode, read_json, scalar_reader
from tallystick.wire.xml import read_xml


class _Unjudged:
    def __repr__(self) -> str:
        return "UNJUDGED"


UNJUDGED = _Unjudged()
"""The value of a body that is bytes: there is nothing in it that a schema could be asked about."""

BodyReader = Callable[[bytes], Value]
"""A function from the bytes of a body to its value and what is wrong with how it is written."""


def body_reader(body_format: BodyFormat, media_type: MediaType) -> BodyReader:
    """The reader of bodies that are sent as `media_type` and documented as `body_format`.

    What is documented as a string is a text, whatever its media type says of fields or elements.
    """
    schema, kind = body_format.schema, media_type.kind
    if media_type.is_sequence and (schema or body_format.item_schema):
        return partial(read_sequence, kind=kind, whole_events=body_format.item_schema is not None)
    if schema is None:  # it can still be ill-formed where it is JSON
        return _read_json_if_any if kind is MediaKind.JSON else _leave_unjudged
    types = types_of(schema)
    match kind:
        case MediaKind.JSON:
            return read_json
        case MediaKind.FORM if "object" in types:
            return partial(read_form, body_format=body_format)
        case MediaKind.MULTIPART if "object" in types:
            return partial(read_multipart, body_format=body_format, media_type=media_type)
        case MediaKind.XML if types != {"string"}:
            return partial(read_xml, schema=schema)
        case MediaKind.XML | MediaKind.TEXT | MediaKind.FORM:
            return partial(_read_text, schema=schema, media_type=media_type)
    return _leave_unjudged


def read_body(body: bytes, body_format: BodyFormat, media_type: MediaType) -> Value:
    """The value of one body (see `body_reader`)."""
    return body_reader(body_format, media_type)(body)


def read_query(query: str, body_format: BodyFormat) -> Value:
    """The value of a whole query, where it is described as a body is (OpenAPI 3.2, `in: querystring`)."""
    kind = body_format.media_type.kind
    if kind is MediaKind.FORM:
        return read_body(query.encode("utf-8", "surrogateescape"), body_format, body_format.media_type)
    text, problem = decode(query)
    return read_json(text.encode()) if kind is MediaKind.JSON and not problem else (text, problem)


def judged_items(value: object, body_format: BodyFormat, media_type: MediaType) -> Sequence[tuple[str, object, Schema]]:
    """What of a body's value is to fit which schema, and where it is: the whole, or each item of a sequence.

    A sequence whose schema is no array's has it for each of its items, as documents before OpenAPI 3.2 mean it.
    """
    schema, item_schema = body_format.schema, body_format.item_schema
    judged: list[tuple[str, object, Schema]] = []
    if isinstance(value, list) and media_type.is_sequence:
        if item_schema is None and schema is not None and shape_of(schema) != "array":
            schema, item_schema = None, schema
        if item_schema is not None:
            judged += ((f"/{index}", item, item_schema) for index, item in enumerate(value))
    if schema is not None:
        judged.append(("", value, schema))
    return judged


def _read_json_if_any(body: bytes) -> Value:
    return read_json(body) if body else (UNJUDGED, "")


def _leave_unjudged(_: bytes) -> Value:
    return UNJUDGED, ""


def _read_text(body: bytes, schema: Schema, media_type: MediaType) -> Value:
    """The value of a text; one that cannot be a scalar may be JSON under another name (XML and CSV are not judged)."""
    charset = media_type.parameters.get("charset", "utf-8")
    try:
        text = body.decode(_codec(charset))
    except (LookupError, ValueError):
        return body.decode("utf-8", "replace"), f"not text in the charset {charset}"
    if shape_of(schema) == "scalar":
        return scalar_reader(schema)(text), ""
    value, problem = read_json(body)
    if not problem:
        return value, ""
    return (text if media_type.name == "text/plain" else UNJUDGED), ""


def _codec(charset: str) -> str:
    name = codecs.lookup(charset).name
    if name in _NO_CHARSETS:
        raise LookupError(charset)
    return name


_NO_CHARSETS = frozenset(("idna", "punycode", "raw-unicode-escape", "undefined", "unicode-escape"))
"""Codecs of Python that are no charsets of texts on the wire."""
