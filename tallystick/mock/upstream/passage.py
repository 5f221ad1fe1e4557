"""One request on its way to an upstream, and the reply on its way back."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from functools import partial
from typing import Any

from starlette.types import Receive, Scope, Send

from tallystick.mock.asgi import BODILESS, ClientGoneError
from tallystick.mock.faults import BREAK_OFF
from tallystick.mock.upstream import HAS_EOF, INFORM, TAKE_OVER, TRAILERS
from tallystick.mock.upstream.connection import Connection, Head
from tallystick.mock.upstream.errors import BrokenError, ClientLeftError, UpstreamError
from tallystick.mock.upstream.fields import Fields, RequestHead, asks_to_switch, of_trailers
from tallystick.mock.upstream.tunnel import tunnel
from tallystick.mock.upstream.upstream import Upstream
from tallystick.nouns import budgets

SWITCHING = 101
"""The status of a reply behind which another protocol is spoken."""
_ALONE_SECONDS = 0.5
"""After how much waiting for a reply it is looked whether the client still waits, too."""
_GONE = "the client closed the connection before the end of the reply"
_BODY_FIELDS = frozenset((b"content-length", b"transfer-encoding"))
_IDEMPOTENT = frozenset(("GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"))
"""The methods of requests that may be sent again (RFC 9110, section 9.2.2)."""


def _hashable(fields: Fields) -> tuple[tuple[bytes, bytes], ...]:
    """The fields of an ASGI scope; some servers have lists."""
    return tuple([field if type(field) is tuple else (field[0], field[1]) for field in fields])


class Kept:
    """What is kept of a body that passes: its beginning, and how many bytes it had."""

    __slots__ = ("pieces", "size")

    def __init__(self) -> None:
        self.pieces: list[bytes] = []
        self.size = 0

    def add(self, piece: bytes) -> None:
        """Keep a piece, as far as there is room."""
        room = budgets.UPSTREAM_KEPT_BYTES - self.size
        self.size += len(piece)
        if room > 0:
            self.pieces.append(piece if len(piece) <= room else piece[:room])

    @property
    def is_whole(self) -> bool:
        """Whether all is kept that has passed."""
        return self.size <= budgets.UPSTREAM_KEPT_BYTES

    @property
    def body(self) -> bytes:
        """What is kept."""
        if len(self.pieces) > 1:
            self.pieces = [b"".join(self.pieces)]
        return self.pieces[0] if self.pieces else b""


class Passage:
    """A request that is passed on to an upstream, and its reply.

    `ahead` is what of the request's body was read already; where `is_read`, that is all of it.
    """

    def __init__(
        self,
        upstream: Upstream,
        scope: Scope,
        receive: Receive,
        target: bytes,
        ahead: bytes = b"",
        is_read: bool = False,
    ) -> None:
        self.upstream = upstream
        self.scope = scope
        self.receive = receive
        self.target = target
        self.sent, self.received = Kept(), Kept()
        self.ahead = ahead
        self.on_its_way: Callable[[], None] = lambda: None
        """Is called once the request is on its way."""
        self.connection: Connection | None = None
        self.pump: asyncio.Task[None] | None = None
        self.watch: asyncio.Task[None] | None = None
        self.look: asyncio.TimerHandle | None = None
        fields = _hashable(scope["headers"])
        named = dict(fields)
        self.has_body = not _BODY_FIELDS.isdisjoint(named)
        self.is_read = is_read or not self.has_body
        self.asks_for_leave = named.get(b"expect", b"").lower() == b"100-continue"
        self.waits_for_leave = self.asks_for_leave and not is_read
        self.is_sent = False
        """Whether the request was sent as a whole: only then may another one follow on the connection."""
        self.state: dict[str, Any] = scope.get("state", {})
        self.asks_to_switch = TAKE_OVER in self.state and b"upgrade" in named and asks_to_switch(fields)
        client = scope.get("client")
        around = upstream.around(client[0] if client else "", scope.get("scheme", "http"))
        is_chunked = b"transfer-encoding" in named
        method = scope["method"].encode("latin-1")
        self.request_head = RequestHead(method, target, fields, around, is_chunked, self.asks_to_switch)

    # To the upstream

    async def head(self) -> Head:
        """The head of the upstream's reply. Raises `UpstreamError`, and `ClientGoneError` where the request ends."""
        if self.has_body and not self.is_read and not self.ahead and not self.waits_for_leave:
            await self._read()
        try:
            return await self._head(is_fresh=False)
        except BrokenError as error:
            connection = self.connection
            is_stale = error.is_untouched and connection is not None and connection.exchanges > 1
            if not (is_stale and self.pump is None and self.scope["method"] in _IDEMPOTENT):
                raise
        return await self._head(is_fresh=True)

    async def _head(self, is_fresh: bool) -> Head:
        connection = self.connection = await self.upstream.pool.connection(is_fresh, self.asks_to_switch)
        self._begin(connection)
        self.on_its_way()
        timer = connection.loop.call_later(_ALONE_SECONDS, self._watch)
        try:
            head = await connection.head(self.upstream.timeout_seconds)
        finally:
            timer.cancel()
        if head.status == SWITCHING and not self.asks_to_switch:
            connection.abort()
            raise BrokenError("the upstream switched protocols, which its client had not asked for")
        return head

    async def _read(self) -> None:
        """Read what is there of the body."""
        message = await self.receive()
        if message["type"] == "http.disconnect":
            raise ClientGoneError
        self.ahead, self.is_read = message.get("body", b""), not message.get("more_body", False)

    def _begin(self, connection: Connection) -> None:
        """Send the head, with what of the body is there; a task sends the rest."""
        self.sent = Kept()
        if self.ahead:
            self.sent.add(self.ahead)
        body = self.ahead if self.has_body else b""
        connection.begin(self.request_head, body, self._request_trailers() if self.is_read else None, self._inform)
        self.is_sent = self.is_read
        if not self.is_sent:
            self.pump = asyncio.get_running_loop().create_task(self._send_rest(connection))

    def _request_trailers(self) -> Fields:
        """The trailer fields of the request, once it is read; only our own server keeps them."""
        trailers: Fields = self.scope.get(TRAILERS, ())
        return of_trailers(trailers) if trailers else ()

    async def _send_rest(self, connection: Connection) -> None:
        """Send the rest of the body as it comes; end the connection where the client goes, or sends no whole body."""
        try:
            if self.waits_for_leave:
                await connection.leave(budgets.UPSTREAM_LEAVE_SECONDS)
                if connection.response is not None:
                    return
            while not self.is_read:
                connection.is_unfed = True
                message = await self.receive()
                connection.is_unfed = False
                if message["type"] == "http.disconnect":
                    connection.fail(ClientLeftError(_GONE))
                    return
                piece = message.get("body", b"")
                self.is_read = not message.get("more_body", False)
                if piece:
                    self.sent.add(piece)
                    await connection.write(piece)
            await connection.finish(self._request_trailers())
            self.is_sent = True
        except UpstreamError:
            pass  # whoever waits for the reply is told the same

    def _inform(self, head: Head) -> None:
        """Pass on an informational response, where our own server can; leave to go on is given by reading on."""
        inform: Callable[[Head], None] | None = self.state.get(INFORM)
        is_own_leave = head.status == 100 and self.asks_for_leave  # our server gives it when the body is read
        if inform is not None and not is_own_leave and self.scope.get("http_version") != "1.0":
            inform(head)

    async def rest_of_request(self) -> bool:
        """Read the rest of a request that was not sent; False where it is larger than what is kept."""
        if self.watch is not None:
            self.watch.cancel()
        if self.pump is not None:
            await self._stop_pump()
        elif not self.sent.size and self.ahead:
            self.sent.add(self.ahead)
        while self.has_body and not self.is_read and self.sent.is_whole:
            message = await self.receive()
            if message["type"] == "http.disconnect":
                raise ClientGoneError
            self.sent.add(message.get("body", b""))
            self.is_read = not message.get("more_body", False)
        return self.sent.is_whole

    # From the upstream

    async def piece(self) -> bytes:
        """What has come of the reply's body, b"" at its end. Raises `UpstreamError` where it ends before that."""
        assert self.connection is not None
        piece = await self.connection.piece()
        if piece:
            self.received.add(piece)
        return piece

    async def short_body(self, most_bytes: int, seconds: float | None) -> bytes | None:
        """The whole body of the reply, if it comes within a time and is no larger; None leaves all to `piece`."""
        assert self.connection is not None
        connection = self.connection
        if not connection.is_complete:
            if seconds is None:
                self._watch()
            if not await connection.gather(most_bytes, seconds):
                return None
        body = connection.gathered(most_bytes)
        if body:
            self.received.add(body)
        return body

    async def tunnel(self, head: Head) -> None:
        """Pass on a switch of protocols, and then what comes from either side, until one ends."""
        assert self.connection is not None
        if self.pump is not None:
            await self._stop_pump()
        connection, self.connection = self.connection, None
        take_over: Callable[[Head, asyncio.Protocol], asyncio.Transport] = self.state[TAKE_OVER]
        ahead = b"".join(connection.pieces)
        await tunnel(connection.transport, ahead, partial(take_over, head), self._count)

    def _count(self, sent_bytes: int, received_bytes: int) -> None:
        self.sent.size, self.received.size = sent_bytes, received_bytes

    @property
    def trailers(self) -> list[tuple[bytes, bytes]]:
        """The trailer fields of the reply, once its body has ended."""
        return self.connection.trailers if self.connection is not None else []

    async def stream(self, send: Send) -> UpstreamError | None:
        """Pass on the body as it comes; where it ends before its end, the client sees that, and the reason is returned.

        Where the server is another one, which cannot be told to end a connection, that is a `ConnectionResetError`.
        """
        self._watch()
        try:
            while piece := await self.piece():
                await send({"type": "http.response.body", "body": piece, "more_body": True})
        except UpstreamError as error:
            if isinstance(error, ClientLeftError):
                return error
            if not self.break_off():
                raise ConnectionResetError(str(error)) from None
            if self.watch is not None:
                await self.watch
            return error
        await send({"type": "http.response.body", "body": b"", "more_body": False, "trailers": self.trailers})
        return None

    def _watch(self) -> None:
        """Have a task end the exchange as soon as the client has gone."""
        if self.watch is None:
            self.watch = asyncio.get_running_loop().create_task(self._until_gone())
            self._look_later()

    def _look_later(self) -> None:
        seconds = self.upstream.timeout_seconds
        self.look = asyncio.get_running_loop().call_later(seconds, self._look, self._passed_bytes())

    def _look(self, passed_bytes: int) -> None:
        """End an exchange whose upstream is silent, and whose client may be gone: it has closed its side at least."""
        has_eof: Callable[[], bool] | None = self.state.get(HAS_EOF)
        if self.connection is None or has_eof is None:
            return
        if has_eof() and passed_bytes == self._passed_bytes():
            self.connection.fail(ClientLeftError(_GONE))
        else:
            self._look_later()

    def _passed_bytes(self) -> int:
        return self.received.size + (self.connection.waiting_bytes if self.connection is not None else 0)

    async def _until_gone(self) -> None:
        if self.pump is not None:
            await asyncio.wait((self.pump,))
        while (await self.receive())["type"] != "http.disconnect":
            pass
        if self.connection is not None:
            self.connection.fail(ClientLeftError(_GONE))

    async def end(self) -> None:
        """Give the connection back, or end it where the exchange did not end."""
        if self.watch is not None:
            self.watch.cancel()
        if self.look is not None:
            self.look.cancel()
        if self.pump is not None:
            await self._stop_pump()
        connection = self.connection
        if connection is not None:
            self.connection = None
            if self.is_sent:
                self.upstream.pool.give_back(connection)
            else:
                connection.abort()

    async def _stop_pump(self) -> None:
        pump, self.pump = self.pump, None
        if pump is not None and not pump.done():
            pump.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await pump

    def break_off(self) -> bool:
        """Have the client see that the reply ends before its end; whether the server can do that."""
        break_off: Callable[[bool], None] | None = self.state.get(BREAK_OFF)
        if break_off is not None:
            break_off(True)
        return break_off is not None


def is_bodiless(method: str, status: int) -> bool:
    """Whether a reply has no body, whatever its fields say."""
    return method == "HEAD" or status in BODILESS
