"""What is created can be read, in the place and with the members that its creation has told."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from support.asking import Ask, answer_of, asker, contract, header, request

from tallystick.mock.app import create_app

PET = {
    "type": "object",
    "required": ["id", "name"],
    "properties": {
        "id": {"type": "integer", "readOnly": True},
        "name": {"type": "string"},
        "tag": {"type": "string", "example": "dog"},
        "weight": {"type": "integer", "maximum": 10, "example": 4},
        "status": {"type": "string", "default": "new", "example": "sold"},
        "created_at": {"type": "string", "format": "date-time"},
        "self": {"type": "string", "format": "uri"},
    },
}
NEW_PET = {
    "type": "object",
    "required": ["name"],
    "properties": {name: {"type": PET["properties"][name]["type"]} for name in ("name", "tag", "weight", "status")},  # type: ignore[index]
}
TEXT = {"type": "string"}
JSON = {"Content-Type": "application/json", "Host": "localhost:4010"}


def body(schema: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A body in JSON of a schema."""
    return {"content": {"application/json": {"schema": schema, **more}}}


def reply(schema: dict[str, Any] | None = None, *headers: str, **more: Any) -> dict[str, Any]:
    """A documented response with a body of a schema."""
    described: dict[str, Any] = {"description": "A response"}
    if headers:
        described["headers"] = {name: {"schema": {"type": "string"}} for name in headers}
    return described | (body(schema, **more) if schema is not None else {})


def mock(
    item: dict[str, Any] = PET, new: dict[str, Any] = NEW_PET, created: dict[str, Any] | None = None, **more: Any
) -> Ask:
    """A mock that creates, lists and reads pets."""
    name = {"name": "petId", "in": "path", "required": True, "schema": item["properties"]["id"] | {"readOnly": False}}
    responses = {"201": created or reply(item, "Location"), **more.pop("responses", {})}
    paths = {
        "/pets": {
            "get": {"responses": {"200": reply({"type": "array", "items": item})}},
            "post": {"requestBody": body(new), "responses": responses},
        },
        "/pets/{petId}": {
            "parameters": [name],
            "get": {"responses": {"200": reply(item), "404": reply()}},
            "delete": {"responses": {"204": reply(), "404": reply()}},
        },
    }
    return asker(contract({"paths": paths}), **more)


def create(ask: Ask, value: Any, path: str = "/pets") -> Any:
    """The resource that a POST answers with."""
    made = ask(f"POST {path}", JSON, json.dumps(value).encode())
    assert made.status == 201, made.body
    return json.loads(made.body)


def read(ask: Ask, path: str) -> Any:
    """The resource at a path."""
    got = ask(f"GET {path}", JSON)
    assert got.status == 200, got.body
    return json.loads(got.body)


def test_what_is_created_is_read_and_listed() -> None:
    """A GET says the same as the POST, and the list has it first."""
    ask = mock()
    rex, bo = create(ask, {"name": "Rex", "tag": "x"}), create(ask, {"name": "Bo"})
    assert (rex["name"], rex["tag"]) == ("Rex", "x")
    assert read(ask, f"/pets/{rex['id']}") == rex
    assert read(ask, f"/pets/{bo['id']}") == bo
    assert [row["id"] for row in read(ask, "/pets")[:2]] == [bo["id"], rex["id"]]


def test_each_creation_has_an_id_of_its_own() -> None:
    """Numbers count on from those that the documented list shows; `Location` and `self` say the new one."""
    ask = mock()
    listed = {row["id"] for row in read(ask, "/pets")}
    made = ask("POST /pets", JSON, b'{"name": "Rex"}')
    rex = json.loads(made.body)
    assert rex["id"] > max(listed)
    assert header(made, "location") == rex["self"] == f"http://localhost:4010/pets/{rex['id']}"
    assert create(ask, {"name": "Rex"})["id"] == rex["id"] + 1


def test_what_the_client_cannot_know_is_the_servers() -> None:
    """The time of the creation is now, a member that was not sent has its default, and else none that is optional."""
    made = create(mock(), {"name": "Rex"})
    assert made["created_at"] > "2026-"
    assert made["status"] == "new"
    assert "tag" not in made


