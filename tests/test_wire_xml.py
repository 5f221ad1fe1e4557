"""XML bodies by the hints of their schema: what is written comes back, and no document stops the reader."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.asking import operation, schema

from tallystick.nouns.schema import Schema
from tallystick.wire.values import MISSING
from tallystick.wire.xml import read_xml, write_xml

PET = {
    "type": "object",
    "xml": {"name": "pet", "namespace": "https://example.com/pets", "prefix": "p"},
    "properties": {
        "id": {"type": "integer", "xml": {"attribute": True}},
        "name": {"type": "string", "xml": {"name": "called"}},
        "tame": {"type": "boolean"},
        "weight": {"type": "number"},
        "tags": {"type": "array", "items": {"type": "string", "xml": {"name": "tag"}}, "xml": {"wrapped": True}},
        "ages": {"type": "array", "items": {"type": "integer"}},
        "owner": {"type": "object", "properties": {"name": {"type": "string"}}},
    },
}
TEXT = st.text(st.characters(codec="utf-8", exclude_categories=("C",)), min_size=1).filter(
    lambda text: text.strip() == text
)
PETS = st.fixed_dictionaries(
    {},
    optional={
        "id": st.integers(-(10**9), 10**9),
        "name": TEXT,
        "tame": st.booleans(),
        "weight": st.floats(allow_nan=False, allow_infinity=False),
        "tags": st.lists(TEXT, max_size=3),
        "ages": st.lists(st.integers(0, 99), min_size=1, max_size=3),
        "owner": st.fixed_dictionaries({"name": TEXT}),
    },
)
PET_SCHEMA = schema(PET)


@given(PETS)
def test_what_is_written_is_read(value: dict[str, Any]) -> None:
    """Attributes, renamed elements, wrapped and plain arrays and nested objects come back as they were."""
    assert read_xml(write_xml(value, PET_SCHEMA), PET_SCHEMA) == (value, "")


def test_how_hints_are_written() -> None:
    """A value is written as its hints say, with its namespace."""
    written = write_xml({"id": 1, "name": "Rex & <co>", "tags": ["a"], "ages": [1, 2]}, PET_SCHEMA)
    assert written == (
        b"<?xml version='1.0' encoding='utf-8'?>\n"
        b'<p:pet xmlns:p="https://example.com/pets" id="1"><called>Rex &amp; &lt;co&gt;</called>'
        b"<tags><tag>a</tag></tags><ages>1</ages><ages>2</ages></p:pet>"
    )


@pytest.mark.parametrize(
    ("described", "value", "expected"),
    [
        ({"type": "array", "items": {"type": "integer"}}, [1, 2], b"<root><item>1</item><item>2</item></root>"),
        ({"type": "object", "properties": {"a": {"type": "null"}}}, {"a": None}, b"<root><a /></root>"),
        ({"type": "object"}, {"1 b": True, "": "\x00"}, "<root><_1_b>true</_1_b><_>\ufffd</_></root>".encode()),
        ({"type": "object", "xml": {"namespace": "urn:a"}}, {}, b'<root xmlns="urn:a" />'),
        (
            {"type": "object", "properties": {"a": {"type": "string", "xml": {"attribute": True}}}},
            {"a": None},
            b"<root />",
        ),
    ],
)
def test_values_without_hints(described: Any, value: Any, expected: bytes) -> None:
    """A property is an element of its name, or of the nearest name that XML allows."""
    assert write_xml(value, schema(described)).partition(b"\n")[2] == expected


@pytest.mark.parametrize(
    ("described", "document", "expected"),
    [
        ({"type": "object"}, "<a><b>1</b><b>2</b><c>x</c></a>", {"b": ["1", "2"], "c": "x"}),
        ({"type": "object", "additionalProperties": {"type": "integer"}}, "<a><b>1</b></a>", {"b": 1}),
        ({}, "<a>text</a>", "text"),
        ({"type": "array", "items": {"type": "integer"}}, "<a><b>1</b><c>2</c></a>", [1, 2]),
        ({"type": "array", "items": {"type": "integer"}}, "<a/>", []),
        ({"type": "integer"}, "<a> 1</a>", " 1"),
        ({"type": "integer"}, "<a>1</a>", 1),
        ({"type": ["string", "null"]}, '<a xmlns:x="http://www.w3.org/2001/XMLSchema-instance" x:nil="true"/>', None),
        (
            {"type": "object", "properties": {"t": {"type": "string", "xml": {"nodeType": "text"}}}},
            "<a>hey</a>",
            {"t": "hey"},
        ),
        ({"type": "object", "properties": {"b": {"type": "object"}}}, "<a><x:b xmlns:x='urn:x'/></a>", {"b": {}}),
    ],
)
def test_documents_are_read_by_their_schema(described: Any, document: str, expected: Any) -> None:
    """An element is what its schema means by it; what is not described is text, an object, or a list of several."""
    assert read_xml(document.encode(), schema(described)) == (expected, "")


def test_a_text_of_a_node_is_written() -> None:
    """A property may be the text of its element (OpenAPI 3.2, `nodeType`)."""
    described = schema({"type": "object", "properties": {"t": {"type": "string", "xml": {"nodeType": "cdata"}}}})
    assert write_xml({"t": "hey"}, described).endswith(b"<root>hey</root>")


def test_the_root_has_the_name_of_its_schema() -> None:
    """Another root element is told, and its value is judged all the same."""
    assert read_xml(b"<dog id='1'/>", PET_SCHEMA) == ({"id": 1}, "the root element is <dog>; expected <pet>")


LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 9 if n else "ha"}">' for n in range(9))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
@pytest.mark.parametrize("subset", ["", f"[{LAUGHS}]", '[<!ENTITY x SYSTEM "file:///etc/passwd">]'])
def test_a_document_type_is_refused(encoding: str, subset: str) -> None:
    """No entity is declared, expanded or fetched, in whatever encoding the document is."""
    document = f'<?xml version="1.0" encoding="{encoding}"?><!DOCTYPE pet {subset}><pet>&l8;</pet>'
    assert read_xml(document.encode(encoding), PET_SCHEMA) == (MISSING, "not XML that is read: it has a document type")


@pytest.mark.parametrize("document", [b"", b"<", b"<pet", b"<pet></dog>", b"\xff\xfe\x00", b"<a/><b/>", b"&x;", b"{}"])
def test_what_is_no_xml_is_told(document: bytes) -> None:
    """What cannot be read has no value, and its fault says where."""
    value, problem = read_xml(document, PET_SCHEMA)
    assert value is MISSING
    assert problem.startswith("not XML: ")


def test_a_document_of_any_depth_is_read() -> None:
    """Nesting beyond any use ends as text, and no recursion."""
    value, problem = read_xml(b"<a>" * 50_000 + b"x" + b"</a>" * 50_000, schema({"type": "object"}))
    assert not problem
    assert isinstance(value, dict)


ANY_SCHEMA: list[Schema | None] = [PET_SCHEMA, None, schema({"type": "array"}), schema({"type": "integer"})]
PIECES = st.sampled_from(
    [b"<pet>", b"</pet>", b"<pet ", b"id='1'", b">", b"/>", b"<tags>", b"</tags>", b"&amp;", b"x", b"<!--"]
)


@given(st.lists(PIECES).map(b"".join) | st.binary(max_size=30))
def test_no_document_stops_the_reader(document: bytes) -> None:
    """Any bytes are a value or a fault, under any schema."""
    for described in ANY_SCHEMA:
        value, problem = read_xml(document, described)
        assert value is not MISSING or problem


def test_the_root_element_of_a_component_with_dots_in_its_name() -> None:
    """Without a hint the root element has the whole name of the component that the schema refers to."""
    content = {"application/xml": {"schema": {"$ref": "#/components/schemas/v1.Pet"}}}
    documented = operation(
        {
            "paths": {"/": {"post": {"requestBody": {"content": content}, "responses": {}}}},
            "components": {"schemas": {"v1.Pet": {"type": "object"}}},
        }
    ).request_body
    assert documented is not None
    assert write_xml({}, documented.content[0].schema).endswith(b"<v1.Pet />")
