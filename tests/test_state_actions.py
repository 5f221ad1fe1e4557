"""What is done to several resources at once, and by a word: emptied collections, arrays of new ones, actions."""

from __future__ import annotations

import json
from typing import Any

import pytest
from support.asking import Ask, asker, contract

ORDERS = """
    paths:
      /orders:
        get:
          parameters:
            - {name: status, in: query, schema: {type: string}}
            - {name: tag, in: query, schema: {type: string}}
          responses: {'200': {$ref: '#/components/responses/Orders'}}
        post:
          requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/New'}}}}
          responses: {'201': {$ref: '#/components/responses/Order'}}
        delete:
          parameters:
            - {name: status, in: query, schema: {type: string}}
            - {name: tag, in: query, schema: {type: string}}
            - {name: ids, in: query, schema: {type: array, items: {type: integer}}}
          responses: {'204': {description: Gone}}
      /orders/{orderId}:
        parameters: [{name: orderId, in: path, required: true, schema: {type: integer}}]
        get:
          responses:
            '200': {$ref: '#/components/responses/Order'}
            '404': {description: None}
      /orders/{orderId}/lines:
        parameters: [{name: orderId, in: path, required: true, schema: {type: integer}}]
        get: {responses: {'200': {description: Lines}, '404': {description: None}}}
      /orders/{orderId}/ACTION:
        parameters: [{name: orderId, in: path, required: true, schema: {type: integer}}]
        post:
          requestBody: {content: {application/json: {schema: {type: object, properties: {reason: {type: string}}}}}}
          responses:
            'STATUS': {$ref: '#/components/responses/Order'}
    components:
      responses:
        Order: {description: Shown, content: {application/json: {schema: {$ref: '#/components/schemas/Order'}}}}
        Orders: {description: Shown, content: {application/json: {schema: {$ref: '#/components/schemas/Orders'}}}}
      schemas:
        New: {type: object, required: [item], properties: {item: {type: string}, status: {type: string}}}
        Order:
          type: object
          required: [id, item, status]
          properties:
            id: {type: integer, example: 1}
            item: {type: string, example: Pen}
            status: {type: string, enum: [open, cancelled, published], example: open}
            archived: {type: boolean, example: false}
            locked: {type: boolean, example: true}
            reason: {type: string, example: none}
        Orders: {type: array, items: {$ref: '#/components/schemas/Order'}}
"""
JSON_BODY = {"Content-Type": "application/json"}


def shop(action: str = "cancel", status: int = 200, **settings: Any) -> Ask:
    """A mock of some orders that can be acted on."""
    return asker(contract(ORDERS.replace("ACTION", action).replace("STATUS", str(status))), **settings)


def value(ask: Ask, line: str, body: object = None) -> Any:
    """What a request is answered with."""
    return json.loads(ask(line, JSON_BODY if body is not None else {}, json.dumps(body).encode() if body else b"").body)


def ids(ask: Ask, query: str = "") -> list[int]:
    """The ids that the list has."""
    return [row["id"] for row in value(ask, f"GET /orders{query}")]


def created(ask: Ask, *items: str) -> list[int]:
    """The ids of some orders that are created."""
    return [value(ask, "POST /orders", {"item": item})["id"] for item in items]


def test_a_collection_that_is_deleted_is_empty() -> None:
    """DELETE on a collection deletes all in it, what was created and what is documented, with what is below."""
    ask = shop()
    made = created(ask, "Ink", "Cup")
    assert set(made) < set(ids(ask))
    assert ask("DELETE /orders").status == 204
    assert ids(ask) == []
    assert [ask(f"GET /orders/{id}").status for id in made] == [404, 404]
    assert ask(f"GET /orders/{made[0]}/lines").status == 404
    (again,) = created(ask, "Mug")
    assert ids(ask) == [again]


def test_a_deletion_that_names_some_leaves_the_others() -> None:
    """DELETE on a collection that says which ones, by their ids or by a member, deletes no other."""
    ask = shop(state=("closed",))
    first, second, third = created(ask, "Ink", "Cup", "Mug")
    ask(f"DELETE /orders?ids={first}")
    assert ids(ask) == [third, second]
    ask("DELETE /orders?status=cancelled")
    assert ids(ask) == [third, second]
    ask(f"POST /orders/{second}/cancel")
    ask("DELETE /orders?status=cancelled")
    assert ids(ask) == [third]


def test_a_deletion_that_says_what_cannot_be_told_deletes_nothing() -> None:
    """A selector that the list has, and no member of the resource is called so, may mean any of them."""
    ask = shop(state=("closed",))
    (made,) = created(ask, "Ink")
    assert ask("DELETE /orders?tag=x").status == 204
    assert ids(ask) == [made]


@pytest.mark.parametrize(
    ("action", "member", "after"),
    [
        ("cancel", "status", "cancelled"),
        ("publish", "status", "published"),
        ("archive", "archived", True),
        ("unlock", "locked", False),
    ],
)
def test_an_action_is_kept(action: str, member: str, after: object) -> None:
    """What the word of an action says of the resource is in its answer, and in the resource from then on."""
    ask = shop(action)
    (made,) = created(ask, "Ink")
    before = value(ask, f"GET /orders/{made}")
    answered = value(ask, f"POST /orders/{made}/{action}", {"reason": "lost"})
    assert answered == {**before, member: after, "reason": "lost"}
    assert value(ask, f"GET /orders/{made}") == answered


