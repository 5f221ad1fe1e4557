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


def invalid_credentials(operation: Operation) -> Callable[[Reading], SecurityScheme | None] | None:
    """A function that gives the first security scheme whose credentials, in a request, contain `invalid`.

    None for an operation without security requirements.
    """
    schemes = dict.fromkeys(scheme for requirement in operation.security for scheme in requirement)
    by_field = {_field_of(scheme): scheme for scheme in reversed(schemes)}  # of several on one field, the first
    looks = [(_look_at(*field), scheme) for field, scheme in by_field.items()]
    if not looks:
        return None

    def first_invalid(reading: Reading) -> SecurityScheme | None:
        for is_invalid, scheme in looks:
            if is_invalid(reading):
                return scheme
        return None

    return first_invalid


def _field_of(scheme: SecurityScheme) -> tuple[str, str]:
    """Where the credentials of a scheme are: `header` and its name in lower case, `query` or `cookie` and the name."""
    if scheme.location in ("query", "cookie"):
        return scheme.location, scheme.name
    return "header", scheme.name.lower() if scheme.location == "header" else "authorization"


def _look_at(location: str, name: str) -> Callable[[Reading], bool]:
    """A function that says whether the credentials in one field contain `invalid`."""
    if location == "query":
        return lambda reading: any("invalid" in decode_field(raw)[0].lower() for raw in reading.query.get(name, ()))
    if location == "cookie":
        return lambda reading: any("invalid" in raw.lower() for raw in reading.cookies.get(name, ()))
    if name != "authorization":
        return lambda reading: "invalid" in reading.headers.get(name, "").lower()

    def of_authorization(reading: Reading) -> bool:
        sent = reading.headers.get("authorization")
        return sent is not None and _are_invalid(sent)

    return of_authorization


@lru_cache(maxsize=256)
def _are_invalid(sent: str) -> bool:
    """Whether an `Authorization` field contains `invalid`; the scheme `basic` is decoded first."""
    text = sent.lower()
    return "invalid" in text or (text.startswith("basic ") and "invalid" in _decoded(sent[6:]).lower())


def _decoded(token: str) -> str:
    try:
        return base64.b64decode(token, validate=True).decode("latin-1")
    except (binascii.Error, ValueError):
        return ""
