"""What a diff says of schemas: narrowed requests and widened responses break, each with an exchange that proves it."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from support.asking import contract

from tallystick.diff.run import compare
from tallystick.nouns.change import Change, Grade
from tallystick.rules.judge import judge

TODAY = date(2026, 1, 1)
STRING, INTEGER = {"type": "string"}, {"type": "integer"}


def document(schema: Any, is_request: bool) -> dict[str, Any]:
    """A contract with one operation whose request, or response, has a property of a schema."""
    whole = {"type": "object", "properties": {"part": schema}}
    content = {"application/json": {"schema": whole}}
    operation: dict[str, Any] = {"responses": {"200": {"description": "Done"}}}
    if is_request:
        operation["requestBody"] = {"required": True, "content": content}
    else:
        operation["responses"]["200"]["content"] = content
    return {"paths": {"/things": {"post": operation}}}


def changes(old: Any, new: Any, is_request: bool = True) -> list[Change]:
    """The changes between two versions of a schema, in a request or a response."""
    return compare(contract(document(old, is_request), "old"), contract(document(new, is_request), "new"), TODAY)


def obj(**more: Any) -> dict[str, Any]:
    return {"type": "object", "properties": {"a": STRING, "b": INTEGER}, **more}


def array(**more: Any) -> dict[str, Any]:
    return {"type": "array", "items": STRING, **more}


NARROWED = [
    ("type", {"type": ["string", "integer"]}, STRING),
    ("type", {"type": "number"}, INTEGER),
    ("type", {"type": ["string", "null"]}, STRING),
    ("enum", STRING, {"type": "string", "enum": ["a", "b"]}),
    ("enum", {"enum": ["a", "b", "c"]}, {"enum": ["a", "c"]}),
    ("const", STRING, {"type": "string", "const": "a"}),
    ("format", STRING, {"type": "string", "format": "uuid"}),
    ("pattern", STRING, {"type": "string", "pattern": "^[a-z]{3}$"}),
    ("pattern", {"type": "string", "pattern": "^[a-f0-9]+$"}, {"type": "string", "pattern": "^[0-9]+$"}),
    ("minimum", INTEGER, {"type": "integer", "minimum": 5}),
    ("minimum", {"type": "integer", "minimum": 5}, {"type": "integer", "exclusiveMinimum": 5}),
    ("maximum", {"type": "integer", "maximum": 9}, {"type": "integer", "maximum": 8}),
    ("multiple-of", INTEGER, {"type": "integer", "multipleOf": 3}),
    ("min-length", STRING, {"type": "string", "minLength": 1}),
    ("max-length", {"type": "string", "maxLength": 300}, {"type": "string", "maxLength": 299}),
    ("min-items", array(), array(minItems=1)),
    ("max-items", array(maxItems=5), array(maxItems=4)),
    ("unique-items", array(), array(uniqueItems=True)),
    ("contains", array(), array(contains={"const": "x"})),
    ("prefix-items", array(), array(prefixItems=[{"const": "x"}])),
    ("required", obj(), obj(required=["a"])),
    ("additional-properties", obj(), obj(additionalProperties=False)),
    ("additional-properties", obj(), obj(additionalProperties={"type": "string"})),
    ("pattern-properties", obj(), obj(patternProperties={"^x-": STRING})),
    ("property-names", obj(), obj(propertyNames={"pattern": "^[a-z]$"})),
    ("property-names", obj(propertyNames={"maxLength": 9}), obj(propertyNames={"maxLength": 5})),
    ("items", array(prefixItems=[STRING]), array(prefixItems=[STRING], items=False)),
    ("min-properties", obj(), obj(minProperties=2)),
    ("max-properties", obj(), obj(maxProperties=1)),
    ("dependent-required", obj(), obj(dependentRequired={"a": ["b"]})),
    ("dependent-schemas", obj(), obj(dependentSchemas={"a": {"required": ["b"]}})),
    ("any-of", {"anyOf": [STRING, INTEGER, {"type": "null"}]}, {"anyOf": [STRING, {"type": "null"}]}),
    ("one-of", {"oneOf": [STRING, INTEGER, {"type": "array"}]}, {"oneOf": [STRING, {"type": "array"}]}),
    ("not", STRING, {"type": "string", "not": {"const": "x"}}),
    ("condition", obj(), obj(**{"if": {"properties": {"a": {"const": "x"}}}, "then": {"required": ["b"]}})),
]
"""The part of the rule's id, a schema, and one that allows less."""


@pytest.mark.parametrize(("name", "wide", "narrow"), NARROWED, ids=[f"{row[0]}-{n}" for n, row in enumerate(NARROWED)])
def test_what_is_narrowed_in_a_request_is_breaking(name: str, wide: Any, narrow: Any) -> None:
    """A narrowed schema of a request is breaking: its witness keeps the old contract and breaks the new one."""
    (change,) = [each for each in changes(wide, narrow) if each.grade is Grade.BREAKING]
    assert change.rule == f"request-{name}-narrowed"
    assert change.where.startswith("body/part")
    assert change.witness is not None
    (old,), (new,) = contract(document(wide, True)), contract(document(narrow, True))
    assert judge(old, change.witness.exchange) == []
    assert judge(new, change.witness.exchange) != []


