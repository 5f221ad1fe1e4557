"""A fast client: a few connections in one process, each with one request under way, and what became of every one."""

from __future__ import annotations

import select
import socket
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from tests.hostile.outputs import load
from tests.hostile.raw_requests import After, Raw

ANSWER_SECONDS = 30.0
"""How long an answer may take on a machine that does nothing else; the connection counts as lost then."""
MALFORMED_SECONDS = 3.0
"""How long a client that spoke no HTTP waits for an answer or a close, before it goes away."""


@dataclass
class Tally:
    """What became of some requests."""

    sent: int = 0
    hostile: int = 0
    statuses: Counter[int] = field(default_factory=Counter)
    unasked: Counter[str] = field(default_factory=Counter)
    lost: Counter[str] = field(default_factory=Counter)
    silent: Counter[str] = field(default_factory=Counter)
    """Malformed requests that were neither answered nor closed in time, by their shape."""

    gone: str = ""
    """Why no further connection could be made; "" where that did not happen."""

    def add(self, other: Tally) -> None:
        self.sent += other.sent
        self.hostile += other.hostile
        self.gone = self.gone or other.gone
        for mine, theirs in (
            (self.statuses, other.statuses),
            (self.unasked, other.unasked),
            (self.lost, other.lost),
            (self.silent, other.silent),
        ):
            mine.update(theirs)  # type: ignore[arg-type]


class Connection:
    """One connection, with a request under way."""

    def __init__(self, port: int, take: Callable[[], Raw | None], tally: Tally) -> None:
        self.port, self.take, self.tally = port, take, tally
        self.socket: socket.socket | None = None
        self.unsent = b""
        self.received = b""
        self.answered = 0
        self.says_close = False
        self.deadline = 0.0
        self.patience = ANSWER_SECONDS * load()
        self.raw: Raw | None = None

    def begin(self) -> bool:
        """Send the next request, on this connection or on a new one; False if there is none."""
        raw = self.raw = None if self.tally.gone else self.take()
        if raw is None:
            self.close()
            return False
        if self.socket is None:
            try:
                self.socket = socket.create_connection(("127.0.0.1", self.port), 30)
            except OSError as error:
                self.tally.gone = f"no connection could be made any more: {error}"
                return False
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.socket.setblocking(False)
            self.received = b""
        self.unsent, self.answered, self.says_close = raw.data, 0, False
        self.deadline = time.monotonic() + (self.patience if raw.after is After.ANSWERS else MALFORMED_SECONDS)
        self.tally.sent += raw.answers
        self.tally.hostile += raw.answers if raw.name != "valid" else 0
        return True

    def close(self) -> None:
        if self.socket is not None:
            self.socket.close()
            self.socket = None

    def write(self) -> bool:
        """Send what is not sent; True if the request is over, as far as the client is concerned."""
        assert self.socket is not None
        assert self.raw is not None
        try:
            self.unsent = self.unsent[self.socket.send(self.unsent) :]
        except BlockingIOError:
            return False
        except OSError:
            self.unsent = b""  # what the other side has still to say is read first
            return False
        if not self.unsent and self.raw.after is After.UNFINISHED:
            self.close()
            return True
        return False

    def read(self) -> bool:
        """Take in what came; True if the request is over."""
        assert self.socket is not None
        assert self.raw is not None
        try:
            data = self.socket.recv(262_144)
        except BlockingIOError:
            return False
        except OSError:
            data = b""
        if not data:
            if self.raw.after is After.ANSWERS and not self.says_close:
                self.lose(
                    f"closed after {self.answered} of {self.raw.answers} answers"
                    if self.answered
                    else "closed without an answer"
                )
            self.close()
            return True
        self.received += data
        if not b"HTTP/1.1 ".startswith(self.received[:9]):
            self.lose(f"no HTTP: {self.received[:60]!a}")
            self.close()
            return True
        while self.answered < self.raw.answers:
            end = self.next_answer()
            if end < 0:
                return False
            self.received = self.received[end:]
        if self.raw.after is After.MALFORMED or self.says_close:
            self.close()
        return True

    def next_answer(self) -> int:
        """Where the next answer ends, -1 if it is not all there."""
        assert self.raw is not None
        received = self.received
        split = received.find(b"\r\n\r\n")
        if split < 0:
            return -1
        status = int(received[9:12])
        if 100 <= status < 200 and status != 101:
            self.received = received[split + 4 :]
            return self.next_answer()
        head, end = received[:split].lower(), split + 4
        heads = self.raw.has_no_body
        if not (heads[self.answered % len(heads)] or status in (204, 304)):
            end = _end_of_body(head, received, end)
            if end < 0 or end > len(received):
                return -1
        self.answered += 1
        self.says_close |= b"\r\nconnection: close" in head
        self.tally.statuses[status] += 1
        if status >= 500 and not self.raw.asks_5xx and not (status in (501, 505) and self.raw.after is After.MALFORMED):
            self.tally.unasked[
                f"{status} {self.raw.name}: {received[split + 4 : split + 260]!a} to {self.raw.data[:200]!a}"
            ] += 1
        return end

    def is_late(self, now: float) -> bool:
        """Whether the answer is overdue; it is waited for no longer then."""
        if self.raw is None or now < self.deadline:
            return False
        if self.raw.after is After.ANSWERS:
            self.lose("no answer in time")
        else:
            self.tally.silent[self.raw.name] += 1
        self.close()
        return True

    def lose(self, how: str) -> None:
        assert self.raw is not None
        self.tally.lost[f"{self.raw.name}: {how}: {self.raw.data[:160]!a}"] += 1


