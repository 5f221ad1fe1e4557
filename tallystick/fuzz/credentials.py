"""The credentials of a run: those that the user gave, else made-up ones of the right shape.

A secret that the user gave is never shown: the name of the environment variable that holds it stands in its place.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import quote

from tallystick.nouns.contract import Contract, Operation, SecurityScheme
from tallystick.nouns.errors import UsageError
from tallystick.nouns.exchange import Request

MADE_UP = "tallystick"
"""The token, key, user and password of made-up credentials."""
USABLE = frozenset(("basic", "bearer", "apiKey"))
"""The kinds of schemes for which credentials can be made up (see `kind_of`)."""
_SECRET_NAMES = re.compile(r"auth|token|key|secret|session|password|cookie|credential", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class GivenCredentials:
    """The credentials on a command line: `user:password`, a bearer token, `[scheme=]key`s and header fields."""

    auth: str | None = None
    bearer: str | None = None
    api_keys: tuple[str, ...] = ()
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Credentials:
    """What is sent for each security scheme (its token, its key, or `user:password`), and with every request."""

    schemes: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict)
    """The name of the environment variable that replaces each secret."""
    given: frozenset[str] = frozenset()
    """The schemes whose credentials are the user's; those of others are made up."""

    def known_for(self, operation: Operation) -> bool:
        """Whether the user gave credentials for an operation, or it needs none."""
        return not operation.security or any(
            all(scheme.id in self.given for scheme in requirement) for requirement in operation.security
        )


def credentials_for(contract: Contract, given: GivenCredentials) -> Credentials:
    """The credentials of a run; raises `UsageError` where a flag cannot be used with this contract."""
    secrets: dict[str, str] = {}
    headers = dict(_headers(given, secrets))
    keys = dict(_keys(contract, given.api_keys, secrets))
    if given.auth is not None:
        if ":" not in given.auth:
            raise UsageError("--auth takes USER:PASSWORD")
        secrets[given.auth] = "TALLYSTICK_AUTH"
    if given.bearer is not None:
        secrets[given.bearer] = "TALLYSTICK_BEARER"
    schemes: dict[str, str] = {}
    for scheme in contract.security_schemes.values():
        value = {"basic": given.auth, "bearer": given.bearer, "apiKey": keys.get(scheme.id)}.get(kind_of(scheme))
        if value is not None:
            schemes[scheme.id] = value
    kinds = {kind_of(scheme) for scheme in contract.security_schemes.values()}
    if given.auth is not None and "basic" not in kinds:
        headers["Authorization"] = "Basic " + base64.b64encode(given.auth.encode()).decode()
    if given.bearer is not None and "bearer" not in kinds:
        headers["Authorization"] = f"Bearer {given.bearer}"
    names = {name.lower() for name in headers}
    covered = frozenset(s.id for s in contract.security_schemes.values() if s.id in schemes or _header_of(s) in names)
    return Credentials({**dict(_made_up(contract, covered)), **schemes}, headers, secrets, covered)


def _made_up(contract: Contract, given: frozenset[str]) -> Iterator[tuple[str, str]]:
    """Made-up credentials for each operation without given ones: for the first alternative that is possible."""
    for operation in contract:
        missing = [[scheme for scheme in required if scheme.id not in given] for required in operation.security]
        if all(missing):
            usable = (schemes for schemes in missing if all(kind_of(scheme) in USABLE for scheme in schemes))
            for scheme in next(usable, []):
                yield scheme.id, f"{MADE_UP}:{MADE_UP}" if kind_of(scheme) == "basic" else MADE_UP


def kind_of(scheme: SecurityScheme) -> str:
    """How a scheme is used on the wire: `basic`, `bearer`, `apiKey`, or the name of another HTTP scheme or type."""
    if scheme.kind in ("oauth2", "openIdConnect"):
        return "bearer"
    return scheme.scheme if scheme.kind == "http" else scheme.kind


def flag_for(scheme: SecurityScheme) -> str:
    """The flag that gives the credentials of a scheme."""
    match kind_of(scheme):
        case "basic":
            return "--auth USER:PASSWORD"
        case "bearer":
            return "--bearer TOKEN"
        case "apiKey":
            return f"--api-key {scheme.id}=KEY"
    return "-H 'Authorization: ...'"


def authorized(request: Request, operation: Operation | None, credentials: Credentials) -> Request:
    """A request with the header fields of a run, and with the credentials that an operation needs.

    What the request has already stays as it is. Of alternatives, the first one is met for which there is all.
    """
    added = dict(request.headers)
    query = request.query
    for name, value in credentials.headers.items():
        added.setdefault(name.lower(), value)
    for scheme in _met(operation, credentials) if operation is not None else ():
        kind, value = kind_of(scheme), credentials.schemes[scheme.id]
        match kind, scheme.location:
            case "basic", _:
                added.setdefault("authorization", "Basic " + base64.b64encode(value.encode()).decode())
            case "bearer", _:
                added.setdefault("authorization", f"Bearer {value}")
            case "apiKey", "header":
                added.setdefault(scheme.name.lower(), value)
            case "apiKey", "cookie":
                others = f"{added['cookie']}; " if added.get("cookie") else ""
                if f"{scheme.name}=" not in others:
                    added["cookie"] = f"{others}{scheme.name}={value}"
            case "apiKey", "query" if not any(field.partition("=")[0] == scheme.name for field in query.split("&")):
                query += ("&" if query else "") + f"{quote(scheme.name)}={quote(value, safe='')}"
    return request._replace(headers=tuple(added.items()), query=query)


def _met(operation: Operation, credentials: Credentials) -> Sequence[SecurityScheme]:
    """The schemes of the first security requirement for all of whose schemes there are credentials."""
    alternatives = (r for r in operation.security if all(scheme.id in credentials.schemes for scheme in r))
    return next(alternatives, ())


def _header_of(scheme: SecurityScheme) -> str:
    if kind_of(scheme) != "apiKey":
        return "authorization"
    return {"header": scheme.name.lower(), "cookie": "cookie"}.get(scheme.location, "")


def _headers(given: GivenCredentials, secrets: dict[str, str]) -> Iterator[tuple[str, str]]:
    for name, value in given.headers:
        if value and _SECRET_NAMES.search(name):
            secrets[value] = "TALLYSTICK_HEADER_" + re.sub(r"\W", "_", name.upper())
        yield name, value


def _keys(contract: Contract, given: Sequence[str], secrets: dict[str, str]) -> Iterator[tuple[str, str]]:
    schemes = [scheme.id for scheme in contract.security_schemes.values() if scheme.kind == "apiKey"]
    for text in given:
        name, equals, key = text.partition("=")
        if equals and name in schemes:
            secrets[key] = f"TALLYSTICK_API_KEY_{re.sub(r'[^A-Z0-9]', '_', name.upper())}"
            yield name, key
        elif not schemes:
            raise UsageError("--api-key: the contract has no security scheme of the type apiKey")
        else:
            secrets[text] = "TALLYSTICK_API_KEY"
            yield from ((name, text) for name in schemes)


def header_fields(lines: Iterable[str]) -> tuple[tuple[str, str], ...]:
    """Header fields from `Name: value` lines; raises `UsageError` for any other line."""
    fields = []
    for line in lines:
        name, colon, value = line.partition(":")
        if not colon or not re.fullmatch(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+", name.strip()):
            raise UsageError(f"-H takes 'Name: value', not {line!r}")
        fields.append((name.strip(), value.strip()))
    return tuple(fields)
