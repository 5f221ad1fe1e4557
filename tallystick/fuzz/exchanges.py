"""Exchanges from the requests that a fuzz run sent and the responses that it got."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from urllib.parse import urlsplit

import requests
from requests.utils import default_headers

from tallystick.nouns import budgets
from tallystick.nouns.exchange import Exchange, Headers, Request, Response

_CASE_ID = "x-schemathesis-testcaseid"
_CLIENT_FIELDS = frozenset((name.lower(), value) for name, value in default_headers().items())
"""Header fields that the client adds by itself; curl adds others."""


def request_of(
    method: str, url: str, fields: Iterable[tuple[str | bytes, str | bytes]], body: str | bytes | None
) -> Request:
    """A request as it is on the wire, without the header field in which Schemathesis counts its cases."""
    parts = urlsplit(url)
    headers = ((_text(name).lower(), _text(value)) for name, value in fields)
    return Request(
        method=method,
        path=parts.path or "/",
        query=parts.query,
        headers=tuple(field for field in headers if field[0] != _CASE_ID),
        body=body.encode() if isinstance(body, str) else bytes(body or b""),
    )


def prepared_request(request: requests.PreparedRequest) -> Request:
    """The request that `requests` has prepared."""
    body = request.body
    assert body is None or isinstance(body, (str, bytes))  # no request of a run streams its body
    return request_of(_text(request.method or ""), str(request.url), request.headers.items(), body)


def response_of(status: int, headers: Mapping[str, Sequence[str]], content: bytes | None) -> Response:
    """A response whose header fields are listed by name."""
    return Response(status, _fields(headers), content or b"")


def _fields(headers: Mapping[str, Sequence[str]]) -> Headers:
    return tuple((name.lower(), value) for name, values in headers.items() for value in values)


def without_client_fields(exchange: Exchange) -> Exchange:
    """An exchange as a finding shows it: without the header fields that only the client added."""
    request = exchange.request
    fields = tuple(field for field in request.headers if field not in _CLIENT_FIELDS and not _names_client(field))
    return exchange._replace(request=request._replace(headers=fields))


def without_most_of_body(exchange: Exchange) -> Exchange:
    """An exchange as a finding keeps it: with the beginning of the response's body."""
    response = exchange.response
    if response is None or len(response.body) <= budgets.FUZZ_RECORDED_BYTES:
        return exchange
    return exchange._replace(response=response._replace(body=response.body[: budgets.FUZZ_RECORDED_BYTES]))


def _names_client(field: tuple[str, str]) -> bool:
    name, value = field
    return name == "user-agent" and (value == "testclient" or value.startswith("schemathesis/"))


def _text(value: str | bytes) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else value
