"""Where the paths of a contract begin in those of requests, and which operation a path is of."""

from __future__ import annotations

from collections.abc import Iterable

from tallystick.nouns.contract import Contract, Operation
from tallystick.nouns.exchange import Request
from tallystick.wire.reading import operation_for


class Bases:
    """The base paths below which a contract may be served: some that are given, those of its servers, and the root."""

    def __init__(self, contract: Contract, given: Iterable[str] = ()) -> None:
        self.contract = contract
        servers = {server.base_path for each in contract for server in each.servers}
        self.paths = tuple(dict.fromkeys((*given, *sorted(servers, key=len, reverse=True), "")))

    def find(self, method: str, path: str, request: Request | None = None) -> tuple[Operation, str] | None:
        """The operation of a request, and its path as the contract has it; None where there is none."""
        for base in self.paths:
            if path == base or path.startswith(f"{base}/"):
                below = path[len(base) :] or "/"
                operation = operation_for(self.contract, method, below, request)
                if operation is not None:
                    return operation[0], below
        return None
