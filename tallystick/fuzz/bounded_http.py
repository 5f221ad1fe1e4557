"""HTTP for a fuzz run: whatever a server does, each response has a time and a size, and is read within them.

`requests` has a time limit for each piece of a response, and none for all of it; it keeps a body of any size. Here, an
adapter (which `requests` lets a session have) reads each response whole, and follows no redirect.
"""

from __future__ import annotations

import http.client
import io
import math
import socket
import time
from functools import partial
from typing import Any

import requests
import urllib3
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import (
    DecodeError,
    HeaderParsingError,
    NewConnectionError,
    ProtocolError,
    ReadTimeoutError,
)
from urllib3.util.response import assert_header_parsing

from tallystick.fuzz.body_faults import BodyFaults, no_whole_event
from tallystick.fuzz.broken_responses import NO_CHUNKS, BrokenResponseError, LateError, TimeUpError, broken_response
from tallystick.fuzz.clock import SLICE_SECONDS, Clock
from tallystick.fuzz.content_codings import judged_body
from tallystick.fuzz.event_stream import MAX_EVENTS, EventStream, is_event_stream
from tallystick.fuzz.renewal import Renewal
from tallystick.nouns import budgets
from tallystick.nouns.words import counted

_FIELD = "content-encoding"
_PIECE_BYTES = 65_536
_DEFAULT_SECONDS = 10.0
_PROBE_FIELD = "x-schemathesis-probe"
"""The field of Schemathesis's first requests, which ask what the server can do, and test nothing."""
_TRANSFER_CODINGS = frozenset(("", "chunked", "identity"))


class BoundedAdapter(HTTPAdapter):
    """Sends requests, and reads their responses whole, within the time that they have and that the run has left.

    A body that is too large or wrongly coded is noted in `body_faults`; `renewal` has the token of the requests. Raises
    `LateError` for a response that is not whole in time, `TimeUpError` if the time of the run is up.
    """

    def __init__(self, clock: Clock, body_faults: BodyFaults, renewal: Renewal | None = None) -> None:
        self._clock, self._body_faults, self._renewal = clock, body_faults, renewal
        self._pools = _pools(clock)
        super().__init__()

    def init_poolmanager(self, *arguments: Any, **options: Any) -> None:
        """Has connections be ours."""
        super().init_poolmanager(*arguments, **options)
        self.poolmanager.pool_classes_by_scheme = self._pools

    def proxy_manager_for(self, proxy: str, **options: Any) -> Any:
        """Has connections to a proxy be ours, too."""
        manager = super().proxy_manager_for(proxy, **options)
        manager.pool_classes_by_scheme = self._pools
        return manager

    def build_response(self, req: requests.PreparedRequest, resp: urllib3.HTTPResponse) -> requests.Response:
        """A response that nobody takes for a redirect."""
        response = _FinalResponse()
        response.__dict__.update(super().build_response(req, resp).__dict__)
        return response

    def send(self, request: requests.PreparedRequest, *arguments: Any, **options: Any) -> requests.Response:
        """Sends a request; the response has been read."""
        options = {**dict(zip(("stream", "timeout", "verify", "cert", "proxies"), arguments, strict=False)), **options}
        asked = options.get("timeout")
        seconds = float(asked) if isinstance(asked, (int, float)) else _DEFAULT_SECONDS
        if _PROBE_FIELD in request.headers:
            seconds = min(seconds, budgets.FUZZ_PROBE_SECONDS)
        left = self._clock.left(seconds)
        try:
            if not left:
                raise TimeUpError("the time of the run is up", request, 0)
            options.update(stream=True, timeout=urllib3.Timeout(total=left))
            if self._renewal is None:
                return self._sent(request, options, seconds)
            send = partial(self._sent, request, options, seconds)
            return self._renewal.answer(request, send, lambda response: response.status_code)
        except requests.RequestException as error:
            if self._clock.is_over:
                raise TimeUpError("the time of the run is up", request, left) from error
            error.request = error.request or request
            raise

    def _sent(self, request: requests.PreparedRequest, options: dict[str, Any], seconds: float) -> requests.Response:
        try:
            response = super().send(request, **options)
        except requests.ReadTimeout as error:
            has_begun = isinstance(error.args[0].__cause__, _PartlyRead)
            fact = "the head of the response was not whole" if has_begun else "no response came"
            raise LateError(f"{fact} within {seconds:g} s", request, seconds) from error
        try:
            if is_event_stream(response.headers.get("content-type", "")):
                self._read_events(response)
            else:
                self._read_body(response, seconds)
        except BaseException:
            response.close()
            raise
        return response

    def _read_body(self, response: requests.Response, seconds: float) -> None:
        fields = response.raw.headers
        codings = fields.getlist(_FIELD)
        fields.discard(_FIELD)  # else urllib3 decodes the body, and keeps no other one where it cannot
        kept, size = bytearray(), 0
        try:
            for piece in response.iter_content(_PIECE_BYTES):
                size += len(piece)
                if size <= budgets.FUZZ_BODY_BYTES:
                    kept += piece
        except requests.ConnectionError as error:
            if not isinstance(error.args[0], ReadTimeoutError):
                raise
            came = counted(_timed(response).reader.timed.count, "byte", ",")
            fact = f"the response was not whole within {seconds:g} s: {came} came"
            raise LateError(fact, response.request, seconds) from error
        except ValueError as error:  # what http.client makes of a chunk with a negative length
            raise broken_response(NO_CHUNKS, response.request) from error
        for coding in codings:
            fields.add(_FIELD, coding)
        _refuse_surplus(response)
        response._content, fault = judged_body(bytes(kept), size, ", ".join(codings))
        if fault is not None:
            self._body_faults[response.request] = fault

    def _read_events(self, response: requests.Response) -> None:
        """Reads a stream of events as far as it is judged: it may have no end."""
        stream, is_cut = EventStream(MAX_EVENTS), False
        try:
            while not is_cut and (piece := response.raw.read1(_PIECE_BYTES, decode_content=True)):
                is_cut = stream.feed(piece)
        except ReadTimeoutError:
            is_cut = True
        except ProtocolError as error:
            raise requests.exceptions.ChunkedEncodingError(error, request=response.request) from error
        except DecodeError as error:
            raise requests.exceptions.ContentDecodingError(error, request=response.request) from error
        response.close()
        response._content = stream.complete_events if is_cut else bytes(stream.content)
        response.raw = _ReadStream(response.raw, response._content, is_cut)
        if is_cut and not response._content:
            self._body_faults[response.request] = no_whole_event(len(stream.content))