@pytest.mark.parametrize(("name", "wide", "narrow"), NARROWED, ids=[f"{row[0]}-{n}" for n, row in enumerate(NARROWED)])
def test_what_is_widened_in_a_response_is_breaking(name: str, wide: Any, narrow: Any) -> None:
    """A widened schema of a response is breaking, but for an enum that grows, which is a warning."""
    told = [each for each in changes(narrow, wide, is_request=False) if each.grade is not Grade.INFO]
    assert [each.rule for each in told] == [f"response-{name}-widened"]
    assert told[0].grade is (Grade.WARNING if name == "enum" else Grade.BREAKING)
    assert told[0].witness is not None


@pytest.mark.parametrize(("name", "wide", "narrow"), NARROWED, ids=[f"{row[0]}-{n}" for n, row in enumerate(NARROWED)])
def test_what_is_widened_in_a_request_breaks_nothing(name: str, wide: Any, narrow: Any) -> None:
    """A widened schema of a request, and a narrowed one of a response, is told and breaks nothing."""
    widened, narrowed = changes(narrow, wide), changes(wide, narrow, is_request=False)
    assert {each.grade for each in (*widened, *narrowed)} == {Grade.INFO}
    assert [each.rule for each in widened] == [f"request-{name}-widened"]
    assert [each.rule for each in narrowed] == [f"response-{name}-narrowed"]


def test_a_new_optional_property_breaks_nothing() -> None:
    """A new optional property of a request is a piece of information, a new required one is breaking."""
    more = {**obj(), "properties": {**obj()["properties"], "c": STRING}}
    assert [each.rule for each in changes(obj(), more)] == ["request-property-added"]
    rules = {each.rule for each in changes(obj(), {**more, "required": ["c"]})}
    assert rules == {"request-property-added", "request-required-narrowed"}


def test_a_removed_property_of_a_response() -> None:
    """An optional property that goes is a warning, a required one is breaking."""
    less = {"type": "object", "properties": {"a": STRING}}
    assert [each.rule for each in changes(obj(), less, is_request=False)] == ["response-property-removed"]
    rules = [each.rule for each in changes(obj(required=["b"]), less, is_request=False)]
    assert rules == ["response-required-widened"]


def test_a_shared_schema_is_told_once() -> None:
    """A change of a schema that two operations share is one change, which names both."""

    def shared(least: int) -> dict[str, Any]:
        schema = {"schema": {"$ref": "#/components/schemas/Thing"}}
        operation = {
            "requestBody": {"content": {"application/json": schema}},
            "responses": {"200": {"description": "Done"}},
        }
        return {
            "paths": {"/one": {"post": operation}, "/two": {"post": operation}},
            "components": {"schemas": {"Thing": {"type": "string", "minLength": least}}},
        }

    (change,) = compare(contract(shared(1), "old"), contract(shared(2), "new"), TODAY)
    assert (change.operation, change.others) == ("POST /one", ("POST /two",))
    assert change.old is not None
    assert change.old.pointer == "/components/schemas/Thing/minLength"


SAME = [
    ({"type": "string", "const": "a"}, {"const": "a"}),
    ({"type": "string", "enum": ["a", "b"]}, {"enum": ["a", "b"]}),
    ({"type": "boolean"}, {"type": "boolean", "enum": [True, False]}),
    ({"type": "integer", "minimum": 1}, {"type": "integer", "exclusiveMinimum": 0}),
    ({"type": "integer", "maximum": 9}, {"type": "integer", "exclusiveMaximum": 10}),
    ({"enum": ["a", "b"]}, {"enum": ["a", "b"], "maxLength": 5}),
    ({"type": ["string", "integer"]}, {"anyOf": [STRING, INTEGER]}),
    ({"type": "integer", "format": "int32"}, {"type": "integer", "minimum": -(2**31), "maximum": 2**31 - 1}),
]


@pytest.mark.parametrize(("one", "other"), SAME)
@pytest.mark.parametrize("is_request", [True, False])
def test_what_means_the_same_is_not_breaking(one: Any, other: Any, is_request: bool) -> None:
    """Two schemas that allow the same values break nobody, whichever of them is the new one."""
    told = [*changes(one, other, is_request), *changes(other, one, is_request)]
    assert [each.rule for each in told if each.grade is Grade.BREAKING] == []


def test_a_body_that_is_not_read_as_a_value_is_compared_by_its_schemas() -> None:
    """A body that the judge does not read is compared by its schemas where these are objects, without a witness."""

    def yaml_body(longest: int) -> dict[str, Any]:
        schema = {"type": "object", "properties": {"a": {"type": "string", "maxLength": longest}}}
        body = {"required": True, "content": {"application/yaml": {"schema": schema}}}
        return {"paths": {"/": {"post": {"requestBody": body, "responses": {"200": {"description": "Done"}}}}}}

    (change,) = compare(contract(yaml_body(9), "old"), contract(yaml_body(5), "new"), TODAY)
    assert (change.rule, change.grade, change.witness) == ("request-max-length-narrowed", Grade.BREAKING, None)
