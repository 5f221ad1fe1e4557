"""Whether credentials are accepted: the mock accepts all well-formed credentials that do not contain `invalid`.

A contract gives the form of credentials, and not which of them are valid. To let a client see a refusal, the mock
refuses a token, key or password that contains the word `invalid`, with the contract's own 401.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Iterable
from functools import lru_cache
from urllib.parse import parse_qsl

from tallystick.nouns.contract import Operation
from tallystick.wire.reading import Reading


def says_invalid(operation: Operation) -> Callable[[Reading], bool] | None:
    """A function that says whether any credential of a request contains `invalid`.

    None for an operation without security requirements.
    """
    if not operation.security:
        return None
    schemes = [scheme for requirement in operation.security for scheme in requirement]
    names = {
        place: {scheme.name.lower() for scheme in schemes if scheme.location == place}
        for place in ("header", "query", "cookie")
    }

    def of_headers(reading: Reading) -> bool:
        sent = reading.headers.get("authorization")
        return sent is not None and _are_invalid(sent)

    def of_all(reading: Reading) -> bool:
        return (
            of_headers(reading)
            or _among(reading.headers.items(), names["header"])
            or _among(((name, raw) for name, values in reading.cookies.items() for raw in values), names["cookie"])
            or _among(parse_qsl(reading.request.query), names["query"])
        )

    return of_all if any(names.values()) else of_headers


@lru_cache(maxsize=256)
def _are_invalid(sent: str) -> bool:
    """Whether an `Authorization` field contains `invalid`; the scheme `basic` is decoded first."""
    text = sent.lower()
    return "invalid" in text or (text.startswith("basic ") and "invalid" in _decoded(sent[6:]).lower())


def _among(sent: Iterable[tuple[str, str]], names: set[str]) -> bool:
    return any(name.lower() in names and "invalid" in value.lower() for name, value in sent)


def _decoded(token: str) -> str:
    try:
        return base64.b64decode(token, validate=True).decode("latin-1")
    except (binascii.Error, ValueError):
        return ""
