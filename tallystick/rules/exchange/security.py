"""Rules on credentials: a request brings the credentials of one security requirement of its operation."""

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
"""The rule, `where`, the place, and the fact of a violation."""


def credentials(reading: Reading) -> Sequence[Violation]:
    """Violations in the credentials, by the security requirement that is met most nearly."""
    requirements = reading.operation.security
    if not requirements:
        return ()
    for requirement in requirements:
        for scheme in requirement:
            if _fault(reading, scheme) is not None:
                break
        else:
            return ()
    faults_by_requirement = [
        [fault for scheme in requirement if (fault := _fault(reading, scheme))] for requirement in requirements
    ]
    nearest = min(
        faults_by_requirement,
        key=lambda faults: (sum(rule is CREDENTIALS_MISSING for rule, *_ in faults), len(faults)),
    )
    expected = _expected(requirements)
    return [rule.violation(where, place, f"{fact}; {expected}") for rule, where, place, fact in nearest]


def brings(reading: Reading, scheme: SecurityScheme) -> bool:
    """Whether a request brings credentials of a scheme, well-formed."""
    return _fault(reading, scheme) is None


def _fault(reading: Reading, scheme: SecurityScheme) -> _Fault | None:
    kind = scheme.kind
    if kind == "apiKey":
        if _has_api_key(reading, scheme):
            return None
        return CREDENTIALS_MISSING, f"{scheme.location}.{scheme.name}", scheme.place, "the API key is missing"
    name = scheme.scheme if kind == "http" else _HTTP_SCHEME_OF_KIND.get(kind)
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
    """Why an `Authorization` field does not match an HTTP scheme, "" where it does; cached, since clients repeat it."""
    sent_scheme, _, token = sent.partition(" ")
    if not sent:
        return _NOTHING
    if sent_scheme.lower() != scheme:
        return f"the credentials are of the scheme {sent_scheme[:20]!r}"
    if not token.strip():
        return f"nothing stands after {sent_scheme!r}"
    return "the credentials are not user:password in base64" if scheme == "basic" and not _is_basic(token) else ""


_HTTP_SCHEME_OF_KIND = {"oauth2": "bearer", "openIdConnect": "bearer"}
"""The HTTP scheme that each kind of security scheme uses; mutualTLS uses none, since no request shows it."""


def _has_api_key(reading: Reading, scheme: SecurityScheme) -> bool:
    """Whether a request brings an API key; true if the scheme names no known location."""
    match scheme.location:
        case "header":
            return reading.headers.get(scheme.name.lower(), "") != ""
        case "query":
            return (reading.query.get(scheme.name) or [""])[0] != ""
        case "cookie":
            return (reading.cookies.get(scheme.name) or [""])[0] != ""
    return True


def _is_basic(token: str) -> bool:
    try:
        return b":" in base64.b64decode(token.strip(), validate=True)
    except (binascii.Error, ValueError):
        return False


def _expected(requirements: tuple[SecurityRequirement, ...]) -> str:
    alternatives = [" and ".join(map(describe, requirement)) for requirement in requirements]
    return "expected " + ", or ".join(dict.fromkeys(alternatives))


def describe(scheme: SecurityScheme) -> str:
    """The credentials that a scheme expects, in words."""
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
