"""Values made from schemas: always valid, the same each time, lifelike, and documented ones first."""

from __future__ import annotations

import json
from typing import Any

import jsonschema_rs
import pytest
from support.values import REQUEST, RESPONSE, TEXT, WHOLE, closed, generated, ref, schema

from tallystick.examples.samples import generate


def test_a_value_has_all_that_is_optional() -> None:
    """A frontend sees every declared property, also those that are not required."""
    tags = {"type": "array", "items": TEXT}
    value = generated({"type": "object", "required": ["id"], "properties": {"id": WHOLE, "name": TEXT, "tags": tags}})
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
    assert list(generated(account, REQUEST, Key=key)) == ["name", "password", "key"]
    assert list(generated(account, RESPONSE, Key=key)) == ["id", "name"]


def test_a_nullable_value_is_not_null() -> None:
    """Something is more use than null, in every version's way to say so."""
    assert generated({"type": ["null", "string"]}) == generated(TEXT)
    assert generated({"enum": [None, "a"]}) == "a"
    assert generated({"anyOf": [{"type": "null"}, closed(a=WHOLE)]}) == {"a": 1}
    for nullable in ({"type": "string", "nullable": True}, {"nullable": True, "allOf": [TEXT]}):
        assert isinstance(generate(schema(nullable, version="3.0.3"), RESPONSE), str)


def test_the_discriminator_names_its_branch() -> None:
    """The property of a discriminator has the value that its mapping, or else the branch's name, gives it."""
    pets = {
        "Cat": {"type": "object", "required": ["kind"], "properties": {"kind": TEXT, "lives": WHOLE}},
        "Dog": {"type": "object", "required": ["kind"], "properties": {"kind": TEXT}, "additionalProperties": False},
    }
    pet = {"oneOf": [ref("Cat"), ref("Dog")], "discriminator": {"propertyName": "kind"}}
    assert generated(pet, **pets)["kind"] == "Cat"
    for target in ("#/components/schemas/Cat", "Cat"):
        pet["discriminator"] = {"propertyName": "kind", "mapping": {"feline": target, "canine": "Dog"}}
        assert generated(pet, **pets)["kind"] == "feline"


def test_an_heir_names_itself() -> None:
    """A discriminator that comes through `allOf` has the name of the heir."""
    base = {
        "type": "object",
        "required": ["kind"],
        "properties": {"kind": TEXT},
        "discriminator": {"propertyName": "kind", "mapping": {"feline": "#/components/schemas/Cat"}},
    }
    heirs = {"Base": base, "Cat": {"allOf": [ref("Base")]}, "Dog": {"allOf": [ref("Base")]}}
    assert generated(ref("Cat"), **heirs)["kind"] == "feline"
    assert generated(ref("Dog"), **heirs)["kind"] == "Dog"


def test_documented_values_go_before_made_ones() -> None:
    """A property's own example, or default, is used where it fits its schema, and not where it does not."""
    value = generated(
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


def test_a_text_that_holds_json_is_json() -> None:
    """A string with a `contentSchema`, as the data of an event has one, is the text of a value that fits it."""
    content = {"type": "object", "required": ["count"], "properties": {"count": WHOLE}}
    text = {"type": "string", "contentMediaType": "application/json", "contentSchema": content}
    first, second = generated({"type": "array", "items": text})
    assert [{type(value) for value in json.loads(each).values()} for each in (first, second)] == [{int}, {int}]
    assert first != second
    assert generated({"type": "string", "contentMediaType": "application/json"}) == "{}"
    endless = {"type": "string", "contentMediaType": "application/json", "contentSchema": ref("Endless")}
    assert generated(endless, Endless=endless).count("{}") == 1


def test_items_are_not_the_same_twice() -> None:
    """The items of a list differ in what identifies them, also where the contract has one example for it."""
    item = closed(id={"type": "string", "format": "uuid", "example": "f81d4fae-7dec-41d0-8765-00a0c91e6bf6"}, name=TEXT)
    first, second = generated({"type": "array", "items": item})
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
    assert jsonschema_rs.is_valid({"pattern": expected}, generated(value, name=name))


def test_numbers_are_lifelike() -> None:
    """A number is of the size that its name suggests, within the bounds of its schema."""
    assert -90 < generated({"type": "number"}, name="latitude") < 90
    assert generated({"type": "number", "maximum": -30}, name="latitude") <= -30
    assert generated({"type": "integer"}, name="userId") % 100 == 1
    assert generated({"type": "integer", "maximum": 100}, name="page_size") == 20
    assert isinstance(generated({"type": "integer"}, name="price"), int)
    assert generated({"type": "boolean"}, name="deleted") is False


def test_another_seed_gives_another_value() -> None:
    """A seed gives the same value each time; another seed gives another one."""
    person = closed(id={"type": "string", "format": "uuid"}, name=TEXT, kind={"enum": ["a", "b", "c"]})
    values = [generated(person, seed=seed) for seed in (0, 1, 2)]
    assert len({json.dumps(value) for value in values}) == 3
    assert generated(person, seed=1) == values[1]
    assert [value["kind"] for value in values] == ["a", "b", "c"]
