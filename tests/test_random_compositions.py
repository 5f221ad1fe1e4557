"""A value is found for schemas in which keywords are combined at random, each known to have a value.

Beside those of `test_random_schemas.py`: `oneOf` with twins, `not`, `if`, dependent schemas, `contains` with bounds,
properties by patterns, and what stays unevaluated.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import jsonschema_rs
import pytest
from support.values import RESPONSE, schema

from tallystick.examples.samples import Unsatisfiable, generate

WORDS = ["a", "bb", "cat", "2024-01-01", "x1", "Zed", "long words here", ""]
NAMES = ["a", "b", "c", "dd", "e"]
PATTERNS = ["", "^[a-z]", "[a-z]$", "^.{0,15}$", "^[A-Za-z ]*$", r"\d", "^(a|bb|cat)$", "^[^x]*$", r"^\w+$"]
KINDS = {bool: "boolean", int: "integer", float: "number", str: "string", list: "array", dict: "object"}
COMPOSITIONS = ("anyOf", "oneOf", "allOf", "not", "if")


def fits(wanted: Any, value: Any) -> bool:
    return jsonschema_rs.Draft202012Validator(wanted).is_valid(value)


class Maker:
    """Makes values, and schemas that a given value fits."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def is_chosen(self, probability: float) -> bool:
        return self.random.random() < probability

    def value(self, depth: int = 2) -> Any:
        kind = self.random.random()
        if depth and kind < 0.25:
            return [self.value(depth - 1) for _ in range(self.random.randint(0, 3))]
        if depth and kind < 0.65:
            return {name: self.value(depth - 1) for name in self.random.sample(NAMES, self.random.randint(0, 4))}
        number = self.random.uniform(-20, 50)
        return self.random.choice([None, number < 0, int(number), round(number, 2), self.random.choice(WORDS)])

    def keywords(self, value: Any, depth: int) -> Iterator[tuple[str, Any]]:
        """Keywords about one type of value; the value fits most of them."""
        slack = self.random.randint(0, 2)
        if isinstance(value, str):
            yield "minLength", max(len(value) - slack, 0)
            yield "maxLength", len(value) + slack
            yield "pattern", self.random.choice(PATTERNS)
        elif isinstance(value, int) and not isinstance(value, bool):
            yield "minimum", value - slack
            yield "multipleOf", self.random.choice([1, 2, 5, 7])
        elif isinstance(value, float):
            yield "exclusiveMaximum", value + slack + 0.1
        elif isinstance(value, list):
            yield from self.array_keywords(value, depth, slack)
        elif isinstance(value, dict):
            yield from self.object_keywords(value, depth, slack)

    def array_keywords(self, value: list[Any], depth: int, slack: int) -> Iterator[tuple[str, Any]]:
        yield "minItems", max(len(value) - slack, 0)
        yield "maxItems", len(value) + slack
        yield "uniqueItems", True
        if value and depth:
            yield "prefixItems", [self.schema(item, depth - 1) for item in value[: self.random.randint(1, len(value))]]
            yield "items", {"anyOf": [self.schema(item, 0) for item in value]}
            yield "contains", self.schema(self.random.choice(value), depth - 1)
            yield "minContains", self.random.randint(0, 3)
            yield "maxContains", self.random.randint(1, 3)
        yield "unevaluatedItems", False

    def object_keywords(self, value: dict[str, Any], depth: int, slack: int) -> Iterator[tuple[str, Any]]:
        yield "minProperties", max(len(value) - slack, 0)
        yield "maxProperties", len(value) + slack
        yield "required", [name for name in value if self.is_chosen(0.5)]
        described = {name: self.schema(item, depth - 1) if depth else True for name, item in value.items()}
        described |= {self.random.choice(NAMES): False} if self.is_chosen(0.2) else {}
        yield "properties", described
        yield "patternProperties", {self.random.choice(["^[ab]", "c$", "dd"]): self.schema(self.value(1), 0)}
        yield "additionalProperties", self.is_chosen(0.3)
        yield "propertyNames", {"maxLength": self.random.randint(1, 3)}
        yield "dependentRequired", {self.random.choice(NAMES): self.random.sample(NAMES, 1)}
        yield "dependentSchemas", {self.random.choice(NAMES): self.schema(self.value(1), 0) if depth else False}
        yield "unevaluatedProperties", False

    def composition(self, keyword: str, value: Any, depth: int) -> dict[str, Any]:
        """A composition that the value may fit."""
        inner, other = self.schema(value, depth - 1), self.schema(self.value(1), 0)
        if keyword == "if":
            return {"if": self.schema(self.random.choice([value, self.value(1)]), 0), "then": inner, "else": other}
        if keyword == "not":
            return {"not": other}
        branches = [inner, self.schema(value, 0) if keyword == "allOf" else other, self.schema(self.value(1), 0)]
        if keyword == "oneOf" and self.is_chosen(0.3):
            branches += [other, other]
        self.random.shuffle(branches)
        return {keyword: branches[:2] if keyword == "allOf" else branches}

    def schema(self, value: Any, depth: int = 2) -> dict[str, Any]:
        """A schema that the value fits: keywords that it does not fit are left out again."""
        wanted: dict[str, Any] = {"type": KINDS.get(type(value), "null")} if self.is_chosen(0.5) else {}
        for keyword, operand in self.keywords(value, depth):
            if self.is_chosen(0.5) and fits({**wanted, keyword: operand}, value):
                wanted[keyword] = operand
        if self.is_chosen(0.08):
            wanted["enum"] = [value, self.value(0)]
        for keyword in COMPOSITIONS if depth else ():
            if self.is_chosen(0.3):
                more = {**wanted, **self.composition(keyword, value, depth)}
                wanted = more if fits(more, value) else wanted
        return wanted


@pytest.mark.parametrize("start", range(0, 600, 100))
def test_a_value_of_a_composition_is_found(start: int) -> None:
    """In all but very few random compositions a value is found, and each value that is found fits."""
    not_found = []
    for seed in range(start, start + 100):
        maker = Maker(seed)
        wanted = maker.schema(maker.value())
        try:
            assert fits(wanted, generate(schema(wanted), RESPONSE)), (seed, wanted)
        except Unsatisfiable:
            not_found.append(seed)
    assert len(not_found) <= 1, not_found
