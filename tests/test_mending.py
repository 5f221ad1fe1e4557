"""An example that breaks its schema is mended exactly where it breaks."""

from __future__ import annotations

from typing import Any

import pytest
from support.values import RESPONSE, TEXT, WHOLE, closed, ref, schema

from tallystick.examples.mending import Mending
from tallystick.schemas.compiled import ContractSchema


def mended(wanted: Any, example: Any, **components: Any) -> Any:
    """The example, mended; it fits its schema then."""
    compiled = schema(wanted, **components)
    assert isinstance(compiled, ContractSchema)
    mending = Mending(compiled.bundle(RESPONSE), example, RESPONSE)
    assert mending.mend(), compiled.errors(mending.value, RESPONSE)
    assert compiled.is_valid(mending.value, RESPONSE)
    return mending.value


PERSON = {
    "type": "object",
    "required": ["id", "name"],
    "properties": {"id": WHOLE, "name": TEXT, "email": {"type": "string", "format": "email"}},
    "additionalProperties": False,
}


@pytest.mark.parametrize(
    ("wanted", "example", "expected"),
    [
        (WHOLE, "17", 17),
        (WHOLE, "1,000", 1000),
        (WHOLE, 2.6, 3),
        ({"type": "number"}, "0.16001e0", 0.16001),
        (TEXT, 17, "17"),
        (TEXT, True, "true"),
        ({"type": "boolean"}, "yes", True),
        ({"type": "boolean"}, 0, False),
        ({"type": "array", "items": WHOLE}, "3", [3]),
        ({"type": "array", "items": {"const": 7}}, [7, "x"], [7, 7]),
        ({"type": "array", "items": TEXT, "maxItems": 2}, ["a", "b", "c"], ["a", "b"]),
        ({"type": "array", "uniqueItems": True}, ["a", "b", "a"], ["a", "b"]),
        (PERSON, [{"id": 1, "name": "Ann"}], {"id": 1, "name": "Ann"}),
        (PERSON, '{"id": 1, "name": "Ann"}', {"id": 1, "name": "Ann"}),
        ({"type": "object"}, [], {}),
        (WHOLE, {"type": "integer", "example": 69}, 69),
        ({"enum": ["in_progress", "done"]}, "In Progress", "in_progress"),
        ({"type": ["string", "null"], "format": "uri"}, "", None),
        ({"type": "integer", "minimum": 1}, 0, 1),
        ({"type": "number", "exclusiveMaximum": 5}, 9, 4),
        ({"type": "string", "maxLength": 3}, "abcdef", "abc"),
        ({"type": "string", "pattern": "^[a-z]+$"}, "Rex", "rex"),
        ({"type": "string", "format": "date-time"}, "2011-01-26 19:01:12", "2011-01-26T19:01:12Z"),
        ({"type": "string", "format": "date-time"}, "2011-01-26T19:01:12-0700", "2011-01-26T19:01:12-07:00"),
        ({"type": "string", "format": "date-time"}, "Tue, 10 Mar 2015 23:00:00 GMT", "2015-03-10T23:00:00Z"),
        ({"type": "string", "format": "date-time"}, 1296068472, "2011-01-26T19:01:12Z"),
        ({"type": "string", "format": "date"}, "2011-01-26T19:01:12Z", "2011-01-26"),
        ({"type": "integer"}, "2011-01-26T19:01:12Z", 1296068472),
        ({"type": "string", "format": "uri"}, "developer.github.com/a", "https://developer.github.com/a"),
        ({"type": "string", "format": "uri"}, "/v1/a b", "https://example.com/v1/a%20b"),
        ({"type": "string", "format": "email"}, "mailto:ann@example.com", "ann@example.com"),
    ],
)
def test_what_is_obvious_is_converted(wanted: Any, example: Any, expected: Any) -> None:
    """A value of another type or notation becomes what its author meant."""
    assert mended(wanted, example) == expected


def test_only_what_breaks_is_changed() -> None:
    """Of a list with one broken row, the other rows and the other members stay as they are."""
    rows = [{"id": 1, "name": "Ann", "email": "ann@example.com"}, {"id": "2", "nick": "B", "email": None}, {"id": 3}]
    first, second, third = mended({"type": "array", "items": PERSON}, rows)
    assert first == rows[0]
    assert list(second) == ["id", "name"]
    assert (second["id"], third["id"]) == (2, 3)
    assert second["name"] != third["name"]
    assert rows[2] == {"id": 3}


def test_a_member_under_another_spelling_is_renamed() -> None:
    """What is missing is not made up where it is there by another spelling of its name."""
    wanted = closed(created_at=TEXT, id=WHOLE)
    assert mended(wanted, {"createdAt": "today", "id": 1}) == {"created_at": "today", "id": 1}


