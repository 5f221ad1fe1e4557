"""Bodies become values by their media type; whatever bytes are sent, they are read or their fault is told."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.asking import operation

from tallystick.nouns.contract import BodyFormat
from tallystick.nouns.media_type import parse_media_type
from tallystick.wire import bodies
from tallystick.wire.bodies import UNJUDGED
from tallystick.wire.forms import form_fields
from tallystick.wire.values import MISSING, Value

OBJECT = {
    "type": "object",
    "properties": {"a": {"type": "integer"}, "b": {"type": "array", "items": {"type": "integer"}}},
}


def body_format(name: str, schema: Any = None, **fields: Any) -> BodyFormat:
    """A documented format of a body."""
    described = fields if schema is None else {"schema": schema, **fields}
    found = operation(
        {"paths": {"/": {"post": {"requestBody": {"content": {name: described}}, "responses": {}}}}}
    ).request_body
    assert found is not None
    return found.content[0]


def read_body(body: bytes, documented: BodyFormat, content_type: str) -> Value:
    """The value of a body that is sent under a Content-Type."""
    return bodies.read_body(body, documented, parse_media_type(content_type))


def multipart(*lines: str, boundary: str = "edge") -> bytes:
    """A multipart body from its lines."""
    return "\r\n".join([f"--{boundary}", *lines, f"--{boundary}--", ""]).encode()


def test_bytes_that_nothing_is_known_of_are_not_judged() -> None:
    """A body of an unknown type, and one without a schema, has no value that could be wrong."""
    assert read_body(b"\x00\xff", body_format("image/png", {"type": "string"}), "image/png") == (UNJUDGED, "")
    assert read_body(b"\x00\xff", body_format("image/png"), "image/png") == (UNJUDGED, "")
    assert read_body(b"%PDF-", body_format("application/pdf", OBJECT), "application/pdf") == (UNJUDGED, "")
    assert read_body(b"", body_format("application/json"), "application/json") == (UNJUDGED, "")
    assert repr(UNJUDGED) == "UNJUDGED"


def test_json_without_a_schema_must_still_be_json() -> None:
    """What says that it is JSON is read as JSON, whether or not it is described."""
    assert read_body(b"[1]", body_format("application/json"), "application/json") == ([1], "")
    value, problem = read_body(b"[1", body_format("application/json"), "application/json")
    assert value is MISSING
    assert problem.startswith("not JSON")


def test_what_a_body_is_sent_as_decides_how_it_is_read() -> None:
    """Under a range the media type of the body itself tells how it is read."""
    documented = body_format("*/*", OBJECT)
    assert read_body(b'{"a": 1}', documented, "application/hal+json") == ({"a": 1}, "")
    assert read_body(b"a=1&b=2&b=3", documented, "application/x-www-form-urlencoded") == ({"a": 1, "b": [2, 3]}, "")
    assert read_body(b'{"a": 1}', documented, "text/plain") == ({"a": 1}, "")
    assert read_body(b"a", documented, "text/html") == (UNJUDGED, "")
    assert read_body(b"a", documented, "application/pdf") == (UNJUDGED, "")


def test_a_body_that_does_not_say_what_it_is() -> None:
    """Under a range, a body without a Content-Type is JSON if it reads as JSON, but not where any text is allowed."""
    documented = body_format("*/*", OBJECT)
    assert read_body(b'{"a": 1}', documented, "") == ({"a": 1}, "")
    assert read_body(b"[1]", documented, "") == ([1], "")
    assert read_body(b"a=1", documented, "") == (UNJUDGED, "")
    assert read_body(b"", documented, "") == (UNJUDGED, "")
    assert read_body(b"[1]", body_format("*/*", {"type": "string"}), "") == (UNJUDGED, "")


def test_an_empty_form_is_an_empty_object() -> None:
    """A form without a field has no property."""
    name = "application/x-www-form-urlencoded"
    assert read_body(b"", body_format(name, OBJECT), name) == ({}, "")


def test_fields_of_a_form_that_are_not_declared() -> None:
    """A field that is not declared is a text, several of one name are a list, and brackets are a part of a name."""
    name = "application/x-www-form-urlencoded"
    value, problem = read_body(b"x=1&y=1&y=2&z[k]=3&b[]=4&a=5", body_format(name, OBJECT), name)
    assert (value, problem) == ({"x": "1", "y": ["1", "2"], "z[k]": "3", "b": [4], "a": 5}, "")


def test_a_form_field_that_is_declared_with_brackets() -> None:
    """A field that is declared as `ids[]` is read by its own schema, also where it is sent once."""
    name = "application/x-www-form-urlencoded"
    schema = {"type": "object", "properties": {"ids[]": {"type": "array", "items": {"type": "integer"}}}}
    assert read_body(b"ids[]=1", body_format(name, schema), name) == ({"ids[]": [1]}, "")
    assert read_body(b"ids%5B%5D=1&ids%5B%5D=2", body_format(name, schema), name) == ({"ids[]": [1, 2]}, "")


def test_the_encoding_of_a_form_field() -> None:
    """An encoding gives a field its style; an object without one is JSON."""
    properties = {
        name: {"type": kind} for name, kind in (("a", "array"), ("o", "object"), ("p", "object"), ("s", "string"))
    }
    encoding = {"a": {"style": "pipeDelimited"}, "p": {"style": "deepObject"}, "s": {"contentType": "text/plain"}}
    documented = body_format(
        "application/x-www-form-urlencoded", {"type": "object", "properties": properties}, encoding=encoding
    )
    found = {field.name: (field.style, field.explode, field.content is not None) for field in form_fields(documented)}
    assert found == {
        "a": ("pipeDelimited", False, False),
        "o": ("form", True, True),
        "p": ("deepObject", False, False),
        "s": ("form", True, False),
    }


FORM_DATA = "multipart/form-data; boundary=edge"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (multipart('Content-Disposition: form-data; name="a"', "", "1"), {"a": 1}),
        (multipart("content-disposition: form-data; NAME=a", "", "1"), {"a": 1}),
        (b"preamble\r\n" + multipart('Content-Disposition: form-data; name="a"', "", "1"), {"a": 1}),
        (multipart('Content-Disposition: form-data; name="a"', "", "1") + b"epilogue", {"a": 1}),
        (multipart('Content-Disposition: form-data; name="\xe4\xf6"', "", "1"), {"äö": "1"}),
        (multipart("X-Other: form-data", "", "1"), {"": "1"}),
        (multipart("Content-Disposition: form-data; name=b", "Content-Type: text/json", "", "[1, 2]"), {"b": [1, 2]}),
        (multipart('Content-Disposition: form-data; name="x"', "", ""), {"x": ""}),
        (multipart('Content-Disposition: form-data; name="x"', "", "a", "--other", "b"), {"x": "a\r\n--other\r\nb"}),
    ],
)  # fmt: skip
def test_parts_of_a_multipart_body(body: bytes, expected: dict[str, Any]) -> None:
    """A part is a property by its name, whatever case its headers have and whatever stands around the parts."""
    assert read_body(body, body_format("multipart/form-data", OBJECT), FORM_DATA) == (expected, "")


def test_a_part_that_is_no_text_is_one_character_a_byte() -> None:
    """A file is as long as its bytes."""
    body = b'--edge\r\nContent-Disposition: form-data; name="x"\r\n\r\n\xff\xfe\x00\r\n--edge--\r\n'
    assert read_body(body, body_format("multipart/form-data", OBJECT), FORM_DATA) == ({"x": "\xff\xfe\x00"}, "")


def test_a_quoted_boundary() -> None:
    """A boundary may stand in quotes, with what else there is in a media type."""
    body = multipart('Content-Disposition: form-data; name="a"', "", "1", boundary="a b;c")
    content_type = 'multipart/form-data; charset=utf-8; boundary="a b;c"'
    assert read_body(body, body_format("multipart/form-data", OBJECT), content_type) == ({"a": 1}, "")


@pytest.mark.parametrize(
    ("body", "content_type", "problem"),
    [
        (b"--edge--", "multipart/form-data", "the Content-Type has no boundary"),
        (b"", FORM_DATA, "the boundary that the Content-Type names is not in it"),
        (b"--edge", "multipart/form-data; boundary=other", "the boundary that the Content-Type names is not in it"),
        (multipart("X: y", "", "1")[:-6], FORM_DATA, "the closing boundary is missing"),
        (multipart("no header"), FORM_DATA, ""),
        (b"--edge:\r\n", FORM_DATA, ""),
        (b"--" + b"x" * 500, f"multipart/form-data; boundary={'x' * 500}", ""),
    ],
)
def test_what_is_no_multipart_body(body: bytes, content_type: str, problem: str) -> None:
    """A body whose parts cannot be told apart has no value, and its fault says why."""
    value, fault = read_body(body, body_format("multipart/form-data", OBJECT), content_type)
    assert value is MISSING
    assert fault.startswith("not multipart: ")
    assert fault == f"not multipart: {problem}" or not problem


NAMES = [
    "application/json",
    "application/x-www-form-urlencoded",
    FORM_DATA,
    "text/plain",
    "text/plain; charset=utf-16",
    "text/plain; charset=\x00",
    "application/xml",
]
DOCUMENTED = [body_format("*/*", OBJECT), body_format("*/*", {"type": "integer"}), body_format("*/*")]
PIECES = [
    b"--edge",
    b"\r\n",
    b"--",
    b"Content-Disposition: form-data; name=a",
    b"=",
    b"&",
    b"%",
    b"[",
    b"{",
    b'"',
    b"a",
]


@given(st.lists(st.sampled_from(PIECES) | st.binary(max_size=4), max_size=12).map(b"".join))
def test_no_bytes_stop_a_reader(body: bytes) -> None:
    """Any bytes under any media type are a value, bytes, or a fault."""
    for documented in DOCUMENTED:
        for name in NAMES:
            value, problem = read_body(body, documented, name)
            assert value is not MISSING or problem


@pytest.mark.parametrize(
    ("disposition", "name"),
    [
        (r'form-data; name="a\"b;c"; filename="x;y"', 'a"b;c'),
        ("form-data; filename*=UTF-8''%e2%82%ac.txt; name=\"a\"", "a"),
        ('form-data; filename="na\\\\me=b"; name=a', "a"),
        ("form-data; name*=UTF-8''%e2%82%ac", ""),
        ('form-data; name="€"', "€"),
    ],
)
def test_the_name_of_a_part(disposition: str, name: str) -> None:
    """A name may be quoted beside any file name; one that is encoded as RFC 7578 forbids it is none."""
    body = multipart(f"Content-Disposition: {disposition}", "", "1")
    documented = body_format("multipart/form-data", {"type": "object"})
    assert read_body(body, documented, FORM_DATA) == ({name: "1"}, "")


def test_a_part_that_almost_holds_the_boundary() -> None:
    """A part is put together from what lies between the beginnings of a boundary, and is as long as it was."""
    content = "\r\n--edg\r\n--" * 3000
    body = multipart('Content-Disposition: form-data; name="x"', "", content)
    documented = body_format("multipart/form-data", {"type": "object"})
    assert read_body(body, documented, FORM_DATA) == ({"x": content}, "")


def test_a_part_that_is_given_twice() -> None:
    """Several parts of a name are an array; where the property cannot be one, they are a fault."""
    lines = ['Content-Disposition: form-data; name="a"', "", "1", "--edge"]
    body = multipart(*lines, 'Content-Disposition: form-data; name="a"', "", "2")
    documented = body_format("multipart/form-data", OBJECT)
    assert read_body(body, documented, FORM_DATA) == ({"a": 2}, "a: it is given 2 times; one part is expected")
    assert read_body(body.replace(b'"a"', b'"b"'), documented, FORM_DATA) == ({"b": [1, 2]}, "")
