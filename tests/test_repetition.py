"""A long repetition in a pattern is judged by the length of a text, and means the same."""

from __future__ import annotations

import random

import jsonschema_rs
import pytest
from support.asking import contract, schema
from support.values import generated

from tallystick.models.patterns import engine_pattern
from tallystick.nouns.schema import Direction
from tallystick.rules.contract.document import judge_document
from tallystick.schemas import repetition
from tallystick.schemas.patterns import is_lawful, is_readable
from tallystick.schemas.repetition import bounded

REQUEST = Direction.REQUEST


@pytest.mark.parametrize("version", ["3.0.3", "3.1.0"])
@pytest.mark.parametrize(
    ("pattern", "fit", "others"),
    [
        ("^.{0,20000}$", ["", "a" * 20_000], ["a" * 20_001, "a\nb"]),
        (r"^[\s\S]{1,65535}$", ["\n", "😀" * 65_535], ["", "a" * 65_536]),
        (r"^\p{L}{0,5000}$", ["é" * 5000], ["é" * 5001, "1"]),
        (r"^(?!\s)[^<>]{0,20000}\S$", ["a", "a" * 20_001], ["", " a", "a ", "a" * 20_002]),
        (r"^(?:ab|cd){2,1000}$", ["abcd", "ab" * 1000], ["ab", "abc", "ab" * 1001]),
        (r"^(.{0,300})$", ["a" * 300], ["a" * 301]),
        (r"^.{3000,}$", ["a" * 3000], ["a" * 2999]),
        (r"^a{0,500}b{0,500}$", ["a" * 500 + "b" * 500], ["a" * 501]),
    ],
)
def test_a_long_repetition_is_judged(version: str, pattern: str, fit: list[str], others: list[str]) -> None:
    """A lawful repetition of ECMA-262 is no violation of check, and judges values as it says."""
    judged = schema({"type": "string", "pattern": pattern}, version)
    assert [len(text) for text in (*fit, *others) if judged.is_valid(text, REQUEST)] == [len(text) for text in fit]
    response = {"description": "d", "content": {"application/json": {"schema": {"type": "string", "pattern": pattern}}}}
    operation = {"operationId": "ask", "responses": {"200": response}}
    beginning = {"openapi": version, "info": {"title": "T", "version": "1"}}
    assert judge_document(contract({**beginning, "paths": {"/": {"get": operation}}})) == []


def test_the_own_bounds_of_a_length_stay() -> None:
    """Bounds beside the pattern hold too, and the narrower one decides."""
    judged = schema({"type": "string", "pattern": "^.{2,2000}$", "minLength": 1, "maxLength": 3})
    assert [judged.is_valid("a" * length, REQUEST) for length in range(5)] == [False, False, True, True, False]


def test_a_text_that_is_too_long_is_told_at_the_pattern() -> None:
    """The place of the error is the pattern, which is what the document says."""
    (error,) = schema({"type": "string", "pattern": "^a{0,2000}$"}).errors("a" * 2001, REQUEST)
    assert error.place.pointer.endswith("/schema/pattern")
    assert error.message.endswith("has 2001 characters; the most is 2000")


def test_a_value_is_made_for_a_long_repetition() -> None:
    """A generated string is as long as the pattern wants it."""
    assert generated({"type": "string", "pattern": "^[ab]{300,60000}$"}).strip("ab") == ""
    assert len(generated({"type": "string", "pattern": "^[ab]{300,60000}$"})) >= 300


@pytest.mark.parametrize(
    "pattern",
    [
        *("^.{0,20}$", "^.{300,2}$", ".{0,300}", "^a?.{0,300}$", "^(.{0,300}|a)$"),
        *("^(.{0,300}){2}$", r"^(a{0,300})\1$", "^a{300}|b$", r"^a{0,300}\$", r"^(?:a{0,300}\$"),
        *(f"^a{{0,{'9' * 5000}}}$", f"^{'(' * 3000}a{{0,300}}{')' * 3000}$", "^[" + r"\p{L}" * 60 + "{0,300}$"),
    ],
    ids=lambda pattern: pattern[:20],
)  # fmt: skip
def test_where_the_length_does_not_tell_the_count_the_pattern_stays(pattern: str) -> None:
    """A short count, one that is not in order, and one beside other parts of several lengths are left to the engine.

    So is what no engine holds, and a text that ends with a dollar sign.
    """
    assert bounded(pattern) is None


def test_what_is_too_large_is_lawful() -> None:
    """A pattern that the engine cannot hold is a pattern all the same; one with a fault is none, whatever its size."""
    huge = "^(?:a{0,1000}b?){0,1000}$"
    assert (is_readable(huge), is_lawful(huge)) == (False, True)
    assert not is_lawful("^(?:a{0,1000}b?){1000,0}$")
    assert not is_lawful("^(?:a{0,1000}b?{0,1000}$")
    assert is_lawful(f"a{{1,{'9' * 5000}}}")
    assert engine_pattern(f"a{{1,{'9' * 5000}}}") is None
    assert schema({"pattern": huge}).is_valid("anything", REQUEST)


def random_pattern(choice: random.Random, depth: int = 2) -> str:
    """Some parts with quantifiers, groups among them."""
    pieces = []
    for _ in range(choice.randint(1, 3)):
        parts = ["a", "b", ".", "[ab]", r"\w", "(?!b)", "(?=a)"]
        if depth:
            branches = "|".join(random_pattern(choice, depth - 1) for _ in range(choice.randint(1, 2)))
            parts += [f"({branches})", f"(?:{branches})"]
        pieces.append(choice.choice(parts))
        pieces.append(choice.choice(["", "", "{2}", "{0,3}", "{1,2}", "*", "+", "?", "{2,}", "{0,3}?"]))
    return "".join(pieces)


def test_bounds_of_the_length_mean_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """For random patterns and texts, the pattern with bounds and the pattern with its count say the same."""
    monkeypatch.setattr(repetition, "_SHORT", 1)
    choice = random.Random(7)
    compared = 0
    for _ in range(6000):
        pattern = f"^{random_pattern(choice)}$"
        same = bounded.__wrapped__(pattern)
        if same is None or not is_readable(pattern):
            continue
        compared += 1
        counted = jsonschema_rs.Draft202012Validator({"pattern": pattern})
        bounds = {"minLength": same.least, **({} if same.most is None else {"maxLength": same.most})}
        by_length = jsonschema_rs.Draft202012Validator({"pattern": same.pattern, **bounds})
        for _ in range(12):
            text = "".join(choice.choices("abab c", k=choice.randint(0, 8)))
            assert counted.is_valid(text) == by_length.is_valid(text), (pattern, same, text)
    assert compared > 300
