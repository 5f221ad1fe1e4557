"""Replies are tailored to their requests: what a request says comes back in the documented reply."""

from __future__ import annotations

import gc
import json
import weakref
from typing import Any

from support.asking import asker, contract, operation
from support.mocking import PETS

from tallystick.mock.responders import examples
from tallystick.mock.responders.examples import Replies
from tallystick.mock.room import Kept, Room
from tallystick.mock.tailoring import tailoring
from tallystick.nouns import budgets
from tallystick.nouns.exchange import Exchange, Request
from tallystick.resources import names
from tallystick.wire.reading import Reading

PET = {
    "type": "object",
    "required": ["id", "name"],
    "properties": {"id": {"type": "integer"}, "name": {"type": "string"}, "ownerId": {"type": "string"}},
}


def of_path(path: str, schema: Any, example: Any, **parameters: Any) -> Any:
    """A mock of one GET that documents a schema and an example; the path parameters have the schemas given."""
    described = [{"name": name, "in": "path", "required": True, "schema": each} for name, each in parameters.items()]
    content = {"application/json": {"schema": schema, "example": example}}
    responses = {"200": {"description": "It", "content": content}}
    return asker(contract({"paths": {path: {"get": {"parameters": described, "responses": responses}}}}))


def test_a_path_value_comes_back_as_the_id() -> None:
    """The last name of a path is the id of the resource that is answered with."""
    ask = of_path("/pets/{petId}", PET, {"id": 1, "name": "Rex"}, petId={"type": "integer"})
    assert json.loads(ask("GET /pets/17").body) == {"id": 17, "name": "Rex"}
    assert json.loads(ask("GET /pets/18").body) == {"id": 18, "name": "Rex"}


def test_a_path_value_comes_back_under_its_own_name() -> None:
    """A member may have the name in another spelling, and another type."""
    schema = {"type": "integer"}
    ask = of_path("/owners/{owner_id}/pets/{id}", PET, {"id": 1, "name": "Rex"}, owner_id=schema, id=schema)
    assert json.loads(ask("GET /owners/7/pets/9").body) == {"id": 9, "name": "Rex", "ownerId": "7"}


def test_a_path_value_that_breaks_the_reply_is_left_out() -> None:
    """The reply is never worse than it was without the value."""
    ask = of_path("/pets/{id}", PET, {"id": 1, "name": "Rex"}, id={"type": "string"})
    assert json.loads(ask("GET /pets/abc").body) == {"id": 1, "name": "Rex"}


def test_a_reply_that_no_request_changes_is_not_tailored() -> None:
    """The same reply is sent each time, with nothing to look up."""
    ask = asker(contract(PETS))
    assert ask("GET /pets/1").body == ask("GET /pets/2").body


def test_kept_replies_share_one_room(monkeypatch: Any) -> None:
    """The oldest replies go where all take too much together, and are made again."""
    monkeypatch.setattr(budgets, "TAILORED_BYTES", 3_000)
    room = Room()
    monkeypatch.setattr(tailoring, "ROOM", room)
    ask = of_path("/pets/{petId}", PET, {"id": 1, "name": "Rex"}, petId={"type": "integer"})
    bodies = [json.loads(ask(f"GET /pets/{number}").body)["id"] for number in (*range(10), 0)]
    assert bodies == [*range(10), 0]
    assert room.taken <= 3_000


def test_replies_that_requests_choose_are_kept_within_the_same_room(monkeypatch: Any) -> None:
    """However many seeds and statuses a client asks for, the replies to them are bounded, and stay the same."""
    monkeypatch.setattr(budgets, "TAILORED_BYTES", 40_000)
    monkeypatch.setattr(examples, "ROOM", Room())
    responses = {"default": {"description": "It", "content": {"application/json": {"schema": PET}}}}
    replies = Replies(operation({"paths": {"/pets": {"get": {"responses": responses}}}}))
    wishes = [f"seed={number}" for number in range(30)] + [f"code={status}" for status in range(400, 430)]

    def body(wish: str) -> bytes:
        request = Request("GET", "/pets", headers=(("prefer", wish),))
        return replies.respond(Reading(replies.operation, Exchange(request))).response.body

    bodies = [body(wish) for wish in wishes]
    assert len(replies.made) <= 10
    assert len(set(bodies)) > 20
    assert [body(wish) for wish in wishes] == bodies


def test_only_short_names_of_a_request_are_kept() -> None:
    """The names in a body may be of any length: only those of a usual one are remembered."""
    before = names._spelling.cache_info().currsize, names._words.cache_info().currsize
    assert names.spelled("Pet-" * 10_000 + "Id") == "pet" * 10_000 + "id"
    assert (names._spelling.cache_info().currsize, names._words.cache_info().currsize) == before


def test_what_is_kept_twice_takes_its_room_once() -> None:
    """Two requests at once may make the same reply: the room counts the one that it keeps, and lets that go last."""
    room, kept = Room(), Kept[str, str]()
    for key, value in (("a", "first"), ("b", "other"), ("a", "second")):
        room.keep(kept, key, value, budgets.TAILORED_BYTES // 4)
    assert room.taken == 2 * (budgets.TAILORED_BYTES // 4)
    room.keep(kept, "c", "large", budgets.TAILORED_BYTES // 4 * 3)
    assert kept == {"a": "second", "c": "large"}
    assert len(room.entries) == 2


def test_the_room_does_not_hold_what_nobody_else_does() -> None:
    """The replies of a contract that was read anew go with it, though they are in the room."""
    room, kept = Room(), Kept[str, object]()
    room.keep(kept, "a", object(), 100)
    gone = weakref.ref(kept)
    del kept
    gc.collect()
    assert gone() is None
    room.keep(Kept[str, object](), "b", object(), budgets.TAILORED_BYTES)
    assert len(room.entries) == 1
