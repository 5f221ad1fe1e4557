"""HTTP as uvicorn and httptools speak it, and what they leave open: limits, timeouts, and requests that are no HTTP.

A response of known length leaves in one write: head and body in one packet, half the calls. The head of a response
without a length leaves at once: its body is streamed, and its first part may be long in coming.
"""

from __future__ import annotations

import asyncio
import re
from functools import partial
from typing import Any
from urllib.parse import unquote

from httptools import HttpParserError, HttpParserInvalidMethodError, HttpParserUpgrade, HttpRequestParser
from uvicorn.config import Config
from uvicorn.protocols.http.flow_control import HIGH_WATER_LIMIT
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from tallystick.mock.faults import BREAK_OFF
from tallystick.mock.problem import Problem
from tallystick.mock.serving.behind_head import BehindHead
from tallystick.mock.serving.cycle import Cycle, begin
from tallystick.mock.serving.refusals import (
    Head,
    head_too_large,
    is_host,
    parted,
    refusal_of,
    refusal_of_bytes,
    target_too_long,
    written,
)
from tallystick.mock.serving.relaying import end_endless, inform, take_over
from tallystick.mock.serving.transport import Farewell, HeadWithBody
from tallystick.mock.serving.waits import Wait, Waiting
from tallystick.mock.upstream import HAS_EOF, INFORM, TAKE_OVER, TRAILERS
from tallystick.nouns import budgets

_RARE = frozenset((b"expect", b"transfer-encoding"))
"""Header fields of a request whose head is looked at closely."""
_FRAMING = (b"content-length", b"transfer-encoding")
_TOKEN = rb"[!#$%&'*+.^_`|~0-9A-Za-z-]"
_METHOD = re.compile(rb"(?:\r?\n)*(%s{1,%d}) " % (_TOKEN, budgets.METHOD_CHARACTERS))
_PART_OF_METHOD = re.compile(rb"(?:\r?\n)*%s{0,%d}" % (_TOKEN, budgets.METHOD_CHARACTERS))
_PIECE_BYTES = 16 * 2**10
"""How much is read at once."""
_STAND_IN = b"POST"
"""The method under which httptools reads a request whose method it does not know."""
_OF_OTHER_PROTOCOLS = "Invalid method for HTTP/x.x request"
"""What llhttp says of a method that it knows from another protocol (RTSP)."""


class _Discarded(list[tuple[bytes, bytes]]):
    """Where fields behind a head go that nobody reads: they must not pass for header fields (RFC 9110, 6.5.1)."""

    def append(self, _: tuple[bytes, bytes], /) -> None:
        """Keep nothing."""


_DISCARDED = _Discarded()