def test_what_does_not_fit_the_reply_is_not_kept() -> None:
    """It is told, and the rest is kept."""
    ask = mock()
    made = ask("POST /pets", JSON, b'{"name": "Rex", "weight": 50}')
    (told,) = json.loads(header(made, "tallystick-violations") or "")
    assert (told["rule"], told["where"]) == ("not-kept", "body.weight")
    rex = json.loads(made.body)
    assert rex["name"] == "Rex"
    assert rex.get("weight") != 50
    assert read(ask, f"/pets/{rex['id']}") == rex


@pytest.mark.parametrize(
    ("schema", "shape"),
    [
        ({"type": "string", "format": "uuid"}, r"[0-9a-f-]{36}"),
        ({"type": "string", "example": "pi_3MtwBwLkdIwHu7ix28a3tqPa"}, r"pi_[0-9A-Za-z]{24}"),
        ({"type": "string", "example": "pet-7"}, r"pet-\d+"),
        ({"type": "string", "example": "0042"}, r"\d{4}"),
        ({"type": "string", "pattern": "^[A-Z]{3}[0-9]{5}$"}, r"[A-Z]{3}[0-9]{5}"),
        ({"type": "integer", "format": "int64"}, r"\d+"),
    ],
)
def test_ids_are_of_their_type_and_shape(schema: dict[str, Any], shape: str) -> None:
    """A fresh id fits its schema and looks like the documented one."""
    import re

    ask = mock(PET | {"properties": PET["properties"] | {"id": schema}})  # type: ignore[operator]
    ids = [create(ask, {"name": "Rex"})["id"] for _ in range(20)]
    assert len(set(ids)) == 20
    assert all(re.fullmatch(shape, str(id)) for id in ids)
    assert [read(ask, f"/pets/{id}")["id"] for id in ids] == ids


NAMED = {
    "type": "object",
    "required": ["id"],
    "properties": {"id": {"type": "string"}, "size": {"type": "integer"}},
}


def test_the_clients_own_id_is_taken() -> None:
    """A body may name the id; a second creation is the documented 409, one of what was deleted brings it back."""
    ask = mock(NAMED, NAMED, responses={"409": reply()})
    assert create(ask, {"id": "a b/c", "size": 1}) == {"id": "a b/c", "size": 1}
    assert read(ask, "/pets/a%20b%2Fc") == {"id": "a b/c", "size": 1}
    again = ask("POST /pets", JSON, b'{"id": "a b/c", "size": 2}')
    assert again.status == 409
    assert "resource-exists" in (header(again, "tallystick-violations") or "")
    assert read(ask, "/pets/a%20b%2Fc")["size"] == 1
    assert ask("DELETE /pets/a%20b%2Fc").status == 204
    assert create(ask, {"id": "a b/c", "size": 3})["size"] == 3


def test_the_same_id_replaces_where_no_conflict_is_documented() -> None:
    """Without a 409, by its code, range or default, the later creation counts."""
    ask = mock(NAMED, NAMED)
    assert [create(ask, {"id": "a", "size": size})["size"] for size in (1, 2)] == [1, 2]
    assert read(ask, "/pets/a") == {"id": "a", "size": 2}
    assert [row["id"] for row in read(ask, "/pets")].count("a") == 1


@pytest.mark.parametrize("created", [reply(None, "Location"), reply(), reply({"type": "object"})])
def test_a_creation_whose_reply_shows_nothing_creates(created: dict[str, Any]) -> None:
    """The list has what was created, and `Location` leads to it."""
    ask = mock(created=created)
    made = ask("POST /pets", JSON, b'{"name": "Rex"}')
    (rex, *_) = read(ask, "/pets")
    assert rex["name"] == "Rex"
    assert read(ask, f"/pets/{rex['id']}") == rex
    if header(made, "location") is not None:
        assert header(made, "location") == f"http://localhost:4010/pets/{rex['id']}"


def test_a_closed_mock_has_what_was_created() -> None:
    """Nothing but that is read or listed."""
    ask = mock(state=("closed",))
    assert read(ask, "/pets") == []
    rex = create(ask, {"name": "Rex"})
    assert read(ask, "/pets") == [rex]
    assert read(ask, f"/pets/{rex['id']}") == rex
    assert ask("GET /pets/1").status == 404


