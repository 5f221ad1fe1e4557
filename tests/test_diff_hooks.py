"""What a diff says of webhooks and callbacks: a client reads them, so what may be sent anew is breaking."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from support.asking import contract

from tallystick.diff.run import compare
from tallystick.nouns.change import Change, Grade

TODAY = date(2026, 1, 1)
LOOSE: Any = {"type": "object", "properties": {"id": {"type": "string"}}}
STRICT: Any = {**LOOSE, "required": ["id"]}


def hook(schema: Any) -> dict[str, Any]:
    body = {"required": True, "content": {"application/json": {"schema": schema}}}
    return {"post": {"requestBody": body, "responses": {"200": {"description": "Taken"}}}}


def webhook(schema: Any) -> dict[str, Any]:
    return {"paths": {}, "webhooks": {"sold": hook(schema)}}


def callback(schema: Any) -> dict[str, Any]:
    operation = {
        "responses": {"202": {"description": "Later"}},
        "callbacks": {"sold": {"{$request.body#/url}": hook(schema)}},
    }
    return {"paths": {"/orders": {"post": operation}}}


def changes(old: dict[str, Any], new: dict[str, Any]) -> list[Change]:
    return compare(contract(old, "old"), contract(new, "new"), TODAY)


@pytest.mark.parametrize(("make", "label"), [(webhook, "webhook sold"), (callback, "POST /orders")])
def test_a_webhook_that_may_lack_a_property_is_breaking(make: Any, label: str) -> None:
    """A webhook or callback whose property is required no more breaks who reads it, with the request as its witness."""
    (change,) = changes(make(STRICT), make(LOOSE))
    assert (change.rule, change.grade, change.operation) == ("webhook-required-widened", Grade.BREAKING, label)
    assert change.witness is not None
    assert change.witness.exchange.request.body == b"{}"


@pytest.mark.parametrize("make", [webhook, callback])
def test_a_webhook_that_always_has_a_property_breaks_nobody(make: Any) -> None:
    """What a webhook or callback has always from now on is a piece of information."""
    (change,) = changes(make(LOOSE), make(STRICT))
    assert (change.rule, change.grade) == ("webhook-required-narrowed", Grade.INFO)


def test_a_callback_that_is_gone() -> None:
    """A callback that is sent no more is breaking, and a new one is not."""
    without = {"paths": {"/orders": {"post": {"responses": {"202": {"description": "Later"}}}}}}
    assert [each.rule for each in changes(callback(LOOSE), without)] == ["callback-removed"]
    assert [each.rule for each in changes(without, callback(LOOSE))] == ["callback-added"]