class _FinalResponse(requests.Response):
    """A response that is never followed to another."""

    @property
    def is_redirect(self) -> bool:
        return False


class _ReadStream:
    """A stream of events that was read, for Schemathesis to read it again: it ends, or seems to go silent."""

    def __init__(self, raw: urllib3.HTTPResponse, content: bytes, is_cut: bool) -> None:
        self._raw, self._content, self._is_cut = raw, content, is_cut

    def __getattr__(self, name: str) -> Any:
        return getattr(self._raw, name)

    def read1(self, amt: int, decode_content: bool = True) -> bytes:  # noqa: ARG002 - urllib3's signature
        """The next bytes, decoded."""
        piece, self._content = self._content[:amt], self._content[amt:]
        if not piece and self._is_cut:
            raise ReadTimeoutError(None, "", "the stream was cut")  # type: ignore[arg-type] # it is only printed
        return piece


def _timed(response: requests.Response) -> _TimedResponse:
    """The response as `http.client` has it, by the name by which requests itself asks for its cookies."""
    timed = response.raw._original_response
    assert isinstance(timed, _TimedResponse)
    return timed


def _refuse_surplus(response: requests.Response) -> None:
    """Raises an error if bytes came after the end of a response."""
    if surplus := len(_timed(response).reader.surplus):
        status, length = response.status_code, response.headers.get("content-length", "")
        if status in (204, 304) or response.request.method == "HEAD":
            why = "a response to HEAD" if response.request.method == "HEAD" else f"a response with {status}"
            fact = f"{surplus} bytes came after the head of {why}, which has no body"
        elif length:
            fact = f"the response has {surplus} bytes more than the {length} announced"
        else:
            fact = f"{surplus} bytes came after the end of the response"
        raise broken_response(fact, response.request)


class _PatientPool(HTTPConnectionPool):
    """A pool that sends a request again over a new connection where the server has just closed the old one.

    A server may close a connection between two requests (RFC 9112, section 9.5), and the second one may be under way
    by then. A server that answers it over no connection at all still answers nothing.
    """

    def _make_request(self, conn: Any, *arguments: Any, **options: Any) -> Any:
        was_open = conn.sock is not None
        try:
            return super()._make_request(conn, *arguments, **options)
        except (ConnectionResetError, BrokenPipeError) as error:
            if not was_open or isinstance(error, _PartlyReset):
                raise
            conn.close()
            try:
                return super()._make_request(conn, *arguments, **options)
            except NewConnectionError:
                raise error from None


