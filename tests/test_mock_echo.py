"""The request shows in the reply: its path, its query and its body come back in the resource that is answered with."""

from __future__ import annotations

import json
from typing import Any

import pytest
from support.asking import Ask, asker, contract

INTEGER, TEXT = {"type": "integer"}, {"type": "string"}
SENT = {"Content-Type": "application/json"}


def mock(line: str, schema: Any, example: Any, body: Any = None, status: str = "200", **more: Any) -> Ask:
    """A mock of one operation, which documents the schema and an example of its reply, and the schema of its body.

    `more` has the schemas of parameters by name: those in the template are in the path, others in the query.
    """
    method, _, path = line.partition(" ")
    parameters = [
        {"name": name, "in": "path", "required": True, "schema": each}
        if f"{{{name}}}" in path
        else {"name": name, "in": "query", "schema": each}
        for name, each in more.items()
    ]
    operation: dict[str, Any] = {"parameters": parameters}
    if body is not None:
        content = {media: {"schema": body} for media in ("application/json", "application/x-www-form-urlencoded")}
        operation["requestBody"] = {"content": content}
    content = {"application/json": {"schema": schema, **({} if example is None else {"example": example})}}
    operation["responses"] = {status: {"description": "It", "content": content}}
    return asker(contract({"paths": {path: {method.lower(): operation}}}))


def of(**properties: Any) -> dict[str, Any]:
    """The schema of an object with some properties."""
    return {"type": "object", "properties": properties}


def sent(ask: Ask, line: str, body: Any) -> Any:
    """The body of the reply to a request with a body of JSON."""
    return json.loads(ask(line, SENT, json.dumps(body).encode()).body)


@pytest.mark.parametrize(
    ("template", "schema", "path", "member"),
    [
        ("/pets/{petId}", of(id=TEXT), "/pets/a7", "id"),
        ("/pets/{pet_id}", of(petId=TEXT), "/pets/a7", "petId"),
        ("/pets/{pet-id}", of(pet_id=TEXT), "/pets/a7", "pet_id"),
        ("/customers/{customer}", of(id=TEXT, name=TEXT), "/customers/a7", "id"),
        ("/users/{username}", of(id=INTEGER, login=TEXT), "/users/a7", "login"),
        ("/users/{username}", of(id=INTEGER, name=TEXT), "/users/a7", "name"),
        ("/orgs/{org}/teams/{team_slug}", of(id=INTEGER, slug=TEXT), "/orgs/x/teams/a7", "slug"),
        ("/indexes/{indexUid}", of(uid=TEXT), "/indexes/a7", "uid"),
        ("/repos/{owner}/{repo}", of(id=INTEGER, name=TEXT), "/repos/x/a7", "name"),
        ("/calls/{Sid}.json", of(sid=TEXT), "/calls/a7.json", "sid"),
        ("/containers/{id}/json", of(Id=TEXT), "/containers/a7/json", "Id"),
        ("/keys/{uidOrKey}", of(uid={"type": "string", "format": "uuid"}, key=TEXT), "/keys/a7", "key"),
    ],
)
def test_a_path_value_comes_back_by_the_name_of_its_kind(template: str, schema: Any, path: str, member: str) -> None:
    """The member that identifies the resource is found in any spelling, and by what identifies resources."""
    names = {name.strip("{}") for name in template.replace(".json", "").split("/") if name.startswith("{")}
    ask = mock(f"GET {template}", schema, None, **dict.fromkeys(names, TEXT))
    assert json.loads(ask(f"GET {path}").body)[member] == "a7"


def test_the_values_above_come_back_in_the_resource() -> None:
    """A nested resource has the id of the one that it belongs to, also inside the object of that one."""
    schema = of(id=INTEGER, owner=of(id=INTEGER), shopId=INTEGER)
    example = {"id": 1, "owner": {"id": 2}, "shopId": 3}
    ask = mock("GET /shops/{shopId}/owners/{owner_id}/pets/{id}", schema, example, shopId=TEXT, owner_id=TEXT, id=TEXT)
    assert json.loads(ask("GET /shops/7/owners/8/pets/9").body) == {"id": 9, "owner": {"id": 8}, "shopId": 7}


