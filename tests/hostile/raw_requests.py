"""Raw requests of odd shapes: lines, heads, bodies and framing, each with what a client may still expect after it."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from enum import Enum
from functools import cache
from random import Random
from typing import NamedTuple


class After(Enum):
    """What a client may expect of the connection after a request."""

    ANSWERS = "as many answers as requests, and the connection goes on, unless an answer says that it closes"
    MALFORMED = "an answer or a close, and the connection is given up"
    UNFINISHED = "nothing: the client goes away in the middle"


class Raw(NamedTuple):
    """Bytes to send, and what may be expected."""

    name: str
    data: bytes
    after: After = After.ANSWERS
    answers: int = 1
    has_no_body: tuple[bool, ...] = (False,)
    """Which of the answers have a head alone, as those to HEAD have."""
    asks_5xx: bool = False


class Target(NamedTuple):
    """A valid request, in its pieces."""

    method: bytes
    path: bytes
    fields: tuple[tuple[bytes, bytes], ...]
    body: bytes
    asks_5xx: bool = False

    def whole(self, *more: tuple[bytes, bytes], path: bytes = b"", body: bytes | None = None) -> bytes:
        """The request as bytes, with further header fields, another path or another body."""
        content = self.body if body is None else body
        fields = [(b"host", b"127.0.0.1"), *self.fields, *more]
        if content or self.method in (b"POST", b"PUT", b"PATCH"):
            fields.append((b"content-length", b"%d" % len(content)))
        head = [
            self.method + b" " + (path or self.path) + b" HTTP/1.1",
            *(name + b": " + value for name, value in fields),
        ]
        return b"\r\n".join(head) + b"\r\n\r\n" + content

    def bare(self, *lines: bytes, version: bytes = b"HTTP/1.1") -> bytes:
        """A GET of the path with exactly these lines as its head."""
        return b"\r\n".join([b"GET " + self.path + b" " + version, *lines]) + b"\r\n\r\n"


_HOST = b"Host: 127.0.0.1"
_VERSIONS = (
    b"", b"HTTP/1.2", b"HTTP/2.0", b"HTTP/9.9", b"HTTP/11", b"HTTP/1.1.1", b"http/1.1", b"HTTX/1.1", b"HTTP/1.1x",
    b"HTTP/1", b"HTTP /1.1", b"HTTP/-1.1", b"HTTP/1.\xff", b"ICY", b"RTSP/1.0",
)  # fmt: skip
_METHODS = (b"", b"G\x00T", b"G(T", b"GE\tT", b"A" * 10_000, b"\xff", b"GET:", b"{", b'"GET"', b"G,T", b"1\x1b[31m")
_TOKENS = (
    b"get",
    b"M-SEARCH",
    b"PROPFIND",
    b"QUERY",
    b"FOO",
    b"a!#$%&'*+-.^_`|~9",
    b"TRACE",
    b"LINK",
    b"PURGE",
    b"BREW",
)
_PATHS = (
    b"/%", b"/%zz", b"/%00", b"/%0d%0aX:%20y", b"/%2e%2e/%2e%2e/etc/passwd", b"/..", b"/./.", b"//", b"/a//b",
    b"/%c3%28", b"/%ff", b"/" + b"a/" * 2000, b"/" + b"a" * 7000, b"/?" + b"&" * 3000, b"/?" + b"a=1&" * 1500,
    b"/?a[b][c][d]=1", b"/?" + b"a[" * 500, b"/?=", b"/?%zz=%zz", b"/;a=b", b"/{id}", b"/'\"", b"/*", b"/_tallystick",
    b"/-", b"/?%00", b"/?a=%ff", b"/%F0%9F%99%82",
)  # fmt: skip
_BAD_PATHS = (
    b"/\x00", b"/\x01\x1b[31m", b"/a b", b"/\xc3\xa9", b"/\xff", b"/\t", b"a", b"", b"?", b"*", b"/#fragment",
    b"/" + b"a" * 70_000, b"/" + b"a" * 1_000_000, b"/\\", b"/\x7f", b"http://", b"http://[::1", b"127.0.0.1:80",
    b"/\r", b"/<>\"{}|^`",
)  # fmt: skip
_BAD_LINES = (
    b"X", b"X y: z", b" X: y", b": y", b"X\x00: y", b"X: \x00", b"X: a\rb", b"X: a\nb: c", b"X : y", b"X\t: y",
    b"(x): y", b"\xff: y", b"X: " + b"a" * 70_000, b"X: " + b"a" * 1_000_000, b"a" * 70_000 + b": y",
    b"X: y\r\n folded", b"\r", b"X:\x0b", b"X: \x1b[31m\x07", b"Transfer-Encoding: foo",
    b"Transfer-Encoding: identity", b"Transfer-Encoding: chunked, chunked", b"Transfer-Encoding : chunked",
    b"Transfer-Encoding: \x0bchunked", b"Transfer-Encoding: gzip, chunked", b"Transfer-Encoding: xchunked",
    b"Transfer-Encoding:\r\n chunked", b"Content-Length: -1", b"Content-Length: +5", b"Content-Length: 0x5",
    b"Content-Length: 5,5", b"Content-Length: 5, 6", b"Content-Length: a", b"Content-Length: 99999999999999999999",
    b"Content-Length: 1e3", b"Content-Length: \xd9\xa3", b"Content-Length: 1\r\nContent-Length: 2",
    b"Content-Length: 5\r\nTransfer-Encoding: chunked", b"Content-Length: ", b"Content-Length: 1 1",
    b"Upgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA",
    b"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: x\r\nSec-WebSocket-Version: 13",
    b"\r\n".join(b"X-%d: y" % n for n in range(20_000)),
)  # fmt: skip
_FIELDS = tuple((name.encode(), value) for name, values in {
    "accept": (b"", b"*", b"a/", b"/", b";q=", b"text/html;q=9", b"*/*;q=0",
        b"application/json;q=0", b",,,", b"a/b," * 1500, b"\xff",
        b"application/json; charset=\"", b"text/event-stream"),
    "accept-encoding": (b"", b"*;q=0", b"identity;q=0", b"gzip;q=x", b"foo"),
    "content-type": (b"", b"x", b"application/json; charset=rot13", b"application/json; charset=utf-16", b"a/b; =",
        b"multipart/form-data", b"multipart/form-data; boundary=", b"*/*", b"text/xml",
        b"application/x-www-form-urlencoded; charset=\xff", b"application/json" + b";a=b" * 1500),
    "content-encoding": (b"gzip", b"deflate", b"br", b"foo", b"gzip, gzip", b"identity", b"", b"gzip," * 100),
    "cookie": (b"", b"=", b";;;", b"a", b"a=\"", b"a=1; a=2", b"a=1;" * 1500, b"\xff=\xfe", b"$Version=1"),
    "authorization": (b"", b"Basic", b"Basic !!!", b"Basic " + b"A" * 5000, b"Bearer", b"Bearer \xff",
        b"Digest username=\"", b"basic dTpw", b"Negotiate x"),
    "prefer": (b"", b"code=", b"code=abc", b"code=99", b"code=1000", b"code=-1",
        b"code=100", b"code=204", b"code=2XX", b"example=", b"example=\x1b", b"code=200;example=x", b"dynamic=true",
        b"=", b"code=\"404\"", b"code=404, code=200", b"respond-async", b"code=" + b"4" * 5000),
    "expect": (b"100-continue", b"foo"),
    "range": (b"bytes=0-", b"bytes=-1", b"x"),
    "if-match": (b"*", b"\"", b"W/"),
    "origin": (b"null", b"http://evil.example", b"x y", b"\xff", b""),
    "access-control-request-method": (b"", b"\x7f", b"GET, X"),
    "x-forwarded-for": (b"a" * 5000, b"\xff"),
    "x-forwarded-proto": (b"javascript",),
    "x-http-method-override": (b"DELETE",),
    "te": (b"trailers", b"x"),
    "tallystick-violations": (b"[]",),
    "x-\u00e9".encode().decode("latin-1"): (b"y",),
}.items() for value in values)  # fmt: skip
_BODIES = (
    b"", b"{", b"[" * 100_000, b'{"a":' * 50_000, b"[" * 20_000 + b"]" * 20_000, b"NaN", b"1e999", b"-",
    b"1" * 10_000, b'"\\ud800"', b'"\\u0000"', b'"\xff"', b"\xef\xbb\xbf{}", "{}".encode("utf-16"), b'{"a":1,"a":2}',
    b"null", b"[]", b"{}", b'""', b"\x00" * 1000, b"a" * 200_000, b'{"' + b"k" * 100_000 + b'":1}',
    b"[" + b"1," * 50_000 + b"1]", b"%zz&&==&a", b"a=1&" * 20_000, b"a[b]=1&a[b][c]=2&a=3", b"--x\r\n\r\n",
    b"--x\r\nContent-Disposition: form-data; name=\"\r\n\r\na\r\n--x--", b"--x" * 10_000, b"<a>",
    b"<?xml version='1.0'?><!DOCTYPE a [<!ENTITY b 'c'><!ENTITY d '&b;&b;'>]><a>&d;</a>", b"<a>" * 20_000,
    b"<!DOCTYPE a SYSTEM 'file:///etc/passwd'><a/>", b"data: x\n\n" * 1000, b"{}\n" * 1000, b"\x1e{}\n" * 100,
)  # fmt: skip
_TYPES = (
    b"application/json", b"application/x-www-form-urlencoded", b"multipart/form-data; boundary=x", b"application/xml",
    b"text/plain", b"text/event-stream", b"application/jsonl", b"application/octet-stream",
)  # fmt: skip
_CHUNKS = (
    b"5\r\nhello\r\n0\r\n\r\n", b"5;ext=1\r\nhello\r\n0\r\n\r\n", b"00005\r\nhello\r\n000\r\n\r\n",
    b"A\r\n0123456789\r\n0\r\nTrailer: x\r\n\r\n", b"0\r\n\r\n", b"1\r\n{\r\n1\r\n}\r\n0\r\n\r\n",
)  # fmt: skip
_BAD_CHUNKS = (
    b"zz\r\nhello\r\n0\r\n\r\n", b"-5\r\nhello\r\n0\r\n\r\n", b"5\r\nhelloworld\r\n0\r\n\r\n",
    b"FFFFFFFFFFFFFFFF\r\nx", b"FFFFFFFFFFFFFFFFFFFFFFFF\r\nx", b"5\nhello\n0\n\n", b"0x5\r\nhello\r\n0\r\n\r\n",
    b" 5\r\nhello\r\n0\r\n\r\n", b"5;" + b"e" * 100_000 + b"\r\nhello\r\n0\r\n\r\n", b"\r\n",
    b"0\r\n" + b"X: y\r\n" * 20_000 + b"\r\n", b"0\r\nX\x00: y\r\n\r\n",
)  # fmt: skip
_GARBAGE = (
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 500, b"SSH-2.0-OpenSSH_9.0\r\n",
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"\x00" * 1000, b"\xff" * 1000, b"\r\n" * 1000 + b"x\r\n\r\n", b"EHLO x\r\n",
    b"*1\r\n$4\r\nPING\r\n", b"GET\r\n\r\n", b"GET /\r\n\r\n", b"/ HTTP/1.1\r\n\r\n", b" GET / HTTP/1.1\r\n\r\n",
    b"GET  /  HTTP/1.1\r\n\r\n", b"{}\r\n\r\n", b"\x1b[31m\r\n\r\n", b"CONNECT x:443 HTTP/1.1\r\nHost: x\r\n\r\n",
    b"OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n",
)  # fmt: skip
_HOSTS = (
    b"",
    b"x" * 5000,
    b"a b",
    b"[::1",
    b"a,b",
    b"\xff",
    b"127.0.0.1:99999",
    b"http://x",
    b"evil.example",
    b"/",
    b"a/b",
    b"user@x",
)


@cache
def _bomb() -> bytes:
    return gzip.compress(b" " * 100_000_000, 9)


def shapes(target: Target, other: Target) -> Iterator[Raw]:
    """Every shape, aimed at the operations of two valid requests."""
    path = target.path
    for version in _VERSIONS:
        yield Raw("version", b"GET " + path + b" " + version + b"\r\n" + _HOST + b"\r\n\r\n", After.MALFORMED)
    for method in _METHODS:
        yield Raw("method", method + b" " + path + b" HTTP/1.1\r\n" + _HOST + b"\r\n\r\n", After.MALFORMED)
    for method in _TOKENS:
        yield Raw("unknown method", method + b" " + path + b" HTTP/1.1\r\n" + _HOST + b"\r\n\r\n", After.ANSWERS)
    for odd in _PATHS:
        prefix = b"/" + path.split(b"/")[1].split(b"?")[0]
        yield Raw("path", target.whole(path=prefix + odd), has_no_body=(target.method == b"HEAD",))
        yield Raw("path", target.whole(path=odd), has_no_body=(target.method == b"HEAD",))
    for odd in _BAD_PATHS:
        yield Raw("no path", b"GET " + odd + b" HTTP/1.1\r\n" + _HOST + b"\r\n\r\n", After.MALFORMED)
    for line in _BAD_LINES:
        yield Raw("no field", target.bare(_HOST, line), After.MALFORMED)
    for host in _HOSTS:
        yield Raw("host", target.bare(b"Host: " + host), After.MALFORMED)
    for field in _FIELDS:
        yield Raw("field", target.whole(field), has_no_body=(target.method == b"HEAD",))
    yield from _bodies(target)
    yield from _framing(target, other)


def _bodies(target: Target) -> Iterator[Raw]:
    is_head = (target.method == b"HEAD",)
    for body in _BODIES:
        yield Raw("body", target.whole(body=body), has_no_body=is_head)
    post = Target(b"POST", target.path, (), b"")
    for number, body in enumerate(_BODIES):
        yield Raw("body of a type", post.whole((b"content-type", _TYPES[number % len(_TYPES)]), body=body))
    for coding, body in (
        (b"gzip", _bomb()),
        (b"gzip", b"\x1f\x8b\x08junk"),
        (b"deflate", zlib.compress(b"{}")),
        (b"gzip", gzip.compress(b"{}")),
        (b"gzip, deflate", b"x"),
    ):
        yield Raw(
            "coded body", post.whole((b"content-encoding", coding), (b"content-type", b"application/json"), body=body)
        )
    head = (
        b"POST "
        + target.path
        + b" HTTP/1.1\r\n"
        + _HOST
        + b"\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    )
    for chunks in _CHUNKS:
        yield Raw("chunks", head + chunks)
    for chunks in _BAD_CHUNKS:
        yield Raw("no chunks", head + chunks, After.MALFORMED)


def _framing(target: Target, other: Target) -> Iterator[Raw]:
    whole, heads = target.whole(), (target.method == b"HEAD", other.method == b"HEAD")
    for garbage in _GARBAGE:
        yield Raw("no HTTP", garbage, After.MALFORMED)
    for part in (1, 10, len(whole) // 2, len(whole) - 1):
        yield Raw("cut short", whole[:part], After.UNFINISHED)
    yield Raw(
        "body cut short",
        Target(b"POST", target.path, (), b"").whole((b"content-length", b"1000"))[:-2],
        After.UNFINISHED,
    )
    yield Raw("two at once", whole + other.whole(), answers=2, has_no_body=heads)
    yield Raw("ten at once", (whole + other.whole()) * 5, answers=10, has_no_body=heads * 5)
    yield Raw("sixty at once", whole * 60, answers=60, has_no_body=heads[:1] * 60)
    yield Raw("one and a half", whole + other.whole()[:20], After.UNFINISHED)
    yield Raw("then garbage", whole + b"\x00\xff\x00", After.MALFORMED)
    yield Raw("empty lines first", b"\r\n\r\n" + whole, has_no_body=heads[:1])
    yield Raw("no host", target.bare(), After.MALFORMED)
    yield Raw("two hosts", target.bare(_HOST, b"Host: b"), After.MALFORMED)
    yield Raw("line feeds alone", whole.replace(b"\r\n", b"\n"), After.MALFORMED)
    yield Raw("HTTP/1.0", target.bare(version=b"HTTP/1.0"), After.MALFORMED)
    yield Raw(
        "HTTP/1.0 kept alive", target.bare(_HOST, b"Connection: keep-alive", version=b"HTTP/1.0"), After.MALFORMED
    )
    yield Raw("closes", target.whole((b"connection", b"close")), After.MALFORMED)
    yield Raw("asks for a 5xx", target.whole((b"prefer", b"code=500")), has_no_body=heads[:1], asks_5xx=True)
    yield Raw(
        "smuggled",
        target.bare(_HOST, b"Content-Length: 30", b"Transfer-Encoding: chunked") + b"0\r\n\r\nGET /x HTTP/1.1\r\n\r\n",
        After.MALFORMED,
    )


def mutated(draw: Random, target: Target) -> Raw:
    """A valid request with a few bytes changed, lost or doubled; what it means then, nobody knows."""
    data = bytearray(target.whole())
    for _ in range(draw.choice((1, 1, 2, 5, 20))):
        place = draw.randrange(len(data) or 1)
        match draw.randrange(4):
            case 0:
                data[place : place + 1] = bytes((draw.randrange(256),))
            case 1:
                del data[place : place + draw.choice((1, 2, 20))]
            case 2:
                data[place:place] = data[place : place + draw.choice((1, 10, 100))]
            case _:
                data[place:place] = draw.choice((b"\r\n", b"\n", b"\x00", b": ", b" ", b"%", b"\r\n\r\n", b"\xff"))
    return Raw("changed bytes", bytes(data), After.MALFORMED, asks_5xx=b"prefer" in data.lower())
