"""How bytes leave on a connection: a head together with its body, and a last word before the end."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from tallystick.nouns import budgets

_MOST_FAREWELLS = 200
"""How many connections may end slowly; beyond these a connection ends at once, whether its client has read or not."""


class HeadWithBody:
    """A transport that sends the head of a response of known length together with what is written next.

    `is_read` says whether the client has sent the whole of its request; if not, `leave` ends the connection.
    """

    def __init__(self, transport: asyncio.Transport, is_read: Callable[[], bool], leave: Callable[[], None]) -> None:
        self.transport = transport
        self._is_read = is_read
        self._leave = leave
        self._head = b""
        self._has_ended = False

    def __getattr__(self, name: str) -> Any:  # as many types as a transport has attributes
        attribute = self.__dict__[name] = getattr(self.transport, name)
        return attribute

    def hold(self, head: bytes) -> None:
        """Sends the head of a response with what is written next."""
        self._head = head

    def write(self, data: bytes) -> None:
        """Sends bytes, and the head before them if one waits."""
        if self.transport.is_closing():  # the client has gone, while a request before its last was answered
            self._head = b""
        elif self._head:
            self.transport.write(self._head + data)
            self._head = b""
        elif data:  # a 204 has an empty body
            self.transport.write(data)

    def flush(self) -> None:
        """Sends the head that waits, if one does."""
        if self._head and not self.transport.is_closing():
            self.transport.write(self._head)
        self._head = b""

    def is_closing(self) -> bool:
        """Whether nothing more is to be sent."""
        return self._has_ended or self.transport.is_closing()

    def close(self) -> None:
        """Closes the transport once all is sent."""
        self.flush()
        if self._is_read():
            self.transport.close()
        elif not self.is_closing():
            self._has_ended = True
            self._leave()


class Farewell(asyncio.Protocol):
    """The end of a connection whose client may still be sending: it can read what was sent last.

    Were the connection closed with bytes of the client unread, the system would reset it, and the client lose the
    response (RFC 9112, section 9.6). So only our half is closed, and what comes is thrown away for a short time.
    `then` is called at the end, as `connection_lost` is.
    """

    count = 0

    def __init__(self, transport: asyncio.Transport, then: Callable[[Exception | None], None] = lambda _: None) -> None:
        self._transport = transport
        self._then = then
        self._waiting_bytes = -1
        self._timer: asyncio.TimerHandle | None = None
        Farewell.count += 1
        transport.set_protocol(self)
        if Farewell.count > _MOST_FAREWELLS or not transport.can_write_eof():
            transport.close()
            return
        transport.write_eof()
        if not transport.is_closing():  # the client may have gone meanwhile
            transport.resume_reading()
        self._timer = asyncio.get_running_loop().call_later(budgets.FAREWELL_SECONDS, self._end)

    def connection_lost(self, exc: Exception | None) -> None:
        """Counts one less."""
        Farewell.count -= 1
        if self._timer is not None:
            self._timer.cancel()
        self._then(exc)

    def _end(self) -> None:
        waiting_bytes = self._transport.get_write_buffer_size()
        if waiting_bytes in (0, self._waiting_bytes):
            self._transport.abort()
        else:  # the client is still reading
            self._waiting_bytes = waiting_bytes
            self._timer = asyncio.get_running_loop().call_later(budgets.FAREWELL_SECONDS, self._end)
