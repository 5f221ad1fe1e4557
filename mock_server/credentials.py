"""Whether credentials are accepted: the mock takes any that are well formed, but for those that say they are invalid.

A contract tells the form of credentials and not which are good. So that refused ones can be tried as well, a token,
key or password with the word `invalid` in it is refused, with the contract's own 401.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Iterable
from functools import lru_cache
from urllib.parse import parse_qsl

from tallystick.model import Operation
from tallystick.reading import Reading


def says_invalid(operation: Operation) -> Callable[[Reading], bool] | None:
    """Whether any of the credentials that a request brings for an operation says that it is invalid.

    None where the operation takes no credentials.
    """
    schemes = [scheme for requirement in operation.security for scheme in requirement]
    if not schemes:
        return None
    names = {
        place: {scheme.name.lower() for scheme in schemes if scheme.location == place}
        for place in ("header", "query", "cookie")
    }
    fields = tuple(names["header"])

    def read(reading: Reading) -> bool:
        headers = reading.headers
        if "authorization" in headers and _are_invalid(headers["authorization"]):
            return True
        for name in fields:
            if "invalid" in headers.get(name, "").lower():
                return True
        if names["cookie"] and _among(reading.cookies.items(), names["cookie"]):
            return True
        query = reading.request.query if names["query"] else ""
        return bool(query) and _among(parse_qsl(query), names["query"])

    return read


@lru_cache(maxsize=256)
def _are_invalid(sent: str) -> bool:
    """Whether an `Authorization` field says so; those of the scheme `basic` are decoded."""
    text = sent.lower()
    return "invalid" in text or (text.startswith("basic ") and "invalid" in _decoded(sent[6:]).lower())


def _among(sent: Iterable[tuple[str, str]], names: set[str]) -> bool:
    return any(name.lower() in names and "invalid" in value.lower() for name, value in sent)


def _decoded(token: str) -> str:
    try:
        return base64.b64decode(token, validate=True).decode("latin-1")
    except (binascii.Error, ValueError):
        return ""