def _end_of_body(head: bytes, received: bytes, start: int) -> int:
    """Where a body ends by its head, -1 if that is not known yet."""
    place = head.find(b"\r\ncontent-length:")
    if place >= 0:
        return start + int(head[place + 17 :].partition(b"\r\n")[0])
    if b"\r\ntransfer-encoding: chunked" in head:
        place = received.find(b"0\r\n\r\n", start)
        while place > start and received[place - 2 : place] != b"\r\n":
            place = received.find(b"0\r\n\r\n", place + 1)
        return place + 5 if place >= 0 else -1
    return start


def drive(port: int, connections: int, requests: Iterator[Raw]) -> Tally:
    """Send all requests over some connections at once, each the next as soon as one is answered."""
    tally = Tally()
    poll, by_number = select.epoll(), dict[int, Connection]()

    def start(connection: Connection) -> None:
        """Send the next requests, until one has to be waited for."""
        before = connection.socket
        while connection.begin():
            assert connection.socket is not None
            if connection.socket is not before:
                by_number[connection.socket.fileno()] = connection
                poll.register(connection.socket.fileno(), select.EPOLLIN)
                before = connection.socket
            is_over = connection.write()
            if not is_over:
                flags = select.EPOLLIN | (select.EPOLLOUT if connection.unsent else 0)
                poll.modify(connection.socket.fileno(), flags)
                by_number[connection.socket.fileno()] = connection
                return

    for _ in range(connections):
        start(Connection(port, lambda: next(requests, None), tally))
    looked = time.monotonic()
    while any(connection.socket is not None for connection in by_number.values()):
        for number, event in poll.poll(1.0):
            connection = by_number[number]
            if connection.socket is None or connection.socket.fileno() != number:
                continue
            if event & select.EPOLLOUT and connection.unsent:
                if connection.write():
                    start(connection)
                    continue
                if not connection.unsent:
                    poll.modify(number, select.EPOLLIN)
            if event & ~select.EPOLLOUT and connection.socket is not None and connection.read():
                start(connection)
        now = time.monotonic()
        if now - looked > 0.5:
            looked = now
            for connection in set(by_number.values()):
                if connection.socket is not None and connection.is_late(now):
                    start(connection)
    poll.close()
    return tally
