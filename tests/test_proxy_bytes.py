"""The proxy passes on bytes: a client sees of a server by way of it what it sees directly."""

from __future__ import annotations

import hashlib
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import pytest
from support.asking import contract

from tallystick.testing import RunningMock, mock
from tests.proxied.client import Client, Fields, Seen, differences
from tests.proxied.exchanges import CONTRACT
from tests.proxied.upstream import AND_CLOSED, AND_RESET, AS_THEY_ARE, BLOCK, BROKEN, odd_upstream

JSON: Fields = [(b"Content-Type", b"application/json")]


@pytest.fixture(scope="module")
def upstream() -> Iterator[int]:
    """The odd server; its port."""
    with odd_upstream() as port:
        yield port


@pytest.fixture(scope="module")
def proxy(upstream: int) -> Iterator[RunningMock]:
    """A proxy of the odd server."""
    with mock(contract(CONTRACT), upstream=f"http://127.0.0.1:{upstream}") as running:
        yield running


def port_of(proxy: RunningMock) -> int:
    """The port of a mock."""
    return int(proxy.url.rpartition(":")[2].partition("/")[0])


def asked(port: int, line: str, fields: Fields | None = None, body: bytes = b"", version: str = "1.1") -> Seen:
    """What a client sees on a connection of its own."""
    with closing(Client(port)) as client:
        return client.ask(line, fields, body, version)


def eventually(look: Callable[[], Any]) -> Any:
    """What a function returns, once that is true."""
    until = time.monotonic() + 20
    while not (value := look()):
        assert time.monotonic() < until, "it did not happen"
        time.sleep(0.005)
    return value


@pytest.mark.parametrize(
    "line",
    [
        *(f"GET {path}" for path in (*AS_THEY_ARE, *AND_CLOSED, *AND_RESET, "/slowly", "/in-time", "/blocks/9")),
        *(f"HEAD {path}" for path in (*AS_THEY_ARE, *AND_CLOSED)),
    ],
)
def test_a_reply_is_the_same_by_proxy(upstream: int, proxy: RunningMock, line: str) -> None:
    """Status, phrase, fields with their order and case, body, trailers, informational responses, and a break."""
    assert differences(asked(upstream, line), asked(port_of(proxy), line)) == []


@pytest.mark.parametrize("path", BROKEN)
def test_what_is_no_reply_is_told(proxy: RunningMock, path: str) -> None:
    """The client gets a 502, which says what the upstream did."""
    seen = asked(port_of(proxy), f"GET {path}")
    assert seen.status == 502
    assert b"the upstream" in seen.body or b"the reply" in seen.body


def test_replies_on_one_connection_do_not_mix(proxy: RunningMock) -> None:
    """Requests that are sent ahead are answered in their order, whatever the replies are."""
    paths = ["/length", "/204", "/chunked", "/304", "/large", "/gzip", "/trailers", "/binary"] * 3
    with closing(Client(port_of(proxy))) as client:
        client.sock.sendall(b"".join(b"GET %b HTTP/1.1\r\nHost: a\r\n\r\n" % path.encode() for path in paths))
        seen = [client.seen() for _ in paths]
    for path, each in zip(paths, seen, strict=True):
        assert (path, each.is_broken, each.body[:20]) == (path, False, asked(port_of(proxy), f"GET {path}").body[:20])


def test_an_old_client_gets_a_body_that_ends_with_its_connection(proxy: RunningMock) -> None:
    """HTTP/1.0 has no chunks."""
    seen = asked(port_of(proxy), "GET /chunked", version="1.0")
    assert seen.named(b"transfer-encoding") == []
    assert seen.body == b'[{"name":"Rex"},{"name":"Tom"}]'


def told(seen: Seen) -> dict[str, Any]:
    """What the server tells of the request."""
    assert seen.status == 200, seen
    value: dict[str, Any] = json.loads(seen.body)
    return value


@pytest.mark.parametrize("body", [b"", b"[]", BLOCK * 20, b"\x00\xff" * 7])
@pytest.mark.parametrize("is_chunked", [False, True])
def test_a_body_of_a_request_is_passed_on(proxy: RunningMock, body: bytes, is_chunked: bool) -> None:
    """Of any length, and with the framing that the client has chosen."""
    if is_chunked:
        pieces = [body[start : start + 9_999] for start in range(0, len(body), 9_999)]
        sent = b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"
        fields = [*JSON, (b"Transfer-Encoding", b"chunked")]
    else:
        sent, fields = body, [*JSON, (b"Content-Length", str(len(body)).encode())]
    value = told(asked(port_of(proxy), "POST /told", fields, sent))
    assert (value["bytes"], value["digest"]) == (len(body), hashlib.sha256(body).hexdigest())
    names = [name for name, _ in value["fields"]]
    assert ("transfer-encoding" in names, "content-length" in names) == (is_chunked, not is_chunked)


