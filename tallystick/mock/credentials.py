"""Whether credentials are accepted: the mock accepts all well-formed credentials that do not contain `invalid`.

A contract gives the form of credentials, and not which of them are valid. To let a client see a refusal, the mock
refuses a token, key or password that contains the word `invalid`, with the contract's own 401.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from functools import lru_cache

from tallystick.nouns.contract import Operation, SecurityScheme
from tallystick.wire.reading import Reading
from tallystick.wire.values import decode_field

Look = Callable[[Reading], SecurityScheme | None]
"""A function that gives the first security scheme whose credentials, in a request, contain `invalid`."""


def invalid_credentials(operation: Operation) -> Look | None:
    """The look at all credentials of an operation; None for one without security requirements."""
    by_field: dict[tuple[str, str], SecurityScheme] = {}
    for scheme in (scheme for requirement in operation.security for scheme in requirement):
        by_field.setdefault(_field_of(scheme), scheme)
    looks = [_look_at(*field, scheme) for field, scheme in by_field.items()]
    if len(looks) < 2:
        return looks[0] if looks else None
    return lambda reading: next(filter(None, (look(reading) for look in looks)), None)


def _field_of(scheme: SecurityScheme) -> tuple[str, str]:
    """Where the credentials of a scheme are: `header` and its name in lower case, `query` or `cookie` and the name."""
    if scheme.location in ("query", "cookie"):
        return scheme.location, scheme.name
    return "header", scheme.name.lower() if scheme.location == "header" else "authorization"


def _look_at(location: str, name: str, scheme: SecurityScheme) -> Look:
    """The look at one field."""
    if location == "query":
        texts_of = _query_texts
    elif location == "cookie":
        texts_of = _cookie_texts
    else:
        return _look_at_header(name, scheme)
    return lambda reading: scheme if any("invalid" in text.lower() for text in texts_of(reading, name)) else None


def _query_texts(reading: Reading, name: str) -> list[str]:
    return [decode_field(raw)[0] for raw in reading.query.get(name, ())]


def _cookie_texts(reading: Reading, name: str) -> list[str]:
    return list(reading.cookies.get(name, ()))


def _look_at_header(name: str, scheme: SecurityScheme) -> Look:
    def look(reading: Reading) -> SecurityScheme | None:
        sent = reading.headers.get(name)
        return scheme if sent is not None and _are_invalid(sent) else None

    return look


@lru_cache(maxsize=256)
def _are_invalid(sent: str) -> bool:
    """Whether a header field contains `invalid`; credentials of the scheme `basic` are decoded first."""
    text = sent.lower()
    return "invalid" in text or (text.startswith("basic ") and "invalid" in _decoded(sent[6:]).lower())


def _decoded(token: str) -> str:
    try:
        return base64.b64decode(token, validate=True).decode("latin-1")
    except (binascii.Error, ValueError):
        return ""
