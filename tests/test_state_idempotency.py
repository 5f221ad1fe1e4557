"""A request with an idempotency key gets the first answer to it, whatever was changed since."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from typing import Any

import pytest
from support.asking import Ask, answer_of, asker, contract, header, request

from tallystick.mock.app import create_app
from tallystick.nouns.exchange import Request, Response

ORDER = {
    "type": "object",
    "required": ["id", "item"],
    "properties": {"id": {"type": "string", "format": "uuid", "readOnly": True}, "item": {"type": "string"}},
}
KEY = {"name": "Idempotency-Key", "in": "header", "schema": {"type": "string"}}


def shop(*refusals: str, key: dict[str, Any] | None = KEY, path: str = "/orders") -> dict[str, Any]:
    """A contract of orders that are made with a key; some statuses refuse."""
    body = {"application/json": {"schema": ORDER}}
    responses: dict[str, Any] = {"201": {"description": "Made", "content": body}}
    responses |= {status: {"description": f"No ({status})"} for status in refusals}
    one = {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}
    create = {"parameters": [key] if key else [], "requestBody": {"content": body}, "responses": responses}
    return {
        "paths": {
            path: {"post": create},
            "/orders/{id}": {
                "parameters": [one],
                "get": {"responses": {"200": {"description": "One", "content": body}, "404": {"description": "None"}}},
                "delete": {"responses": {"204": {"description": "Gone"}}},
            },
        }
    }


def make(ask: Ask, item: str, key: str, name: str = "Idempotency-Key", **headers: str) -> Response:
    """Ask for an order with a key."""
    fields = {name: key, "Content-Type": "application/json", **headers}
    return ask("POST /orders", fields, json.dumps({"item": item}).encode())


def test_the_same_request_gets_the_first_answer() -> None:
    """The same key with the same body gets status, headers and body of the first answer, though it is gone by now."""
    ask = asker(contract(shop("409")))
    first = make(ask, "book", "k1")
    ask(f"DELETE /orders/{json.loads(first.body)['id']}")
    again = make(ask, "book", "k1")
    assert (again.status, again.headers, again.body) == (first.status, first.headers, first.body)
    assert first.status == 201
    assert ask(f"GET /orders/{json.loads(first.body)['id']}").status == 404


def test_the_same_value_is_the_same_body() -> None:
    """A body of JSON is the same however it is written."""
    ask = asker(contract(shop()))
    fields = {"Idempotency-Key": "k1", "Content-Type": "application/json"}
    bodies = [ask("POST /orders", fields, text).body for text in (b'{"item":"book"}', b'{ "item": "book" }')]
    assert bodies[0] == bodies[1]


@pytest.mark.parametrize(
    ("documented", "status"),
    [(("422", "409", "400"), 422), (("409", "400"), 409), (("400",), 400), ((), 422), (("404",), 422), (("4XX",), 409)],
)
def test_another_body_is_refused(documented: Sequence[str], status: int) -> None:
    """The same key with another body is refused as the contract documents it, and stays that of the first."""
    ask = asker(contract(shop(*documented)))
    first = make(ask, "book", "key-1")
    refused = make(ask, "pen", "key-1")
    assert refused.status == status
    assert "idempotency-key-reused" in (header(refused, "tallystick-violations") or "")
    assert make(ask, "book", "key-1").body == first.body


def test_an_example_of_a_key_is_anybodys() -> None:
    """Where no refusal is documented, another body with the contract's own example of a key is answered anew."""
    ask = asker(contract(shop(key={**KEY, "example": "8e03978e-40d5"})))
    first = make(ask, "book", "8e03978e-40d5")
    assert make(ask, "pen", "8e03978e-40d5").status == 201
    assert make(ask, "book", "8e03978e-40d5").body == first.body


def test_the_words_of_the_contract_decide() -> None:
    """Of several refusals the one that speaks of the key is that for another body."""
    source = shop("409", "422")
    source["paths"]["/orders"]["post"]["responses"]["409"]["description"] = "The idempotency key was used before"
    ask = asker(contract(source))
    make(ask, "book", "k1")
    assert make(ask, "pen", "k1").status == 409


def test_a_key_is_of_its_session() -> None:
    """Another session may use the same key for another body."""
    ask = asker(contract(shop()))
    assert make(ask, "book", "k1").status == 201
    assert make(ask, "pen", "k1", **{"Tallystick-Session": "other"}).status == 201


def test_what_the_gate_refuses_is_not_kept() -> None:
    """A request that breaks the contract leaves its key free."""
    ask = asker(contract(shop("400")))
    fields = {"Idempotency-Key": "k1", "Content-Type": "application/json"}
    assert ask("POST /orders", fields, b"{}").status == 400
    assert make(ask, "book", "k1").status == 201


@pytest.mark.parametrize("name", ["X-Idempotency-Key", "Idempotence-Key"])
def test_other_names_of_the_key(name: str) -> None:
    """A header that is called like it is a key, too."""
    ask = asker(contract(shop("409", key={**KEY, "name": name})))
    first = make(ask, "book", "k1", name)
    assert make(ask, "book", "k1", name).body == first.body
    assert make(ask, "pen", "k1", name).status == 409


def test_a_client_may_send_a_key_by_itself() -> None:
    """A POST with `Idempotency-Key` is made once though the contract does not document the header."""
    ask = asker(contract(shop("409", key=None)))
    first = make(ask, "book", "k1")
    assert make(ask, "book", "k1").body == first.body
    assert make(ask, "pen", "k1").status == 409


def test_an_empty_key_is_none() -> None:
    """Without a key each request is answered for itself."""
    ask = asker(contract(shop("409")))
    assert make(ask, "book", "").status == make(ask, "pen", "").status == 201


def test_an_action_is_done_once() -> None:
    """A POST that creates nothing is answered once for a key as well."""
    source = shop("409")
    source["paths"]["/orders/{id}/cancel"] = {"post": source["paths"]["/orders"]["post"]}
    source["paths"]["/orders/{id}/cancel"]["parameters"] = source["paths"]["/orders/{id}"]["parameters"]
    ask = asker(contract(source))
    fields = {"Idempotency-Key": "k1", "Content-Type": "application/json"}
    first = ask("POST /orders/1/cancel", fields, b'{"item":"a"}')
    assert ask("POST /orders/1/cancel", fields, b'{"item":"a"}').body == first.body
    assert ask("POST /orders/1/cancel", fields, b'{"item":"b"}').status == 409
    assert ask("POST /orders/2/cancel", fields, b'{"item":"a"}').status == 409


def test_without_state_a_key_says_nothing() -> None:
    """With `--stateless` nothing is remembered, keys neither."""
    ask = asker(contract(shop("409")), stateless=True)
    assert make(ask, "book", "k1").status == make(ask, "pen", "k1").status == 201


def test_two_at_once_are_answered_once() -> None:
    """Of two requests with one key at the same time one is executed, and both get its answer."""
    app = create_app([contract(shop("409"))])
    fields = {"Idempotency-Key": "k1", "Content-Type": "application/json"}
    sent: Request = request("POST /orders", fields, b'{"item":"book"}')

    async def both() -> list[Response]:
        return await asyncio.gather(*(answer_of(app, sent) for _ in range(8)))

    replies = asyncio.run(both())
    assert len({reply.body for reply in replies}) == 1
    assert {reply.status for reply in replies} == {201}
