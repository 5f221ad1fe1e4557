"""Keywords whose meaning depends on the version of a document, or on what stands around them."""

from __future__ import annotations

from typing import Any

import pytest
from support.asking import contract, schema
from support.values import RESPONSE, ref
from support.values import schema as response_schema

from tallystick.nouns.schema import Direction
from tallystick.rules.contract.document import judge_document

VERSIONS = ("2.0", "3.0.3", "3.1.0", "3.2.0")
DEPENDENCIES = {
    "type": "object",
    "dependencies": {
        "card": ["address", "name"],
        "gift": {"required": ["wish"], "properties": {"wish": {"type": "string"}}},
        "cash": "coins",
    },
}
EXTENDIBLE = {
    "$id": "https://test.example/list",
    "type": "object",
    "properties": {"elements": {"type": "array", "items": {"$dynamicRef": "#element"}}},
    "$defs": {"element": {"$dynamicAnchor": "element"}},
}


def swagger_schema(value: Any) -> Any:
    """The schema of a body of Swagger 2.0."""
    body = {"in": "body", "name": "b", "schema": value}
    (operation,) = contract(
        {"swagger": "2.0", "info": {"title": "T", "version": "1"}, "paths": {"/": {"post": {"parameters": [body]}}}}
    )
    assert operation.request_body is not None
    return operation.request_body.content[0].schema


def schema_of(version: str, value: Any) -> Any:
    return swagger_schema(value) if version == "2.0" else schema(value, version)


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(
    ("value", "is_valid"),
    [
        ({}, True),
        ({"card": 1}, False),
        ({"card": 1, "address": 1, "name": 1}, True),
        ({"card": 1, "address": 1}, False),
        ({"gift": 1}, False),
        ({"gift": 1, "wish": 2}, False),
        ({"gift": 1, "wish": "peace"}, True),
        ({"cash": 1}, False),
        ({"cash": 1, "coins": 1}, True),
        ([], False),
    ],
)
def test_dependencies_mean_what_draft_7_says(version: str, value: Any, is_valid: bool) -> None:
    """`dependencies` is judged in every version of OpenAPI, in both of its forms."""
    assert schema_of(version, DEPENDENCIES).is_valid(value, Direction.REQUEST) == is_valid


def test_an_error_of_dependencies_leads_to_their_line() -> None:
    """The place of an error is that of `dependencies`, which stands in the document, and not of its successor."""
    (error,) = schema(DEPENDENCIES, "3.0.3").errors({"card": 1, "name": 1}, Direction.REQUEST)
    assert error.place.pointer.endswith("/schema/dependencies")


def test_dependencies_stand_beside_their_successors() -> None:
    """What `dependencies` and `dependentRequired` say both holds."""
    both = schema({"dependencies": {"a": ["b"]}, "dependentRequired": {"a": ["c"]}})
    assert not both.is_valid({"a": 1, "b": 1}, Direction.REQUEST)
    assert not both.is_valid({"a": 1, "c": 1}, Direction.REQUEST)
    assert both.is_valid({"a": 1, "b": 1, "c": 1}, Direction.REQUEST)


@pytest.mark.parametrize("format_name", ["time", "duration"])
@pytest.mark.parametrize(("version", "is_judged"), [("2.0", False), ("3.0.3", False), ("3.1.0", True), ("3.2.0", True)])
def test_a_format_is_judged_where_the_version_defines_it(format_name: str, version: str, is_judged: bool) -> None:
    """JSON Schema defines `time` and `duration` after the draft of 2.0 and 3.0: there any string fits."""
    judged = schema_of(version, {"type": "string", "format": format_name})
    assert judged.is_valid("10:00", Direction.REQUEST) != is_judged
    assert not judged.is_valid(7, Direction.REQUEST)


def list_of(name: str, kind: str) -> dict[str, Any]:
    """A list that extends `EXTENDIBLE` by the type of its elements."""
    element = {"$dynamicAnchor": "element", "type": kind}
    return {"$id": f"https://test.example/{name}", "$ref": "list", "$defs": {"element": element}}


def test_a_dynamic_reference_leads_to_the_outermost_anchor_of_each_way() -> None:
    """One extendible schema means other elements behind each schema that leads to it."""
    components = {"List": EXTENDIBLE, "Numbers": list_of("numbers", "number"), "Texts": list_of("texts", "string")}
    both = response_schema({"properties": {"n": ref("Numbers"), "t": ref("Texts"), "any": ref("List")}}, **components)
    numbers, texts = {"elements": [1]}, {"elements": ["a"]}
    assert both.is_valid({"n": numbers, "t": texts, "any": {"elements": [1, "a"]}}, RESPONSE)
    assert not both.is_valid({"n": texts}, RESPONSE)
    assert not both.is_valid({"t": numbers}, RESPONSE)


