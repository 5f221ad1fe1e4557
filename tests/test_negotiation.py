"""Which documented format a Content-Type is, and which one an Accept field likes best."""

from __future__ import annotations

import pytest

from tallystick.nouns.contract import BodyFormat
from tallystick.nouns.media_type import parse_media_type
from tallystick.nouns.violation import Place
from tallystick.wire.negotiation import accepted_ranges, concrete_type, documented_format, negotiate, weight

PLACE = Place("test.yaml")


def formats(*names: str) -> list[BodyFormat]:
    """Documented formats of some media types."""
    return [BodyFormat(parse_media_type(name), PLACE) for name in names]


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
    documented = documented_format(
        formats("*/*", "application/*", "application/*+json", "application/json", "application/json; version=2"),
        parse_media_type(name),
    )
    assert documented is not None
    assert documented.media_type.text == expected


def test_nothing_is_documented_for_another_type() -> None:
    """A type that no documented one stands for has none."""
    assert documented_format(formats("application/json"), parse_media_type("text/plain")) is None
    assert documented_format([], parse_media_type("text/plain")) is None


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
    assert tuple((each.media_type.name, each.weight) for each in accepted_ranges(accept)) == expected


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
    chosen = negotiate(formats("text/csv", "application/json", "image/*"), accept)
    assert (chosen.media_type.text if chosen is not None else None) == expected


def test_nothing_can_be_chosen_of_nothing() -> None:
    """Without a documented type there is none to be liked."""
    assert negotiate([], "*/*") is None


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
    assert concrete_type(parse_media_type(name), accept).text == expected


@pytest.mark.parametrize(
    ("content_type", "expected"),
    [
        ("application/json; version=2; part=1", "application/json; version=2"),
        ("application/json; charset=UTF-8", "application/json; charset=utf-8"),
        ("application/json; version=3", "application/json"),
    ],
)
def test_the_documented_parameters_are_looked_for_among_those_sent(content_type: str, expected: str) -> None:
    """What is sent may have more parameters than what is documented, and a charset in another case."""
    content = formats("application/json", "application/json; charset=utf-8", "application/json; version=2")
    documented = documented_format(content, parse_media_type(content_type))
    assert documented is not None
    assert documented.media_type.text == expected


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        ('application/json;profile="a,b";q=0.1, text/plain', "text/plain"),
        ('text/plain;q=0.5, application/json;profile="a;q=0.1"', "application/json"),
        ("application/json; charset=UTF-8", "application/json"),
        ("application/json;version=2", "application/json"),
        ("application/json;version=2, */*;q=0.1, text/plain;q=0.5", "text/plain"),
    ],
)
def test_parameters_of_a_range(accept: str, expected: str) -> None:
    """Quotes are respected; parameters that no documented type has decide only where no other range does."""
    chosen = negotiate(formats("application/json", "text/plain"), accept)
    assert chosen is not None
    assert chosen.media_type.text == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("text/html;level=1", 1.0),
        ("text/html", 0.7),
        ("text/plain", 0.3),
        ("image/jpeg", 0.5),
        ("text/html;level=2", 0.4),
        ("text/html;level=3", 0.7),
    ],
)
def test_the_example_of_the_rfc(name: str, expected: float) -> None:
    """The most specific range decides (the table of RFC 9110, section 12.5.1)."""
    accept = "text/*;q=0.3, text/html;q=0.7, text/html;level=1, text/html;level=2;q=0.4, */*;q=0.5"
    assert weight(accept, parse_media_type(name)) == expected


def test_another_version_is_not_accepted() -> None:
    """A range with another value of a documented parameter does not cover the type."""
    versions = formats("application/json; version=2", "application/json; version=3")
    chosen = negotiate(versions, "application/json; version=3")
    assert chosen is versions[1]
    assert negotiate(versions, "application/json; version=4") is None
