"""Bodies become values by their media type; whatever bytes are sent, they are read or their fault is told."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.asking import operation

from tallystick.nouns.contract import MediaType
from tallystick.wire.bodies import UNJUDGED, form_fields, read_body
from tallystick.wire.values import MISSING

OBJECT = {
    "type": "object",
    "properties": {"a": {"type": "integer"}, "b": {"type": "array", "items": {"type": "integer"}}},
}


def media_type(name: str, schema: Any = None, **fields: Any) -> MediaType:
    """A documented media type of a body."""
    described = fields if schema is None else {"schema": schema, **fields}
    found = operation(
        {"paths": {"/": {"post": {"requestBody": {"content": {name: described}}, "responses": {}}}}}
    ).request_body
    assert found is not None
    return found.content[0]


def multipart(*lines: str, boundary: str = "edge") -> bytes:
    """A multipart body from its lines."""
    return "\r\n".join([f"--{boundary}", *lines, f"--{boundary}--", ""]).encode()


def test_bytes_that_nothing_is_known_of_are_not_judged() -> None:
    """A body of an unknown type, and one without a schema, has no value that could be wrong."""
    assert read_body(b"\x00\xff", media_type("image/png", {"type": "string"}), "image/png") == (UNJUDGED, "")
    assert read_body(b"\x00\xff", media_type("image/png"), "image/png") == (UNJUDGED, "")
    assert read_body(b"%PDF-", media_type("application/pdf", OBJECT), "application/pdf") == (UNJUDGED, "")
    assert read_body(b"", media_type("application/json"), "application/json") == (UNJUDGED, "")
    assert repr(UNJUDGED) == "UNJUDGED"


def test_json_without_a_schema_must_still_be_json() -> None:
    """What says that it is JSON is read as JSON, whether or not it is described."""
    assert read_body(b"[1]", media_type("application/json"), "application/json") == ([1], "")
    value, problem = read_body(b"[1", media_type("application/json"), "application/json")
    assert value is MISSING
    assert problem.startswith("not JSON")


def test_what_a_body_is_sent_as_decides_how_it_is_read() -> None:
    """Under a range the media type of the body itself tells how it is read."""
    documented = media_type("*/*", OBJECT)
    assert read_body(b'{"a": 1}', documented, "application/hal+json") == ({"a": 1}, "")
    assert read_body(b"a=1&b=2&b=3", documented, "application/x-www-form-urlencoded") == ({"a": 1, "b": [2, 3]}, "")
    assert read_body(b'{"a": 1}', documented, "text/plain") == ({"a": 1}, "")
    assert read_body(b"a", documented, "text/html") == (UNJUDGED, "")
    assert read_body(b"a", documented, "application/pdf") == (UNJUDGED, "")


def test_an_empty_form_is_an_empty_object() -> None:
    """A form without a field has no property."""
    name = "application/x-www-form-urlencoded"
    assert read_body(b"", media_type(name, OBJECT), name) == ({}, "")


def test_fields_of_a_form_that_are_not_declared() -> None:
    """A field that is not declared is a text, several of one name are a list, and brackets are a part of a name."""
    name = "application/x-www-form-urlencoded"
    value, problem = read_body(b"x=1&y=1&y=2&z[k]=3&b[]=4&a=5", media_type(name, OBJECT), name)
    assert (value, problem) == ({"x": "1", "y": ["1", "2"], "z[k]": "3", "b": [4], "a": 5}, "")


def test_the_encoding_of_a_form_field() -> None:
    """An encoding gives a field its style; an object without one is JSON."""
    properties = {
        name: {"type": kind} for name, kind in (("a", "array"), ("o", "object"), ("p", "object"), ("s", "string"))
    }
    encoding = {"a": {"style": "pipeDelimited"}, "p": {"style": "deepObject"}, "s": {"contentType": "text/plain"}}
    documented = media_type(
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
    assert read_body(body, media_type("multipart/form-data", OBJECT), FORM_DATA) == (expected, "")


def test_a_part_that_is_no_text_is_one_character_a_byte() -> None:
    """A file is as long as its bytes."""
    body = b'--edge\r\nContent-Disposition: form-data; name="x"\r\n\r\n\xff\xfe\x00\r\n--edge--\r\n'
    assert read_body(body, media_type("multipart/form-data", OBJECT), FORM_DATA) == ({"x": "\xff\xfe\x00"}, "")


def test_a_quoted_boundary() -> None:
    """A boundary may stand in quotes, with what else there is in a media type."""
    body = multipart('Content-Disposition: form-data; name="a"', "", "1", boundary="a b;c")
    content_type = 'multipart/form-data; charset=utf-8; boundary="a b;c"'
    assert read_body(body, media_type("multipart/form-data", OBJECT), content_type) == ({"a": 1}, "")


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
    value, fault = read_body(body, media_type("multipart/form-data", OBJECT), content_type)
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
DOCUMENTED = [media_type("*/*", OBJECT), media_type("*/*", {"type": "integer"}), media_type("*/*")]
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
