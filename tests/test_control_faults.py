"""Faults that a control call sets: they are there until they are dropped, in one session."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from support.asking import Ask, answer_of, asker_of, contract, header, request
from test_control_items import JSON, SHOP

from tallystick.mock.app import create_app


@pytest.fixture
def ask() -> Ask:
    """A mock of the shop, asked by its usual name."""
    ask = asker_of(create_app([contract(SHOP, "shop")]))
    return lambda line, fields=None, body=b"": ask(line, {"Host": "localhost:4010", **JSON, **(fields or {})}, body)


def fault(ask: Ask, status: int = 201, prefix: str = "", **body: Any) -> Any:
    """What a call answers that sets a fault."""
    reply = ask(f"POST {prefix}/_tallystick/faults", {}, json.dumps(body).encode())
    assert reply.status == status, reply
    return json.loads(reply.body)


def test_a_fault_is_there_until_it_is_dropped(ask: Ask) -> None:
    """It meets the requests that its pattern means, in its session alone."""
    made = fault(ask, match={"operation": "GET /pets"}, fault="503", prefix="/~w1")
    assert made == {"id": "1", "match": {"operation": "GET /pets"}, "fault": "503", "remaining": None}
    for _ in range(3):
        assert ask("GET /~w1/pets").status == 503
    assert (ask("GET /pets").status, ask("GET /~w1/pets/1").status) == (200, 200)
    listed = json.loads(ask("GET /~w1/_tallystick/faults").body)
    assert listed == {"faults": [made]}
    assert ask("DELETE /_tallystick/faults/1").status == 404
    assert ask("DELETE /~w1/_tallystick/faults/1").status == 204
    assert ask("GET /~w1/pets").status == 200


def test_a_fault_may_meet_all_requests_or_some(ask: Ask) -> None:
    """Without a pattern it meets all, and a number of times where that is asked for."""
    assert fault(ask, fault="503", times=2)["remaining"] == 2
    assert [ask("GET /pets").status, ask("GET /pets/1").status, ask("GET /pets").status] == [503, 503, 200]
    fault(ask, fault="429 retry-after=7")
    assert header(ask("GET /pets"), "retry-after") == "7"
    assert ask("DELETE /_tallystick/faults").status == 204
    assert ask("GET /pets").status == 200


def test_a_fault_that_cannot_be_is_told(ask: Ask) -> None:
    """A text that is none, an operation that is not there, and what leaves all as it is."""
    assert "expected" in fault(ask, 409, fault="sometimes")["detail"]
    assert "no operation" in fault(ask, 409, fault="503", match={"operation": "getPest"})["detail"]
    assert "nothing goes wrong" in fault(ask, 409, fault="off")["detail"]
    assert fault(ask, 400, fault="")["violations"]


def test_an_override_with_several_faults_is_listed_among_overrides(ask: Ask) -> None:
    """It is no fault of its own, which has one text."""
    sent = json.dumps({"match": "listPets", "replies": [{"fault": "503"}, {"fault": "drop"}]}).encode()
    assert ask("POST /_tallystick/overrides", {}, sent).status == 201
    assert json.loads(ask("GET /_tallystick/faults").body) == {"faults": []}


def test_a_delay_leaves_other_overrides_in_force() -> None:
    """Where a reply only comes late, an override that was set before says what it is; a refusal goes before both."""
    app = create_app([contract(SHOP, "shop")])

    async def answers() -> list[tuple[int, str | None]]:
        await app.memory.overrides.add("", {"match": {"operation": "GET /pets/{id}"}, "reply": {"code": 404}}, 0.0)
        await app.memory.overrides.add("", {"match": {}, "fault": "latency=1ms"}, 0.0)
        late = await answer_of(app, request("GET /pets/1"))
        await app.memory.overrides.add("", {"match": {}, "fault": "503", "times": 1}, 0.0)
        refused, after = [await answer_of(app, request("GET /pets/1")) for _ in range(2)]
        return [(reply.status, header(reply, "tallystick-fault")) for reply in (late, refused, after)]

    assert asyncio.run(answers()) == [(404, "latency=1ms"), (503, "503"), (404, "latency=1ms")]
