"""Texts become the values that their schemas mean by them, and what cannot be read is told, not raised."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.asking import contract, parameter, schema

from tallystick.nouns.schema import Direction, Schema
from tallystick.schemas.shapes import items_of, properties_of, shape_of, type_of, types_of
from tallystick.wire.fields import Fields, fields_of
from tallystick.wire.parameters import field_reader, text_reader
from tallystick.wire.values import MISSING, decode, pairs, property_reader, read_items, read_json, scalar_reader


@pytest.mark.parametrize(
    ("raw", "plus", "expected"),
    [
        ("abc", False, "abc"),
        ("a+b", False, "a+b"),
        ("a+b", True, "a b"),
        ("a%2Bb", True, "a+b"),
        ("%C3%A9", False, "é"),
        ("é", False, "é"),
        ("100%", False, "100%"),
        ("%zz%4", False, "%zz%4"),
        ("", True, ""),
    ],
)
def test_percent_encoding(raw: str, plus: bool, expected: str) -> None:
    """Percent-encoding is UTF-8, a plus is a space only in queries, and what is no encoding stays."""
    assert decode(raw, plus) == (expected, "")


@pytest.mark.parametrize("raw", ["%FF", "a%C3", "\udcff"])
def test_percent_encoding_that_is_not_utf_8(raw: str) -> None:
    """What is not UTF-8 is told, and read as well as it can be."""
    text, problem = decode(raw)
    assert "�" in text
    assert problem == "it is not UTF-8 in percent-encoding"


def test_the_fields_of_a_query() -> None:
    """Fields are parted at ampersands and the first equals sign; names are decoded, values not yet."""
    assert pairs("a=1&b%20c+d=%20&&e&=f&g=h=i") == [
        ("a", "1"),
        ("b c d", "%20"),
        ("e", ""),
        ("", "f"),
        ("g", "h=i"),
    ]
    assert fields_of("a=1&b=2&a=3") == {"a": ["1", "3"], "b": ["2"]}
    assert fields_of("") == {}


PLAIN = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text()
JSON = st.recursive(PLAIN, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner))


@given(JSON)
def test_json_is_read_as_json(value: Any) -> None:
    """Whatever is written as JSON is read as the same value."""
    assert read_json(json.dumps(value, ensure_ascii=False).encode()) == (value, "")


@given(st.binary())
def test_no_bytes_stop_the_reader_of_json(raw: bytes) -> None:
    """Any bytes are a value, or a fault that begins alike."""
    value, problem = read_json(raw)
    assert (value is MISSING) == problem.startswith("not JSON: ")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (b"", "it is empty"),
        (b"\xef\xbb\xbf{}", "a byte order mark stands before it"),
        (b'{"a": "\xe4"}', "it is not UTF-8 at byte 8"),
        (b"{\n}x", "unexpected content after document (line 2, column 2)"),
        (b"[NaN]", "unexpected character, expected a JSON value (line 1, column 2); JSON has neither NaN nor Infinity"),
        (b'"\\ud800"', "no low surrogate in string (line 1, column 2)"),
        (b"[" * 100_000, "depth limit exceeded (line 1, column 1026)"),
        (b"1" * 5000, "number is infinity when parsed as double (line 1, column 1)"),
    ],
)
def test_what_is_no_json_is_told_by_its_place(text: bytes, problem: str) -> None:
    """The fault of a JSON text is told with line and column, or as what is wrong with it as a whole."""
    assert read_json(text) == (MISSING, f"not JSON: {problem}")


def test_missing_is_no_value() -> None:
    """What stands for a value that is not there is not None, and shows as what it is."""
    assert MISSING is not None
    assert not MISSING
    assert repr(MISSING) == "MISSING"


@pytest.mark.parametrize(
    ("described", "text", "expected"),
    [
        ({"type": "integer"}, "12", 12),
        ({"type": "integer"}, "-0", 0),
        ({"type": "integer"}, "1.0", 1.0),
        ({"type": "integer"}, "+1", "+1"),
        ({"type": "integer"}, " 1", " 1"),
        ({"type": "integer"}, "0x1", "0x1"),
        ({"type": "integer"}, "1_000", "1_000"),
        ({"type": "integer"}, "\u0661", "\u0661"),
        ({"type": "integer"}, "9" * 300, int("9" * 300)),
        ({"type": "integer"}, "9" * 5000, "9" * 5000),
        ({"type": "number"}, "1e3", 1000.0),
        ({"type": "number"}, "1e999", "1e999"),
        ({"type": "number"}, "-1e999", "-1e999"),
        ({"type": "number"}, ".5", ".5"),
        ({"type": "number"}, "Infinity", "Infinity"),
        ({"type": "boolean"}, "true", True),
        ({"type": "boolean"}, "True", "True"),
        ({"type": "boolean"}, "1", "1"),
        ({"type": "string"}, "12", "12"),
        ({"type": ["string", "null"]}, "null", "null"),
        ({"type": ["integer", "null"]}, "null", None),
        ({"type": ["integer", "null"]}, "", None),
        ({"type": "null"}, "x", "x"),
        ({"type": ["integer", "string"]}, "12", 12),
        ({"type": ["integer", "string"], "enum": ["12"]}, "12", "12"),
        ({"type": ["integer", "string"], "enum": ["13"]}, "12", 12),
        ({"enum": [1, "all"]}, "1", 1),
        ({"enum": [True]}, "true", True),
        ({"const": 1.5}, "1.5", 1.5),
        ({"anyOf": [{"type": "integer", "minimum": 5}, {"const": "3"}]}, "3", "3"),
        ({"type": ["object", "integer"]}, '{"a": 1}', {"a": 1}),
        ({"type": ["array", "integer"]}, "[1", "[1"),
        ({"type": ["array", "integer"]}, "[" * 30000, "[" * 30000),
        ({}, "12", "12"),
        ({"minimum": 5}, "12", 12),
        (True, "12", "12"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_scalar_is_what_its_schema_means(described: Any, text: str, expected: Any) -> None:
    """A text is the first thing that its types can be and the schema takes; what it cannot be stays a text."""
    value = scalar_reader(schema(described))(text)
    assert (value, type(value)) == (expected, type(expected))


def test_without_a_schema_a_text_is_a_text() -> None:
    """Nothing is guessed where nothing is described."""
    assert scalar_reader(None)("12") == "12"
    assert read_items(["1", "a"], None) == ["1", "a"]
    assert property_reader(None)("a", ["1"]) == ("1", "")


@given(st.text())
def test_no_text_stops_a_reader(text: str) -> None:
    """Any text is read as something, by a reader of every type at once."""
    value = EVERYTHING(text)
    assert value == text or json.loads(text or "null") == value or value is None


EVERYTHING = scalar_reader(schema({"type": ["integer", "number", "boolean", "null", "array", "object"]}))


@pytest.mark.parametrize(
    ("described", "expected"),
    [
        ({"type": "integer"}, "scalar"),
        ({"type": "array"}, "array"),
        ({"type": "object"}, "object"),
        ({"type": ["array", "null"]}, "array"),
        ({"type": ["array", "string"]}, "scalar"),
        ({"type": "null"}, "scalar"),
        ({}, "scalar"),
        ({"items": {}}, "array"),
        ({"prefixItems": [{}]}, "array"),
        ({"properties": {"a": {}}}, "object"),
        ({"enum": [[1], [2]]}, "array"),
        ({"const": {"a": 1}}, "object"),
        ({"allOf": [{"type": ["array", "string"]}, {"type": ["array", "null"]}]}, "array"),
        ({"anyOf": [{"type": "array"}, {"type": "object"}]}, "array"),
        ({"oneOf": [{"type": "object"}, {"type": "null"}]}, "object"),
        ({"oneOf": []}, "scalar"),
        ({"allOf": [{"type": "number"}, {"type": "integer"}]}, "scalar"),
        (False, "scalar"),
    ],
)
def test_the_shape_of_a_schema(described: Any, expected: str) -> None:
    """A schema is written as an array or object where its values can be nothing else."""
    assert shape_of(schema(described)) == expected


def test_types_of_compositions() -> None:
    """All parts of an `allOf` narrow the types, those of an `anyOf` widen them; an integer is a number."""
    assert types_of(schema({"allOf": [{"type": "number"}, {"type": ["integer", "string"]}]})) == {"integer"}
    assert types_of(schema({"anyOf": [{"type": "number"}, {"const": None}]})) == {"number", "null"}
    assert types_of(None) == types_of(schema({})) >= {"null", "object", "string"}
    assert [type_of(value) for value in (True, 1, 1.0, "", [], {}, None)] == [
        "boolean", "integer", "number", "string", "array", "object", "null",
    ]  # fmt: skip


def family(members: int) -> Schema:
    """A parent that is one of many children, each of which is all of the parent: as discriminators are written."""
    children = {
        f"Child{n}": {"allOf": [{"$ref": "#/components/schemas/Parent"}, {"properties": {f"p{n}": {"type": "array"}}}]}
        for n in range(members)
    }
    parent = {
        "type": "object",
        "properties": {"kind": {}},
        "oneOf": [{"$ref": f"#/components/schemas/{name}"} for name in children],
    }
    content = {"application/json": {"schema": {"$ref": "#/components/schemas/Parent"}}}
    (operation,) = contract(
        {
            "paths": {"/": {"post": {"requestBody": {"content": content}, "responses": {}}}},
            "components": {"schemas": {"Parent": parent, **children}},
        }
    )
    assert operation.request_body is not None
    found = operation.request_body.content[0].schema
    assert found is not None
    return found


def test_compositions_that_refer_to_each_other_are_looked_at_once() -> None:
    """A parent of a hundred children that refer back to it is read in no time."""
    parent = family(100)
    assert types_of(parent) == {"object"}
    assert set(properties_of(parent)) == {"kind", *(f"p{n}" for n in range(100))}
    assert items_of(parent) is None


def test_items_and_properties_are_found_in_parts() -> None:
    """What a part of a schema declares is declared; the schema's own declaration goes first."""
    found = properties_of(
        schema({"properties": {"a": {"type": "integer"}}, "anyOf": [{"properties": {"a": {}, "b": {"type": "null"}}}]})
    )
    assert {name: types_of(child) == {"integer"} for name, child in found.items()} == {"a": True, "b": False}
    assert types_of(items_of(schema({"allOf": [{}, {"items": {"type": "boolean"}}]}))) == {"boolean"}


