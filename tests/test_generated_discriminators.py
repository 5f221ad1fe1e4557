"""A generated value has the discriminator's property, with the value that names its branch."""

from __future__ import annotations

from typing import Any

import pytest
from support.asking import asker, contract
from support.values import RESPONSE, TEXT, WHOLE, ref, schema

from tallystick.examples.samples import generate

KIND = {"propertyName": "kind"}
CAT = {"type": "object", "properties": {"kind": TEXT, "lives": WHOLE}}
DOG = {"type": "object", "properties": {"kind": TEXT, "bark": WHOLE}, "required": ["bark"]}
BARE = {"type": "object", "properties": {"lives": WHOLE}, "required": ["lives"]}
EITHER = {"anyOf": [ref("Cat"), ref("Dog")]}
BY_REFERENCE = {"c": "#/components/schemas/Cat", "d": "#/components/schemas/Dog"}


@pytest.mark.parametrize("version", ["3.0.3", "3.1.0"])
@pytest.mark.parametrize(
    ("wanted", "cat", "expected"),
    [
        ({**EITHER, "discriminator": KIND}, CAT, "Cat"),
        ({**EITHER, "discriminator": {**KIND, "mapping": {"c": "Cat", "d": "Dog"}}}, CAT, "c"),
        ({**EITHER, "discriminator": {**KIND, "mapping": BY_REFERENCE}}, CAT, "c"),
        ({**EITHER, "discriminator": KIND}, BARE, "Cat"),
        ({**EITHER, "discriminator": KIND, "nullable": True}, BARE, "Cat"),
        ({"anyOf": [{"allOf": [ref("Cat")]}, ref("Dog")], "discriminator": KIND}, CAT, "Cat"),
        ({"oneOf": [ref("Cat"), ref("Dog")], "discriminator": KIND, "nullable": True}, CAT, "Cat"),
    ],
)
def test_the_value_names_its_branch(version: str, wanted: Any, cat: Any, expected: str) -> None:
    """The property is there, required or not, declared or not, with the value of the mapping, or the schema's name."""
    judged = schema(wanted, version, Cat=cat, Dog=DOG)
    value = generate(judged, RESPONSE)
    assert isinstance(value, dict)
    assert value["kind"] == expected
    assert judged.is_valid(value, RESPONSE)


@pytest.mark.parametrize("version", ["3.0.3", "3.1.0"])
def test_an_heir_names_itself(version: str) -> None:
    """A schema that extends a base by allOf has the base's discriminator, with its own name."""
    base = {"type": "object", "properties": {"kind": TEXT}, "discriminator": KIND}
    heir = {"allOf": [ref("Base"), {"type": "object", "properties": {"n": WHOLE}}]}
    grandchild = {"allOf": [ref("Heir"), {"properties": {"m": WHOLE}}]}
    components = {"Base": base, "Heir": heir, "Grandchild": grandchild}
    for name in components:
        value = generate(schema(ref(name), version, **components), RESPONSE)
        assert isinstance(value, dict)
        assert value["kind"] == name


def test_nested_discriminators_are_both_there() -> None:
    """A branch that is told apart again has the values of both discriminators."""
    inner = {"oneOf": [ref("Cat"), ref("Dog")], "discriminator": {"propertyName": "sub"}}
    wanted = {"oneOf": [ref("Pet")], "discriminator": KIND}
    value = generate(schema(wanted, Pet=inner, Cat={**BARE, "maxProperties": 3}, Dog=DOG), RESPONSE)
    assert isinstance(value, dict)
    assert {"kind": "Pet", "sub": "Cat"}.items() <= value.items()


def test_a_branch_deep_inside_is_named_too() -> None:
    """Where only what is required is made, the discriminator's property is made all the same."""
    fork = {
        "type": "object",
        "required": ["left"],
        "properties": {"t": TEXT, "left": ref("Tree"), "right": ref("Tree")},
    }
    tree = {"oneOf": [ref("Fork"), ref("Leaf")], "discriminator": {"propertyName": "t"}}
    leaf = {"type": "object", "properties": {"t": TEXT}, "maxProperties": 1}
    value = generate(schema({"type": "array", "items": ref("Fork")}, Fork=fork, Tree=tree, Leaf=leaf), RESPONSE)
    assert isinstance(value, list)
    assert all(isinstance(item, dict) and item["left"] == {"t": "Leaf"} for item in value)


def test_a_schema_that_leads_back_to_itself_is_told_once() -> None:
    """One violation that two ways lead to is one line."""
    endless = {"allOf": [ref("Self"), {"type": "object", "properties": {"x": WHOLE}}]}
    body = {"required": True, "content": {"application/json": {"schema": ref("Self")}}}
    document = {
        "paths": {
            "/": {"post": {"operationId": "ask", "requestBody": body, "responses": {"204": {"description": "d"}}}}
        },
        "components": {"schemas": {"Self": endless}},
    }
    answer = asker(contract(document))("POST /", {"Content-Type": "application/json"}, b'{"x": "a"}')
    assert answer.status == 422
    assert answer.body.count(b"expected an integer") == 1
