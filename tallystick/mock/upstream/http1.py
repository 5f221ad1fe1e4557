"""A connection to an upstream that speaks HTTP/1.1, as httptools reads it.

httptools is what the server reads requests with, too. It tells of informational responses, of trailer fields and of
the bytes of a field as they came, which client libraries keep to themselves.
"""

from __future__ import annotations

import asyncio

from httptools import HttpParserError, HttpParserUpgrade, HttpResponseParser

from tallystick.mock.upstream.connection import Connection, Head
from tallystick.mock.upstream.errors import BrokenError
from tallystick.mock.upstream.fields import Fields, RequestHead, lines, request_lines
from tallystick.nouns import budgets
from tallystick.nouns.extras import install_line

_BODILESS = (204, 304)
_HTTP2 = f"the upstream speaks HTTP/2, and it is not agreed on by HTTPS; that needs {install_line('http2')}"


class Http1Connection(Connection):
    """A connection on which one response follows the other."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.parser = self._parser()
        self.is_of_http2 = False
        """Whether the upstream has begun to speak HTTP/2, though it was not asked to."""
        super().__init__(loop)

    def _parser(self) -> HttpResponseParser:
        """A parser that takes what clients commonly take, though it is not quite HTTP (RFC 9112, section 2.2)."""
        parser = HttpResponseParser(self)
        parser.set_dangerous_leniencies(lenient_optional_cr_before_lf=True, lenient_spaces_after_chunk_size=True)
        return parser

    def _forget(self) -> None:
        super()._forget()
        self.head_bytes = 0
        self.is_upgraded = False
        self._reset_fields()

    def _reset_fields(self) -> None:
        self.reason = b""
        self.fields: list[tuple[bytes, bytes]] = []

    # The request

    def _begin(self, request: RequestHead, body: bytes, trailers: Fields | None) -> None:
        if self.is_of_http2:
            self.fail(BrokenError(_HTTP2))
            return
        self.is_chunked = request.is_chunked
        fields = request_lines(request.fields, request.around, request.switches)
        head = b"%b %b HTTP/1.1\r\n%b\r\n" % (request.method, request.target, fields)
        end = self._end(trailers) if trailers is not None else b""
        self.transport.write(head + self._framed(body) + end)

    def _framed(self, piece: bytes) -> bytes:
        return b"%x\r\n%b\r\n" % (len(piece), piece) if self.is_chunked and piece else piece

    def _write(self, data: bytes) -> None:
        self.written_bytes += len(data)
        self.transport.write(self._framed(data))

    def _finish(self, trailers: Fields) -> None:
        self.transport.write(self._end(trailers))

    def _end(self, trailers: Fields) -> bytes:
        """What stands behind a body in chunks."""
        return b"0\r\n%b\r\n" % lines(trailers) if self.is_chunked else b""

    # The transport

    def data_received(self, data: bytes) -> None:
        if self.is_upgraded:
            self._take(data)
            return
        if self.is_complete or not self.exchanges:  # nobody has asked for it
            self.is_of_http2 = _is_http2(data)
            self.abort()
            return
        self.head_bytes += len(data)
        self.has_begun = True
        before = len(self.pieces)
        try:
            self.parser.feed_data(data)
        except HttpParserUpgrade as upgrade:
            self.is_upgraded = self.is_endless = True
            if rest := data[upgrade.args[0] :]:
                self._take(rest)
        except HttpParserError as error:
            if not self.is_complete:
                self.fail(BrokenError(_HTTP2 if _is_http2(data) else f"the upstream sent what is no HTTP: {error}"))
            self.is_reusable = False
        if len(self.pieces) > before + 1:  # many small chunks would take many times their size
            self.pieces[before:] = [b"".join(self.pieces[before:])]
        if self.head_bytes > budgets.UPSTREAM_HEAD_BYTES:
            part = "head of the reply is" if self.response is None else "trailer fields of the reply are"
            self.fail(BrokenError(f"the {part} larger than {budgets.UPSTREAM_HEAD_BYTES:,} bytes"))
        if self.is_complete and self.is_head:
            self.parser = self._parser()  # the one before takes what comes next for a body

    # The parser

    def on_message_begin(self) -> None:
        """A response begins, or an informational one. Behind the end of a response, nobody has asked for it."""
        if self.is_complete:
            self.is_reusable = False

    def on_status(self, reason: bytes) -> None:
        """A piece of the phrase behind the status."""
        self.reason += reason

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header field, or a trailer field behind a body in chunks."""
        if self.response is None:
            self.fields.append((name, value))
        elif not self.is_complete:
            self.trailers.append((name, value))

    def on_headers_complete(self) -> None:
        """A head is there: that of the response, or an informational one before it."""
        if self.is_complete:
            return
        status = self.parser.get_status_code()
        if status < 100:
            self.fail(BrokenError(f"the upstream sent what is no HTTP: the status {status:03}"))
            return
        if len(self.fields) > budgets.UPSTREAM_HEAD_FIELDS:
            self.fail(BrokenError(f"the head of the reply has more than {budgets.UPSTREAM_HEAD_FIELDS:,} fields"))
            return
        head = Head(status, self.reason, tuple(self.fields))
        self._reset_fields()
        if 100 <= status < 200 and status != 101:
            self._inform(head)
            return
        self.response = head
        self.is_reusable = self.parser.should_keep_alive()
        names = {name.lower(): value for name, value in head.fields}
        self.is_endless = (
            b"content-length" not in names and b"chunked" not in names.get(b"transfer-encoding", b"").lower()
        )
        self.is_complete = self.is_head or status in _BODILESS
        self.tell()

    def on_body(self, body: bytes) -> None:
        """A piece of a body."""
        if self.is_complete:
            self.is_reusable = False
            return
        self.head_bytes = 0
        self._take(body)

    def on_message_complete(self) -> None:
        """The last byte of a response, or of an informational one, is read."""
        if self.response is not None:
            self.is_complete = True
            self.tell()


def _is_http2(data: bytes) -> bool:
    """Whether bytes are what a server of HTTP/2 sends first: its settings, on no stream (RFC 9113, section 3.4)."""
    return data[3:4] == b"\x04" and data[5:9] == bytes(4)
