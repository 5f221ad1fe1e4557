"""What a diff says of discriminators and named alternatives, which no exchange shows and generated clients see."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from support.asking import contract

from tallystick.diff.run import compare
from tallystick.nouns.change import Change

TODAY = date(2026, 1, 1)
ANIMAL: Any = {"type": "object", "required": ["kind"], "properties": {"kind": {"type": "string"}}}
SCHEMAS = {"Cat": ANIMAL, "Rabbit": ANIMAL, "Dog": {**ANIMAL, "properties": {"kind": {"type": "string"}, "age": {}}}}


def ref(name: str) -> str:
    return f"#/components/schemas/{name}"


def pets(*names: str, schemas: Any = SCHEMAS, **mapping: str) -> dict[str, Any]:
    """A contract whose request is one of some named schemas."""
    schema: dict[str, Any] = {"oneOf": [{"$ref": ref(name)} for name in names]}
    if mapping:
        schema["discriminator"] = {
            "propertyName": "kind",
            "mapping": {value: ref(name) for value, name in mapping.items()},
        }
    content = {"application/json": {"schema": schema}}
    operation = {"requestBody": {"content": content}, "responses": {"200": {"description": "Done"}}}
    return {"paths": {"/pets": {"post": operation}}, "components": {"schemas": schemas}}


def changes(old: dict[str, Any], new: dict[str, Any]) -> list[Change]:
    return compare(contract(old, "old"), contract(new, "new"), TODAY)


MAPPED = pets("Cat", "Dog", cat="Cat", dog="Dog")
CASES = {
    "request-discriminator-removed": (MAPPED, pets("Cat", "Dog")),
    "request-discriminator-value-removed": (MAPPED, pets("Cat", "Dog", cat="Cat")),
    "request-discriminator-value-added": (MAPPED, pets("Cat", "Dog", cat="Cat", dog="Dog", hound="Dog")),
    "request-discriminator-value-changed": (MAPPED, pets("Cat", "Dog", cat="Dog", dog="Dog")),
}


@pytest.mark.parametrize("rule", CASES)
def test_a_change_of_a_discriminator(rule: str) -> None:
    """A change of a discriminator alone is one change, that says what became of which value."""
    old, new = CASES[rule]
    assert [each.rule for each in changes(old, new)] == [rule]


def test_another_schema_that_looks_the_same() -> None:
    """A named schema that another one replaces is told, though both look the same; one that was renamed is not."""
    rules = {each.rule for each in changes(pets("Cat", "Dog"), pets("Rabbit", "Dog"))}
    assert "request-alternative-removed" in rules
    renamed = {"Rabbit": ANIMAL, "Dog": SCHEMAS["Dog"]}
    old = {"Cat": ANIMAL, "Dog": SCHEMAS["Dog"]}
    assert changes(pets("Cat", "Dog", schemas=old), pets("Rabbit", "Dog", schemas=renamed)) == []


def test_a_mapping_to_a_renamed_schema_is_no_change() -> None:
    """A value that leads to the same schema by another name means the same."""
    old = pets("Cat", "Dog", schemas={"Cat": ANIMAL, "Dog": SCHEMAS["Dog"]}, cat="Cat", dog="Dog")
    new = pets("Feline", "Dog", schemas={"Feline": ANIMAL, "Dog": SCHEMAS["Dog"]}, cat="Feline", dog="Dog")
    assert changes(old, new) == []


def test_int64_is_a_warning() -> None:
    """A whole number that is an int64 from now on is a warning: nothing but numbers beyond 63 bits shows it."""

    def number(**more: Any) -> dict[str, Any]:
        parameter = {"name": "n", "in": "query", "schema": {"type": "integer", **more}}
        return {"paths": {"/": {"get": {"parameters": [parameter], "responses": {"200": {"description": "Done"}}}}}}

    assert [each.rule for each in changes(number(), number(format="int64"))] == ["request-int64-narrowed"]
    assert [each.rule for each in changes(number(format="int64"), number(format="int32"))] == [
        "request-format-narrowed"
    ]
