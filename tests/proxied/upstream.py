"""A server whose replies are bytes on the wire, one for each odd thing that HTTP allows, by the path of the request."""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import json
import re
import socket
import struct
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from typing import NamedTuple

JSON = b"Content-Type: application/json\r\n"
BLOCK = bytes(range(256)) * 256
"""64 KiB of every byte."""
_PETS = b'[{"name":"Rex"},{"name":"Tom"}]'


class Asked(NamedTuple):
    """A request as the server reads it: its head is there, its body is read when it is asked for."""

    method: str
    path: str
    fields: list[tuple[str, str]]
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    def field(self, name: str) -> str:
        """The first field of a name, "" for none."""
        return next((value for key, value in self.fields if key == name), "")

    async def pieces(self) -> Iterator[bytes]:
        """The pieces of the body."""
        found: list[bytes] = []
        if "chunked" in self.field("transfer-encoding"):
            while size := int((await self.reader.readline()).split(b";")[0], 16):
                found.append(await self.reader.readexactly(size))
                await self.reader.readexactly(2)
            while (await self.reader.readline()).strip():
                pass
        elif length := int(self.field("content-length") or 0):
            found.append(await self.reader.readexactly(length))
        return iter(found)


def whole(body: bytes, head: bytes = JSON, status: bytes = b"200 OK") -> bytes:
    """A reply with its length."""
    return b"HTTP/1.1 %b\r\n%bContent-Length: %d\r\n\r\n%b" % (status, head, len(body), body)


def chunked(*chunks: bytes, head: bytes = JSON, trailers: bytes = b"") -> bytes:
    """A reply in chunks."""
    text = b"".join(b"%x\r\n%b\r\n" % (len(chunk), chunk) for chunk in chunks)
    return b"HTTP/1.1 200 OK\r\n%bTransfer-Encoding: chunked\r\n\r\n%b0\r\n%b\r\n" % (head, text, trailers)