def test_an_action_on_what_is_gone_is_refused() -> None:
    """Nothing can be done to what is not there."""
    ask = shop(state=("closed",))
    assert ask("POST /orders/7/cancel").status == 404


def test_what_makes_another_resource_is_no_action() -> None:
    """A 201 says that something was created, so that the resource above it stays."""
    ask = shop("cancel", 201)
    (made,) = created(ask, "Ink")
    ask(f"POST /orders/{made}/cancel", JSON_BODY, b'{"reason": "lost"}')
    assert value(ask, f"GET /orders/{made}")["status"] == "open"


MANY = """
    paths:
      /rules:
        get: {responses: {'200': {$ref: '#/components/responses/Rules'}}}
        post:
          requestBody: {content: {application/json: {schema: SENT}}}
          responses: {'201': {$ref: '#/components/responses/Rules'}}
      /rules/{ruleId}:
        parameters: [{name: ruleId, in: path, required: true, schema: {type: integer}}]
        get:
          responses:
            '200': {$ref: '#/components/responses/Rule'}
            '404': {description: None}
    components:
      responses:
        Rule: {description: Shown, content: {application/json: {schema: {$ref: '#/components/schemas/Rule'}}}}
        Rules: {description: Shown, content: {application/json: {schema: {$ref: '#/components/schemas/Rules'}}}}
      schemas:
        New: {type: object, required: [ip], properties: {ip: {type: string}}}
        News: {type: array, items: {$ref: '#/components/schemas/New'}}
        Rule: {type: object, required: [id, ip], properties: {id: {type: integer}, ip: {type: string}}}
        Rules: {type: array, items: {$ref: '#/components/schemas/Rule'}}
"""
NEWS = "{$ref: '#/components/schemas/News'}"
IN_BODY = f"{{type: object, properties: {{ips: {NEWS}}}}}"


@pytest.mark.parametrize(("sent", "name"), [(NEWS, ""), (IN_BODY, "ips")])
def test_an_array_creates_several(sent: str, name: str) -> None:
    """Each item of an array that is sent to a collection is created with an id of its own, and answered with."""
    ask = asker(contract(MANY.replace("SENT", sent)))
    rows = [{"ip": "10.0.0.1"}, {"ip": "10.0.0.2"}]
    answered = value(ask, "POST /rules", {name: rows} if name else rows)
    assert [row["ip"] for row in answered] == ["10.0.0.1", "10.0.0.2"]
    first, second = (row["id"] for row in answered)
    assert first != second
    assert value(ask, f"GET /rules/{second}") == {"id": second, "ip": "10.0.0.2"}
    assert {first, second} < {row["id"] for row in value(ask, "GET /rules")}


def test_one_of_either_may_be_sent() -> None:
    """Where a body is one resource or an array of them, each is created as it is sent."""
    either = "{oneOf: [{$ref: '#/components/schemas/New'}, {$ref: '#/components/schemas/News'}]}"
    ask = asker(contract(MANY.replace("SENT", either)))
    value(ask, "POST /rules", [{"ip": "10.0.0.1"}, {"ip": "10.0.0.2"}])
    value(ask, "POST /rules", {"ip": "10.0.0.3"})
    listed = [row["ip"] for row in value(ask, "GET /rules")]
    assert listed[:3] == ["10.0.0.3", "10.0.0.2", "10.0.0.1"]


@pytest.mark.parametrize("method", ["put", "patch", "post"])
@pytest.mark.parametrize(("member", "is_kept"), [("status", True), ("amount", False), ("lines", False)])
def test_a_member_that_the_path_names_is_kept_whatever_the_answer_is(method: str, member: str, is_kept: bool) -> None:
    """`PUT /orders/7/status` changes the status; what is no plain member of the order changes nothing."""
    item = {
        "type": "object",
        "properties": {
            "id": {"type": "integer"},
            "status": {"type": "string", "example": "open"},
            "lines": {"type": "array", "items": {"type": "string"}, "example": ["pen"]},
        },
    }
    kinds = {"status": {"type": "string"}, "amount": {"type": "integer"}, "lines": {"type": "string"}}
    sent = {"type": "object", "properties": {member: kinds[member]}}
    parameter = {"name": "orderId", "in": "path", "required": True, "schema": {"type": "integer"}}
    shown = {"200": {"description": "One", "content": {"application/json": {"schema": item}}}}
    change = {
        "requestBody": {"content": {"application/json": {"schema": sent}}},
        "responses": {"204": {"description": "Done"}},
    }
    paths = {
        "/orders/{orderId}": {"parameters": [parameter], "get": {"responses": shown}},
        f"/orders/{{orderId}}/{member}": {"parameters": [parameter], method: change},
    }
    ask = asker(contract({"paths": paths}))
    before = value(ask, "GET /orders/7")
    body = {member: 5 if member == "amount" else "shipped"}
    response = ask(f"{method.upper()} /orders/7/{member}", JSON_BODY, json.dumps(body).encode())
    assert (response.status, response.body) == (204, b"")
    assert value(ask, "GET /orders/7") == (before | body if is_kept else before)
