"""A value is made wherever a schema has one; where it has none, the reason is told."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from typing import Any

import pytest
from support.folders import ROOT
from support.values import RESPONSE, TEXT, WHOLE, closed, generated, ref, schema

from tallystick.examples.draws import Style
from tallystick.examples.samples import Unsatisfiable, generate

SATISFIABLE: dict[str, Any] = {
    "any value": {},
    "true": True,
    "a constant object": {"const": {"a": [1]}},
    "null alone": {"type": "null"},
    "bounds a thousandth apart": {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 0.001},
    "one whole number between bounds": {"type": "integer", "exclusiveMinimum": 5, "exclusiveMaximum": 7},
    "a decimal step": {"type": "number", "multipleOf": 0.01, "minimum": 0.005, "maximum": 0.015},
    "two steps at once": {"type": "integer", "allOf": [{"multipleOf": 4}, {"multipleOf": 6}], "minimum": 13},
    "a step below zero": {"type": "integer", "multipleOf": 7, "minimum": -56, "maximum": -50},
    "a whole multiple of a fraction": {"type": "integer", "multipleOf": 2.5, "minimum": 1},
    "beyond the precision of a double": {"type": "integer", "minimum": 9007199254740993},
    "the largest int32": {"type": "integer", "format": "int32", "minimum": 2**31 - 1},
    "an integer that is not even": {"type": "integer", "not": {"multipleOf": 2}, "minimum": 10, "maximum": 12},
    "a number that is not an integer": {"type": "number", "not": {"type": "integer"}},
    "an empty string": {"type": "string", "maxLength": 0},
    "a long word": {"type": "string", "pattern": "^[a-z]+$", "minLength": 30, "maxLength": 30},
    "a long email": {"type": "string", "format": "email", "minLength": 90},
    "a short email": {"type": "string", "format": "email", "maxLength": 8},
    "a long URI": {"type": "string", "format": "uri", "minLength": 200, "maxLength": 200},
    "a long hostname": {"type": "string", "format": "hostname", "minLength": 100},
    "an email of one host": {"type": "string", "format": "email", "pattern": r"@corp\.example$"},
    "a date of one year": {"type": "string", "format": "date", "pattern": "^2031-"},
    "two patterns at once": {"type": "string", "allOf": [{"pattern": "^a"}, {"pattern": "z$"}], "maxLength": 5},
    "not a pattern": {"type": "string", "not": {"pattern": "^[a-q]"}, "maxLength": 3},
    "not so long": {"type": "string", "minLength": 2, "not": {"minLength": 4}},
    "not the first words": {"type": "string", "not": {"enum": ["harbour", "lantern"]}},
    "a password": {"type": "string", "pattern": r"^(?=.*[a-z])(?=.*[A-Z])(?=.*\d)(?!.*\s).{8,16}$"},
    "not a string": {"not": {"type": "string"}},
    "only a boolean is left": {"not": {"type": ["string", "object", "array", "null", "number"]}},
    "all of an enum": {"type": "array", "items": {"enum": [1, 2, 3]}, "minItems": 3, "uniqueItems": True},
    "every boolean": {"type": "array", "items": {"type": "boolean"}, "minItems": 2, "uniqueItems": True},
    "every whole number of a range": {
        "type": "array", "minItems": 10, "uniqueItems": True, "items": {"type": "integer", "minimum": 1, "maximum": 10}
    },
    "every string of a pattern": {
        "type": "array", "minItems": 8, "uniqueItems": True, "items": {"type": "string", "pattern": "^[ab]{3}$"}
    },
    "objects that differ": {
        "type": "array", "minItems": 5, "uniqueItems": True, "items": closed(k={"enum": ["a", "b", "c", "d", "e"]})
    },
    "objects that differ in spite of an example": {
        "type": "array", "minItems": 4, "uniqueItems": True, "items": closed(k={"type": "string", "example": "same"})
    },
    "contains two": {"type": "array", "items": WHOLE, "contains": {"const": 7}, "minContains": 2, "minItems": 4},
    "contains one at most": {
        "type": "array", "items": WHOLE, "contains": {"minimum": 5}, "maxContains": 1, "minItems": 3
    },
    "contains this and that": {
        "type": "array", "prefixItems": [{"type": "boolean"}, {"minimum": 4}],
        "allOf": [{"contains": {"type": "number"}}, {"contains": {"type": "boolean"}}],
    },
    "a tuple": {"type": "array", "prefixItems": [TEXT, WHOLE], "items": False, "minItems": 2},
    "a tuple and more": {"type": "array", "prefixItems": [TEXT], "items": {"type": "boolean"}, "minItems": 3},
    "no unevaluated items": {"type": "array", "prefixItems": [TEXT], "unevaluatedItems": False},
    "names by a pattern": {"type": "object", "minProperties": 3, "propertyNames": {"pattern": "^[A-Z]{2}$"}},
    "names by an enum": {"type": "object", "minProperties": 2, "propertyNames": {"enum": ["a", "b", "c"]}},
    "names of one letter": {"type": "object", "minProperties": 2, "propertyNames": {"maxLength": 1}},
    "pattern properties alone": {
        "type": "object", "minProperties": 2, "patternProperties": {"^x-": WHOLE}, "additionalProperties": False
    },
    "one property at most": {"type": "object", "maxProperties": 1, "properties": {"a": {}, "b": {}}, "required": ["b"]},
    "two of three": {
        "type": "object", "minProperties": 2, "maxProperties": 2, "properties": {"a": {}, "b": {}, "c": {}}
    },
    "required and not declared": {"type": "object", "required": ["z"], "additionalProperties": {"type": "boolean"}},
    "a property that may not be": {"type": "object", "properties": {"a": False, "b": WHOLE}},
    "not both": {"type": "object", "properties": {"a": {}, "b": {}}, "not": {"required": ["a", "b"]}},
    "neither": {
        "type": "object", "properties": {"a": {}, "b": {}, "c": {}},
        "not": {"anyOf": [{"required": ["a"]}, {"required": ["b"]}]},
    },
    "not that value of a property": {**closed(a={"enum": ["x", "y"]}), "not": {"properties": {"a": {"const": "x"}}}},
    "one brings another": {"type": "object", "properties": {"a": {}}, "dependentRequired": {"a": ["z"], "z": ["y"]}},
    "one brings what may not be": {
        "type": "object", "properties": {"a": {}, "b": {}}, "dependentRequired": {"a": ["z"]},
        "additionalProperties": False,
    },
    "one brings a schema": {
        "type": "object", "required": ["card"], "properties": {"card": TEXT},
        "dependentSchemas": {"card": {"required": ["bill"], "properties": {"bill": {"type": "integer", "minimum": 4}}}},
    },
    "if, then, else": {
        **closed(country={"enum": ["CA", "US"]}, zip=TEXT),
        "if": {"properties": {"country": {"const": "US"}}},
        "then": {"properties": {"zip": {"pattern": r"^\d{5}$"}}},
        "else": {"properties": {"zip": {"pattern": r"^[A-Z]\d[A-Z]$"}}},
    },
    "only the else is possible": {
        **closed(a={"const": 2}, b=TEXT), "if": {"properties": {"a": {"const": 1}}}, "then": False,
        "else": {"required": ["b"]},
    },
    "a chain of ifs": {
        "type": "object", "required": ["k"], "additionalProperties": False,
        "properties": {"k": {"enum": ["a", "b"]}, "x": WHOLE, "y": WHOLE},
        "allOf": [
            {"if": {"properties": {"k": {"const": "a"}}}, "then": {"required": ["x"], "properties": {"y": False}}},
            {"if": {"properties": {"k": {"const": "b"}}}, "then": {"required": ["y"], "properties": {"x": False}}},
        ],
    },
    "allOf, bounds merged": {
        "allOf": [closed(a={"type": "integer", "minimum": 3}), {"properties": {"a": {"maximum": 4}}}]
    },
    "allOf, one of them closed": {
        "allOf": [closed(a=WHOLE), {"type": "object", "properties": {"a": {"minimum": 1}, "b": TEXT}}]
    },
    "allOf, enums that share one": {"allOf": [{"enum": ["a", "b", "c"]}, {"enum": ["c", "d"]}]},
    "anyOf, only the last is possible": {"type": "string", "anyOf": [WHOLE, {"const": 3}, {"minLength": 2}]},
    "oneOf, one type in the other": {"oneOf": [{"type": "integer"}, {"type": "number"}]},
    "oneOf, one length in the other": {"oneOf": [{"type": "string"}, {"type": "string", "maxLength": 3}]},
    "oneOf, two open objects": {
        "oneOf": [{"type": "object", "properties": {"a": TEXT}}, {"type": "object", "properties": {"b": TEXT}}]
    },
    "oneOf, three requirements": {
        "type": "object", "properties": {"a": TEXT, "b": TEXT, "c": TEXT},
        "oneOf": [{"required": ["a"]}, {"required": ["b"]}, {"required": ["c"]}],
    },
    "oneOf, told apart far down": {
        "oneOf": [
            {"properties": {"cells": {"type": "array", "items": {"properties": {"x": {"type": kind}}}}}}
            for kind in ("integer", "string")
        ],
        "type": "object",
    },
    "oneOf, the first is in the second": {
        "oneOf": [
            {"type": "object", "properties": {"x": WHOLE, "kind": {"enum": ["one"]}}, "required": ["kind"]},
            {"type": "object", "properties": {"x": WHOLE, "kind": TEXT}, "required": ["kind"]},
        ]
    },
    "oneOf, an anyOf in it": {
        "type": "object", "properties": {"a": WHOLE, "b": WHOLE, "c": WHOLE},
        "oneOf": [{"anyOf": [{"required": ["a"]}, {"required": ["b"]}]}, {"required": ["c"]}],
    },
    "oneOf, arrays": {"oneOf": [{"type": "array", "items": WHOLE}, {"type": "array", "items": TEXT}]},
    "nothing unevaluated": {
        "allOf": [{"type": "object", "properties": {"a": TEXT}}], "properties": {"b": TEXT},
        "unevaluatedProperties": False, "minProperties": 2,
    },
    "the unevaluated by a schema": {
        "type": "object", "properties": {"b": TEXT}, "unevaluatedProperties": WHOLE, "minProperties": 3
    },
}  # fmt: skip


@pytest.mark.parametrize("case", SATISFIABLE)
@pytest.mark.parametrize("seed", [0, 1, 5])
def test_a_value_fits_its_schema(case: str, seed: int) -> None:
    """Whatever keywords a schema combines, the value that is made for it fits."""
    wanted = schema(SATISFIABLE[case])
    value = generate(wanted, RESPONSE, Style(seed))
    assert wanted.is_valid(value, RESPONSE)
    assert generate(schema(SATISFIABLE[case]), RESPONSE, Style(seed)) == value


RECURSIVE: dict[str, tuple[dict[str, Any], Any]] = {
    "an optional circle is left out": (
        {"Root": {"type": "object", "properties": {"v": WHOLE, "next": ref("Root")}}},
        {"v": 1},
    ),
    "a list that leads round is empty": (
        {"Root": closed(kids={"type": "array", "items": ref("Root")})},
        {"kids": []},
    ),
    "a map that leads round is empty": (
        {"Root": closed(m={"type": "object", "additionalProperties": ref("Root")})},
        {"m": {}},
    ),
    "null ends a required circle": (
        {"Root": closed(next={"anyOf": [ref("Root"), {"type": "null"}]})},
        {"next": None},
    ),
    "a base case ends a required circle": (
        {
            "Root": {"oneOf": [ref("Both"), ref("Leaf")]},
            "Both": closed(left=ref("Root"), right=ref("Root")),
            "Leaf": closed(v={"const": 7}),
        },
        {"left": {"v": 7}, "right": {"v": 7}},
    ),
    "two that need each other end where one may": (
        {"Root": closed(b=ref("B")), "B": {"type": "object", "properties": {"a": ref("Root")}}},
        {"b": {}},
    ),
    "an heir is not put into itself": (
        {
            "Root": {"allOf": [ref("Base"), {"required": ["x"], "properties": {"x": {"const": 1}}}]},
            "Base": {"type": "object", "properties": {"child": ref("Root")}},
        },
        {"x": 1},
    ),
}


@pytest.mark.parametrize("case", RECURSIVE)
def test_recursion_ends(case: str) -> None:
    """A schema that leads back to itself gives a small value."""
    components, expected = RECURSIVE[case]
    assert generated(ref("Root"), **components) == expected


def test_a_circle_without_an_end_is_told() -> None:
    """A schema that requires itself has no value: the error has the place, and ends soon."""
    with pytest.raises(Unsatisfiable, match=r"^test\.yaml:1\S*: no value could be made for /"):
        generated(ref("Root"), Root=closed(next=ref("Root")))


@pytest.mark.parametrize(
    "value",
    [
        {"allOf": [TEXT, WHOLE]},
        {"type": "array", "items": {"enum": [1, 2]}, "minItems": 3, "uniqueItems": True},
        closed(a={"type": "string", "minLength": 3, "maxLength": 2}),
        False,
    ],
)
def test_the_impossible_is_told_with_its_reason(value: Any) -> None:
    """A schema that no value fits raises `Unsatisfiable`, with the place in the contract and why."""
    with pytest.raises(Unsatisfiable) as caught:
        generated(value)
    assert caught.value.place.file == "test.yaml"
    assert caught.value.place.path[-1] == "schema"
    assert len(caught.value.reason) > 10


def test_the_hash_seed_of_the_process_does_not_matter() -> None:
    """Two processes make the same values, whatever order their sets have."""
    program = (
        "import json, sys; sys.path.insert(0, 'tests'); import test_satisfiable_schemas as t;"
        "print(json.dumps([t.generated(value) for value in t.SATISFIABLE.values()]))"
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "PYTHONHASHSEED": seed},
            cwd=ROOT, capture_output=True, check=True, text=True,
        ).stdout
        for seed in ("1", "2")
    }  # fmt: skip
    assert len(outputs) == 1


def test_the_size_is_bounded() -> None:
    """A schema that branches out ten ways on each of ten levels gives a value of some hundred parts, and soon."""
    levels = {
        f"L{level}": {"type": "object", "properties": {f"p{n}": ref(f"L{level + 1}") for n in range(10)}}
        for level in range(10)
    }
    start = time.process_time()
    value = generated(ref("L0"), L10=TEXT, **levels)
    assert len(json.dumps(value)) < 20_000
    assert value["p0"]["p0"]
    assert time.process_time() - start < 2


def test_a_large_array_is_made_where_it_is_wanted() -> None:
    """What is required is generated, be it much."""
    assert len(generated({"type": "array", "minItems": 2000, "items": WHOLE, "uniqueItems": True})) == 2000
