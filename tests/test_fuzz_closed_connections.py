"""A server may close a connection between two requests: a request that meets that is sent again, and no other."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import requests

from tallystick.fuzz.body_faults import BodyFaults
from tallystick.fuzz.bounded_http import BoundedAdapter
from tallystick.fuzz.clock import Clock

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


@contextmanager
def server(*connections: tuple[bytes | None, ...]) -> Iterator[tuple[str, list[int]]]:
    """Answers the requests of each connection in turn; one whose answer is None is reset after it was read.

    Yields the URL, and how many requests came over each connection.
    """
    listener = socket.create_server(("127.0.0.1", 0))
    counts: list[int] = []

    def serve() -> None:
        for answers in connections:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection:
                counts.append(0)
                for answer in answers:
                    connection.recv(65_536)
                    counts[-1] += 1
                    connection.sendall(answer or b"")
                    if answer is None or answer is not ANSWER:
                        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        listener.close()

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/", counts
    finally:
        listener.close()
        thread.join()


def session() -> requests.Session:
    """A session as a run has it."""
    made = requests.Session()
    made.mount("http://", BoundedAdapter(Clock(), BodyFaults()))
    return made


def asked_twice(client: requests.Session, url: str) -> list[bytes]:
    """The bodies of the responses to two requests, one after the other."""
    return [client.post(url, data=b"a").content for _ in range(2)]


def test_a_request_over_a_connection_that_was_closed_is_sent_again() -> None:
    """The second request comes over a new connection where the first one is closed while it is sent."""
    with server((ANSWER, None), (ANSWER,)) as (url, counts), session() as client:
        assert asked_twice(client, url) == [b"ok", b"ok"]
    assert counts == [2, 1]


@pytest.mark.parametrize(
    "connections",
    [
        ((None,), (ANSWER,)),  # the connection was new
        ((ANSWER, None), (None,), (ANSWER,)),  # it is closed each time
        ((ANSWER, None),),  # there is no other: the server is gone
        ((ANSWER, ANSWER[:20]), (ANSWER,)),  # a part of the response came
    ],
)
def test_a_request_that_is_not_answered_is_told(connections: tuple[tuple[bytes | None, ...], ...]) -> None:
    """A server that closes a new connection, or all of them, or in the middle of its response, is to blame."""
    with server(*connections) as (url, _), session() as client:
        with pytest.raises((requests.ConnectionError, requests.exceptions.ChunkedEncodingError)):
            asked_twice(client, url)
        client.close()
        if len(connections) > 1:
            requests.get(url, timeout=2)  # the last connection ends the server