def test_an_envelope_is_looked_into() -> None:
    """The resource may stand in `data`, under its own name, or in `metadata`."""
    for envelope in ("data", "result", "pet", "metadata"):
        ask = mock("GET /pets/{id}", of(**{envelope: of(id=TEXT)}), {envelope: {"id": "1"}}, id=TEXT)
        assert json.loads(ask("GET /pets/a7").body) == {envelope: {"id": "a7"}}


def test_rows_refer_to_the_path_and_keep_their_ids() -> None:
    """Each row of a nested list has the id of the path, whether its example has it or not; its own id stays."""
    rows = {"type": "array", "items": of(id=INTEGER, owner_id=INTEGER)}
    example = [{"id": 1, "owner_id": 1}, {"id": 2}]
    expected = [{"id": 1, "owner_id": 7}, {"id": 2, "owner_id": 7}]
    for name in ("id", "owner_id", "ownerId"):
        ask = mock(f"GET /owners/{{{name}}}/pets", of(data=rows), {"data": example}, **{name: INTEGER})
        assert json.loads(ask("GET /owners/7/pets").body) == {"data": expected}
    friends = {"type": "array", "items": of(userId=INTEGER)}
    ask = mock("GET /users/{userId}/friends", friends, [{"userId": 1}, {"userId": 2}], userId=INTEGER)
    assert json.loads(ask("GET /users/7/friends").body) == [{"userId": 1}, {"userId": 2}]


def test_a_query_value_comes_back_under_its_name() -> None:
    """A member of the resource has the value of the query, in the type that it has; without the query it stays."""
    schema = of(city=TEXT, days=INTEGER, unit={"enum": ["C", "F"]})
    ask = mock("GET /weather", schema, {"city": "Oslo", "days": 1, "unit": "C"}, city=TEXT, days=TEXT, unit=TEXT)
    assert json.loads(ask("GET /weather?city=Bonn&unit=K").body) == {"city": "Bonn", "days": 1, "unit": "C"}
    assert json.loads(ask("GET /weather?unit=F").body) == {"city": "Oslo", "days": 1, "unit": "F"}


def test_a_body_comes_back_in_the_resource() -> None:
    """What was sent replaces what the example says; what only the server sets stays, and so does what was not sent."""
    schema = of(id={"type": "integer", "readOnly": True}, name=TEXT, tags={"type": "array", "items": TEXT}, age=INTEGER)
    example = {"id": 1, "name": "Rex", "tags": ["a"], "age": 3}
    ask = mock("POST /pets", schema, example, schema, status="201")
    assert sent(ask, "POST /pets", {"name": "Tom", "tags": []}) == {"id": 1, "name": "Tom", "tags": [], "age": 3}
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    assert json.loads(ask("POST /pets", form, b"name=Tom&age=5").body) == {**example, "name": "Tom", "age": 5}
    assert json.loads(ask("POST /pets").body) == example


def test_objects_are_merged_and_maps_are_replaced() -> None:
    """An object with declared members keeps those that were not sent; one without any is as it was sent."""
    schema = of(address=of(city=TEXT, zip=TEXT), labels={"type": "object"})
    example = {"address": {"city": "Oslo", "zip": "1"}, "labels": {"a": "b"}}
    body = {"address": {"city": "Bonn"}, "labels": {"c": "d"}}
    merged = {"address": {"city": "Bonn", "zip": "1"}, "labels": {"c": "d"}}
    assert sent(mock("PUT /pets", schema, example, schema), "PUT /pets", body) == merged
    patched = sent(mock("PATCH /pets", schema, example, schema), "PATCH /pets", body)
    assert patched == {**merged, "labels": {"a": "b", "c": "d"}}


