"""A server that answers badly: each mode on a port of its own, for tests of clients that must survive it.

`start` starts every mode and returns their ports, as `python tests/support/bad_server.py` does and prints them;
`started` does so within a block.
"""

from __future__ import annotations

import gzip
import itertools
import os
import signal
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress

JSON = b"Content-Type: application/json\r\n"
OK = b"HTTP/1.1 200 OK\r\n"
SOUND = OK + JSON + b"Content-Length: 2\r\n\r\n{}"
DRIP_SECONDS = 0.4
SECONDS_DEAD = 1.5
"""How long the server of the mode `dies-and-returns` is gone."""
_READ_SECONDS = 30.0
_MEGABYTE = 2**20


def whole(body: bytes, head: bytes = JSON, status: bytes = b"200 OK") -> bytes:
    """A reply with its length."""
    return b"HTTP/1.1 %b\r\n%bContent-Length: %d\r\n\r\n%b" % (status, head, len(body), body)


def coded(coding: bytes, body: bytes) -> bytes:
    """A JSON reply that names a content coding."""
    return whole(body, JSON + b"Content-Encoding: %b\r\n" % coding)


def chunked(chunks: bytes, head: bytes = JSON) -> bytes:
    """A reply in chunks, which are given as they are on the wire."""
    return OK + head + b"Transfer-Encoding: chunked\r\n\r\n" + chunks


def _bomb() -> bytes:
    """A gigabyte of spaces, compressed."""
    return gzip.compress(b" " * 16 * _MEGABYTE, mtime=0) * 64


def _gzipped(body: bytes, times: int) -> bytes:
    for _ in range(times):
        body = gzip.compress(body, mtime=0)
    return body