def test_sessions_have_nothing_of_each_other() -> None:
    """What is created in one session is not there in another."""
    ask = mock(state=("closed",))
    path = f"/pets/{create(ask, {'name': 'Rex'}, '/~one/pets')['id']}"
    assert read(ask, f"/~one{path}")["name"] == "Rex"
    assert ask(f"GET /~two{path}").status == 404


def test_a_fresh_id_is_found_beyond_many_that_are_taken() -> None:
    """A creation gets an id of its own however many were taken by clients, in whatever order."""
    thing = {"type": "object", "properties": {"id": {"type": "integer"}, "name": {"type": "string"}}}
    body = {"application/json": {"schema": thing}}
    ok = {"description": "It", "content": body}
    one = {"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}
    paths = {
        "/things": {"post": {"requestBody": {"content": body}, "responses": {"201": ok}}},
        "/things/{id}": {
            "parameters": [one],
            "get": {"responses": {"200": ok}},
            "put": {"requestBody": {"content": body}, "responses": {"200": ok}},
        },
    }
    ask = asker(contract({"paths": paths}))
    sent = {"Content-Type": "application/json"}
    first = json.loads(ask("POST /things", sent, b'{"name":"first"}').body)["id"]
    for number in range(first + 300, first, -1):
        assert ask(f"PUT /things/{number}", sent, b'{"name":"taken"}').status == 200
    made = json.loads(ask("POST /things", sent, b'{"name":"second"}').body)["id"]
    assert made > first + 300


def test_what_is_created_again_is_made_as_the_first_time() -> None:
    """The third of the same requests is answered as the first two, with another id and the time of its own."""
    ask = mock()
    pets = [create(ask, {"name": "100 % Rex", "tag": "x"}) for _ in range(5)]
    assert len({pet["id"] for pet in pets}) == len({pet["self"] for pet in pets}) == 5
    assert sorted(pet["created_at"] for pet in pets) == [pet["created_at"] for pet in pets]
    assert {(pet["name"], pet["tag"], pet["status"]) for pet in pets} == {("100 % Rex", "x", "new")}
    assert [read(ask, f"/pets/{pet['id']}") for pet in pets] == pets
    made = ask("POST /pets", JSON | {"Host": "other:1"}, b'{"name": "100 % Rex", "tag": "x"}')
    assert header(made, "location") == f"http://other:1/pets/{pets[-1]['id'] + 1}"


def test_creations_that_meet_at_first_leave_the_documented_rows() -> None:
    """Ids begin behind those of the contract's own list, also where many are created before that is known."""
    thing = {"type": "object", "required": ["id"], "properties": {"id": {"type": "integer", "minimum": 1}}}
    limit = {"name": "limit", "in": "query", "schema": {"type": "integer", "default": 20}}
    paths = {
        "/things": {
            "get": {"parameters": [limit], "responses": {"200": reply({"type": "array", "items": thing})}},
            "post": {"requestBody": body({"type": "object"}), "responses": {"201": reply(thing, example={"id": 1})}},
        },
        "/things/{id}": {
            "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}],
            "get": {"responses": {"200": reply(thing, example={"id": 1})}},
        },
    }
    app = create_app([contract({"paths": paths})])

    async def ids() -> tuple[set[int], set[int]]:
        listed = json.loads((await answer_of(create_app([contract({"paths": paths})]), request("GET /things"))).body)
        made = await asyncio.gather(*(answer_of(app, request("POST /things", JSON, b"{}")) for _ in range(9)))
        return {each["id"] for each in listed}, {json.loads(each.body)["id"] for each in made}

    documented, created = asyncio.run(ids())
    assert len(created) == 9
    assert not documented & created


def test_a_resource_says_what_it_is_below() -> None:
    """A member for the id in the path above is that id, though it could have been sent and was not."""
    toy = {
        "type": "object",
        "required": ["id"],
        "properties": {
            "id": {"type": "integer", "readOnly": True},
            "petId": {"type": "string"},
            "size": {"type": "integer"},
        },
    }
    new = {"type": "object", "properties": {"petId": {"type": "string"}, "size": {"type": "integer"}}}
    names = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in ("petId", "toyId")
    ]
    ok = {"responses": {"200": reply(toy)}}
    paths = {
        "/pets/{petId}/toys": {
            "parameters": names[:1],
            "get": {"responses": {"200": reply({"type": "array", "items": toy})}},
            "post": {"requestBody": body(new), "responses": {"201": reply(toy)}},
        },
        "/pets/{petId}/toys/{toyId}": {"parameters": names, "get": ok, "put": {"requestBody": body(new), **ok}},
    }
    ask = asker(contract({"paths": paths}))
    made = create(ask, {"size": 3}, "/pets/rex/toys")
    assert made == {"id": made["id"], "petId": "rex", "size": 3}
    assert read(ask, f"/pets/rex/toys/{made['id']}") == made == read(ask, "/pets/rex/toys")[0]
    put = ask(f"PUT /pets/rex/toys/{made['id']}", JSON, b'{"size": 4}')
    assert json.loads(put.body) == {**made, "size": 4} == read(ask, f"/pets/rex/toys/{made['id']}")


