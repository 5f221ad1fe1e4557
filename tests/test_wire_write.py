"""Values to the wire and back: what is written in a style or a media type is read as the same value."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.asking import operation, parameter

from tallystick.nouns.contract import BodyFormat, Parameter
from tallystick.nouns.exchange import Exchange, Request
from tallystick.nouns.media_type import parse_media_type
from tallystick.rules.judge import judge
from tallystick.wire.bodies import read_body
from tallystick.wire.fields import fields_of
from tallystick.wire.parameters import field_reader
from tallystick.wire.reading import Reading, reader_of
from tallystick.wire.write import text_of, write_body, write_json, write_path, write_query, write_text

LETTERS = st.characters(codec="utf-8")
PRINTABLE = st.characters(codec="utf-8", exclude_categories=("C", "Z"), exclude_characters=",=")
SCALARS: dict[str, st.SearchStrategy[Any]] = {
    "integer": st.integers(-(10**20), 10**20),
    "number": st.floats(allow_nan=False, allow_infinity=False),
    "boolean": st.booleans(),
}


def text(location: str, style: str, explode: bool, shape: str) -> st.SearchStrategy[str]:
    """The texts that a style can write: OpenAPI has no escape for a style's own delimiter, nor for an empty segment."""
    if location == "header":
        return st.text(PRINTABLE, min_size=shape != "scalar")
    delimiters = {"label": "." if explode else "", "pipeDelimited": "|", "spaceDelimited": " ", "tabDelimited": "\t"}
    excluded = delimiters.get(style, "")
    letters = st.characters(codec="utf-8", exclude_characters=excluded) if shape != "scalar" else LETTERS
    return st.text(letters, min_size=location == "path" or shape != "scalar")


STYLES = [
    *(("path", style, explode) for style in ("simple", "label", "matrix") for explode in (False, True)),
    *(("query", "form", explode) for explode in (False, True)),
    ("query", "spaceDelimited", False),
    ("query", "pipeDelimited", False),
    ("query", "tabDelimited", False),
    ("query", "deepObject", True),
    *(("header", "simple", explode) for explode in (False, True)),
    *(("cookie", "form", explode) for explode in (False, True)),
]
KINDS = ("string", *SCALARS)


def cases() -> list[Any]:
    """Every style with every shape that it is for, as a case of its own."""
    return [
        pytest.param(location, style, explode, shape, id=f"{location}-{style}{'-exploded' * explode}-{shape}")
        for location, style, explode in STYLES
        for shape in ("scalar", "array", "object")
        if not (style == "deepObject" and shape != "object")
    ]  # fmt: skip


def made(location: str, style: str, explode: bool, shape: str, kind: str) -> Parameter:
    """A parameter of a style whose values are of a shape, its parts of a kind."""
    described: dict[str, Any] = {"type": kind}
    if shape == "array":
        described = {"type": "array", "items": {"type": kind}}
    if shape == "object":
        described = {"type": "object", "additionalProperties": {"type": kind}}
    return parameter(location, "p-q", style=style, explode=explode, schema=described)


def written(known: Parameter, value: Any) -> Request:
    """A request that carries nothing but a parameter."""
    match known.location:
        case "path":
            return Request("GET", "/" + write_path(known, value))
        case "query":
            return Request("GET", "/", "&".join(f"{name}={raw}" for name, raw in write_query(known, value)))
        case "header":
            return Request("GET", "/", headers=((known.name.lower(), write_text(known, value)),))
    return Request("GET", "/", headers=(("cookie", f"{known.name}={write_text(known, value)}"),))


def reader(known: Parameter) -> Callable[[Request], tuple[Any, str]]:
    """What an operation with nothing but a parameter reads of a request."""
    path = f"/{{{known.name}}}" if known.location == "path" else "/"
    described = operation({"paths": {path: {"get": {"responses": {}}}}})
    whole = type(described)(described.method, described.path, described.place, parameters=(known,))

    def read(request: Request) -> tuple[Any, str]:
        ((_, read_parameter),) = reader_of(whole).parameters
        return read_parameter(Reading(whole, Exchange(request)))

    return read


@pytest.mark.parametrize(("location", "style", "explode", "shape"), cases())
def test_what_is_written_in_a_style_is_read_in_it(location: str, style: str, explode: bool, shape: str) -> None:
    """A value of every kind comes back from every style, in every place, exploded or not."""
    known = {kind: made(location, style, explode, shape, kind) for kind in KINDS}
    readers = {kind: reader(one) for kind, one in known.items()}
    texts = text(location, style, explode, shape)
    names = st.text(PRINTABLE, min_size=1).filter(lambda name: not set(".[]|") & set(name))

    def values(kind: str) -> st.SearchStrategy[tuple[str, Any]]:
        part = SCALARS.get(kind, texts)
        if style == "label" and explode and kind == "number":
            part = st.integers(-(10**9), 10**9).map(float).map(int)  # the dot of a fraction is the style's delimiter
        if shape == "array":
            part = st.lists(part, min_size=1, max_size=4)
        if shape == "object":
            part = st.dictionaries(names, part, min_size=1, max_size=4)
        return part.map(lambda value: (kind, value))

    @given(st.sampled_from(KINDS).flatmap(values))
    def there_and_back(row: tuple[str, Any]) -> None:
        kind, value = row
        request = written(known[kind], value)
        assert request.path.isascii()
        assert request.query.isascii()
        assert readers[kind](request) == (value, "")

    there_and_back()


