"""Places that a diff looks at in ways of their own: sequences of items, wide objects, what no request can have."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest
from support.asking import contract

from tallystick.diff.run import compare
from tallystick.nouns.change import Change, Grade

TODAY = date(2026, 1, 1)
CODE = {"type": "object", "properties": {"code": {"type": "string", "maxLength": 9}}}
LONG_CODE = {"type": "object", "properties": {"code": {"type": "string"}}}


def changes(old: dict[str, Any], new: dict[str, Any]) -> list[Change]:
    return compare(contract(old, "old"), contract(new, "new"), TODAY)


def streaming(media_type: str, body: dict[str, Any]) -> dict[str, Any]:
    """A contract whose response is a sequence of items."""
    response = {"description": "Events", "content": {media_type: body}}
    return {"openapi": "3.2.0", "paths": {"/events": {"get": {"responses": {"200": response}}}}}


@pytest.mark.parametrize("key", ["schema", "itemSchema"])
@pytest.mark.parametrize("media_type", ["application/jsonl", "application/x-ndjson", "application/json-seq"])
def test_an_item_of_a_sequence(media_type: str, key: str) -> None:
    """A change in the items of a sequence, by a `schema` or an `itemSchema`, is shown by a sequence."""
    [change] = changes(streaming(media_type, {key: CODE}), streaming(media_type, {key: LONG_CODE}))
    assert (change.rule, change.where) == ("response-max-length-widened", "response.200.body/0/code")
    assert change.witness is not None
    assert change.witness.reason.startswith("response.body/0/code: ")


def test_an_item_that_a_request_sends() -> None:
    """A change in the items that a request sends as a sequence is breaking."""

    def sent(schema: dict[str, Any]) -> dict[str, Any]:
        body = {"content": {"application/x-ndjson": {"schema": schema}}}
        return {"paths": {"/events": {"post": {"requestBody": body, "responses": {"204": {"description": "Kept"}}}}}}

    [change] = changes(sent(LONG_CODE), sent(CODE))
    assert (change.rule, change.where) == ("request-max-length-narrowed", "body/0/code")
    assert change.witness is not None


def test_each_property_of_a_wide_object_is_shown_alone() -> None:
    """The witness of a property of a wide object has that one and what is required, so that many are told soon."""

    def wide(most: int) -> dict[str, Any]:
        properties: dict[str, Any] = {f"p{number}": {"type": "string", "maxLength": most} for number in range(80)}
        schema = {"type": "object", "required": ["p0"], "properties": properties}
        content = {"application/json": {"schema": schema}}
        return {"paths": {"/wide": {"post": {"requestBody": {"content": content}, "responses": {}}}}}

    told = changes(wide(9), wide(5))
    assert len(told) == 80
    last = next(change for change in told if change.where == "body/p79")
    assert last.witness is not None
    assert [*json.loads(last.witness.exchange.request.body)] == ["p0", "p79"]


def test_a_path_parameter_that_its_path_lacks() -> None:
    """A parameter of the path that the template lacks is in no request; what its schema allows decides."""

    def lacking(least: int) -> dict[str, Any]:
        parameter = {"name": "id", "in": "path", "required": True, "schema": {"type": "integer", "minimum": least}}
        return {"paths": {"/pets": {"get": {"parameters": [parameter], "responses": {}}}}}

    assert [(each.rule, each.grade) for each in changes(lacking(1), lacking(9))] == [
        ("request-minimum-narrowed", Grade.BREAKING)
    ]
    assert [(each.rule, each.grade) for each in changes(lacking(9), lacking(1))] == [
        ("request-minimum-widened", Grade.INFO)
    ]


def test_a_keyword_of_another_type() -> None:
    """A keyword that judges no value of its type breaks nobody, and the message says so."""

    def bounded(most: int) -> dict[str, Any]:
        parameter = {"name": "names", "in": "query", "schema": {"type": "string", "maxItems": most}}
        return {"paths": {"/pets": {"get": {"parameters": [parameter], "responses": {}}}}}

    [change] = changes(bounded(20), bounded(10))
    assert change.grade is Grade.INFO
    assert change.message == ("query.names: maxItems was 20 and is 10, which says nothing of the type string")
