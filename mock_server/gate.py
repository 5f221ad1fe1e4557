"""The gate: an ASGI request becomes an `Exchange`, is judged, and is answered or refused.

Its middleware is connexion's own `RoutedMiddleware`, so an operation is found by key and called once.
"""

from __future__ import annotations

import os
import string
from typing import Any
from urllib.parse import quote

from connexion.middleware.abstract import RoutedAPI, RoutedMiddleware

from mock_server.credentials import are_refused
from mock_server.problem import Problem, respond, violations_header
from mock_server.reply import Replies, Reply, wish_of
from mock_server.routes import Route
from mock_server.state import Deletions
from tallystick.judge import judge_reading
from tallystick.model import Exchange, Headers, Operation, Request, Severity, Violation
from tallystick.reading import Reading
from tallystick.rules.security import challenge

ROUTE = "tallystick.route"
"""The key in an ASGI scope under which the routing leaves the `Route` that it found."""

KIND = "tallystick-mock"
"""The response header that says that a mock answered, and whether it keeps state."""

BODY_BYTES = 64 * 2**20
"""The largest body of a request that is read."""

_BODILESS = frozenset(("GET", "HEAD", "DELETE", "OPTIONS", "TRACE"))
"""The methods whose requests have no body where no field says that one comes (RFC 9110, section 9.3)."""

Scope = dict[str, Any]


class TooLargeError(Exception):
    """The body of a request is larger than what is read."""


def headers_of(scope: Scope) -> Headers:
    """The header fields of an ASGI request; ASGI has their names in lower case already."""
    return tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"])


def accept_of(headers: Headers) -> str:
    """The `Accept` of a request, several fields of it joined."""
    return ", ".join(value for name, value in headers if name == "accept")


def target_of(raw: bytes) -> str:
    """A path or query as a request noun has it: bytes beyond ASCII, which some clients send, in percent-encoding."""
    return raw.decode() if raw.isascii() else quote(raw, safe=string.printable)


async def body_of(receive: Any) -> bytes:
    """The whole body of an ASGI request; `TooLargeError` beyond `BODY_BYTES`."""
    chunks: list[bytes] = []
    size, more = 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            break
        chunk = message.get("body", b"")
        size += len(chunk)
        if size > BODY_BYTES:
            raise TooLargeError
        chunks.append(chunk)
        more = message.get("more_body", False)
    return chunks[0] if len(chunks) == 1 else b"".join(chunks)


Fields = tuple[tuple[bytes, bytes], ...]
"""Header fields as an ASGI server takes them."""


STATELESS: Fields = ((KIND.encode(), b"stateless"),)
STATEFUL: Fields = ((KIND.encode(), b"stateful"),)


async def send_reply(send: Any, reply: Reply, head: bool, extra: Fields = ()) -> None:
    """Sends a reply; one to HEAD has the headers of its body and not the body itself."""
    fields = [*reply.fields, *extra]  # a list of its own: what stands outside may add to it
    await send({"type": "http.response.start", "status": reply.response.status, "headers": fields})
    await send({"type": "http.response.body", "body": b"" if head else reply.response.body})


def _told(violations: list[Violation]) -> Fields:
    return tuple((name.encode(), value.encode()) for name, value in violations_header(violations))


def may_have_body(scope: Scope) -> bool:
    """Whether a body may come with an ASGI request: its method gives one a meaning, or a field says so."""
    if scope["method"] not in _BODILESS:
        return True
    return any(name in (b"content-length", b"transfer-encoding") for name, _ in scope["headers"])


