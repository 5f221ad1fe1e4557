"""The listener that writes exchanges into a folder (`--record`): in a thread, and no request waits for it."""

from __future__ import annotations

import atexit
import threading
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from time import time

from tallystick.examples.pictures import PICTURES
from tallystick.exchanges.members import field_of, split
from tallystick.exchanges.recorded import Recorded
from tallystick.exchanges.recording.writing import RecordingWriter
from tallystick.exchanges.secrets import Secrets
from tallystick.files.kinds import reason
from tallystick.mock.roles import Answered
from tallystick.mock.sessions import without_mark
from tallystick.nouns import budgets
from tallystick.nouns.contract import Contract
from tallystick.nouns.errors import UnreadableError
from tallystick.nouns.exchange import Exchange, Headers
from tallystick.nouns.printing import of_server, print_error
from tallystick.nouns.threads import start_beside
from tallystick.nouns.words import counted
from tallystick.wire.codings import CodingError, decode_body, decoders

_OF_CONNECTION = frozenset(
    (
        *("accept-encoding", "connection", "content-length", "host", "keep-alive", "proxy-connection", "te", "trailer"),
        *("transfer-encoding", "upgrade"),
    )
)
"""Header fields that are about the connection, or are made anew whenever an exchange is sent."""
_SWITCHED = 101
"""The status of what is no exchange of HTTP any more, such as a WebSocket."""
_END_SECONDS = 5.0
"""How long the end of a process waits until all is written."""
_PAUSE_SECONDS = 0.5
"""How long after the last exchange the counts are written."""


class Recorder:
    """Writes each exchange that it hears of into a folder, without its secrets."""

    def __init__(self, folder: str, contracts: Sequence[Contract], secret: Sequence[str] = ()) -> None:
        try:
            self.writer = RecordingWriter(Path(folder))
        except (OSError, ValueError) as error:
            raise UnreadableError(folder, 0, f"no recording can be written there: {reason(error)}") from None
        self.folder = folder
        self.secret = secret
        self.secrets = Secrets(contracts, secret)
        self.lost = 0
        """How many exchanges were not written."""
        self._waiting: deque[tuple[float, Answered]] = deque()
        self._waiting_bytes = 0
        self._has_more = threading.Event()
        self._thread: threading.Thread | None = None
        self._is_ended = False

    def renew(self, contracts: Sequence[Contract]) -> None:
        """Go on for other contracts."""
        self.secrets = Secrets(contracts, self.secret)

    def hear(self, answered: Answered) -> None:
        """Have an exchange written soon: a listener."""
        if not _is_recorded(answered):
            return
        if len(self._waiting) >= budgets.RECORDING_WAITING or self._waiting_bytes > budgets.RECORDING_WAITING_BYTES:
            self._lose("they come faster than they can be written")
            return
        self._waiting_bytes += _size(answered)
        self._waiting.append((time(), answered))
        if self._thread is None or not self._thread.is_alive():  # a process that was forked has no thread of its parent
            self._thread = start_beside(self._write_all, "recording")
            atexit.register(self.close)
        self._has_more.set()

    def close(self) -> None:
        """Return when all is written, or a few seconds later."""
        thread, self._thread = self._thread, None
        if thread is not None and thread.is_alive():
            self._is_ended = True
            self._has_more.set()
            thread.join(_END_SECONDS)
            self._is_ended = False
        atexit.unregister(self.close)
        if self.lost:
            print_error(of_server(f"{counted(self.lost, 'exchange')} could not be recorded"))
            self.lost = 0

    def _write_all(self) -> None:
        """Write what comes until the end; the counts whenever nothing came for a moment."""
        is_counted = True
        while True:
            came = self._has_more.wait(None if is_counted else _PAUSE_SECONDS)
            self._has_more.clear()
            is_ended = self._is_ended
            self._write_waiting()
            if is_counted := not came or is_ended:
                self._flush()
            if is_ended:
                return

    def _write_waiting(self) -> None:
        while self._waiting:
            at, answered = self._waiting.popleft()
            self._waiting_bytes -= _size(answered)
            if self.writer.is_full:
                self._lose(f"the folder has {budgets.RECORDED_EXCHANGES:,}")
                continue
            try:
                self.writer.write(recorded_of(answered, at, self.secrets))
            except (OSError, ValueError) as error:
                self._lose(reason(error))

    def _flush(self) -> None:
        try:
            self.writer.flush()
        except (OSError, ValueError) as error:
            self._tell(reason(error))

    def _lose(self, why: str) -> None:
        if not self.lost:
            self._tell(why)
        self.lost += 1

    def _tell(self, why: str) -> None:
        print_error(of_server(f"{self.folder}: exchanges cannot be recorded: {why}"))


def _is_recorded(answered: Answered) -> bool:
    """Whether an exchange is recorded: not a preflight of a browser, a picture of ours, or what a fault has spoiled."""
    request, response = answered.exchange
    if (
        response is None
        or response.status == _SWITCHED
        or (answered.reply is not None and answered.reply.mishap is not None)
    ):
        return False
    if (
        answered.route is None
        and request.method == "OPTIONS"
        and field_of(request.headers, "access-control-request-method")
    ):
        return False
    return answered.route is not None or (request.path.startswith("/") and not request.path.startswith(PICTURES))


def _size(answered: Answered) -> int:
    request, response = answered.exchange
    return len(request.body) + (len(response.body) if response is not None else 0)


def recorded_of(answered: Answered, ended: float, secrets: Secrets) -> Recorded:
    """An answered request as it is recorded, without its secrets; `ended` is when it was answered, in Unix seconds."""
    request, response = answered.exchange
    path = f"{answered.route.prefix if answered.route is not None else ''}{request.path}"
    if answered.session:
        path = without_mark(path)
    origin, reply = f"{answered.scheme}://{(field_of(request.headers, 'host') or 'localhost').lower()}", answered.reply
    passed = reply.passed if reply is not None else None
    if reply is not None and reply.upstream:
        origin, base, _ = split(reply.upstream)
        base = base.rstrip("/")
        path = f"{base}{request.path}" if base else path
    sent, sent_body = _as_read(request.headers, request.body)
    is_read = bool(request.body) or field_of(request.headers, "content-length") in ("", "0")
    request = request._replace(path=path, headers=sent, body=sent_body)
    if response is not None:
        came, came_body = _as_read(response.headers, response.body)
        response = response._replace(headers=came, body=came_body)
    return Recorded(
        secrets.exchange(Exchange(request, response)),
        origin,
        "",
        ended - answered.seconds,
        ended,
        has_whole_request=passed.has_whole_request if passed is not None else is_read,
        has_whole_response=passed is None or passed.has_whole_response,
    )


def _as_read(headers: Headers, body: bytes) -> tuple[Headers, bytes]:
    """The header fields that are recorded, and the body as its reader has it: without its coding."""
    coding = field_of(headers, "content-encoding")
    left_out = _OF_CONNECTION
    if coding:
        with suppress(CodingError):  # what the mock itself has read has no coding any more
            body = decode_body(body, coding, budgets.BODY_BYTES)
        if set(coding.lower().replace(" ", "").split(",")) <= {*decoders(), "identity"}:
            left_out = left_out | {"content-encoding"}
    return tuple((name, value) for name, value in headers if name not in left_out), body