@pytest.mark.parametrize("location", ["path", "query", "header", "cookie"])
def test_what_is_written_as_json_is_read_as_json(location: str) -> None:
    """A parameter that is described by a media type carries any JSON value."""
    known = parameter(location, content={"application/json": {"schema": {}}})
    read = reader(known)
    letters = st.characters(codec="utf-8", exclude_categories=("C",))
    plain = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(letters)
    values = st.recursive(plain, lambda inner: st.lists(inner) | st.dictionaries(st.text(letters), inner), max_leaves=5)

    @given(values)
    def there_and_back(value: Any) -> None:
        assert read(written(known, value)) == (value, "")

    there_and_back()


DEEP = {
    "type": "object",
    "properties": {
        "ids": {"type": "array", "items": {"type": "integer"}},
        "owner": {"type": "object", "properties": {"names": {"type": "array", "items": {"type": "string"}}}},
    },
    "additionalProperties": {"type": "boolean"},
}
DEEP_VALUES = st.fixed_dictionaries(
    {"x": st.booleans()},
    optional={
        "ids": st.lists(st.integers(0, 99), min_size=1, max_size=12),
        "owner": st.fixed_dictionaries({"names": st.lists(st.text(LETTERS), min_size=1)}),
    },
)


def test_a_deep_object_comes_back() -> None:
    """Arrays in a deep object are written by index, and objects as deep as they are."""
    known = parameter(style="deepObject", explode=True, schema=DEEP)
    read = reader(known)

    @given(DEEP_VALUES)
    def there_and_back(value: dict[str, Any]) -> None:
        assert read(written(known, value)) == (value, "")

    there_and_back()


@pytest.mark.parametrize("value", [{"a": 1}, [1, 2], 5])
def test_what_may_be_a_scalar_too_comes_back(value: Any) -> None:
    """Where a schema takes a scalar as well, an object is one text of JSON, and an array has several fields."""
    known = parameter(schema={"type": ["object", "array", "integer"], "items": {"type": "integer"}})
    assert reader(known)(written(known, value)) == (value, "")


@given(st.text(LETTERS))
def test_reserved_characters_stay_where_they_are_allowed(value: str) -> None:
    """With `allowReserved` a value has its reserved characters as they are, and means the same."""
    known = parameter(allowReserved=True)
    ((_, raw),) = write_query(known, value)
    assert set(";/?:@$,") & set(value) <= set(raw)
    assert field_reader(known)(fields_of(f"p={raw}")) == (value, "")


def test_a_header_carries_no_control_character() -> None:
    """A line break in a value would end the header: a space stands for it."""
    assert write_text(parameter("header"), "a\r\nSet-Cookie: b\x00\x7f") == "a  Set-Cookie: b  "
    assert write_text(parameter("header"), "é") == "Ã©"  # the bytes of its UTF-8, as latin-1


@pytest.mark.parametrize(
    ("value", "expected"),
    [(True, "true"), (None, "null"), (1.5, "1.5"), (10**30, str(10**30)), ("a", "a"), ([1, "é"], '[1,"é"]')],
)
def test_scalars_as_texts(value: Any, expected: str) -> None:
    """A scalar is written as JSON writes it, a string as it is."""
    assert text_of(value) == expected


def test_json_is_written_whatever_the_engine_leaves_out() -> None:
    """Integers beyond 64 bits and half of a surrogate pair are written too."""
    assert write_json({"b": 1, "a": [None]}) == b'{"b":1,"a":[null]}'
    assert write_json([2**70]) == f"[{2**70}]".encode()
    assert write_json("\ud800") == b'"\\ud800"'


def body_format(name: str, schema: dict[str, Any], encoding: dict[str, Any] | None = None) -> BodyFormat:
    """The format of the body of an operation."""
    content = {name: {"schema": schema, **({"encoding": encoding} if encoding is not None else {})}}
    found = operation({"paths": {"/": {"post": {"requestBody": {"content": content}, "responses": {}}}}})
    assert found.request_body is not None
    return found.request_body.content[0]


