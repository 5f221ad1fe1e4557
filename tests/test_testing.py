"""`tallystick.testing`: a mock for tests in Python, in a thread or in a process of its own."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from textwrap import dedent

import pytest
import requests
from support.asking import contract
from test_control_items import SHOP

from tallystick.nouns.errors import UnreachableError, UnreadableError, UsageError
from tallystick.testing import ControlError, MockSession, RunningMock, mock

NOTES = """
openapi: 3.1.0
info: {title: Notes, version: '1'}
paths:
  /notes:
    post:
      requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/Note'}}}}
      responses:
        '201': {description: Made, content: {application/json: {schema: {$ref: '#/components/schemas/Note'}}}}
  /notes/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
    get:
      responses:
        '200': {description: Note, content: {application/json: {schema: {$ref: '#/components/schemas/Note'}}}}
components:
  schemas:
    Note:
      type: object
      required: [id, created_at]
      properties:
        id: {type: integer, readOnly: true}
        created_at: {type: string, format: date-time, readOnly: true}
"""


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The contract of the shop in a file."""
    file = tmp_path_factory.mktemp("shop") / "shop.yaml"
    file.write_text("openapi: 3.1.0\ninfo: {title: Shop, version: '1'}\n" + dedent(SHOP))
    return file


@pytest.fixture(scope="module")
def api(shop: Path) -> Iterator[RunningMock]:
    """A mock of the shop that all tests share."""
    with mock(shop) as running:
        yield running


@pytest.fixture
def session(api: RunningMock) -> Iterator[MockSession]:
    """A session of a test's own."""
    with api.session() as own:
        yield own


@pytest.mark.parametrize("process", [False, True])
def test_a_mock_runs_until_it_is_closed(shop: Path, process: bool) -> None:
    """In a thread of this process, or in one of its own; its settings are those of the flags."""
    with mock(shop, process=process, state="closed", base_path="/v1", control_path="/admin", control_token="x") as api:
        assert api.url.startswith("http://127.0.0.1:")
        assert api.url.endswith("/v1")
        assert (api.app is None) is process
        assert requests.get(f"{api.url}/pets/7", timeout=9).status_code == 404
        api.put("pets", 7, {"name": "Rex"})
        assert requests.get(f"{api.url}/pets/7", timeout=9).status_code == 200
    with pytest.raises(UnreachableError, match="does not answer"):
        api.reset()


def test_settings_reach_a_process_of_its_own(shop: Path) -> None:
    """Those that are off and usually on, and those that are seconds, too."""
    with mock(shop, process=True, state_required=False, session_idle=30.0, cors=False, journal=5) as api:
        settings = api.calls.call("", "GET", "/settings")
        assert (settings["state_required"], settings["session_idle"], settings["cors"]) == (False, 30, False)
        assert settings["journal"] == 5


def test_a_closed_mock_leaves_nothing_running(shop: Path) -> None:
    """Its thread has ended, and its port is free."""
    api = mock(shop)
    port = int(api.url.rpartition(":")[2])
    api.close()
    assert not [thread for thread in threading.enumerate() if "mock for tests" in thread.name and thread.is_alive()]
    with mock(shop, port=port) as again:
        assert again.url == api.url


def test_a_contract_may_be_given_as_it_was_read() -> None:
    """Who has read it already need not write it into a file."""
    with mock(contract(SHOP, "shop")) as api:
        assert requests.get(f"{api.url}/pets", timeout=9).json() == [{"id": 1, "name": "Tom"}]


def test_what_cannot_be_is_told(tmp_path: Path, shop: Path) -> None:
    """A file that is not there, a setting that is unknown, and a mock that nobody could speak to."""
    for process in (False, True):
        with pytest.raises((UnreadableError, UnreachableError), match=r"nothing\.yaml"):
            mock(tmp_path / "nothing.yaml", process=process)
    with pytest.raises(UsageError, match="seed"):
        mock(shop, sede=3)
    with pytest.raises(UsageError, match="control"):
        mock(shop, control=False)


