"""An application that is served in this process: what it gets and what comes back is as over HTTP."""

from __future__ import annotations

import asyncio
import gzip
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import requests
import schemathesis
from schemathesis.config import SchemathesisConfig
from schemathesis.transport import asgi
from support.detection_api import detection_api
from support.fuzzing import found, fuzz, served

from tallystick.fuzz.application import with_error_responses
from tallystick.fuzz.body_faults import BodyFaults
from tallystick.fuzz.broken_responses import how_it_failed
from tallystick.fuzz.in_process import HOST, ServedApplication
from tallystick.fuzz.replacements import replaced
from tallystick.fuzz.rules import RESPONSE_CODING
from tallystick.fuzz.schemathesis_transport import InProcessTransport, transport_replacement
from tallystick.nouns.errors import UnreachableError

BODY = "http.response.body"


def start(status: int = 200, **headers: str) -> dict[str, Any]:
    """The message that begins a response."""
    fields = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return {"type": "http.response.start", "status": status, "headers": fields}


def asked(path: str = "/", method: str = "GET", **parts: Any) -> requests.PreparedRequest:
    """A request as Schemathesis has it prepared."""
    return requests.Request(method, f"http://{HOST}{path}", **parts).prepare()


@contextmanager
def serving(handle: Any, lifespan: Any = None) -> Iterator[ServedApplication]:
    """An application of two functions, which is served: one for requests, one for its lifespan."""

    async def application(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            return await handle(scope, receive, send)
        if lifespan is None:
            raise RuntimeError("only HTTP")
        return await lifespan(scope, receive, send)

    with ServedApplication(with_error_responses(application)) as server:
        yield server


def test_a_request_arrives_as_over_http() -> None:
    """Method, path, query, header fields and body are those that a server gets, but for the host."""
    seen: list[Any] = []

    async def handle(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            return
        message = await receive()
        fields = sorted((name, value) for name, value in scope["headers"] if name != b"host")
        parts = ("method", "path", "raw_path", "query_string", "http_version", "scheme", "root_path")
        seen.append(([scope[part] for part in parts], fields, message["body"]))
        await send(start())
        await send({"type": BODY})

    headers = {"X-One": "ünï", "Accept": "*/*", "Accept-Encoding": "gzip", "User-Agent": "test"}
    sent: dict[str, Any] = {"headers": headers, "params": {"q": "a b&ü"}, "json": {"name": "ü"}}
    with serving(handle) as server:
        server.answer(asked("/a%2Fb/%C3%BC;x=1", "POST", **sent), 5)
    with served(handle) as url, requests.Session() as session:
        session.send(requests.Request("POST", f"{url}/a%2Fb/%C3%BC;x=1", **sent).prepare(), timeout=5)
    assert seen[0] == seen[1]


def test_a_response_comes_back_whole() -> None:
    """Fields that stand twice stay two, a body in parts is one, and a coded one is decoded."""

    async def handle(_: Any, __: Any, send: Any) -> None:
        fields = [(b"Set-Cookie", b"a=1"), (b"set-cookie", b"b=2"), (b"content-encoding", b"gzip")]
        coded = gzip.compress(b"to be read")
        await send({"type": "http.response.start", "status": 201, "headers": fields})
        await send({"type": BODY, "body": coded[:5], "more_body": True})
        await send({"type": BODY, "body": coded[5:]})

    with serving(handle) as server:
        response = server.answer(asked(), 5)
        head = server.answer(asked(method="HEAD"), 5)
    assert response.status == 201
    assert response.headers["set-cookie"] == ["a=1", "b=2"]
    assert response.content == b"to be read"
    assert head.content == b""


def test_what_cannot_be_decoded_is_answered_as_it_came() -> None:
    """A body that is not coded as its header says is left as it is, with the reason, as it is over HTTP."""

    async def handle(_: Any, __: Any, send: Any) -> None:
        await send(start(content_encoding="gzip"))
        await send({"type": BODY, "body": b"plain"})

    with serving(handle) as server:
        answer = server.answer(asked(), 5)
    assert answer.content == b"plain"
    assert answer.body_fault == ("the body is not gzip: incorrect header check", True, RESPONSE_CODING)


def test_an_application_lives_from_its_start_to_its_end() -> None:
    """Start and shutdown happen once, requests see the state that the start made, in the same loop."""
    told: list[Any] = []

    async def lifespan(scope: Any, receive: Any, send: Any) -> None:
        for step in ("startup", "shutdown"):
            assert await receive() == {"type": f"lifespan.{step}"}
            told.append((step, asyncio.get_running_loop()))
            scope["state"]["made"] = "at the start"
            await send({"type": f"lifespan.{step}.complete"})

    async def handle(scope: Any, _: Any, send: Any) -> None:
        told.append((scope["state"].pop("made"), asyncio.get_running_loop()))
        await send(start())
        await send({"type": BODY})

    with serving(handle, lifespan) as server:
        for _ in range(2):
            server.answer(asked(), 5)
    assert [what for what, _ in told] == ["startup", "at the start", "at the start", "shutdown"]
    assert len({id(loop) for _, loop in told}) == 1


def test_an_application_that_does_not_start_is_told() -> None:
    """Where its start fails, there is one error with what was raised, and where."""

    async def raising(_: Any, receive: Any, __: Any) -> None:
        await receive()
        raise ValueError("no database")

    async def failing(_: Any, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "lifespan.startup.failed", "message": "no settings"})

    with pytest.raises(UnreachableError, match=r"does not start: ValueError: no database \(.*in_process.py:\d+\)"):
        serving(None, raising).__enter__()
    with pytest.raises(UnreachableError, match="does not start: RuntimeError: no settings"):
        serving(None, failing).__enter__()


def test_what_is_raised_at_the_end_changes_nothing() -> None:
    """An application that fails to shut down has been served."""

    async def lifespan(_: Any, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        raise ValueError("too late")

    async def handle(_: Any, __: Any, send: Any) -> None:
        await send(start(204))
        await send({"type": BODY})

    with serving(handle, lifespan) as server:
        assert server.answer(asked(), 5).status == 204


def test_what_an_application_leaves_running_goes_on() -> None:
    """A task of the application runs between requests, as it does on a server."""
    done: list[str] = []
    tasks = []

    async def later() -> None:
        for step in range(3):
            await asyncio.sleep(0.01)
            done.append(f"step {step}")

    async def handle(_: Any, __: Any, send: Any) -> None:
        tasks.append(asyncio.create_task(later()))
        await send(start())
        await send({"type": BODY})

    with serving(handle) as server:
        server.answer(asked(), 5)
        deadline = time.monotonic() + 5
        while len(done) < 3 and time.monotonic() < deadline:
            time.sleep(0.01)
    assert done == ["step 0", "step 1", "step 2"]


def test_an_answer_that_takes_too_long_is_given_up() -> None:
    """The request is told to have timed out, the application that it is cancelled, and the next request is answered."""
    cancelled: list[str] = []

    async def handle(scope: Any, receive: Any, send: Any) -> None:
        if scope["path"] == "/slow":
            try:
                await receive()
                await receive()  # which waits for the end of the response
            except asyncio.CancelledError:
                cancelled.append(scope["path"])
                raise
        await send(start())
        await send({"type": BODY})

    with serving(handle) as server:
        with pytest.raises(requests.ReadTimeout, match=r"read timeout=0.05") as late:
            server.answer(asked("/slow"), 0.05)
        assert late.value.request is not None
        assert server.answer(asked(), 5).status == 200
    assert cancelled == ["/slow"]


@pytest.mark.parametrize("paced", ["as fast as it can", "now and then", "silent after some"])
def test_a_stream_of_events_is_read_in_part(paced: str) -> None:
    """Of events without end come as many as are asked for, or as there are in time, and no half of one."""

    async def handle(_: Any, __: Any, send: Any) -> None:
        await send(start(content_type="text/event-stream"))
        for number in range(10_000):
            await send({"type": BODY, "body": b"data: %d\n\ndata: ha" % number, "more_body": True})
            await send({"type": BODY, "body": b"lf\n\n", "more_body": True})
            if paced != "as fast as it can":
                await asyncio.sleep(60 if number == 1 and paced == "silent after some" else 0)

    with serving(handle) as server:
        response = server.answer(asked(), 0.2 if paced == "silent after some" else 10, max_events=5)
    events = b"data: 0\n\ndata: half\n\ndata: 1\n\ndata: half\n\n"
    assert response.content == (events if paced == "silent after some" else events + b"data: 2\n\n")
    assert response.is_cut


@pytest.mark.parametrize("how", ["says nothing", "exits", "sends a body first"])
def test_an_application_that_breaks_the_protocol_has_an_answer(how: str) -> None:
    """What is no ASGI application's way to answer is a 500, and never the run's end."""

    async def handle(_: Any, __: Any, send: Any) -> None:
        if how == "exits":
            sys.exit("that is all")
        if how == "sends a body first":
            await send({"type": BODY})

    with serving(handle) as server:
        for _ in range(2):
            response = server.answer(asked(), 5)
            assert response.status == 500
    if how == "exits":
        assert response.content.startswith(b"SystemExit: that is all (")
    if how in ("says nothing", "sends a body first"):
        assert response.content == b"the application returned without a response"


@pytest.mark.parametrize("how", ["starts twice", "raises", "returns"])
def test_a_response_that_is_not_ended_is_none(how: str) -> None:
    """A server that got no more of a response would close its connection: this is told as such."""

    async def handle(_: Any, __: Any, send: Any) -> None:
        await send(start(202))
        if how == "starts twice":
            await send(start(203))
        await send({"type": BODY, "body": b"half", "more_body": True})
        if how == "raises":
            raise ValueError("no more")

    with serving(handle) as server, pytest.raises(requests.exceptions.ChunkedEncodingError) as raised:
        server.answer(asked(), 5)
    assert how_it_failed(raised.value) == "the application ended in the middle of its response"


def test_several_workers_share_the_application() -> None:
    """Workers in one process find what one finds: their requests go to one loop, their strategies are their own."""
    outcome = fuzz(detection_api("wrong-enum"), workers=3)
    assert found(outcome) == {("response-body-schema", "GET /api/detection/sessions/{session_id}")}


def test_only_its_own_application_is_served() -> None:
    """Cases of the application go there, those of another as ever; after the run all is as it was."""
    before = asgi.ASGI_TRANSPORT
    paths = {"/a": {"get": {"responses": {"299": {"description": ""}}}}}
    document = {"openapi": "3.1.0", "info": {"title": "T", "version": "1"}, "paths": paths}

    async def handle(_: Any, __: Any, send: Any) -> None:
        await send(start(299))
        await send({"type": BODY})

    async def other(*_: Any) -> None:
        raise AssertionError("this is another application")

    def called(application: Any) -> Any:
        schema = schemathesis.openapi.from_dict(document, config=SchemathesisConfig())
        schema.app = application
        return schema["/a"]["GET"].Case().call()

    with serving(handle) as server, replaced([transport_replacement(server, BodyFaults(), None)]):
        assert isinstance(asgi.ASGI_TRANSPORT, InProcessTransport)
        response = called(server.application)
        assert (response.status_code, response.message) == (299, "")
        with pytest.raises(AssertionError, match="this is another application"):
            called(other)
    assert asgi.ASGI_TRANSPORT is before


def test_an_application_can_be_called_in_another_loop() -> None:
    """Called in a loop of somebody else, an application runs in the loop of its server, with the state of its start."""
    loops: list[Any] = []

    async def lifespan(scope: Any, receive: Any, send: Any) -> None:
        scope["state"]["loop"] = asyncio.get_running_loop()
        for step in ("startup", "shutdown"):
            await receive()
            await send({"type": f"lifespan.{step}.complete"})

    async def handle(scope: Any, receive: Any, send: Any) -> None:
        loops.append((scope["state"]["loop"], asyncio.get_running_loop()))
        message = await receive()
        await send(start(201))
        await send({"type": BODY, "body": message["body"]})

    with serving(handle, lifespan) as server:
        schema = schemathesis.openapi.from_dict(
            {"openapi": "3.1.0", "info": {"title": "T", "version": "1"}, "paths": {"/a": {"post": {"responses": {}}}}},
            config=SchemathesisConfig(),
        )
        schema.app = server.for_other_loops()
        response = schema["/a"]["POST"].Case().call(data=b"echo")
        assert (response.status_code, response.content) == (201, b"echo")
        assert loops == [(server.loop, server.loop)]


def test_an_application_that_ends_the_process_at_its_start_is_told() -> None:
    """A lifespan that calls `sys.exit` does not start, and nobody waits for it."""

    async def lifespan(_scope: Any, receive: Any, _send: Any) -> None:
        await receive()
        sys.exit("no DATABASE_URL")

    async def handle(*_: Any) -> None: ...

    with pytest.raises(UnreachableError, match="no DATABASE_URL"), serving(handle, lifespan):
        pass


def test_a_task_that_ends_the_process_does_not_end_the_serving() -> None:
    """What an application leaves running may call `sys.exit`; the next request is answered all the same."""

    async def ending() -> None:
        sys.exit(1)

    tasks: list[Any] = []

    async def handle(scope: Any, _receive: Any, send: Any) -> None:
        if scope["path"] == "/end":
            tasks.append(asyncio.get_running_loop().create_task(ending()))
        await send(start())
        await send({"type": BODY, "body": b"ok"})

    with serving(handle) as server:
        assert server.answer(asked("/end"), 5).status == 200
        time.sleep(0.05)
        assert server.answer(asked("/"), 5).content == b"ok"
    assert isinstance(tasks[0].exception(), SystemExit)
