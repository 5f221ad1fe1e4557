"""Rules on credentials: a request brings those of one of its operation's security requirements."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from functools import lru_cache

from tallystick.nouns.contract import SecurityRequirement, SecurityScheme
from tallystick.nouns.rule import Check, Rule, Scope
from tallystick.nouns.violation import Place, Severity, Violation
from tallystick.wire.reading import Reading

CREDENTIALS_MISSING = Rule(
    "credentials-missing",
    Severity.ERROR,
    Scope.REQUEST,
    "A request to a secured operation brings the credentials of one of its security requirements.",
)
CREDENTIALS_MALFORMED = Rule(
    "credentials-malformed", Severity.ERROR, Scope.REQUEST, "Credentials are written as their security scheme says."
)

_Fault = tuple[Rule, str, Place, str]
"""The rule, where, the place, and what is wrong."""


def credentials(reading: Reading) -> Sequence[Violation]:
    """What is wrong with the credentials under the requirement that comes nearest to being met."""
    requirements = reading.operation.security
    if not requirements:
        return ()
    for requirement in requirements:
        for scheme in requirement:
            if _fault(reading, scheme) is not None:
                break
        else:
            return ()
    faults = [[fault for scheme in each if (fault := _fault(reading, scheme))] for each in requirements]
    nearest = min(faults, key=lambda each: (sum(rule is CREDENTIALS_MISSING for rule, *_ in each), len(each)))
    expected = _expected(requirements)
    return [rule.violation(where, place, f"{fact}; {expected}") for rule, where, place, fact in nearest]


def _fault(reading: Reading, scheme: SecurityScheme) -> _Fault | None:
    kind = scheme.kind
    if kind == "apiKey":
        if _api_key(reading, scheme):
            return None
        return CREDENTIALS_MISSING, f"{scheme.location}.{scheme.name}", scheme.place, "the API key is missing"
    name = scheme.scheme if kind == "http" else _OF_KIND.get(kind)
    if name is None:
        return None
    fact = _misfit(reading.headers.get("authorization", ""), name)
    if not fact:
        return None
    rule = CREDENTIALS_MISSING if fact == _NOTHING else CREDENTIALS_MALFORMED
    return rule, "header.Authorization", scheme.place, fact


_NOTHING = "there are no credentials"


@lru_cache(maxsize=256)
def _misfit(sent: str, scheme: str) -> str:
    """Why an `Authorization` field is none of a scheme's, "" where it is; a client sends the same with each request."""
    given, _, token = sent.partition(" ")
    if not sent:
        return _NOTHING
    if given.lower() != scheme:
        return f"the credentials are of the scheme {given[:20]!r}"
    if not token.strip():
        return f"nothing stands after {given!r}"
    return "the credentials are not user:password in base64" if scheme == "basic" and not _is_basic(token) else ""


_OF_KIND = {"oauth2": "bearer", "openIdConnect": "bearer"}
"""The scheme of HTTP that credentials of a kind come in; mutualTLS is the connection's business, not the request's."""


def _api_key(reading: Reading, scheme: SecurityScheme) -> str:
    """The key that a request brings, "" where it brings none; any where the scheme does not say where."""
    match scheme.location:
        case "header":
            return reading.headers.get(scheme.name.lower(), "")
        case "query":
            return (reading.query.get(scheme.name) or [""])[0]
        case "cookie":
            return reading.cookies.get(scheme.name, "")
    return "unknown location"


def _is_basic(token: str) -> bool:
    try:
        return b":" in base64.b64decode(token.strip(), validate=True)
    except (binascii.Error, ValueError):
        return False


def _expected(requirements: tuple[SecurityRequirement, ...]) -> str:
    alternatives = [" and ".join(map(describe, requirement)) for requirement in requirements]
    return "expected " + ", or ".join(dict.fromkeys(alternatives))


def describe(scheme: SecurityScheme) -> str:
    """What a scheme wants of a request, in words."""
    if scheme.kind == "apiKey":
        return f"an API key in the {scheme.location} {scheme.name}"
    if scheme.kind == "http" and scheme.scheme != "bearer":
        return f"Authorization: {scheme.scheme.capitalize()} ..."
    return "Authorization: Bearer <token>"


def challenge(requirements: tuple[SecurityRequirement, ...]) -> str:
    """The value of `WWW-Authenticate` (RFC 9110, section 11.6.1) that names each scheme of the requirements."""
    names = []
    for requirement in requirements:
        for scheme in requirement:
            if scheme.kind == "apiKey":
                names.append(f'ApiKey in="{scheme.location}", name="{scheme.name}"')
            elif scheme.kind == "http":
                realm = ' realm="api"' if scheme.scheme == "basic" else ""
                names.append(scheme.scheme.capitalize() + realm)
            else:
                names.append("Bearer")
    return ", ".join(dict.fromkeys(names)) or "Bearer"


CHECKS = (Check(credentials, (CREDENTIALS_MISSING, CREDENTIALS_MALFORMED)),)
