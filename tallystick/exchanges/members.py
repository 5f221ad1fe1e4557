"""Reads members of JSON objects that other programs wrote, and says what is odd about them."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence
from urllib.parse import quote, urlsplit

from tallystick.exchanges.recorded import OddEntryError
from tallystick.nouns.exchange import Headers
from tallystick.nouns.json_value import JSON
from tallystick.nouns.media_type import parse_media_type

_TYPES: Mapping[type, str] = {dict: "an object", list: "a list", str: "a text", int: "a whole number"}
_SAFE = "!#$%&'()*+,/:;=?@[]~"
_BEYOND = 2 * 10**11
"""No size in bytes and no Unix time is so large; a date does not hold larger ones."""
_PORTS = {"http": ":80", "https": ":443"}


def object_at(holder: Mapping[str, JSON], name: str) -> Mapping[str, JSON]:
    """A member that is an object."""
    value = holder.get(name)
    if not isinstance(value, dict):
        raise _odd(name, value, dict)
    return value


def list_at(holder: Mapping[str, JSON], name: str) -> Sequence[JSON]:
    """A member that is a list; empty where there is none."""
    value = holder.get(name)
    if value is None:
        return ()
    if not isinstance(value, list):
        raise _odd(name, value, list)
    return value


def text_at(holder: Mapping[str, JSON], name: str, default: str | None = None) -> str:
    """A member that is a text; `default` stands for none, if it is given."""
    value = holder.get(name)
    if value is None and default is not None:
        return default
    if not isinstance(value, str):
        raise _odd(name, value, str)
    return value


def number_at(holder: Mapping[str, JSON], name: str) -> float:
    """A member that is a number, 0 for anything else: sizes and times are only hints."""
    return number_of(holder.get(name))


def number_of(value: object) -> float:
    """A number that can be a size or a time, 0 for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return 0
    return value if abs(value) < _BEYOND else 0


def status_at(holder: Mapping[str, JSON], name: str) -> int:
    """A member that is a status; 0 where there was no response."""
    value = holder.get(name)
    if value == 0 and not isinstance(value, bool):
        return 0
    status = number_of(value)
    if not status or status != int(status):
        raise _odd(name, value, int)
    return int(status)


def fields_at(holder: Mapping[str, JSON], name: str) -> Headers:
    """A member that lists header fields by name and value; the pseudo-headers of HTTP/2 are none.

    Browsers write fields of one name as one, with line breaks between the values.
    """
    fields: list[tuple[str, str]] = []
    for index, field in enumerate(list_at(holder, name)):
        if not isinstance(field, dict) or not isinstance(field.get("name"), str):
            raise OddEntryError(f"{name}[{index}]: an object with a name and a value was expected")
        field_name, value = text_at(field, "name").strip().lower(), text_at(field, "value", "")
        if field_name and not field_name.startswith(":"):
            fields += [(field_name, as_on_the_wire(line.strip())) for line in value.split("\n")]
    return tuple(fields)


def field_of(headers: Headers, name: str) -> str:
    """The first value of a header field, "" where there is none."""
    return next((value for key, value in headers if key == name), "")


def as_on_the_wire(text: str) -> str:
    """The text of a header field, whose bytes are decoded as latin-1."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode("latin-1")


def as_read(text: str) -> str:
    """The text of a header field that was decoded as latin-1, as its reader means it."""
    try:
        return text if text.isascii() else text.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return text


def octets_of(text: str, encoding: str, content_type: str) -> bytes:
    """The bytes of a body from its text, which is decoded, or in base64 if `encoding` says so."""
    if encoding.strip().lower() == "base64":
        try:
            return base64.b64decode("".join(text.split()), validate=True)
        except (binascii.Error, ValueError):
            raise OddEntryError("the text of the body is not base64, though its encoding says so") from None
    charset = parse_media_type(content_type).parameters.get("charset", "utf-8")
    try:
        return text.encode(charset)
    except (LookupError, ValueError):
        return text.encode("utf-8", "replace")


def split(url: str) -> tuple[str, str, str]:
    """The origin, path and query of a URL; the origin is "" where it has none."""
    try:
        parts = urlsplit(url.strip())
        host, port = (parts.hostname or "").lower(), f":{parts.port}" if parts.port is not None else ""
    except ValueError:
        raise OddEntryError(f"url: {url[:100]!r} is no URL") from None
    if not host:
        raise OddEntryError(f"url: {url[:100]!r} has no host")
    scheme = parts.scheme.lower()
    host = f"[{host}]" if ":" in host else host
    origin = f"{scheme}://{host}{'' if port == _PORTS.get(scheme) else port}"
    return origin, quote(parts.path, safe=_SAFE) or "/", quote(parts.query, safe=_SAFE)


def _odd(name: str, value: object, expected: type) -> OddEntryError:
    found = "nothing" if value is None else _TYPES.get(type(value), repr(value)[:40])
    return OddEntryError(f"{name}: {_TYPES[expected]} was expected, and there is {found}")