def test_null_is_left_out_where_that_is_allowed() -> None:
    """An optional member that may not be null is left out; a required list is empty, another value is generated."""
    properties = {"note": TEXT, "tags": {"type": "array", "items": TEXT}, "id": WHOLE}
    wanted = {"type": "object", "required": ["tags", "id"], "properties": properties}
    value = mended(wanted, {"note": None, "tags": None, "id": None})
    assert value["tags"] == []
    assert isinstance(value["id"], int)
    assert "note" not in value


def test_the_branch_that_was_meant_is_mended() -> None:
    """Of a composition, the errors of the branch that a discriminator names, or of the nearest one, are mended."""
    cat = {"type": "object", "required": ["kind", "lives"], "properties": {"kind": {"const": "cat"}, "lives": WHOLE}}
    dog = {"type": "object", "required": ["kind", "bark"], "properties": {"kind": {"const": "dog"}, "bark": TEXT}}
    value = mended({"oneOf": [ref("Cat"), ref("Dog")]}, {"kind": "dog", "age": 4}, Cat=cat, Dog=dog)
    assert (value["kind"], value["age"]) == ("dog", 4)
    assert isinstance(value["bark"], str)
    assert mended({"anyOf": [{"type": "null"}, PERSON]}, {"id": "7", "name": "Ann"}) == {"id": 7, "name": "Ann"}


def test_what_fits_too_many_branches_keeps_what_it_can() -> None:
    """A value that fits several branches of a `oneOf` gets what sets one of them apart, and keeps its own members."""
    wanted = {
        "type": "object",
        "properties": {"id": WHOLE},
        "oneOf": [
            {"required": ["a"], "properties": {"a": TEXT}},
            {"required": ["b"], "properties": {"b": WHOLE}},
        ],
    }
    value = mended(wanted, {"id": 9, "a": "x", "b": 1})
    assert value["id"] == 9
    assert ("a" in value) != ("b" in value)


def test_rules_over_several_schemas_are_kept_together() -> None:
    """What one part of an `allOf` asks for is made as the other part describes it."""
    wanted = {"allOf": [{"properties": {"state": {"enum": ["open"]}}}, {"type": "object", "required": ["state"]}]}
    assert mended(wanted, {"id": 1}) == {"state": "open", "id": 1}


@pytest.mark.parametrize(
    ("wanted", "example", "expected"),
    [
        ({"type": "array", "prefixItems": [TEXT, WHOLE], "items": False}, ["a", "3", 9, 10], ["a", 3]),
        ({"type": "array", "contains": {"const": 5}}, [1, 2], [5, 2]),
        ({"maxProperties": 1, "properties": {"a": WHOLE}, "type": "object"}, {"a": 1, "b": 2}, {"a": 1}),
        ({"not": {"required": ["a"]}, "type": "object"}, {"a": 1, "b": 2}, {"b": 2}),
        ({"if": {"required": ["k"]}, "then": {"required": ["x"], "properties": {"x": {"const": 3}}}}, {"k": 1}, None),
        ({"type": "object", "properties": {"q": False}}, {"q": 1, "r": 2}, {"r": 2}),
        (
            {"allOf": [{"properties": {"a": WHOLE}}], "unevaluatedProperties": False, "type": "object"},
            {"a": "1", "z": 3},
            {"a": 1},
        ),
    ],
)
def test_each_keyword_can_be_kept(wanted: Any, example: Any, expected: Any) -> None:
    """What breaks a keyword of a whole object or list is mended with as little change as is found."""
    assert mended(wanted, example) == (expected or {"k": 1, "x": 3})


def test_a_very_large_example_is_left_alone() -> None:
    """An example with more parts than can be judged at once is not mended, and none of it is lost."""
    compiled = schema({"type": "array", "items": WHOLE})
    assert isinstance(compiled, ContractSchema)
    assert not Mending(compiled.bundle(RESPONSE), ["1"] * 100_000, RESPONSE).mend()


def test_nothing_can_be_mended_where_nothing_fits() -> None:
    """A schema that no value fits leaves the example alone."""
    compiled = schema({"not": {}})
    assert isinstance(compiled, ContractSchema)
    assert not Mending(compiled.bundle(RESPONSE), {"id": 1}, RESPONSE).mend()


def test_an_example_without_an_end_is_given_up() -> None:
    """An example that is too deep to be judged is not mended, and nothing breaks."""
    deep: Any = 1
    for _ in range(300):
        deep = [deep]
    compiled = schema({"type": "array", "items": {"not": {"const": 1}}, "maxItems": 0})
    assert isinstance(compiled, ContractSchema)
    Mending(compiled.bundle(RESPONSE), deep, RESPONSE).mend()