def test_sessions_do_not_see_each_other(api: RunningMock) -> None:
    """Each has an address, a header and a cookie that lead to it; at the end of its block it is forgotten."""
    with api.session("one") as one, api.session() as other:
        assert one.url == f"{api.url}/~one"
        assert other.name != one.name
        one.put("pets", 7, {"name": "Rex"})
        assert (len(one.items("pets")), other.items("pets"), api.items("pets")) == (1, [], [])
        plain = f"{api.url}/_tallystick/resources/pets/items"
        assert requests.get(plain, headers=one.headers, timeout=9).json()["total"] == 1
        assert requests.get(plain, headers={"Cookie": one.cookie}, timeout=9).json()["total"] == 1
    assert api.session("one").items("pets") == []


def test_what_is_kept_is_put_read_and_deleted(session: MockSession) -> None:
    """Items have the id that they are put by; one that breaks the contract is refused, with its violations."""
    assert session.put("pets", 7, {"name": "Rex"}) == {"id": 7, "name": "Rex"}
    session.put("pets", 8, {"name": "Tom"})
    assert session.items("pets") == [{"id": 8, "name": "Tom"}, {"id": 7, "name": "Rex"}]
    assert session.get("pets", 7) == {"id": 7, "name": "Rex"}
    session.put("toys", "ball", {}, place="/pets/7/toys")
    assert session.items("toys") == [{"toy": "ball"}]
    session.delete("pets", 7)
    with pytest.raises(ControlError, match="nothing is kept") as error:
        session.get("toys", "ball", place="/pets/7/toys")
    assert error.value.status == 404
    with pytest.raises(ControlError, match=r"breaks the contract.*\n  body/name: 5 is an integer"):
        session.put("pets", 9, {"name": 5})
    assert session.put("pets", 9, {"name": 5}, allow_invalid=True)["name"] == 5
    assert {each["name"] for each in session.resources()} == {"pets", "toys"}


def test_a_snapshot_is_put_back(session: MockSession) -> None:
    """What was done since is gone."""
    session.put("pets", 7, {"name": "Rex"})
    snapshot = session.snapshot()
    session.reset()
    assert session.items("pets") == []
    session.restore(snapshot)
    assert session.items("pets") == [{"id": 7, "name": "Rex"}]


def test_a_fault_lasts_as_long_as_its_block(session: MockSession) -> None:
    """Or until it is dropped, or has met as many requests as were asked for."""
    with session.fault("503", "GET /pets"):
        assert requests.get(f"{session.url}/pets", timeout=9).status_code == 503
        assert requests.get(f"{session.url}/pets/7", timeout=9).status_code == 200
    assert requests.get(f"{session.url}/pets", timeout=9).status_code == 200
    fault = session.fault("503", {"operation": "GET /pets/{id}", "path": {"id": 7}}, times=1)
    assert [requests.get(f"{session.url}/pets/7", timeout=9).status_code for _ in range(2)] == [503, 200]
    fault.drop()


def test_the_clock_stands_or_goes_on(session: MockSession) -> None:
    """It is set by a time or ahead of the machine, and set back."""

    def clock() -> dict[str, object]:
        value: dict[str, object] = requests.get(f"{session.url}/_tallystick/clock", timeout=9).json()
        return value

    session.freeze(datetime(2030, 1, 31, tzinfo=UTC))
    assert clock() == {"now": "2030-01-31T00:00:00.000Z", "mode": "fixed"}
    session.travel("2001-01-01T00:00:00Z")
    assert str(clock()["now"]).startswith("2001-01-01T00:00")
    session.travel(by=timedelta(days=1))
    assert clock()["offset"] == 86400
    session.unfreeze()
    assert clock()["mode"] == "real"


def test_a_client_of_httpx_is_for_the_session(session: MockSession) -> None:
    """Its base is the address of the session."""
    pytest.importorskip("httpx", reason="client() gives a client of httpx")
    with session.client() as client:
        assert client.get("/pets").json() == [{"id": 1, "name": "Tom"}]
        assert str(client.base_url) == f"{session.url}/"

    async def ask() -> object:
        async with session.async_client() as client:
            return (await client.get("/pets")).json()

    assert asyncio.run(ask()) == [{"id": 1, "name": "Tom"}]


