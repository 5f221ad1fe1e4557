"""Values are made within bounds: what a schema asks beyond these is told, and takes neither time nor memory."""

from __future__ import annotations

import time
from typing import Any

import pytest
from support.asking import asker, contract, header, operation, schema

from tallystick.examples.requests import example_request
from tallystick.examples.samples import Unsatisfiable, generate
from tallystick.nouns import budgets
from tallystick.nouns.schema import Direction

MANY = 10**9
TOO_LONG = r"texts of more than 2,000,000 characters in all are required, the last of them at "
ALTERNATIVES = "|".join(f"a{n}" for n in range(3000))


def array(least: int, items: Any = None, **more: Any) -> dict[str, Any]:
    return {"type": "array", "minItems": least, **({} if items is None else {"items": items}), **more}


def text(least: int, **more: Any) -> dict[str, Any]:
    return {"type": "string", "minLength": least, **more}


@pytest.mark.parametrize(
    ("described", "reason"),
    [
        (text(MANY), TOO_LONG + "the top"),
        (text(10**400), TOO_LONG + "the top"),
        (text(MANY, maxLength=MANY + 5, format="email"), TOO_LONG + "the top"),
        ({"allOf": [text(5), text(MANY)]}, TOO_LONG + "the top"),
        (array(1000, text(100_000)), TOO_LONG + "/20"),
        ({"type": "string", "pattern": "^a{30000}$"}, "no string was found that fits at the top"),
        ({"type": "string", "pattern": "^(a{600}){1000}$"}, "no string was found that fits at the top"),
        (text(100_000, pattern="^[a-z]*$"), "no string was found that fits at the top"),
        (array(MANY), "more than 20,000 items are required at the top"),
        (array(1, array(MANY, {"type": "boolean"})), "more than 20,000 items are required at /0"),
        ({"type": "array", "contains": {}, "minContains": MANY}, "more than 20,000 items are required at the top"),
        (array(200, array(200, {"type": "integer"})), "what is required up to /99/99 has more than 20,000 parts"),
        ({"type": "object", "minProperties": MANY}, "more than 20,000 properties are required at the top"),
        ({"type": "object", "required": [f"p{n}" for n in range(30_000)]}, "more than 20,000 properties are required"),
        ({"type": "object", "minProperties": 2, "propertyNames": text(MANY)}, "no more properties can be added"),
        ({"type": "string", "pattern": "".join(f"(?=.*{n})" for n in range(60))}, "no string was found"),
        (array(500, {"type": "string", "pattern": ALTERNATIVES}), "none was found within 25,000 steps"),
        ({"anyOf": [array(MANY - n) for n in range(50)]}, "more than 20,000 items are required at the top"),
    ],
)
def test_what_is_too_large_is_not_made(described: Any, reason: str) -> None:
    """Beyond a number of parts or characters no value is made, and the reason says which bound was met."""
    before = time.process_time()
    with pytest.raises(Unsatisfiable, match=f"no value could be made for .*: {reason}"):
        generate(schema(described), Direction.REQUEST)
    assert time.process_time() - before < 10


@pytest.mark.parametrize(
    "described",
    [
        text(1_000_000),
        array(10_000, {"type": "integer"}),
        {"type": "object", "minProperties": 2_000},
        {"type": "object", "properties": {f"p{n}": {"type": "string"} for n in range(20_000)}},
        {"type": "object", "required": ["p0"], "dependentRequired": {f"p{n}": [f"p{n + 1}"] for n in range(500)}},
        {"type": "number", "allOf": [{"multipleOf": step} for step in (1e-300, 3.3e-250, 7, 1e300)]},
        {"type": "integer", "multipleOf": 10**400, "minimum": 1},
        {"type": "number", "minimum": 10**400},
        {"anyOf": [array(MANY), text(MANY), {"type": "integer"}]},
        {"type": "string", "pattern": "^[a-f]{2000}$"},
        {"type": "string", "pattern": ALTERNATIVES},
    ],
)
def test_what_is_merely_large_is_made(described: Any) -> None:
    """A large value, and a number of any size, is made if it can be had within the bounds."""
    made = schema(described)
    before = time.process_time()
    assert made.is_valid(generate(made, Direction.REQUEST), Direction.REQUEST)
    assert time.process_time() - before < 10


def test_no_more_is_tried_after_so_many_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """All attempts together are bounded, whatever there is left to try."""
    monkeypatch.setattr(budgets, "VALUE_STEPS", 100)
    with pytest.raises(Unsatisfiable, match="none was found within 100 steps, the last of them at /99"):
        generate(schema(array(200, {"type": "integer"})), Direction.REQUEST)


HUGE = """
    paths:
      /texts:
        post:
          requestBody: {required: true, content: {application/json: {schema: {type: string, minLength: 1000000000}}}}
          responses:
            '200': {description: A text, content: {application/json: {schema: {type: string, minLength: 1000000000}}}}
"""


def test_an_operation_whose_values_are_too_large_says_so() -> None:
    """No request is made, which names the place and the bound; a reply says that its body does not fit, each time."""
    with pytest.raises(Unsatisfiable, match=TOO_LONG):
        example_request(operation(HUGE))
    ask = asker(contract(HUGE.replace("required: true, ", "")))
    for _ in range(2):
        reply = ask("POST /texts")
        assert (reply.status, reply.body) == (200, b"null")
        assert "null stands here; expected a string" in header(reply, "tallystick-violations")


def test_a_pattern_of_a_million_states_is_not_judged() -> None:
    """The engine would take 90 MB for it, for each schema around it, and hours for a long text: it is told instead."""
    made = schema({"type": "string", "pattern": "((a{100}){100}){100}"})
    assert [fault.keyword for fault in made.faults] == ["pattern"]
    assert made.is_valid("a" * 2_000_000, Direction.REQUEST)
