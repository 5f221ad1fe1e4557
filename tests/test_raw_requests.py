"""What comes over a socket, byte by byte, and what goes back: a table of requests that no client library would send."""

from __future__ import annotations

import re
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from support.running import Running, running

from tallystick.nouns import budgets

CONTRACT = """
openapi: 3.2.0
info: {title: Raw, version: '1'}
paths:
  /a:
    get: {responses: {'200': {description: A, content: {text/plain: {example: done}}}}}
    post:
      requestBody: {required: true, content: {application/json: {schema: {type: object, required: [a]}}}}
      responses: {'200': {description: A, content: {text/plain: {example: posted}}}}
    additionalOperations:
      COPY: {responses: {'204': {description: Copied}}}
"""
HOST = b"Host: x\r\n"
GET = b"GET /a HTTP/1.1\r\n" + HOST + b"\r\n"
POST = b"POST /a HTTP/1.1\r\n" + HOST + b"Content-Type: application/json\r\n"
JSON = b'{"a":1}'
CHUNKED = POST + b"Transfer-Encoding: chunked\r\n\r\n"
UPGRADE = b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n"
TLS_HELLO = b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(200)


@pytest.fixture(scope="module")
def mock(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A mock on a port, for all tests of this file."""
    folder: Path = tmp_path_factory.mktemp("raw")
    (folder / "raw.yaml").write_text(CONTRACT)
    with running("raw.yaml", "-p", "0", "-q", cwd=folder) as process:
        yield process


def sent(mock: Running, *packets: bytes, half_closed: bool = True) -> bytes:
    """All that comes back for some packets on one connection, until the server ends it."""
    address = urlsplit(mock.origin)
    with socket.create_connection((address.hostname, address.port or 0), timeout=10) as connection:
        for number, packet in enumerate(packets):
            time.sleep(0.02 if number else 0)
            connection.sendall(packet)
        if half_closed:
            connection.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: connection.recv(65536), b""))


def statuses(answer: bytes) -> list[int]:
    """The statuses of some responses on one connection."""
    return [int(status) for status in re.findall(rb"HTTP/1\.1 (\d{3})[ \r]", answer)]


def head(line: bytes, *fields: bytes) -> bytes:
    """A request without a body: its first line, and header fields beside `Host`."""
    return b"\r\n".join([line, b"Host: x", *fields, b"", b""])


@pytest.mark.parametrize(
    ("request_bytes", "status"),
    [
        # Host
        (b"GET /a HTTP/1.1\r\n\r\n", 400),
        (b"GET /a HTTP/1.0\r\n\r\n", 200),
        (head(b"GET /a HTTP/1.1", b"Host: x"), 400),
        (b"GET /a HTTP/1.1\r\nHost: a b\r\n\r\n", 400),
        (b"GET /a HTTP/1.1\r\nHost: x/y\r\n\r\n", 400),
        (b"GET /a HTTP/1.1\r\nHost: u@x\r\n\r\n", 400),
        (b"GET /a HTTP/1.1\r\nHost: x:y\r\n\r\n", 400),
        (b"GET /a HTTP/1.1\r\nHost: \r\n\r\n", 200),
        (b"GET /a HTTP/1.1\r\nHost: [::1]:80\r\n\r\n", 200),
        (b"GET /a HTTP/1.1\r\nHost: my_mock:4010\r\n\r\n", 200),
        # framing
        (CHUNKED.replace(b"\r\n\r\n", b"\r\nContent-Length: 3\r\n\r\n") + b"0\r\n\r\n", 400),
        (POST + b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
        (POST + b"Transfer-Encoding: gzip\r\n\r\n", 501),
        (POST + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 501),
        (POST + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n", 501),
        (POST + b"Transfer-Encoding: identity\r\n\r\n", 501),
        (POST + b"Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n", 400),
        (POST + b"Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n", 400),
        (CHUNKED.replace(b"HTTP/1.1", b"HTTP/1.0") + b"0\r\n\r\n", 400),
        (POST + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\nxx", 400),
        (POST + b"Content-Length: 1, 1\r\n\r\nx", 400),
        (POST + b"Content-Length: -1\r\n\r\n", 400),
        (POST + b"Content-Length: +1\r\n\r\nx", 400),
        (POST + b"Content-Length: 99999999999999999999999\r\n\r\n", 400),
        (CHUNKED + b"7\r\n" + JSON + b"\r\n0\r\n\r\n", 200),
        (CHUNKED.replace(b"chunked", b"CHUNKED") + b"7\r\n" + JSON + b"\r\n0\r\n\r\n", 200),
        (CHUNKED + b'7;x=y;z="q"\r\n' + JSON + b"\r\n0\r\n\r\n", 200),
        (CHUNKED + b"7\r\n" + JSON + b"\r\n0\r\nContent-Type: text/plain\r\nX: y\r\n\r\n", 200),
        (CHUNKED + b"zz\r\n" + JSON + b"\r\n0\r\n\r\n", 400),
        (CHUNKED + b"-1\r\n" + JSON + b"\r\n0\r\n\r\n", 400),
        (CHUNKED + b"3\r\n" + JSON + b"\r\n0\r\n\r\n", 400),
        (CHUNKED + b"F" * 17 + b"\r\n" + JSON, 400),
        (CHUNKED + b"7\n" + JSON + b"\n0\n\n", 400),
        # characters
        (b"GET /a HTTP/1.1\nHost: x\n\n", 400),
        (b"GET /a HTTP/1.1\r\nHost: x\nY: z\r\n\r\n", 400),
        (b"GET /a HTTP/1.1\r\nHost: x\rY: z\r\n\r\n", 400),
        (head(b"GET /a HTTP/1.1", b"X: a\r\n b"), 400),
        (b"GET /a HTTP/1.1\r\n Host: x\r\n\r\n", 400),
        (head(b"GET /a HTTP/1.1", b"X: a\0b"), 400),
        (head(b"GET /a HTTP/1.1", b"X: a\x01b"), 400),
        (head(b"GET /a HTTP/1.1", b"X: a\x1bb"), 400),
        (head(b"GET /a HTTP/1.1", b"X: a\x7fb"), 400),
        (head(b"GET /a HTTP/1.1", b"X\0: a"), 400),
        (head(b"GET /a HTTP/1.1", b"X Y: a"), 400),
        (head(b"GET /a HTTP/1.1", b": a"), 400),
        (head(b"GET /a HTTP/1.1", b"X: caf\xe9"), 200),
        (head(b"GET /\0 HTTP/1.1"), 400),
        (head(b"GET /\xe9 HTTP/1.1"), 400),
        (head(b"GET /%00 HTTP/1.1"), 404),
        (head(b"GET /a b HTTP/1.1"), 400),
        (bytes(100), 400),
        (b"*1\r\n$4\r\nPING\r\n", 400),
        (b"SSH-2.0-OpenSSH_9\r\n", 400),
        # targets
        (head(b"GET http://x/a HTTP/1.1"), 200),
        (head(b"GET http://x HTTP/1.1"), 404),
        (head(b"GET http://x?y HTTP/1.1"), 404),
        (head(b"GET http://u:p@x/a HTTP/1.1"), 400),
        (head(b"GET ftp://x/a HTTP/1.1"), 400),
        (head(b"GET file:///etc/passwd HTTP/1.1"), 400),
        (head(b"GET x:80 HTTP/1.1"), 400),
        (head(b"GET a HTTP/1.1"), 400),
        (head(b"GET * HTTP/1.1"), 400),
        (head(b"GET /a#b HTTP/1.1"), 400),
        (head(b"OPTIONS * HTTP/1.1"), 204),
        (head(b"CONNECT x:443 HTTP/1.1"), 405),
        (head(b"CONNECT /a HTTP/1.1"), 405),
        (head(b"TRACE /a HTTP/1.1"), 405),
        # versions and other protocols
        (b"GET /a\r\n\r\n", 505),
        (head(b"GET /a HTTP/0.9"), 505),
        (head(b"GET /a HTTP/1.2"), 505),
        (head(b"GET /a HTTP/2.0"), 505),
        (head(b"GET /a HTTP/3.0"), 505),
        (head(b"FOO /a HTTP/2.0"), 505),
        (head(b"GET /a http/1.1"), 400),
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0", 505),
        (TLS_HELLO, 400),
        # methods
        (head(b"FOO /a HTTP/1.1"), 405),
        (head(b"get /a HTTP/1.1"), 405),
        (head(b"~!#$ /a HTTP/1.1"), 405),
        (head(b"DESCRIBE /a HTTP/1.1"), 405),
        (head(b"G@T /a HTTP/1.1"), 400),
        (head(b"A" * 100 + b" /a HTTP/1.1"), 400),
        (b"FOO /a HTTP/1.1\r\n\r\n", 400),
        (b"FOO /a HTTP/1.1\r\nHost: x\nY: z\r\n\r\n", 400),
        (head(b"FOO /a HTTP/1.1", b"Content-Length: 5", b"Transfer-Encoding: chunked"), 400),
        # sizes
        (head(b"GET /" + b"a" * 30_000 + b" HTTP/1.1"), 404),
        (head(b"GET /" + b"a" * 40_000 + b" HTTP/1.1"), 414),
        (head(b"GET /" + b"a" * 1_000_000 + b" HTTP/1.1"), 414),
        (b"GET /" + b"a" * 1_000_000, 414),
        (head(b"GET /a HTTP/1.1", b"X: " + b"a" * 60_000), 200),
        (head(b"GET /a HTTP/1.1", b"X: " + b"a" * 70_000), 431),
        (head(b"GET /a HTTP/1.1", b"X: " + b"a" * 1_000_000), 431),
        (head(b"GET /a HTTP/1.1", b"a" * 100_000 + b": x"), 431),
        (head(b"GET /a HTTP/1.1", *(b"X%d: a" % number for number in range(199))), 200),
        (head(b"GET /a HTTP/1.1", *(b"X%d: a" % number for number in range(200))), 431),
        (head(b"FOO /a HTTP/1.1", b"X: " + b"a" * 1_000_000), 431),
        # expectations
        (POST + b"Expect: 200-ok\r\nContent-Length: 7\r\n\r\n" + JSON, 417),
        (head(b"GET /a HTTP/1.1", b"Expect: 100-continue"), 200),
        # empty lines first
        (b"\r\n\r\n" + GET, 200),
        (b"\r\n\r\n" + head(b"FOO /a HTTP/1.1"), 405),
        (b" " + GET, 400),
    ],
)
def test_a_request_has_one_answer(request_bytes: bytes, status: int, mock: Running) -> None:
    """Whatever comes gets one response with the status that HTTP has for it, also where it comes in two packets."""
    answer = sent(mock, request_bytes)
    assert statuses(answer) == [status]
    if status >= 400:
        assert b"\r\ncontent-type: application/problem+json\r\n" in answer
    if len(request_bytes) < 1000:
        for cut in (2, len(request_bytes) // 2, len(request_bytes) - 1):
            assert statuses(sent(mock, request_bytes[:cut], request_bytes[cut:])) == [status], cut


@pytest.mark.parametrize(
    ("packets", "expected"),
    [
        ([GET + GET + GET], [200, 200, 200]),
        ([GET[:30], GET[30:] + GET], [200, 200]),
        ([GET + GET + POST + b"Content-Length: 7\r\n\r\n{"], [200, 200]),
        ([GET * 2000], [200] * 2000),
        ([GET * 1000, GET * 1000 + b"\0"], [200] * 2000 + [400]),
        ([(POST + b"Content-Length: 40007\r\n\r\n" + JSON + b" " * 40_000 + GET) * 5], [200] * 10),
        (
            [GET * 10 + CHUNKED + b"7\r\n" + JSON + b"\r\n" + b"8000\r\n" + b" " * 32768 + b"\r\n0\r\n\r\n" + GET],
            [200] * 12,
        ),
        ([head(b"FOO /a HTTP/1.1"), GET], [405, 200]),
        ([b"F", b"O", b"O", head(b" /a HTTP/1.1"), head(b"COPY /a HTTP/1.1")], [405, 204]),
        ([b"PROP", b"FIN", head(b"X /a HTTP/1.1"), GET], [405, 200]),
        ([head(b"FOO /a HTTP/1.1", b"Content-Length: 3") + b"abc", GET], [405, 200]),
        ([GET + head(b"FOO /a HTTP/1.1")], [200, 400]),
        ([GET + b"GARBAGE\r\n\r\n"], [200, 400]),
        ([GET + b"\0\0\0"], [200, 400]),
        ([GET + head(b"GET /a HTTP/1.1", b"X\0: y") + GET], [200, 400]),
        ([GET + GET + POST + b"Content-Length: 7\r\nTransfer-Encoding: chunked\r\n\r\n"], [200, 200, 400]),
        ([GET + CHUNKED + b"zz\r\n"], [200, 400]),
        ([head(b"GET /a HTTP/1.1", b"Connection: close") + GET], [200]),
        ([CHUNKED.replace(b"/a", b"/b") + b"1\r\nx\r\n", b"1\r\nx\r\n0\r\n\r\n", GET], [404, 200]),
        ([POST + b"Content-Length: 7\r\n\r\n" + JSON + GET], [200, 200]),
        ([CHUNKED + b"7\r\n" + JSON + b"\r\n0\r\nHost: y\r\n\r\n" + GET], [200, 200]),
        ([CHUNKED.replace(b"/a", b"/b") + b"7\r\n", b"zz" * 9], [404]),
        # nothing is upgraded, and no body is lost by it
        ([head(b"GET /a HTTP/1.1", b"Connection: Upgrade", b"Upgrade: websocket") + GET], [200, 200]),
        ([POST + UPGRADE + b"Content-Length: 7\r\n\r\n" + JSON], [200]),
        ([POST + UPGRADE + b"Content-Length: 7\r\n\r\n" + JSON + GET], [200, 200]),
        ([POST + UPGRADE + b"Content-Length: 7\r\n\r\n", JSON[:3], JSON[3:], GET], [200, 200]),
        ([POST + UPGRADE + b"Transfer-Encoding: chunked\r\n\r\n7\r\n" + JSON + b"\r\n", b"0\r\n\r\n", GET], [200, 200]),
        # leave to send a body
        ([POST + b"Expect: 100-continue\r\nContent-Length: 7\r\n\r\n", JSON, GET], [100, 200, 200]),
        ([POST.replace(b"/a", b"/b") + b"Expect: 100-continue\r\nContent-Length: 7\r\n\r\n", GET], [404]),
    ],
)
def test_requests_on_one_connection_are_answered_in_turn(
    packets: list[bytes], expected: list[int], mock: Running
) -> None:
    """What comes before a request that is refused is still answered, and what comes after it is not."""
    assert statuses(sent(mock, *packets)) == expected


def test_a_refusal_of_a_head_request_has_no_body(mock: Running) -> None:
    """What a client does not read is not sent, also where the request is no HTTP."""
    assert sent(mock, b"HEAD /a HTTP/1.1\r\n\r\n").endswith(b"\r\nconnection: close\r\n\r\n")


def test_the_host_of_a_whole_url_goes_before_the_field(tmp_path: Path) -> None:
    """A request for `http://one/a` is for that host, whatever `Host` says."""
    for name in ("one", "two"):
        (tmp_path / f"{name}.yaml").write_text(
            f"openapi: 3.1.0\ninfo: {{title: {name}, version: '1'}}\nservers: [{{url: 'http://{name}'}}]\n"
            "paths: {/a: {get: {responses: {'200': {description: A, headers: "
            f"{{X-Is: {{example: {name}, schema: {{}}}}}}}}}}}}}}}}\n"
        )
    with running(".", "-p", "0", "-q", cwd=tmp_path) as mock:
        answer = sent(mock, b"GET http://two/a HTTP/1.1\r\nHost: one\r\nConnection: close\r\n\r\n")
    assert b"\r\nx-is: two\r\n" in answer


def test_trailers_are_no_header_fields(mock: Running) -> None:
    """A field behind a body changes nothing of how the request is read, and any number of them is let pass."""
    trailers = b"".join(b"X-%d: y\r\n" % number for number in range(1000))
    assert statuses(sent(mock, CHUNKED + b"7\r\n" + JSON + b"\r\n0\r\nContent-Type: a/b\r\n" + trailers + b"\r\n")) == [
        200
    ]


@pytest.mark.parametrize("endless", [b"0\r\nX: " + b"a" * 1000, b"1;x=" + b"a" * 1000])
def test_what_surrounds_chunks_is_bounded(endless: bytes, mock: Running) -> None:
    """A trailer or an extension of a chunk without an end is refused."""
    packets = [b"a" * 20_000] * (2 + budgets.HEAD_BYTES // 20_000)
    assert statuses(sent(mock, CHUNKED + endless, *packets, half_closed=False)) == [431]


def test_an_https_request_is_told_once(tmp_path: Path) -> None:
    """The terminal says that an HTTPS request came, once, and what to ask for instead."""
    (tmp_path / "raw.yaml").write_text(CONTRACT)
    with running("raw.yaml", "-p", "0", "-q", cwd=tmp_path) as mock:
        for _ in range(3):
            sent(mock, TLS_HELLO)
        code, _, errors = mock.end()
    assert code == 0
    assert errors == (
        "tallystick mock: an HTTPS request came to this HTTP port; ask for http:// instead\ntallystick mock: ended\n"
    )
