"""How long the mock waits for its clients, how many it takes, and how it ends while some of them wait."""

from __future__ import annotations

import resource
import signal
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from support.running import Running, running

from tallystick.mock.serving.server import most_connections
from tallystick.mock.serving.waits import Wait, Waiting, Watch
from tallystick.nouns import budgets
from tallystick.nouns.timeouts import Timeouts

CONTRACT = f"""
openapi: 3.1.0
info: {{title: Slow, version: '1'}}
paths:
  /a:
    get: {{responses: {{'200': {{description: A, content: {{text/plain: {{example: done}}}}}}}}}}
    post:
      requestBody: {{required: true, content: {{application/json: {{}}}}}}
      responses: {{'200': {{description: A, content: {{text/plain: {{example: posted}}}}}}}}
  /large:
    get: {{responses: {{'200': {{description: A, content: {{text/plain: {{example: {"x" * 1_000_000}}}}}}}}}}}
  /slow:
    get:
      operationId: slow
      parameters: [{{name: seconds, in: query, required: true, schema: {{type: number}}}}]
      responses: {{'200': {{description: A, content: {{text/plain: {{schema: {{type: string}}}}}}}}}}
"""
HANDLERS = """
import asyncio


async def slow(seconds):
    await asyncio.sleep(seconds)
    return "slow"
"""
CONFIGURATION = """
[mock]
head-seconds = 0.6
body-idle-seconds = 0.6
keep-alive-seconds = 1.5
write-idle-seconds = 0.6
"""
HOST = b"Host: x\r\n"
GET = b"GET /a HTTP/1.1\r\n" + HOST + b"\r\n"
POST = b"POST /a HTTP/1.1\r\n" + HOST + b"Content-Type: application/json\r\n"
PATIENCE = 10.0
"""Seconds after which a test gives up; far more than any timeout here, since the machine may be busy."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with short timeouts, and with a function that takes its time."""
    folder = tmp_path_factory.mktemp("slow")
    (folder / "slow.yaml").write_text(CONTRACT)
    (folder / "handlers.py").write_text(HANDLERS)
    (folder / "tallystick.toml").write_text(CONFIGURATION)
    return folder


@pytest.fixture(scope="module")
def mock(folder: Path) -> Iterator[Running]:
    """A mock with short timeouts, for all tests of this file that do not end it."""
    with running("slow.yaml", "-p", "0", "-q", "--handlers", "handlers", cwd=folder) as process:
        yield process


@contextmanager
def connected(mock: Running, *packets: bytes) -> Iterator[socket.socket]:
    """A connection on which some packets were sent."""
    address = urlsplit(mock.origin)
    with socket.create_connection((address.hostname, address.port or 0), timeout=PATIENCE) as connection:
        for packet in packets:
            connection.sendall(packet)
        yield connection


def rest(connection: socket.socket) -> bytes:
    """All that still comes on a connection, until the server ends it."""
    return b"".join(iter(lambda: connection.recv(65536), b""))


