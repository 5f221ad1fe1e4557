"""Strings made from regular expressions: matched by the engine that judges, of the length that is asked for."""

from __future__ import annotations

import time

import jsonschema_rs
import pytest

from tallystick.examples.regex_strings import UnreadablePattern, string_for

PATTERNS = [
    "",
    "^$",
    "^[a-z]+$",
    r"^\d{3}-\d{4}$",
    "foo|^bar$",
    r"\bcat\b",
    r"^\B-\b.$",
    "^(a*)*b$",
    "^(a?b?){5}c$",
    "^[^a-z]{4}$",
    r"^[\w.+-]+@[\w-]+\.[\w.-]+$",
    r"^[\d\s]{3}[^\d\s]$",
    r"^\p{Lu}\p{L}*$",
    r"^\P{L}{3}$",
    r"^\p{Script=Greek}{2}$",
    "^[\\u0400-\\u04ff]{3}$",
    "^\\u{1F600}$",
    r"^\x41\cA\t$",
    r"^[\-\]\\^]{2}$",
    "^[]a]$",
    "^(?i)abc$",
    "^(?i:abc)d$",
    "^(?<year>20\\d\\d)$",
    r"^(ab)-\1$",
    r"^(?=.*[a-z])(?=.*[A-Z])(?=.*\d)(?=.*[!@#])[A-Za-z\d!@#]{8,}$",
    "^(?!-)(?!.*--)[a-z0-9-]{1,63}(?<!-)$",
    r"^(?!.*(.)\1).{4}$",
    "^[xy](?<!x)$",
    "(?<=a)b",
    "^([a-z](?!b))*$",
    "^(?:(?:25[0-5]|2[0-4][0-9]|[01]?[0-9][0-9]?)\\.){3}(?:25[0-5]|2[0-4][0-9]|[01]?[0-9][0-9]?)$",
    "^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$",
    r"^arn:aws:[a-z0-9]+:[a-z0-9-]*:\d{12}:.+$",
    "^a{1000}$",
    "^(a{0,50}b{0,50}){0,50}$",
    "^(.*a.*){20}$",
]


def matches(pattern: str, text: str) -> bool:
    """Whether the engine that judges finds a pattern in a text."""
    return jsonschema_rs.is_valid({"pattern": pattern}, text)


@pytest.mark.parametrize("turn", [0, 1, 7])
@pytest.mark.parametrize("pattern", PATTERNS)
def test_a_string_matches_its_pattern(pattern: str, turn: int) -> None:
    """Whatever a pattern has of the language of ECMA-262, the string that is made is matched by it."""
    text = string_for([pattern], turn=turn)
    assert text is not None
    assert matches(pattern, text)


@pytest.mark.parametrize(("least", "most"), [(0, 3), (1, 1), (12, 12), (40, 60), (5000, None)])
@pytest.mark.parametrize("pattern", [".", "^[a-z]+$", r"^\w+(-\w+)*$", "[0-9]$", "^(ab|c)+$"])
def test_a_string_is_as_long_as_it_should_be(pattern: str, least: int, most: int | None) -> None:
    """The length is between the bounds, however the pattern repeats itself."""
    text = string_for([pattern], least=least, most=most)
    assert text is not None
    assert least <= len(text)
    assert most is None or len(text) <= most
    assert matches(pattern, text)


def test_all_patterns_match_and_none_of_the_others() -> None:
    """Several patterns hold at once, and those that must not match do not."""
    text = string_for(["^a", "z$", r"\d"], excluded=["9", "^.{0,9}$"], most=12)
    assert text is not None
    assert text.startswith("a")
    assert text.endswith("z")
    assert 10 <= len(text) <= 12
    assert "9" not in text


@pytest.mark.parametrize(
    ("patterns", "most"), [(["^a{4}$"], 3), (["^a", "^b"], None), (["^(?=x)y"], None), ([r"^(?!a)a$"], None)]
)
def test_there_may_be_no_such_string(patterns: list[str], most: int | None) -> None:
    """None is returned, and soon, where no string fits."""
    start = time.process_time()
    assert string_for(patterns, most=most) is None
    assert time.process_time() - start < 2


@pytest.mark.parametrize(
    "pattern", ["(", "[a", "a{2", "*a", r"\p{Nonsense}", "(?z)", "(" * 2000 + "a" + ")" * 2000, "a)", "a " * 20_000]
)
def test_a_pattern_that_cannot_be_read_is_told(pattern: str) -> None:
    """A pattern that is none, or is beyond what can be read, raises `UnreadablePattern`."""
    with pytest.raises(UnreadablePattern):
        string_for([pattern])


def test_that_no_string_can_be_made_is_found_out_once() -> None:
    """What takes all the work that is allowed is not tried again for another turn."""
    for turn in range(20):
        start = time.process_time()
        with pytest.raises(UnreadablePattern, match="too much is left"):
            string_for(["(b?){500}b{500}"], turn=turn)
        assert time.process_time() - start < (10 if turn == 0 else 0.1)


def test_another_turn_that_takes_too_much_has_the_string_of_the_first() -> None:
    """A turn whose first characters lead to too much work takes the usual way, and spoils it for no other turn."""
    pattern = "^(a[a-z]{5}|b(b?){900}b{900})$"
    assert all(str(string_for([pattern], turn=turn)).startswith("a") for turn in (1, 0, 2))


def test_what_must_not_match_must_be_known_exactly() -> None:
    """A backreference cannot be kept from matching: this is told rather than a wrong string made."""
    with pytest.raises(UnreadablePattern, match="exactly"):
        string_for([], excluded=[r"(.)\1"])


def test_another_turn_gives_another_string() -> None:
    """Each turn gives the same string each time, and turns differ, also where few strings are possible."""
    assert len({string_for(["^[ab]{3}$"], turn=turn) for turn in range(60)}) == 8
    assert len({string_for(["^(one|two|three)$"], turn=turn) for turn in range(4)}) == 3
    assert string_for(["^[a-z]{9}$"], turn=4) == string_for(["^[a-z]{9}$"], turn=4)


def test_a_string_is_made_of_common_characters() -> None:
    """Letters and digits go before signs that one would not type."""
    text = string_for(["^.{20}$"])
    assert text is not None
    assert text.isalnum()
