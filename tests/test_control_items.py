"""The control API on what is kept: resources, their items, snapshots, sessions, and a reset."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from support.asking import Ask, asker_of, contract, header

from tallystick.mock.app import create_app

SHOP = """
    paths:
      /pets:
        get:
          operationId: listPets
          responses:
            '200':
              description: Pets
              content:
                application/json:
                  schema: {type: array, items: {$ref: '#/components/schemas/Pet'}}
                  example: [{id: 1, name: Tom}]
        post:
          operationId: addPet
          requestBody: {required: true, content: {application/json: {schema: {$ref: '#/components/schemas/Pet'}}}}
          responses:
            '201': {description: Added, content: {application/json: {schema: {$ref: '#/components/schemas/Pet'}}}}
      /pets/{id}:
        parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
        get:
          operationId: getPet
          responses:
            '200': {description: Pet, content: {application/json: {schema: {$ref: '#/components/schemas/Pet'}}}}
            '404': {description: None}
        delete:
          operationId: deletePet
          responses: {'204': {description: Gone}, '404': {description: None}}
      /pets/{id}/toys/{toy}:
        parameters:
          - {name: id, in: path, required: true, schema: {type: integer}}
          - {name: toy, in: path, required: true, schema: {type: string}}
        get:
          responses:
            '200':
              description: Toy
              content:
                application/json:
                  schema: {type: object, required: [toy], properties: {toy: {type: string}}}
        delete: {responses: {'204': {description: Gone}}}
      /reports/{year}:
        parameters: [{name: year, in: path, required: true, schema: {type: integer}}]
        get: {responses: {'200': {description: Report, content: {application/json: {example: [1, 2]}}}}}
    components:
      schemas:
        Pet: {type: object, required: [name], properties: {id: {type: integer}, name: {type: string}}}
