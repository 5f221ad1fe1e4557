"""Media types: what a name says, which documented type it is, and which one an Accept field likes best."""

from __future__ import annotations

import pytest

from tallystick.nouns.contract import MediaType
from tallystick.nouns.violation import Place
from tallystick.wire import media_types

PLACE = Place("test.yaml")


def types(*names: str) -> list[MediaType]:
    """Documented media types of some names."""
    return [MediaType(name, PLACE) for name in names]


def test_a_media_type_is_told_without_its_parameters_and_case() -> None:
    """Parameters, case and spaces do not tell media types apart."""
    assert media_types.bare("Application/JSON ; charset=utf-8") == "application/json"
    assert media_types.parameters('multipart/form-data; Boundary="a b"; x') == {"boundary": "a b", "x": ""}
    assert media_types.parameters("text/plain") == {}


@pytest.mark.parametrize(
    "name", ["application/json", "text/json; charset=utf-8", "application/problem+JSON", "a/*+json"]
)
def test_what_is_json(name: str) -> None:
    """JSON is `json` and any suffix `+json`, with or without parameters."""
    assert media_types.is_json(name)
    assert media_types.is_structured(name)


@pytest.mark.parametrize(
    "name", ["application/x-ndjson", "application/json-seq", "application/jsonp", "json", "", "text/plain"]
)
def test_what_is_no_json(name: str) -> None:
    """Lines of JSON, or a name that only begins like it, are not one JSON text."""
    assert not media_types.is_json(name)
    assert not media_types.is_structured(name)


def test_forms_and_texts() -> None:
    """Forms, multipart and text are told by their names."""
    assert media_types.is_form("Application/x-www-form-urlencoded; charset=utf-8")
    assert media_types.is_multipart("multipart/mixed; boundary=x")
    assert media_types.is_text("text/csv")
    assert not media_types.is_text("application/xml")


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
    assert media_types.covers(pattern, name) is expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("application/json", "application/json"),
        ("application/json; version=2", "application/json; version=2"),
        ("application/json; version=3", "application/json"),
        ("application/hal+json", "application/*+json"),
        ("application/xml", "application/*"),
        ("text/plain", "*/*"),
    ],
)
def test_the_documented_type_is_the_narrowest(name: str, expected: str) -> None:
    """The exact type goes before a range, the same parameters before others, a longer range before a shorter."""
    documented = media_types.documented(
        types("*/*", "application/*", "application/*+json", "application/json", "application/json; version=2"), name
    )
    assert documented is not None
    assert documented.name == expected


def test_nothing_is_documented_for_another_type() -> None:
    """A type that no documented one stands for has none."""
    assert media_types.documented(types("application/json"), "text/plain") is None
    assert media_types.documented([], "text/plain") is None


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        ("a/b", (("a/b", 1.0),)),
        ("a/b;q=0.3, c/d;q=0.7, */*", (("*/*", 1.0), ("c/d", 0.7), ("a/b", 0.3))),
        ("*/*, a/*, a/b", (("a/b", 1.0), ("a/*", 1.0), ("*/*", 1.0))),
        ("*;q=0.1", (("*/*", 0.1),)),
        ("a/b;q=nan, c/d;q=-1, e/f;q=2, g/h;q=", (("a/b", 1.0), ("c/d", 1.0), ("e/f", 1.0), ("g/h", 1.0))),
        ("a/b;q=0", (("a/b", 0.0),)),
        (", ,", ()),
        ("", ()),
    ],
)
def test_the_ranges_of_an_accept_field(accept: str, expected: tuple[tuple[str, float], ...]) -> None:
    """The best first, the more specific of equals first; a weight that is none counts as 1."""
    assert media_types.accepted(accept) == expected


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        ("", "application/json"),
        ("*/*", "application/json"),
        ("text/csv", "text/csv"),
        ("text/*", "text/csv"),
        ("text/csv;q=0.5, application/json;q=0.5", "application/json"),
        ("text/csv;q=0.6, application/json;q=0.5", "text/csv"),
        ("image/webp", "image/*"),
        ("*/*;q=0.5, application/json;q=0.1", "text/csv"),
        ("application/*;q=0.2, application/json;q=0, text/csv;q=0.1", "text/csv"),
        ("application/xml", None),
        ("*/*;q=0", None),
    ],
)
def test_which_type_is_liked_best(accept: str, expected: str | None) -> None:
    """The weight of the most specific range decides; among equals JSON goes first."""
    chosen = media_types.negotiate(types("text/csv", "application/json", "image/*"), accept)
    assert (chosen.name if chosen is not None else None) == expected


def test_nothing_can_be_chosen_of_nothing() -> None:
    """Without a documented type there is none to be liked."""
    assert media_types.negotiate([], "*/*") is None


@pytest.mark.parametrize(
    ("name", "accept", "expected"),
    [
        ("text/csv; header=present", "", "text/csv; header=present"),
        ("*/*", "", "application/json"),
        ("application/*", "", "application/json"),
        ("text/*", "", "text/plain"),
        ("image/*", "", "image/png"),
        ("font/*", "", "font/x-any"),
        ("application/*+json", "", "application/vnd.example+json"),
        ("image/*", "image/webp", "image/webp"),
        ("image/*", "image/*", "image/png"),
        ("image/*", "text/html, image/webp;q=0.1", "image/webp"),
        ("image/*", "image/webp;q=0", "image/png"),
        ("*/*", "text/html, */*;q=0.1", "application/json"),
        ("*/*", "text/html", "text/html"),
        ("*/*", "text/*", "application/json"),
    ],
)
def test_a_range_is_sent_as_one_of_its_types(name: str, accept: str, expected: str) -> None:
    """What is usual for a range is sent where it is accepted, else what the request names."""
    assert media_types.concrete(name, accept) == expected