def test_the_fields_of_a_request_are_those_of_its_client(proxy: RunningMock, upstream: int) -> None:
    """All but those of the connection; what was said of the way is added."""
    fields: Fields = [
        *JSON,
        (b"Cookie", b"a=1"),
        (b"Cookie", b"b=2"),
        (b"X-Name", b"Andr\xe9"),
        (b"Authorization", b"Bearer abc"),
        (b"Accept-Encoding", b"gzip, br"),
        (b"X-Private", b"1"),
        (b"Connection", b"X-Private, TE"),
        (b"TE", b"trailers, deflate"),
        (b"Keep-Alive", b"timeout=5"),
        (b"X-Forwarded-For", b"10.0.0.1"),
    ]
    value = told(asked(port_of(proxy), "POST /told?a=%2F&b=+&b", fields, b"[]"))
    assert value["target"] == "/told?a=%2F&b=+&b"
    sent = value["fields"]
    by_name = {name: [each for key, each in sent if key == name] for name, _ in sent}
    assert by_name["host"] == [f"127.0.0.1:{upstream}"]
    assert by_name["cookie"] == ["a=1", "b=2"]
    assert by_name["x-name"] == ["Andr\xe9"]
    assert by_name["authorization"] == ["Bearer abc"]
    assert by_name["accept-encoding"] == ["gzip, br"]
    assert by_name["te"] == ["trailers"]
    assert by_name["x-forwarded-for"] == ["10.0.0.1, 127.0.0.1"]
    assert by_name["x-forwarded-host"] == ["api.example"]
    assert by_name["x-forwarded-proto"] == ["http"]
    assert by_name["via"][0].startswith("1.1 tallystick-")
    assert not {"x-private", "keep-alive"} & by_name.keys()


def test_leave_for_a_body_is_asked_of_the_upstream(proxy: RunningMock) -> None:
    """`Expect: 100-continue` goes on, and the body is read when the upstream wants it."""
    with closing(Client(port_of(proxy))) as client:
        head = b"POST /leave HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n"
        client.sock.sendall(head)
        assert client.file.readline() == b"HTTP/1.1 100 Continue\r\n"
        client.file.readline()
        client.sock.sendall(b"[]")
        assert told(client.seen("POST"))["bytes"] == 2


def test_a_refusal_comes_before_the_body(proxy: RunningMock) -> None:
    """A client that asks for leave is told the refusal of the upstream, and has sent nothing."""
    with closing(Client(port_of(proxy))) as client:
        head = b"POST /early HTTP/1.1\r\nHost: a\r\nContent-Length: 9000000\r\nExpect: 100-continue\r\n\r\n"
        client.sock.sendall(head)
        assert client.seen("POST").status == 413


def test_a_reply_that_ends_too_early_is_told(proxy: RunningMock) -> None:
    """The client sees a broken body, and the journal says why; what is not whole is not judged."""
    seen = asked(port_of(proxy), "GET /too-short")
    assert (seen.status, seen.is_broken) == (200, True)
    entry = eventually(lambda: [each for each in proxy.journal() if each["operation"] == "GET /too-short"])[-1]
    assert "closed the connection in the middle" in entry["why"]["sentence"]
    assert entry["why"]["source"] == "upstream"
    assert entry["why"]["bodies"] == "the response ended before its end"
    assert [each for each in entry.get("violations", []) if each["where"].startswith("response.body")] == []


def test_a_client_that_goes_ends_the_exchange(proxy: RunningMock) -> None:
    """The upstream is not read to the end for nobody; the journal has what passed."""
    client = Client(port_of(proxy))
    client.sock.sendall(b"GET /blocks/100000 HTTP/1.1\r\nHost: a\r\n\r\n")
    client.sock.recv(1_000)
    client.close()
    (entry,) = eventually(lambda: [each for each in proxy.journal() if each["request"]["path"] == "/blocks/100000"])
    assert entry["response"]["size"] < 100_000 * len(BLOCK)
    assert entry["why"]["sentence"].startswith("the client closed the connection")


def test_a_large_body_is_noted_with_its_size(proxy: RunningMock) -> None:
    """The journal has the beginning of a body that is larger than what is kept, and says that it was not judged."""
    asked(port_of(proxy), "GET /blocks/40")
    (entry,) = eventually(lambda: [each for each in proxy.journal() if each["request"]["path"] == "/blocks/40"])
    assert entry["response"]["size"] == 40 * len(BLOCK)
    assert entry["why"]["bodies"] == "the body of the response is cut, and not judged"


def test_a_switch_of_protocols_is_passed_on() -> None:
    """WebSockets and the like: both sides send as they like, until one of them ends."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        connection, _ = listener.accept()
        with connection, connection.makefile("rb") as file:
            while file.readline().strip():
                pass
            head = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\nhello"
            connection.sendall(head)
            while piece := connection.recv(65_536):
                connection.sendall(piece)

    thread = threading.Thread(target=serve)
    thread.start()
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    with listener, mock(contract(CONTRACT), upstream=url) as proxy, closing(Client(port_of(proxy))) as client:
        client.sock.sendall(b"GET /ws HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n")
        assert client.file.readline() == b"HTTP/1.1 101 Switching Protocols\r\n"
        while client.file.readline().strip():
            pass
        assert client.file.read(5) == b"hello"
        client.sock.sendall(BLOCK * 5)
        assert client.file.read(5 * len(BLOCK)) == BLOCK * 5
        client.sock.shutdown(socket.SHUT_WR)
        assert client.file.read() == b""
        thread.join(20)
        (entry,) = eventually(proxy.journal)
        assert entry["response"]["status"] == 101
        assert f"{5 * len(BLOCK):,} bytes went there" in entry["why"]["sentence"]
