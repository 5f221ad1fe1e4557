"""One request on a connection and its response: uvicorn's, without what no request of most has a use for.

No event is made for a request whose body is there, the text of a head is kept for the next response with the same
fields, and no task is made for an application that waits for nothing.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Callable, Coroutine, Generator, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from starlette.types import Message
from uvicorn.protocols.http.flow_control import FlowControl
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, RequestResponseCycle

if TYPE_CHECKING:
    from tallystick.mock.serving.transport import HeadWithBody

Fields = Sequence[tuple[bytes, bytes]]

_NO_NAME = re.compile(rb"[\x00-\x1f\x7f()<>@,;:\\[\]={} \"]")
_NO_VALUE = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")
_NO_BODY = (204, 304)


class Cycle(RequestResponseCycle):
    """A request and its response; most of what there is to say of one is the same for all, and is said here."""

    logger = logging.getLogger("uvicorn.error")
    access_log = False
    disconnected = False
    body: bytes | bytearray = b""  # type: ignore[assignment]  # most bodies come in one piece, which is as it is
    more_body = True
    pieces = 0
    """How many pieces of the body have come."""
    response_started = False
    response_complete = False
    chunked_encoding: bool | None = None
    expected_content_length = 0
    ends_with_connection = False
    """Whether a body without a length ends where the connection does, as for clients of HTTP/1.0."""
    has_news = False
    """Whether something has come since the application has asked last."""
    event: asyncio.Event | None = None
    """What the application waits for, once it had to."""

    def __init__(
        self,
        scope: Any,
        transport: HeadWithBody,
        flow: FlowControl,
        default_headers: Fields,
        expects_100_continue: bool,
        keep_alive: bool,
        on_response: Callable[[], None],
    ) -> None:
        self.scope = scope
        self.transport = transport  # type: ignore[assignment]  # it does what uvicorn asks of a transport
        self.flow = flow
        self.default_headers = default_headers  # type: ignore[assignment]  # it is only read
        self.waiting_for_100_continue = expects_100_continue
        self.keep_alive = keep_alive
        self.on_response = on_response

    @property
    def message_event(self) -> asyncio.Event:  # type: ignore[override]  # an attribute there
        """What uvicorn sets when something has come."""
        if self.event is None:
            self.event = asyncio.Event()
        return self.event

    def tell(self) -> None:
        """Let the application know that something has come."""
        self.has_news = True
        if self.event is not None:
            self.event.set()

    def add(self, piece: bytes) -> None:
        """Take a piece of the body."""
        self.pieces += 1
        if not self.body:
            self.body = piece
        else:
            if isinstance(self.body, bytes):
                self.body = bytearray(self.body)
            self.body += piece
        self.tell()

    async def receive(self) -> Any:
        if self.waiting_for_100_continue and not self.transport.is_closing():
            self.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            self.waiting_for_100_continue = False
        if not self.disconnected and not self.response_complete:
            self.flow.resume_reading()
            if not self.has_news:
                event = self.message_event
                await event.wait()
                event.clear()
            self.has_news = False
        if self.disconnected or self.response_complete:
            return {"type": "http.disconnect"}
        body, self.body = self.body, b""
        return {"type": "http.request", "body": bytes(body), "more_body": self.more_body}

    async def send(self, message: Any) -> None:
        if self.flow.write_paused and not self.disconnected:
            await self.flow.drain()
        if self.disconnected:
            return
        if not self.response_started:
            self._begin(message)
        elif self.response_complete:
            raise RuntimeError(f"{message['type']} was sent behind the end of a response")
        else:
            self._go_on(message)

    def _begin(self, message: Message) -> None:
        """Send the head of the response, or have it sent with the body that comes at once."""
        if message["type"] != "http.response.start":
            raise RuntimeError(f"a response begins with http.response.start, and not with {message['type']}")
        self.response_started = True
        self.waiting_for_100_continue = False
        if "reason" in message:
            self._relay(message)
            return
        status = message["status"]
        head = _head(tuple(message.get("headers", ())))
        own = b"" if head.is_dated else _lines(tuple(self.default_headers))
        text = b"".join((STATUS_LINE[status], own, head.lines))
        if head.closes:
            self.keep_alive = False
        elif not self.keep_alive:
            text += b"connection: close\r\n"
        if head.length is not None:
            self.chunked_encoding, self.expected_content_length = False, head.length
            self.transport.hold(text + b"\r\n")  # type: ignore[attr-defined]  # of HeadWithBody
            return
        self.chunked_encoding = head.is_chunked or None
        if not head.is_chunked and self.scope["method"] != "HEAD" and status not in _NO_BODY:
            self.chunked_encoding = True
            text += b"transfer-encoding: chunked\r\n"
        self.transport.write(text + b"\r\n")

    def _relay(self, message: Message) -> None:
        """Send the head of a response that comes from another server: with its own phrase, and with its own names."""
        status, fields = message["status"], tuple(message["headers"])
        head = _head(fields, is_relayed=True)
        is_old, has_no_body = self.scope["http_version"] == "1.0", status in _NO_BODY or self.scope["method"] == "HEAD"
        text = b"HTTP/1.1 %d %b\r\n" % (status, message["reason"])
        if not head.is_dated:
            text += _lines(tuple(self.default_headers))
        text += head.lines
        if head.length is None and not has_no_body:
            self.chunked_encoding = True
            self.ends_with_connection = is_old
            self.keep_alive = self.keep_alive and not is_old
            text += b"" if is_old else b"transfer-encoding: chunked\r\n"
        else:
            self.chunked_encoding = False
            self.expected_content_length = 0 if has_no_body or head.length is None else head.length
        if not self.keep_alive:
            text += b"connection: close\r\n"
        if self.chunked_encoding:
            self.transport.write(text + b"\r\n")
        else:
            self.transport.hold(text + b"\r\n")  # type: ignore[attr-defined]  # of HeadWithBody

    def _go_on(self, message: Message) -> None:
        """Send a piece of the body, and end the response behind the last."""
        if message["type"] != "http.response.body":
            raise RuntimeError(f"a response goes on with http.response.body, and not with {message['type']}")
        body, more_body = message.get("body", b""), message.get("more_body", False)
        if self.scope["method"] == "HEAD":
            self.expected_content_length = 0
        elif self.chunked_encoding:
            if self.ends_with_connection:
                self.transport.write(body)
            else:
                piece = b"%x\r\n%b\r\n" % (len(body), body) if body else b""
                self.transport.write(piece if more_body else piece + _end(message))
        else:
            self.expected_content_length -= len(body)
            if self.expected_content_length < 0:
                raise RuntimeError("the body of a response is longer than its Content-Length")
            self.transport.write(body)
        if not more_body:
            if self.expected_content_length:
                raise RuntimeError("the body of a response is shorter than its Content-Length")
            self.response_complete = True
            self.tell()
            if not self.keep_alive:
                self.transport.close()
            self.on_response()


class _Head(NamedTuple):
    """The fields of a head as they are sent, and what they say of the body and the connection."""

    lines: bytes
    length: int | None
    is_chunked: bool
    closes: bool
    is_dated: bool
    """Whether a `Date` is among them; the only field that this server adds by itself is one."""


def _end(message: Message) -> bytes:
    """The last chunk of a body, with the trailer fields behind it."""
    trailers = message.get("trailers")
    return b"0\r\n%b\r\n" % lines_of(trailers, is_relayed=True) if trailers else b"0\r\n\r\n"


@lru_cache(maxsize=256)
def _head(fields: tuple[tuple[bytes, bytes], ...], is_relayed: bool = False) -> _Head:
    """The head with some fields; the last ones are kept, since many responses have the same."""
    lines, length, is_chunked, closes, is_dated = lines_of(fields, is_relayed), None, False, False, False
    for name, value in fields:
        match name.lower():
            case b"content-length" if length is None and not is_chunked:
                length = int(value)
            case b"transfer-encoding" if value.lower() == b"chunked":
                length, is_chunked = None, True
            case b"connection":
                closes = closes or b"close" in (token.strip() for token in value.lower().split(b","))
            case b"date":
                is_dated = True
    return _Head(lines, length, is_chunked, closes, is_dated)


def lines_of(fields: Fields, is_relayed: bool = False) -> bytes:
    """Header fields as they are sent; those of another server have their names as it writes them."""
    if _NO_NAME.search(b"".join([name for name, _ in fields])) or _NO_VALUE.search(
        b"".join([value for _, value in fields])
    ):
        raise RuntimeError("a header field of a response has characters that none may have")
    return b"".join([b"%b: %b\r\n" % (name if is_relayed else name.lower(), value) for name, value in fields])


_lines = lru_cache(maxsize=4)(lines_of)


class Begun(Coroutine[Any, Any, None]):
    """A coroutine that was begun outside of a task, and goes on in one with what it awaits."""

    def __init__(self, rest: Coroutine[Any, Any, None], awaited: object) -> None:
        self.rest = rest
        self.awaited = [awaited]

    def send(self, value: object) -> Any:
        """What it awaits first, then what the rest does."""
        return self.awaited.pop() if self.awaited else self.rest.send(value)

    def throw(self, *error: Any) -> Any:
        """Raise an error in the rest."""
        self.awaited.clear()
        return self.rest.throw(*error)

    def close(self) -> None:
        """End the rest."""
        self.rest.close()

    def __await__(self) -> Generator[Any, Any, None]:
        return self  # type: ignore[return-value]  # it has what a generator has


def begin(coroutine: Coroutine[Any, Any, None]) -> Begun | None:
    """Do the first step of a coroutine here; None where that was the last."""
    try:
        awaited = coroutine.send(None)
    except StopIteration:
        return None
    return Begun(coroutine, awaited)
