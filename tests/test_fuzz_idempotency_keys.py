"""Each made-up request has an idempotency key of its own, so that it is judged for what it says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from support.asking import contract
from support.fuzzing import found, fuzz, written

from tallystick.fuzz.idempotency_keys import IdempotencyKeys
from tallystick.fuzz.known_values import given_values
from tallystick.fuzz.settings import IN_PROCESS, Settings

API = contract(
    """
    paths:
      /orders:
        post:
          parameters: [{name: Idempotency-Key, in: header, required: true, schema: {type: string, minLength: 8}}]
          requestBody:
            required: true
            content: {application/json: {schema: {type: object, required: [n], properties: {n: {type: integer}}}}}
          responses: {'201': {description: Made.}, '400': {description: Bad.}, '409': {description: Used.}}
      /codes:
        post:
          parameters: [{name: Idempotency-Key, in: header, schema: {type: string, pattern: '^k[0-9]{6}$'}}]
          responses: {'201': {description: Made.}}
    """
)
SETTINGS = Settings(IN_PROCESS, "", 1, tuple(each.label for each in API))


@pytest.mark.parametrize(
    ("label", "fields", "changes"),
    [
        ("POST /orders", {"idempotency-key": "abcdefgh"}, True),
        ("POST /orders", {"Idempotency-Key": "short"}, False),  # breaks the contract, which is what is tried
        ("POST /orders", {}, False),
        ("POST /codes", {"Idempotency-Key": "k000001"}, True),
        ("GET /orders", {"Idempotency-Key": "abcdefgh"}, False),
    ],
)
def test_a_valid_key_is_replaced_by_another_valid_one(label: str, fields: dict[str, str], changes: bool) -> None:
    """A key that breaks the contract stays, and so does a request without one."""
    keys = IdempotencyKeys(API, SETTINGS)
    first, second = keys.fresh(label, fields), keys.fresh(label, fields)
    assert (first != second) == changes
    assert bool(first) == changes
    assert first.keys() == (fields.keys() if changes else set())


def test_a_key_of_the_user_s_stays() -> None:
    """What `--set` gives is sent as it is."""
    given = tuple(given_values(API, "--set", ["Idempotency-Key=abcdefgh"]))
    keys = IdempotencyKeys(API, Settings(IN_PROCESS, "", 1, SETTINGS.selected, values=given))
    assert keys.fresh("POST /orders", {"Idempotency-Key": "abcdefgh"}) == {}


def test_a_crash_at_an_edge_is_found_though_a_key_may_be_used_once(tmp_path: Path) -> None:
    """A server that refuses another request with a known key gets each request under a key that it does not know."""
    amount = {"type": "object", "required": ["amount"], "properties": {"amount": {"type": "integer", "maximum": 5000}}}
    key = {"name": "Idempotency-Key", "in": "header", "required": True, "schema": {"type": "string", "minLength": 8}}
    responses = {status: {"description": "What came of it."} for status in ("201", "400", "409", "422")}
    body = {"required": True, "content": {"application/json": {"schema": amount}}}
    operation = {"parameters": [key], "requestBody": body, "responses": responses}
    used: dict[str, bytes] = {}

    def status_of(scope: Any, body: bytes) -> int:
        sent = dict(scope["headers"]).get(b"idempotency-key", b"").decode("latin-1")
        if len(sent) < 8:
            return 400
        if used.setdefault(sent, body) != body:
            return 409
        try:
            amount = json.loads(body)["amount"]
        except (ValueError, KeyError, TypeError):
            return 422
        is_whole = isinstance(amount, (int, float)) and not isinstance(amount, bool) and amount == int(amount)
        return 422 if not is_whole or amount > 5000 else 500 if amount == 5000 else 201

    async def application(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            raise RuntimeError("only HTTP is served")
        body = (await receive()).get("body", b"")
        is_there = (scope["method"], scope["path"]) == ("POST", "/orders")
        status = status_of(scope, body) if is_there else 405
        await send({"type": "http.response.start", "status": status, "headers": [(b"allow", b"POST")]})
        await send({"type": "http.response.body", "body": b""})

    outcome = fuzz(application, written(tmp_path, {"/orders": {"post": operation}}))
    assert ("not-a-server-error", "POST /orders") in found(outcome)
