"""A contract that responses are held to: those of any server, as clients in Python have them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote, urlsplit

from tallystick.exchanges.bases import Bases
from tallystick.mock.problem import Problem
from tallystick.mock.routes import normal_base_path
from tallystick.mock.sessions import target_of
from tallystick.nouns.contract import Contract
from tallystick.nouns.exchange import Exchange, Request, Response
from tallystick.nouns.violation import Severity, Violation
from tallystick.nouns.words import nearest
from tallystick.rules.judge import judge


class TestedContract:
    """A contract, and what responses break of it.

    A response is that of `requests`, of httpx, or whatever has `status_code`, `headers`, `content`, and a `request`
    with `method`, `url` and `headers`.
    """

    __test__ = False  # pytest would take it for a class of tests

    def __init__(self, contract: Contract, base_path: str = "") -> None:
        self.contract = contract
        self.bases = Bases(contract, [normal_base_path(base_path)])

    def check(self, response: Any) -> None:
        """Assert that a response and the request that it answers keep the contract; the error says where not."""
        __tracebackhide__ = True  # pytest shows the line of the test
        violations = [each for each in self.violations(response) if each.severity is Severity.ERROR]
        if violations:
            request = response.request
            lines = [f"  {each.where}: {each.message} ({each.contract})" for each in violations]
            raise AssertionError(
                "\n".join([f"{request.method} {request.url} -> {response.status_code} breaks the contract:", *lines])
            )

    def violations(self, response: Any) -> list[Violation]:
        """Every violation of a response and of the request that it answers."""
        __tracebackhide__ = True
        request, answer = exchange_of(response)
        target = target_of("", request.path, ("",))  # of a mock, whose path may name a session
        request = request._replace(path=request.path if isinstance(target, Problem) else target.path)
        place = self.bases.find(request.method, request.path)
        if place is not None:
            operation, path = place
            return list(judge(operation, Exchange(request._replace(path=path), answer)))
        label = f"{request.method} {unquote(request.path)}"
        near = nearest(label, [operation.label for operation in self.contract], most=3)
        raise AssertionError(f"{self.contract.file} has no {label}" + (f"; near it: {', '.join(near)}" if near else ""))


def exchange_of(response: Any) -> Exchange:
    """The exchange of a response of a client."""
    sent = response.request
    url = urlsplit(str(sent.url))
    body = getattr(sent, "content", None) if hasattr(type(sent), "content") else getattr(sent, "body", None)
    request = Request(sent.method, url.path or "/", url.query, _fields(sent.headers), _bytes(body))
    headers = tuple(field for field in _fields(response.headers) if field[0] not in _DECODED)
    return Exchange(request, Response(response.status_code, headers, _bytes(response.content)))


_DECODED = ("content-encoding", "content-length", "transfer-encoding")
"""Header fields of what was sent; clients have undone the coding."""


def _fields(headers: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple((str(name).lower(), str(value)) for name, value in headers.items())


def _bytes(body: object) -> bytes:
    if isinstance(body, str):
        return body.encode()
    return bytes(body) if isinstance(body, bytes | bytearray) else b""