def _pools(run_clock: Clock) -> dict[str, type[HTTPConnectionPool]]:
    """Pools whose connections read responses within their time."""

    class Response(_TimedResponse):
        clock = run_clock

    class Connection(HTTPConnection):
        response_class = Response

    class SecureConnection(HTTPSConnection):
        response_class = Response

    class Pool(_PatientPool):
        ConnectionCls = Connection

    class SecurePool(_PatientPool, HTTPSConnectionPool):
        ConnectionCls = SecureConnection

    return {"http": Pool, "https": SecurePool}


class _TimedResponse(http.client.HTTPResponse):
    """A response that has to come to its end within the time that its socket has for one read."""

    clock: Clock

    def __init__(self, sock: socket.socket, *arguments: Any, **options: Any) -> None:
        super().__init__(sock, *arguments, **options)
        assert isinstance(self.fp, io.BufferedReader)
        self.reader = _Reader(_TimedSocket(self.fp.detach(), sock, self.clock))
        self.fp = self.reader

    def begin(self) -> None:
        """Reads the head, and those of informational responses before it (RFC 9110, section 15.2)."""
        self._begin()
        while 100 < self.status < 200 and self.status != http.HTTPStatus.SWITCHING_PROTOCOLS:
            self.headers = None  # type: ignore[assignment] # so it is before the first head
            self._begin()
        self._require_sound_head()

    def _begin(self) -> None:
        try:
            super().begin()
        except http.client.BadStatusLine as error:
            if not str(error).startswith("HTTP/") or not self.reader.timed.is_at_end:
                raise
        if self.reader.timed.is_at_end:
            raise BrokenResponseError("the connection was closed within the head of the response")

    def _require_sound_head(self) -> None:
        """Raises `BrokenResponseError` where `http.client` would pass over what makes the end of a body uncertain."""
        try:
            assert_header_parsing(self.headers)
        except (HeaderParsingError, TypeError):
            raise BrokenResponseError("the head of the response has a line that is no header field") from None
        lengths = {length.strip() for text in self.headers.get_all("content-length", []) for length in text.split(",")}
        for length in lengths:
            if not (length.isascii() and length.isdecimal()):
                raise BrokenResponseError(f"the Content-Length {length[:40]!r} is no number of bytes")
        if len(lengths) > 1:
            raise BrokenResponseError(f"the response has several lengths: {', '.join(sorted(lengths))[:80]}")
        for coding in ",".join(self.headers.get_all("transfer-encoding", [])).split(","):
            if coding.strip().lower() not in _TRANSFER_CODINGS:
                raise BrokenResponseError(f"the Transfer-Encoding {coding.strip()[:40]!r} was not asked for")


class _Reader(io.BufferedReader):
    """The bytes of one response; `surplus` is what came after its end, known once it is closed."""

    def __init__(self, timed: _TimedSocket) -> None:
        super().__init__(timed)
        self.timed = timed
        self.surplus = b""

    def close(self) -> None:
        """Closes it; the socket stays open for the next response."""
        if not self.closed:
            self.timed.is_at_end = True
            self.surplus = self.peek()
        super().close()


class _PartlyRead(TimeoutError):
    """The time is up, and some bytes have come."""


class _PartlyReset(ConnectionResetError):
    """The connection was reset, and some bytes have come."""


class _TimedSocket(io.RawIOBase):
    """A socket that is read until the time for a response is up, however slowly its bytes come."""

    def __init__(self, file: io.RawIOBase, sock: socket.socket, clock: Clock) -> None:
        super().__init__()
        self._file, self._socket, self._clock = file, sock, clock
        self._end = time.monotonic() + (math.inf if (seconds := sock.gettimeout()) is None else seconds)
        self.count = 0
        """How many bytes came."""
        self.is_at_end = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if self.is_at_end:
            return 0
        while (left := self._clock.left(self._end - time.monotonic())) > 0:
            self._socket.settimeout(min(left, SLICE_SECONDS))
            try:
                count = self._socket.recv_into(buffer)
            except TimeoutError:
                continue
            except ConnectionResetError as error:
                raise (_PartlyReset(*error.args) if self.count else error) from None
            self.count += count
            self.is_at_end = not count
            return count
        raise (_PartlyRead if self.count else TimeoutError)("timed out")

    def close(self) -> None:
        self._file.close()
        super().close()
