"""Paths that say in words what is done: `/users/update/{id}`, `/users/bulk`."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml
from support.asking import Ask, asker, contract

SENT = {"Content-Type": "application/json"}
USER = {"type": "object", "required": ["name"], "properties": {"id": {"type": "integer"}, "name": {"type": "string"}}}
NEW = {"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}}}


def described(schema: Any) -> dict[str, Any]:
    """A body in JSON of a schema."""
    return {"description": "ok", "content": {"application/json": {"schema": schema}}}


def mock(more: dict[str, Any], **settings: Any) -> Ask:
    """A mock of users with more paths."""
    schemas = {"User": USER, "New": NEW}
    user = described({"$ref": "#/components/schemas/User"})
    users = described({"type": "array", "items": {"$ref": "#/components/schemas/User"}})
    item = {"get": {"responses": {"200": user, "404": {"description": "none"}}}}
    paths = {
        "/users": {"get": {"responses": {"200": users}}, "post": {"requestBody": user, "responses": {"201": user}}},
        "/users/{id}": item,
        **more,
    }
    for path, operations in paths.items():
        if "{id}" in path:
            operations["parameters"] = [{"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}]
    return asker(contract({"paths": paths, "components": {"schemas": schemas}}), **settings)


def ask_json(ask: Ask, line: str, value: Any = None) -> Any:
    """The value of the body that answers a request; None for no body."""
    response = ask(line, SENT, b"" if value is None else json.dumps(value).encode())
    assert response.status < 300, response.body
    return json.loads(response.body) if response.body else None


@pytest.mark.parametrize("before", ["/users/{verb}/{{id}}", "/users/{{id}}/{verb}"])
def test_a_verb_may_stand_before_the_id_or_after_it(before: str) -> None:
    """What is updated and deleted by such a path is so at the path of the user."""
    user = described({"$ref": "#/components/schemas/User"})
    update = {"put": {"requestBody": user, "responses": {"200": user}}}
    delete = {"delete": {"responses": {"204": {"description": "gone"}}}}
    update_path, delete_path = before.format(verb="update"), before.format(verb="delete")
    ask = mock({update_path: update, delete_path: delete}, state=("closed",))
    id = ask_json(ask, "POST /users", {"name": "Ann"})["id"]
    ask_json(ask, f"PUT {update_path.format(id=id)}", {"name": "Bo"})
    assert ask_json(ask, f"GET /users/{id}") == {"id": id, "name": "Bo"}
    assert ask_json(ask, "GET /users") == [{"id": id, "name": "Bo"}]
    ask_json(ask, f"DELETE {delete_path.format(id=id)}")
    assert ask(f"GET /users/{id}").status == 404
    assert ask_json(ask, "GET /users") == []


ROWS = "{type: array, items: {$ref: '#/components/schemas/User'}}"
OF_NEW = "{type: array, items: {$ref: '#/components/schemas/New'}}"


@pytest.mark.parametrize(
    ("path", "body", "answer", "is_wrapped"),
    [
        ("/users/bulk", ROWS, ROWS, False),
        ("/users/createWithList", OF_NEW, "{$ref: '#/components/schemas/User'}", False),
        ("/users/batch-create", f"{{type: object, properties: {{users: {ROWS}}}}}", "{type: object}", True),
    ],
)
def test_many_are_created_below_their_collection(path: str, body: str, answer: str, is_wrapped: bool) -> None:
    """Each of them is in the list and has a path of its own."""
    operation = {
        "requestBody": described(yaml.safe_load(body)),
        "responses": {"201": described(yaml.safe_load(answer))},
    }
    ask = mock({path: {"post": operation}}, state=("closed",))
    rows = [{"name": "Ann"}, {"name": "Bo"}]
    ask_json(ask, f"POST {path}", {"users": rows} if is_wrapped else rows)
    users = ask_json(ask, "GET /users")
    assert sorted(user["name"] for user in users) == ["Ann", "Bo"]
    assert [ask_json(ask, f"GET /users/{user['id']}") for user in users] == users


def test_of_many_that_are_created_none_gets_an_id_that_another_names() -> None:
    """The fresh id would have been the next one."""
    rows = yaml.safe_load(ROWS)
    ask = mock({"/users/bulk": {"post": {"requestBody": described(rows), "responses": {"201": described(rows)}}}})
    id = ask_json(ask, "POST /users", {"name": "Ann"})["id"]
    made = ask_json(ask, "POST /users/bulk", [{"name": "Bo"}, {"id": id + 1, "name": "Cy"}])
    assert [user["name"] for user in made] == ["Bo", "Cy"]
    assert made[0]["id"] != made[1]["id"] == id + 1
    assert {user["id"] for user in ask_json(ask, "GET /users")} >= {id, *(user["id"] for user in made)}


@pytest.mark.parametrize("path", ["/users/bulk-delete", "/users/bulk_update", "/users/search-list", "/users/notify"])
def test_what_does_something_else_to_many_creates_none(path: str) -> None:
    """The list is as it was."""
    operation = {"requestBody": described(yaml.safe_load(ROWS)), "responses": {"200": described({"type": "object"})}}
    ask = mock({path: {"post": operation}})
    before = ask_json(ask, "GET /users")
    ask_json(ask, f"POST {path}", [{"name": "Ann"}])
    assert ask_json(ask, "GET /users") == before
