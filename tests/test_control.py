"""The control API: where it is, who may use it, and what its first calls do."""

from __future__ import annotations

import json
from typing import Any

import pytest
from support.asking import Ask, asker_of, contract, header
from support.asking import asker as named_asker
from support.mocking import PETS, played, scope_of

from tallystick.mock.app import create_app
from tallystick.mock.control.application import CONTRACT
from tallystick.mock.control.paths import ControlPaths
from tallystick.mock.control.table import FUNCTIONS
from tallystick.mock.roles import Answered
from tallystick.mock.settings import MockSettings
from tallystick.mock.stores.memory import MemoryStore
from tallystick.mock.stores.store import StoreGoneError
from tallystick.nouns import budgets
from tallystick.nouns.contract import Contract
from tallystick.nouns.errors import UsageError
from tallystick.nouns.exchange import Response

JSON = {"Content-Type": "application/json"}


def asker(*contracts: Contract, **options: Any) -> Ask:
    """A mock in this process, asked by its usual name."""
    ask = named_asker(*contracts, **options)
    return lambda line, fields=None, body=b"": ask(line, {"Host": "localhost:4010", **(fields or {})}, body)


def asked(
    line: str, fields: dict[str, str] | None = None, body: bytes = b"", host: str = "127.0.0.1", **settings: Any
) -> Response:
    """The response to one request to a mock that listens on a host, as the server would have it."""
    app = create_app([contract(PETS)], MockSettings(**settings), host=host)
    sent = {"host": "localhost:4010", **(fields or {})}
    headers = [(name.lower().encode(), value.encode()) for name, value in sent.items()]
    if body:
        headers.append((b"content-length", str(len(body)).encode()))
    start, content = played(
        app, scope_of(line, headers=headers, server=(host, 4010)), {"type": "http.request", "body": body}
    )
    fields_sent = tuple((name.decode(), value.decode()) for name, value in start["headers"])
    return Response(start["status"], fields_sent, content["body"])


def test_each_operation_has_a_function() -> None:
    """The contract and the table of functions have the same operation ids."""
    from tallystick.contracts.read import read_contract

    assert {operation.operation_id for operation in read_contract(CONTRACT)} == set(FUNCTIONS)


def test_it_is_served_like_any_contract() -> None:
    """A valid call is answered, and an invalid one is refused with its violations."""
    ask = asker(contract(PETS))
    reply = ask("GET /_tallystick/version")
    assert (reply.status, json.loads(reply.body)["name"]) == (200, "tallystick")
    assert header(reply, "tallystick-mock") == "control"
    wrong = ask("PUT /_tallystick/clock", JSON, b'{"now": 5}')
    problem = json.loads(wrong.body)
    assert (wrong.status, header(wrong, "content-type")) == (400, "application/problem+json")
    assert problem["violations"][0]["where"] == "body/now"
    assert ask("GET /_tallystick/nothing").status == 404
    assert ask("DELETE /_tallystick/version").status == 405


def test_nobody_but_the_client_hears_of_a_call() -> None:
    """Calls are in no journal, and are not asked for replies, faults or a page's leave."""
    heard: list[Answered] = []
    ask = asker(contract(PETS), listeners=[heard.append], fault=("503",))
    fields = {"Prefer": "code=404", "Tallystick-Fault": "drop", "Origin": "http://localhost:4010"}
    reply = ask("GET /_tallystick/version", fields)
    assert reply.status == 200
    assert header(reply, "access-control-allow-origin") is None
    assert heard == []


@pytest.mark.parametrize(
    ("settings", "line", "is_control"),
    [
        ({}, "GET /_tallystick/version", True),
        ({}, "GET /~w1/_tallystick/version", True),
        ({"control_path": "/admin/mock/"}, "GET /admin/mock/version", True),
        ({"control_path": "/admin/mock"}, "GET /_tallystick/version", False),
        ({"control_path": "/admin/mock"}, "GET /admin/mocks/version", False),
        ({"base_path": "/v1"}, "GET /_tallystick/version", True),
        ({"base_path": "/v1"}, "GET /v1/_tallystick/version", True),
        ({"base_path": "/v1"}, "GET /v1/~w1/_tallystick/version", True),
        ({"control": False}, "GET /_tallystick/version", False),
        ({"control": False}, "GET /_tallystick/health", False),
    ],
)
def test_where_it_is(settings: dict[str, Any], line: str, is_control: bool) -> None:
    """It stands below its path at the root and below the base path, in every session, unless it is switched off."""
    assert asker(contract(PETS), **settings)(line).status == (200 if is_control else 404)


