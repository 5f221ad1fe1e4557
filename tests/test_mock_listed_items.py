"""An item of a documented list is served at its own id."""

from __future__ import annotations

import json
from typing import Any

import pytest
from support.asking import asker, contract

from tallystick.mock.tailoring.lists.edit import filled

JSON_TYPE = {"Content-Type": "application/json"}


def value(document: str, line: str, body: Any = None) -> Any:
    """The value of the reply to a request."""
    sent = (JSON_TYPE, json.dumps(body).encode()) if body is not None else ()
    reply = asker(contract(document))(line, *sent)
    assert reply.status == 200, reply
    return json.loads(reply.body)


PETS = """
    components:
      schemas:
        Pet:
          type: object
          required: [id, name]
          properties: {id: {type: integer}, name: {type: string}, tag: {type: string}, age: {type: integer}}
    paths:
      /pets:
        get:
          responses:
            '200':
              description: Pets
              content:
                application/json:
                  schema: {type: array, items: {$ref: '#/components/schemas/Pet'}}
                  example: [{id: 1, name: Rex}, {id: 2, name: Tom, tag: cat}, {id: 3, name: Ann}]
      /pets/{petId}:
        parameters: [{name: petId, in: path, required: true, schema: {type: integer}}]
        get: &item
          responses:
            '200': {description: Pet, content: {application/json: {schema: {$ref: '#/components/schemas/Pet'}}}}
        patch:
          requestBody: {content: {application/json: {schema: {type: object}}}}
          responses:
            '200': {description: Pet, content: {application/json: {schema: {$ref: '#/components/schemas/Pet'}}}}
"""


def test_a_row_is_served_at_its_id() -> None:
    """Each row of the list's example is the whole item at its id; another id gets another item, with that id."""
    assert value(PETS, "GET /pets/2") == {"id": 2, "name": "Tom", "tag": "cat"}
    assert value(PETS, "GET /pets/3") == {"id": 3, "name": "Ann"}
    other = value(PETS, "GET /pets/77")
    assert other["id"] == 77
    assert other["name"] not in ("Rex", "Tom", "Ann")


def test_a_change_of_a_row_starts_from_the_row() -> None:
    """The reply to a PATCH is the row with the members of the request."""
    assert value(PETS, "PATCH /pets/2", {"tag": "dog"}) == {"id": 2, "name": "Tom", "tag": "dog"}


ORDERS = """
    paths:
      /orders:
        get:
          responses:
            '200':
              description: Orders
              content:
                application/json:
                  schema:
                    type: object
                    properties:
                      meta: {type: array, items: {type: object}}
                      orders:
                        type: array
                        items: {type: object, properties: {number: {type: string}, total: {type: integer}}}
                  example: {meta: [{number: a-1}], orders: [{number: a-1, total: 5}, {number: a/2, total: 7}]}
      /orders/{number}:
        get:
          parameters: [{name: number, in: path, required: true, schema: {type: string}}]
          responses:
            '200':
              description: Order
              content:
                application/json:
                  schema:
                    type: object
                    required: [order]
                    properties:
                      order:
                        type: object
                        required: [number, total, state]
                        properties:
                          number: {type: string}
                          total: {type: integer}
                          state: {enum: [open]}
                          note: {type: string}
"""


def test_a_row_stands_in_the_envelope_of_the_item() -> None:
    """What a row of another schema lacks is generated, and it goes where the item is in its reply."""
    for number, total in (("a-1", 5), ("a%2F2", 7)):
        order = value(ORDERS, f"GET /orders/{number}")["order"]
        assert (order["total"], order["state"]) == (total, "open")
        assert "note" in order


OWN = """
    paths:
      /users:
        get:
          responses:
            '200': {description: Users, content: {application/json: {example: [{login: ann}, {login: bob, age: 3}]}}}
      /users/{username}:
        get:
          parameters: [{name: username, in: path, required: true, schema: {type: string}}]
          responses:
            '200':
              description: User
              content: {application/json: {example: {login: ann, bio: Writes.}}}
"""


def test_the_own_example_of_an_item_goes_before_its_row() -> None:
    """The author's example of the item is served at its own id, and mixed into no other."""
    assert value(OWN, "GET /users/ann") == {"login": "ann", "bio": "Writes."}
    assert value(OWN, "GET /users/bob") == {"login": "bob", "age": 3}


GENERATED = PETS.replace("example: [{id: 1, name: Rex}, {id: 2, name: Tom, tag: cat}, {id: 3, name: Ann}]", "")


def test_a_generated_row_is_served_at_its_id() -> None:
    """A detail view shows what the list shows, also where the rows are generated."""
    rows = value(GENERATED, "GET /pets")
    assert rows
    for row in rows:
        assert value(GENERATED, f"GET /pets/{row['id']}") == row


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_path_without_a_list_has_no_rows(method: str) -> None:
    """Where the path above an item has no list, the item is as it was."""
    document = f"""
        paths:
          /pets:
            {method}: {{responses: {{'200': {{description: No list, content: {{application/json: {{example: 1}}}}}}}}}}
          /pets/{{id}}:
            get:
              parameters: [{{name: id, in: path, required: true, schema: {{type: integer}}}}]
              responses:
                '200': {{description: Pet, content: {{application/json: {{example: {{id: 1, name: Rex}}}}}}}}
    """
    assert value(document, "GET /pets/2") == {"id": 2, "name": "Rex"}


def test_an_id_goes_before_a_name() -> None:
    """A row is found by each member that may identify it; where one row's name is another's key, the key counts."""
    document = """
        paths:
          /licenses:
            get:
              responses:
                '200':
                  description: Licenses
                  content: {application/json: {example: [{key: mit, name: MIT License}, {key: zero, name: mit}]}}
          /licenses/{key}:
            get:
              parameters: [{name: key, in: path, required: true, schema: {type: string}}]
              responses:
                '200': {description: License, content: {application/json: {example: {key: gpl, name: GPL}}}}
    """
    assert value(document, "GET /licenses/mit") == {"key": "mit", "name": "MIT License"}
    named = document.replace("{key}", "{license}").replace("name: key, in", "name: license, in")
    assert value(named, "GET /licenses/zero") == {"key": "zero", "name": "mit"}


def test_a_list_is_made_once_for_itself_and_its_items(monkeypatch: pytest.MonkeyPatch) -> None:
    """The rows that a list was answered with are those that its items are looked up in."""
    row = {"type": "object", "required": ["id"], "properties": {"id": {"type": "integer"}}}

    def gives(value: Any) -> Any:
        return {"200": {"description": "It", "content": {"application/json": {"schema": value}}}}

    item = {"parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}]}
    paths = {
        "/pets": {"get": {"responses": gives({"type": "array", "items": row})}},
        "/pets/{id}": {"get": {**item, "responses": gives(row)}},
    }
    ask, made = asker(contract({"paths": paths})), []

    def noted(operation: Any, *rest: Any) -> Any:
        made.append(operation.path)
        return filled(operation, *rest)

    monkeypatch.setattr("tallystick.mock.tailoring.lists.edit.filled", noted)
    rows = json.loads(ask("GET /pets").body)
    assert json.loads(ask(f"GET /pets/{rows[2]['id']}").body) == rows[2]
    assert made == ["/pets", "/pets/{id}"]
