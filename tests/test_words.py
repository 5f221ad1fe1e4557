"""Words of messages, and JSON Pointers."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallystick.nouns.json_pointer import part_at, step, to_keys, to_pointer
from tallystick.nouns.words import counted, did_you_mean, in_a_row, nearest, shortened, with_hint


@pytest.mark.parametrize(
    ("number", "separator", "words"),
    [(0, "", "0 rules"), (1, "", "1 rule"), (2, "", "2 rules"), (1234, "", "1234 rules"), (1234, ",", "1,234 rules")],
)
def test_a_number_with_its_noun(number: int, separator: str, words: str) -> None:
    """Every number but one has the plural, and thousands are separated where that is asked for."""
    assert counted(number, "rule", separator) == words


@pytest.mark.parametrize(
    ("names", "row"), [([], ""), (["a"], "a"), (["a", "b"], "a or b"), (["a", "b", "c"], "a, b or c")]
)
def test_names_in_a_row(names: list[str], row: str) -> None:
    """Commas stand between names, and the conjunction before the last."""
    assert in_a_row(names, "or") == row


def test_a_long_list_says_how_much_is_left_out() -> None:
    """Names beyond the most are counted; a list that is short enough is whole."""
    assert shortened(["a", "b", "c", "d"], 2) == "a, b and 2 more"
    assert shortened(["a", "b"], 2) == "a, b"


def test_the_name_that_was_probably_meant() -> None:
    """A name that is alike is asked after, quoted as the message quotes names; nothing is asked where none is."""
    assert did_you_mean("chek", ["mock", "check"]) == "did you mean 'check'?"
    assert did_you_mean("idd", ["id"], form="`{}`") == "did you mean `id`?"
    assert did_you_mean("idd", ["id"], form="{{{}}}") == "did you mean {id}?"
    assert did_you_mean("frobnicate", ["mock", "check"]) == ""
    assert nearest("name", ["game", "names", "nothing"], most=2) == ["names", "game"]
    assert with_hint("a fact", "a hint") == "a fact; a hint"
    assert with_hint("a fact", "") == "a fact"


def test_a_pointer_leads_to_its_part() -> None:
    """Each token of a pointer is a name in an object or an index in a list; any other leads nowhere (RFC 6901)."""
    document = {"a/b": {"m~n": ["x", "y"], "": 0}}
    assert to_keys("/a~1b/m~0n/1") == ("a/b", "m~n", "1")
    assert part_at(document, to_keys("/a~1b/m~0n/1")) == "y"
    assert part_at(document, to_keys("/a~1b/")) == 0
    assert part_at(document, to_keys("")) == document


@pytest.mark.parametrize(("value", "key"), [({"a": 1}, "b"), ([1], "1"), ([1], "-1"), ([1], "x"), ("text", "0")])
def test_a_step_that_leads_nowhere(value: Any, key: str) -> None:
    """A missing name, an index outside the list and a step into what is neither are a KeyError."""
    with pytest.raises(KeyError):
        step(value, key)


@given(st.lists(st.text()))
def test_a_pointer_stands_for_its_keys(keys: list[str]) -> None:
    """Keys come back from their pointer, whatever characters they have."""
    assert to_keys(to_pointer(keys)) == tuple(keys)
