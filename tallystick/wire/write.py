"""From values to the wire: how a parameter, a header or a body is written (the way back of `values` and `bodies`)."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import quote

import orjson

from tallystick.nouns.contract import MediaType, Parameter
from tallystick.schemas.shapes import items_of, properties_of, shape_of
from tallystick.wire import media_types
from tallystick.wire.bodies import form_fields
from tallystick.wire.sequences import is_sequence, write_sequence
from tallystick.wire.xml import write_xml

_BOUNDARY = "tallystick-4f1c9e0b7a"
_UNRESERVED = "-._~"
_RESERVED = _UNRESERVED + ":/?#[]@!$&'()*+,;="
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_DELIMITER = {"spaceDelimited": "%20", "pipeDelimited": "|", "tabDelimited": "%09"}


def text_of(value: Any) -> str:
    """A scalar as its text: `true`, `null`, `1.5`; arrays and objects as JSON."""
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def write_path(parameter: Parameter, value: Any) -> str:
    """A path parameter in its style (`simple`, `label`, `matrix`), percent-encoded."""
    name = quote(parameter.name, safe=_UNRESERVED)
    if parameter.content is not None:
        return _quoted(_content(parameter.content, value))
    label, matrix = parameter.style == "label", parameter.style == "matrix"
    if isinstance(value, list):
        texts = [_quoted(text_of(item)) for item in value]
        if matrix:
            return "".join(f";{name}={text}" for text in texts) if parameter.explode else f";{name}={','.join(texts)}"
        return f".{('.' if parameter.explode else ',').join(texts)}" if label else ",".join(texts)
    if isinstance(value, dict):
        members = [(_quoted(key), _quoted(text_of(item))) for key, item in value.items()]
        if parameter.explode:
            separator = ";" if matrix else "." if label else ","
            joined = separator.join(f"{key}={text}" for key, text in members)
            return separator + joined if label or matrix else joined
        joined = ",".join(part for member in members for part in member)
        return f";{name}={joined}" if matrix else f".{joined}" if label else joined
    text = _quoted(text_of(value))
    return f";{name}={text}" if matrix else f".{text}" if label else text


def write_query(parameter: Parameter, value: Any) -> list[tuple[str, str]]:
    """The fields of a query parameter: names and values, both percent-encoded."""
    safe = _RESERVED.replace("&", "").replace("#", "").replace("+", "") if parameter.allow_reserved else _UNRESERVED
    name = quote(parameter.name, safe=_UNRESERVED)
    if parameter.content is not None:
        return [(name, quote(_content(parameter.content, value), safe=safe))]
    if parameter.style == "deepObject" and isinstance(value, (dict, list)):
        return [(quote(key, safe="-._~[]"), quote(text, safe=safe)) for key, text in _deep(parameter.name, value)]
    if isinstance(value, dict) and shape_of(parameter.schema) == "scalar":
        return [(name, quote(text_of(value), safe=safe))]
    if isinstance(value, list):
        texts = [quote(text_of(item), safe=safe) for item in value]
        if parameter.explode:
            return [(name, text) for text in texts]
        return [(name, _DELIMITER.get(parameter.style, ",").join(texts))]
    if isinstance(value, dict):
        if parameter.explode:
            return [
                (quote(key, safe=_UNRESERVED), quote(text_of(one), safe=safe))
                for key, item in value.items()
                for one in (item if isinstance(item, list) else [item])
            ]
        parts = [quote(text_of(part), safe=safe) for member in value.items() for part in member]
        return [(name, _DELIMITER.get(parameter.style, ",").join(parts))]
    return [(name, quote(text_of(value), safe=safe))]


def write_querystring(parameter: Parameter, value: Any) -> str:
    """A whole query that is described as a body is (OpenAPI 3.2, `in: querystring`)."""
    if parameter.content is None:
        return _quoted(text_of(value))
    if media_types.is_form(parameter.content.name):
        return write_body(value, parameter.content, parameter.content.name)[0].decode()
    return _quoted(_content(parameter.content, value))


def _deep(name: str, value: Any) -> Iterable[tuple[str, str]]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _deep(f"{name}[{key}]", item)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _deep(f"{name}[{index}]", item)
    else:
        yield name, text_of(value)


def write_text(parameter: Parameter, value: Any) -> str:
    """A header's value in the style `simple`, its UTF-8 as latin-1; a cookie's value likewise, percent-encoded.

    A header has no way to write a control character: a space stands for it.
    """
    is_cookie = parameter.location == "cookie"
    written: Callable[[Any], str] = (lambda part: _quoted(text_of(part))) if is_cookie else text_of
    if parameter.content is not None:
        text = written(_content(parameter.content, value))
    elif isinstance(value, list):
        text = ",".join(map(written, value))
    elif isinstance(value, dict):
        between = "=" if parameter.explode else ","
        text = ",".join(f"{written(key)}{between}{written(item)}" for key, item in value.items())
    else:
        text = written(value)
    return _CONTROL.sub(" ", text).encode().decode("latin-1")


def _content(media_type: MediaType, value: Any) -> str:
    """The text of a parameter that is described by a media type."""
    return write_json(value).decode() if media_types.is_json(media_type.name) else text_of(value)


def write_body(value: Any, media_type: MediaType, name: str) -> tuple[bytes, str]:
    """The bytes of a body of a documented media type, sent as `name`, and the `Content-Type` to send with them.

    A string in a type that is no JSON is written as it is.
    """
    if media_types.is_json(name):
        return write_json(value), name
    if is_sequence(name) and (media_type.schema or media_type.item_schema):
        items = value if isinstance(value, list) else [value]
        whole = media_type.item_schema is not None
        return write_sequence(items, [write_json(item) for item in items], name, whole_events=whole), name
    if media_types.is_xml(name) and media_type.schema is not None and not isinstance(value, str):
        return write_xml(value, media_type.schema), name
    if isinstance(value, dict) and media_types.is_form(name):
        fields = [field for key, one in _by_field(value, media_type) for field in write_query(key, one)]
        return "&".join(f"{key}={text}" for key, text in fields).encode(), name
    if isinstance(value, dict) and media_types.is_multipart(name):
        return _multipart(value, media_type), f"{media_types.bare(name)}; boundary={_BOUNDARY}"
    return text_of(value).encode(), name


def _by_field(value: dict[str, Any], media_type: MediaType) -> Iterable[tuple[Parameter, Any]]:
    known = {parameter.name: parameter for parameter in form_fields(media_type)}
    for key, item in value.items():
        plain = Parameter(key, "query", media_type.place, style="form", explode=True)
        yield known.get(key, plain), item


def _multipart(value: dict[str, Any], media_type: MediaType) -> bytes:
    """The parts of a multipart body (RFC 7578): one a property, one an item where the property is an array."""
    written = bytearray()
    schemas = properties_of(media_type.schema)
    for key, item in value.items():
        schema = schemas.get(key)
        encoding = media_type.encoding.get(key, {})
        for one in item if isinstance(item, list) else [item]:
            kind = encoding.get("contentType", "application/json" if isinstance(one, dict) else "")
            kind = kind.partition(",")[0].strip()
            holder = items_of(schema) if isinstance(item, list) else schema
            is_file = holder is not None and holder.resolved.get("format") == "binary"
            file = '; filename="file"' if is_file else ""
            quoted = key.replace('"', "%22").replace("\n", "%0A").replace("\r", "%0D")
            written += f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="{quoted}"{file}\r\n'.encode()
            if kind and "*" not in kind:
                written += f"Content-Type: {kind}\r\n".encode()
            body = write_json(one) if media_types.is_json(kind) else text_of(one).encode()
            written += b"\r\n" + body + b"\r\n"
    return bytes(written) + f"--{_BOUNDARY}--\r\n".encode()


def write_json(value: Any) -> bytes:
    """The JSON text of a value, compact, its keys in their order."""
    try:
        return orjson.dumps(value)
    except TypeError:  # an integer beyond 64 bits, a lone surrogate
        return json.dumps(value, separators=(",", ":")).encode()


def _quoted(text: str) -> str:
    return quote(text, safe=_UNRESERVED)
