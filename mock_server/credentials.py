"""Whether credentials are accepted: the mock takes any that are well formed, but for those that say they are invalid.

A contract tells the form of credentials and not which are good. So that refused ones can be tried as well, a token,
key or password with the word `invalid` in it is refused, with the contract's own 401.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator
from urllib.parse import parse_qsl

from tallystick.model import Operation, Request


def are_refused(operation: Operation, request: Request) -> bool:
    """Whether any of the credentials that a request brings for an operation says that it is invalid."""
    return any("invalid" in text.lower() for text in _sent(operation, request))


def _sent(operation: Operation, request: Request) -> Iterator[str]:
    """The credentials in a request, those of the scheme `basic` decoded."""
    names = {(scheme.location, scheme.name.lower()) for schemes in operation.security for scheme in schemes}
    for name, value in request.headers:
        if name == "authorization":
            yield value
            if value[:6].lower() == "basic ":
                yield _decoded(value[6:])
        elif name == "cookie":
            for cookie in value.split(";"):
                key, _, text = cookie.partition("=")
                if ("cookie", key.strip().lower()) in names:
                    yield text
        elif ("header", name) in names:
            yield value
    for name, value in parse_qsl(request.query) if request.query else ():
        if ("query", name.lower()) in names:
            yield value


def _decoded(token: str) -> str:
    try:
        return base64.b64decode(token, validate=True).decode("latin-1")
    except (binascii.Error, ValueError):
        return ""
