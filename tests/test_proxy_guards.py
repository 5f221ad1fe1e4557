"""What a proxy does not pass on: bytes that would be read as another message, and what has no end."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager

import pytest
from support.asking import contract
from test_proxy_bytes import JSON, asked, eventually, port_of, told

from tallystick.mock.upstream.pool import reason_of
from tallystick.testing import mock
from tests.proxied.client import Client
from tests.proxied.exchanges import CONTRACT
from tests.proxied.upstream import odd_upstream

_LEAVE = b"Content-Type: application/json\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n"


@contextmanager
def upstream_that(sends: bytes, received: list[bytes]) -> Iterator[tuple[str, threading.Event, Callable[[], None]]]:
    """A server that answers one head, and notes what comes behind that: its URL, its answer, what waits for its end."""
    listener = socket.create_server(("127.0.0.1", 0))
    answered = threading.Event()

    def serve() -> None:
        connection, _ = listener.accept()
        with connection, connection.makefile("rb") as file:
            while file.readline().strip():
                pass
            try:
                connection.sendall(sends)
                answered.set()
                received.append(file.read())
            except ConnectionError:
                received.append(b"")

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    with listener:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}", answered, lambda: thread.join(20)


def test_a_body_cannot_pass_for_the_next_request() -> None:
    """The length of a body goes on, also where the client says that it is of the connection alone."""
    body = b"GET /length HTTP/1.1\r\nHost: a\r\n\r\n"
    with odd_upstream() as port, mock(contract(CONTRACT), upstream=f"http://127.0.0.1:{port}") as proxy:
        value = told(asked(port_of(proxy), "POST /told", [*JSON, (b"Connection", b"Content-Length")], body))
        assert value["bytes"] == len(body)


@pytest.mark.parametrize("end", [b"X-Late: 1\r\n" * 40_000, b"X-Late: " + b"a" * 400_000])
def test_trailer_fields_end(end: bytes) -> None:
    """Those that do not are not gathered without bounds: the reply is broken off, and the journal says why."""
    reply = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n[]\r\n0\r\n"
    with upstream_that(reply + end, []) as (url, _, _), mock(contract(CONTRACT), upstream=url) as proxy:
        seen = asked(port_of(proxy), "GET /chunked")
        assert (seen.status, seen.body, seen.is_broken) == (200, b"[]", True)
        (entry,) = eventually(proxy.journal)
        assert "the trailer fields of the reply are larger than" in entry["why"]["sentence"]


def test_trailer_fields_of_a_request_go_on() -> None:
    """But for those that say where a message ends or whom it is for, and in no header field."""
    received: list[bytes] = []
    fields = [*JSON, (b"Transfer-Encoding", b"chunked")]
    body = b"2\r\n[]\r\n0\r\nX-End: \xfc\r\nX-End: 2\r\nHost: other\r\nConnection: close\r\n\r\n"
    reply = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\n[]"
    with upstream_that(reply, received) as (url, _, ended), mock(contract(CONTRACT), upstream=url) as proxy:
        assert asked(port_of(proxy), "POST /told", fields, body).status == 200
        ended()
    assert received == [b"2\r\n[]\r\n0\r\nx-end: \xfc\r\nx-end: 2\r\n\r\n"]


def test_a_connection_whose_request_was_not_sent_as_a_whole_is_not_used_again() -> None:
    """The upstream, which still waits for a body, would read the next request as one."""
    received: list[bytes] = []
    lacking = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
    with (
        upstream_that(lacking, received) as (url, _, wait),
        mock(contract(CONTRACT), upstream=url, remock=frozenset(("404",))) as proxy,
        closing(Client(port_of(proxy))) as client,
    ):
        client.sock.sendall(b"POST /told HTTP/1.1\r\nHost: a\r\n" + _LEAVE)
        assert client.file.readline() == b"HTTP/1.1 100 Continue\r\n"
        client.file.readline()
        client.sock.sendall(b"[]")
        assert client.seen("POST").named(b"tallystick-remocked") == [b"404"]
        wait()
        assert received == [b""]


@pytest.mark.parametrize("is_strict", [False, True])
@pytest.mark.parametrize("is_reset", [False, True])
def test_a_client_that_goes_ends_an_exchange_whose_upstream_is_silent(is_strict: bool, is_reset: bool) -> None:
    """At once, or where it may have closed only its side, after the time that the upstream has for its reply."""
    received: list[bytes] = []
    half = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 20\r\n\r\n["
    settings = {"errors": is_strict, "upstream_timeout": 60.0 if is_reset else 0.4}
    with (
        upstream_that(half, received) as (url, answered, wait),
        mock(contract(CONTRACT), upstream=url, **settings) as proxy,
    ):
        client = Client(port_of(proxy))
        if is_reset:
            client.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        client.sock.sendall(b"GET /length HTTP/1.1\r\nHost: a\r\n\r\n")
        answered.wait(20)
        client.close()
        wait()
        assert received == [b""]


def test_a_client_that_is_slow_is_no_slow_upstream() -> None:
    """The time of the upstream is counted from the last byte of the request."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        with (
            mock(contract(CONTRACT), upstream=url, upstream_timeout=0.02) as proxy,
            closing(Client(port_of(proxy), 0.3)) as client,
        ):
            client.sock.sendall(b"POST /told HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n[")
            with pytest.raises(TimeoutError):
                client.sock.recv(1)
            client.sock.settimeout(30)
            client.sock.sendall(b"]")
            assert b"HTTP/1.1 504" in client.sock.recv(1_000)


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (OSError(113, "Connect call failed ('10.0.0.1', 80)"), "no route to host"),
        (
            OSError("Multiple exceptions: [Errno 111] Connect call failed ('::1', 1, 0, 0), [Errno 111]"),
            "connection refused",
        ),
        (ConnectionRefusedError(111, "Connection refused"), "connection refused"),
        (ConnectionResetError(), "the connection was closed at once"),
    ],
)
def test_why_an_upstream_cannot_be_reached(error: OSError, reason: str) -> None:
    """It is the reason of the system, without numbers and addresses."""
    assert reason_of(error) == reason
