"""One request, asked of the mock in this process as by any client, and what came back."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable
from dataclasses import dataclass, field
from urllib.parse import unquote

from starlette.types import Message, Scope

from tallystick.mock.console.visit import Visit
from tallystick.mock.journal.record import Record
from tallystick.nouns import budgets
from tallystick.nouns.exchange import Request, Response


@dataclass(slots=True)
class Outcome:
    """What came back: the response as far as it came, the time, and what is to be said of it.

    `record` is the exchange as the journal has it; None where there is no journal.
    """

    response: Response | None = None
    seconds: float = 0.0
    note: str = ""
    record: Record | None = None


@dataclass(slots=True)
class _Exchange:
    """What an ASGI application gets and sends in one exchange."""

    body: bytes
    start: Message | None = None
    chunks: list[bytes] = field(default_factory=list)
    size: int = 0
    is_given: bool = False
    is_over: bool = False
    """Whether no more is waited for: what an application says of its end is no part of the reply."""

    async def receive(self) -> Message:
        if self.is_given:
            await asyncio.Event().wait()  # until the exchange is over: nobody goes away before
        self.is_given = True
        return {"type": "http.request", "body": self.body, "more_body": False}

    async def send(self, message: Message) -> None:
        if self.is_over:
            return
        if message["type"] == "http.response.start":
            self.start = message
        elif message["type"] == "http.response.body":
            self.chunks.append(message.get("body", b""))
            self.size += len(self.chunks[-1])
            if self.size > budgets.PAGE_REPLY_BYTES:
                raise _EnoughError

    @property
    def response(self) -> Response | None:
        if self.start is None:
            return None
        fields = tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in self.start["headers"])
        return Response(self.start["status"], fields, b"".join(self.chunks)[: budgets.PAGE_REPLY_BYTES])


class _EnoughError(Exception):
    """More came than is shown."""


async def ask(visit: Visit, request: Request) -> Outcome:
    """Ask the mock; the path of the request is the whole one."""
    exchange, outcome = _Exchange(request.body), Outcome()
    began, started = time.time(), time.perf_counter()
    try:
        if not await _ended(visit.app(_scope(visit, request), exchange.receive, exchange.send), exchange):
            outcome.note = f"It had not ended after {budgets.PAGE_REPLY_SECONDS} seconds; this is what came."
    except _EnoughError:
        outcome.note = f"Only the first {budgets.PAGE_REPLY_BYTES:,} bytes are shown."
    except ConnectionResetError:
        outcome.note = "The connection was dropped without a reply, as a fault asks."
    outcome.seconds = time.perf_counter() - started
    outcome.response = exchange.response
    if visit.memory.journal is not None:
        records = await visit.memory.journal.latest(visit.session, 50)
        outcome.record = next((each for each in reversed(records) if _is_of(each, request, began)), None)
    return outcome


async def _ended(answering: Awaitable[None], exchange: _Exchange) -> bool:
    """Wait for the end of an exchange, for so long; whether it came."""
    task = asyncio.ensure_future(answering)
    try:
        await asyncio.wait({task}, timeout=budgets.PAGE_REPLY_SECONDS)
        if task.done():
            task.result()
        return task.done()
    finally:
        exchange.is_over = True
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def _is_of(record: Record, request: Request, began: float) -> bool:
    """Whether a record is that of a request that was asked for at a time."""
    asked = record.request
    is_same = (asked.method, asked.query, asked.headers) == (request.method, request.query, request.headers)
    return is_same and record.time >= began and request.path.endswith(asked.path)


def _scope(visit: Visit, request: Request) -> Scope:
    host, _, port = visit.headers.by_name.get("host", "localhost").rpartition(":")
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": request.method,
        "scheme": visit.scheme,
        "path": unquote(request.path),
        "raw_path": request.path.encode("ascii", "replace"),
        "query_string": request.query.encode("ascii", "replace"),
        "root_path": "",
        "headers": [(name.encode("latin-1"), value.encode("latin-1", "replace")) for name, value in request.headers],
        "client": ("127.0.0.1", 0),
        "server": (host, int(port)) if port.isdecimal() else (port, None),
        "state": {},
    }