@pytest.mark.parametrize("path", ["/", "", "/~x", "/a b"])
def test_a_path_that_it_cannot_have_is_refused(path: str) -> None:
    """A path of its own is asked for."""
    with pytest.raises(UsageError, match="--control-path"):
        ControlPaths(path, "")


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({}, 200),
        ({"Host": "evil.example"}, 403),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Origin": "http://localhost:4010"}, 200),
    ],
)
def test_no_page_of_a_foreign_site_calls_it(fields: dict[str, str], status: int) -> None:
    """Neither by a request without leave nor by DNS rebinding; nothing allows it to read a reply."""
    reply = asked("GET /_tallystick/version", fields)
    assert reply.status == status
    assert header(reply, "access-control-allow-origin") is None
    asks = {**fields, "Origin": "https://evil.example", "Access-Control-Request-Method": "PUT"}
    assert asked("OPTIONS /_tallystick/clock", asks).status == 403


def test_where_others_reach_the_mock_a_token_is_needed() -> None:
    """Without one it is off there; with one, who brings it may call."""
    off = asked("GET /_tallystick/version", host="0.0.0.0")
    assert off.status == 403
    assert "--control-token" in json.loads(off.body)["detail"]
    for host in ("0.0.0.0", "127.0.0.1"):
        missing = asked("GET /_tallystick/version", host=host, control_token="secret")
        assert (missing.status, (header(missing, "www-authenticate") or "")[:6]) == (401, "Bearer")
        for token, status in (("secret", 200), ("Secret", 401), ("", 401)):
            sent = {"Authorization": f"Bearer {token}"}
            assert asked("GET /_tallystick/version", sent, host=host, control_token="secret").status == status


def test_a_connection_from_elsewhere_needs_a_token() -> None:
    """An application that somebody serves on every address does not know it; the connection says where it leads."""
    app = create_app([contract(PETS)])
    scope = scope_of("GET /_tallystick/version", headers=[(b"host", b"192.0.2.7:80")], server=("192.0.2.7", 80))
    assert played(app, scope)[0]["status"] == 403


def test_what_is_said_at_start() -> None:
    """Where it is; or that it is off, and what turns it on."""
    assert create_app([contract(PETS)]).control.summary == "control API: /_tallystick (a browser gets a page)"
    assert "is off" in create_app([contract(PETS)], host="0.0.0.0").control.summary
    assert create_app([contract(PETS)], MockSettings(control=False)).control is None


@pytest.mark.parametrize("path", ["health", "health/live", "health/ready"])
def test_health_is_open_and_needs_no_contract(path: str) -> None:
    """Orchestrators ask without a token, by any name of the machine, before anything else was asked."""
    for host in ("127.0.0.1", "0.0.0.0"):
        reply = asked(f"GET /_tallystick/{path}", {"Host": "10.0.0.3:4010"}, host=host, control_token="secret")
        assert (reply.status, json.loads(reply.body)) == (200, {"status": "ok"})
    assert asked(f"HEAD /_tallystick/{path}").body == b""


def test_settings_are_shown_without_secrets() -> None:
    """Neither the token of the control API nor those of users are told."""
    settings: dict[str, Any] = {"control_token": "secret", "tokens": (("other", frozenset(("read",))),)}
    reply = asked("GET /_tallystick/settings", {"Authorization": "Bearer secret"}, **settings)
    shown = json.loads(reply.body)
    assert (reply.status, shown["validate"], shown["seed"]) == (200, "enforce", 0)
    assert b"secret" not in reply.body
    assert b"other" not in reply.body
    assert "secret" not in repr(MockSettings(**settings))
    assert "other" not in repr(MockSettings(**settings))


