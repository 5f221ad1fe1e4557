"""Writes parameters, headers and bodies from their values: the opposite of `parameters` and `bodies`."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from urllib.parse import quote

import orjson

from tallystick.nouns.contract import NO_ENCODING, BodyFormat, Parameter
from tallystick.nouns.json_value import JSON
from tallystick.nouns.media_type import MediaKind, MediaType, parse_media_type
from tallystick.nouns.schema import Schema
from tallystick.schemas.shapes import items_of, properties_of, shape_of
from tallystick.wire.forms import form_fields
from tallystick.wire.parameters import SET_COOKIE
from tallystick.wire.sequences import event_schema, is_event_stream, write_sequence
from tallystick.wire.values import DELIMITERS
from tallystick.wire.xml import write_xml

FileOf = Callable[[str], bytes | None]
"""Gives a file of a media type; None where there is none."""

_BOUNDARY = "tallystick-4f1c9e0b7a"
_UNRESERVED = "-._~"
_RESERVED = _UNRESERVED + ":/?#[]@!$&'()*+,;="
_RESERVED_IN_QUERY = _RESERVED.translate({ord(letter): None for letter in "&#+"})
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_CONTROL_BUT_TAB = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_DELIMITER = {"spaceDelimited": "%20", "pipeDelimited": "|", "tabDelimited": "%09"}


def text_of(value: JSON) -> str:
    """A scalar as its text: `true`, `null`, `1.5`; arrays and objects as JSON."""
    if isinstance(value, str):
        return value
    if type(value) is int:
        return str(value)
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _encoded(value: JSON) -> str:
    """The text of a value in percent-encoding."""
    return quote(text_of(value), safe=_UNRESERVED)


def write_path(parameter: Parameter, value: JSON) -> str:
    """A path parameter in its style (`simple`, `label`, `matrix`, or with other delimiters), percent-encoded."""
    if parameter.content is not None:
        return _encoded(_content_text(parameter.content, value))
    value = _with_item_texts(value, parameter.item_styles)
    if isinstance(value, list):
        return _write_path_array(parameter, [_encoded(item) for item in value])
    if isinstance(value, dict):
        return _write_path_object(parameter, {_encoded(key): _encoded(item) for key, item in value.items()})
    return _prefix(parameter) + _encoded(value)


def _prefix(parameter: Parameter) -> str:
    """The prefix of a value that is not exploded, by the style of its path parameter."""
    if parameter.style == "matrix":
        return f";{_encoded(parameter.name)}="
    return "." if parameter.style == "label" else ""


def _write_path_array(parameter: Parameter, items: list[str]) -> str:
    if parameter.style == "matrix" and parameter.explode:
        return "".join(_prefix(parameter) + item for item in items)
    if parameter.style in DELIMITERS:
        return _encoded(DELIMITERS[parameter.style]).join(items)
    separator = "." if parameter.style == "label" and parameter.explode else ","
    return _prefix(parameter) + separator.join(items)


def _write_path_object(parameter: Parameter, members: Mapping[str, str]) -> str:
    if not parameter.explode:
        return _prefix(parameter) + ",".join(text for member in members.items() for text in member)
    separator = {"matrix": ";", "label": "."}.get(parameter.style, "")
    return separator + (separator or ",").join(f"{key}={text}" for key, text in members.items())


def write_query(parameter: Parameter, value: JSON) -> list[tuple[str, str]]:
    """The fields of a query parameter: names and values, both percent-encoded."""
    safe = _RESERVED_IN_QUERY if parameter.allow_reserved else _UNRESERVED
    name = _encoded(parameter.name)

    def encoded(item: JSON) -> str:
        return quote(text_of(item), safe=safe)

    if parameter.content is not None:
        return [(name, encoded(_content_text(parameter.content, value)))]
    if parameter.style == "deepObject" and isinstance(value, (dict, list)):
        return [(quote(key, safe="-._~[]"), encoded(item)) for key, item in _bracketed(parameter.name, value)]
    value = _with_item_texts(value, parameter.item_styles)
    delimiter = _DELIMITER.get(parameter.style, ",")
    if isinstance(value, list):
        if parameter.explode:
            return [(name, encoded(item)) for item in value]
        return [(name, delimiter.join(map(encoded, value)))]
    if isinstance(value, dict) and shape_of(parameter.schema) != "scalar":
        if parameter.explode:
            return [(_encoded(key), encoded(item)) for key, member in value.items() for item in _as_list(member)]
        return [(name, delimiter.join(encoded(item) for member in value.items() for item in member))]
    return [(name, encoded(value))]


def _with_item_texts(value: JSON, item_styles: Sequence[str]) -> JSON:
    """An array whose items are texts where they are arrays, each in its style; any other value as it is."""
    if not item_styles or not isinstance(value, list):
        return value
    return [_item_text(item, item_styles) if isinstance(item, list) else item for item in value]


def _item_text(items: list[JSON], styles: Sequence[str]) -> str:
    return DELIMITERS.get(styles[0], ",").join(map(text_of, _as_list(_with_item_texts(items, styles[1:]))))


def _as_list(value: JSON) -> list[JSON]:
    return value if isinstance(value, list) else [value]


def _bracketed(name: str, value: JSON) -> Iterator[tuple[str, JSON]]:
    """The fields of a deep object: the name followed by the keys in brackets, and the scalar at these keys."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _bracketed(f"{name}[{key}]", item)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _bracketed(f"{name}[{index}]", item)
    else:
        yield name, value