_OCTETS = b"Content-Type: application/octet-stream\r\n"
AS_THEY_ARE: dict[str, bytes] = {
    "/length": whole(_PETS),
    "/wrong": whole(b'[{"nam":1}]'),
    "/nothing": whole(b"", b""),
    "/bare-line-feeds": whole(_PETS).replace(b"\r\n", b"\n"),
    "/spaces": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3  \r\nabc\r\n0\r\n\r\n",
    "/chunked": chunked(_PETS[:7], _PETS[7:]),
    "/many-chunks": chunked(*[bytes((65 + number % 26,)) for number in range(500)], head=_OCTETS),
    "/extensions": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;a=b;c\r\nabc\r\n0\r\n\r\n",
    "/trailers": chunked(b"abc", head=b"Trailer: Digest\r\n" + _OCTETS, trailers=b"Digest: sha-256=x\r\nX-Late: 1\r\n"),
    "/gzip": whole(gzip.compress(_PETS, mtime=0), JSON + b"Content-Encoding: gzip\r\n"),
    "/no-gzip": whole(b"this is no gzip", JSON + b"Content-Encoding: gzip\r\n"),
    "/unknown-coding": whole(b"\x00\x01\x02", JSON + b"Content-Encoding: zstd\r\n"),
    "/binary": whole(BLOCK[:5_000], _OCTETS),
    "/large": whole(BLOCK * 8, _OCTETS),
    "/204": b"HTTP/1.1 204 No Content\r\nX-Empty: yes\r\n\r\n",
    "/205": b"HTTP/1.1 205 Reset Content\r\nContent-Length: 0\r\n\r\n",
    "/304": b'HTTP/1.1 304 Not Modified\r\nETag: "a"\r\nContent-Length: 31\r\n\r\n',
    "/404": whole(b'{"code":1}', status=b"404 Not Found"),
    "/duplicates": whole(
        _PETS,
        JSON + b"Set-Cookie: a=1; Path=/\r\nSet-Cookie: b=2\r\nX-Twice: 1\r\nX-Twice: 2\r\nSet-Cookie: a=3; Secure\r\n",
    ),
    "/latin-1": whole(_PETS, JSON + b"X-Name: Andr\xe9\r\nX-Utf8: \xc3\xa9\xe2\x82\xac\r\n"),
    "/empty-field": whole(_PETS, JSON + b"X-Empty:\r\nX-Spaces:    \r\n"),
    "/phrase": whole(_PETS, status=b"200 Quite Well, Thank You"),
    "/no-phrase": whole(_PETS, status=b"200 "),
    "/299": whole(_PETS, status=b"299 Odd"),
    "/599": whole(_PETS, status=b"599 Odder"),
    "/799": whole(_PETS, status=b"799 Oddest"),
    "/hints": b"HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload\r\n\r\n" + whole(_PETS),
    "/processing": b"HTTP/1.1 102 Processing\r\n\r\n" * 2 + whole(_PETS),
    "/continue": b"HTTP/1.1 100 Continue\r\n\r\n" + whole(_PETS),
    "/redirect": b"HTTP/1.1 302 Found\r\nLocation: http://elsewhere.example/a?b#c\r\nContent-Length: 0\r\n\r\n",
    "/many-fields": whole(_PETS, JSON + b"".join(b"X-Field-%d: %d\r\n" % (n, n) for n in range(150))),
    "/long-field": whole(_PETS, JSON + b"X-Long: " + b"a" * 30_000 + b"\r\n"),
    "/case": whole(_PETS, b"content-TYPE: application/json\r\nx-MiXed: A\r\n"),
    "/hop": whole(_PETS, JSON + b"Connection: keep-alive, X-Private\r\nKeep-Alive: timeout=5\r\nX-Private: 1\r\n"),
    "/events": chunked(b"data: 1\n\n", b"data: 2\n\n", head=b"Content-Type: text/event-stream\r\n"),
    "/lines": chunked(b'{"a":1}\n', b'{"a":2}\n', head=b"Content-Type: application/x-ndjson\r\n"),
}
"""Replies after which the connection stays."""
AND_CLOSED: dict[str, bytes] = {
    "/until-the-end": b"HTTP/1.1 200 OK\r\n" + JSON + b"\r\n" + _PETS,
    "/old": b"HTTP/1.0 200 OK\r\n" + JSON + b"\r\n" + _PETS,
    "/close": whole(_PETS, JSON + b"Connection: close\r\n"),
    "/two-at-once": whole(_PETS) + whole(b'[{"name":"Kim"}]', b"X-Unasked: 1\r\n"),
    "/too-short": b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n" + b"a" * 40,
    "/half-a-chunk": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n10\r\nab",
    "/no-last-chunk": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n",
    "/no-http-in-chunks": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nzz\r\n",
}
"""Replies after which the server closes the connection."""
AND_RESET: dict[str, bytes] = {
    "/reset": b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n" + b"a" * 50_000,
    "/reset-chunks": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n",
}
"""Replies that a reset cuts short."""
BROKEN: dict[str, bytes] = {
    "/silence": b"",
    "/no-http": b"SSH-2.0-OpenSSH_9\r\n",
    "/half-a-head": b"HTTP/1.1 200 OK\r\nContent-Ty",
    "/two-lengths": b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
    "/status-099": whole(_PETS, status=b"099 Low"),
    "/unasked-switch": b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: a\r\nConnection: Upgrade\r\n\r\nhello",
    "/unasked-silence": b"HTTP/1.1 101 Switching Protocols\r\n\r\n",
    "/endless-hints": b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n" * 10_000,
    "/endless-fields": whole(_PETS, JSON + b"X: 1\r\n" * 10_000),
    "/huge-head": b"HTTP/1.1 200 OK\r\nX-Huge: " + b"a" * 2**20 + b"\r\n\r\n",
}
"""What is no reply: a proxy says so by a 502."""


async def _told(asked: Asked) -> None:
    """Tell of the request itself: method, target, fields, and its body's length and digest."""
    digest, size = hashlib.sha256(), 0
    for piece in await asked.pieces():
        digest.update(piece)
        size += len(piece)
    told = {
        "method": asked.method,
        "target": asked.path,
        "fields": asked.fields,
        "bytes": size,
        "digest": digest.hexdigest(),
    }
    asked.writer.write(whole(json.dumps(told).encode("utf-8")))


async def _swallow(asked: Asked) -> None:
    """Read a body of any length without keeping it, and tell its length and digest."""
    digest, left = hashlib.sha256(), int(asked.field("content-length") or 0)
    size = left
    while left:
        piece = await asked.reader.read(min(left, 2**18))
        if not piece:
            return
        digest.update(piece)
        left -= len(piece)
    asked.writer.write(whole(json.dumps({"bytes": size, "digest": digest.hexdigest()}).encode()))


async def _send_blocks(asked: Asked) -> None:
    """Send as many blocks as the path says, as fast as they are taken."""
    count = int(asked.path.rpartition("/")[2])
    asked.writer.write(b"HTTP/1.1 200 OK\r\n%bContent-Length: %d\r\n\r\n" % (_OCTETS, count * len(BLOCK)))
    for _ in range(count):
        asked.writer.write(BLOCK)
        await asked.writer.drain()


