"""`x-faker` and `x-examples` are read as users of Prism write them."""

from __future__ import annotations

import re
from typing import Any

import pytest
from support.asking import asker, contract
from support.values import RESPONSE, TEXT, WHOLE, generated, schema

from tallystick.examples.draws import Style
from tallystick.examples.samples import generate


@pytest.mark.parametrize(
    ("directive", "value", "expected"),
    [
        ("name.firstName", TEXT, r"[A-Z]\w+"),
        ("person.fullName", TEXT, r"[A-Z]\w+ [A-Z]\w+"),
        ("internet.email", TEXT, r"[a-z]+\.[a-z]+@example\.com"),
        ("address.zipCode", TEXT, r"\d{5}"),
        ("location.latitude", {"type": "number"}, r"-?\d+\.\d+"),
        ("datatype.uuid", TEXT, r"[0-9a-f-]{36}"),
        ("date.past", {"type": "string", "format": "date-time"}, r"2025-.*Z"),
        ("company.catchPhrase", TEXT, r"\w.+"),
        ({"random.number": {"min": 40, "max": 42}}, WHOLE, r"4[012]"),
        ({"number.int": [{"max": 3}]}, WHOLE, r"[0-3]"),
        ({"helpers.arrayElement": [["red", "green"]]}, TEXT, r"red|green"),
        ("Dear {{name.firstName}} {{name.lastName}}!", TEXT, r"Dear [A-Z]\w+ [A-Z]\w+!"),
        ({"fake": "{{address.city}}"}, TEXT, r"[A-Z].+"),
        ("no.suchThing", TEXT, r"widget mode 1"),
        ("datatype.boolean", TEXT, r"widget mode 1"),
        ("__class__.mro", TEXT, r"widget mode 1"),
        ("any.format", TEXT, r"widget mode 1"),
        ("any.seedInstance", TEXT, r"widget mode 1"),
        ("any.enum", TEXT, r"widget mode 1"),
    ],
)
def test_x_faker_says_what_a_value_is(directive: Any, value: dict[str, Any], expected: str) -> None:
    """A method of Faker.js makes the value; one that is not known, or does not fit, leaves it as it would be."""
    assert re.fullmatch(expected, str(generated({**value, "x-faker": directive}, name="widgetMode")))


def test_x_faker_comes_after_an_example_but_where_values_are_fresh() -> None:
    """The author's example is served, unless a fresh value is asked for."""
    wanted = schema({**TEXT, "example": "Ada", "x-faker": "address.zipCode"})
    assert generate(wanted, RESPONSE) == "Ada"
    assert re.fullmatch(r"\d{5}", generate(wanted, RESPONSE, Style(fresh=True)))


@pytest.mark.parametrize("version", ["3.0.3", "3.1.0"])
def test_x_examples_of_a_schema_are_examples_of_its_body(version: str) -> None:
    """They can be asked for by name; the first one is served without a name."""
    user = {"type": "object", "x-examples": {"ada": {"name": "Ada"}, "bob": {"value": {"name": "Bob"}}}}
    content = {"application/json": {"schema": user}}
    responses = {"200": {"description": "A user", "content": content}}
    document = {"openapi": version, "info": {"title": "T", "version": "1"}}
    ask = asker(contract({**document, "paths": {"/me": {"get": {"responses": responses}}}}))
    assert ask("GET /me").body == b'{"name":"Ada"}'
    assert ask("GET /me", {"Prefer": "example=bob"}).body == b'{"name":"Bob"}'


def test_x_examples_of_a_parameter_of_swagger_2_are_those_of_its_body() -> None:
    """A body parameter names an example for each media type, or several."""
    parameter: dict[str, Any] = {"in": "body", "name": "user", "schema": {"type": "object"}}
    parameter["x-examples"] = {"application/json": {"name": "Ada"}}
    document = {"swagger": "2.0", "info": {"title": "T", "version": "1"}}
    (operation,) = contract({**document, "paths": {"/me": {"put": {"parameters": [parameter], "responses": {}}}}})
    assert operation.request_body is not None
    assert [example.value for example in operation.request_body.content[0].examples] == [{"name": "Ada"}]
