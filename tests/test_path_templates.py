"""Paths are found by key, the most concrete template first, and what stands for a name is told as it was sent."""

from __future__ import annotations

import sys
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallystick.nouns.path_templates import PathIndex, template_names, template_shape


def index(*templates: str) -> PathIndex[str]:
    """An index in which each template stands for itself."""
    made: PathIndex[str] = PathIndex()
    for template in templates:
        made.add(template, template)
    return made


def test_names_and_shape_of_a_template() -> None:
    """A template is told by its names in order, and by what is left without them."""
    assert template_names("/a/{b}/{c}.json") == ("b", "c")
    assert template_names("/a") == ()
    assert template_shape("/a/{b}/{c}.json") == template_shape("/a/{x}/{y}.json") == "/a/{}/{}.json"


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/pets", [("/pets", ())]),
        ("/pets/mine", [("/pets/mine", ()), ("/pets/{id}", ("mine",))]),
        ("/pets/7", [("/pets/{id}", ("7",))]),
        ("/pets/7.js", [("/pets/{id}.js", ("7",)), ("/pets/{id}.{type}", ("7", "js")), ("/pets/{id}", ("7.js",))]),
        ("/pets/a.b.xy", [("/pets/{id}.{type}", ("a", "b.xy")), ("/pets/{id}", ("a.b.xy",))]),
        ("/pets/.js", [("/pets/{id}", (".js",))]),
        ("/pets/a%2Fb", [("/pets/{id}", ("a%2Fb",))]),
        ("/pets/", []),
        ("/pets/7/", []),
        ("/pets//toys", []),
        ("/pets/7/toys", [("/pets/{id}/toys", ("7",))]),
        ("/pets/mine/toys", [("/pets/{id}/toys", ("mine",))]),
        ("", []),
        ("pets", []),
        ("*", []),
    ],
)  # fmt: skip
def test_a_path_meets_templates_the_most_concrete_first(path: str, expected: list[tuple[str, tuple[str, ...]]]) -> None:
    """A literal goes before a template, and one with text around its name before a bare one."""
    known = index("/pets/{id}", "/pets/{id}.{type}", "/pets", "/pets/mine", "/pets/{id}.js", "/pets/{id}/toys")
    assert list(known.matches(path)) == expected


def test_a_template_of_a_known_shape_keeps_the_first_value() -> None:
    """Two templates of one shape are one place in the index, and the first stays."""
    made = index("/a/{b}", "/a/{c}", "/a/{b}.x", "/a/{c}.x")
    assert [value for value, _ in made.matches("/a/1.x")] == ["/a/{b}.x", "/a/{b}"]


def test_templates_with_as_much_text_keep_their_order() -> None:
    """Of two templates that are equally concrete the first one is met first."""
    for templates in (("/f/{a}.b", "/f/a-{b}"), ("/f/a-{b}", "/f/{a}.b")):
        assert [value for value, _ in index(*templates).matches("/f/a-x.b")] == list(templates)


def test_a_literal_is_compared_by_what_its_percent_encoding_means() -> None:
    """The template and the path may each be percent-encoded or not."""
    for template in ("/caf%C3%A9/{id}.é", "/café/{id}.%C3%A9"):
        assert [parts for _, parts in index(template).matches("/caf%c3%a9/%C3%A9.%C3%A9")] == [("%C3%A9",)]


def test_braces_that_hold_no_name_are_literal() -> None:
    """A brace without its other half is a letter like others."""
    assert [value for value, _ in index("/a{b/c").matches("/a{b/c")] == ["/a{b/c"]


@given(st.lists(st.text(min_size=1).map(lambda text: quote(text, safe="")), min_size=1, max_size=4))
def test_what_stands_for_a_name_comes_back_as_it_was_sent(parts: list[str]) -> None:
    """Whatever the text of a part, it stands for its name, still percent-encoded."""
    template = "".join(f"/{{n{number}}}" for number in range(len(parts)))
    assert list(index(template).matches("/" + "/".join(parts))) == [(template, tuple(parts))]


def test_many_names_in_a_segment_are_matched_in_one_pass() -> None:
    """A path made to be ambiguous costs no more than its length: ten thousand dashes are no burden."""
    made = index("/{a}-{b}-{c}-{d}-{e}.json")
    assert made.matches("/" + "-" * 10_000 + "x") == []
    assert [parts for _, parts in made.matches("/1-2-3-4-5-6.json")] == [("1", "2", "3", "4", "5-6")]


def test_a_match_costs_the_same_among_many_templates() -> None:
    """No more calls are made to find a path among five thousand templates than among five."""

    def calls(number: int) -> int:
        made = index(*(f"/things{one}/{{id}}/parts" for one in range(number)))
        seen: list[str] = []
        sys.setprofile(lambda _frame, event, _argument: seen.append(event))
        found = list(made.matches(f"/things{number - 1}/7/parts"))
        sys.setprofile(None)
        assert len(found) == 1
        return len(seen)

    assert calls(5000) == calls(5)
