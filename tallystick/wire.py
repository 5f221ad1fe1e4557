"""From values to the wire: how a parameter, a header or a body is written (the way back of `values` and `bodies`)."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any
from urllib.parse import quote, urlencode

import orjson

from tallystick import media
from tallystick.model import Parameter

_UNRESERVED = "-._~"
_RESERVED = _UNRESERVED + ":/?#[]@!$&'()*+,;="
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
        return _quoted(text_of(value))
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
        return [(name, quote(text_of(value), safe=safe))]
    if isinstance(value, list):
        texts = [quote(text_of(item), safe=safe) for item in value]
        if parameter.explode:
            return [(name, text) for text in texts]
        return [(name, _DELIMITER.get(parameter.style, ",").join(texts))]
    if isinstance(value, dict):
        if parameter.style == "deepObject":
            return [(quote(key, safe="-._~[]"), quote(text, safe=safe)) for key, text in _deep(parameter.name, value)]
        if parameter.explode:
            return [
                (quote(key, safe=_UNRESERVED), quote(text_of(one), safe=safe))
                for key, item in value.items()
                for one in (item if isinstance(item, list) else [item])
            ]
        parts = [quote(text_of(part), safe=safe) for member in value.items() for part in member]
        return [(name, _DELIMITER.get(parameter.style, ",").join(parts))]
    return [(name, quote(text_of(value), safe=safe))]


def _deep(name: str, value: Any) -> Iterable[tuple[str, str]]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _deep(f"{name}[{key}]", item)
    elif isinstance(value, list):
        for item in value:
            yield name, text_of(item)
    else:
        yield name, text_of(value)


def write_text(parameter: Parameter, value: Any) -> str:
    """A header's value in the style `simple`; a cookie's value likewise, percent-encoded."""
    if parameter.content is not None:
        text = text_of(value)
    elif isinstance(value, list):
        text = ",".join(text_of(item) for item in value)
    elif isinstance(value, dict):
        between = "=" if parameter.explode else ","
        text = ",".join(f"{key}{between}{text_of(item)}" for key, item in value.items())
    else:
        text = text_of(value)
    return quote(text, safe=_UNRESERVED + ",=") if parameter.location == "cookie" else text


def write_body(value: Any, media_type: str) -> bytes:
    """The bytes of a body of a media type; a string in a type that is no JSON is written as it is."""
    if media.is_json(media_type):
        return write_json(value)
    if isinstance(value, str):
        return value.encode()
    if media.is_form(media_type) and isinstance(value, dict):
        return urlencode({key: _form_value(item) for key, item in value.items()}, doseq=True).encode()
    return text_of(value).encode()


def write_json(value: Any) -> bytes:
    """The JSON text of a value, compact, its keys in their order."""
    try:
        return orjson.dumps(value)
    except TypeError:  # an integer beyond 64 bits, a lone surrogate
        return json.dumps(value, separators=(",", ":")).encode()


def _form_value(item: Any) -> Any:
    return [text_of(one) for one in item] if isinstance(item, list) else text_of(item)


def _quoted(text: str) -> str:
    return quote(text, safe=_UNRESERVED)