def test_a_dynamic_reference_returns_from_the_scope_that_it_left() -> None:
    """An anchor counts inside its own resource only, not beside it."""
    root = {
        "$id": "https://test.example/main",
        "properties": {
            "inner": {"$id": "inner", "$defs": {"e": {"$dynamicAnchor": "element", "type": "null"}}, "$ref": "list"},
            "outer": {"$ref": "list"},
        },
    }
    main = response_schema(root, List=EXTENDIBLE)
    assert main.is_valid({"inner": {"elements": [None]}, "outer": {"elements": [1]}}, RESPONSE)
    assert not main.is_valid({"inner": {"elements": [1]}}, RESPONSE)


def test_many_dynamic_scopes_end() -> None:
    """Resources that lead to each other in every order, each with an anchor of its own, are judged within a bound."""
    names = [f"r{number}" for number in range(14)]
    components = {
        name: {
            "$id": f"https://test.example/{name}",
            "$defs": {"a": {"$dynamicAnchor": f"a-{name}", "type": "object"}},
            "properties": {other: {"$ref": f"https://test.example/{other}"} for other in names if other != name},
        }
        for name in names
    }
    assert response_schema(ref("r0"), **components).is_valid({"r1": {"r2": {}}}, RESPONSE)


@pytest.mark.parametrize("keyword", ["enum", "const", "default", "example", "examples", "x-data"])
@pytest.mark.parametrize("naming", [{"$anchor": "target"}, {"$dynamicAnchor": "target"}, {"$id": "target"}])
def test_what_names_a_schema_in_data_is_data(keyword: str, naming: dict[str, str]) -> None:
    """An `$anchor` or `$id` inside an enum, a const, a default or an example names nothing."""
    data = {**naming, "type": "null"}
    value = {
        "$id": "https://test.example/root",
        "$defs": {
            "decoy": {keyword: [data] if keyword in ("enum", "examples") else data},
            "real": {**naming, "type": "integer"},
        },
        "properties": {"p": {"$ref": "target" if "$id" in naming else "#target"}},
    }
    judged = response_schema(value)
    assert judged.is_valid({"p": 1}, RESPONSE)
    assert not judged.is_valid({"p": None}, RESPONSE)


@pytest.mark.parametrize("name", ["enum", "const", "default", "example", "properties", "x-data", "$anchor", "$id"])
def test_a_property_may_have_the_name_of_a_keyword(name: str) -> None:
    """A schema that stands under such a name is a schema all the same."""
    target = {"$anchor": "target", "type": "integer"}
    value = {"$id": "https://test.example/root", "properties": {name: target, "p": {"$ref": "#target"}}}
    judged = response_schema(value)
    assert judged.is_valid({"p": 1}, RESPONSE)
    assert not judged.is_valid({"p": None}, RESPONSE)


def test_a_component_or_response_may_have_the_name_of_a_keyword() -> None:
    """A schema below `responses/default`, or one that is called `example`, can be referred to by its anchor."""
    anchored = {"$anchor": "there", "type": "integer"}
    response = {"description": "d", "content": {"application/json": {"schema": anchored}}}
    operation = {"operationId": "ask", "responses": {"default": response, "200": response | {"content": {}}}}
    document = contract(
        {
            "paths": {"/": {"get": operation}},
            "components": {
                "schemas": {
                    "example": {"$anchor": "here", "type": "integer"},
                    "user": {"allOf": [{"$ref": "#here"}, {"$ref": "#there"}]},
                }
            },
        }
    )
    assert [violation.rule for violation in judge_document(document) if "reference" in violation.rule] == []


@pytest.mark.parametrize("keyword", ["enum", "const", "default", "example", "examples"])
def test_a_reference_in_data_is_data(keyword: str) -> None:
    """A `$ref` inside an enum, a const, a default or an example is followed neither by the judge nor by check."""
    data = {"$ref": "#/nowhere"}
    value = {keyword: [data] if keyword in ("enum", "examples") else data}
    response = {"description": "d", "content": {"application/json": {"schema": value}}}
    document = contract({"paths": {"/": {"get": {"operationId": "ask", "responses": {"200": response}}}}})
    (operation,) = document
    judged = operation.responses[0].content[0].schema
    assert judged is not None
    assert judged.is_valid(data, RESPONSE)
    assert judge_document(document) == []
