"""The port of a mock that is served over HTTPS: who speaks plain HTTP there is told so, and not just cut off."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Callable

from tallystick.mock.problem import Problem
from tallystick.mock.serving.refusals import TLS_BEGINNING, written
from tallystick.nouns import budgets

_PAUSE_SECONDS = 0.5
"""How long nothing is accepted after the system could not: it has no file descriptors left, as a rule."""
_WRONG_SCHEME = Problem(400, "this is an HTTPS port, and the request is a plain HTTP one; ask for https://")


class TlsListener:
    """Accepts the connections of one socket; it stands where uvicorn has an `asyncio.Server`.

    `make_protocol` makes the protocol of a connection once its handshake is done. The first byte of a connection is
    looked at, and left for the handshake to read.
    """

    def __init__(
        self,
        listener: socket.socket,
        context: ssl.SSLContext,
        make_protocol: Callable[[], asyncio.BaseProtocol],
        most_connections: int,
    ) -> None:
        self.listener = listener
        self.context = context
        self.make_protocol = make_protocol
        self.most_connections = most_connections
        self.opening: set[asyncio.Task[None]] = set()
        """The connections whose handshake is not done."""
        listener.setblocking(False)
        self.accepting = asyncio.get_running_loop().create_task(self._accept())

    def close(self) -> None:
        """Accepts no more connections, and ends those that are not open yet."""
        for task in (self.accepting, *self.opening):
            task.cancel()

    async def wait_closed(self) -> None:
        """Returns when all that `close` ends has ended."""
        await asyncio.gather(self.accepting, *self.opening, return_exceptions=True)

    async def _accept(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            try:
                connection, _ = await loop.sock_accept(self.listener)
            except OSError:
                await asyncio.sleep(_PAUSE_SECONDS)
                continue
            if len(self.opening) >= self.most_connections:
                connection.close()
                continue
            task = loop.create_task(self._open(connection))
            self.opening.add(task)
            task.add_done_callback(self.opening.discard)

    async def _open(self, connection: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        is_handed_over = False
        try:
            async with asyncio.timeout(budgets.HEAD_SECONDS):
                first = await _first_byte(connection)
            if first == TLS_BEGINNING[:1]:
                is_handed_over = True
                await loop.connect_accepted_socket(
                    self.make_protocol, connection, ssl=self.context, ssl_handshake_timeout=budgets.HEAD_SECONDS
                )
            elif first:
                async with asyncio.timeout(budgets.FAREWELL_SECONDS):
                    await _refuse(connection)
        except OSError:  # the client has gone, speaks no TLS after all, or takes too long
            pass
        finally:
            if not is_handed_over:
                connection.close()


async def _first_byte(connection: socket.socket) -> bytes:
    """The first byte of a connection, which stays to be read; b"" where it is closed instead."""
    loop = asyncio.get_running_loop()
    while True:
        try:
            return connection.recv(1, socket.MSG_PEEK)
        except BlockingIOError:
            readable: asyncio.Future[None] = loop.create_future()
            loop.add_reader(connection, _set, readable)
            try:
                await readable
            finally:
                loop.remove_reader(connection)


def _set(readable: asyncio.Future[None]) -> None:
    if not readable.done():
        readable.set_result(None)


async def _refuse(connection: socket.socket) -> None:
    """Says what is wrong, and reads on until the client has read it: a reset connection would lose it."""
    loop = asyncio.get_running_loop()
    await loop.sock_sendall(connection, written(_WRONG_SCHEME, (), True))
    connection.shutdown(socket.SHUT_WR)
    while await loop.sock_recv(connection, 2**16):
        pass
