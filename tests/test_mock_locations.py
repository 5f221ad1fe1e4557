"""Headers and members that say where a resource is lead to it on the mock."""

from __future__ import annotations

import json
from typing import Any

from support.asking import Ask, asker, contract, header

SERVER = "https://api.example.com/v2"
HOST = {"Host": "localhost:4010"}
SENT = {**HOST, "Content-Type": "application/json"}
PET = {
    "type": "object",
    "properties": {"id": {"type": "integer"}, "href": {"type": "string"}, "name": {"type": "string"}},
}


def reply(example: Any = None, **headers: Any) -> dict[str, Any]:
    """A documented reply with an example of a pet, or without a body, and with headers."""
    content = {} if example is None else {"content": {"application/json": {"schema": {}, "example": example}}}
    described = {
        name.replace("_", "-"): {"schema": {"type": "string"}, "example": each} for name, each in headers.items()
    }
    return {"description": "It", "headers": described, **content}


def mock(
    created: dict[str, Any], read: dict[str, Any] | None = None, listed: dict[str, Any] | None = None, **settings: Any
) -> Ask:
    """A mock of pets on a server with a base path: what creates one, what reads one, and what lists them."""
    name = {"name": "petId", "in": "path", "required": True, "schema": {"type": "integer"}, "example": 12}
    body = {"content": {"application/json": {"schema": {"type": "object", "properties": {"id": {"type": "integer"}}}}}}
    item = {"parameters": [name], "get": {"responses": {"200": read or reply()}}}
    pets = {
        "post": {"requestBody": body, "responses": {"201": created}},
        "get": {"responses": {"200": listed or reply()}},
    }
    source = {"servers": [{"url": SERVER}], "paths": {"/pets": pets, "/pets/{petId}": item}}
    return asker(contract(source, "shop"), **settings)


def test_the_location_of_what_is_created_is_on_the_mock() -> None:
    """It has the id in the reply, the `Host` of the request, and the prefix under which it was asked."""
    ask = mock(reply({"id": 3}, Location="https://example.com/elsewhere", Content_Location="/x"))
    for prefix in ("", "/v2", "/shop"):
        response = ask(f"POST {prefix}/pets", SENT, b'{"id": 8}')
        assert header(response, "location") == f"http://localhost:4010{prefix}/pets/8"
        assert header(response, "content-location") == f"http://localhost:4010{prefix}/pets/8"
        assert ask(f"GET {prefix}/pets/8", HOST).status == 200


def test_a_location_without_a_body_has_an_id_of_the_contract() -> None:
    """Where the reply says no id, the location has the one that the contract gives as an example."""
    ask = mock(reply(Location="text"), stateless=True)
    assert header(ask("POST /pets", SENT, b"{}"), "location") == "http://localhost:4010/pets/12"


def test_a_location_that_leads_to_another_operation_stays_there() -> None:
    """An example on the servers of the contract leads to the mock, one elsewhere is left alone."""
    for location, expected in (
        (f"{SERVER}/pets/4?x=1", "http://localhost:4010/pets/4?x=1"),
        ("https://a.example/b", ""),
    ):
        paths = {
            "/jobs": {"post": {"responses": {"202": reply(Location=location)}}},
            "/pets/{id}": {"get": {"responses": {"200": reply()}}},
        }
        ask = asker(contract({"servers": [{"url": SERVER}], "paths": paths}))
        assert header(ask("POST /jobs", HOST), "location") == (expected or location)


def test_the_address_of_a_resource_is_its_own_on_the_mock() -> None:
    """`href` and `self` lead to the resource, also inside links; other addresses of the API lead to the mock too."""
    example = {
        "id": 1,
        "href": "https://example.com/x",
        "_links": {"self": {"href": f"{SERVER}/pets/1"}},
        "owner_url": f"{SERVER}/pets",
    }
    ask = mock(reply(), reply(example))
    read = json.loads(ask("GET /pets/7", HOST).body)
    assert read["href"] == "http://localhost:4010/pets/7"
    assert read["_links"] == {"self": {"href": "http://localhost:4010/pets/7"}}
    assert read["owner_url"] == "http://localhost:4010/pets"


def test_the_address_of_a_row_has_the_id_of_the_row() -> None:
    """A row that has an address of the API leads to itself; pictures and other sites are left alone."""
    rows = [{"id": number, "url": f"{SERVER}/pets/1", "image_url": "https://cdn.example/1.png"} for number in (3, 4)]
    listed = json.loads(mock(reply(), None, reply({"rows": rows}))("GET /pets", HOST).body)
    assert [row["url"] for row in listed["rows"]] == ["http://localhost:4010/pets/3", "http://localhost:4010/pets/4"]
    assert listed["rows"][0]["image_url"] == "https://cdn.example/1.png"


def test_a_relative_address_stays_relative() -> None:
    """It gets the prefix of the request, so that a client may join it with the address that it asked."""
    ask = mock(reply(), reply({"id": 1, "href": "/pets/1"}))
    assert json.loads(ask("GET /shop/pets/7", HOST).body)["href"] == "/shop/pets/7"


def test_a_link_says_which_member_the_item_is_found_by() -> None:
    """The link from the reply that creates to the operation that reads gives the value for the path."""
    created = reply({"key": {"code": "k1"}, "id": 5}, Location="x")
    created["links"] = {"get": {"operationId": "read", "parameters": {"petId": "$response.body#/key/code"}}}
    name = {"name": "petId", "in": "path", "required": True, "schema": {"type": "string"}}
    item = {"parameters": [name], "get": {"operationId": "read", "responses": {"200": reply()}}}
    paths = {"/pets": {"post": {"responses": {"201": created}}}, "/pets/{petId}": item}
    ask = asker(contract({"paths": paths}), stateless=True)
    assert header(ask("POST /pets", HOST), "location") == "http://localhost:4010/pets/k1"