class Connection(HttpToolsProtocol):
    """One connection of a client: uvicorn's protocol, with the manners of this server.

    uvicorn's methods that each request passes are written anew here where a call around them would cost time. No timer
    is set for a request: `waiting` says what the client is awaited for, and a `Watch` asks now and then.
    """

    cycle: Cycle
    has_eof: bool

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
        *,
        most_connections: int = budgets.CONNECTIONS,
    ) -> None:
        own = {
            BREAK_OFF: self.break_off,
            INFORM: partial(inform, self),
            TAKE_OVER: partial(take_over, self),
            HAS_EOF: lambda: self.has_eof,
        }
        super().__init__(config, server_state, {**app_state, **own}, _loop)
        self.most_connections = most_connections
        self.waiting_since: tuple[Waiting, float] | None = None
        self.unread: list[bytes] = []
        """The packets that wait to be read."""
        self.packet_bytes = 0
        self.to_begin: Cycle | None = None
        """The request that is answered next, once all is read that has come with it."""
        self.has_ended = False
        """Whether a request has ended in the last packet, so that it is not known where the next one begins in it."""
        self.head = bytearray()
        """What has come of a head that is not there as a whole."""
        self.body_before: Waiting | None = None
        """What there was of a body after an earlier packet; since then came `bytes_without_body`."""
        self.bytes_without_body = 0
        self.odd_method = ""
        self.wrong_head: Problem | None = None
        self.has_eof = False
        self.refusal: Problem | None = None
        """Why nothing more is read; it is sent once all requests before are answered."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as in uvicorn
        """Begin; one connection too many is told to come again."""
        if len(self.connections) >= self.most_connections:
            problem = Problem(
                503,
                f"{self.most_connections:,} connections are open already; come again soon",
                headers=(("retry-after", "1"),),
            )
            transport.write(written(problem, self.server_state.default_headers, True))
            Farewell(transport)
            return
        self.own_transport = HeadWithBody(transport, self._is_read, self._leave)
        super().connection_made(self.own_transport)  # type: ignore[arg-type]  # it does what uvicorn asks of a transport

    def _is_read(self) -> bool:
        return self.cycle is None or not self.cycle.more_body

    def data_received(self, data: bytes) -> None:
        """Read what came, unless it was refused; a large packet in pieces, as it may have thousands of requests."""
        if self.refusal is not None:
            return
        if len(data) > _PIECE_BYTES or self.unread:
            self.unread.append(data)
            self._read_pieces()
            return
        self.has_ended = False
        self.packet_bytes = len(data)
        try:
            self.parser.feed_data(data)
        except HttpParserUpgrade as upgrade:
            self._read_on(data[upgrade.args[0] :])
        except HttpParserError as error:
            self._stop(error, data)
        else:
            cycle = self.cycle
            if cycle is None or cycle.scope is not self.scope or cycle.more_body:
                self._measure(data)
        if (next_cycle := self.to_begin) is not None:
            self.to_begin = None
            self._begin(next_cycle)

    def _begin(self, cycle: Cycle) -> None:
        """Have a request answered: here and now, where the application needs no task, as far as it has not to wait."""
        if getattr(self.app, "needs_task", True):
            self._start_asgi_task(cycle, self.app)
        elif (begun := begin(cycle.run_asgi(self.app))) is not None:
            task = self.loop.create_task(begun)
            task.add_done_callback(self.tasks.discard)
            self.tasks.add(task)

    def _read_pieces(self) -> None:
        """Read what is unread, until a whole request waits for the answers to those before it."""
        packets, self.unread = self.unread, []
        for number, packet in enumerate(packets):
            for start in range(0, len(packet), _PIECE_BYTES):
                if self.pipeline or self.transport.is_closing():
                    self.unread += [packet[start:], *packets[number + 1 :]]  # behind what is unread of a piece
                    self.flow.pause_reading()
                    return
                self.data_received(packet[start : start + _PIECE_BYTES])

    def _measure(self, data: bytes) -> None:
        """Keep the head that has begun, and see that neither it nor what surrounds a body grows too large."""
        cycle = self.cycle
        if cycle is not None and cycle.scope is self.scope:
            self._measure_body(cycle, len(data))
            return
        if not self.has_ended:
            self.head += data
        if self.scope is not None and len(self.url) > budgets.TARGET_BYTES:
            self._refuse(target_too_long())
        elif len(self.head) > budgets.HEAD_BYTES:
            self._refuse(head_too_large())

    def _measure_body(self, cycle: Cycle, packet_bytes: int) -> None:
        """See that sizes and extensions of chunks, and trailer fields, are no more than a head may be.

        Trailer fields that come when the request is answered are for nobody.
        """
        if cycle.response_complete:
            self.headers = _DISCARDED
        waiting = Waiting(Wait.BODY, cycle, cycle.pieces)
        if waiting.is_as(self.body_before):
            self.bytes_without_body += packet_bytes
            if self.bytes_without_body > budgets.HEAD_BYTES and not cycle.response_complete:
                self._refuse(Problem(431, "what surrounds the chunks of the body is too large"))
        else:
            self.body_before, self.bytes_without_body = waiting, 0

    def on_headers_complete(self) -> None:
        """Have a request answered whose head is there, unless it is no HTTP or too large."""
        parser, scope, target, headers = self.parser, self.scope, self.url, self.headers
        version = parser.get_http_version()
        method = scope["method"] = self.odd_method or parser.get_method().decode()
        fields = dict(headers)
        path, _, query = target.partition(b"?")
        if (
            version != "1.1"
            or len(fields) != len(headers)  # a field is there twice
            or not is_host(fields.get(b"host", b"/"))
            or not _RARE.isdisjoint(fields)
            or path[:1] != b"/"
            or b"#" in target
            or self.packet_bytes + len(self.head) > budgets.TARGET_BYTES
            or len(headers) > budgets.HEAD_FIELDS
        ):
            self.wrong_head = refusal_of(Head(version, method, target, headers))
            if self.wrong_head is not None:
                raise ValueError(self.wrong_head.detail)  # the parser reads no further
            if path[:1] != b"/":
                path, query = self._read_target(target)
            scope["http_version"] = version
            self.expect_100_continue = self.expect_100_continue and version != "1.0"
        if self.head:
            self.head.clear()
        self.odd_method = ""
        text = path.decode("ascii")
        scope["path"] = unquote(text) if "%" in text else text
        scope["raw_path"] = path
        scope["query_string"] = query
        self.headers = _DISCARDED
        if b"transfer-encoding" in fields:
            self.headers = scope[TRAILERS] = []  # type: ignore[literal-required]  # a key of our own
        self._answer(version != "1.0" and method != "CONNECT" and parser.should_keep_alive())

    def _read_target(self, target: bytes) -> tuple[bytes, bytes]:
        """The path and the query of a target that is no path; the authority in it goes before `Host`."""
        path, query, authority = parted(target)
        if authority:
            self.headers[:] = [field for field in self.headers if field[0] != b"host"]
            self.headers.append((b"host", authority))
        return path, query

    def _answer(self, keep_alive: bool) -> None:
        """Have the request that was read last answered, when those before are."""
        before = self.cycle
        cycle = self.cycle = Cycle(
            self.scope,
            self.own_transport,
            self.flow,
            self.server_state.default_headers,
            self.expect_100_continue,
            # A client that waits for leave to send its body may send it or not where it is refused.
            keep_alive and not self.expect_100_continue,
            self.on_response_complete,
        )
        if before is None or before.response_complete:
            self.to_begin = cycle
        else:
            self.flow.pause_reading()
            self.pipeline.appendleft((cycle, self.app))

    def on_body(self, body: bytes) -> None:
        """A piece of the body of a request is read."""
        cycle = self.cycle
        if not cycle.response_complete:
            cycle.add(body)
            if len(cycle.body) > HIGH_WATER_LIMIT:
                self.flow.pause_reading()

    def on_message_complete(self) -> None:
        """The last byte of a request is read."""
        self.has_ended = True
        cycle = self.cycle
        cycle.more_body = False
        cycle.tell()
        if self.expect_100_continue:
            cycle.keep_alive = self.parser.should_keep_alive()

    def on_response_complete(self) -> None:
        """Send a head that still waits, since a response to HEAD has no body to send it with; go on with what waits."""
        transport = self.transport
        transport.flush()  # type: ignore[attr-defined]  # of HeadWithBody
        self.server_state.total_requests += 1
        if transport.is_closing():
            return
        self.flow.resume_reading()
        if self.pipeline:
            self._start_asgi_task(*self.pipeline.pop())
        elif self.refusal is not None:
            self._say_why(self.refusal)
        if self.unread:
            self._read_pieces()
        if self.has_eof and not (self.unread or self._is_owed()):
            transport.transport.close()  # type: ignore[attr-defined]  # below HeadWithBody

    def eof_received(self) -> bool:  # type: ignore[override]  # uvicorn's returns nothing, which closes the connection
        """The client sends no more; what it has asked for is answered."""
        self.has_eof = True
        return bool(self.unread) or self._is_owed()

    def _is_owed(self) -> bool:
        """Whether a request that is there as a whole has no whole answer yet."""
        cycle = self.cycle
        return bool(self.pipeline) or (cycle is not None and not cycle.more_body and not cycle.response_complete)

    # What is rare: odd methods, upgrades, refusals

    def _stop(self, error: HttpParserError, data: bytes) -> None:
        """Refuse what the parser cannot read, unless it is only the method that it does not know."""
        is_odd = isinstance(error, HttpParserInvalidMethodError) or str(error) == _OF_OTHER_PROTOCOLS
        if is_odd and not self.has_ended and not self.odd_method:
            self.head += data
            method = _METHOD.match(self.head)
            if method is not None:
                self.odd_method = method[1].decode()
                head = _STAND_IN + self.head[method.end(1) :]
                self.head.clear()
                self.parser = HttpRequestParser(self)
                self.data_received(head)
                return
            if _PART_OF_METHOD.fullmatch(self.head):
                return
        self._refuse(self.wrong_head or refusal_of_bytes(error, data))

    def _read_on(self, rest: bytes) -> None:
        """Read what follows a head that asks for an upgrade, as if it asked for none: nothing is upgraded here.

        llhttp takes what follows for another protocol. Where it is a body, another parser is told its length.
        """
        cycle = self.cycle
        if cycle.scope["method"] == "CONNECT":  # what follows is for whoever it should have connected to
            return
        framing = [b": ".join(field) for field in cycle.scope["headers"] if field[0] in _FRAMING]
        if framing:
            cycle.more_body = True
            cycle.has_news = False
            self.parser = HttpRequestParser(BehindHead(self))
            rest = b"\r\n".join([_STAND_IN + b" / HTTP/1.1", *framing, b"", rest])
        if rest:
            self.data_received(rest)

    def _refuse(self, problem: Problem) -> None:
        """Read nothing more; say why, once all requests before are answered."""
        cycle = self.cycle
        self.refusal = problem
        if cycle is None or (cycle.response_complete and not cycle.more_body):
            self._say_why(problem)
        elif not cycle.more_body:
            self.flow.pause_reading()
        elif self.pipeline and self.pipeline[0][0] is cycle:  # its body is refused before its turn has come
            self.pipeline.popleft()
            self.flow.pause_reading()
        else:
            cycle.disconnected = True
            cycle.tell()
            if cycle.response_started:
                self.transport.close()
            else:
                self._say_why(problem)

    def _say_why(self, problem: Problem) -> None:
        """Send the reason why nothing more is read, and end the connection."""
        transport: asyncio.Transport = self.transport.transport  # type: ignore[attr-defined]  # below HeadWithBody
        if transport.is_closing():
            return
        has_body = self.scope is None or self.scope.get("method") != "HEAD"
        transport.write(written(problem, self.server_state.default_headers, has_body))
        self._leave()

    def _leave(self) -> None:
        """End the connection when the client has read what was sent last, and had the time to."""
        self.connections.discard(self)
        Farewell(self.transport.transport, self.connection_lost)  # type: ignore[attr-defined]  # below HeadWithBody

    def break_off(self, with_what_was_sent: bool) -> None:
        """End the connection in the middle of a response, or before it, as a fault asks."""
        if with_what_was_sent:
            self.transport.close()
        else:
            self.transport.abort()

    def shutdown(self) -> None:
        """End with the server, once what was asked for is answered."""
        if not end_endless(self):
            super().shutdown()

    # Waiting for the client

    def waiting(self) -> Waiting | None:
        """What the client is awaited for, None where the server itself is at work."""
        size = self.transport.get_write_buffer_size()
        if size:
            return Waiting(Wait.TAKING, None, size)
        if self.refusal is not None:
            return None
        cycle = self.cycle
        if cycle is None:
            return Waiting(Wait.OPENING if self.scope is None else Wait.HEAD, self.scope)
        if not cycle.response_complete:
            is_awaited = cycle.more_body and not cycle.response_started and not self.flow.read_paused
            return Waiting(Wait.BODY, cycle, cycle.pieces) if is_awaited else None
        if cycle.more_body:
            return Waiting(Wait.BODY, cycle, cycle.pieces)
        if cycle.scope is not self.scope:
            return Waiting(Wait.HEAD, self.scope)
        return Waiting(Wait.NEXT, cycle)

    def time_out(self, wait: Wait) -> None:
        """End the connection, which has waited too long; a request that was begun is told so."""
        if wait is Wait.TAKING:
            self.transport.abort()
        elif wait is Wait.HEAD:
            self._refuse(Problem(408, "the head of the request was too long in coming"))
        elif wait is Wait.BODY and not self.cycle.response_complete:
            self._refuse(Problem(408, "the body of the request stopped before its end"))
        else:
            self.transport.close()
