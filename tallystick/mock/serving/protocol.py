"""HTTP as uvicorn speaks it, a response of known length in one write: head and body in one packet, half the calls.

The head of a response without a length leaves at once: its body is streamed, and its first part may be long in coming.
"""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

_FINAL = tuple(f"HTTP/1.1 {digit}".encode() for digit in "2345")
"""The beginnings of the heads of final responses; `100 Continue` is not one of them."""
_LENGTH = b"\r\ncontent-length: "
"""The field of a head whose body comes at once; uvicorn writes its name in lower case."""


class WholeResponses(HttpToolsProtocol):
    """uvicorn's protocol on a transport that holds the head of a response of known length back until its body comes."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as in uvicorn
        super().connection_made(HeadWithBody(transport))  # type: ignore[arg-type]  # it does what uvicorn asks of one

    def on_response_complete(self) -> None:
        """Send a head that still waits: a response to HEAD has no body to send it with."""
        self.transport.flush()  # type: ignore[attr-defined]
        super().on_response_complete()


class HeadWithBody:
    """A transport that sends the head of a response together with what is written next."""

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self._head = b""

    def __getattr__(self, name: str) -> Any:  # as many types as a transport has attributes
        attribute = self.__dict__[name] = getattr(self._transport, name)
        return attribute

    def write(self, data: bytes) -> None:
        """Sends bytes, and the head before them if one waits; the head of a final response of known length waits."""
        if self._head:
            self._transport.write(self._head + data)
            self._head = b""
        elif data.startswith(_FINAL) and data.endswith(b"\r\n\r\n") and _LENGTH in data:
            self._head = data
        elif data:  # uvicorn writes the body of a 204 as well
            self._transport.write(data)

    def flush(self) -> None:
        """Sends the head that waits, if one does."""
        if self._head:
            self._transport.write(self._head)
            self._head = b""

    def close(self) -> None:
        """Closes the transport once all is sent."""
        self.flush()
        self._transport.close()