def test_the_properties_of_an_object_are_read_by_their_schemas() -> None:
    """A property that is not declared is read as the additional properties are."""
    read = property_reader(
        schema({"properties": {"a": {"type": "integer"}}, "additionalProperties": {"type": "boolean"}})
    )
    assert (read("a", ["1"]), read("b", ["true"]), read("c", ["1"])) == ((1, ""), (True, ""), ("1", ""))


def test_a_text_parameter_without_a_schema() -> None:
    """A parameter that says nothing of its value is a text."""
    assert text_reader(parameter("header", schema=True))("a, b") == ("a, b", "")


@pytest.mark.parametrize("location", ["path", "query", "header", "cookie"])
def test_a_content_parameter_that_is_no_json_is_text(location: str) -> None:
    """A media type that is not known is read as text."""
    made = parameter(location, content={"text/csv": {"schema": {"type": "string"}}})
    if location == "query":
        assert field_reader(made)(Fields({"p": ["a,b"]})) == ("a,b", "")
    else:
        assert text_reader(made)("a,b") == ("a,b", "")


def test_nesting_beyond_any_use_is_refused() -> None:
    """A deep object is read as deep as anybody needs, and no deeper."""
    read = field_reader(parameter(style="deepObject", schema={"type": "object"}))
    value, problem = read(Fields({"p" + "[a]" * 20000: ["1"]}))
    assert value is MISSING
    assert problem == "its names have 20000 brackets; the most that is read is 64"
    value, problem = read(Fields({"p" + "[a]" * 64: ["1"]}))
    assert not problem
    for _ in range(64):
        value = value["a"]
    assert value == "1"