@pytest.mark.parametrize(
    ("beginning", "status"),
    [
        (b"", b""),
        (b"\r\n", b""),
        (b"GET /a HTTP/1.1\r\nHo", b"408"),
        (b"FO", b"408"),
        (b"GET /a\r\n", b"408"),
        (b"FOO /a HTTP/1.1\r\n", b"408"),
        (POST + b"Content-Length: 7\r\n\r\n{", b"408"),
        (POST + b"Transfer-Encoding: chunked\r\n\r\n7\r\n{", b"408"),
        (POST + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\nX: ", b"408"),
    ],
)
def test_a_request_that_stops_is_given_up(beginning: bytes, status: bytes, mock: Running) -> None:
    """A head or a body that does not come to its end is a 408; a connection without any is closed in silence."""
    with connected(mock, beginning) as connection:
        before = time.monotonic()
        answer = rest(connection)
        assert time.monotonic() - before >= 0.5
    assert answer.split(b" ")[1:2] == ([status] if status else [])
    assert not status or b"\r\nconnection: close\r\n" in answer


def test_a_head_that_drips_is_given_up_all_the_same(mock: Running) -> None:
    """The time of a head is counted from its first byte, whatever comes in between."""
    with connected(mock) as connection:
        before = time.monotonic()
        connection.settimeout(0.1)
        answer = b""
        for byte in b"GET /a HTTP/1.1\r\nX: " + b"x" * 100:
            connection.send(bytes([byte]))
            try:
                answer = connection.recv(65536)
                break
            except TimeoutError:
                continue
        assert answer.startswith(b"HTTP/1.1 408 ")
        assert time.monotonic() - before < PATIENCE / 2


def test_a_body_that_drips_is_read(mock: Running) -> None:
    """The time of a body begins anew with each part of it that comes."""
    with connected(mock, POST + b"Content-Length: 10\r\nConnection: close\r\n\r\n") as connection:
        for byte in b'"12345678"':
            time.sleep(0.15)
            connection.send(bytes([byte]))
        assert rest(connection).startswith(b"HTTP/1.1 200 ")


def test_a_connection_is_kept_for_a_while(mock: Running) -> None:
    """A next request may come later than a head or a body may take; one that does not come is waited for no longer."""
    with connected(mock, GET) as connection:
        assert connection.recv(65536).endswith(b"done")
        time.sleep(0.9)
        connection.sendall(GET)
        assert connection.recv(65536).endswith(b"done")
        before = time.monotonic()
        assert rest(connection) == b""
        assert time.monotonic() - before >= 1.4


def test_empty_lines_do_not_keep_a_connection(mock: Running) -> None:
    """What is no part of a request is no sign of life."""
    with connected(mock, GET) as connection:
        assert connection.recv(65536).endswith(b"done")
        connection.settimeout(0.1)
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            try:
                connection.send(b"\r\n")
                if connection.recv(10) == b"":
                    return
            except TimeoutError:
                continue
            except ConnectionError:
                return
        pytest.fail("the connection is open still")


def test_the_mocks_own_time_is_no_clients_fault(mock: Running) -> None:
    """A response that takes longer than all timeouts is waited for, also with the next head half there."""
    slow = b"GET /slow?seconds=2 HTTP/1.1\r\n" + HOST + b"\r\n"
    with connected(mock, slow, GET[:20]) as connection:
        assert connection.recv(65536).endswith(b"slow")
        connection.sendall(GET[20:])
        assert connection.recv(65536).endswith(b"done")


def test_a_response_that_nobody_takes_is_given_up(mock: Running) -> None:
    """A client that asks and does not read gets its connection ended, and costs no more than a response or two."""
    with connected(mock) as connection:
        connection.sendall((b"GET /large HTTP/1.1\r\n" + HOST + b"\r\n") * 30)
        time.sleep(2.5)
        received = 0
        try:
            while part := connection.recv(65536):
                received += len(part)
        except ConnectionError:
            pass
    assert received < 25_000_000


def test_a_body_that_is_refused_by_its_length_is_not_waited_for(mock: Running) -> None:
    """A length beyond what is read is a 413 at once, also where the client waits for leave to send."""
    for expectation in (b"", b"Expect: 100-continue\r\n"):
        with connected(mock, POST + expectation + b"Content-Length: %d\r\n\r\n" % 10**9) as connection:
            assert rest(connection).startswith(b"HTTP/1.1 413 ")


def test_who_still_sends_can_read_the_refusal(mock: Running) -> None:
    """A refusal reaches a client that goes on sending: the connection is not reset under it."""
    for start in (POST + b"Content-Length: %d\r\n\r\n" % 10**9, b"GET / HTTP/2.0\r\n" + HOST + b"\r\n"):
        with connected(mock, start) as connection:
            for _ in range(20):
                connection.sendall(b"x" * 10_000)
                time.sleep(0.01)
            assert rest(connection).split(b" ")[1] in (b"413", b"505")


def test_one_connection_too_many_is_told_so(folder: Path) -> None:
    """Beyond what the system lets a process hold, a client is told to come again; later there is room."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (100, before[1]))
    try:
        assert most_connections() == 50
        mock = Running("slow.yaml", "-p", "0", "-q", cwd=folder)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)
    port = urlsplit(mock.origin).port or 0
    held = [socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) for _ in range(50)]
    with connected(mock) as one_more:
        answer = rest(one_more)
        assert answer.startswith(b"HTTP/1.1 503 ")
        assert b"\r\nretry-after: 1\r\n" in answer
    for connection in held:
        connection.close()
    time.sleep(0.3)
    for _ in range(52):  # those whose body is refused leave, too
        with connected(mock, POST + b"Content-Length: %d\r\n\r\n" % 10**9) as refused:
            assert rest(refused).startswith(b"HTTP/1.1 413 ")
    assert mock.get("/a") == 200
    code, _, errors = mock.end(signal.SIGTERM)
    assert (code, errors) == (0, "tallystick mock: ended\n")


def test_the_count_of_connections_is_what_the_system_allows(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a limit of the system, the budget is the limit."""
    monkeypatch.setattr(resource, "getrlimit", lambda _: (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    assert most_connections() == budgets.CONNECTIONS


@pytest.mark.parametrize(("seconds", "status"), [(0.8, b"200"), (60, b"503")])
def test_a_termination_lets_requests_end(seconds: float, status: bytes, folder: Path) -> None:
    """What is answered within a second is answered still, the rest is broken off; nothing is printed of either."""
    with running("slow.yaml", "-p", "0", "-q", "--handlers", "handlers", cwd=folder) as mock:
        mock.read_until("/slow")
        with connected(mock, f"GET /slow?seconds={seconds} HTTP/1.1\r\n".encode() + HOST + b"\r\n") as connection:
            with connected(mock, POST + b"Content-Length: 7\r\n\r\n{"), connected(mock, GET[:10]), connected(mock):
                time.sleep(0.3)
                before = time.monotonic()
                code, _, errors = mock.end(signal.SIGTERM)
                assert time.monotonic() - before < 6
                assert (code, errors) == (0, "tallystick mock: ended\n")
            assert rest(connection).split(b" ")[1] == status


def test_a_client_that_leaves_is_not_told_of(folder: Path) -> None:
    """A connection that ends in the middle of a head, a body or a response prints nothing, and is no request."""
    with running("slow.yaml", "-p", "0", "--handlers", "handlers", cwd=folder) as mock:
        mock.read_until("/slow")
        for beginning in (
            b"GET /a HT",
            POST + b"Content-Length: 7\r\n\r\n{",
            POST + b"Transfer-Encoding: chunked\r\n\r\n",
        ):
            with connected(mock, beginning) as connection:
                time.sleep(0.1)
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
            with connected(mock, beginning):
                time.sleep(0.1)
        with connected(mock, *[b"GET /large HTTP/1.1\r\n" + HOST + b"\r\n"] * 3):
            time.sleep(0.1)
        assert mock.get("/a") == 200
        code, printed, errors = mock.end(signal.SIGTERM)
    assert (code, errors) == (0, "tallystick mock: ended\n")
    assert "POST" not in printed.partition("GET /large")[2]


class Client:
    """A connection that is always awaited for the same."""

    def __init__(self, waiting: Waiting | None) -> None:
        self.now = waiting
        self.waiting_since: tuple[Waiting, float] | None = None
        self.ended: list[Wait] = []

    def waiting(self) -> Waiting | None:
        return self.now

    def time_out(self, wait: Wait) -> None:
        self.ended.append(wait)


def test_a_wait_is_counted_from_when_it_is_first_seen() -> None:
    """What is awaited anew, or has grown, is waited for anew; what the server does itself is not counted."""
    first, second = object(), object()
    client = Client(Waiting(Wait.BODY, first, 1))
    watch = Watch(Timeouts(body_idle_seconds=30))
    watch.look([client], 100)
    watch.look([client], 129)
    client.now = Waiting(Wait.BODY, first, 2)
    watch.look([client], 131)
    client.now = Waiting(Wait.BODY, second, 2)
    watch.look([client], 160)
    client.now = None
    watch.look([client], 195)
    client.now = Waiting(Wait.BODY, second, 2)
    watch.look([client], 200)
    assert client.ended == []
    watch.look([client], 230.5)
    assert client.ended == [Wait.BODY]
