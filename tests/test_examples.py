"""Values made from schemas: always valid, the same each time, bounded, lifelike, and documented ones first."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from typing import Any

import jsonschema_rs
import pytest
from asking import contract
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tallystick.examples.samples import Sample, Unsatisfiable, body_sample, generate, parameter_sample, valid_examples
from tallystick.nouns.contract import MediaType, Parameter
from tallystick.nouns.schema import Direction, Schema

REQUEST, RESPONSE = Direction.REQUEST, Direction.RESPONSE


def media_type(version: str = "3.1.0", components: dict[str, Any] | None = None, **fields: Any) -> MediaType:
    """The JSON media type of a response, with these fields."""
    response = {"description": "found", "content": {"application/json": fields}}
    (operation,) = contract(
        {
            "openapi": version,
            "info": {"title": "Test", "version": "1"},
            "paths": {"/": {"get": {"responses": {"200": response}}}},
            "components": {"schemas": components or {}},
        }
    )
    return operation.responses[0].content[0]


def schema(value: Any, version: str = "3.1.0", **components: Any) -> Schema:
    """A schema beside other ones, which it may refer to by `ref`."""
    found = media_type(version, components, schema=value).schema
    assert found is not None
    return found


def ref(name: str) -> dict[str, str]:
    """A reference to one of the components."""
    return {"$ref": f"#/components/schemas/{name}"}


def made(value: Any, direction: Direction = RESPONSE, seed: int = 0, name: str = "", **components: Any) -> Any:
    """A value generated from a schema."""
    return generate(schema(value, **components), direction, seed, name)


def parameter(**fields: Any) -> Parameter:
    """A parameter with these fields."""
    operation = {"parameters": [{"required": fields.get("in") == "path", **fields}], "responses": {}}
    (found,) = contract({"paths": {"/{id}": {"get": operation}}})
    return found.parameters[0]


def closed(**properties: Any) -> dict[str, Any]:
    """An object schema with these properties, all of them required, and no others."""
    return {
        "type": "object",
        "required": list(properties),
        "properties": properties,
        "additionalProperties": False,
    }


TEXT, WHOLE = {"type": "string"}, {"type": "integer"}

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
    value = generate(wanted, RESPONSE, seed)
    assert wanted.is_valid(value, RESPONSE)
    assert generate(schema(SATISFIABLE[case]), RESPONSE, seed) == value


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
    assert made(ref("Root"), **components) == expected


def test_a_circle_without_an_end_is_told() -> None:
    """A schema that requires itself has no value: the error has the place, and ends soon."""
    with pytest.raises(Unsatisfiable, match=r"^test\.yaml:\d+: no value could be made for /"):
        made(ref("Root"), Root=closed(next=ref("Root")))


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
        made(value)
    assert caught.value.place.file == "test.yaml"
    assert caught.value.place.path[-1] == "schema"
    assert len(caught.value.reason) > 10


def test_a_value_has_all_that_is_optional() -> None:
    """A frontend sees every declared property, also those that are not required."""
    tags = {"type": "array", "items": TEXT}
    value = made({"type": "object", "required": ["id"], "properties": {"id": WHOLE, "name": TEXT, "tags": tags}})
    assert list(value) == ["id", "name", "tags"]
    assert len(value["tags"]) == 2


def test_what_goes_the_other_way_is_left_out() -> None:
    """`readOnly` is for responses and `writeOnly` for requests, also where a `$ref` leads to it, and also required."""
    account = {
        "type": "object",
        "required": ["id", "name", "password"],
        "properties": {
            "id": {"type": "integer", "readOnly": True},
            "name": TEXT,
            "password": {"type": "string", "writeOnly": True},
            "key": ref("Key"),
        },
    }
    key = {"type": "string", "writeOnly": True}
    assert list(made(account, REQUEST, Key=key)) == ["name", "password", "key"]
    assert list(made(account, RESPONSE, Key=key)) == ["id", "name"]


def test_a_nullable_value_is_not_null() -> None:
    """Something is more use than null, in every version's way to say so."""
    assert made({"type": ["null", "string"]}) == made(TEXT)
    assert made({"enum": [None, "a"]}) == "a"
    assert made({"anyOf": [{"type": "null"}, closed(a=WHOLE)]}) == {"a": 1}
    for nullable in ({"type": "string", "nullable": True}, {"nullable": True, "allOf": [TEXT]}):
        assert isinstance(generate(schema(nullable, version="3.0.3"), RESPONSE), str)


