"""Requests of the fuzz run's own, sent with the credentials of a run."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support.fuzzing import served, written

from tallystick.contracts.read import read_contract
from tallystick.fuzz.application import with_error_responses
from tallystick.fuzz.clock import Clock
from tallystick.fuzz.credentials import GivenCredentials, credentials_for
from tallystick.fuzz.in_process import ServedApplication
from tallystick.fuzz.sending import NoResponseError, Sender
from tallystick.fuzz.settings import Settings
from tallystick.nouns.exchange import Request

SCHEMES = {
    "user": {"type": "http", "scheme": "basic"},
    "token": {"type": "http", "scheme": "bearer"},
    "key": {"type": "apiKey", "in": "query", "name": "key"},
    "session": {"type": "apiKey", "in": "cookie", "name": "sid"},
}


async def mirror(scope: Any, _: Any, send: Any) -> None:
    """Answers with the query and the header fields that it was sent."""
    if scope["type"] != "http":
        raise RuntimeError("only HTTP is served")
    sent = {name.decode(): value.decode() for name, value in scope["headers"]}
    body = json.dumps({"query": scope["query_string"].decode(), **sent}).encode()
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"application/json")]})
    await send({"type": "http.response.body", "body": body})


def settings(folder: Path, security: list[dict[str, list[str]]], origin: str, **more: Any) -> tuple[Any, Settings]:
    paths = {"/me": {"get": {"security": security, "responses": {"200": {"description": "me"}}}}}
    contract = read_contract(written(folder, paths, components={"securitySchemes": SCHEMES}))
    given = GivenCredentials("ann:secret", "a-token", ("key=a-key", "session=a-session"), (("X-Team", "blue"),))
    credentials = credentials_for(contract, given)
    return contract, Settings(origin, "/v1", 1, ("GET /me",), credentials=credentials, **more)


@pytest.fixture(params=["http", "in process"])
def origin(request: pytest.FixtureRequest) -> Iterator[str]:
    """The URL of a server that mirrors requests; "" for the same application in this process."""
    if request.param == "http":
        with served(mirror) as url:
            yield url
    else:
        yield ""


def answer(folder: Path, security: list[dict[str, list[str]]], origin: str, query: str = "") -> dict[str, str]:
    contract, wanted = settings(folder, security, origin)
    request = Request("GET", "/v1/me", query)
    if origin:
        with Sender(contract, wanted, Clock()) as sender:
            sent = sender.send(request)
    else:
        with ServedApplication(with_error_responses(mirror)) as app, Sender(contract, wanted, Clock(), app) as sender:
            sent = sender.send(request)
    assert sent.exchange.response is not None
    body: dict[str, str] = json.loads(sent.exchange.response.body)
    return body


def test_a_request_has_the_credentials_that_its_operation_needs(tmp_path: Path, origin: str) -> None:
    """A request is sent with all credentials of one alternative, and with the header fields of the run."""
    sent = answer(tmp_path, [{"token": [], "key": [], "session": []}], origin, "page=2")
    assert sent["authorization"] == "Bearer a-token"
    assert sent["query"] == "page=2&key=a-key"
    assert sent["cookie"] == "sid=a-session"
    assert sent["x-team"] == "blue"


def test_a_request_has_no_credentials_that_nobody_asked_for(tmp_path: Path, origin: str) -> None:
    """An operation without a security requirement is sent the header fields of the run, and nothing else."""
    sent = answer(tmp_path, [], origin)
    assert "authorization" not in sent
    assert sent["query"] == ""
    assert sent["x-team"] == "blue"


def test_credentials_in_a_request_stay(tmp_path: Path, origin: str) -> None:
    """A key that a request has already is not sent a second time."""
    assert answer(tmp_path, [{"key": []}], origin, "key=other")["query"] == "key=other"


def test_a_server_that_is_gone_is_told_in_a_sentence(tmp_path: Path) -> None:
    """A request that nobody answers raises one error of ours, which says why, and not that the time is up."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    contract, wanted = settings(tmp_path, [], f"http://127.0.0.1:{port}")
    with Sender(contract, wanted, Clock()) as sender, pytest.raises(NoResponseError) as error:
        sender.send(Request("GET", "/v1/me"))
    assert str(error.value)
    assert not error.value.is_time_up


def test_a_run_whose_time_is_up_sends_nothing(tmp_path: Path, origin: str) -> None:
    """Where the clock of the run is over, a request has no response, and the server is not to blame."""
    contract, wanted = settings(tmp_path, [], origin)
    clock = Clock(0)
    with ServedApplication(with_error_responses(mirror)) as app:
        application = None if origin else app
        with Sender(contract, wanted, clock, application) as sender, pytest.raises(NoResponseError) as error:
            sender.send(Request("GET", "/v1/me"))
    assert error.value.is_time_up
