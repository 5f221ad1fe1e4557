"""What is changed is so in later replies: PUT, PATCH by its media type, and POST on the item's path."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from support.asking import Ask, answer_of, asker, contract, header, request
from test_state_created import JSON, NEW_PET, PET, body, create, read, reply

from tallystick.mock.app import create_app
from tallystick.mock.settings import MockSettings

PATCH = {**JSON, "Content-Type": "application/json-patch+json"}
MERGE = {**JSON, "Content-Type": "application/merge-patch+json"}
OPTIONAL = {**NEW_PET, "required": [], "properties": {**NEW_PET["properties"], "tag": {"type": ["string", "null"]}}}
CHANGED = {
    **PET,
    "properties": {
        **PET["properties"],  # type: ignore[dict-item]
        "updated_at": {"type": "string", "format": "date-time"},
        "toys": {"type": "array", "items": {"type": "string"}},
        "owner": {"type": "object", "properties": {"name": {"type": "string"}, "city": {"type": "string"}}},
    },
}
ANY = {"type": "object"}


def mock(statuses: tuple[str, ...] = ("404",), **settings: Any) -> Ask:
    """A mock that creates, reads and changes pets."""
    errors = {status: reply() for status in statuses}
    patches = {name: {"schema": {}} for name in ("application/json-patch+json", "application/merge-patch+json")}
    changing = {"requestBody": {"content": {**body(OPTIONAL)["content"], **patches}}}
    answer = {"responses": {"200": reply(CHANGED), **errors}}
    name = {"name": "petId", "in": "path", "required": True, "schema": {"type": "integer"}}
    paths = {
        "/pets": {
            "get": {"responses": {"200": reply({"type": "array", "items": CHANGED})}},
            "post": {"requestBody": body(ANY), "responses": {"201": reply(CHANGED)}},
        },
        "/pets/{petId}": {
            "parameters": [name],
            "get": answer,
            "patch": {**changing, **answer},
            "put": {"requestBody": body(NEW_PET), **answer},
            "post": {"requestBody": body(OPTIONAL), **answer},
            "delete": {"responses": {"204": reply(), "404": reply()}},
        },
    }
    return asker(contract({"paths": paths}), **settings)


def change(ask: Ask, line: str, value: Any, fields: dict[str, str] = JSON) -> Any:
    """The resource that a change answers with."""
    changed = ask(line, fields, json.dumps(value).encode())
    assert changed.status == 200, changed.body
    return json.loads(changed.body)


def rex(ask: Ask) -> tuple[str, Any]:
    """The path of a new resource, and the resource."""
    made = create(ask, {"name": "Rex", "tag": "x", "toys": ["a", "b"], "owner": {"name": "Ann", "city": "Bonn"}})
    return f"/pets/{made['id']}", made


@pytest.mark.parametrize("fields", [JSON, MERGE])
def test_a_merge_patch_is_kept(fields: dict[str, str]) -> None:
    """Members are replaced, those that are null removed, objects merged; the time of the change moves."""
    ask = mock()
    path, before = rex(ask)
    patch = {"tag": None, "owner": {"city": "Rome"}, "toys": ["c"]} if fields is MERGE else {"tag": None, "weight": 3}
    after = change(ask, f"PATCH {path}", patch, fields)
    assert read(ask, path) == after
    assert "tag" not in after
    assert (after["id"], after["name"], after["created_at"]) == (before["id"], "Rex", before["created_at"])
    assert after["updated_at"] > before["updated_at"]
    if fields is MERGE:
        assert (after["owner"], after["toys"]) == ({"name": "Ann", "city": "Rome"}, ["c"])


def test_a_json_patch_may_be_called_json() -> None:
    """A list of operations is a patch, though the contract documents it as `application/json`."""
    operations = {"type": "array", "items": {"type": "object", "required": ["op", "path"]}}
    name = {"name": "petId", "in": "path", "required": True, "schema": {"type": "integer"}}
    ok = {"responses": {"200": reply(CHANGED)}}
    paths = {
        "/pets": {"post": {"requestBody": body(ANY), "responses": {"201": reply(CHANGED)}}},
        "/pets/{petId}": {"parameters": [name], "get": ok, "patch": {"requestBody": body(operations), **ok}},
    }
    ask = asker(contract({"paths": paths}))
    path, _ = rex(ask)
    after = change(ask, f"PATCH {path}", [{"op": "replace", "path": "/name", "value": "Max"}])
    assert after["name"] == "Max"
    assert read(ask, path) == after


def test_a_json_patch_is_kept_as_a_whole_or_not_at_all() -> None:
    """All operations are applied; where a test fails, none is, and the documented 409, 422 or 400 says why."""
    ask = mock(("404", "422"))
    path, _ = rex(ask)
    operations: list[Any] = [
        {"op": "test", "path": "/name", "value": "Rex"},
        {"op": "replace", "path": "/name", "value": "Max"},
        {"op": "add", "path": "/toys/-", "value": "c"},
        {"op": "move", "from": "/owner/city", "path": "/tag"},
        {"op": "copy", "from": "/tag", "path": "/owner/name"},
        {"op": "remove", "path": "/toys/0"},
    ]
    after = change(ask, f"PATCH {path}", operations, PATCH)
    assert (after["name"], after["toys"], after["tag"], after["owner"]) == ("Max", ["b", "c"], "Bonn", {"name": "Bonn"})
    failing = [{"op": "replace", "path": "/name", "value": "No"}, {"op": "test", "path": "/name", "value": "Rex"}]
    refused = ask(f"PATCH {path}", PATCH, json.dumps(failing).encode())
    assert refused.status == 422
    assert "operation 1 of the patch: test" in (header(refused, "tallystick-violations") or "")
    assert read(ask, path) == after


@pytest.mark.parametrize(
    ("operation", "fact"),
    [
        ({"op": "remove", "path": "/nothing"}, "nothing is at /nothing"),
        ({"op": "add", "path": "/toys/9", "value": "x"}, "the list has no item '9'"),
        ({"op": "shout", "path": "/name"}, "there is no operation 'shout'"),
        ({"op": "add", "path": "name", "value": 1}, "path needs a JSON Pointer"),
        ({"op": "move", "from": "/owner", "path": "/owner/name"}, "nothing can be moved into itself"),
    ],
)
def test_a_json_patch_that_cannot_be_applied(operation: Any, fact: str) -> None:
    """It says which operation is wrong, and changes nothing; it is refused where a 409, 422 or 400 is documented."""
    for statuses, status in ((("404", "409"), 409), (("404",), 200)):
        ask = mock(statuses)
        path, before = rex(ask)
        answered = ask(f"PATCH {path}", PATCH, json.dumps([operation]).encode())
        assert answered.status == status
        assert fact in (header(answered, "tallystick-violations") or "")
        assert read(ask, path) == before


@pytest.mark.parametrize(
    ("operations", "fact"),
    [
        ([{"op": "copy", "from": "/toys", "path": "/toys/-"}] * 40, "may have 1,048,576 bytes together"),
        ([{"op": "copy", "from": "", "path": "/owner"}] * 600, "a resource has at most 100 levels"),
        ([{"op": "add", "path": "/owner" + "/a" * depth, "value": {}} for depth in range(600)], "at most 100 levels"),
    ],
)
def test_a_json_patch_that_grows_without_end_is_refused(operations: Any, fact: str) -> None:
    """Copies that double a list, and levels inside of levels, are refused; the resource stays as it was."""
    ask = mock(("404", "409"))
    path, before = rex(ask)
    refused = ask(f"PATCH {path}", PATCH, json.dumps(operations).encode())
    assert refused.status == 409
    assert fact in json.loads(refused.body)["detail"]
    assert read(ask, path) == before


@pytest.mark.parametrize("line", ["POST /pets", "PUT", "PATCH"])
def test_a_resource_that_is_too_deep_is_refused(line: str) -> None:
    """A 507 says so, also where a key is sent with it; what was kept before stays."""
    ask = mock()
    path, before = rex(ask)
    deep = b'{"name": "Rex", "owner": ' + b'{"name":' * 900 + b"1" + b"}" * 900 + b"}"
    fields = {**(MERGE if line == "PATCH" else JSON), "Idempotency-Key": "5ca1ab1e"}
    refused = ask(line if " " in line else f"{line} {path}", fields, deep)
    assert refused.status == 507
    assert "more than 100 levels" in json.loads(refused.body)["detail"]
    assert read(ask, path) == before


def test_a_put_replaces() -> None:
    """What could have been sent and was not is gone; what the server sets stays."""
    ask = mock()
    path, before = rex(ask)
    after = change(ask, f"PUT {path}", {"name": "Max"})
    assert read(ask, path) == after
    assert (after["name"], after["id"], after["created_at"]) == ("Max", before["id"], before["created_at"])
    assert "tag" not in after
    assert after["owner"] == before["owner"]  # no request says it


def test_a_post_on_the_item_changes_it() -> None:
    """As PATCH does, where the contract has it so."""
    source = {
        "paths": {
            "/pets/{petId}": {
                "parameters": [{"name": "petId", "in": "path", "required": True, "schema": {"type": "string"}}],
                "get": {"responses": {"200": reply(CHANGED)}},
                "post": {
                    "requestBody": {"content": {"application/x-www-form-urlencoded": {"schema": OPTIONAL}}},
                    "responses": {"200": reply(CHANGED)},
                },
            }
        }
    }
    ask = asker(contract(source))
    ask("POST /pets/4", {"Content-Type": "application/x-www-form-urlencoded"}, b"name=Rex&weight=3")
    assert {"name": "Rex", "weight": 3}.items() <= read(ask, "/pets/4").items()


def test_what_nobody_created_is_changed_from_its_example() -> None:
    """It is listed then, by its own id; a closed mock does not have it."""
    ask = mock()
    after = change(ask, "PATCH /pets/999", {"name": "Rex"})
    assert (after["id"], after["name"]) == (999, "Rex")
    assert read(ask, "/pets/999") == after
    assert read(ask, "/pets")[0] == after
    closed = mock(state=("closed",))
    assert closed("PATCH /pets/999", JSON, b'{"name": "Rex"}').status == 404


@pytest.mark.parametrize(("statuses", "expected"), [(("404",), 404), (("404", "201"), 201), ((), 200)])
def test_a_put_creates_where_that_is_documented(statuses: tuple[str, ...], expected: int) -> None:
    """What is not there is created with a 201, refused where only a 404 is documented, else created all the same."""
    ask = mock(statuses)
    path, _ = rex(ask)
    assert ask(f"DELETE {path}").status == 204
    assert ask(f"PUT {path}", JSON, b'{"name": "Max"}').status == expected
    assert ask(f"GET {path}", JSON).status == (404 if expected == 404 else 200)


def test_a_wish_or_a_fault_changes_nothing() -> None:
    """A reply that was asked for, or that goes wrong on purpose, leaves everything as it is."""
    ask = mock()
    path, before = rex(ask)
    for fields in ({"Prefer": "code=200"}, {"Tallystick-Fault": "503"}, {"Tallystick-Fault": "body=longest"}):
        ask(f"PATCH {path}", {**JSON, **fields}, b'{"name": "Max"}')
        assert read(ask, path) == before
    ask(f"PATCH {path}", {**JSON, "Tallystick-Fault": "latency=1ms"}, b'{"name": "Max"}')
    assert read(ask, path)["name"] == "Max"


def test_changes_that_meet_are_all_kept() -> None:
    """Each is made of what the others have left."""
    name = {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}
    item = {"type": "object", "properties": {each: {"type": "integer"} for each in "abcdefgh"}}
    paths = {
        "/things/{id}": {
            "parameters": [name],
            "get": {"responses": {"200": reply(item)}},
            "patch": {"requestBody": body(item), "responses": {"200": reply(item)}},
        }
    }
    app = create_app([contract({"paths": paths})], MockSettings())

    async def all_at_once() -> Any:
        lines = [request("PATCH /things/1", JSON, json.dumps({each: 7777}).encode()) for each in "abcdefgh"]
        await asyncio.gather(*(answer_of(app, line) for line in lines))
        return json.loads((await answer_of(app, request("GET /things/1", JSON))).body)

    assert asyncio.run(all_at_once()) == dict.fromkeys("abcdefgh", 7777)


def test_what_its_creation_alone_allows_does_not_keep_a_resource_as_it_is() -> None:
    """A creation may document other values than the item; what such a resource is changed to is kept all the same."""
    made = {"id": {"type": "integer"}, "kind": {"enum": ["limit", "stats"]}, "mail": {"type": "string"}}
    kept = {**made, "kind": {"enum": ["usage", "stats"]}}
    new, item = ({"type": "object", "properties": each, "required": ["kind", "mail"]} for each in (made, kept))
    name = {"name": "alertId", "in": "path", "required": True, "schema": {"type": "integer"}}
    part = {"type": "object", "properties": {"mail": {"type": "string"}}}
    paths = {
        "/alerts": {
            "get": {"responses": {"200": reply({"type": "array", "items": new})}},
            "post": {"requestBody": body(new), "responses": {"201": reply(new)}},
        },
        "/alerts/{alertId}": {
            "parameters": [name],
            "get": {"responses": {"200": reply(item)}},
            "patch": {"requestBody": body(part), "responses": {"200": reply(item)}},
        },
    }
    ask = asker(contract({"paths": paths}))
    path = f"/alerts/{create(ask, {'kind': 'limit', 'mail': 'a@b.example'}, '/alerts')['id']}"
    assert read(ask, path)["mail"] == "a@b.example"
    after = change(ask, f"PATCH {path}", {"mail": "c@d.example"})
    assert after["mail"] == read(ask, path)["mail"] == "c@d.example"
    (row,) = (row for row in read(ask, "/alerts") if row["mail"] == "c@d.example")
    assert row["kind"] == "limit"


def test_xml_changes_a_resource_as_json_does() -> None:
    """A body in XML says what it says in JSON, empty lists included."""
    pet = {
        "type": "object",
        "required": ["name"],
        "properties": {
            "id": {"type": "integer", "example": 10},
            "name": {"type": "string", "example": "doggie"},
            "urls": {"type": "array", "xml": {"wrapped": True}, "items": {"type": "string", "xml": {"name": "url"}}},
        },
        "xml": {"name": "pet"},
    }
    name = {"name": "petId", "in": "path", "required": True, "schema": {"type": "integer"}}
    xml = {"content": {"application/json": {"schema": pet}, "application/xml": {"schema": pet}}}
    item = {"parameters": [name], "get": {"responses": {"200": reply(pet)}}}
    paths = {
        "/pets": {"post": {"requestBody": xml, "responses": {"201": reply(pet)}}},
        "/pets/{petId}": {**item, "put": {"requestBody": xml, "responses": {"200": reply(pet)}}},
    }
    ask = asker(contract({"paths": paths}))
    sent = b"<pet><id>7</id><name>Rex</name><urls></urls></pet>"
    after = ask("PUT /pets/7", {"Host": "localhost:4010", "Content-Type": "application/xml"}, sent)
    assert (after.status, json.loads(after.body)) == (200, {"id": 7, "name": "Rex", "urls": []})
    assert read(ask, "/pets/7") == json.loads(after.body)