def test_many_unknown_names_leave_nothing_behind() -> None:
    """A reader keeps nothing of the names that it is sent."""
    read = field_reader(parameter(schema={"type": "object", "additionalProperties": {"type": "integer"}}))
    for number in range(50):
        assert read(Fields({f"n{number}": ["1"]})) == ({f"n{number}": 1}, "")
    cells = [cell.cell_contents for cell in read.__closure__ or ()]
    assert all(len(content) < 50 for content in cells if hasattr(content, "__len__"))


@given(st.dictionaries(st.text(max_size=8), st.lists(st.text(max_size=8), min_size=1, max_size=3), max_size=4))
def test_no_fields_stop_a_reader(fields: dict[str, list[str]]) -> None:
    """Whatever is sent, every reader returns a value or MISSING, and a value of the engine's kind."""
    for read, described in ANY_FIELD:
        value, _ = read(Fields(fields))
        assert value is MISSING or described.is_valid(value, Direction.REQUEST) in (True, False)


ANY_FIELD = [
    (field_reader(made), made.schema)
    for made in (
        parameter(style=style, explode=explode, schema=described)
        for style in ("form", "spaceDelimited", "pipeDelimited", "deepObject")
        for explode in (True, False)
        for described in (
            {"type": "array", "items": {"type": "integer"}},
            {"type": "object", "additionalProperties": {"type": ["array", "null"]}},
            {"type": ["object", "array", "integer"]},
            {},
        )
    )
]
