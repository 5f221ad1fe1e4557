"""Listeners hear of each request, settings are flags, and the application is whole before its first request."""

from __future__ import annotations

import json
import time
from dataclasses import fields

import pytest
import uvicorn
from support.asking import asker, contract, header, request
from support.mocking import PETS
from test_speed import answered, of_size

from tallystick.cli.mock import command
from tallystick.mock import gate
from tallystick.mock.app import create_app
from tallystick.mock.roles import Answered, Reply
from tallystick.mock.settings import MockSettings
from tallystick.nouns.exchange import Response

BREAKING = """
    paths:
      /pets:
        get:
          responses:
            '200':
              description: Pets
              headers: {Content-Length: {required: true, schema: {type: integer, minimum: 1000}}}
              content: {application/json: {example: [Rex]}}
"""
"""A contract that no reply of the mock keeps."""


def test_a_listener_hears_of_each_request() -> None:
    """It gets the route, the exchange, the violations, the time that it took, and why the reply is this one."""
    heard: list[Answered] = []
    ask = asker(contract(PETS), listeners=[heard.append])
    ask("GET /test/pets/1?a=b", {"Accept": "*/*"})
    ask("PUT /pets/x", {"Content-Type": "application/json"}, b"{}")
    ask("HEAD /pets/1")
    ask("GET /nowhere?a=b")
    ask("PATCH /pets/1")
    ask("OPTIONS /pets/1", {"Origin": "http://x", "Access-Control-Request-Method": "PUT"})
    first, refused, head, unknown, not_allowed, preflight = heard

    assert first.route is not None
    assert (first.route.prefix, first.route.operation.label) == ("/test", "GET /pets/{id}")
    assert first.exchange.request == request("GET /pets/1?a=b", {"Accept": "*/*"})
    assert first.exchange.response == Response(200, (("content-type", "application/json"),), b'{"name":"Rex"}')
    assert (list(first.violations), first.why) == ([], "the documented 200, its example 'example'")
    assert all(0 < one.seconds < 5 for one in heard)

    assert [violation.rule for violation in refused.violations] == ["parameter-schema"]
    assert (refused.exchange.request.body, refused.why) == (b"{}", "the request has 1 violation of the contract")
    assert head.exchange.response is not None
    assert head.exchange.response.body == b""

    statuses = [one.exchange.response.status for one in (unknown, not_allowed, preflight) if one.exchange.response]
    assert (statuses, preflight.why) == ([404, 405, 200], "a CORS preflight")
    assert [one.route for one in (unknown, not_allowed, preflight)] == [None] * 3
    assert (unknown.exchange.request.path, unknown.exchange.request.query) == ("/nowhere", "a=b")


def test_without_a_listener_nothing_is_timed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who asks for no listener pays for none."""

    def fail() -> float:
        raise AssertionError("the clock was read")

    monkeypatch.setattr(gate, "perf_counter", fail)
    assert asker(contract(PETS), journal=0)("GET /pets/1").status == 200
    with pytest.raises(AssertionError, match="the clock was read"):
        asker(contract(PETS), listeners=[lambda _: None], journal=0)("GET /pets/1")


def test_a_reply_that_breaks_the_contract_is_told_or_refused() -> None:
    """It is sent and says what it breaks; with `errors` a problem that names it is sent in its place."""
    heard: list[Answered] = []
    reply = asker(contract(BREAKING), listeners=[heard.append])("GET /pets")
    assert (reply.status, reply.body) == (200, b'["Rex"]')
    (told,) = json.loads(header(reply, "tallystick-violations") or "")
    assert told["where"] == "response.header.Content-Length"

    refused = asker(contract(BREAKING), listeners=[heard.append], errors=True)("GET /pets")
    problem = json.loads(refused.body)
    assert (refused.status, header(refused, "content-type")) == (500, "application/problem+json")
    assert problem["detail"].startswith(
        "the reply has 1 violation of the contract, so it is not sent (the documented 200"
    )
    assert problem["violations"][0]["where"] == "response.header.Content-Length"
    assert header(refused, "tallystick-violations") == header(reply, "tallystick-violations")
    assert heard[0].violations == heard[1].violations


def test_a_request_that_is_refused_stays_refused() -> None:
    """With `errors` the client still hears what is wrong with its request, and not what is wrong with the refusal."""
    parameters = "parameters: [{name: q, in: query, required: true, schema: {type: string}}]"
    text = BREAKING.replace("'200':", "'422':").replace("get:", f"get:\n          {parameters}")
    reply = asker(contract(text), errors=True)("GET /pets")
    assert (reply.status, reply.body) == (422, b'["Rex"]')


def test_each_setting_is_a_flag() -> None:
    """A field of the settings has an option of the same name and default, but for four tables of the configuration."""
    given = command.make_context("mock", []).params
    names = {field.name for field in fields(MockSettings)} - {"tokens", "operations", "resources", "grades"}
    assert MockSettings(**{name: given[name] for name in names}) == MockSettings()


def test_the_first_request_waits_for_nothing_to_be_built() -> None:
    """With 1,200 operations it takes less than 5 ms; when connexion built its stack in it, it took 12 to 44."""
    seconds = []
    for _ in range(5):  # the least of several, since others use the machine as well
        app = create_app([of_size(1200)], MockSettings(cors=False))
        asked = request("GET /things7/7", {"host": "127.0.0.1"})
        before = time.perf_counter()
        assert answered(app, asked) == 200
        seconds.append(time.perf_counter() - before)
        if seconds[-1] < 0.005:
            break
    assert min(seconds) < 0.005


def test_the_stack_is_put_together_by_then() -> None:
    """Nothing can be added to an application, as connexion has built its stack."""
    app = create_app([contract(PETS)])
    assert app.middleware_stack is not None
    with pytest.raises(RuntimeError):
        app.add_api({})


def test_a_server_takes_it_for_asgi_3() -> None:
    """uvicorn looks for a coroutine function; connexion's outermost callable is one, and the only one in the stack."""
    app = create_app([contract(PETS)])
    config = uvicorn.Config(app, log_level="critical")
    config.load()
    assert config.interface == "asgi3"
    inner = uvicorn.Config(app.app, log_level="critical")
    inner.load()
    assert inner.interface == "asgi2"


def test_the_fields_of_a_reply_say_how_long_it_is() -> None:
    """The length of the body is sent, but where there can be none."""
    assert Reply(Response(200, (("x", "é"),), b"abc")).fields == ((b"x", b"\xe9"), (b"content-length", b"3"))
    assert Reply(Response(204)).fields == ()