def test_the_discriminator_names_its_branch() -> None:
    """The property of a discriminator has the value that its mapping, or else the branch's name, gives it."""
    pets = {
        "Cat": {"type": "object", "required": ["kind"], "properties": {"kind": TEXT, "lives": WHOLE}},
        "Dog": {"type": "object", "required": ["kind"], "properties": {"kind": TEXT}, "additionalProperties": False},
    }
    pet = {"oneOf": [ref("Cat"), ref("Dog")], "discriminator": {"propertyName": "kind"}}
    assert made(pet, **pets)["kind"] == "Cat"
    for target in ("#/components/schemas/Cat", "Cat"):
        pet["discriminator"] = {"propertyName": "kind", "mapping": {"feline": target, "canine": "Dog"}}
        assert made(pet, **pets)["kind"] == "feline"


def test_an_heir_names_itself() -> None:
    """A discriminator that comes through `allOf` has the name of the heir."""
    base = {
        "type": "object",
        "required": ["kind"],
        "properties": {"kind": TEXT},
        "discriminator": {"propertyName": "kind", "mapping": {"feline": "#/components/schemas/Cat"}},
    }
    heirs = {"Base": base, "Cat": {"allOf": [ref("Base")]}, "Dog": {"allOf": [ref("Base")]}}
    assert made(ref("Cat"), **heirs)["kind"] == "feline"
    assert made(ref("Dog"), **heirs)["kind"] == "Dog"


def test_documented_values_go_before_made_ones() -> None:
    """A property's own example, or default, is used where it fits its schema, and not where it does not."""
    value = made(
        {
            "type": "object",
            "properties": {
                "a": {"type": "string", "example": "mine"},
                "b": {"type": "string", "examples": [7, "second"]},
                "c": {"type": "integer", "default": 20},
                "d": {"type": "integer", "example": "many"},
                "e": {"type": "object", "properties": {"f": WHOLE}, "example": {"f": "many"}},
                "g": {"type": "array", "items": WHOLE, "example": [5, 6, 7]},
            },
        }
    )
    assert value == {"a": "mine", "b": "second", "c": 20, "d": 1, "e": {"f": 1}, "g": [5, 6, 7]}


def test_items_are_not_the_same_twice() -> None:
    """The items of a list differ in what identifies them, also where the contract has one example for it."""
    item = closed(id={"type": "string", "format": "uuid", "example": "f81d4fae-7dec-41d0-8765-00a0c91e6bf6"}, name=TEXT)
    first, second = made({"type": "array", "items": item})
    assert first["id"] == "f81d4fae-7dec-41d0-8765-00a0c91e6bf6"
    assert first["id"] != second["id"]
    assert first["name"] != second["name"]


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("email", TEXT, r"^[a-z]+\.[a-z]+@example\.com$"),
        ("createdAt", TEXT, r"^2025-\d\d-\d\dT\d\d:\d\d:\d\dZ$"),
        ("homepage_url", TEXT, r"^https://example\.com/"),
        ("countryCode", TEXT, "^[A-Z]{2}$"),
        ("currency", {"type": "string", "minLength": 3, "maxLength": 3}, "^[A-Z]{3}$"),
        ("id", {"type": "string", "format": "uuid"}, "^[0-9a-f]{8}-[0-9a-f]{4}-4"),
        ("title", {"type": "string", "maxLength": 4}, "^.{1,4}$"),
        ("note", {"type": "string", "contentEncoding": "base64"}, "^[A-Za-z0-9+/]+=*$"),
        ("when", {"type": "string", "format": "date"}, r"^2025-\d\d-\d\d$"),
    ],
)
def test_strings_are_lifelike(name: str, value: Any, expected: str) -> None:
    """A string looks like what its format, and else its name, says that it is."""
    assert jsonschema_rs.is_valid({"pattern": expected}, made(value, name=name))


def test_numbers_are_lifelike() -> None:
    """A number is of the size that its name suggests, within the bounds of its schema."""
    assert 40 < made({"type": "number"}, name="latitude") < 60
    assert made({"type": "number", "maximum": -30}, name="latitude") <= -30
    assert made({"type": "integer"}, name="userId") == 1
    assert made({"type": "integer", "maximum": 100}, name="page_size") == 20
    assert isinstance(made({"type": "integer"}, name="price"), int)
    assert made({"type": "boolean"}, name="deleted") is False