class GatedOperation:
    """One operation behind the gate: an ASGI application that judges and answers its requests."""

    def __init__(self, operation: Operation, deletions: Deletions | None = None) -> None:
        self.operation = operation
        self.replies = Replies(operation)
        self.deletions = deletions
        self.deletes = operation.method == "DELETE" and operation.path.endswith("}")
        self.can_be_gone = deletions is not None and operation.response_for(404) is not None
        self.kind = STATEFUL if self.can_be_gone else STATELESS

    async def __call__(self, scope: Scope, receive: Any, send: Any) -> None:
        head = scope["method"] == "HEAD"
        route: Route = scope[ROUTE]
        try:
            body = await body_of(receive) if may_have_body(scope) else b""
        except TooLargeError:
            problem = Problem(413, f"the body is larger than {BODY_BYTES:,} bytes", headers=(("connection", "close"),))
            await send_reply(send, self.replies.refuse(problem, accept_of(headers_of(scope))), head)
            return
        request = Request(scope["method"], route.path, target_of(scope["query_string"]), headers_of(scope), body)
        try:
            reply, violations = self.answer(request, route.parts)
        except Exception as error:  # the last resort: the client is told, and the server goes on
            if os.environ.get("TALLYSTICK_DEBUG"):
                raise
            detail = f"a fault of tallystick itself: {type(error).__name__}: {error}; please report it"
            reply, violations = Reply(respond(Problem(500, detail))), []
        await send_reply(send, reply, head, self.kind + _told(violations) if violations else self.kind)

    def answer(self, request: Request, parts: tuple[str, ...] | None = None) -> tuple[Reply, list[Violation]]:
        """The reply to a request, and the violations that it tells: those of the request, and any of its own.

        `parts` are those of its path that stand for names, where they are known.
        """
        reading = Reading(self.operation, Exchange(request), parts)
        violations = judge_reading(reading)
        accept = reading.headers.get("accept", "")
        if violations and any(violation.severity is Severity.ERROR for violation in violations):
            reply = self.replies.refuse(self.refusal(violations), accept)
            return reply, [*violations, *reply.violations]
        if self.operation.security and are_refused(self.operation, request):
            header = (("www-authenticate", challenge(self.operation.security)),)
            problem = Problem(401, "the credentials say that they are invalid, so they are refused", headers=header)
            return self.replies.refuse(problem, accept), violations
        if self.deletions is not None and self.can_be_gone and self.deletions.is_gone(request):
            gone = Problem(404, f"{request.path} was deleted; creating it again brings it back")
            return self.replies.refuse(gone, accept), violations
        made = self.replies.answer(wish_of(reading.headers.get("prefer", "")), accept)
        if isinstance(made, Problem):
            made = self.replies.refuse(made, accept) if made.status == 406 else Reply(respond(made))
        if self.deletions is not None:
            self.deletions.note(request, made.response, self.deletes)
        return made, [*violations, *made.violations] if made.violations else violations

    def refusal(self, violations: list[Violation]) -> Problem:
        """The status and sentence with which a request is refused for its violations."""
        rules = {violation.rule for violation in violations}
        count = f"{len(violations)} violation{'s' if len(violations) > 1 else ''} of the contract"
        if rules & {"credentials-missing", "credentials-malformed"}:
            header = (("www-authenticate", challenge(self.operation.security)),)
            first = next(v for v in violations if v.rule.startswith("credentials-"))
            return Problem(401, f"{first.message}", violations, headers=header)
        if "body-media-type" in rules:
            first = next(v for v in violations if v.rule == "body-media-type")
            return Problem(415, first.message, violations)
        return Problem(self.refusing_status(), f"the request has {count}", violations)

    def refusing_status(self) -> int:
        """The status that refuses an invalid request: the documented 422 or 400, else 422."""
        documented = {response.status for response in self.operation.responses}
        return 400 if "400" in documented and "422" not in documented else 422


class GateAPI(RoutedAPI[GatedOperation]):  # type: ignore[misc]  # connexion has no types
    """The operations of one contract by their ids in the skeleton."""

    def __init__(
        self,
        specification: Any,
        *args: Any,
        operations: dict[str, Operation],
        deletions: Deletions | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(specification, *args, **kwargs)
        self.known = operations
        self.deletions = deletions
        self.add_paths()

    def make_operation(self, operation: Any) -> GatedOperation:
        """connexion's operation of the skeleton, as ours of the contract."""
        return GatedOperation(self.known[operation.operation_id], self.deletions)


class Gate(RoutedMiddleware[GateAPI]):  # type: ignore[misc]  # connexion has no types
    """The middleware behind the routing: calls the operation that a request is for."""

    api_cls = GateAPI
