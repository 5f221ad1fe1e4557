"""A connection to an upstream that speaks HTTP/2 (RFC 9113), as h2 reads it: one stream after the other.

Requests at the same time have connections of their own, as in HTTP/1.1, so that none waits for the body of another.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from http import HTTPStatus

from h2 import events
from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.errors import ErrorCodes
from h2.exceptions import ProtocolError
from h2.settings import SettingCodes, Settings

from tallystick.mock.upstream.connection import Connection, Head
from tallystick.mock.upstream.errors import BrokenError
from tallystick.mock.upstream.fields import Fields, RequestHead, request_fields
from tallystick.nouns import budgets

_FRAME_HEAD_BYTES = 9
_MOST_FRAME_BYTES = 16 * 2**10
"""The largest frame that is taken, which is what the settings say (RFC 9113, section 4.2)."""
_GOAWAY = 7
_WINDOW_BYTES = 2**20
"""How much of a body may be on its way before some of it is taken."""
_OF_HTTP1 = frozenset((b"connection", b"host", b"transfer-encoding"))
"""The fields that a request in HTTP/1.1 has, and one in HTTP/2 has not."""
_STATUSES = {status.value: status.phrase.encode() for status in HTTPStatus}


class Http2Connection(Connection):
    """A connection on which one stream is opened when the one before has ended."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.http2 = H2Connection(H2Configuration(normalize_inbound_headers=False))
        self.http2.local_settings = Settings(
            client=True,
            initial_values={
                SettingCodes.ENABLE_PUSH: 0,
                SettingCodes.INITIAL_WINDOW_SIZE: _WINDOW_BYTES,
                SettingCodes.MAX_HEADER_LIST_SIZE: budgets.UPSTREAM_HEAD_BYTES,
            },
        )
        del self.http2.local_settings[SettingCodes.ENABLE_CONNECT_PROTOCOL]  # it is for servers, and some refuse it
        self.http2.decoder.max_header_list_size = budgets.UPSTREAM_HEAD_BYTES
        self.buffer = bytearray()
        """What has come of a frame that is not there as a whole."""
        self.is_going_away = False
        self.is_full = False
        """Whether the transport takes nothing more now."""
        super().__init__(loop)

    def _forget(self) -> None:
        super()._forget()
        self.stream = 0
        self.unsent = bytearray()
        """What of the request waits for the upstream to take it."""
        self.end: Fields | None = None
        """The trailer fields behind it; None where more of the request is to come."""
        self.is_sent = False
        self.untaken_bytes = 0
        """What has come while too much waited, so that the upstream is not told yet that it was taken."""

    @property
    def can_be_reused(self) -> bool:
        return super().can_be_reused and self.is_sent and not self.is_going_away

    # The request

    def _begin(self, request: RequestHead, body: bytes, trailers: Fields | None) -> None:
        fields = request_fields(request.fields, request.around, request.switches)
        head = [
            (b":method", request.method),
            (b":scheme", b"https"),
            (b":authority", request.around.authority),
            (b":path", request.target),
            *(field for field in fields if field[0] not in _OF_HTTP1),
        ]
        self.is_reusable = True
        self.unsent += body
        self.end = trailers
        self.is_sent = not body and trailers is not None and not trailers
        try:
            self.stream = self.http2.get_next_available_stream_id()
            self.http2.send_headers(self.stream, head, end_stream=self.is_sent)
        except ProtocolError as error:
            self.fail(BrokenError(f"the request cannot be sent in HTTP/2: {error}"))
            return
        self._send()

    def _write(self, data: bytes) -> None:
        self.unsent += data
        self._send()

    def _finish(self, trailers: Fields) -> None:
        self.end = trailers
        self._send()

    def _send(self) -> None:
        """Send as much of the request as the upstream takes now; a writer waits for the rest."""
        try:
            self._send_body()
        except ProtocolError as error:
            self.fail(BrokenError(f"the request cannot be sent in HTTP/2: {error}"))
        if self.unsent and self.is_open:
            super().pause_writing()
        elif not self.is_full:
            super().resume_writing()
        self._flush()

    def _send_body(self) -> None:
        http2, stream = self.http2, self.stream
        while self.unsent and not self.is_sent:
            size = min(http2.local_flow_control_window(stream), http2.max_outbound_frame_size, len(self.unsent))
            if size <= 0:
                return
            http2.send_data(stream, bytes(self.unsent[:size]))
            del self.unsent[:size]
            self.written_bytes += size
        if self.end is not None and not self.is_sent:
            self.is_sent = True
            if self.end:
                http2.send_headers(stream, list(self.end), end_stream=True)
            else:
                http2.end_stream(stream)

    def _flush(self) -> None:
        if data := self.http2.data_to_send():
            self.transport.write(data)

    # The transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self.http2.initiate_connection()
        self.http2.increment_flow_control_window(_WINDOW_BYTES)
        self._flush()

    def pause_writing(self) -> None:
        self.is_full = True
        super().pause_writing()

    def resume_writing(self) -> None:
        self.is_full = False
        if not (self.unsent and self.is_open):
            super().resume_writing()

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        try:
            for frame in self._frames():
                if frame[3] == _GOAWAY:
                    self._go_away(frame[_FRAME_HEAD_BYTES:])
                    continue
                for event in self.http2.receive_data(frame):
                    self._hear(event)
        except ProtocolError as error:
            self.fail(BrokenError(f"the upstream sent what is no HTTP/2: {error}"))
        if self.is_open:
            self._flush()

    def _frames(self) -> Iterator[bytes]:
        """The frames that are there as a whole."""
        while self.is_open and len(self.buffer) >= _FRAME_HEAD_BYTES:
            length = int.from_bytes(self.buffer[:3], "big")
            if length > _MOST_FRAME_BYTES:
                raise ProtocolError("a frame that is larger than it may be")
            size = _FRAME_HEAD_BYTES + length
            if len(self.buffer) < size:
                return
            frame = bytes(self.buffer[:size])
            del self.buffer[:size]
            yield frame

    def _go_away(self, payload: bytes) -> None:
        """The upstream takes no more streams (RFC 9113, section 6.8); one that it has taken goes on.

        h2 is not told: to it, the connection ends with this frame.
        """
        last_stream, code = int.from_bytes(payload[:4], "big") & 0x7FFFFFFF, int.from_bytes(payload[4:8], "big")
        self.is_going_away = True
        if self.stream and not self.is_complete and (code or self.stream > last_stream):
            fact = f"the upstream went away before its reply was there as a whole ({_named(code)})"
            self.fail(BrokenError(fact, is_untouched=self.stream > last_stream))
        elif not self.stream or self.is_complete:
            self.abort()

    def _read_no_more(self) -> None:
        """Nothing is to do: what comes is not told as taken."""

    def _read_on(self) -> None:
        untaken, self.untaken_bytes = self.untaken_bytes, 0
        if untaken and self.is_open:
            self.http2.acknowledge_received_data(untaken, self.stream)
            self._flush()

    # What the upstream says

    def _hear(self, event: events.Event) -> None:
        if isinstance(event, events.WindowUpdated | events.RemoteSettingsChanged):
            if self.stream and not self.is_complete:
                self._send()
        elif getattr(event, "stream_id", None) == self.stream and not self.is_complete:
            self._hear_of_stream(event)

    def _hear_of_stream(self, event: events.Event) -> None:
        self.has_begun = True
        match event:
            case events.InformationalResponseReceived():
                self._inform(_head(event.headers))
            case events.ResponseReceived():
                self._begin_response(_head(event.headers))
            case events.DataReceived():
                self._take(event.data)
                self.untaken_bytes += event.flow_controlled_length
                if not self.is_reading_paused:
                    self._read_on()
            case events.TrailersReceived():
                self.trailers = _plain(event.headers)
            case events.StreamEnded():
                self.is_complete = True
                self.tell()
            case events.StreamReset():
                code = event.error_code
                who = "the upstream reset its reply" if event.remote_reset else "the upstream sent what is no HTTP/2"
                self.fail(BrokenError(f"{who} ({_named(code)})", is_untouched=code == ErrorCodes.REFUSED_STREAM))

    def _begin_response(self, head: Head) -> None:
        if len(head.fields) > budgets.UPSTREAM_HEAD_FIELDS:
            self.fail(BrokenError(f"the head of the reply has more than {budgets.UPSTREAM_HEAD_FIELDS:,} fields"))
            return
        self.response = head
        self.tell()


def _plain(fields: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """Fields without those that are of HTTP/2 itself; h2's own tuples are of another type."""
    return [(bytes(name), bytes(value)) for name, value in fields if not name.startswith(b":")]


def _head(fields: list[tuple[bytes, bytes]]) -> Head:
    """The head of a response; HTTP/2 has no phrase behind the status, so it has the usual one."""
    status = int(dict(fields)[b":status"])
    return Head(status, _STATUSES.get(status, b""), tuple(_plain(fields)))


def _named(code: int) -> str:
    return ErrorCodes(code).name if code in ErrorCodes.__members__.values() else f"code {code}"
