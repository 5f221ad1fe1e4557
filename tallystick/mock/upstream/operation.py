"""An operation with an upstream behind it: what comes is passed on byte for byte, and judged beside the way.

Overrides, faults and the user's handlers are asked first. The mock itself answers where the upstream cannot, as far as
`remock` says.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from time import perf_counter
from typing import TYPE_CHECKING

from starlette.types import Receive, Scope, Send

from tallystick.mock.asgi import ClientGoneError, TooLargeError, marked, telling
from tallystick.mock.faults import HEADER as FAULT
from tallystick.mock.gate import Answer, GatedOperation, delayed
from tallystick.mock.gate_problems import break_off, fault_reply, for_unread_body
from tallystick.mock.memory import Switch
from tallystick.mock.off_loop import at_once, off_loop
from tallystick.mock.policy import has_errors, judge_for
from tallystick.mock.problem import Problem
from tallystick.mock.responders.examples import Replies, generated
from tallystick.mock.roles import Listener, Note, OperationRoles, Reply
from tallystick.mock.routes import normal_base_path
from tallystick.mock.sessions import OWN_PREFIX
from tallystick.mock.settings import MockSettings
from tallystick.mock.stores.store import StoreError
from tallystick.mock.upstream.call import Call
from tallystick.mock.upstream.errors import ClientLeftError, UpstreamError
from tallystick.mock.upstream.passage import SWITCHING, Passage, is_bodiless
from tallystick.mock.upstream.replies import (
    REMOCKED,
    Incoming,
    decoded,
    incoming,
    loop_problem,
    problem_of,
    reply_of,
    rewritten,
    tunnel_reply,
)
from tallystick.mock.upstream.upstream import Upstream
from tallystick.nouns import budgets
from tallystick.nouns.contract import Operation
from tallystick.nouns.exchange import Exchange, Response
from tallystick.nouns.grades import graded
from tallystick.nouns.violation import Violation
from tallystick.nouns.words import counted
from tallystick.rules.judge import judge_response
from tallystick.wire.codings import CodingError, decode_body
from tallystick.wire.reading import Reading

if TYPE_CHECKING:
    from tallystick.mock.faults.plan import Mishap
    from tallystick.mock.overrides.responder import Overridden

_PARTIAL = 206
"""The status of a reply whose body is a part of what the contract describes."""
_UNKNOWN = b"?"
"""What stands for a body of which nothing is known yet, but that there is one."""
_NOT_IMPLEMENTED = 501
_LACKING = (404, 405)
"""The statuses by which a server says that it does not have an operation, or not yet."""
_HANDLER = "handler"
"""The kind of the roles of the user's own functions."""