def write_querystring(parameter: Parameter, value: JSON) -> str:
    """A whole query that is documented like a body (OpenAPI 3.2, `in: querystring`)."""
    if parameter.content is None:
        return _encoded(value)
    if parameter.content.media_type.kind is MediaKind.FORM:
        return write_body(value, parameter.content, parameter.content.media_type)[0].decode()
    return _encoded(_content_text(parameter.content, value))


def write_text(parameter: Parameter, value: JSON) -> str:
    """The value of a header or cookie in its style; that of a cookie is percent-encoded.

    The text is in UTF-8, decoded as latin-1. A header cannot contain control characters: each becomes a space.
    """
    text_for: Callable[[JSON], str] = _encoded if parameter.location == "cookie" else text_of
    if parameter.content is not None:
        text = text_for(_content_text(parameter.content, value))
    elif isinstance(value, list):
        items = _as_list(_with_item_texts(value, parameter.item_styles))
        text = DELIMITERS.get(parameter.style, ",").join(map(text_for, items))
        return _CONTROL_BUT_TAB.sub(" ", text).encode().decode("latin-1")
    elif isinstance(value, dict):
        separator = "=" if parameter.explode else ","
        text = ",".join(f"{text_for(key)}{separator}{text_for(item)}" for key, item in value.items())
    else:
        text = text_for(value)
    return _CONTROL.sub(" ", text).encode().decode("latin-1")


def write_header(header: Parameter, value: JSON) -> list[str]:
    """The field lines of a response header: one for each cookie of `Set-Cookie`, one for any other header.

    Cookies are the items of an array, the members of an object, or the lines of a text (see `cookies_reader`).
    """
    if header.name.lower() != SET_COOKIE:
        return [write_text(header, value)]
    if isinstance(value, dict):
        value = [f"{name}={text_of(item)}" for name, item in value.items()]
    return [write_text(header, line) for item in _as_list(value) for line in (text_of(item).splitlines() or [""])]


def _content_text(body_format: BodyFormat, value: JSON) -> str:
    """The text of a parameter that is documented by `content`."""
    return write_json(value).decode() if body_format.media_type.kind is MediaKind.JSON else text_of(value)


def no_file(_: str) -> bytes | None:
    """No file of any media type: what a part holds is its value."""
    return None


