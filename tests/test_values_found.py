"""A value that exists is found, also where the first one that comes to mind does not fit."""

from __future__ import annotations

from typing import Any

import pytest
from support.asking import asker, contract
from support.values import RESPONSE, TEXT, WHOLE, generated, ref, schema

from tallystick.examples.samples import generate

AUTHOR = {"type": "object", "required": ["id"], "properties": {"id": TEXT, "name": TEXT}}
TWINS = {"oneOf": [AUTHOR, dict(AUTHOR)]}
OPEN: dict[str, Any] = {"type": "object"}
NEVER: dict[str, Any] = {"not": {}}

FOUND: dict[str, tuple[dict[str, Any], Any]] = {
    "an optional property that nothing fits": ({"type": "object", "properties": {"x": TWINS, "y": WHOLE}}, {"y": 1}),
    "items that nothing fits": (
        {"type": "object", "properties": {"included": {"type": "array", "items": TWINS}}},
        {"included": []},
    ),
    "required items that nothing fits, in an optional list": (
        {"type": "object", "properties": {"included": {"type": "array", "minItems": 1, "items": TWINS}}},
        {},
    ),
    "far down": (
        {"type": "array", "items": {**OPEN, "required": ["o"], "properties": {"o": {"properties": {"x": TWINS}}}}},
        [{"o": {}}, {"o": {}}],
    ),
    "a map whose values nothing fits": ({"type": "object", "additionalProperties": TWINS}, {}),
    "a branch beside it": ({"required": ["x"], "properties": {"x": {"anyOf": [TWINS, {"type": "null"}]}}}, {"x": None}),
    "a property that is forbidden": ({"type": "object", "properties": {"x": NEVER, "y": WHOLE}}, {"y": 1}),
    "a property that is false": ({"type": "object", "properties": {"x": False, "y": WHOLE}}, {"y": 1}),
    "no other properties": ({"type": "object", "additionalProperties": NEVER}, {}),
    "no items": ({"type": "array", "items": False}, []),
    "items that nothing fits at all": ({"type": "array", "items": NEVER}, []),
    "a first item alone": ({"type": "array", "prefixItems": [WHOLE, NEVER], "items": WHOLE}, [1]),
    "a property that forbids itself": ({**OPEN, "properties": {"a": WHOLE}, "dependentSchemas": {"a": False}}, {}),
    "a property that brings too many": (
        {
            "type": "object", "properties": {"a": WHOLE}, "additionalProperties": False,
            "dependentSchemas": {"a": {"minProperties": 3}},
        },
        {},
    ),
    "a property that names the whole object": (
        {"type": "object", "required": ["a"], "dependentSchemas": {"a": {"enum": [{"a": [5]}]}}},
        {"a": [5]},
    ),
    "an item that is evaluated by contains alone": (
        {"type": "array", "prefixItems": [TEXT], "contains": {"const": 3}, "unevaluatedItems": False, "minItems": 2},
        ["text 1", 3],
    ),
    "an item that fits one branch of contains": (
        {"type": "array", "contains": {"oneOf": [{"maximum": 9}, {"type": "integer", "minimum": 0}]}},
        None,
    ),
    "two that contains wants, at the only places for them": (
        {
            "type": "array", "prefixItems": [{}, {"const": 2}],
            "allOf": [{"contains": {"type": "integer"}}, {"contains": {"const": 1}}],
        },
        None,
    ),
    "objects that differ, without properties": (
        {"type": "array", "items": {"type": "object"}, "minItems": 3, "uniqueItems": True},
        None,
    ),
    "a property that no other schema evaluates": (
        {"not": {"anyOf": [True, {"properties": {"a": True}}], "unevaluatedProperties": False}},
        None,
    ),
    "an object that differs from an empty one": (
        {"type": "object", "not": {"if": {"type": "null"}, "else": {"const": {}}}},
        None,
    ),
    "two choices between as many branches": (
        {
            "properties": {"a": WHOLE, "b": WHOLE, "c": WHOLE},
            "allOf": [
                {"oneOf": [{"required": ["a"]}, {"required": ["b"]}]},
                {"oneOf": [{"required": ["c"]}, {"required": ["a"]}]},
            ],
        },
        None,
    ),
    "a property that makes a required one impossible": (
        {
            "type": "object", "required": ["b"], "properties": {"a": TEXT, "b": WHOLE},
            "dependentSchemas": {"a": {"properties": {"b": False}}},
        },
        {"b": 1},
    ),
    "a property that needs an impossible one": (
        {"properties": {"a": TEXT, "b": TEXT, "c": False}, "dependentRequired": {"a": ["b"], "b": ["c"]}},
        {},
    ),
    "more properties than there are words": ({"type": "object", "minProperties": 90}, None),
}  # fmt: skip


@pytest.mark.parametrize("case", FOUND)
def test_a_value_that_exists_is_found(case: str) -> None:
    """What nothing fits is left out where it may be, and the rest is kept."""
    wanted, expected = FOUND[case]
    judged = schema(wanted)
    value = generate(judged, RESPONSE)
    assert judged.is_valid(value, RESPONSE)
    assert expected is None or value == expected


@pytest.mark.parametrize("version", ["3.0.3", "3.1.0"])
def test_the_mock_answers_where_twin_branches_fit_nothing(version: str) -> None:
    """A list whose items can fit no `oneOf` is empty in the mock's reply."""
    items = {"oneOf": [ref("Author"), ref("Author")]}
    body = {"type": "object", "properties": {"included": {"type": "array", "items": items}, "id": WHOLE}}
    response = {"description": "d", "content": {"application/json": {"schema": body}}}
    document = {
        "openapi": version,
        "info": {"title": "T", "version": "1"},
        "paths": {"/": {"get": {"operationId": "ask", "responses": {"200": response}}}},
        "components": {"schemas": {"Author": AUTHOR}},
    }
    answer = asker(contract(document))("GET /")
    assert (answer.status, answer.body) == (200, b'{"included":[],"id":1}')


def test_a_large_search_ends() -> None:
    """Many properties, each with branches that nothing fits, are all left out; what is left is given."""
    properties = {
        f"p{number}": {"type": "object", "required": ["x"], "properties": {"x": TWINS}} for number in range(60)
    }
    assert generated({"type": "object", "properties": {**properties, "n": WHOLE}}) == {"n": 1}
