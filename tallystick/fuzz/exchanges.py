"""Exchanges from what Schemathesis sent and got, and what the judge says of them."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from requests.utils import default_headers
from schemathesis.core.transport import USER_AGENT

from tallystick.fuzz.claims import Verdict
from tallystick.nouns.contract import Contract, Operation
from tallystick.nouns.exchange import Exchange, Headers, Request, Response
from tallystick.rules.judge import judge

_CASE_ID = "x-schemathesis-testcaseid"
_CLIENT = frozenset(
    [(name.lower(), value) for name, value in default_headers().items()]
    + [("user-agent", USER_AGENT), ("user-agent", "testclient")]
)
"""Header fields that the client adds of itself: curl adds its own."""


def exchange_of(request: Any, response: Any) -> Exchange:
    """An exchange from a request (recorded by Schemathesis, or prepared by requests) and its response, or None."""
    parts = urlsplit(getattr(request, "uri", None) or str(request.url))
    body = request.body or b""
    sent = Request(
        method=_text(request.method),
        path=parts.path or "/",
        query=parts.query,
        headers=_headers(request),
        body=body.encode() if isinstance(body, str) else bytes(body),
    )
    if response is None:
        return Exchange(sent)
    fields = tuple((name.lower(), value) for name, values in response.headers.items() for value in values)
    return Exchange(sent, Response(response.status_code, fields, response.content or b""))


def _headers(request: Any) -> Headers:
    fields = (
        (_text(name).lower(), _text(value))
        for name, values in request.headers.items()
        for value in (values if isinstance(values, list) else [values])
    )
    return tuple(field for field in fields if field[0] != _CASE_ID)


def as_written(exchange: Exchange) -> Exchange:
    """An exchange without the header fields that nobody asked for, as a finding shows it."""
    fields = tuple(field for field in exchange.request.headers if field not in _CLIENT)
    return exchange._replace(request=exchange.request._replace(headers=fields))


def _text(value: Any) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)


def verdict_of(contract: Contract, exchange: Exchange, base_path: str, operation: Operation | None = None) -> Verdict:
    """What the judge says of an exchange whose path stands below the base path of the server that is fuzzed.

    `operation` is the one that the request was made for; without it the contract says which one it is for, if any.
    """
    request = exchange.request
    if base_path and request.path.startswith(base_path + "/"):
        request = request._replace(path=request.path[len(base_path) :])
    methods = contract.methods(request.path)
    if operation is None:
        found = contract.find(request.method, request.path)
        if found is None:
            return Verdict(None, exchange, methods=methods)
        operation = found[0]
    violations = judge(operation, Exchange(request, exchange.response))
    ours = tuple(violation for violation in violations if not violation.where.startswith("response."))
    theirs = tuple(violation for violation in violations if violation.where.startswith("response."))
    return Verdict(operation, exchange, ours, theirs, methods)
