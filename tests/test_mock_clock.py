"""The clock of the mock: each session has its own."""

from __future__ import annotations

import asyncio
import http.client
import json
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from support.asking import Ask, asker, asker_of, contract, header
from support.mocking import PETS
from support.running import PETS as PETS_FILE
from support.running import running

from tallystick.mock.app import create_app
from tallystick.mock.clock import AS_IT_IS, Clock, Setting
from tallystick.mock.settings import MockSettings
from tallystick.mock.stores.opening import MEMORY, open_store


def test_each_session_has_its_own_time() -> None:
    """It stands, or goes on from another time, until it is set back."""

    async def look() -> None:
        machine = [1000.0]
        clock = Clock(open_store(MEMORY), lambda: machine[0])
        await clock.set("fixed", Setting(5.5, goes_on=False))
        await clock.set("late", Setting(60.0))
        machine[0] = 2000.0
        assert [await clock.now(name) for name in ("", "fixed", "late")] == [2000.0, 5.5, 2060.0]
        await clock.set("fixed", AS_IT_IS)
        assert await clock.now("fixed") == 2000.0

    asyncio.run(look())


def test_a_clock_that_somebody_wrote_wrong_is_passed_over() -> None:
    """What another program has kept in a shared store is no fault of a request."""

    async def look() -> None:
        store = open_store(MEMORY)
        await store.put_document("", "clock", b'{"seconds": "x"}')
        assert await Clock(store, lambda: 7.0).now("") == 7.0

    asyncio.run(look())


def set_clock(ask: Ask, value: dict[str, object], prefix: str = "") -> None:
    """Set the clock of a session."""
    fields = {"Host": "localhost:4010", "Content-Type": "application/json"}
    assert ask(f"PUT {prefix}/_tallystick/clock", fields, json.dumps(value).encode()).status == 200


def test_a_reply_has_the_date_of_its_session() -> None:
    """A clock that was changed shows in `Date`, also of refusals; that of the machine is left to the server."""
    ask = asker(contract(PETS))
    set_clock(ask, {"now": "2030-01-31T09:00:00Z"}, "/~w1")
    for line in ("GET /~w1/pets/1", "GET /~w1/nothing", "PATCH /~w1/pets/1"):
        assert header(ask(line), "date") == "Thu, 31 Jan 2030 09:00:00 GMT"
        assert header(ask(line.replace("/~w1", "")), "date") is None
    set_clock(ask, {"now": "2001-01-01T00:00:00Z", "advance": True})
    assert str(header(ask("GET /pets/1"), "date")).startswith("Mon, 01 Jan 2001 00:00:0")
    assert ask("DELETE /_tallystick/clock", {"Host": "localhost:4010"}).status == 204
    assert header(ask("GET /pets/1"), "date") is None


def test_a_clock_that_was_restored_shows_at_once() -> None:
    """A snapshot holds the clock, and a mock that has not heard of any may be given it."""
    ask, other = asker(contract(PETS)), asker(contract(PETS))
    host = {"Host": "localhost:4010", "Content-Type": "application/json"}
    set_clock(ask, {"now": "2030-01-31T09:00:00Z"})
    assert other("PUT /_tallystick/snapshot", host, ask("GET /_tallystick/snapshot", host).body).status == 204
    assert header(other("GET /pets/1"), "date") == "Thu, 31 Jan 2030 09:00:00 GMT"


def test_a_clock_in_a_shared_file_shows_in_each_mock(tmp_path: Path) -> None:
    """Another mock with the same store shows what was set there, though it has set nothing itself."""
    settings = MockSettings(state=(str(tmp_path / "state.sqlite"),))
    one, other = (create_app([contract(PETS)], settings) for _ in range(2))
    try:
        set_clock(asker_of(one), {"now": "2030-01-31T09:00:00Z"})
        assert header(asker_of(other)("GET /pets/1"), "date") is not None
    finally:
        for app in (one, other):
            asyncio.run(app.memory.bare_store.close())


def test_requests_ask_no_store_while_no_clock_is_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A mock whose clocks are those of the machine does not look at them for a reply."""
    ask = asker(contract(PETS))

    async def refuse(*_: object) -> Setting:
        raise AssertionError("the clock was looked at")

    monkeypatch.setattr(Clock, "setting", refuse)
    assert ask("GET /pets/1").status == 200


def test_all_workers_show_a_changed_clock_once(tmp_path: Path) -> None:
    """The field of the server is left away where the session has its own, whichever process answers."""
    (tmp_path / "pets.yaml").write_text(PETS_FILE)
    with running("pets.yaml", "--port", "0", "--workers", "2", cwd=tmp_path) as mock:
        asked: list[list[str]] = []
        calls = [("PUT", "/_tallystick/clock", b'{"now": "2030-01-31T09:00:00Z"}')]
        for method, path, body in (("GET", "/pets", b""), *calls, *[("GET", "/pets", b"")] * 8):
            connection = http.client.HTTPConnection(urlsplit(mock.origin).netloc, timeout=10)
            connection.request(method, path, body, {"Content-Type": "application/json"} if body else {})
            asked.append(connection.getresponse().headers.get_all("Date", []))
            connection.close()
        assert len(asked[0]) == 1
        assert asked[2:] == [["Thu, 31 Jan 2030 09:00:00 GMT"]] * 8