def write_body(
    value: JSON, body_format: BodyFormat, media_type: MediaType, file_of: FileOf = no_file
) -> tuple[bytes, str]:
    """The bytes of a body of a documented format, sent as `media_type`, and the `Content-Type` to send with them.

    A string is written as it is, unless the media type is JSON. `file_of` gives the bytes of the files in the parts of
    a multipart body, by their media type; None where a part holds its value.
    """
    kind, content_type = media_type.kind, media_type.text
    if kind is MediaKind.JSON:
        return write_json(value), content_type
    if media_type.is_sequence and (body_format.schema or body_format.item_schema):
        if kind is MediaKind.EVENT_STREAM and isinstance(value, str) and is_event_stream(value):
            return f"{value.rstrip()}\n\n".encode(), content_type
        items = _as_list(value)
        whole_events = event_schema(body_format.schema, body_format.item_schema) is not None
        return write_sequence(items, [write_json(item) for item in items], kind, whole_events), content_type
    if kind is MediaKind.XML and body_format.schema is not None and not isinstance(value, str):
        return write_xml(value, body_format.schema), content_type
    if kind is MediaKind.FORM and isinstance(value, dict):
        return _write_form(value, body_format), content_type
    if kind is MediaKind.MULTIPART and isinstance(value, dict):
        return _write_multipart(value, body_format, file_of), f"{media_type.name}; boundary={_BOUNDARY}"
    return text_of(value).encode(), content_type


def _write_form(value: Mapping[str, JSON], body_format: BodyFormat) -> bytes:
    declared = {parameter.name: parameter for parameter in form_fields(body_format)}
    fields: list[str] = []
    for name, item in value.items():
        parameter = declared.get(name) or Parameter(name, "query", body_format.place, style="form", explode=True)
        fields += (f"{key}={text}" for key, text in write_query(parameter, item))
    return "&".join(fields).encode()


def _write_multipart(value: Mapping[str, JSON], body_format: BodyFormat, file_of: FileOf) -> bytes:
    """A multipart body (RFC 7578): each property is a part, or each of its items if it is an array."""
    body = bytearray()
    schemas = properties_of(body_format.schema)
    for name, property_value in value.items():
        schema = schemas.get(name)
        part_schema = items_of(schema) if isinstance(property_value, list) else schema
        is_file = part_schema is not None and _is_file(part_schema)
        quoted = name.replace('"', "%22").replace("\n", "%0A").replace("\r", "%0D")
        disposition = f'form-data; name="{quoted}"' + ('; filename="file"' if is_file else "")
        encoding = body_format.encoding.get(name, NO_ENCODING)
        if encoding.part_style is not None and isinstance(property_value, list):
            property_value = _item_text(property_value, (encoding.part_style, *encoding.item_styles))
        for item in _as_list(property_value):
            content_type = encoding.content_type
            if content_type is None:
                content_type = "application/json" if isinstance(item, dict) else _held_type(part_schema)
            media_type = parse_media_type(content_type.partition(",")[0].strip())
            if is_file and not media_type.text:
                media_type = _BYTES
            body += f"--{_BOUNDARY}\r\nContent-Disposition: {disposition}\r\n".encode()
            if media_type.text and not media_type.is_range:
                body += f"Content-Type: {media_type}\r\n".encode()
            content = write_json(item) if media_type.kind is MediaKind.JSON else text_of(item).encode()
            content = (file_of(media_type.name) if is_file else None) or content
            body += b"\r\n" + content + b"\r\n"
    return bytes(body) + f"--{_BOUNDARY}--\r\n".encode()


_BYTES = parse_media_type("application/octet-stream")
"""What a file is where the contract does not say it (OpenAPI, Encoding Object)."""


def _is_file(schema: Schema) -> bool:
    """Whether a part holds bytes, and not a text."""
    name = _held_type(schema)
    is_bytes = bool(name) and parse_media_type(name).kind is MediaKind.OTHER
    return is_bytes or schema.resolved.get("format") == "binary"


def _held_type(schema: Schema | None) -> str:
    """The media type of the bytes in a part, where its schema names one; "" where they are written as a text."""
    described = schema.resolved if schema is not None else {}
    name = described.get("contentMediaType")
    return name if isinstance(name, str) and "contentEncoding" not in described else ""


def write_json(value: JSON) -> bytes:
    """The JSON text of a value, compact, with its keys in their order."""
    try:
        return b"%b" % orjson.dumps(value)  # a copy, since the engine's own keeps all of its buffer: 4 KB at least
    except TypeError:  # an integer beyond 64 bits, a lone surrogate
        return json.dumps(value, separators=(",", ":")).encode()
