"""HTTP as uvicorn speaks it, a response of known length in one write: head and body in one packet, half the calls.

The head of a response without a length leaves at once: its body is streamed, and its first part may be long in coming.
A connection on which a method comes that httptools does not know is handed to h11, which takes every method.
"""

from __future__ import annotations

import asyncio
from typing import Any

from httptools import HttpParserError, HttpParserInvalidMethodError, HttpParserUpgrade
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

_FINAL = tuple(f"HTTP/1.1 {digit}".encode() for digit in "2345")
"""The beginnings of the heads of final responses; `100 Continue` is not one of them."""
_LENGTH = b"\r\ncontent-length: "
"""The field of a head whose body comes at once; uvicorn writes its name in lower case."""

_NO_HTTP = "Invalid HTTP request received."


class WholeResponses(HttpToolsProtocol):
    """uvicorn's protocol on a transport that holds the head of a response of known length back until its body comes."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as in uvicorn
        super().connection_made(HeadWithBody(transport))  # type: ignore[arg-type]  # it does what uvicorn asks of one

    def on_response_complete(self) -> None:
        """Send a head that still waits: a response to HEAD has no body to send it with."""
        self.transport.flush()  # type: ignore[attr-defined]
        super().on_response_complete()

    def data_received(self, data: bytes) -> None:
        """Read what came; uvicorn's own method is not called but written anew here, since one more call costs time."""
        self._unset_keepalive_if_required()
        try:
            self.parser.feed_data(data)
        except HttpParserInvalidMethodError:
            if self.cycle is None or self.cycle.response_complete:
                self._hand_over(data)
            else:  # behind another request in the same packet
                self.send_400_response(_NO_HTTP)
        except HttpParserError:
            self.send_400_response(_NO_HTTP)
        except HttpParserUpgrade:
            return  # nothing is upgraded here: the request is answered as any other

    def _hand_over(self, data: bytes) -> None:
        """Let h11 read what came last, and all that comes later (uvicorn does so for WebSockets)."""
        transport = self.transport.transport  # type: ignore[attr-defined]  # the one below HeadWithBody
        self.connections.discard(self)
        other = H11Protocol(config=self.config, server_state=self.server_state, app_state=self.app_state)
        other.connection_made(transport)
        transport.set_protocol(other)
        other.data_received(data)


class HeadWithBody:
    """A transport that sends the head of a response together with what is written next."""

    def __init__(self, transport: asyncio.Transport) -> None:
        self.transport = transport
        self._head = b""

    def __getattr__(self, name: str) -> Any:  # as many types as a transport has attributes
        attribute = self.__dict__[name] = getattr(self.transport, name)
        return attribute

    def write(self, data: bytes) -> None:
        """Sends bytes, and the head before them if one waits; the head of a final response of known length waits."""
        if self._head:
            self.transport.write(self._head + data)
            self._head = b""
        elif data.startswith(_FINAL) and data.endswith(b"\r\n\r\n") and _LENGTH in data:
            self._head = data
        elif data:  # uvicorn writes the body of a 204 as well
            self.transport.write(data)

    def flush(self) -> None:
        """Sends the head that waits, if one does."""
        if self._head:
            self.transport.write(self._head)
            self._head = b""

    def close(self) -> None:
        """Closes the transport once all is sent."""
        self.flush()
        self.transport.close()
