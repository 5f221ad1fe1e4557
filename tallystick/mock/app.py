"""The connexion application: contracts in, an ASGI application out.

connexion is given a skeleton of each contract: paths, methods and operation ids, and nothing that it would judge.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any
from urllib.parse import quote

from connexion.middleware.abstract import SpecMiddleware
from connexion.middleware.main import ConnexionMiddleware
from connexion.resolver import Resolution, Resolver
from starlette.middleware.cors import CORSMiddleware

from tallystick.mock.gate import HEADERS, KIND, ROUTE, STATELESS, Gate, Scope, headers_of, send_reply, target_of
from tallystick.mock.problem import HEADER, Problem, respond
from tallystick.mock.request_lines import Journal
from tallystick.mock.responders.examples import Reply
from tallystick.mock.responders.stateful import Deletions
from tallystick.mock.routes import Routes
from tallystick.nouns.contract import Contract, Operation
from tallystick.nouns.errors import UsageError

_SKELETON_METHODS = frozenset(("GET", "PUT", "POST", "DELETE", "OPTIONS", "HEAD", "PATCH", "TRACE"))


def create_app(
    contracts: Sequence[Contract],
    cors: bool = True,
    stateful: bool = False,
    log: Callable[[str, int, list[str]], None] | None = None,
) -> ConnexionMiddleware:
    """The mock of some contracts, as an ASGI application; `cors` lets pages of any origin call it.

    Where it is `stateful`, what was deleted is gone: where a 404 is documented, a request for it gets
    that until it is created again.
    `log` is told each exchange: its request line, its status and its violations (see
    `tallystick.mock.request_lines`). Raises `UsageError` where two contracts have one name.
    """
    by_name: dict[str, Contract] = {}
    for contract in contracts:
        other = by_name.setdefault(contract.name, contract)
        if other is not contract:
            raise UsageError(
                f"{other.file} and {contract.file} are both named {contract.name!r}, which is where they would be "
                "served; rename one of the files"
            )
    middlewares: list[Any] = [partial(Routing, routes=Routes(contracts)), Gate]
    if cors:
        middlewares.insert(
            0,
            partial(
                CrossOrigin,
                allow_origin_regex=".*",
                allow_methods=["*"],
                allow_headers=["*"],
                allow_credentials=True,
                expose_headers=["*", HEADER, KIND, "Location", "Link", "WWW-Authenticate", "Allow"],
            ),
        )
    if log is not None:
        middlewares.insert(0, partial(Journal, log=log))
    app = ConnexionMiddleware(unrouted, import_name="tallystick.mock", middlewares=middlewares, resolver=Unresolved())
    for contract in contracts:
        operations = {operation_key(operation): operation for operation in contract}
        deletions = Deletions() if stateful else None
        base_path = f"/{contract.name}"
        app.add_api(skeleton(contract), base_path=base_path, operations=operations, deletions=deletions)
    return app


def operation_key(operation: Operation) -> str:
    """What an operation is known by in the skeleton: the contract's own ids may be missing, or there twice."""
    return operation.label


def skeleton(contract: Contract) -> dict[str, Any]:
    """A contract without all but its paths, methods and operation ids, as an OpenAPI 3.0 document."""
    paths: dict[str, dict[str, Any]] = {}
    for number, operation in enumerate(contract):
        stub = {"operationId": operation_key(operation), "responses": {"default": {"description": ""}}}
        if operation.method in _SKELETON_METHODS:
            paths.setdefault(operation.path, {})[operation.method.lower()] = stub
        else:  # a method that connexion does not know has a path of its own here; our routing leads to it
            paths[f"/{number}/{operation.method}"] = {"post": stub}
    return {"openapi": "3.0.3", "info": {"title": contract.title, "version": ""}, "paths": paths}


class CrossOrigin(CORSMiddleware):
    """Starlette's answer to pages of other origins, off the path of requests that no page sends."""

    def __call__(self, scope: Any, receive: Any, send: Any) -> Any:
        if scope["type"] == "http" and b"origin" in dict(scope["headers"]):
            return super().__call__(scope, receive, send)
        return self.app(scope, receive, send)


class Unresolved(Resolver):  # type: ignore[misc]  # connexion has no types
    """Gives connexion no Python function for an operation: the gate answers."""

    def resolve(self, operation: Any) -> Resolution:
        return Resolution(None, operation.operation_id)


class Routing(SpecMiddleware):  # type: ignore[misc]  # connexion has no types
    """Finds the contract and the operation of each request by key, and leaves them and its headers in the scope.

    It and the others that only pass a request on do so by a plain call, and not by a coroutine that awaits another.
    """

    def __init__(self, app: Any, routes: Routes) -> None:
        self.app = app
        self.routes = routes

    def add_api(self, specification: Any, **kwargs: Any) -> None:
        """Nothing to add: the routes come from the contracts themselves."""

    def __call__(self, scope: Scope, receive: Any, send: Any) -> Any:
        if scope["type"] != "http":
            return self.app(scope, receive, send)
        try:
            headers = scope[HEADERS] = headers_of(tuple(scope["headers"]))
        except TypeError:  # the fields are lists, as some servers have them
            headers = scope[HEADERS] = headers_of(tuple(map(tuple, scope["headers"])))
        path = scope.get("raw_path") or quote(scope["path"]).encode()
        found = self.routes.find(scope["method"], headers.host, target_of(path))
        if isinstance(found, Problem):
            return send_reply(send, Reply(respond(found)), scope["method"] == "HEAD", STATELESS)
        scope[ROUTE] = found
        return self.app(scope, receive, send)


async def unrouted(scope: Scope, receive: Any, send: Any) -> None:
    """What stands behind the gate: only what is no HTTP request gets here."""
    if scope["type"] == "lifespan":
        while (message := await receive())["type"] == "lifespan.startup":
            await send({"type": "lifespan.startup.complete"})
        await send({"type": message["type"] + ".complete"})
    elif scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.close", "code": 1008})
