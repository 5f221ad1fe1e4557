"""The gate before an operation: judges a request, refuses or answers it, judges the reply, and calls the listeners."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from time import perf_counter, time
from typing import TYPE_CHECKING, Literal

from starlette.types import Message, Receive, Scope, Send

from tallystick.mock.again import Again, Known, Recognition
from tallystick.mock.asgi import (
    STATELESS,
    ClientGoneError,
    ReadHeaders,
    TooLargeError,
    body_of,
    marked,
    messages_of,
    query_of,
    telling,
)
from tallystick.mock.compat import compat_of
from tallystick.mock.faults import FAULT_WORD
from tallystick.mock.faults import HEADER as FAULT
from tallystick.mock.gate_problems import break_off, fault_reply, for_store, for_unread_body
from tallystick.mock.judging import violations_of_reply
from tallystick.mock.memory import NEVER, Switch
from tallystick.mock.off_loop import Slow, at_once, off_loop
from tallystick.mock.once import Once
from tallystick.mock.overrides import HEADER as OVERRIDE
from tallystick.mock.pieces import send_pieces
from tallystick.mock.policy import has_errors, judge_for, refusal_for
from tallystick.mock.problem import Problem, violations_header
from tallystick.mock.responders.examples import Replies, generated
from tallystick.mock.roles import Answered, Fields, Listener, Note, OperationRoles, Reply, Responder, tell
from tallystick.mock.routes import Route
from tallystick.mock.settings import DEFAULTS, MockSettings
from tallystick.mock.stores.store import StoreError, StoreGoneError
from tallystick.mock.wishes import NO_PREFERENCES, preferences_of
from tallystick.nouns import budgets
from tallystick.nouns.contract import Operation
from tallystick.nouns.exchange import Exchange, Request
from tallystick.nouns.grades import graded
from tallystick.nouns.schema import Direction
from tallystick.nouns.violation import Violation
from tallystick.nouns.words import counted
from tallystick.wire.codings import CodingError, decode_body
from tallystick.wire.reading import Reading, reader_of

if TYPE_CHECKING:
    from tallystick.mock.faults.plan import Mishap, Plans
    from tallystick.mock.overrides.responder import Overridden

ROUTE, HEADERS = "tallystick.route", "tallystick.headers"
"""The keys in an ASGI scope under which the routing leaves the `Route` that it found, and the `ReadHeaders`."""
SESSION = "tallystick.session"
"""The key under which it leaves the name of the session, where the request names one."""

RECORDING = marked("recording")
"""The header field that says that a reply was recorded."""
_BODILESS = frozenset(("GET", "HEAD", "DELETE", "OPTIONS", "TRACE"))
"""The methods whose requests have no body where no field says that one comes (RFC 9110, section 9.3)."""

Answer = tuple[Reply, Sequence[Violation]]
"""A reply, and the violations of the request and of the reply."""


class GatedOperation:
    """One operation behind the gate: an ASGI application that judges and answers its requests.

    Without a listener nothing is timed; without a responder nothing is awaited for the reply. `override` is asked
    before all responders, once `overriding` is on; `note` is called as listeners are. What may take long is done off
    the event loop: the schemas of the operation are compiled at its first request, a reply is made at the first request
    for it, and large bodies are judged.
    """

    def __init__(
        self,
        operation: Operation,
        roles: Sequence[OperationRoles] = (),
        listeners: Sequence[Listener] = (),
        settings: MockSettings = DEFAULTS,
        replies: Replies | None = None,
        override: Overridden | None = None,
        overriding: Switch = NEVER,
        note: Callable[[Note], None] | None = None,
    ) -> None:
        self.operation = operation
        self.replies = replies or Replies(operation, settings)
        self.judge = judge_for(operation, settings)
        self.refusal = refusal_for(operation, settings)
        self.responders = tuple(each.responder for each in roles if each.responder is not None)
        self.answering_invalid = tuple(each.responder for each in roles if each.responder and each.answers_invalid)
        """The responders that are asked for the reply to a request that would be refused, too."""
        self.overridden: Sequence[Responder] = (override, *self.responders) if override is not None else self.responders
        self.override, self.overriding = override, overriding
        self.note = note
        self.listeners = (*(each.listener for each in roles if each.listener is not None), *listeners)
        self.compat = compat_of(settings.compat)
        self.violations_header = self.compat.violations_header if self.compat is not None else violations_header
        self.refuses_replies = settings.errors
        self.grades = settings.grades.for_operation(operation) if settings.grades else {}
        self.stream_delay_seconds = settings.stream_delay
        self.kind = next((marked(each.kind) for each in roles if each.kind), STATELESS)
        self.plans = _plans(operation, settings) if settings.fault or settings.latency else None
        agains = [each.again for each in roles if each.responder is not None]
        self.again_of = agains[0] if len(agains) == 1 else None if agains else self.documented_again
        """What gives what answers a request again that came before; None where that cannot be known."""
        self.recognition = Recognition()
        self.is_prepared = False
        self.preparation = Once(partial(_prepare, operation))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = perf_counter() if self.note is not None or self.listeners else 0.0
        route: Route = scope[ROUTE]
        headers: ReadHeaders = scope[HEADERS]
        method, query, named, body = scope["method"], scope["query_string"], headers.by_name, b""
        unread: Problem | None = None
        if method not in _BODILESS or "content-length" in named or "transfer-encoding" in named:
            try:
                body, unread = await self._body(receive, named)
            except ClientGoneError:
                return
            except asyncio.CancelledError:
                await break_off(send)
                return
        mishap: Mishap | None = None
        if self.plans is not None or FAULT in named:
            mishap, problem = self._mishap(named.get(FAULT))
            unread = unread or problem
        request = Request(method, route.path, query_of(query) if query else "", headers.fields, body)
        violations: Sequence[Violation] = ()
        try:
            if not self.is_prepared:
                await self.prepared()
            is_overriding = self.overriding.is_on
            known, key = None, None
            if route.prefix or b"__" in query or SESSION in scope or scope.get("scheme", "http") != "http":
                reading = self._reading(scope, request)
            else:
                if self.again_of is not None and not (is_overriding or unread or mishap or FAULT in named):
                    key = (method, route.path, query, headers, body)
                    known = self.recognition.known.get(key)
                reading = Reading(self.operation, Exchange(request), route.path_values, named)
            if is_overriding and mishap is None and self.override is not None:
                mishap = await self.override.mishap(reading)
            if known is not None and (answer := self._again(known)) is not None:
                reply, violations = answer
            elif unread is not None:
                reply, violations = await at_once(partial(self._refused, reading, unread))
            elif mishap is not None:
                reply, violations = await self.answer_amid(mishap, reading)
            elif self.responders or is_overriding:
                reply, violations = await self.answer(reading)
            else:
                reply, violations = await self._documented(reading)
            if key is not None and known is None and self.again_of is not None and not violations:
                self.recognition.remember(key, reading, self.again_of)
            if reply.mishap is not None:
                send = await delayed(reply.mishap, scope, receive, send)
        except asyncio.CancelledError:
            await break_off(send)
            return
        except Exception as error:  # the last resort: the client is told, and the server goes on
            reply = fault_reply(error)
        if self.compat is not None:
            reply = self.compat.reply(reply)
        start, content = self._messages(reply, violations, method == "HEAD")
        await send(start)
        if not self.stream_delay_seconds or not await send_pieces(send, content, reply, self.stream_delay_seconds):
            await send(content)
        if started:
            self._tell(scope, request, reply, violations, perf_counter() - started)

    def _messages(
        self, reply: Reply, violations: Sequence[Violation], is_head: bool, more: Fields = ()
    ) -> tuple[Message, Message]:
        """The messages that send a reply, with more header fields and one that tells of violations."""
        start, content = messages_of(reply, is_head, RECORDING if reply.recording else self.kind)
        if more:
            start["headers"] = (*start["headers"], *more)
        if violations:
            start["headers"] = telling(self.violations_header(violations), start["headers"])
        return start, content

    async def _body(self, receive: Receive, named: Mapping[str, str]) -> tuple[bytes, Problem | None]:
        """The body of a request without its codings, and the problem with it, if there is one."""
        body = b""
        try:
            body = await body_of(receive, named.get("content-length", ""))
            if body and "content-encoding" in named:
                body = await off_loop(partial(decode_body, body, named["content-encoding"], budgets.BODY_BYTES))
        except (TooLargeError, CodingError) as error:
            return body, for_unread_body(self.operation, error)
        return body, None

    async def _documented(self, reading: Reading) -> Answer:
        """The documented reply to a request, made off the event loop where that takes long."""
        answer = partial(self.answer_at_once, reading)
        if len(reading.request.body) > budgets.BYTES_AT_ONCE:
            return await off_loop(answer)
        try:
            return answer()
        except Slow:
            return await off_loop(answer)

    def _tell(
        self, scope: Scope, request: Request, reply: Reply, violations: Sequence[Violation], seconds: float
    ) -> None:
        """Tell the journal and the listeners of an answered request."""
        route, session, scheme = scope[ROUTE], scope.get(SESSION, ""), scope.get("scheme", "http")
        if self.note is not None:
            self.note((time(), seconds, route, request, reply, violations, session, scheme))
        if self.listeners:
            response = reply.response._replace(body=b"") if request.method == "HEAD" else reply.response
            exchange = Exchange(request, response)
            tell(self.listeners, Answered(route, exchange, violations, seconds, reply.why, session, reply, scheme))

    def _reading(self, scope: Scope, request: Request) -> Reading:
        """A request as its operation reads it, without the preferences in its query, and with what surrounds it."""
        route: Route = scope[ROUTE]
        judged, preferences = request, NO_PREFERENCES
        if b"__" in scope["query_string"]:
            text, preferences = preferences_of(request.query, self.operation)
            judged = request._replace(query=text)
        reading = Reading(self.operation, Exchange(judged), route.path_values, scope[HEADERS].by_name)
        if preferences:
            reading.preferences = preferences
        if route.prefix:
            reading.prefix = route.prefix
        if SESSION in scope:
            reading.session = scope[SESSION]
        if scope.get("scheme") == "https":
            reading.scheme = "https"
        return reading

    async def prepared(self) -> None:
        """Return when the schemas of the operation's requests are compiled, which one request has done for all."""
        self.is_prepared = await self.preparation.get()

    def answer_at_once(self, reading: Reading) -> Answer:
        """The documented reply to a request, and the violations of both; for an operation without a responder."""
        violations = self.judge(reading)
        problem = self.refusal(reading, violations)
        if problem is not None:
            return self._refused(reading, problem)
        reply = self.replies.respond(reading)
        if reply.violations == () and not (reply.refused_for or reply.mended):
            return reply, violations
        return self._judged(reading, reply, violations)

    async def answer(self, reading: Reading) -> Answer:
        """The reply of the first responder that has one, else a documented one; and the violations of both."""
        judge = partial(self.judge, reading)
        violations = await off_loop(judge) if len(reading.request.body) > budgets.BYTES_AT_ONCE else judge()
        problem = self.refusal(reading, violations)
        if problem is not None:
            for responder in self.answering_invalid:
                reply = await responder(reading)
                if isinstance(reply, Reply):
                    return await self._judged_soon(reading, reply, violations)
            return await at_once(partial(self._refused, reading, problem))
        mishap: Mishap | None = None
        for responder in self.overridden if self.overriding.is_on else self.responders:
            try:
                reply = await responder(reading)
            except StoreError as error:
                if isinstance(error, StoreGoneError) and not self.replies.settings.state_required:
                    continue
                return await at_once(partial(self._refused, reading, for_store(error)))
            if isinstance(reply, Reply):
                break
            if reply is not None:
                mishap = reply
                if mishap.problem is not None:
                    return await self._amid(
                        mishap, reading, await at_once(partial(self._refused, reading, mishap.problem))
                    )
        else:
            reply = await at_once(partial(self.replies.respond, reading))
        answer = await self._judged_soon(reading, reply, violations)
        mishap = mishap or reply.mishap
        return answer if mishap is None else await self._amid(mishap, reading, answer)

    async def _judged_soon(self, reading: Reading, reply: Reply, violations: Sequence[Violation]) -> Answer:
        """What `_judged` gives; a large body is judged off the event loop."""
        if reply.violations is None and len(reply.response.body) > budgets.BYTES_AT_ONCE:
            return await off_loop(partial(self._judged, reading, reply, violations))
        return self._judged(reading, reply, violations)

    def _again(self, known: Known) -> Answer | None:
        """The answer to a request that came before just as it is; None where it is to be answered anew."""
        try:
            reply = known.answer()
        except StoreError as error:
            return self._refused(known.reading, for_store(error))
        return self._judged(known.reading, reply, ()) if reply is not None else None

    def documented_again(self, reading: Reading) -> Again:
        """What answers a request again to which no responder replies."""

        def answer() -> Reply | None:
            try:
                return self.replies.respond(reading)
            except Slow:
                return None

        return answer

    def _mishap(self, text: str | None) -> tuple[Mishap | None, Problem | None]:
        """What goes wrong with a request: what it asks for itself, else what the settings ask for; or why that cannot
        be."""
        if self.plans is None:
            self.plans = _plans(self.operation, self.replies.settings)
        mishap = self.plans.next() if text is None else self.plans.asked(text)
        return (None, mishap) if isinstance(mishap, Problem) else (mishap, None)

    async def answer_amid(self, mishap: Mishap, reading: Reading) -> Answer:
        """The reply to a request with which something goes wrong."""
        if mishap.problem is not None:
            answer = await at_once(partial(self._refused, reading, mishap.problem))
        else:
            reading.is_spoiled = mishap.body is not None or mishap.delivery is not None
            answer = await self.answer(reading)
        return await self._amid(mishap, reading, answer)

    async def _amid(self, mishap: Mishap, reading: Reading, answer: Answer) -> Answer:
        """An answer that says what goes wrong with it, and has the body that this asks for."""
        reply, violations = answer
        if mishap.body is not None and mishap.problem is None:
            from tallystick.mock.faults.bodies import with_extreme_body

            reply = await off_loop(partial(with_extreme_body, reading, reply, mishap.body.kind))
        overridden = ((OVERRIDE, mishap.override),) if mishap.override else ()
        headers = (*reply.response.headers, *overridden, (FAULT, mishap.text))
        response, why = reply.response._replace(headers=headers), f"{FAULT_WORD}{mishap.text}"
        override = mishap.override or reply.override
        return replace(reply, response=response, why=why, mishap=mishap, override=override), violations

    def _refused(self, reading: Reading, problem: Problem) -> Answer:
        reply = self.replies.refuse_as_wished(problem, reading)
        return reply, [*problem.violations, *(reply.violations or ()), *reply.mended]

    def _judged(self, reading: Reading, reply: Reply, violations: Sequence[Violation]) -> Answer:
        """The reply and the violations of both; with the setting `errors`, a problem replaces a reply with errors."""
        own = reply.violations
        if own is None:
            own = violations_of_reply(reading, reply.response)
        if self.grades:
            own = tuple(graded(own, self.grades))
        if self.refuses_replies and (has_errors(own) or (reply.mended and not reply.refused_for)):
            own = (*own, *reply.mended)
            fact = f"the reply has {counted(len(own), 'violation')} of the contract, so it is not sent ({reply.why})"
            reply = generated(Problem(500, fact, own))
            return reply, [*violations, *own]
        return reply, [*violations, *reply.refused_for, *own, *reply.mended]


def _plans(operation: Operation, settings: MockSettings) -> Plans:
    """What goes wrong with the requests of an operation."""
    from tallystick.mock.faults.plan import Plans

    return Plans(operation, settings)


async def delayed(mishap: Mishap, scope: Scope, receive: Receive, send: Send) -> Send:
    """Return once it is time for a reply with which something goes wrong: the `send` that delivers it so."""
    from tallystick.mock.faults.delivery import delivered, late

    if mishap.seconds:
        await late(mishap.seconds, receive)
    return send if mishap.delivery is None else delivered(send, mishap.delivery, scope, receive)


def _prepare(operation: Operation) -> Literal[True]:
    """Make the readers of an operation's requests, and compile their schemas."""
    reader_of(operation)
    content = operation.request_body.content if operation.request_body is not None else ()
    schemas = [parameter.described for parameter in operation.parameters]
    schemas += [schema for body_format in content for schema in (body_format.schema, body_format.item_schema)]
    for schema in schemas:
        if schema is not None:
            schema.is_valid(None, Direction.REQUEST)
    return True
