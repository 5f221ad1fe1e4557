"""Lists below what their items belong to, where the items have a path of their own: a shop of posts and comments."""

from __future__ import annotations

import json
from typing import Any

import pytest
from support.asking import Ask, asker, contract

COMMENTS = """
    paths:
      /posts/{post_number}/comments:
        parameters: [{name: post_number, in: path, required: true, schema: {type: integer}}]
        get: {responses: {'200': {$ref: '#/components/responses/Comments'}}}
        post:
          requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/New'}}}}
          responses: {'201': {$ref: '#/components/responses/Comment'}}
      /posts/comments:
        get: {responses: {'200': {$ref: '#/components/responses/Comments'}}}
      /posts/comments/{commentId}:
        parameters: [{name: commentId, in: path, required: true, schema: {type: integer}}]
        get: {responses: {'200': {$ref: '#/components/responses/Comment'}, '404': {description: None}}}
        delete: {responses: {'204': {description: Gone}}}
    components:
      responses:
        Comment: {description: One, content: {application/json: {schema: {$ref: '#/components/schemas/Comment'}}}}
        Comments: {description: All, content: {application/json: {schema: {$ref: '#/components/schemas/Comments'}}}}
      schemas:
        New: {type: object, required: [body], properties: {body: {type: string}}}
        Comment:
          type: object
          required: [id, body]
          properties: {id: {type: integer}, body: {type: string}, REFERENCE}
        Comments: {type: array, items: {$ref: '#/components/schemas/Comment'}}
"""
NUMBER = "post_number: {type: integer, example: 9}"
KEY = "postId: {type: integer, example: 9}"
NOUN = "post: {type: integer, example: 9}"
ADDRESS = "post_url: {type: string, format: uri, example: 'https://api.example.com/posts/9'}"


def posts(reference: str) -> Ask:
    """A mock in which nothing is but what is created."""
    return asker(contract(COMMENTS.replace("REFERENCE", reference)), state=("closed",))


def create(ask: Ask, post: int, body: str) -> Any:
    """A comment that is created below a post."""
    sent = json.dumps({"body": body}).encode()
    return json.loads(ask(f"POST /posts/{post}/comments", {"Content-Type": "application/json"}, sent).body)


def bodies(ask: Ask, path: str) -> list[str]:
    """The texts of the comments in a list."""
    return [row["body"] for row in json.loads(ask(f"GET {path}").body)]


@pytest.mark.parametrize(
    ("reference", "member", "value"),
    [(NUMBER, "post_number", 1), (KEY, "postId", 1), (NOUN, "post", 1), (ADDRESS, "post_url", "/posts/1")],
)
def test_what_is_created_below_something_is_read_at_its_own_path(reference: str, member: str, value: object) -> None:
    """It says what it belongs to, is in the list of that and of all, in no other, and gone from both when deleted."""
    ask = posts(reference)
    first, second = create(ask, 1, "one"), create(ask, 2, "two")
    assert str(first[member]).endswith(str(value))
    read = json.loads(ask(f"GET /posts/comments/{first['id']}").body)
    assert read["body"] == "one"
    assert str(read[member]).endswith(str(value))
    assert bodies(ask, "/posts/1/comments") == ["one"]
    assert bodies(ask, "/posts/2/comments") == ["two"]
    assert bodies(ask, "/posts/3/comments") == []
    assert sorted(bodies(ask, "/posts/comments")) == ["one", "two"]
    ask(f"DELETE /posts/comments/{second['id']}")
    assert bodies(ask, "/posts/2/comments") == []
    assert bodies(ask, "/posts/comments") == ["one"]


def test_without_a_member_that_says_it_nobody_can_tell() -> None:
    """Where items do not say what they belong to, those of another path are not taken for them."""
    ask = posts("tag: {type: string}")
    made = create(ask, 1, "one")
    assert ask(f"GET /posts/comments/{made['id']}").status == 404


ORDERS = """
    paths:
      /customers/{customerId}/orders:
        parameters: [{name: customerId, in: path, required: true, schema: {type: integer}}]
        get: {responses: {'200': {$ref: '#/components/responses/Orders'}}}
        post:
          requestBody: {content: {application/json: {schema: {type: object, properties: {total: {type: integer}}}}}}
          responses: {'201': {$ref: '#/components/responses/Order'}}
      /orders:
        get: {responses: {'200': {$ref: '#/components/responses/Orders'}}}
        post:
          requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/NewOrder'}}}}
          responses: {'201': {$ref: '#/components/responses/Order'}}
      /orders/{id}:
        parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
        get: {responses: {'200': {$ref: '#/components/responses/Order'}, '404': {description: None}}}
    components:
      responses:
        Order: {description: One, content: {application/json: {schema: {$ref: '#/components/schemas/Order'}}}}
        Orders:
          description: All
          content: {application/json: {schema: {type: array, items: {$ref: '#/components/schemas/Order'}}}}
      schemas:
        NewOrder: {type: object, properties: {total: {type: integer}, REFERENCE}}
        Order: {type: object, required: [id], properties: {id: {type: integer}, total: {type: integer}, REFERENCE}}
"""


@pytest.mark.parametrize(
    ("reference", "sent"),
    [
        ("customerId: {type: integer}", {"customerId": 3}),
        ("customer: {type: integer}", {"customer": 3}),
        ("customer: {type: object, properties: {id: {type: integer}, name: {type: string}}}", {"customer": {"id": 3}}),
    ],
)
def test_what_is_created_at_a_path_elsewhere_is_below_what_its_body_names(
    reference: str, sent: dict[str, object]
) -> None:
    """The list below a customer has its orders, whether these were created there or said so in their bodies."""
    ask = asker(contract(ORDERS.replace("REFERENCE", reference)), state=("closed",))
    headers = {"Content-Type": "application/json"}
    ask("POST /orders", headers, json.dumps({"total": 1, **sent}).encode())
    ask("POST /customers/3/orders", headers, b'{"total": 2}')
    ask("POST /customers/4/orders", headers, b'{"total": 3}')
    totals = {path: [row["total"] for row in json.loads(ask(f"GET {path}").body)] for path in PATHS}
    assert totals == {"/customers/3/orders": [2, 1], "/customers/4/orders": [3], "/orders": [3, 2, 1]}


PATHS = ("/customers/3/orders", "/customers/4/orders", "/orders")
