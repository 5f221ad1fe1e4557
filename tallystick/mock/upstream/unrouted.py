"""What a contract lacks is passed on to the upstream, and told as such."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from time import perf_counter

from starlette.types import Receive, Scope, Send

from tallystick.mock.asgi import STATELESS, ClientGoneError, messages_of, query_of
from tallystick.mock.compat import Compat
from tallystick.mock.gate import SESSION
from tallystick.mock.gate_problems import break_off
from tallystick.mock.problem import Problem
from tallystick.mock.responders.examples import generated
from tallystick.mock.roles import Answered, Listener, Reply, tell
from tallystick.mock.sessions import OWN_PREFIX
from tallystick.mock.upstream.call import with_query
from tallystick.mock.upstream.errors import ClientLeftError, UpstreamError
from tallystick.mock.upstream.fields import has_come_back
from tallystick.mock.upstream.passage import SWITCHING, Passage, is_bodiless
from tallystick.mock.upstream.replies import (
    incoming,
    loop_problem,
    problem_of,
    reply_of,
    rewritten,
    tunnel_reply,
)
from tallystick.mock.upstream.upstream import Upstream
from tallystick.nouns import budgets
from tallystick.nouns.exchange import Exchange, Request

_BEGUN = "tallystick.begun"
"""The key in a scope that says that its response has begun."""


@dataclass(frozen=True, slots=True)
class Unrouted:
    """Passes on requests of no operation."""

    upstream: Upstream
    listeners: Sequence[Listener]
    compat: Compat | None
    rewrites: bool
    own_base: str
    """The base path of the proxy itself."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send, request: Request, problem: Problem) -> None:
        """Pass on a request; `problem` says why it is of no operation, its path is the one that is looked for."""
        started = perf_counter()
        query = scope["query_string"]
        request = request._replace(query=query_of(query))
        try:
            if has_come_back(scope["headers"], self.upstream.pseudonym):
                await self._send(scope, send, request, generated(loop_problem(self.upstream.address)), started)
                return
            path, base = request.path, self.upstream.address.base_path
            path = path if f"{path}/".startswith(f"{base}/") else base + path
            passage = Passage(self.upstream, scope, receive, with_query(path.encode(), query))
            try:
                await self._pass(passage, scope, send, request, problem, started)
            finally:
                await passage.end()
        except ClientGoneError:
            return
        except asyncio.CancelledError:
            if not scope.get(_BEGUN):
                await break_off(send)

    async def _pass(
        self, passage: Passage, scope: Scope, send: Send, request: Request, problem: Problem, started: float
    ) -> None:
        try:
            reply = incoming(await passage.head())
        except ClientLeftError:
            raise ClientGoneError from None
        except UpstreamError as failure:
            fact = f"{problem.detail}; it would be passed on to the upstream"
            failed = problem_of(failure, True)
            await self._send(
                scope, send, request, generated(replace(failed, detail=f"{fact}, but {failed.detail}")), started
            )
            return
        if reply.status == SWITCHING:
            scope[_BEGUN] = True
            try:
                await passage.tunnel(reply.head)
            finally:  # as for an operation
                given = tunnel_reply(passage, reply)
                self._tell(scope, request, replace(given, why=f"{problem.detail}; {given.why}"), started)
            return
        if self.rewrites:
            reply = rewritten(reply, self.upstream.address, scope, scope.get(OWN_PREFIX, self.own_base))
        error = None
        body: bytes | None = b""
        if not is_bodiless(scope["method"], reply.status):
            body = None
            if reply.length is not None and reply.length <= budgets.UPSTREAM_HELD_BYTES:
                body = await passage.short_body(budgets.UPSTREAM_HELD_BYTES, budgets.UPSTREAM_HELD_SECONDS)
        scope[_BEGUN] = True
        await send(reply.start())
        if body is None:
            error = await passage.stream(send)
            body = passage.received.body
        else:
            await send({"type": "http.response.body", "body": body, "trailers": passage.trailers})
        await passage.end()
        given = reply_of(passage, reply, body, error)
        given = replace(given, why=f"{problem.detail}; passed on: {given.why}")
        self._tell(scope, request._replace(body=passage.sent.body), given, started)

    async def _send(self, scope: Scope, send: Send, request: Request, reply: Reply, started: float) -> None:
        if self.compat is not None:
            reply = self.compat.unrouted(reply)
        for message in messages_of(reply, request.method == "HEAD", STATELESS):
            await send(message)
        self._tell(scope, request, reply, started)

    def _tell(self, scope: Scope, request: Request, reply: Reply, started: float) -> None:
        response = reply.response._replace(body=b"") if request.method == "HEAD" else reply.response
        session, scheme, seconds = scope.get(SESSION, ""), scope.get("scheme", "http"), perf_counter() - started
        tell(
            self.listeners,
            Answered(None, Exchange(request, response), (), seconds, reply.why, session, reply, scheme),
        )