async def _slowly(asked: Asked) -> None:
    """Send events, a moment between them."""
    asked.writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n")
    for number in range(3):
        asked.writer.write(b"a\r\ndata: %d \n\n\r\n" % number)
        await asked.writer.drain()
        await asyncio.sleep(0.02)
    asked.writer.write(b"0\r\n\r\n")


async def _in_time(asked: Asked) -> None:
    """Send the head and the rest in pieces, a moment between them."""
    for piece in (b"HTTP/1.1 2", b"00 OK\r\nContent-", b"Length: 31\r\n", b"\r\n", _PETS[:10], _PETS[10:]):
        asked.writer.write(piece)
        await asyncio.sleep(0.01)


async def _refuse_early(asked: Asked) -> None:
    """Refuse a body before it is read, and read no further."""
    asked.writer.write(whole(b'{"code":413}', JSON + b"Connection: close\r\n", b"413 Too Large"))
    await asked.writer.drain()
    asked.writer.close()


async def _give_leave(asked: Asked) -> None:
    """Give leave for a body where a client asks for it."""
    if asked.field("expect"):
        asked.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
    await _told(asked)


ODD: dict[str, Callable[[Asked], Awaitable[None]]] = {
    "/told": _told,
    "/swallow": _swallow,
    "/blocks": _send_blocks,
    "/slowly": _slowly,
    "/in-time": _in_time,
    "/early": _refuse_early,
    "/leave": _give_leave,
}


_END_OF_HEAD = re.compile(rb"\r?\n\r?\n")


def without_body(reply: bytes) -> bytes:
    """A reply to HEAD: the head alone, informational ones before it included."""
    heads: list[bytes] = []
    while (end := _END_OF_HEAD.search(reply)) is not None:
        head, reply = reply[: end.end()], reply[end.end() :]
        heads.append(head)
        if not head.startswith(b"HTTP/1.1 1"):
            break
    return b"".join(heads)


async def _answer(asked: Asked) -> bool:
    """Answer a request; whether the connection stays."""
    path = asked.path.partition("?")[0]
    writer = asked.writer
    odd = ODD.get("/" + path.split("/")[1])
    if odd is not None:
        await odd(asked)
        await writer.drain()
        return asked.path != "/early"
    await asked.pieces()
    for replies in (AS_THEY_ARE, AND_CLOSED, AND_RESET, BROKEN):
        if path in replies:
            reply = replies[path]
            writer.write(without_body(reply) if asked.method == "HEAD" else reply)
            await writer.drain()
            if replies is AND_RESET:
                await asyncio.sleep(0.01)
                sock: socket.socket = writer.get_extra_info("socket")
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                writer.transport.abort()
            return replies is AS_THEY_ARE
    writer.write(whole(b"{}", status=b"404 Not Found"))
    return True


async def serve_connection(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer the requests of one connection."""
    with suppress(ConnectionError, asyncio.IncompleteReadError, ValueError):
        while True:
            line = (await reader.readline()).decode("latin-1").split()
            if len(line) != 3:
                break
            fields: list[tuple[str, str]] = []
            while head := (await reader.readline()).decode("latin-1").strip():
                name, _, value = head.partition(":")
                fields.append((name.lower(), value.strip()))
            if not await _answer(Asked(line[0], line[1], fields, reader, writer)):
                break
    with suppress(ConnectionError):
        writer.close()


@contextmanager
def odd_upstream(ssl: object = None) -> Iterator[int]:
    """The server in a thread, on a free port of this machine."""
    loop = asyncio.new_event_loop()
    ready, ports = threading.Event(), list[int]()

    async def serve() -> None:
        server = await asyncio.start_server(serve_connection, "127.0.0.1", 0, ssl=ssl, limit=2**21)  # type: ignore[arg-type]
        ports.append(server.sockets[0].getsockname()[1])
        ready.set()
        async with server:
            with suppress(asyncio.CancelledError):
                await server.serve_forever()

    async def everything() -> None:
        await serve()

    main: list[asyncio.Task[None]] = []

    def run() -> None:
        asyncio.set_event_loop(loop)
        main.append(loop.create_task(everything()))
        with suppress(asyncio.CancelledError):
            loop.run_until_complete(main[0])
        others = asyncio.all_tasks(loop)
        for task in others:
            task.cancel()
        loop.run_until_complete(asyncio.gather(*others, return_exceptions=True))
        loop.close()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    ready.wait(10)
    try:
        yield ports[0]
    finally:
        loop.call_soon_threadsafe(main[0].cancel)
        thread.join(10)
