"""A value is made from schemas that are put together at random."""

from __future__ import annotations

from typing import Any

import jsonschema_rs
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.values import generated

WORDS = st.sampled_from(["a", "bb", "cat", "2024-01-01", "x1", "Zed", "long words here"])
NAMES = st.sampled_from(["a", "b", "c", "dd", "e"])
LEAVES = st.none() | st.booleans() | st.integers(-20, 50) | st.decimals(-9, 9, places=2).map(float) | WORDS
VALUES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4), max_leaves=8
)
PATTERNS = ["", "^[a-z]", "[a-z]$", "^.{0,15}$", "^[A-Za-z ]*$", r"\d", "^(a|bb|cat)$", "^[^x]*$", r"^\w+$"]
KINDS = {bool: "boolean", int: "integer", float: "number", str: "string", list: "array", dict: "object"}


def fits(wanted: Any, value: Any) -> bool:
    """Whether a value fits a schema of its own."""
    return jsonschema_rs.Draft202012Validator(wanted).is_valid(value)


@st.composite
def keywords_of(draw: st.DrawFn, value: Any, depth: int) -> dict[str, Any]:
    """Keywords about one type of value, each of which a value fits."""
    slack = draw(st.integers(0, 2))
    match value:
        case str():
            patterns = [pattern for pattern in PATTERNS if fits({"pattern": pattern}, value)]
            bounds = {"minLength": max(len(value) - slack, 0), "maxLength": len(value) + slack}
            return {**bounds, "pattern": draw(st.sampled_from(patterns))}
        case int() if not isinstance(value, bool):
            steps = [step for step in (1, 2, 5, 7) if value % step == 0]
            return {"minimum": value - slack, "maximum": value + slack, "multipleOf": draw(st.sampled_from(steps))}
        case float():
            return {"minimum": value - slack, "exclusiveMaximum": value + slack + 0.1}
        case [*items]:
            unique = fits({"uniqueItems": True, "items": {"type": ["number", "string"]}}, value)
            bounds = {"minItems": max(len(items) - slack, 0), "uniqueItems": unique}
            if not items:
                return bounds
            parts = [draw(schemas_of(item, depth - 1)) for item in items] if depth else [True]
            return {**bounds, "prefixItems": parts, "contains": draw(schemas_of(items[-1], 0))}
        case dict():
            bounds = {"minProperties": max(len(value) - slack, 0), "maxProperties": len(value) + slack}
            parts = {name: draw(schemas_of(item, depth - 1)) if depth else True for name, item in value.items()}
            required = [name for name in value if draw(st.booleans())]
            return {**bounds, "required": required, "properties": parts, "additionalProperties": draw(st.booleans())}
    return {}


@st.composite
def schemas_of(draw: st.DrawFn, value: Any, depth: int = 2) -> dict[str, Any]:
    """Schemas that a value fits, so that there is at least one."""
    wanted = {key: item for key, item in draw(keywords_of(value, depth)).items() if draw(st.booleans())}
    if "properties" not in wanted:
        wanted.pop("additionalProperties", None)
    if draw(st.booleans()):
        wanted["type"] = KINDS.get(type(value), "null")
    if depth and draw(st.booleans()):
        others = [draw(schemas_of(draw(VALUES), 0)) for _ in range(2)]
        wanted["anyOf"] = draw(st.permutations([draw(schemas_of(value, depth - 1)), *others]))
    if depth and draw(st.booleans()):
        wanted["allOf"] = [draw(schemas_of(value, depth - 1)), draw(schemas_of(value, depth - 1))]
    return wanted


@settings(derandomize=True, max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_where_there_is_a_value_one_is_found(data: st.DataObject) -> None:
    """For a schema that is known to have a value, be it put together as it may, one is found that fits."""
    witness = data.draw(VALUES)
    wanted = data.draw(schemas_of(witness))
    assert fits(wanted, witness)
    value = generated(wanted)
    assert fits(wanted, value)
    assert generated(wanted) == value
