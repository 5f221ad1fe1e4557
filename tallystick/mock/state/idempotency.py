"""Idempotency keys: a request that is sent again gets the first answer, whatever was changed since.

`Idempotency-Key` as the IETF drafts it (draft-ietf-httpapi-idempotency-key-header), and its kin.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import replace
from functools import cached_property, partial
from hashlib import sha256
from time import monotonic
from typing import NamedTuple

from tallystick.examples.plain_schemas import equality_key
from tallystick.mock.memory import Memory
from tallystick.mock.off_loop import at_once
from tallystick.mock.problem import Problem
from tallystick.mock.roles import Reply
from tallystick.mock.rules import KEY_REUSED
from tallystick.mock.stores.store import StoreFullError
from tallystick.nouns import budgets
from tallystick.nouns.contract import Operation
from tallystick.nouns.exchange import Response
from tallystick.nouns.json_value import is_shallow
from tallystick.nouns.media_type import MediaKind
from tallystick.wire.reading import Reading

_USUAL = ("idempotency-key", "x-idempotency-key")
"""What clients send by themselves with a POST, though the contract does not document it, as those of Stripe do."""
_METHODS = frozenset(("POST", "PUT", "PATCH", "DELETE"))
_REFUSALS = (422, 409, 400)
"""The statuses that may tell that a key was used for another request, the likeliest first."""
KEYS = "idempotency/"
"""What the name of a document begins with that holds the first answer to a key."""
_PAUSE_SECONDS = 0.02
_SHOWN = 60
_SHORTEST = 4
"""How many characters a key has that nobody takes for another's."""
_RUNNING = 0
"""The status of an answer that is not there yet."""

Answer = Callable[[Reading], Awaitable[Reply | None]]


class _First(NamedTuple):
    """The first request with a key, and its answer once there is one."""

    request: str
    status: int = _RUNNING
    headers: tuple[tuple[str, str], ...] = ()
    body: str = ""

    def text(self) -> bytes:
        return json.dumps(self).encode()