def test_the_clock_of_a_session() -> None:
    """It is set to stand, to go on from a time or ahead, and set back; other sessions keep theirs."""
    ask = asker(contract(PETS))

    def clock(prefix: str = "") -> dict[str, Any]:
        value: dict[str, Any] = json.loads(ask(f"GET {prefix}/_tallystick/clock").body)
        return value

    assert clock()["mode"] == "real"
    assert ask("PUT /~w1/_tallystick/clock", JSON, b'{"now": "2030-01-31T10:00:00+01:00"}').status == 200
    assert clock("/~w1") == {"now": "2030-01-31T09:00:00.000Z", "mode": "fixed"}
    assert clock()["mode"] == "real"
    going = json.loads(ask("PUT /_tallystick/clock", JSON, b'{"now": "2001-01-01T00:00:00Z", "advance": true}').body)
    assert (going["mode"], going["now"][:16]) == ("offset", "2001-01-01T00:00")
    assert json.loads(ask("PUT /_tallystick/clock", JSON, b'{"offset": 60}').body)["offset"] == 60
    assert ask("PUT /_tallystick/clock", JSON, b"{}").status == 400
    assert ask("PUT /_tallystick/clock", JSON, b'{"now": "2001-01-01T00:00:00Z", "offset": 1}').status == 400
    assert ask("DELETE /_tallystick/clock").status == 204
    assert clock()["mode"] == "real"


@pytest.mark.parametrize("now", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00"])
def test_a_clock_refuses_days_that_it_cannot_show(now: str) -> None:
    """A time is refused that is in another year, or in none, where the clock is shown in another time zone."""
    reply = asker(contract(PETS))("PUT /_tallystick/clock", JSON, json.dumps({"now": now}).encode())
    assert (reply.status, b"no time of a clock" in reply.body) == (409, True)


@pytest.mark.parametrize("now", ["0001-01-03T00:00:00.000Z", "9999-01-03T00:00:00.000Z"])
def test_a_clock_shows_years_that_dates_have(now: str) -> None:
    """The first and the last time that a clock may be set to is shown as it was set."""
    ask = asker(contract(PETS))
    assert ask("PUT /_tallystick/clock", JSON, json.dumps({"now": now}).encode()).status == 200
    assert json.loads(ask("GET /_tallystick/clock").body)["now"][:10] == now[:10]


def test_a_session_that_can_be_used_can_be_dropped() -> None:
    """The longest name of a session is one for the control API, too."""
    ask = asker(contract(PETS))
    name = "x" * budgets.SESSION_NAME_CHARACTERS
    assert ask(f"GET /~{name}/pets/1").status == 200
    assert ask(f"DELETE /_tallystick/sessions/{name}").status == 204
    assert ask(f"DELETE /_tallystick/sessions/{name}x").status == 400


def test_it_says_what_there_is() -> None:
    """An index of all calls, and its own contract with the address where it is served."""
    ask = asker(contract(PETS), control_path="/admin")
    index = json.loads(ask("GET /admin").body)
    assert index["contract"] == "http://localhost:4010/admin/openapi.yaml"
    assert {"method": "PUT", "url": "http://localhost:4010/admin/clock", "summary": "Set the time"} in index["calls"]
    text = ask("GET /~w1/admin/openapi.yaml").body.decode()
    assert "- url: http://localhost:4010/~w1/admin\n" in text


def test_health_says_that_the_store_is_away() -> None:
    """Readiness is lost where the store is needed; liveness is not, and other calls get a 503 that says so."""
    gone = StoreGoneError("the Redis at redis://localhost:1 does not answer")

    class Away(MemoryStore):
        async def check(self) -> None:
            raise gone

        async def document(self, _: str, __: str) -> Any:
            raise gone

    for required, status, word in ((True, 503, "unavailable"), (False, 200, "degraded")):
        app = create_app([contract(PETS)], MockSettings(state_required=required))
        app.memory.store = app.memory.clock.store = Away()
        ask = asker_of(app)
        ready, live = (ask(f"GET /_tallystick/health/{path}") for path in ("ready", "live"))
        assert (ready.status, json.loads(ready.body)) == (status, {"status": word, "detail": str(gone)})
        assert (live.status, json.loads(live.body)) == (200, {"status": "ok"})
        clock = ask("GET /_tallystick/clock", {"Host": "localhost"})
        assert (clock.status, header(clock, "retry-after")) == (503, "1")