def test_an_override_lasts_as_long_as_its_block(session: MockSession) -> None:
    """A code, a body, several replies or a fault; one that breaks the contract is refused."""
    pet = f"{session.url}/pets/7"
    with session.override("GET /pets/{id}", code=404):
        assert requests.get(pet, timeout=9).status_code == 404
    assert requests.get(pet, timeout=9).status_code == 200
    session.override("GET /pets/{id}", path={"id": 7}, body={"id": 7, "name": "Rex"}, times=1)
    assert [requests.get(pet, timeout=9).json()["name"] == "Rex" for _ in range(2)] == [True, False]
    several = session.override("GET /pets/{id}", replies=[{"code": 404}, {"code": 200}], then="end")
    assert several.id
    assert [each["id"] for each in session.overrides()] == [several.id]
    assert [requests.get(pet, timeout=9).status_code for _ in range(3)] == [404, 200, 200]
    several.drop()
    with pytest.raises(ControlError, match="name"):
        session.override("GET /pets/{id}", body={"name": 5})
    session.override("GET /pets/{id}", body={"name": 5}, allow_invalid=True)
    assert requests.get(pet, timeout=9).json() == {"name": 5}


def test_one_reply_beside_several_is_told(session: MockSession) -> None:
    """Nothing that a test says is passed over."""
    with pytest.raises(ControlError):
        session.override("listPets", replies=[{"code": 200}], code=404)


def test_what_was_called_is_verified(session: MockSession) -> None:
    """Where it is not as expected, the error shows the nearest calls and what differs in them."""
    session.verify_never("POST /pets")
    requests.post(f"{session.url}/pets", json={"name": "Rex"}, timeout=9)
    requests.get(f"{session.url}/pets", timeout=9)
    assert session.verify("POST /pets") == 1
    assert session.verify({"operation": "POST /pets", "body": {"name": "Rex"}}, times=1) == 1
    assert session.verify("POST /pets", body={"name": "Rex"}, times=1) == 1
    session.verify_never("POST /pets", body={"name": "Tom"})
    session.verify_order("POST /pets", "GET /pets")
    with pytest.raises(AssertionError, match=r"body/name: expected \"Tom\", not \"Rex\""):
        session.verify({"operation": "POST /pets", "body": {"name": "Tom"}})
    with pytest.raises(AssertionError, match="in this order"):
        session.verify_order("GET /pets", "POST /pets")
    mark = session.mark()
    session.verify_never("POST /pets", since=mark)
    assert session.verify("GET /pets", at_least=0, at_most=3, since=mark) == 0
    assert [each["response"]["status"] for each in session.journal("POST /pets", "2XX")] == [201]
    assert len(session.har()["log"]["entries"]) == 2


def test_what_is_created_carries_the_time_of_the_session(tmp_path: Path) -> None:
    """The clock says when something was created and changed."""
    (tmp_path / "notes.yaml").write_text(NOTES)
    with mock(tmp_path / "notes.yaml") as api:
        api.freeze("2031-05-06T07:08:09Z")
        note = requests.post(f"{api.url}/notes", json={}, timeout=9).json()
        assert note["created_at"] == "2031-05-06T07:08:09.000Z"
        assert requests.get(f"{api.url}/notes/{note['id']}", timeout=9).json() == note


def test_a_reset_brings_seeds_back(shop: Path, tmp_path: Path) -> None:
    """A session begins again with what it was seeded with."""
    (tmp_path / "seeds.yaml").write_text("/pets: [{id: 3, name: Seed}]\n")
    with mock(shop, seed_data=str(tmp_path / "seeds.yaml"), state="closed") as api, api.session() as session:
        session.delete("pets", 3)
        assert requests.get(f"{session.url}/pets/3", timeout=9).status_code == 404
        session.reset()
        assert requests.get(f"{session.url}/pets/3", timeout=9).json() == {"id": 3, "name": "Seed"}
