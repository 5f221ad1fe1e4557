"""One connection to an upstream, one exchange after the other: what is the same for each version of HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from time import monotonic
from typing import NamedTuple

from tallystick.mock.upstream.errors import BrokenError, SlowError, UpstreamError
from tallystick.mock.upstream.fields import Fields, RequestHead
from tallystick.nouns import budgets

_MOST_WAITING = 256 * 2**10
"""How many bytes of a body may wait to be taken before no more are read."""


class Head(NamedTuple):
    """The head of a response as it came; the names of its fields are as they were sent."""

    status: int
    reason: bytes
    fields: tuple[tuple[bytes, bytes], ...]


class Connection(asyncio.Protocol):
    """A connection to an upstream; `begin` starts an exchange, `head` and `piece` wait for its response.

    A class for each version of HTTP says how a request is written, and reads what comes.
    """

    transport: asyncio.Transport

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self.exchanges = 0
        self.idle_since = 0.0
        self.is_open = False
        self.waiters: list[asyncio.Future[None]] = []
        self.writable: asyncio.Future[None] | None = None
        """What a writer waits for while the upstream takes nothing; None where it takes what comes."""
        self._forget()

    def _forget(self) -> None:
        """Forget the exchange before."""
        self.response: Head | None = None
        self.trailers: list[tuple[bytes, bytes]] = []
        self.pieces: list[bytes] = []
        self.waiting_bytes = self.written_bytes = 0
        self.error: UpstreamError | None = None
        self.is_head = self.is_complete = self.is_reading_paused = False
        self.is_reusable = False
        self.most_waiting = _MOST_WAITING
        self.is_unfed = False
        """Whether more of the request is to come from its client."""
        self.is_endless = False
        """Whether the body ends where the connection does."""
        self.has_begun = False
        self.has_leave = False
        self.informed: Callable[[Head], None] | None = None

    # An exchange

    def begin(
        self,
        request: RequestHead,
        body: bytes = b"",
        trailers: Fields | None = (),
        informed: Callable[[Head], None] | None = None,
    ) -> None:
        """Send the head of a request, with what of its body is there.

        `trailers` are the fields behind that, None where more of the body is to come; `informed` hears of
        informational responses.
        """
        self._forget()
        self.exchanges += 1
        self.is_head, self.informed = request.method == b"HEAD", informed
        self._begin(request, body, trailers)

    def _begin(self, request: RequestHead, body: bytes, trailers: Fields | None) -> None:
        raise NotImplementedError

    async def write(self, data: bytes) -> None:
        """Send more of a request's body; returns when the upstream takes more."""
        if self.error is not None:
            raise self.error
        self._write(data)
        if self.writable is not None:
            await self.writable

    def _write(self, data: bytes) -> None:
        raise NotImplementedError

    async def finish(self, trailers: Fields) -> None:
        """Send the end of a request whose body was not there when it began, with its trailer fields."""
        if self.error is not None:
            raise self.error
        self._finish(trailers)
        if self.writable is not None:
            await self.writable

    def _finish(self, trailers: Fields) -> None:
        raise NotImplementedError

    async def head(self, seconds: float) -> Head:
        """The head of the response. Raises `SlowError` when it is not there after so many seconds."""
        if self.response is None and self.error is None:
            self.timer = self.loop.call_later(seconds, self._time_out, seconds, self.written_bytes)
            try:
                while self.response is None and self.error is None:
                    await self._news()
            finally:
                self.timer.cancel()
        if self.response is None:
            raise self.error or BrokenError("the upstream sent nothing")
        return self.response

    def _time_out(self, seconds: float, written_bytes: int) -> None:
        if self.is_unfed or self.written_bytes != written_bytes:  # the request is still on its way
            self.timer = self.loop.call_later(seconds, self._time_out, seconds, self.written_bytes)
            return
        self.fail(SlowError(f"the upstream sent no reply within {seconds:g} seconds"))

    async def leave(self, seconds: float) -> None:
        """Return when the upstream wants the body, or has an answer without it, or says nothing for some seconds."""
        over = Alarm(self, seconds)
        try:
            while not (self.has_leave or self.response or self.error or over.has_rung):
                await self._news()
        finally:
            over.cancel()

    async def gather(self, most_bytes: int, seconds: float | None) -> bool:
        """Whether the rest of the response comes within some seconds, and is no larger."""
        self.most_waiting = max(_MOST_WAITING, most_bytes)
        over = Alarm(self, seconds)
        try:
            while not (self.is_complete or self.error or over.has_rung or self.waiting_bytes > most_bytes):
                await self._news()
        finally:
            over.cancel()
        return self.is_complete and self.waiting_bytes <= most_bytes

    async def piece(self) -> bytes:
        """What has come of the body since the last call, b"" at its end. Raises where the body does not end well."""
        while not self.pieces:
            if self.is_complete:
                return b""
            if self.error is not None:
                raise self.error
            await self._news()
        pieces, self.pieces = self.pieces, []
        self.waiting_bytes = 0
        if self.is_reading_paused:
            self.is_reading_paused = False
            self._read_on()
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def gathered(self, most_bytes: int) -> bytes | None:
        """The whole body of a response that is complete, if it is no larger; None leaves it to `piece`."""
        if self.error is not None or self.waiting_bytes > most_bytes:
            return None
        pieces, self.pieces, self.waiting_bytes = self.pieces, [], 0
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    async def _news(self) -> None:
        waiter = self.loop.create_future()
        self.waiters.append(waiter)
        await waiter

    def tell(self) -> None:
        """Have whoever waits look again."""
        if self.waiters:
            waiters, self.waiters = self.waiters, []
            for waiter in waiters:
                if not waiter.done():
                    waiter.set_result(None)

    def fail(self, error: UpstreamError) -> None:
        """End the exchange, and have whoever waits for its response told why."""
        if self.error is None and not self.is_complete:
            self.error = error
            self.tell()
        self.abort()

    def abort(self) -> None:
        """End the connection now."""
        self.is_open = False
        self.transport.abort()

    @property
    def can_be_reused(self) -> bool:
        """Whether another exchange may follow."""
        is_whole = self.is_complete and self.error is None and not self.is_reading_paused
        return self.is_open and is_whole and self.is_reusable

    # The transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport  # type: ignore[assignment]  # a connection over TCP is a transport of streams
        self.is_open = True

    def eof_received(self) -> bool:
        return False

    def connection_lost(self, error: Exception | None) -> None:
        self.is_open = False
        if not self.is_complete and self.error is None:
            if error is None and self.is_endless:
                self.is_complete = True
            elif self.has_begun:
                self.error = BrokenError("the upstream closed the connection in the middle of its reply")
            else:
                self.error = BrokenError("the upstream closed the connection before its reply", is_untouched=True)
        self.tell()
        self.resume_writing()

    def pause_writing(self) -> None:
        if self.writable is None:
            self.writable = self.loop.create_future()

    def resume_writing(self) -> None:
        if self.writable is not None:
            writable, self.writable = self.writable, None
            if not writable.done():
                writable.set_result(None)

    # The response

    def _inform(self, head: Head) -> None:
        """Tell of an informational response."""
        self.has_leave = self.has_leave or head.status == 100
        if self.informed is not None:
            self.informed(head)
        self.tell()

    def _take(self, data: bytes) -> None:
        """Keep a piece of the body until it is asked for; read no more where too much waits."""
        self.pieces.append(data)
        self.waiting_bytes += len(data)
        if self.waiting_bytes > self.most_waiting and not self.is_reading_paused:
            self.is_reading_paused = True
            self._read_no_more()
        self.tell()

    def _read_no_more(self) -> None:
        if not self.transport.is_closing():
            self.transport.pause_reading()

    def _read_on(self) -> None:
        if not self.transport.is_closing():
            self.transport.resume_reading()


class Alarm:
    """Has whoever waits for a connection look again after some seconds; never where they are None."""

    __slots__ = ("connection", "has_rung", "timer")

    def __init__(self, connection: Connection, seconds: float | None) -> None:
        self.connection = connection
        self.has_rung = False
        self.timer = connection.loop.call_later(seconds, self._ring) if seconds is not None else None

    def _ring(self) -> None:
        self.has_rung = True
        self.connection.tell()

    def cancel(self) -> None:
        """Ring no more."""
        if self.timer is not None:
            self.timer.cancel()


def is_stale(connection: Connection) -> bool:
    """Whether a connection has waited for so long that its server may be about to close it."""
    return monotonic() - connection.idle_since > budgets.UPSTREAM_IDLE_SECONDS
