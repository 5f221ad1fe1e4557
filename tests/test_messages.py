"""Messages say in words why a value does not fit, one wording for each kind of error that the engine knows."""

from __future__ import annotations

from typing import Any

import jsonschema_rs
import pytest

from tallystick.schemas.messages import message


def first_message(schema: dict[str, Any], value: Any) -> str:
    """The message of the first error of a value."""
    return message(next(jsonschema_rs.Draft202012Validator(schema, validate_formats=True).iter_errors(value)))


@pytest.mark.parametrize(
    ("schema", "value", "expected"),
    [
        ({"type": "string"}, 1, "1 is an integer; expected a string"),
        ({"type": ["array", "null"]}, "a", '"a" is a string; expected null or an array'),
        ({"type": "string"}, None, "null stands here; expected a string"),
        ({"enum": ["a", 1, None]}, 2, '2 is not one of the allowed values; expected "a", 1 or null'),
        ({"const": True}, False, "false is not the allowed value; expected true"),
        ({"const": {"a": 1.0}}, 1, '1 is not the allowed value; expected {"a": 1.0}'),
        ({"format": "email"}, "a", '"a" is not of the format email'),
        ({"pattern": "^b{2}"}, "a", '"a" does not match the pattern ^b{2}'),
        ({"minimum": 3}, 1, "1 is too small; the least is 3"),
        ({"maximum": 0.5}, 1, "1 is too large; the most is 0.5"),
        ({"exclusiveMinimum": 3}, 3, "3 is too small; expected more than 3"),
        ({"exclusiveMaximum": 3}, 3, "3 is too large; expected less than 3"),
        ({"multipleOf": 2}, 3, "3 is not a multiple of 2"),
        ({"not": {}}, "{}", '"{}" fits a schema that it must not fit'),
        ({"properties": {"a": False}}, {"a": 1}, "1 is not allowed here; no value is"),
        ({"minLength": 3}, "ab", '"ab" has 2 characters; the least is 3'),
        ({"maxLength": 1}, "ab", '"ab" has 2 characters; the most is 1'),
        ({"minItems": 2}, [1], "1 items; the least is 2"),
        ({"maxItems": 0}, [1], "1 items; the most is 0"),
        ({"minProperties": 2}, {"a": 1}, "1 properties; the least is 2"),
        ({"maxProperties": 0}, {"a": 1}, "1 properties; the most is 0"),
        ({"uniqueItems": True}, [1, 1], "the same item stands twice; each may stand once"),
        ({"required": ["a"]}, {}, "the property 'a' is missing; it is required"),
        (
            {"properties": {"b": {}}, "additionalProperties": False},
            {"a": 1},
            "unexpected 'a'; no other property is allowed here",
        ),
        (
            {"unevaluatedProperties": False},
            {"a": 1, "b": 2, "c": 3},
            "unexpected 'a', 'b' and 'c'; no other property is allowed here",
        ),
        (
            {"propertyNames": {"maxLength": 1}},
            {"ab": 1},
            'a property has a name that is not allowed: "ab" has 2 characters; the most is 1',
        ),
        (
            {"anyOf": [{"type": "string"}, {"minimum": 3}]},
            1,
            "1 fits none of 2 schemas; nearest is number 2: 1 is too small; the least is 3",
        ),
        (
            {"oneOf": [{"properties": {"a": {"type": "string"}}}, {"type": "null"}]},
            {"a": 1},
            '{"a": 1} fits none of 2 schemas; nearest is number 1: /a: 1 is an integer; expected a string',
        ),
        ({"oneOf": [{}, True]}, 1, "1 fits more than one schema (numbers 1 and 2); exactly one is expected"),
    ],
)
def test_each_kind_has_words(schema: dict[str, Any], value: Any, expected: str) -> None:
    """A message is the fact, then what was expected."""
    assert first_message(schema, value) == expected


def test_a_list_of_what_is_allowed_is_cut() -> None:
    """Of many allowed values the first are shown, and how many more there are."""
    fact = "-1 is not one of the allowed values; expected 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 or 9 more"
    assert first_message({"enum": list(range(20))}, -1) == fact


def test_a_kind_without_words_of_ours_has_those_of_the_engine() -> None:
    """What no wording stands for is told as the engine tells it."""
    assert first_message({"contains": {"type": "string"}}, [1]).startswith("None of [1] are valid")
