"""The middleware behind the routing, which calls the operation that a request is for.

It is connexion's own `RoutedMiddleware`, so an operation is found by key and called once.
"""

from __future__ import annotations

from collections.abc import Awaitable, Mapping

from connexion.middleware.abstract import RoutedAPI, RoutedMiddleware
from connexion.operations import AbstractOperation
from connexion.spec import Specification
from starlette.types import ASGIApp, Receive, Scope, Send

from tallystick.mock.gate import ROUTE, GatedOperation
from tallystick.nouns.contract import Operation


class GateAPI(RoutedAPI[GatedOperation]):  # type: ignore[misc]  # connexion has no types
    """The operations of one contract by their ids in the skeleton."""

    def __init__(self, specification: Specification, *, gated: Mapping[str, GatedOperation], **options: object) -> None:
        super().__init__(specification, **options)
        self.gated = gated
        self.add_paths()

    def make_operation(self, operation: AbstractOperation) -> GatedOperation:
        """connexion's operation of the skeleton, as ours of the contract."""
        return self.gated[operation.operation_id]


class Gate(RoutedMiddleware[GateAPI]):  # type: ignore[misc]  # connexion has no types
    """The middleware behind the routing: calls the operation that a request is for."""

    api_cls = GateAPI

    def __init__(self, app: ASGIApp) -> None:
        super().__init__(app)
        self.gated: dict[Operation, GatedOperation] = {}

    def add_api(self, specification: Specification, **options: object) -> GateAPI:
        """Have connexion build an API, and remember its operations."""
        api: GateAPI = super().add_api(specification, **options)
        self.gated.update((gated.operation, gated) for gated in api.operations.values())
        return api

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        if scope["type"] != "http":
            return self.app(scope, receive, send)  # type: ignore[no-any-return]  # connexion has no types
        return self.gated[scope[ROUTE].operation](scope, receive, send)