class Connection:
    """A connection that a mode answers on, and how many requests its port has had."""

    def __init__(self, sock: socket.socket, count: Iterator[int], stopped: threading.Event) -> None:
        self.sock, self.count, self.stopped = sock, count, stopped

    def read_head(self) -> bytes:
        """The head of the next request; b"" if there is none. Its body is read, too, where it is not chunked."""
        data = b""
        while b"\r\n\r\n" not in data:
            piece = self.sock.recv(65_536)
            if not piece:
                return b""
            data += piece
        head, _, body = data.partition(b"\r\n\r\n")
        lengths = [line[15:] for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
        missing = int(lengths[0]) - len(body) if lengths else 0
        while missing > 0:
            missing -= len(self.sock.recv(min(missing, 65_536)) or b"x" * missing)
        return head

    def send(self, data: bytes) -> None:
        self.sock.sendall(data)

    def drip(self, data: bytes) -> None:
        """Sends byte after byte, slowly."""
        for byte in data:
            self.send(bytes([byte]))
            self.wait(DRIP_SECONDS)

    def wait(self, seconds: float) -> None:
        """Waits, and raises `OSError` if the server is stopped meanwhile."""
        if self.stopped.wait(seconds):
            raise OSError("stopped")

    def reset(self) -> None:
        """Closes the connection with RST, not FIN."""
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.sock.close()


Answer = Callable[[Connection, bytes], bool]
"""Answers a request, whose head it is given; True if the connection is kept for another."""


def always(reply: bytes) -> Answer:
    """Answers each request with the same bytes, and keeps the connection."""

    def answer(connection: Connection, _: bytes) -> bool:
        connection.send(reply)
        return True

    return answer


def once(reply: bytes) -> Answer:
    """Sends some bytes and closes the connection."""

    def answer(connection: Connection, _: bytes) -> bool:
        connection.send(reply)
        return False

    return answer


def endless(head: bytes, piece: bytes, pause: float = 0) -> Answer:
    """Sends some bytes, and then others again and again."""

    def answer(connection: Connection, _: bytes) -> bool:
        connection.send(head)
        while True:
            connection.send(piece)
            connection.wait(pause)

    return answer


def dripping(quick: bytes, slow: bytes) -> Answer:
    """Sends some bytes at once and others slowly, for ever."""

    def answer(connection: Connection, _: bytes) -> bool:
        connection.send(quick)
        while True:
            connection.drip(slow)

    return answer


def _silence(connection: Connection, _: bytes) -> bool:
    connection.wait(_READ_SECONDS)
    return False


def _close(*_: object) -> bool:
    return False


def _reset(connection: Connection, _: bytes) -> bool:
    connection.reset()
    return False


def _reset_in_body(connection: Connection, _: bytes) -> bool:
    connection.send(OK + JSON + b"Content-Length: 1000\r\n\r\n{")
    connection.wait(0.05)
    connection.reset()
    return False


def _huge(connection: Connection, _: bytes) -> bool:
    connection.send(OK + JSON + b"Content-Length: 1073741824\r\n\r\n")
    megabyte = b" " * _MEGABYTE
    for _number in range(1024):
        connection.send(megabyte)
    return False


def _garbage(connection: Connection, _: bytes) -> bool:
    connection.send(os.urandom(2000))
    return False


def _randomly_closed(connection: Connection, _: bytes) -> bool:
    """Sound replies, but for each third request, which is read and not answered."""
    if next(connection.count) % 3 == 2:
        return False
    connection.send(SOUND)
    return True


def _one_bad(connection: Connection, _: bytes) -> bool:
    """One reply that breaks off, the fifth; all others are sound."""
    is_bad = next(connection.count) == 4
    connection.send(OK + JSON + b"Content-Length: 99\r\n\r\n{}" if is_bad else SOUND)
    return not is_bad


def _gzip_bomb(connection: Connection, _: bytes) -> bool:
    connection.send(_lazily("bomb", lambda: coded(b"gzip", _bomb())))
    return True


def _deep_json(connection: Connection, _: bytes) -> bool:
    connection.send(whole(b"[" * 200_000 + b"]" * 200_000))
    return True


def _wide_json(connection: Connection, _: bytes) -> bool:
    connection.send(_lazily("wide", lambda: whole(b"[" + b",".join([b'{"a":1}'] * 300_000) + b"]")))
    return True


def _many_cookies(connection: Connection, _: bytes) -> bool:
    number = next(connection.count)
    cookies = b"".join(b"Set-Cookie: c%d-%d=%b\r\n" % (number, index, b"x" * 100) for index in range(50))
    connection.send(whole(b"{}", JSON + cookies))
    return True


_MADE: dict[str, bytes] = {}
_MAKING = threading.Lock()


def _lazily(name: str, make: Callable[[], bytes]) -> bytes:
    """Large bytes, made when they are first asked for."""
    with _MAKING:
        if name not in _MADE:
            _MADE[name] = make()
        return _MADE[name]


_LOCATION = b"Location: %b\r\n"
_EVENTS = b"Content-Type: text/event-stream\r\n"
_UNFINISHED = OK + JSON + b"Content-Length: 1000\r\n\r\n"

ANSWERS: dict[str, Answer] = {
    "sound": always(SOUND),
    "one-bad": _one_bad,
    # without an end, and slow
    "endless": endless(OK + JSON + b"Transfer-Encoding: chunked\r\n\r\n", b"4000\r\n" + b" " * 0x4000 + b"\r\n"),
    "endless-without-length": endless(OK + JSON + b"\r\n", b" " * 0x4000),
    "endless-head": endless(OK, b"X-Field: value\r\n"),
    "endless-header-line": endless(OK + b"X-Field: ", b"a" * 0x4000),
    "endless-status-line": endless(b"HTTP/1.1 200 ", b"O" * 0x4000),
    "endless-chunk-line": endless(OK + JSON + b"Transfer-Encoding: chunked\r\n\r\n", b"0" * 0x4000),
    "endless-trailers": endless(chunked(b"2\r\n{}\r\n0\r\n"), b"X-Field: value\r\n"),
    "endless-informational": endless(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 10),
    "endless-informational-slow": endless(b"", b"HTTP/1.1 102 Processing\r\n\r\n", pause=DRIP_SECONDS),
    "endless-events": endless(OK + _EVENTS + b"\r\n", b"data: {}\n\n"),
    "endless-event": endless(OK + _EVENTS + b"\r\n", b"data: {}\n"),
    "endless-event-line": endless(OK + _EVENTS + b"\r\n", b"data: " + b" " * 0x4000),
    "drip-body": dripping(OK + JSON + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n"),
    "drip-length": dripping(_UNFINISHED, b" "),
    "drip-head": dripping(OK, b"X-Field: value\r\n"),
    "drip-status-line": dripping(b"", b"HTTP/1.1 200 OK and so on"),
    "drip-events": dripping(OK + _EVENTS + b"\r\n", b":\n"),
    "silence": _silence,
    # large
    "huge": _huge,
    "deep-json": _deep_json,
    "wide-json": _wide_json,
    "largest-judged-json": always(whole(b"[" + b",".join([b"[]"] * 345_000) + b"]")),
    "long-number": always(whole(b'{"a": ' + b"9" * 1_000_000 + b"}")),
    "many-headers": always(whole(b"{}", b"".join(b"X-%d: a\r\n" % i for i in range(5000)) + JSON)),
    "hundreds-of-headers": always(whole(b"{}", b"".join(b"X-%d: a\r\n" % i for i in range(300)) + JSON)),
    "long-header": always(whole(b"{}", b"X-Long: " + b"a" * _MEGABYTE + b"\r\n" + JSON)),
    "many-cookies": _many_cookies,
    "many-event-lines": always(whole(b"data\n" * 300_000, _EVENTS)),
    "gzip-bomb": _gzip_bomb,
    "nested-gzip": always(coded(b", ".join([b"gzip"] * 20), _gzipped(b"{}", 20))),
    # redirects
    "redirect-circle": always(whole(b"", _LOCATION % b"/a", b"302 Found")),
    "redirect-nowhere": always(whole(b"", _LOCATION % b"http://[::1", b"307 Temporary Redirect")),
    # malformed or wrongly coded bodies
    "malformed-json": always(whole(b'{"a": ')),
    "broken-utf-8": always(whole(b'{"a": "\xff\xfe"}')),
    "utf-16": always(whole("{}".encode("utf-16"))),
    "unknown-charset": always(whole(b"x", b"Content-Type: application/json; charset=rot13\r\n")),
    "odd-media-type": always(whole(b"{}", b"Content-Type: ;/;=\x01\r\n")),
    "control-characters": always(
        whole(b'"\x1b[31m\x07\n::error::x\xff"', b"Content-Type: text/\x1b[31mplain\r\n", b"500 \x1b[31mBoom")
    ),
    "broken-gzip": always(coded(b"gzip", b"\x1f\x8b\x08" + b"junk" * 10)),
    "truncated-gzip": always(coded(b"gzip", gzip.compress(b"{}" * 999, mtime=0)[:-9])),
    "unknown-codings": always(coded(b"br, gzip, foo, zstd", b"{}")),
    # connections that end early
    "close": _close,
    "close-in-status-line": once(b"HTTP/1.1 20"),
    "close-in-head": once(OK + b"Content-Ty"),
    "close-in-body": once(_UNFINISHED + b"{"),
    "close-in-chunk": once(chunked(b"10\r\n{")),
    "close-before-last-chunk": once(chunked(b"2\r\n{}\r\n")),
    "reset": _reset,
    "reset-in-body": _reset_in_body,
    "randomly-closed": _randomly_closed,
    # no HTTP, or wrong
    "http-0.9": once(b"hello world"),
    "garbage": _garbage,
    "tls-bytes": once(b"\x15\x03\x01\x00\x02\x02\x46"),
    "http-2": once(b"\x00\x00\x12\x04\x00\x00\x00\x00\x00" + b"\x00" * 18),
    "other-protocol": once(b"SSH-2.0-OpenSSH_9.6\r\n"),
    "http-3.0": always(SOUND.replace(b"HTTP/1.1", b"HTTP/3.0")),
    "bare-line-feeds": always(SOUND.replace(b"\r\n", b"\n")),
    "no-colon": always(whole(b"{}", b"no colon here\r\n" + JSON)),
    "folded-header": always(whole(b"{}", b"X-Folded: a\r\n b\r\n" + JSON)),
    "nul-in-header": always(whole(b"{}", b"X-Nul: a\x00b\r\n" + JSON)),
    "status-000": always(whole(b"", b"", b"000 x")),
    "status-99": always(whole(b"", b"", b"99 x")),
    "status-999": always(whole(b"", b"", b"999 x")),
    "status-words": always(whole(b"", b"", b"fine thanks")),
    "status-without-reason": always(whole(b"{}", JSON, b"200")),
    "upgrade": always(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n"),
    "informational-first": always(b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + SOUND),
    # lengths and chunks
    "length-too-long": once(OK + JSON + b"Content-Length: 99\r\n\r\n{}"),
    "length-too-short": always(OK + JSON + b"Content-Length: 1\r\n\r\n{}" + b"x" * 1000),
    "length-negative": once(OK + JSON + b"Content-Length: -5\r\n\r\n{}"),
    "length-no-number": once(OK + JSON + b"Content-Length: two\r\n\r\n{}"),
    "length-enormous": once(OK + JSON + b"Content-Length: " + b"9" * 30 + b"\r\n\r\n{}"),
    "length-twice": once(OK + JSON + b"Content-Length: 2\r\nContent-Length: 1\r\n\r\n{}"),
    "length-and-chunks": always(chunked(b"2\r\n{}\r\n0\r\n\r\n", JSON + b"Content-Length: 1\r\n")),
    "chunk-length-no-number": once(chunked(b"zz\r\nabc")),
    "chunk-length-negative": once(chunked(b"-2\r\n{}\r\n0\r\n\r\n")),
    "chunk-length-enormous": once(chunked(b"f" * 30 + b"\r\n{}")),
    "chunk-too-long": once(chunked(b"1\r\n{}\r\n0\r\n\r\n")),
    "chunk-extensions": always(chunked(b"2;a=b;c\r\n{}\r\n0\r\n\r\n")),
    "trailers": always(chunked(b"2\r\n{}\r\n0\r\nX-Trailer: a\r\n\r\n")),
    "unknown-transfer-coding": once(OK + JSON + b"Transfer-Encoding: rot13\r\n\r\n{}"),
    "204-with-body": always(whole(b"{}", JSON, b"204 No Content")),
    "304-with-body": always(whole(b"{}", JSON, b"304 Not Modified")),
}
"""How each mode answers a request that it has read."""

REDIRECTED = "redirect-other"
"""The mode that sends clients to the host of `OTHER`, which counts its visitors."""
OTHER = "other"
_WITHOUT_ANSWER = ("accepts-and-never-reads", "full-queue")
DYING = "dies-and-returns"

MODES: tuple[str, ...] = (*ANSWERS, REDIRECTED, OTHER, *_WITHOUT_ANSWER, DYING)
"""The names of all modes."""


class Port:
    """A port on 127.0.0.1 that answers in one mode."""

    def __init__(self, mode: str, answer: Answer | None) -> None:
        self.mode, self.answer = mode, answer
        self.count = itertools.count()
        self.stopped = threading.Event()
        self.heads: list[bytes] = []
        """The heads of the requests that came, the first thousand."""
        self.listener = _listening(0, 0 if mode in _WITHOUT_ANSWER else 128)
        self.number: int = self.listener.getsockname()[1]
        self._filling: list[socket.socket] = []

    def start(self) -> None:
        if self.mode == "full-queue":
            self._fill_queue()
        elif self.answer is not None:
            threading.Thread(target=self._accept, daemon=True).start()

    def stop(self) -> None:
        self.stopped.set()
        for sock in (*self._filling, self.listener):
            _closed(sock)

    def _fill_queue(self) -> None:
        """Opens connections that nobody accepts, until the kernel takes no more."""
        for _ in range(4):
            sock = socket.socket()
            sock.setblocking(False)
            with suppress(BlockingIOError):
                sock.connect(("127.0.0.1", self.number))
            self._filling.append(sock)

    def _accept(self) -> None:
        while not self.stopped.is_set():
            try:
                sock, _ = self.listener.accept()
            except OSError:
                if self.stopped.is_set() or self.mode != DYING:
                    return
                time.sleep(0.01)  # it is dead for a while
                continue
            threading.Thread(target=self._serve, args=(sock,), daemon=True).start()

    def _serve(self, sock: socket.socket) -> None:
        connection = Connection(sock, self.count, self.stopped)
        sock.settimeout(_READ_SECONDS)
        with sock, suppress(OSError):
            while self.answer is not None and (head := connection.read_head()):
                if len(self.heads) < 1000:
                    self.heads.append(head)
                if not self.answer(connection, head):
                    return

    def die_and_return(self, connection: Connection, _: bytes) -> bool:
        """Answers well; with the twentieth request it is gone for a while."""
        if next(self.count) != 20:
            connection.send(SOUND)
            return True
        _closed(self.listener)
        connection.reset()
        time.sleep(SECONDS_DEAD)
        if not self.stopped.is_set():
            self.listener = _listening(self.number, 128)
        return False


def _closed(sock: socket.socket) -> None:
    """Closes a socket, and ends a thread that waits for it."""
    with suppress(OSError):  # it was never connected
        sock.shutdown(socket.SHUT_RDWR)
    sock.close()


def _listening(number: int, backlog: int) -> socket.socket:
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", number))
    listener.listen(backlog)
    return listener


def _ports(modes: Iterable[str]) -> dict[str, Port]:
    ports = {mode: Port(mode, ANSWERS.get(mode)) for mode in modes}
    if DYING in ports:
        ports[DYING].answer = ports[DYING].die_and_return
    if REDIRECTED in ports or OTHER in ports:
        other = ports.get(OTHER) or Port(OTHER, None)
        ports[OTHER] = other
        other.answer = always(SOUND)
        if REDIRECTED in ports:
            location = _LOCATION % b"http://localhost:%d/other" % other.number
            ports[REDIRECTED].answer = always(whole(b"", location, b"307 Temporary Redirect"))
    return ports


@contextmanager
def started(modes: Iterable[str] = MODES) -> Iterator[dict[str, Port]]:
    """Starts the server in these modes; yields the port of each, and stops them when the block is left."""
    ports = _ports(modes)
    with ExitStack() as stack:
        for port in ports.values():
            stack.callback(port.stop)
            port.start()
        yield ports


_FOR_EVER: list[Port] = []
"""What `start` has started: a port that nobody accepts from has no thread that keeps it open."""


def start() -> dict[str, int]:
    """Starts the server in all modes, for as long as the process lasts; the port of each mode."""
    ports = _ports(MODES)
    _FOR_EVER.extend(ports.values())
    for port in ports.values():
        port.start()
    return {mode: port.number for mode, port in ports.items()}


if __name__ == "__main__":
    for name, number in start().items():
        print(name, number, flush=True)
    with suppress(KeyboardInterrupt):
        signal.pause()