def test_bodies_and_parents_are_told_apart() -> None:
    """What is remembered of one request is not taken for another one."""
    ask = mock(created=reply())
    for _ in range(4):
        for name in ("Rex", "Bo"):
            assert ask("POST /pets", JSON, json.dumps({"name": name}).encode()).status == 201
    assert [row["name"] for row in read(ask, "/pets")[:8]] == ["Bo", "Rex"] * 4


def test_the_id_may_be_sent_under_another_name() -> None:
    """What is called `name` in the body is the id in the path, where the contract means it."""
    pool = {"type": "object", "properties": {"pool_name": {"type": "string"}, "copy_of": {"type": "string"}}}
    new = {"type": "object", "properties": {"name": {"type": "string"}, "copy_of": {"type": "string"}}}
    source = {
        "paths": {
            "/pools": {
                "post": {"requestBody": body(new), "responses": {"201": reply(new)}},
                "get": {"responses": {"200": reply({"type": "array", "items": pool})}},
            },
            "/pools/{pool_name}": {
                "parameters": [{"name": "pool_name", "in": "path", "required": True, "schema": {"type": "string"}}],
                "get": {"responses": {"200": reply(pool)}},
            },
        }
    }
    ask = asker(contract(source))
    assert create(ask, {"name": "fast", "copy_of": "slow"}, "/pools")["name"] == "fast"
    assert read(ask, "/pools/fast") == {"pool_name": "fast", "copy_of": "slow"}


SAYING = {"type": "object", "properties": {"done": {"type": "boolean"}}}


@pytest.mark.parametrize("created", [reply(), reply(SAYING)])
def test_a_201_says_where_what_was_created_is(created: dict[str, Any]) -> None:
    """Where neither the body nor a documented header tells the id, `Location` leads to the resource."""
    ask = mock(created=created)
    address = header(ask("POST /pets", JSON, b'{"name": "Bo"}'), "location") or ""
    assert address.startswith("http://localhost:4010/pets/")
    assert json.loads(ask(f"GET {address.removeprefix('http://localhost:4010')}").body)["name"] == "Bo"


def test_a_201_that_shows_what_was_created_says_no_more() -> None:
    """Where the body tells the id, no header is added that is not documented."""
    assert header(mock(created=reply(PET))("POST /pets", JSON, b'{"name": "Bo"}'), "location") is None


def test_a_body_that_does_not_say_what_it_is_creates_what_it_says() -> None:
    """Where any media type is allowed, a client may leave out what its JSON is."""
    pod = {"type": "object", "required": ["name"], "properties": {"name": TEXT, "image": TEXT | {"example": "nginx"}}}
    name = {"name": "name", "in": "path", "required": True, "schema": TEXT}
    paths = {
        "/pods": {"post": {"requestBody": {"content": {"*/*": {"schema": pod}}}, "responses": {"201": reply(pod)}}},
        "/pods/{name}": {"get": {"parameters": [name], "responses": {"200": reply(pod)}}},
    }
    ask = asker(contract({"paths": paths}))
    sent = {"name": "web", "image": "redis"}
    made = ask("POST /pods", {"Host": "localhost:4010"}, json.dumps(sent).encode())
    assert (made.status, json.loads(made.body)) == (201, sent)
    assert read(ask, "/pods/web") == sent
    assert ask("POST /pods", {"Host": "localhost:4010"}, b'{"image": 1}').status == 422
