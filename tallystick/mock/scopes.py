"""Whether a bearer token has the scopes that an operation requires, as far as the token or the configuration says.

The signature of a JWT is not checked: a mock has no keys.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping
from typing import NamedTuple

from tallystick.nouns.contract import Operation, SecurityScheme
from tallystick.rules.exchange.security import brings
from tallystick.wire.reading import Reading
from tallystick.wire.values import read_json

_CLAIMS = ("scope", "scp", "scopes", "permissions")
_BEARERS = frozenset(("oauth2", "openIdConnect"))

Tokens = tuple[tuple[str, frozenset[str]], ...]
"""Tokens and the scopes that each of them has."""


class LackingScopes(NamedTuple):
    """The scopes that a token lacks, all that are required with them, and the scheme that requires them."""

    missing: tuple[str, ...]
    required: tuple[str, ...]
    scheme: SecurityScheme


def lacking_scopes(operation: Operation, tokens: Tokens) -> Callable[[Reading], LackingScopes | None] | None:
    """A function that gives what the token of a request lacks for an operation; None where no scope is required."""
    requirements = operation.security
    if not any(scheme.scopes for requirement in requirements for scheme in requirement):
        return None
    by_token = dict(tokens)

    def lacking(reading: Reading) -> LackingScopes | None:
        kind, _, token = reading.headers.get("authorization", "").partition(" ")
        scopes = _scopes_of(token.strip(), by_token) if kind.lower() == "bearer" else None
        if scopes is None:
            return None
        first: LackingScopes | None = None
        for requirement in requirements:
            if not all(brings(reading, scheme) for scheme in requirement):
                continue
            missing = next((lack for scheme in requirement if (lack := _lack(scheme, scopes)) is not None), None)
            if missing is None:
                return None
            first = first or missing
        return first

    return lacking


def _lack(scheme: SecurityScheme, scopes: frozenset[str]) -> LackingScopes | None:
    is_bearer = scheme.kind in _BEARERS or (scheme.kind == "http" and scheme.scheme == "bearer")
    missing = tuple(scope for scope in scheme.scopes if scope not in scopes) if is_bearer else ()
    return LackingScopes(missing, scheme.scopes, scheme) if missing else None


def _scopes_of(token: str, by_token: Mapping[str, frozenset[str]]) -> frozenset[str] | None:
    """The scopes that the configuration or a claim of a JWT gives a token; None where nothing says any."""
    if token in by_token:
        return by_token[token]
    pieces = token.split(".")
    if len(pieces) != 3:
        return None
    try:
        payload = base64.urlsafe_b64decode(pieces[1] + "=" * (-len(pieces[1]) % 4))
    except (binascii.Error, ValueError):
        return None
    claims, fault = read_json(payload)
    if fault or not isinstance(claims, dict):
        return None
    claimed = [claims[name] for name in _CLAIMS if name in claims]
    if not claimed:
        return None
    scopes: set[str] = set()
    for value in claimed:
        values = value.split() if isinstance(value, str) else value if isinstance(value, list) else ()
        scopes.update(each for each in values if isinstance(each, str))
    return frozenset(scopes)
