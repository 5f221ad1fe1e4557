"""The gate: an ASGI request becomes an `Exchange`, is judged, and is answered or refused.

Its middleware is connexion's own `RoutedMiddleware`, so an operation is found by key and called once.
"""

from __future__ import annotations

import os
import string
from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Any, NamedTuple
from urllib.parse import quote

from connexion.middleware.abstract import RoutedAPI, RoutedMiddleware

from tallystick.mock.credentials import says_invalid
from tallystick.mock.problem import Problem, respond, violations_header
from tallystick.mock.responders.examples import NO_WISH, Replies, Reply, wish_of
from tallystick.mock.responders.stateful import Deletions
from tallystick.mock.routes import Route
from tallystick.nouns.contract import Operation
from tallystick.nouns.exchange import Exchange, Headers, Request
from tallystick.nouns.violation import Severity, Violation
from tallystick.nouns.words import counted
from tallystick.rules.exchange.security import challenge
from tallystick.rules.judge import judge_reading
from tallystick.wire.reading import Reading, headers_by_name

ROUTE, HEADERS = "tallystick.route", "tallystick.headers"
"""The keys in an ASGI scope under which the routing leaves the `Route` that it found, and the `ReadHeaders`."""

KIND = "tallystick-mock"
"""The response header that says that a mock answered, and whether it keeps state."""

BODY_BYTES = 64 * 2**20
"""The largest body of a request that is read."""

_BODILESS = frozenset(("GET", "HEAD", "DELETE", "OPTIONS", "TRACE"))
"""The methods whose requests have no body where no field says that one comes (RFC 9110, section 9.3)."""

Scope = dict[str, Any]

Fields = tuple[tuple[bytes, bytes], ...]
"""Header fields as an ASGI server gives and takes them."""


class TooLargeError(Exception):
    """The body of a request is larger than what is read."""


class ReadHeaders(NamedTuple):
    """The header fields of a request, in order and by name, and the `Host` in lower case."""

    fields: Headers
    by_name: Mapping[str, str]
    host: str


@lru_cache(maxsize=256)
def headers_of(fields: Fields) -> ReadHeaders:
    """The header fields of an ASGI request; ASGI has their names in lower case already.

    What was made of the last ones is kept: a client sends much the same fields with each of its requests.
    """
    headers = tuple([(name.decode("latin-1"), value.decode("latin-1")) for name, value in fields])
    named = headers_by_name(headers)
    return ReadHeaders(headers, MappingProxyType(named), named.get("host", "").partition(",")[0].lower())


def target_of(raw: bytes) -> str:
    """A path or query as a request noun has it: bytes beyond ASCII, which some clients send, in percent-encoding."""
    return raw.decode() if raw.isascii() else quote(raw, safe=string.printable)


async def body_of(receive: Any) -> bytes:
    """The whole body of an ASGI request; `TooLargeError` beyond `BODY_BYTES`."""
    message = await receive()
    body: bytes = message.get("body", b"")
    if len(body) > BODY_BYTES:
        raise TooLargeError
    if not message.get("more_body", False):
        return body
    chunks, size = [body], len(body)
    while message.get("more_body", False):
        message = await receive()
        chunks.append(message.get("body", b""))
        size += len(chunks[-1])
        if size > BODY_BYTES:
            raise TooLargeError
    return b"".join(chunks)


STATELESS: Fields = ((KIND.encode(), b"stateless"),)
STATEFUL: Fields = ((KIND.encode(), b"stateful"),)


async def send_reply(send: Any, reply: Reply, head: bool, extra: Fields = ()) -> None:
    """Sends a reply; one to HEAD has the headers of its body and not the body itself."""
    response = reply.response
    await send({"type": "http.response.start", "status": response.status, "headers": reply.fields + extra})
    await send({"type": "http.response.body", "body": b"" if head else response.body})


def _told(violations: list[Violation]) -> Fields:
    return tuple((name.encode(), value.encode()) for name, value in violations_header(violations))