class Idempotency:
    """The idempotency keys of one operation: in each session and at each operation a key stands for one request."""

    def __init__(self, operation: Operation, contract_name: str, memory: Memory) -> None:
        self.operation = operation
        self.memory = memory
        self.prefix = f"{KEYS}{contract_name}/{operation.label}/"
        self.names = self.names_of(operation)
        self.declared = [
            each for each in operation.parameters if each.location == "header" and _is_key(each.name.lower())
        ]

    @cached_property
    def examples(self) -> Collection[str]:
        """The keys that the contract has for examples."""
        schemas = [each.described.resolved for each in self.declared if each.described is not None]
        values = [example.value for each in self.declared for example in each.examples]
        return {str(value) for value in (*values, *(schema.get("example") for schema in schemas))}

    @staticmethod
    def names_of(operation: Operation) -> Sequence[str]:
        """The header fields that may hold a key for an operation."""
        if operation.method not in _METHODS:
            return ()
        declared = [each.name.lower() for each in operation.parameters if each.location == "header"]
        usual = _USUAL if operation.method == "POST" else ()
        return tuple(dict.fromkeys((*filter(_is_key, declared), *usual)))

    def key_of(self, reading: Reading) -> str:
        """The key of a request; "" where it has none."""
        headers = reading.headers
        return next((headers[name] for name in self.names if name in headers), "")

    async def answer(self, reading: Reading, key: str, answer: Answer) -> Reply | None:
        """The first answer to a key; where this is the first request with it, the given function has the answer."""
        store, name = self.memory.store, self.prefix + sha256(key.encode()).hexdigest()
        request = _digest(reading)
        running = _First(request).text()
        deadline = monotonic() + budgets.IDEMPOTENCY_WAIT_SECONDS
        while True:
            document = await store.document(reading.session, name)
            if document is None:
                try:
                    is_first = await store.put_document(
                        reading.session, name, running, expected=0, seconds=budgets.IDEMPOTENCY_RUN_SECONDS
                    )
                except StoreFullError as error:
                    reply = await self._reply(reading, answer)
                    return replace(reply, why=f"{reply.why}; the idempotency key is not kept: {error}")
                if is_first:
                    return await self._first(reading, name, request, answer)
                continue
            first = _First(*json.loads(document.text))
            if first.request != request:
                status = self._refusal(key)
                return await (self._reused(reading, status, key) if status else self._reply(reading, answer))
            if first.status != _RUNNING:
                return _replayed(first, key)
            if monotonic() > deadline:
                return await self._refused(reading, 409, f"a request with {_named(key)} is still answered")
            await asyncio.sleep(_PAUSE_SECONDS)

    async def _first(self, reading: Reading, name: str, request: str, answer: Answer) -> Reply:
        """Answer the first request with a key, and keep the answer; one that tells a fault is not kept."""
        store, session = self.memory.store, reading.session
        try:
            reply = await self._reply(reading, answer)
        except BaseException:
            await store.put_document(session, name, None)
            raise
        response = reply.response
        if response.status >= 500:
            await store.put_document(session, name, None)
            return reply
        first = _First(request, response.status, response.headers, response.body.decode("latin-1"))
        try:
            await store.put_document(session, name, first.text(), seconds=budgets.IDEMPOTENCY_SECONDS)
        except StoreFullError as error:
            with contextlib.suppress(StoreFullError):
                await store.put_document(session, name, None)
            return replace(reply, why=f"{reply.why}; the idempotency key is not kept: {error}")
        return reply

    async def _reply(self, reading: Reading, answer: Answer) -> Reply:
        reply = await answer(reading)
        if reply is not None:
            return reply
        return await at_once(partial(self.memory.replies_of(self.operation).respond, reading))

    def _refusal(self, key: str) -> int:
        """The status that tells that a key was used for another request: as the contract says, by words or numbers.

        0 where it says nothing, and the key may be anybody's: the contract's own example, or a few characters. Such a
        request is answered as if it had none.
        """
        documented = {each.status: each.description.lower() for each in self.operation.responses}
        candidates = [status for status in _REFUSALS if str(status) in documented]
        speaking = [status for status in candidates if "idempot" in documented[str(status)]]
        if candidates:
            return (*speaking, *candidates)[0]
        if self.operation.response_for(409) is not None:  # a range may mean any
            return 409
        return 0 if self.declared and (len(key) < _SHORTEST or key in self.examples) else 422

    async def _reused(self, reading: Reading, status: int, key: str) -> Reply:
        fact = f"{_named(key)} was used for another request; a new request needs a new key"
        return await self._refused(reading, status, fact)

    async def _refused(self, reading: Reading, status: int, fact: str) -> Reply:
        problem = Problem(status, fact, (KEY_REUSED.violation("header.Idempotency-Key", self.operation.place, fact),))
        refuse = self.memory.replies_of(self.operation).refuse
        return await at_once(partial(refuse, problem, reading.headers.get("accept", "")))


def _named(key: str) -> str:
    return f"the idempotency key {key[:_SHOWN]!r}"


def _is_key(name: str) -> bool:
    """Whether a header field is called as one that holds an idempotency key."""
    return "idempot" in name or name == "paypal-request-id"


def _digest(reading: Reading) -> str:
    """What two requests share only if they ask for the same; in a body of JSON, but a deep one, that is its value."""
    request, body = reading.request, reading.body
    is_json = not body.fault and body.format is not None and body.media_type.kind is MediaKind.JSON
    is_compared = is_json and is_shallow(body.value, budgets.RESOURCE_LEVELS)  # type: ignore[arg-type]  # read as JSON
    content = equality_key(body.value).encode() if is_compared else request.body  # type: ignore[arg-type]  # as above
    return sha256(
        b"\0".join((request.method.encode(), request.path.encode(), request.query.encode(), content))
    ).hexdigest()


def _replayed(first: _First, key: str) -> Reply:
    headers = tuple((name, value) for name, value in first.headers)
    response = Response(first.status, headers, first.body.encode("latin-1"))
    return Reply(response, f"the first answer to the idempotency key {key[:_SHOWN]!r}")
