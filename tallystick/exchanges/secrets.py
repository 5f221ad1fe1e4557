"""Masks what nobody should read in an export: credentials and cookies."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import quote, quote_plus

from tallystick.nouns.contract import Contract
from tallystick.nouns.exchange import Exchange, Headers, Request
from tallystick.wire.values import decode

MASK = "***"

_CREDENTIALS = frozenset(("authorization", "proxy-authorization"))
_USUAL_KEYS = frozenset(("x-api-key", "api-key", "x-auth-token", "x-access-token"))
"""Header fields that have credentials where no contract says so."""
_URLS = frozenset(("location", "content-location", "link", "referer"))
"""Header fields that have URLs, which may repeat a query."""
_COOKIE = re.compile(r"(^|;\s*)([^=;]*)=[^;]*")
_FIRST_COOKIE = re.compile(r"^([^=;]*)=[^;]*")

_MEMBER = rb"(?:access|refresh|id|auth|session)?_?token|client_?secret|secret|password|passwd|api_?key"
_IN_JSON = re.compile(rb'("(?:' + _MEMBER + rb')"\s*:\s*)"(?:[^"\\]|\\.)*"', re.IGNORECASE)
_IN_FORM = re.compile(rb"((?:^|&)(?:" + _MEMBER + rb")=)[^&\s]*", re.IGNORECASE)


class Secrets:
    """Where the contracts have credentials: the names of header fields (in lower case) and of query fields."""

    def __init__(self, contracts: Iterable[Contract]) -> None:
        schemes = [scheme for contract in contracts for scheme in _schemes(contract)]
        self.headers = _CREDENTIALS | _USUAL_KEYS | {name.lower() for where, name in schemes if where == "header"}
        self.query = {"access_token", *(name for where, name in schemes if where == "query")}
        spellings = sorted({re.escape(written(name)) for name in self.query for written in (str, quote, quote_plus)})
        self._in_url = re.compile(rf"([?&](?:{'|'.join(spellings)})=)[^&#>\s]*")

    def header(self, name: str, value: str) -> str:
        """The value of a header field without its secrets."""
        if name in self.headers:
            scheme, blank, _ = value.partition(" ")
            return f"{scheme} {MASK}" if blank and name in _CREDENTIALS else MASK
        if name == "cookie":
            return _COOKIE.sub(rf"\1\2={MASK}", value)
        if name == "set-cookie":
            return _FIRST_COOKIE.sub(rf"\1={MASK}", value)
        return self._in_url.sub(rf"\1{MASK}", value) if name in _URLS else value

    def fields(self, headers: Headers) -> Headers:
        """Header fields without their secrets."""
        return tuple((name, self.header(name, value)) for name, value in headers)

    def in_query(self, query: str) -> str:
        """A raw query without the values of its secrets."""
        if not query:
            return query
        pieces = [piece.partition("=") for piece in query.split("&")]
        return "&".join(
            f"{name}={MASK}" if equals and decode(name, plus=True)[0] in self.query else f"{name}{equals}{value}"
            for name, equals, value in pieces
        )

    def request(self, request: Request) -> Request:
        """A request without its secrets; those in its body are told by the names of their members."""
        headers, query = self.fields(request.headers), self.in_query(request.query)
        return request._replace(headers=headers, query=query, body=in_body(request.body))

    def exchange(self, exchange: Exchange) -> Exchange:
        """An exchange without its secrets."""
        request, response = exchange
        if response is not None:
            response = response._replace(headers=self.fields(response.headers), body=in_body(response.body))
        return Exchange(self.request(request), response)

    def hides(self, where: str) -> bool:
        """Whether a place in a request (`header.X-Key`, `query.key`, `cookie.a`) has a secret."""
        location, _, name = where.partition(".")
        if location == "header":
            return name.lower() in self.headers or name.lower() in ("cookie", "set-cookie")
        return location == "cookie" or (location == "query" and name in self.query)


def in_body(body: bytes) -> bytes:
    """A body of JSON or of a form without the values of members that have credentials by their names."""
    return _IN_FORM.sub(rb"\1***", _IN_JSON.sub(rb'\1"***"', body))


def _schemes(contract: Contract) -> list[tuple[str, str]]:
    """Where the schemes of a contract have their keys, and the names there."""
    schemes = [*contract.security_schemes.values()]
    schemes += [scheme for operation in contract for requirement in operation.security for scheme in requirement]
    return [(scheme.location, scheme.name) for scheme in schemes if scheme.location]