class GatedOperation:
    """One operation behind the gate: an ASGI application that judges and answers its requests."""

    def __init__(self, operation: Operation, deletions: Deletions | None = None) -> None:
        self.operation = operation
        self.replies = Replies(operation)
        self.says_invalid = says_invalid(operation)
        self.deletions = deletions
        self.deletes = operation.method == "DELETE" and operation.path.endswith("}")
        self.can_be_gone = deletions is not None and operation.response_for(404) is not None
        self.kind = STATEFUL if self.can_be_gone else STATELESS

    async def __call__(self, scope: Scope, receive: Any, send: Any) -> None:
        route: Route = scope[ROUTE]
        method, query, body = scope["method"], scope["query_string"], b""
        headers, named, _ = scope[HEADERS]
        if method not in _BODILESS or "content-length" in named or "transfer-encoding" in named:
            try:
                body = await body_of(receive)
            except TooLargeError:
                detail = f"the body is larger than {BODY_BYTES:,} bytes"
                problem = Problem(413, detail, headers=(("connection", "close"),))
                await send_reply(send, self.replies.refuse(problem, named.get("accept", "")), method == "HEAD")
                return
        request = Request(method, route.path, target_of(query) if query else "", headers, body)
        try:
            reply, violations = self.answer(Reading(self.operation, Exchange(request), route.parts, named))
        except Exception as error:  # the last resort: the client is told, and the server goes on
            if os.environ.get("TALLYSTICK_DEBUG"):
                raise
            detail = f"a fault of tallystick itself: {type(error).__name__}: {error}; please report it"
            reply, violations = Reply(respond(Problem(500, detail))), []
        extra = self.kind + _told(violations) if violations else self.kind
        await send_reply(send, reply, method == "HEAD", extra)

    def answer(self, reading: Reading) -> tuple[Reply, list[Violation]]:
        """The reply to a request, and the violations that it tells: those of the request, and any of its own."""
        violations = judge_reading(reading)
        headers = reading.headers
        accept = headers.get("accept", "")
        if violations and any(violation.severity is Severity.ERROR for violation in violations):
            reply = self.replies.refuse(self.refusal(violations), accept)
            return reply, [*violations, *reply.violations]
        if self.says_invalid is not None and self.says_invalid(reading):
            header = (("www-authenticate", challenge(self.operation.security)),)
            problem = Problem(401, "the credentials say that they are invalid, so they are refused", headers=header)
            return self.replies.refuse(problem, accept), violations
        if self.deletions is not None and self.can_be_gone and self.deletions.is_gone(reading.request):
            gone = Problem(404, f"{reading.request.path} was deleted; creating it again brings it back")
            return self.replies.refuse(gone, accept), violations
        made = self.replies.answer(wish_of(headers["prefer"]) if "prefer" in headers else NO_WISH, accept)
        if isinstance(made, Problem):
            made = self.replies.refuse(made, accept) if made.status == 406 else Reply(respond(made))
        if self.deletions is not None:
            self.deletions.note(reading.request, made.response, self.deletes)
        return made, [*violations, *made.violations] if made.violations else violations

    def refusal(self, violations: list[Violation]) -> Problem:
        """The status and sentence with which a request is refused for its violations."""
        rules = {violation.rule for violation in violations}
        count = f"{counted(len(violations), 'violation')} of the contract"
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

    def __init__(self, app: Any) -> None:
        super().__init__(app)
        self.gated: dict[Operation, GatedOperation] = {}

    def add_api(self, specification: Any, **kwargs: Any) -> GateAPI:
        """connexion's making of an API, whose operations are known from here on."""
        api: GateAPI = super().add_api(specification, **kwargs)
        self.gated.update((gated.operation, gated) for gated in api.operations.values())
        return api

    def __call__(self, scope: Scope, receive: Any, send: Any) -> Any:
        if scope["type"] != "http":
            return self.app(scope, receive, send)
        return self.gated[scope[ROUTE].operation](scope, receive, send)
