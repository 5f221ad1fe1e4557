"""The mock takes what any ASGI server gives it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from support.asking import asker, contract
from support.folders import ROOT
from support.mocking import EMPTY, PETS, played, scope_of

from tallystick.mock.app import create_app
from tallystick.mock.gate import GatedOperation
from tallystick.mock.roles import Answered


def test_a_server_that_gives_no_raw_path() -> None:
    """Where the server only tells the decoded path it is encoded again."""
    app = create_app([contract("paths: {'/café/{name}': {get: {responses: {'204': {description: Done}}}}}")])
    assert played(app, scope_of("GET /café/a b"), EMPTY)[0]["status"] == 204


def test_bytes_beyond_ascii_in_a_target() -> None:
    """A client that does not percent-encode is understood: its bytes are taken for UTF-8."""
    described = """
        paths:
          /café:
            get:
              parameters: [{name: q, in: query, required: true, schema: {enum: [é]}}]
              responses: {'204': {description: Done}}
    """
    scope = scope_of("GET /", raw_path="/café".encode(), query_string="q=é".encode())
    assert played(create_app([contract(described)]), scope, EMPTY)[0]["status"] == 204


def test_a_client_that_goes_away_in_the_middle_of_a_body() -> None:
    """What has been received is no request: nobody waits for more, answers it or hears of it."""
    heard: list[Answered] = []
    app = create_app([contract(PETS)], listeners=[heard.append])
    scope = scope_of("PUT /pets/1", headers=[(b"content-type", b"application/json")])
    part, end = {"type": "http.request", "body": b'{"a"', "more_body": True}, {"type": "http.disconnect"}
    assert played(app, scope, part, end) == []
    assert played(app, scope, end) == []
    assert heard == []


def test_what_is_no_request() -> None:
    """Start and end of a server are heard, and a websocket is closed."""
    app = create_app([contract(PETS)], listeners=[lambda _: None])
    started = [{"type": f"lifespan.{step}"} for step in ("startup", "shutdown")]
    assert [one["type"] for one in played(app, {"type": "lifespan"}, *started)] == [
        "lifespan.startup.complete",
        "lifespan.shutdown.complete",
    ]
    socket = {"type": "websocket", "path": "/", "headers": []}
    assert played(app, socket, {"type": "websocket.connect"}) == [{"type": "websocket.close", "code": 1008}]


def test_a_fault_of_our_own_is_told_and_does_not_end_the_server(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever goes wrong in the mock itself is a 500 that says so; to those who look for it, it is raised."""

    def broken(*_: Any) -> None:
        raise RuntimeError("the stick broke")

    ask = asker(contract(PETS), stateless=True)
    monkeypatch.setattr(GatedOperation, "answer_at_once", broken)
    with pytest.raises(RuntimeError):
        ask("GET /pets/1")
    monkeypatch.delenv("TALLYSTICK_DEBUG")
    reply = ask("GET /pets/1")
    assert reply.status == 500
    assert (
        json.loads(reply.body)["detail"]
        == "a fault of tallystick itself: RuntimeError: the stick broke; please report it"
    )


def test_the_application_for_any_server(monkeypatch: pytest.MonkeyPatch) -> None:
    """`mock_server.asgi:app` serves what the configuration names, without a command."""
    monkeypatch.chdir(ROOT)
    from mock_server.asgi import app

    (start, _) = played(app, scope_of("GET /nowhere"), EMPTY)
    assert start["status"] == 404
