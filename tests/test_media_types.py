"""A media type is parsed once: its names, its kind, its parameters, and which others it includes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallystick.nouns.media_type import MediaKind, parse_media_type


def test_a_media_type_is_told_without_its_parameters_and_case() -> None:
    """Parameters, case and spaces do not tell media types apart."""
    assert parse_media_type("Application/JSON ; charset=utf-8").name == "application/json"
    assert parse_media_type('multipart/form-data; Boundary="a b"; x').parameters == {"boundary": "a b", "x": ""}
    assert parse_media_type("text/plain").parameters == {}


@pytest.mark.parametrize(
    "name", ["application/json", "text/json; charset=utf-8", "application/problem+JSON", "a/*+json"]
)
def test_what_is_json(name: str) -> None:
    """JSON is `json` and any suffix `+json`, with or without parameters."""
    assert parse_media_type(name).kind is MediaKind.JSON
    assert parse_media_type(name).is_structured


@pytest.mark.parametrize(
    "name", ["application/x-ndjson", "application/json-seq", "application/jsonp", "json", "", "text/plain"]
)
def test_what_is_no_json(name: str) -> None:
    """Lines of JSON, or a name that only begins like it, are not one JSON text."""
    assert parse_media_type(name).kind is not MediaKind.JSON
    assert not parse_media_type(name).is_structured


def test_forms_and_texts() -> None:
    """Forms, multipart and text are told by their names."""
    assert parse_media_type("Application/x-www-form-urlencoded; charset=utf-8").kind is MediaKind.FORM
    assert parse_media_type("multipart/mixed; boundary=x").kind is MediaKind.MULTIPART
    assert parse_media_type("text/csv").kind is MediaKind.TEXT
    assert parse_media_type("application/xml").kind is not MediaKind.TEXT


@pytest.mark.parametrize(
    ("pattern", "name", "expected"),
    [
        ("application/json", "Application/json; a=b", True),
        ("application/*", "application/json", True),
        ("application/*", "text/json", False),
        ("application/*+json", "application/hal+json", True),
        ("application/*+json", "application/+json", False),
        ("application/*+json", "application/json", False),
        ("*/*", "anything/else", True),
        ("*/*", "", True),
        ("image/*", "image/", False),
        ("image/*", "image", False),
        ("application/json", "application/js", False),
    ],
)
def test_what_a_range_stands_for(pattern: str, name: str, expected: bool) -> None:
    """A range stands for the types that its star can be filled in for, with something."""
    assert parse_media_type(pattern).covers(parse_media_type(name)) is expected


def test_a_media_type_is_taken_apart() -> None:
    """Type, subtype and suffix are in lower case; the text stays as it was written."""
    problem = parse_media_type("Application/Problem+JSON; charset=UTF-8")
    assert (problem.type, problem.subtype, problem.suffix) == ("application", "problem+json", "json")
    assert str(problem) == problem.text == "Application/Problem+JSON; charset=UTF-8"
    assert not problem.is_range
    assert parse_media_type("image/*").is_range


def test_a_media_type_is_parsed_once() -> None:
    """The same text is the same object, however often it is asked for."""
    assert parse_media_type("text/csv; header=present") is parse_media_type("text/csv; header=present")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('multipart/form-data; boundary="a;b"; charset=utf-8', {"boundary": "a;b", "charset": "utf-8"}),
        ('application/json;profile="a,b"', {"profile": "a,b"}),
        (r'a/b; p="x\"y;z"; q=1', {"p": 'x"y;z', "q": "1"}),
        ("multipart/mixed; boundary=----=_Part_1/2:3?", {"boundary": "----=_Part_1/2:3?"}),
        ("a/b;;;p=1;", {"p": "1"}),
        ("a/b; p = 1", {"p": "1"}),
        ("a/b; p=ä€", {"p": "ä€"}),
    ],
)
def test_parameters(text: str, expected: dict[str, str]) -> None:
    """Quotes keep semicolons and commas in a value, and a value that should have quotes is read without them."""
    assert parse_media_type(text).parameters == expected


@given(st.lists(st.sampled_from([";", "=", '"', "\\", "*", "'", "%e2", "utf-8", " ", "a", "ä", "€", "\udcff"])))
def test_no_text_stops_the_parser(pieces: list[str]) -> None:
    """Any text has some parameters, or none."""
    parse_media_type("a/b;" + "".join(pieces)).parameters  # noqa: B018 - it is read here