"""
JSON = {"Content-Type": "application/json"}


@pytest.fixture
def ask() -> Ask:
    """A mock of the shop, asked by its usual name."""
    ask = asker_of(create_app([contract(SHOP, "shop")]))
    return lambda line, fields=None, body=b"": ask(line, {"Host": "localhost:4010", **JSON, **(fields or {})}, body)


def value(ask: Ask, line: str, body: bytes = b"", status: int = 200) -> Any:
    """What a call answers."""
    reply = ask(line.replace(" ", " /_tallystick", 1), {}, body)
    assert reply.status == status, reply
    return json.loads(reply.body) if reply.body else None


def test_what_was_understood_is_listed(ask: Ask) -> None:
    """Each resource with its operations, and the reason where a path leads to none."""
    listed = value(ask, "GET /resources")
    pets, toys = listed["resources"]
    assert (pets["name"], pets["collection"], pets["id"], pets["parent"]) == ("pets", "/pets", "/id", None)
    assert pets["operations"]["create"] == "POST /pets"
    assert (toys["name"], toys["parent"]) == ("toys", "pets")
    (other,) = listed["not_understood"]
    assert other["path"] == "/reports/{year}"


def test_an_item_is_put_read_listed_and_deleted(ask: Ask) -> None:
    """It gets its id in the type of the contract; what is deleted is listed only where that is asked for."""
    put = value(ask, "PUT /resources/pets/items/7", b'{"name": "Rex"}')
    assert (put["id"], put["place"], put["version"], put["value"]) == ("7", "/pets", 1, {"name": "Rex", "id": 7})
    assert value(ask, "GET /resources/pets/items/7") == put
    assert value(ask, "GET /resources/pets/items") == {"items": [put], "total": 1}
    value(ask, "DELETE /resources/pets/items/7", status=204)
    assert value(ask, "GET /resources/pets/items") == {"items": [], "total": 0}
    (deleted,) = value(ask, "GET /resources/pets/items?deleted=true")["items"]
    assert (deleted["deleted"], "value" in deleted) == (True, False)
    assert ask("GET /pets/7").status == 404


def test_items_are_paged(ask: Ask) -> None:
    """The newest come first; a start and a count take some of them."""
    for number in range(2, 7):
        value(ask, f"PUT /resources/pets/items/{number}", b'{"name": "x"}')
    page = value(ask, "GET /resources/pets/items?start=1&count=2")
    assert ([item["id"] for item in page["items"]], page["total"]) == (["5", "4"], 5)


def test_an_item_that_breaks_the_contract_is_refused(ask: Ask) -> None:
    """Its violations are told, and it is kept all the same where that is allowed."""
    problem = value(ask, "PUT /resources/pets/items/7", b'{"name": 5}', 409)
    assert problem["violations"][0]["where"] == "body/name"
    assert "another id" in value(ask, "PUT /resources/pets/items/7", b'{"name": "x", "id": 8}', 409)["detail"]
    assert value(ask, "PUT /resources/pets/items/7?allow_invalid=true", b'{"name": 5}')["value"]["name"] == 5


def test_an_item_of_a_nested_resource_has_a_place(ask: Ask) -> None:
    """Which collection is meant is said by its path; listed are those of all, or of one."""
    assert "place" in value(ask, "PUT /resources/toys/items/ball", b"{}", 409)["detail"]
    for pet in (1, 2):
        value(ask, f"PUT /resources/toys/items/ball?place=/pets/{pet}/toys", b"{}")
    listed = value(ask, "GET /resources/toys/items")["items"]
    assert [item["place"] for item in listed] == ["/pets/1/toys", "/pets/2/toys"]
    assert value(ask, "GET /resources/toys/items?place=/pets/2/toys")["total"] == 1
    assert "no path of" in value(ask, "GET /resources/toys/items/x?place=/pets", status=404)["detail"]
    value(ask, "DELETE /resources/pets/items/1", status=204)
    assert value(ask, "GET /resources/toys/items")["total"] == 1


def test_an_unknown_resource_is_told(ask: Ask) -> None:
    """The problem names one that is like it."""
    assert "there is pets" in value(ask, "GET /resources/pet/items", status=404)["detail"]
    assert "nothing is kept" in value(ask, "GET /resources/pets/items/9", status=404)["detail"]


def test_a_snapshot_is_put_back(ask: Ask) -> None:
    """In the same session or another one; what breaks its form is refused."""
    value(ask, "PUT /resources/pets/items/7", b'{"name": "Rex"}')
    reply = ask("GET /_tallystick/snapshot")
    assert header(reply, "content-disposition") == 'attachment; filename="session.json"'
    assert ask("PUT /~w1/_tallystick/snapshot", {}, reply.body).status == 204
    assert ask("POST /_tallystick/reset").status == 204
    assert value(ask, "GET /resources/pets/items")["total"] == 0
    assert json.loads(ask("GET /~w1/_tallystick/resources/pets/items").body)["total"] == 1
    assert value(ask, "PUT /snapshot", b'{"form": "other"}', 400)["violations"]


def test_sessions_are_listed_and_dropped(ask: Ask) -> None:
    """Each with what it holds; one by its name, or all."""
    for name in ("w1", "w2"):
        ask(f"PUT /~{name}/_tallystick/resources/pets/items/7", {}, b'{"name": "Rex"}')
    listed = {each["name"]: each["items"] for each in value(ask, "GET /sessions")["sessions"]}
    assert (listed["w1"], listed["w2"]) == (1, 1)
    value(ask, "DELETE /sessions/w1", status=204)
    value(ask, "DELETE /sessions/never-used", status=204)
    assert "w1" not in [each["name"] for each in value(ask, "GET /sessions")["sessions"]]
    value(ask, "DELETE /sessions", status=204)
    assert json.loads(ask("GET /~w2/_tallystick/resources/pets/items").body)["total"] == 0


def test_its_contract_is_clean() -> None:
    """`tallystick check --strict` finds nothing in it."""
    from tallystick.check.run import violations_of
    from tallystick.config import Configuration
    from tallystick.contracts.read import read_contract
    from tallystick.mock.control.application import CONTRACT

    assert list(violations_of(read_contract(Path(CONTRACT)), Configuration())) == []


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("overrides", "nonsense"),
        ("overrides", '{"next": 2, "rows": [{"id": "1", "since": 0, "spec": {"match": 5}}]}'),
        ("overrides", '{"rows": []}'),
        ("overrides", '{"next": 2, "rows": [{"id": "1", "since": "now", "spec": {"match": {}, "fault": "503"}}]}'),
        ("override-calls/1", "many"),
        ("clock", "noon"),
        ("clock", '{"seconds": "1", "goes_on": true}'),
        ("clock", '{"seconds": 1e400, "goes_on": true}'),
        ("idempotency/shop/POST /pets/0", '["a", 200]'),
    ],
)
def test_a_snapshot_that_nobody_could_read_is_refused(ask: Ask, name: str, text: str) -> None:
    """What was written by hand is judged before it takes the place of what is there."""
    document = {"name": name, "text": text}
    sent = json.dumps({"form": "tallystick-session-1", "items": [], "documents": [document]}).encode()
    assert name in value(ask, "PUT /snapshot", sent, 409)["detail"]
    assert ask("GET /pets").status == 200


def test_a_snapshot_has_the_overrides_too(ask: Ask) -> None:
    """They answer in the session that it is put into."""
    value(ask, "POST /overrides", b'{"match": "getPet", "replies": [{"code": 404}, {"code": 200}]}', 201)
    assert ask("GET /pets/1").status == 404
    snapshot = ask("GET /_tallystick/snapshot").body
    fresh = asker_of(create_app([contract(SHOP, "shop")]))
    assert fresh("PUT /_tallystick/snapshot", {"Host": "localhost", **JSON}, snapshot).status == 204
    assert fresh("GET /pets/1").status == 200
    assert ask("POST /_tallystick/reset").status == 204
    assert ask("PUT /_tallystick/snapshot", {}, snapshot).status == 204
