"""The id of a resource, by what a contract says of it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from support.asking import asker, contract

from tallystick.resources.resources import Resource, Role, resources_of

TEXT = {"type": "string"}
NUMBER = {"type": "integer"}


def resource(item: str, members: dict[str, Any], shown: Any = None, **parameter: Any) -> Resource:
    """The resource at an item's path, with members of its schema, and a path parameter that is a text by default."""
    name = item.rpartition("{")[2].strip("}")
    content: dict[str, Any] = {"schema": {"type": "object", "properties": members}}
    if shown is not None:
        content["example"] = shown
    read = {"responses": {"200": {"description": "It", "content": {"application/json": content}}}}
    gone = {"responses": {"204": {"description": "Gone"}}}
    own = {"name": name, "in": "path", "required": True, "schema": TEXT, **parameter}
    (only,) = resources_of(contract({"paths": {item: {"parameters": [own], "get": read, "delete": gone}}})).resources
    return only


@pytest.mark.parametrize(
    ("item", "members", "way"),
    [
        ("/pets/{petId}", {"name": TEXT, "id": TEXT}, ("id",)),
        ("/pets/{petId}", {"id": NUMBER, "petId": TEXT}, ("petId",)),
        ("/calls/{CallSid}", {"sid": TEXT, "to": TEXT}, ("sid",)),
        ("/users/{username}", {"id": NUMBER, "login": TEXT}, ("login",)),
        ("/issues/{issue_number}", {"id": NUMBER, "number": NUMBER}, ("number",)),
        ("/pages/{slug}", {"id": NUMBER, "slug": TEXT}, ("slug",)),
        (
            "/pods/{name}",
            {"kind": TEXT, "metadata": {"type": "object", "properties": {"name": TEXT}}},
            ("metadata", "name"),
        ),
        ("/members/{user_id}", {"rank": TEXT, "user": {"type": "object", "properties": {"id": TEXT}}}, ("user", "id")),
        (
            "/members/{username}",
            {"rank": TEXT, "user": {"type": "object", "properties": {"login": TEXT}}},
            ("user", "login"),
        ),
        ("/logsink/{logsink_id}", {"sink_id": TEXT, "kind": TEXT}, ("sink_id",)),
        ("/floating_ips/{floating_ip}", {"ip": TEXT, "region": TEXT}, ("ip",)),
        ("/burgers/{burgerId}", {"name": TEXT, "price": NUMBER}, ("name",)),
        ("/tasks/{id}", {"pk": NUMBER, "title": TEXT}, ("pk",)),
        ("/tasks/{pk}", {"id": NUMBER, "title": TEXT}, ("id",)),
        ("/weather/{place}", {"degrees": NUMBER}, ()),
    ],
)
def test_the_id_is_found_by_names(item: str, members: dict[str, Any], way: tuple[str, ...]) -> None:
    """The member whose name goes with that of the parameter is the id; none where no name does."""
    assert resource(item, members).id_way == way


def test_a_number_is_no_id_where_the_path_has_a_text() -> None:
    """Of two members with usual names, the one of the parameter's type is the id."""
    members = {"id": NUMBER, "login": TEXT}
    assert resource("/orgs/{org}", members).id_way == ("login",)
    assert resource("/orgs/{org}", members, schema=NUMBER).id_way == ("id",)


def test_the_own_address_of_an_example_tells_the_id() -> None:
    """The member whose value ends the address of the resource in its example is the id."""
    members = {"id": NUMBER, "code": TEXT, "url": TEXT}
    example = {"id": 7, "code": "k-17", "url": "https://api.example.com/v1/kits/k-17"}
    assert resource("/kits/{kit}", members, example).id_way == ("code",)


def test_an_example_of_the_parameter_tells_the_id() -> None:
    """The only member with the example of the path parameter is the id."""
    members = {"id": NUMBER, "tag": TEXT}
    assert resource("/kits/{kit}", members, {"id": 7, "tag": "k-17"}, example="k-17").id_way == ("tag",)


def test_a_link_tells_the_id() -> None:
    """The member that a link of the response passes to the item's path is the id."""
    schema = {"type": "object", "properties": {"id": TEXT, "code": TEXT}}
    link = {"operationId": "getKit", "parameters": {"kit": "$response.body#/code"}}
    content = {"application/json": {"schema": schema}}
    read = {
        "operationId": "getKit",
        "responses": {"200": {"description": "It", "content": content, "links": {"a": link}}},
    }
    (kit,) = resources_of(
        contract({"paths": {"/kits/{kit}": {"get": read, "delete": {"responses": {"204": {"description": ""}}}}}})
    ).resources
    assert kit.id_way == ("code",)