def test_items_of_a_body_get_what_the_server_adds() -> None:
    """Each item that was sent is merged with the one of the example, whose id differs from item to item."""
    item = of(id=INTEGER, product=TEXT, price=INTEGER)
    schema = of(lines={"type": "array", "items": {**item, "required": ["id", "product", "price"]}})
    ask = mock("POST /orders", schema, {"lines": [{"id": 4, "product": "x", "price": 2}]}, of(lines={"type": "array"}))
    assert sent(ask, "POST /orders", {"lines": [{"product": "a"}, {"product": "b"}]}) == {
        "lines": [{"id": 4, "product": "a", "price": 2}, {"id": 5, "product": "b", "price": 2}]
    }


def test_a_body_comes_back_through_envelopes() -> None:
    """The body or the reply may have an envelope, or both; spellings may differ."""
    pet = of(firstName=TEXT, first_name=TEXT)
    for schema, example, body, reply in (
        (
            of(data=of(first_name=TEXT)),
            {"data": {"first_name": "x"}},
            {"firstName": "Tom"},
            {"data": {"first_name": "Tom"}},
        ),
        (of(first_name=TEXT), {"first_name": "x"}, {"pet": {"firstName": "Tom"}}, {"first_name": "Tom"}),
        (
            of(pet=of(first_name=TEXT)),
            {"pet": {"first_name": "x"}},
            {"pet": {"firstName": "T"}},
            {"pet": {"first_name": "T"}},
        ),
    ):
        ask = mock("POST /pets", schema, example, {"anyOf": [pet, of(pet=pet)]})
        assert sent(ask, "POST /pets", body) == reply


def test_secrets_do_not_come_back() -> None:
    """A password, a secret and what is only written stay as the reply has them."""
    schema = of(name=TEXT, password=TEXT, apiKey=TEXT, note={"type": "string", "writeOnly": True})
    body = {"name": "Tom", "password": "hunter2", "apiKey": "k", "note": "n", "keys": {"secret": "s"}}
    ask = mock("POST /users", schema, {"name": "x", "apiKey": "…"}, schema)
    assert sent(ask, "POST /users", body) == {"name": "Tom", "apiKey": "…"}


def test_values_that_break_the_reply_are_left_out() -> None:
    """Of several values those come back that the schema of the reply takes."""
    ask = mock(
        "POST /pets", of(name={"type": "string", "maxLength": 3}, age=INTEGER), {"name": "Rex"}, {"type": "object"}
    )
    assert sent(ask, "POST /pets", {"name": "Thomas", "age": 3}) == {"name": "Rex", "age": 3}
    ask = mock("POST /pets", {**of(a=TEXT, b=TEXT), "maxProperties": 2}, {"a": "x"}, {"type": "object"})
    assert sent(ask, "POST /pets", {"a": "1", "b": "2", "c": "3"}) == {"a": "1", "b": "2"}


@pytest.mark.parametrize(
    "body", [b"[" * 500 + b"]" * 500, b'{"a":' * 400 + b"1" + b"}" * 400, b"{", b"null", b"[]", b"7"]
)
def test_odd_bodies_leave_the_reply_as_it_is(body: bytes) -> None:
    """A body that is too deep, ill-formed, or no object changes nothing, and is no fault of the mock."""
    ask = mock("POST /pets", of(a={}), {"a": 1}, {})
    reply = ask("POST /pets", SENT, body)
    assert reply.status in (200, 422)
    assert reply.status == 422 or json.loads(reply.body) == {"a": 1}


def test_a_path_value_goes_before_that_of_a_body() -> None:
    """PUT answers with the resource at its own path."""
    ask = mock("PUT /pets/{id}", of(id=INTEGER, name=TEXT), {"id": 1}, of(id=INTEGER, name=TEXT), id=INTEGER)
    assert sent(ask, "PUT /pets/7", {"id": 8, "name": "Tom"}) == {"id": 7, "name": "Tom"}


def test_a_named_example_is_sent_as_it_stands() -> None:
    """What is asked for by its name is what its author wrote."""
    ask = mock("GET /pets/{id}", of(id=INTEGER), {"id": 1}, id=INTEGER)
    assert json.loads(ask("GET /pets/7").body) == {"id": 7}
    assert json.loads(ask("GET /pets/7", {"Prefer": "example=example"}).body) == {"id": 1}
