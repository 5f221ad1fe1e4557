"""The judge's verdict on an exchange of a fuzz run."""

from __future__ import annotations

from dataclasses import dataclass

from tallystick.nouns.contract import Contract, Operation
from tallystick.nouns.exchange import Exchange
from tallystick.nouns.violation import Violation
from tallystick.rules.judge import judge


@dataclass(frozen=True, slots=True)
class Verdict:
    """The violations of an exchange; `operation` is None if the contract has none for the request."""

    operation: Operation | None
    exchange: Exchange
    request: tuple[Violation, ...] = ()
    response: tuple[Violation, ...] = ()
    methods: tuple[str, ...] = ()
    """The methods that the contract has for the path, in any path template."""

    @property
    def status(self) -> int:
        return self.exchange.response.status if self.exchange.response is not None else 0


def verdict_of(contract: Contract, exchange: Exchange, base_path: str, operation: Operation | None = None) -> Verdict:
    """The verdict on an exchange whose path stands below the base path of the server that is fuzzed.

    `operation` is the one that is called; without it, the contract says which one that is, if any.
    """
    request = exchange.request
    if base_path and request.path.startswith(base_path + "/"):
        request = request._replace(path=request.path[len(base_path) :])
    methods = contract.methods(request.path)
    if operation is None:
        match = contract.find(request.method, request.path)
        if match is None:
            return Verdict(None, exchange, methods=methods)
        operation = match[0]
    violations = judge(operation, Exchange(request, exchange.response))
    of_request = tuple(violation for violation in violations if not violation.where.startswith("response."))
    of_response = tuple(violation for violation in violations if violation.where.startswith("response."))
    return Verdict(operation, exchange, of_request, of_response, methods)