def test_rows_may_say_the_id_where_the_item_does_not() -> None:
    """A list whose rows are ids, or have them, says so in a way of its own."""
    item = {"type": "object", "properties": {"size": NUMBER}}

    def listed(row: Any) -> Resource:
        def answers(schema: Any) -> dict[str, Any]:
            return {"responses": {"200": {"description": "", "content": {"application/json": {"schema": schema}}}}}

        paths = {"/files": {"get": answers({"type": "array", "items": row})}, "/files/{name}": {"get": answers(item)}}
        (only,) = resources_of(contract({"paths": paths})).resources
        return only

    named = listed({"type": "object", "properties": {"name": TEXT}})
    assert (named.id_ways.get(Role.READ), named.id_ways[Role.LIST]) == (None, ("name",))
    assert listed(TEXT).id_ways[Role.LIST] == ()


@pytest.mark.parametrize(
    ("item", "shown", "sent", "way"),
    [
        ("/pools/{pool_name}", {"pool_name": TEXT}, {"name": TEXT}, ("name",)),
        ("/users/{user_id}", {"id": TEXT, "name": TEXT}, {"user_id": TEXT}, ("user_id",)),
        ("/users/{user_id}", {"id": TEXT, "name": TEXT}, {"name": TEXT}, ()),
        ("/users/{user_id}", {"id": TEXT, "name": TEXT}, {"id": TEXT, "name": TEXT}, ("id",)),
        ("/domains/{domain}", {"id": TEXT, "domain_name": TEXT}, {"domain_name": TEXT}, ()),
    ],
)
def test_the_id_may_be_called_otherwise_where_it_is_sent(
    item: str, shown: dict[str, Any], sent: dict[str, Any], way: tuple[str, ...]
) -> None:
    """What is sent to create a resource may call its id as the parameter is called, or by the last word of that."""

    def body(members: dict[str, Any]) -> dict[str, Any]:
        return {"content": {"application/json": {"schema": {"type": "object", "properties": members}}}}

    created = {"requestBody": body(sent), "responses": {"201": {"description": "Created", **body(shown)}}}
    read = {"get": {"responses": {"200": {"description": "It", **body(shown)}}}}
    (only,) = resources_of(contract({"paths": {item.rpartition("/")[0]: {"post": created}, item: read}})).resources
    assert only.sent_id_way == way


ISSUES = {
    "type": "object",
    "required": ["id", "key"],
    "properties": {"id": TEXT, "key": {"type": "string", "example": "ED-24"}, "title": TEXT},
}


def test_a_resource_may_be_called_by_something_else_than_its_id() -> None:
    """Where a parameter is issueIdOrKey, what was created is read, changed and deleted by its key as by its id."""
    content = {"content": {"application/json": {"schema": ISSUES}}}
    sent = {"content": {"application/json": {"schema": {"type": "object", "properties": {"title": TEXT}}}}}
    shown = {"200": {"description": "It", **content}, "404": {"description": "None"}}
    gone = {"204": {"description": "Gone"}, "404": {"description": "None"}}
    source = contract(
        {
            "paths": {
                "/issue": {"post": {"requestBody": sent, "responses": {"201": {"description": "It", **content}}}},
                "/issue/{issueIdOrKey}": {
                    "get": {"responses": shown},
                    "put": {"requestBody": sent, "responses": shown},
                    "delete": {"responses": gone},
                },
            }
        }
    )
    (issue,) = resources_of(source).resources
    assert (issue.id_way, issue.alias_ways) == (("id",), [("key",)])
    ask, json_type = asker(source), {"Content-Type": "application/json"}
    created = json.loads(ask("POST /issue", json_type, b'{"title": "New"}').body)
    by_key = f"/issue/{created['key']}"
    assert json.loads(ask(f"GET {by_key}").body) == created
    assert json.loads(ask(f"PUT {by_key}", json_type, b'{"title": "Old"}').body)["title"] == "Old"
    assert json.loads(ask(f"GET /issue/{created['id']}").body)["title"] == "Old"
    assert (ask(f"DELETE {by_key}").status, ask(f"GET /issue/{created['id']}").status) == (204, 404)
