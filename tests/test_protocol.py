"""A response of known length leaves in one write, head and body; what is streamed leaves as it comes."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any

import pytest
import uvicorn
from uvicorn.server import ServerState

from tallystick.mock.serving.protocol import Connection
from tallystick.mock.upstream import TRAILERS

GET = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"


class Recorder(asyncio.Transport):
    """A transport that keeps what each write sent."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: list[bytes] = []
        self.is_closed = False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.sent.append(bytes(data))

    def writelines(self, list_of_data: Iterable[bytes | bytearray | memoryview]) -> None:
        self.sent.append(b"".join(list_of_data))

    def can_write_eof(self) -> bool:
        return False

    def is_closing(self) -> bool:
        return self.is_closed

    def close(self) -> None:
        self.is_closed = True

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        pass

    def resume_reading(self) -> None:
        pass

    def pause_reading(self) -> None:
        pass


def sent(*requests: bytes, status: int = 200, chunks: tuple[bytes, ...] = (b"hello",)) -> Recorder:
    """What an application that answers with chunks of a body sends to some requests, one after the other."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["method"] == "POST":
            await receive()
        headers = [(b"content-length", str(len(b"".join(chunks))).encode())] if status not in (204, 304) else []
        await send({"type": "http.response.start", "status": status, "headers": headers})
        for chunk in chunks[:-1]:
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
        await send({"type": "http.response.body", "body": chunks[-1]})

    async def run() -> Recorder:
        config = uvicorn.Config(app, http=Connection, lifespan="off", ws="none", log_level="critical")
        config.load()
        transport = Recorder()
        protocol = Connection(config, ServerState(), {})
        protocol.connection_made(transport)
        for request in requests:
            protocol.data_received(request)
            for _ in range(10):
                await asyncio.sleep(0)
        return transport

    return asyncio.run(run())


def test_head_and_body_are_one_write() -> None:
    """A response is sent at once, and the next one on the connection too."""
    found = sent(GET, GET)
    assert len(found.sent) == 2
    assert all(one.startswith(b"HTTP/1.1 200 OK\r\n") and one.endswith(b"\r\n\r\nhello") for one in found.sent)


@pytest.mark.parametrize(
    ("request_line", "status", "chunks"), [("HEAD", 200, (b"hello",)), ("GET", 204, (b"",)), ("GET", 304, (b"",))]
)
def test_a_head_without_a_body_is_sent(request_line: str, status: int, chunks: tuple[bytes, ...]) -> None:
    """What has no body does not wait for one."""
    found = sent(GET.replace(b"GET", request_line.encode()), status=status, chunks=chunks)
    assert len(found.sent) == 1
    assert found.sent[0].startswith(f"HTTP/1.1 {status} ".encode())
    assert found.sent[0].endswith(b"\r\n\r\n")


def test_a_body_in_pieces_is_sent_as_it_comes() -> None:
    """Where its length is known the first piece goes with the head, and each other one by itself."""
    found = sent(GET, chunks=(b"one", b"two\r\n\r\n", b"three"))
    assert found.sent[0].endswith(b"\r\n\r\none")
    assert found.sent[1:] == [b"two\r\n\r\n", b"three"]


def test_the_head_of_a_streamed_response_leaves_at_once() -> None:
    """Who streams a body of unknown length is heard before the first piece is there."""

    async def run() -> list[bytes]:
        first_piece = asyncio.Event()

        async def app(_scope: Any, _receive: Any, send: Any) -> None:
            headers = [(b"content-type", b"text/event-stream")]
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            await first_piece.wait()
            await send({"type": "http.response.body", "body": b"data: 1\n\n", "more_body": True})
            await send({"type": "http.response.body", "body": b""})

        config = uvicorn.Config(app, http=Connection, lifespan="off", ws="none", log_level="critical")
        config.load()
        transport = Recorder()
        protocol = Connection(config, ServerState(), {})
        protocol.connection_made(transport)
        protocol.data_received(GET)
        for _ in range(10):
            await asyncio.sleep(0)
        (head,) = transport.sent
        assert head.startswith(b"HTTP/1.1 200 OK\r\n")
        assert head.endswith(b"\r\n\r\n")
        first_piece.set()
        for _ in range(10):
            await asyncio.sleep(0)
        return transport.sent[1:]

    assert b"".join(asyncio.run(run())) == b"9\r\ndata: 1\n\n\r\n0\r\n\r\n"


def test_a_client_that_waits_for_leave_to_continue_gets_it_at_once() -> None:
    """The interim response is not held back."""
    head = b"POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n"
    found = sent(head, b"{}")
    assert found.sent[0] == b"HTTP/1.1 100 Continue\r\n\r\n"
    assert found.sent[1].endswith(b"\r\n\r\nhello")
    assert len(found.sent) == 2


def test_a_connection_is_closed_when_all_is_sent() -> None:
    """The head of a response without a body goes before the end of its connection."""
    found = sent(b"HEAD / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    assert found.is_closed
    assert found.sent[0].endswith(b"connection: close\r\n\r\n")


def test_what_is_no_http_is_refused_at_once() -> None:
    """The refusal of a request that cannot be read is sent whole."""
    found = sent(b"nonsense\r\n\r\n")
    assert found.is_closed
    assert found.sent[0].startswith(b"HTTP/1.1 400 ")


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 9\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 9\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\n",
    ],
)
def test_a_connection_that_ends_before_a_body_came_is_counted_no_longer(request_bytes: bytes) -> None:
    """A server holds no place for a connection whose request was answered without its body, and waits for none."""

    async def run() -> ServerState:
        async def app(_scope: Any, _receive: Any, send: Any) -> None:
            await send({"type": "http.response.start", "status": 404, "headers": [(b"content-length", b"0")]})
            await send({"type": "http.response.body", "body": b""})

        config = uvicorn.Config(app, http=Connection, lifespan="off", ws="none", log_level="critical")
        config.load()
        state = ServerState()
        protocol = Connection(config, state, {})
        protocol.connection_made(Recorder())
        assert state.connections == {protocol}
        protocol.data_received(request_bytes)
        for _ in range(10):
            await asyncio.sleep(0)
        return state

    assert not asyncio.run(run()).connections


def test_a_refusal_of_head_has_no_body() -> None:
    """A request with HEAD that is no HTTP is told by the status alone, as a response to HEAD has no body."""
    (refusal,) = sent(b"HEAD / HTTP/1.1\r\n\r\n").sent
    assert refusal.startswith(b"HTTP/1.1 400 ")
    assert refusal.endswith(b"\r\n\r\n")


class Promptly:
    """An application that needs no task, and waits in the middle of each response where it is told to."""

    needs_task = False

    def __init__(self, waits: bool) -> None:
        self.waits = waits

    async def __call__(self, _scope: Any, receive: Any, send: Any) -> None:
        message = await receive()
        body = message["body"]
        while message["more_body"]:
            message = await receive()
            body += message["body"]
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"5")]})
        if self.waits:
            await asyncio.sleep(0)
            await asyncio.sleep(0.001)
        await send({"type": "http.response.body", "body": body})


@pytest.mark.parametrize("waits", [False, True])
@pytest.mark.parametrize("pieces", [(b"hello",), (b"he", b"llo")])
def test_who_needs_no_task_is_answered_as_others(waits: bool, pieces: tuple[bytes, ...]) -> None:
    """What is answered at once, what has to wait, and a body that comes later: each request has its whole answer."""
    post = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n"

    async def run() -> Recorder:
        config = uvicorn.Config(Promptly(waits), http=Connection, lifespan="off", ws="none", log_level="critical")
        config.load()
        transport = Recorder()
        protocol = Connection(config, ServerState(), {})
        protocol.connection_made(transport)
        for _ in range(2):
            protocol.data_received(post + pieces[0])
            for piece in pieces[1:]:
                await asyncio.sleep(0)
                protocol.data_received(piece)
            await asyncio.sleep(0.02)
        protocol.data_received(3 * (post + b"again"))  # pipelined
        await asyncio.sleep(0.05)
        assert not protocol.tasks
        return transport

    found = asyncio.run(run()).sent
    assert [each[-5:] for each in found] == [b"hello", b"hello", b"again", b"again", b"again"]
    assert all(each.startswith(b"HTTP/1.1 200 OK\r\n") for each in found)


def test_who_needs_no_task_and_fails_is_told() -> None:
    """An application that fails behind its first wait is a 500, as in a task from the beginning."""

    class Failing(Promptly):
        async def __call__(self, _scope: Any, _receive: Any, _send: Any) -> None:
            await asyncio.sleep(0)
            raise ValueError("no answer")

    async def run() -> Recorder:
        config = uvicorn.Config(Failing(True), http=Connection, lifespan="off", ws="none", log_level="critical")
        config.load()
        transport = Recorder()
        protocol = Connection(config, ServerState(), {})
        protocol.connection_made(transport)
        protocol.data_received(GET)
        await asyncio.sleep(0.02)
        return transport

    assert asyncio.run(run()).sent[0].startswith(b"HTTP/1.1 500 ")


@pytest.mark.parametrize("is_answered", [True, False])
def test_trailer_fields_are_kept_until_the_request_is_answered(is_answered: bool) -> None:
    """Behind that nobody reads them, however many a client goes on to send."""
    scopes: list[Any] = []

    async def app(scope: Any, _: Any, send: Any) -> None:
        scopes.append(scope)
        if not is_answered:
            await asyncio.Event().wait()
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"0")]})
        await send({"type": "http.response.body", "body": b""})

    async def run() -> None:
        config = uvicorn.Config(app, http=Connection, lifespan="off", ws="none", log_level="critical")
        config.load()
        protocol = Connection(config, ServerState(), {})
        protocol.connection_made(Recorder())
        protocol.data_received(b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
        await asyncio.sleep(0.01)
        for packet in (b"0\r\n", *[b"X-End: 1\r\n"] * 10):
            protocol.data_received(packet)
        for task in protocol.tasks:
            task.cancel()

    asyncio.run(run())
    (scope,) = scopes
    assert bool(scope[TRAILERS]) is not is_answered
