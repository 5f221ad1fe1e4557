"""How a reply reaches its client where that goes wrong: late in pieces, in part, or not at all."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from starlette.types import Message, Receive, Scope, Send

from tallystick.mock.faults import BREAK_OFF
from tallystick.mock.faults.fault import Drop, SlowBody, Truncate

_PIECES_PER_SECOND, _MOST_PIECES = 10, 200


def delivered(send: Send, how: Drop | Truncate | SlowBody, scope: Scope, receive: Receive) -> Send:
    """An ASGI `send` that passes messages on as a fault wants it.

    Where the server is another one, which cannot be told to end a connection, a body that is truncated ends too early,
    and a response that is dropped is a `ConnectionResetError`.
    """
    break_off: Callable[[bool], None] | None = scope.get("state", {}).get(BREAK_OFF)
    if isinstance(how, SlowBody):
        return _slowly(send, how.seconds)
    return _Broken(send, how, receive, break_off)


async def late(seconds: float, receive: Receive) -> None:
    """Return after some seconds, or as soon as the client has closed its connection."""
    gone = asyncio.ensure_future(_gone(receive))
    try:
        await asyncio.wait((gone,), timeout=seconds)
    finally:
        gone.cancel()


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


class _Broken:
    """A `send` that breaks off before the response, or within its body."""

    def __init__(
        self, send: Send, how: Drop | Truncate, receive: Receive, break_off: Callable[[bool], None] | None
    ) -> None:
        self.send = send
        self.how = how
        self.receive = receive
        self.break_off = break_off
        self.is_over = False

    async def __call__(self, message: Message) -> None:
        if self.is_over:
            return
        if isinstance(self.how, Drop):
            await self._end()
        elif message["type"] == "http.response.start":
            await self.send(message)
        elif message["type"] == "http.response.body":
            body = message.get("body", b"")
            await self.send({**message, "body": body[: self.how.kept(len(body))], "more_body": True})
            await self._end()

    async def _end(self) -> None:
        self.is_over = True
        if self.break_off is not None:
            self.break_off(isinstance(self.how, Truncate))
            await _gone(self.receive)
        elif isinstance(self.how, Drop):
            raise ConnectionResetError("the connection was dropped, as the fault `drop` asks")
        else:
            await self.send({"type": "http.response.body", "body": b""})


def _slowly(send: Send, seconds: float) -> Send:
    """A `send` that needs so many seconds for the body of a response, whose pieces are even."""
    left = seconds

    async def slowly(message: Message) -> None:
        nonlocal left
        body = message.get("body", b"")
        if message["type"] != "http.response.body" or not body or not left:
            await send(message)
            return
        count = max(min(int(left * _PIECES_PER_SECOND), _MOST_PIECES, len(body)), 1)
        pause, left = left / max(count - 1, 1), 0.0
        for number in range(count):
            if number or count == 1:
                await asyncio.sleep(pause)
            piece = body[len(body) * number // count : len(body) * (number + 1) // count]
            more_body = number < count - 1 or message.get("more_body", False)
            await send({**message, "body": piece, "more_body": more_body})

    return slowly
