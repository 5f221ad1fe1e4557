"""A contract that exchanges are held to: those of any server, as clients in Python have them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import unquote

from tallystick.exchanges.bases import Bases
from tallystick.exchanges.recorded import Recorded
from tallystick.mock.problem import Problem
from tallystick.mock.routes import normal_base_path
from tallystick.mock.sessions import target_of
from tallystick.nouns.contract import Contract, Operation
from tallystick.nouns.exchange import Exchange
from tallystick.nouns.violation import Severity, Violation
from tallystick.nouns.words import nearest
from tallystick.rules.judge import judge
from tallystick.testing.clients import all_watched, watched_client
from tallystick.testing.seen import seen


class TestedContract:
    """A contract, and what exchanges break of it.

    A response is that of `requests`, of httpx, or whatever has `status_code`, `headers`, `content`, and a `request`
    with `method`, `url` and `headers`.
    """

    __test__ = False  # pytest would take it for a class of tests

    def __init__(self, contract: Contract, base_path: str = "") -> None:
        self.contract = contract
        self.bases = Bases(contract, [normal_base_path(base_path)])

    def client(self, target: Any) -> Any:
        """A client that raises `AssertionError` for each exchange that breaks the contract.

        The target is a client of httpx (or Starlette's and FastAPI's), requests, aiohttp, Flask or Django, a base URL,
        or an application (ASGI, or WSGI, as Flask's and Django's are). An invalid request breaks nothing as long as it
        is refused. What the contract has no operation for is not judged.
        """
        __tracebackhide__ = True
        return watched_client(target, self.hold)

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Judge each exchange of every client in this process while the block runs, as `client` does."""
        with all_watched(self.hold):
            yield

    def hold(self, recorded: Recorded) -> None:
        """Assert that an exchange keeps the contract, if it has an operation for it."""
        __tracebackhide__ = True
        violations = self.broken(recorded)
        if violations:
            raise AssertionError(_text(self.contract, recorded, violations))

    def broken(self, recorded: Recorded) -> list[Violation]:
        """What an exchange breaks: errors in the response, and in a request that was accepted all the same."""
        found = self.operation(recorded.exchange)
        return broken_by(*found, recorded) if found is not None else []

    def operation(self, exchange: Exchange) -> tuple[Operation, Exchange] | None:
        """The operation of an exchange, and the exchange with its path below the base path; None if there is none."""
        request = exchange.request
        target = target_of("", request.path, ("",))  # of a mock, whose path may name a session
        path = request.path if isinstance(target, Problem) else target.path
        found = self.bases.find(request.method, path, request)
        return (found[0], exchange._replace(request=request._replace(path=found[1]))) if found is not None else None

    def __contains__(self, response: object) -> bool:
        """Whether a response, or an exchange, and the request that it answers keep the contract."""
        exchange = response if isinstance(response, Exchange) else seen(response).exchange
        found = self.operation(exchange)
        return found is not None and not any(each.severity is Severity.ERROR for each in judge(*found))

    def check(self, response: Any) -> None:
        """Assert that a response and the request that it answers keep the contract; the error says where not."""
        __tracebackhide__ = True  # pytest shows the line of the test
        violations = [each for each in self.violations(response) if each.severity is Severity.ERROR]
        if violations:
            raise AssertionError(_text(self.contract, seen(response), violations))

    def violations(self, response: Any) -> list[Violation]:
        """Every violation of a response and of the request that it answers."""
        __tracebackhide__ = True
        exchange = response if isinstance(response, Exchange) else seen(response).exchange
        found = self.operation(exchange)
        if found is not None:
            return list(judge(*found))
        label = f"{exchange.request.method} {unquote(exchange.request.path)}"
        near = nearest(label, [operation.label for operation in self.contract], most=3)
        raise AssertionError(f"{self.contract.file} has no {label}" + (f"; near it: {', '.join(near)}" if near else ""))


def _text(contract: Contract, recorded: Recorded, violations: list[Violation]) -> str:
    from tallystick.testing.telling import broken_text  # only a broken contract needs it

    return broken_text(contract, recorded, violations)


def broken_by(operation: Operation, exchange: Exchange, recorded: Recorded) -> list[Violation]:
    """What an exchange breaks: errors in the response, and in a request that was accepted all the same."""
    status = exchange.response.status if exchange.response is not None else 0
    return [
        each
        for each in judge(operation, exchange)
        if each.severity is Severity.ERROR
        and (each.where.startswith("response") or status < 400)
        and (recorded.has_whole_request or not each.where.startswith("body"))
        and (recorded.has_whole_response or not each.where.startswith("response.body"))
    ]
