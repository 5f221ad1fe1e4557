"""Finds the contract, the operation and the session of each request, and answers what is of no operation."""

from __future__ import annotations

from collections.abc import Awaitable, Sequence
from dataclasses import replace
from time import perf_counter
from typing import TYPE_CHECKING

from connexion.middleware.abstract import SpecMiddleware
from connexion.spec import Specification
from starlette.types import ASGIApp, Receive, Scope, Send

from tallystick.examples.pictures import PICTURES
from tallystick.mock.asgi import STATELESS, ReadHeaders, headers_of, messages_of, path_of, query_of
from tallystick.mock.compat import Compat
from tallystick.mock.control.application import Control
from tallystick.mock.dates import dated
from tallystick.mock.faults import HEADER as FAULT
from tallystick.mock.gate import HEADERS, ROUTE, SESSION
from tallystick.mock.pictures import picture_reply
from tallystick.mock.problem import Problem
from tallystick.mock.responders.examples import generated
from tallystick.mock.roles import Answered, Listener, Reply, tell
from tallystick.mock.routes import Route, Routes
from tallystick.mock.sessions import MARK, OWN_PREFIX, are_marks_paths, target_of
from tallystick.nouns.exchange import Exchange, Request, Response

if TYPE_CHECKING:
    from tallystick.mock.clock import Clock
    from tallystick.mock.upstream.unrouted import Unrouted

_NO_BASES: tuple[str, ...] = ()


def _meant(route: Route, scope: Scope, headers: ReadHeaders) -> Route:
    """The route that a request means, of those of one path."""
    return route.meant_by(Request(scope["method"], route.path, query_of(scope["query_string"]), headers.fields))


class Routing(SpecMiddleware):  # type: ignore[misc]  # connexion has no types
    """Finds the contract and the operation of each request by key, and leaves them and its headers in the scope.

    A middleware that only passes a request on is a plain function, since one more coroutine would cost time.
    """

    def __init__(
        self,
        app: ASGIApp,
        routes: Routes,
        listeners: Sequence[Listener],
        compat: Compat | None,
        control: Control | None,
        clock: Clock,
        unrouted: Unrouted | None = None,
    ) -> None:
        self.app = app
        self.compat = compat
        self.routes = routes
        self.listeners = listeners
        self.bases = tuple(dict.fromkeys(("", routes.base)))
        self.control = control
        self.unrouted = unrouted
        self.clock, self.clock_changes = clock, clock.changes
        beginnings = control.paths.beginnings if control is not None else ()
        self.special = (PICTURES, *beginnings, *(base + MARK for base in self.bases))
        """What paths begin with that are not looked for in the contracts as they are."""
        self.are_marks_paths = are_marks_paths(routes.contracts)

    def add_api(self, specification: Specification, **options: object) -> None:
        """Nothing to add: the routes come from the contracts themselves."""

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        if scope["type"] != "http":
            return self.app(scope, receive, send)
        if self.clock_changes[0]:
            send = dated(self.clock, scope, send)
        headers = scope[HEADERS] = headers_of(scope)
        path = path_of(scope)
        if headers.session or path.startswith(self.special):
            return self._in_session(scope, receive, send, headers, path)
        route = self.routes.find(scope["method"], headers.host, path, scope.get("scheme", "http"))
        if isinstance(route, Problem):
            return self._without_route(scope, receive, send, route, Request(scope["method"], path, "", headers.fields))
        scope[ROUTE] = route if not route.marked else _meant(route, scope, headers)
        return self.app(scope, receive, send)

    def _in_session(
        self, scope: Scope, receive: Receive, send: Send, headers: ReadHeaders, path: str
    ) -> Awaitable[None]:
        """Answer a request that names a session, or is for no contract."""
        method, bases = scope["method"], _NO_BASES
        if path.startswith(self.special):
            if path.startswith(PICTURES):
                return self._draw(scope, send, Request(method, path, "", headers.fields))
            if self.control is not None and (called := self.control.paths.target(path)) is not None:
                return self.control(scope, receive, send, called)
            is_own = self.are_marks_paths and isinstance(self.routes.find(method, headers.host, path), Route)
            bases = _NO_BASES if is_own else self.bases
        target = target_of(headers.session, path, bases)
        if isinstance(target, Problem):
            return self._refuse(scope, send, target, Request(method, path, "", headers.fields))
        scope[SESSION] = target.session
        mark = target.before + target.mark
        if target.mark:
            scope[OWN_PREFIX] = mark if target.before else mark + self.routes.base
        route = self.routes.find(method, headers.host, target.path, scope.get("scheme", "http"), mark)
        if isinstance(route, Problem):
            return self._without_route(
                scope, receive, send, route, Request(method, path, "", headers.fields), target.path
            )
        if route.marked:
            route = _meant(route, scope, headers)
        if target.mark:
            route = route._replace(prefix=mark + route.prefix[len(target.before) :])
        scope[ROUTE] = route
        return self.app(scope, receive, send)

    def _without_route(
        self, scope: Scope, receive: Receive, send: Send, problem: Problem, request: Request, path: str = ""
    ) -> Awaitable[None]:
        """Answer a request of no operation: by an upstream, where there is one, without a session and our base path."""
        if self.unrouted is None or request.path == "*":
            return self._refuse(scope, send, problem, request)
        path, base = path or request.path, self.routes.base
        if base and f"{path}/".startswith(f"{base}/"):
            path = path[len(base) :] or "/"
        return self.unrouted(scope, receive, send, request._replace(path=path), problem)

    def _for_the_server(self) -> Reply:
        """The reply to `OPTIONS *`, which asks for no path: the methods of all operations."""
        methods = {operation.method for contract in self.routes.contracts for operation in contract}
        return Reply(Response(204, (("allow", ", ".join(sorted(methods))),)), "the methods of all operations")

    async def _refuse(self, scope: Scope, send: Send, problem: Problem, request: Request) -> None:
        started = perf_counter()
        if any(name == FAULT for name, _ in request.headers):
            problem = replace(problem, detail=f"{problem.detail}; {FAULT} is for requests that reach an operation")
        reply = self._for_the_server() if request.path == "*" else generated(problem)
        if self.compat is not None:
            reply = self.compat.unrouted(reply)
        await self._send(scope, send, reply, request, started)

    async def _draw(self, scope: Scope, send: Send, request: Request) -> None:
        started = perf_counter()
        reply = picture_reply(request._replace(query=query_of(scope["query_string"])))
        await self._send(scope, send, reply, request, started)

    async def _send(self, scope: Scope, send: Send, reply: Reply, request: Request, started: float) -> None:
        """Send a reply that is of no operation, and tell the listeners of it."""
        is_head = request.method == "HEAD"
        for message in messages_of(reply, is_head, STATELESS):
            await send(message)
        if self.listeners:
            request = request._replace(query=query_of(scope["query_string"]))
            response = reply.response._replace(body=b"") if is_head else reply.response
            seconds = perf_counter() - started
            exchange = Exchange(request, response)
            session, scheme = scope.get(SESSION, ""), scope.get("scheme", "http")
            tell(self.listeners, Answered(None, exchange, (), seconds, reply.why, session, reply, scheme))