FORM_SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "name": {"type": "string"},
        "age": {"type": "integer"},
        "tame": {"type": "boolean"},
        "weight": {"type": ["number", "null"]},
        "tags": {"type": "array", "items": {"type": "string"}},
        "owner": {"type": "object"},
    },
    "additionalProperties": {"type": "integer"},
}
FORM_ENCODINGS: dict[str, dict[str, Any]] = {
    "plain": {},
    "flat": {"tags": {"explode": False}},
    "pipes": {"tags": {"style": "pipeDelimited", "explode": False}},
    "spread": {"owner": {"style": "deepObject", "explode": True}},
    "json": {"tags": {"contentType": "application/json"}, "name": {"contentType": "application/json"}},
}
FORM_TEXT = st.text(st.characters(codec="utf-8", exclude_characters="|\r\n"), min_size=1)
FORM_NAMES = st.text(st.characters(codec="utf-8", exclude_characters='[]"\r\n\x00%'), min_size=1)
FORM_VALUES = st.fixed_dictionaries(
    {},
    optional={
        "name": FORM_TEXT,
        "age": st.integers(-(10**9), 10**9),
        "tame": st.booleans(),
        "weight": st.none() | st.floats(allow_nan=False, allow_infinity=False),
        "tags": st.lists(FORM_TEXT, min_size=1, max_size=4),
        "owner": st.dictionaries(FORM_NAMES, FORM_TEXT, min_size=1, max_size=3),
        "more": st.integers(0, 9),
    },
)


@pytest.mark.parametrize("encoding", FORM_ENCODINGS)
def test_a_form_comes_back(encoding: str) -> None:
    """A form in every encoding is read as the object that it was written from, and judged clean."""
    documented = body_format("application/x-www-form-urlencoded", FORM_SCHEMA, FORM_ENCODINGS[encoding])

    @given(FORM_VALUES)
    def there_and_back(value: dict[str, Any]) -> None:
        body, content_type = write_body(value, documented, documented.media_type)
        assert body.isascii()
        assert read_body(body, documented, parse_media_type(content_type)) == (value, "")

    there_and_back()


def test_a_multipart_body_comes_back() -> None:
    """The parts of a multipart body are read as the object that it was written from."""
    documented = body_format("multipart/form-data", FORM_SCHEMA)

    @given(FORM_VALUES)
    def there_and_back(value: dict[str, Any]) -> None:
        body, content_type = write_body(value, documented, documented.media_type)
        assert read_body(body, documented, parse_media_type(content_type)) == (value, "")

    there_and_back()


def test_a_file_is_written_as_a_file() -> None:
    """A part of the format binary has a file name, and its encoding's first media type."""
    schema = {"type": "object", "properties": {"photo": {"type": "string", "format": "binary"}}}
    documented = body_format("multipart/form-data", schema, {"photo": {"contentType": "image/png, image/jpeg"}})
    body, content_type = write_body({"photo": "x"}, documented, documented.media_type)
    assert b'Content-Disposition: form-data; name="photo"; filename="file"\r\nContent-Type: image/png\r\n\r\nx' in body
    assert content_type.startswith("multipart/form-data; boundary=")


@given(st.text(LETTERS))
def test_a_text_comes_back(value: str) -> None:
    """A text body is written in UTF-8 and read as the same text."""
    documented = body_format("text/plain", {"type": "string"})
    body, content_type = write_body(value, documented, documented.media_type)
    assert read_body(body, documented, parse_media_type(content_type)) == (value, "")


def test_a_written_request_is_judged_clean() -> None:
    """A whole request with a parameter in every place is judged without a violation."""
    shapes = {"a": {"type": "array", "items": {"type": "integer"}}, "s": {"type": "string"}}
    described = [
        {"name": f"{location}-{name}", "in": location, "required": True, "schema": schema}
        for location in ("path", "query", "header", "cookie")
        for name, schema in shapes.items()
    ]
    known = operation({"paths": {"/{path-a}/{path-s}": {"get": {"parameters": described, "responses": {}}}}})
    values = {"a": [1, 2], "s": "Zoë / 50%"}
    by_name = {one.name: one for one in known.parameters}
    path = "/" + "/".join(write_path(by_name[f"path-{name}"], value) for name, value in values.items())
    query = [field for name, value in values.items() for field in write_query(by_name[f"query-{name}"], value)]
    headers = [(f"header-{name}", write_text(by_name[f"header-{name}"], value)) for name, value in values.items()]
    cookies = "; ".join(
        f"cookie-{name}={write_text(by_name[f'cookie-{name}'], value)}" for name, value in values.items()
    )
    request = Request("GET", path, "&".join("=".join(field) for field in query), (*headers, ("cookie", cookies)))
    assert judge(known, Exchange(request)) == []
    reading = Reading(known, Exchange(request))
    assert json.loads(json.dumps([read(reading)[0] for _, read in reader_of(known).parameters])) == [
        *values.values(), *values.values(), *values.values(), *values.values(),
    ]  # fmt: skip
