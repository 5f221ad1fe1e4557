"""A tunnel: two connections whose bytes go over to each other, once HTTP has ended on both (as for WebSockets)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import cast


class End(asyncio.Protocol):
    """One end of a tunnel: what it reads, the other end writes; it reads no faster than that."""

    other: End
    transport: asyncio.Transport

    def __init__(self, closed: asyncio.Future[None]) -> None:
        self.closed = closed
        self.passed_bytes = 0
        self.has_ended = False

    def data_received(self, data: bytes) -> None:
        self.passed_bytes += len(data)
        self.other.transport.write(data)

    def eof_received(self) -> bool:
        """This side sends no more; the other one may, where its connection can be closed by halves."""
        self.has_ended = True
        if self.other.has_ended or not self.other.transport.can_write_eof():
            return False
        self.other.transport.write_eof()
        return True

    def pause_writing(self) -> None:
        if not self.other.transport.is_closing():
            self.other.transport.pause_reading()

    def resume_writing(self) -> None:
        if not self.other.transport.is_closing():
            self.other.transport.resume_reading()

    def connection_lost(self, error: Exception | None) -> None:
        if error is None:
            self.other.transport.close()
        else:
            self.other.transport.abort()
        if not self.closed.done():
            self.closed.set_result(None)


async def tunnel(
    upstream: asyncio.Transport,
    ahead: bytes,
    take_over: Callable[[asyncio.Protocol], asyncio.BaseTransport],
    ended: Callable[[int, int], None],
) -> None:
    """Join two connections until one ends, or the server does.

    `ahead` has come from the upstream already; `take_over` has the client's connection speak a protocol; `ended` is
    told how many bytes went to the upstream, and how many came from there.
    """
    closed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    near, far = End(closed), End(closed)
    near.other, far.other = far, near
    far.transport = upstream
    near.transport = cast("asyncio.Transport", take_over(near))
    if ahead:
        far.data_received(ahead)
    upstream.set_protocol(far)
    if not upstream.is_closing():
        upstream.resume_reading()
    try:
        await closed
    finally:
        near.transport.close()
        upstream.close()
        ended(near.passed_bytes, far.passed_bytes)
