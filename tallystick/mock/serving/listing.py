"""What a mock serves, and where: a line and a curl line for each operation, and one to try first."""

from __future__ import annotations

import contextlib
import heapq
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from tallystick.examples.requests import example_request
from tallystick.examples.samples import Unsatisfiable
from tallystick.mock.routes import Route, Routes
from tallystick.nouns.contract import Contract, Operation
from tallystick.reports.curl import curl

_TRIED = 5
"""How many operations are tried for the curl line that comes first."""
CURL_LINES = 40
"""How many operations are listed with a curl line at start; writing one needs all schemas of its operation."""


class Where(NamedTuple):
    """Where a mock is found: its origin (`http://127.0.0.1:4010`), its base path, and the CA of its certificate."""

    origin: str
    base_path: str = ""
    ca_file: str = ""


def listing(contracts: Sequence[Contract], where: Where, most: int = CURL_LINES) -> Iterator[str]:
    """The lines that say what is served: for each operation its method, its URL and a curl line that works."""
    routes = Routes(contracts, where.base_path)
    shown = 0
    for contract in contracts:
        count = len(contract.operations)
        if not count:
            yield f"{contract.name}  {contract.file}: no operations"
            continue
        yield f"{contract.name}  {contract.file}"
        for operation in contract.operations[: max(most - shown, 0)]:
            yield from _lines(routes, contract, operation, where)
        left = count - max(most - shown, 0)
        shown += min(count, max(most - shown, 0))
        if left > 0:
            yield f"  ... and {left:,} more operations (all are served; --list shows them)"


def _lines(routes: Routes, contract: Contract, operation: Operation, where: Where) -> Iterator[str]:
    origin = where.origin + prefix_of(routes, contract, operation)
    yield f"  {operation.method:<7} {origin}{operation.path}"
    try:
        yield f"          {curl(example_request(operation), origin, ca_file=where.ca_file)}"
    except Unsatisfiable as error:
        yield f"          no valid request can be made: {error}"


def first_try(contracts: Sequence[Contract], where: Where) -> str:
    """A curl line to begin with: of a GET that needs the least, if there is one; "" where none can be made."""
    routes = Routes(contracts, where.base_path)
    operations = [(contract, operation) for contract in contracts for operation in contract]
    for contract, operation in heapq.nsmallest(_TRIED, operations, key=lambda each: _needs(each[1])):
        with contextlib.suppress(Unsatisfiable):
            origin = where.origin + prefix_of(routes, contract, operation)
            return curl(example_request(operation), origin, ca_file=where.ca_file)
    return ""


def _needs(operation: Operation) -> tuple[bool, bool, int]:
    """What a request for an operation needs; the less, the better it is for a first try."""
    required = sum(parameter.required for parameter in operation.parameters)
    is_open = not operation.security or () in operation.security
    return operation.method != "GET", operation.deprecated, required + (not is_open)


def prefix_of(routes: Routes, contract: Contract, operation: Operation) -> str:
    """What stands before an operation's path where it is served: the base path, and the contract's name if it must."""
    route = routes.find(operation.method, "", routes.base + operation.path)
    if isinstance(route, Route) and route.contract is contract:
        return routes.base
    return f"{routes.base}/{contract.name}"
