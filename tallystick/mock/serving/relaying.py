"""What our server does beyond ASGI for a proxy: informational responses, and connections that change their protocol."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from tallystick.mock.asgi import ENDLESS
from tallystick.mock.serving.cycle import lines_of

if TYPE_CHECKING:
    from tallystick.mock.serving.protocol import Connection
    from tallystick.mock.upstream.connection import Head


def inform(connection: Connection, head: Head) -> None:
    """Send an informational response before the response to the request that is being answered."""
    if not connection.transport.is_closing():
        connection.transport.write(_text(head))


def take_over(connection: Connection, head: Head, protocol: asyncio.BaseProtocol) -> asyncio.Transport:
    """Send the head of a switch of protocols; from then on another one reads what comes, and writes what goes."""
    cycle = connection.cycle
    cycle.response_started = cycle.response_complete = True
    connection.connections.discard(connection)
    transport: asyncio.Transport = connection.transport.transport  # type: ignore[attr-defined]  # below HeadWithBody
    transport.write(_text(head))
    transport.set_protocol(protocol)
    if not transport.is_closing():
        transport.resume_reading()
    return transport


def end_endless(connection: Connection) -> bool:
    """End a response that has no end of its own, since the server ends; False where there is none."""
    cycle = connection.cycle
    if cycle is None or cycle.response_complete or not cycle.scope.get(ENDLESS):
        return False
    cycle.disconnected = True
    cycle.tell()
    connection.transport.close()
    return True


def _text(head: Head) -> bytes:
    return b"HTTP/1.1 %d %b\r\n%b\r\n" % (head.status, head.reason, lines_of(head.fields, is_relayed=True))