class ProxiedOperation(GatedOperation):
    """One operation with an upstream: an ASGI application in the place of the gate's own."""

    def __init__(
        self,
        upstream: Upstream,
        operation: Operation,
        roles: Sequence[OperationRoles],
        listeners: Sequence[Listener],
        settings: MockSettings,
        replies: Replies,
        override: Overridden,
        overriding: Switch,
        note: Callable[[Note], None] | None,
    ) -> None:
        others = [each for each in roles if each.kind != _HANDLER]
        super().__init__(operation, others, listeners, settings, replies, override, overriding, note)
        self.upstream = upstream
        self.handlers = [each.responder for each in roles if each.kind == _HANDLER and each.responder is not None]
        """The user's own functions, which are asked before the upstream."""
        self.kind = marked(_HANDLER) if self.handlers else self.kind
        self.overridden = self.responders  # overrides are asked before the upstream, and not again
        auth = "enforce" if settings.auth == "report" else settings.auth
        self.judge_passing = judge_for(self.operation, replace(settings, auth=auth))
        """The judge of what passes: whether credentials are valid is for the upstream to say."""
        self.is_faulty = self.plans is not None
        """Whether the settings ask for faults; a request may still ask for one."""
        self.remock = settings.remock
        self.rewrites = settings.rewrite
        self.own_base = normal_base_path(settings.base_path)
        self.has_own_501 = any(response.status == "501" for response in self.operation.responses)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        call = Call(scope, receive, send, perf_counter())
        try:
            answer = await self._asked_first(call) if self._asks_first(call) else None
            if answer is None:
                await self._pass_on(call)
            else:
                await self._send(call, *answer)
        except ClientGoneError:
            return
        except asyncio.CancelledError:
            if not call.has_begun:
                await break_off(send)
        except Exception as error:  # the last resort, as in the gate
            if call.has_begun:
                raise
            await self._send(call, fault_reply(error), ())

    # Who is asked first

    def _asks_first(self, call: Call) -> bool:
        return bool(self.overriding.is_on or self.handlers or self.is_faulty or FAULT in call.named)

    async def _asked_first(self, call: Call) -> Answer | None:
        """The answer of an override, a fault or a handler; None where the upstream is to give it.

        Nobody is asked about a request whose body is larger than `budgets.BODY_BYTES`.
        """
        mishap, problem = None, None
        if self.is_faulty or FAULT in call.named:
            mishap, problem = self._mishap(call.named.get(FAULT))
        if not await call.read(budgets.BODY_BYTES):
            return None
        reading, unread = await self._read(call, call.ahead)
        problem = problem or (unread if self.handlers else None)
        if problem is not None:
            return await at_once(partial(self._refused, reading, problem))
        if mishap is None and self.overriding.is_on and self.override is not None:
            mishap = await self.override.mishap(reading)
        answer: Answer | None = None
        if mishap is None:
            mishap, answer = await self._first_answer(reading)
        elif mishap.problem is None and mishap.body is None:
            _, answer = await self._first_answer(reading)
        if mishap is None:
            return answer
        if mishap.problem is not None or mishap.body is not None:
            answer = await self.answer_amid(mishap, reading)
        elif answer is not None:
            answer = await self._amid(mishap, reading, answer)
        else:
            call.more = ((FAULT.encode(), mishap.text.encode("latin-1", "replace")),)
        call.send = await delayed(mishap, call.scope, call.receive, call.send)
        return answer

    async def _first_answer(self, reading: Reading) -> tuple[Mishap | None, Answer | None]:
        """The answer of the override or the handler of a request, if it has one, and what goes wrong with it.

        A request that breaks the contract is refused before a handler is called, as without an upstream.
        """
        mishap: Mishap | None = None
        violations: Sequence[Violation] = ()
        is_overriding = self.overriding.is_on and self.override is not None
        for responder in (*((self.override,) if is_overriding else ()), *self.handlers):
            assert responder is not None
            if responder is not self.override:
                violations = self.judge_passing(reading)
                if has_errors(violations) and (problem := self.refusal(reading, violations)) is not None:
                    return mishap, await at_once(partial(self._refused, reading, problem))
            try:
                given = await responder(reading)
            except StoreError:  # what is kept is asked again where the mock answers
                continue
            if isinstance(given, Reply):
                return mishap or given.mishap, self._judged(reading, given, violations or self.judge_passing(reading))
            mishap = mishap or given
        return mishap, None

    async def _read(self, call: Call, body: bytes) -> tuple[Reading, Problem | None]:
        """A request as its operation reads it, and the problem with the coding of its body, if there is one."""
        problem: Problem | None = None
        if body and "content-encoding" in call.named:
            try:
                body = await off_loop(partial(decode_body, body, call.named["content-encoding"], budgets.BODY_BYTES))
            except CodingError as error:
                problem = for_unread_body(self.operation, error)
        if not self.is_prepared:
            await self.prepared()
        return self._reading(call.scope, call.request(body)), problem

    # The way there and back

    async def _pass_on(self, call: Call) -> None:
        """Have the upstream answer."""
        if call.is_loop(self.upstream):
            await self._send(call, generated(loop_problem(self.upstream.address)), ())
            return
        if self.refuses_replies and (answer := await self._refusal(call)) is not None:
            await self._send(call, *answer)
            return
        passage = Passage(self.upstream, call.scope, call.receive, call.target(self.upstream), call.ahead, call.is_read)
        has_body = passage.has_body and call.named.get("content-length") != "0"
        if self.compat is not None and has_body and call.scope["method"] in ("GET", "HEAD"):  # as Prism has it
            await self._send(call, generated(Problem(_NOT_IMPLEMENTED, "a GET with a body is not passed on")), ())
            return
        passage.on_its_way = partial(self._judge_meanwhile, call, passage)
        try:
            try:
                reply = incoming(await passage.head())
            except ClientLeftError:
                raise ClientGoneError from None
            except UpstreamError as error:
                if error.word in self.remock and await self._remocked(call, passage, error.word, str(error)):
                    return
                await self._send(call, generated(problem_of(error, error.word in self.remock)), (), passage)
                return
            if reply.status == SWITCHING:
                await self._tunnel(call, passage, reply)
                return
            if self.rewrites:
                own_prefix = call.scope.get(OWN_PREFIX, self.own_base)
                reply = rewritten(reply, self.upstream.address, call.scope, own_prefix)
            await self._pass_back(call, passage, reply)
        finally:
            await passage.end()

    async def _tunnel(self, call: Call, passage: Passage, reply: Incoming) -> None:
        """Pass on a switch of protocols; what follows is no HTTP any more, and not judged."""
        call.has_begun = True
        try:
            await passage.tunnel(reply.head)
        finally:  # a tunnel that is open when the server ends is noted, too
            _, violations = await self._violations(call, passage)
            self._note(call, passage, tunnel_reply(passage, reply), violations)

    async def _refusal(self, call: Call) -> Answer | None:
        """The answer that refuses a request which breaks the contract, as `--errors` asks; None for any other."""
        if not await call.read(budgets.BODY_BYTES):
            reading, _ = await self._read(call, b"")
            return self._refused(reading, for_unread_body(self.operation, TooLargeError()))
        reading, problem = await self._read(call, call.ahead)
        violations = call.violations = self.judge_passing(reading)
        if problem is None and has_errors(violations):
            problem = self.refusal(reading, violations)
        return await at_once(partial(self._refused, reading, problem)) if problem is not None else None

    def _judge_meanwhile(self, call: Call, passage: Passage) -> None:
        """Judge a request while the upstream has it, where that takes no time to speak of."""
        if call.violations is not None or not self.is_prepared or len(passage.ahead) > budgets.BYTES_AT_ONCE:
            return
        if not passage.has_body or (passage.is_read and "content-encoding" not in call.named):
            call.reading = self._reading(call.scope, call.request(passage.ahead))
            call.violations = self.judge_passing(call.reading)

    async def _violations(self, call: Call, passage: Passage) -> tuple[Reading, Sequence[Violation]]:
        """A request as it was read, and its violations; a body that is not kept as a whole is not judged."""
        if call.reading is not None and call.violations is not None:
            return call.reading, call.violations
        body = passage.sent.body
        reading, problem = await self._read(call, body)
        violations = call.violations
        if violations is None:
            judge = partial(self.judge_passing, reading)
            violations = await off_loop(judge) if len(body) > budgets.BYTES_AT_ONCE else judge()
            if problem is not None:
                violations = [*problem.violations, *_without_body(violations, "body")]
            elif not (passage.sent.is_whole and passage.is_read):
                violations = _without_body(violations, "body")
        call.reading, call.violations = reading, violations
        return reading, violations

    async def _pass_back(self, call: Call, passage: Passage, reply: Incoming) -> None:
        """Send the reply of the upstream, and tell of it; the mock's own where that lacks the operation."""
        word = str(reply.status)
        may_lack = word in self.remock and not (reply.status == _NOT_IMPLEMENTED and self.has_own_501)
        body = await self._held_body(call, passage, reply, may_lack)
        if body is None:
            await self._stream_back(call, passage, reply)
            return
        reading, violations = await self._violations(call, passage)
        response, unread = await decoded(reply.response(body))
        own = await self._own_violations(reading, violations, response, is_whole=not unread)
        if may_lack and self._lacks_operation(reply.status, own):
            fact = f"{self.upstream.address.url} answered {word}"
            if await self._remocked(call, passage, word, fact):
                return
        if self.refuses_replies and has_errors(own):
            fact = f"the reply of the upstream has {counted(len(own), 'violation')} of the contract, so it is not sent"
            await self._send(call, generated(Problem(500, fact, own)), [*violations, *own], passage)
            return
        violations = [*violations, *own]
        call.has_begun = True
        await call.send(reply.start(self._told(call, violations)))
        await call.send({"type": "http.response.body", "body": body, "trailers": passage.trailers})
        given = reply_of(passage, reply, body, unread=unread, hint=self._hint(reply.status))
        self._note(call, passage, given, violations)

    async def _held_body(self, call: Call, passage: Passage, reply: Incoming, may_lack: bool) -> bytes | None:
        """The whole body, where it is short or is to be held back anyway; None where it passes as it comes."""
        if is_bodiless(call.scope["method"], reply.status):
            return b""
        most = budgets.BODY_BYTES if self.refuses_replies else budgets.UPSTREAM_HELD_BYTES
        seconds = None if self.refuses_replies or may_lack else budgets.UPSTREAM_HELD_SECONDS
        if reply.is_stream or (reply.length is not None and reply.length > most):
            return None
        return await passage.short_body(most, seconds)

    async def _stream_back(self, call: Call, passage: Passage, reply: Incoming) -> None:
        """Send a reply as it comes, and judge it afterwards; its head is judged before, where the request is there."""
        told: Sequence[Violation] = ()
        if passage.is_read:
            reading, violations = await self._violations(call, passage)
            told = [
                *violations,
                *await self._own_violations(reading, violations, reply.response(_UNKNOWN), is_whole=False),
            ]
        call.has_begun = True
        await call.send(reply.start(self._told(call, told)))
        error = await passage.stream(call.send)
        await passage.end()
        if self.note is None and not self.listeners:
            return
        body = passage.received.body
        is_whole, response, unread = passage.received.is_whole and error is None, reply.response(body), ""
        if is_whole:
            response, unread = await decoded(response)
        given = reply_of(passage, reply, body, error, unread)
        reading, violations = await self._violations(call, passage)
        own = await self._own_violations(reading, violations, response, is_whole and not unread)
        self._note(call, passage, given, [*violations, *own])

    async def _own_violations(
        self, reading: Reading, violations: Sequence[Violation], response: Response, is_whole: bool
    ) -> Sequence[Violation]:
        """The violations of a response; a body that is not there as a whole, or cannot be read, is not judged."""
        whole = Reading(reading.operation, Exchange(reading.request, response), reading.path_values, reading.headers)
        whole.request_violations = tuple(violations)
        judge = partial(judge_response, whole)
        own = await off_loop(judge) if len(response.body) > budgets.BYTES_AT_ONCE else judge()
        if not is_whole or response.status == _PARTIAL:
            own = _without_body(own, "response.body")
        return graded(own, self.grades) if self.grades else own

    def _told(self, call: Call, violations: Sequence[Violation]) -> tuple[tuple[bytes, bytes], ...]:
        """The fields that are added to a reply of the upstream."""
        return telling(self.violations_header(violations), call.more) if violations else call.more

    # Where the mock answers

    def _lacks_operation(self, status: int, own: Sequence[Violation]) -> bool:
        """Whether a reply says that the upstream lacks the operation, and not what the operation itself says.

        A documented status is the operation's own, unless the reply is not as documented: then it is the router's.
        """
        if status == _NOT_IMPLEMENTED or self.operation.response_for(status) is None:
            return True
        return has_errors(own)

    def _hint(self, status: int) -> str:
        """What would have the mock answer in place of a reply that says that the upstream lacks the operation."""
        if status not in _LACKING or str(status) in self.remock or self.operation.response_for(status) is not None:
            return ""
        words = ",".join([*sorted(self.remock), str(status)])
        return f"where it lacks an operation, --remock {words} lets the mock answer instead"

    async def _remocked(self, call: Call, passage: Passage, word: str, fact: str) -> bool:
        """Have the mock answer in place of the upstream; False where the request is too large for that."""
        if not await passage.rest_of_request():
            return False
        await passage.end()
        reading, problem = await self._read(call, passage.sent.body)
        if problem is not None:
            answer = await at_once(partial(self._refused, reading, problem))
        else:
            answer = await self.answer(reading)
        reply, violations = answer
        response = reply.response._replace(headers=(*reply.response.headers, (REMOCKED, word)))
        why = f"{fact}, so the mock answers: {reply.why}"
        await self._send(call, replace(reply, response=response, why=why, remocked=word), violations, passage)
        return True

    async def _send(
        self, call: Call, reply: Reply, violations: Sequence[Violation], passage: Passage | None = None
    ) -> None:
        """Send a reply that is not the upstream's."""
        if self.compat is not None:
            reply = self.compat.reply(reply)
        start, content = self._messages(reply, violations, call.scope["method"] == "HEAD", call.more)
        call.has_begun = True
        await call.send(start)
        await call.send(content)
        self._note(call, passage, reply, violations)

    def _note(self, call: Call, passage: Passage | None, reply: Reply, violations: Sequence[Violation]) -> None:
        if self.note is not None or self.listeners:
            body = passage.sent.body if passage is not None else call.ahead
            self._tell(call.scope, call.request(body), reply, violations, perf_counter() - call.started)


def _without_body(violations: Sequence[Violation], where: str) -> list[Violation]:
    """Violations without those of a body."""
    return [each for each in violations if not each.where.startswith(where)]