def test_another_seed_gives_another_value() -> None:
    """A seed gives the same value each time; another seed gives another one."""
    person = closed(id={"type": "string", "format": "uuid"}, name=TEXT, kind={"enum": ["a", "b", "c"]})
    values = [made(person, seed=seed) for seed in (0, 1, 2)]
    assert len({json.dumps(value) for value in values}) == 3
    assert made(person, seed=1) == values[1]
    assert [value["kind"] for value in values] == ["a", "b", "c"]


def test_the_hash_seed_of_the_process_does_not_matter() -> None:
    """Two processes make the same values, whatever order their sets have."""
    program = (
        "import json, sys; sys.path.insert(0, 'tests'); import test_examples as t;"
        "print(json.dumps([t.made(value) for value in t.SATISFIABLE.values()]))"
    )
    root = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    outputs = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "PYTHONHASHSEED": seed},
            cwd=root, capture_output=True, check=True, text=True,
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
    value = made(ref("L0"), L10=TEXT, **levels)
    assert len(json.dumps(value)) < 20_000
    assert value["p0"]["p0"]
    assert time.process_time() - start < 2


def test_a_large_array_is_made_where_it_is_wanted() -> None:
    """What is required is made, be it much."""
    assert len(made({"type": "array", "minItems": 2000, "items": WHOLE, "uniqueItems": True})) == 2000


def test_the_contract_is_not_touched() -> None:
    """A value that comes from an example may be changed without changing the contract."""
    wanted = schema({"type": "object", "example": {"a": [1]}})
    generate(wanted, RESPONSE)["a"].append(2)
    assert generate(wanted, RESPONSE) == {"a": [1]}


def test_only_an_example_that_fits_is_a_sample() -> None:
    """A documented example that breaks its schema is passed over; the next, or a generated value, is used."""
    examples = {"broken": {"value": {"a": "x"}}, "sound": {"value": {"a": 1}, "summary": "One"}}
    given_both = media_type(schema=closed(a=WHOLE), examples=examples)
    assert body_sample(given_both, RESPONSE) == Sample({"a": 1}, "sound", given_both.examples[1].place)
    assert [found.origin for found in valid_examples(given_both, RESPONSE)] == ["sound"]
    broken = media_type(schema=closed(a=WHOLE), example={"a": "x"})
    found = body_sample(broken, RESPONSE)
    assert found is not None
    assert (found.value, found.origin) == ({"a": 1}, "generated")


def test_a_sample_needs_an_example_or_a_schema() -> None:
    """Where a media type says nothing of its values there is no sample; with an `itemSchema` it is a list."""
    assert body_sample(media_type(), RESPONSE) is None
    stream = body_sample(media_type(version="3.2.0", itemSchema=closed(id=WHOLE)), RESPONSE)
    assert stream is not None
    assert stream.value == [{"id": 1}, {"id": 2}]


def test_the_text_of_an_example_is_kept() -> None:
    """An example given as the text on the wire is judged as what it says, and keeps its text."""
    written = {"text": {"serializedValue": '{"a": 1}'}, "bad": {"serializedValue": '{"a": "x"}'}}
    found = list(valid_examples(media_type(version="3.2.0", schema=closed(a=WHOLE), examples=written), RESPONSE))
    assert [(one.value, one.serialized) for one in found] == [({"a": 1}, '{"a": 1}')]


def test_a_parameter_has_a_value() -> None:
    """A parameter's own example is used where it fits, and a path's is not empty; else its schema makes a value."""

    def value(**fields: Any) -> Any:
        found = parameter_sample(parameter(**fields))
        return found and found.value

    assert value(**{"in": "query", "name": "limit", "schema": {"type": "integer", "maximum": 50}}) == 20
    assert value(**{"in": "query", "name": "limit", "schema": WHOLE, "example": 3}) == 3
    assert value(**{"in": "query", "name": "limit", "schema": WHOLE, "example": "x"}) == 20
    assert value(**{"in": "path", "name": "id", "schema": TEXT, "example": ""})
    content = {"application/json": {"schema": closed(a=WHOLE)}}
    assert value(**{"in": "query", "name": "q", "content": content}) == {"a": 1}
    assert value(**{"in": "query", "name": "q"}) is None


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
    value = made(wanted)
    assert fits(wanted, value)
    assert made(wanted) == value
