"""Patterns mean in the engine what they mean in ECMA-262."""

from __future__ import annotations

import jsonschema_rs
import pytest

from tallystick.schemas.patterns import is_lawful, to_engine_syntax


@pytest.mark.parametrize(
    ("ecma", "fit", "others"),
    [
        (r"^[^]$", ["a", "\n", "😀"], ["", "ab"]),
        (r"^[]$", [], ["", "a"]),
        (r"^\0$", ["\0"], ["0"]),
        (r"^[\b]$", ["\x08"], ["b"]),
        (r"\bfoo\b", ["a foo."], ["afoo"]),
        (r"^{a}$", ["{a}"], ["a"]),
        (r"^a{,3}$", ["a{,3}"], ["aaa"]),
        (r"^a{2}b{1,}c{0,2}$", ["aab", "aabbcc"], ["ab", "aac"]),
        (r"^[{}\]\[]+$", ["{}[]"], ["a"]),
        (r"^[[]$", ["["], ["]"]),
        (r"^\{\\{$", ["{\\{"], ["{{"]),
        (r"^\u{1F600}\p{L}{2}\P{L}$", ["😀ab1"], ["ab1"]),
        (r"^\uD83D\uDE00$", ["😀"], ["a", "\uffff"]),
        (r"^[\uD800-\uDBFF][\uDC00-\uDFFF]$", ["😀"], ["a", "aa"]),
        (r"^[\u0020-\uD7FF\uE000-\uFFFD\uD800\uDC00-\uDBFF\uDFFF\r\n\t]*$", ["", "aé😀\n"], ["\x01"]),
        (r"^[^\uD800-\uDFFF]$", ["a", "😀"], ["", "ab"]),
        (r"^[\u0020-\uDBFF]$", ["a", "\ud7ff"], ["\ue000", "\x1f"]),
        (r"^[\uD800-\uFFFE]$", ["\ue000", "\ufffe"], ["a", "\ud7ff"]),
        (r"^\uD83D?a$", ["a"], ["b"]),
        (r"^\\uD83D$", [r"\uD83D"], ["a"]),
        (r"^(a)(?<q>['(])b\k<q>0$", ["a'b'0", "a(b(0"], ["a'b(0", "a'b'"]),
        (r"^(?<year>\d{4})-(?=\w)(?!x)\w+$", ["2026-a"], ["2026-x", "٢٠٢٦-a"]),
    ],
)
def test_a_pattern_matches_what_ecma_262_says(ecma: str, fit: list[str], others: list[str]) -> None:
    """Empty classes, braces that are text, surrogate escapes and the rest; what needs no change is not changed."""
    assert is_lawful(ecma)
    validator = jsonschema_rs.Draft202012Validator({"pattern": to_engine_syntax(ecma)})
    assert [text for text in (*fit, *others) if validator.is_valid(text)] == fit


@pytest.mark.parametrize(
    "ecma", ["(", ")", "[", "*a", "a**", "[z-a]", "a{2,1}", r"[\w-.]", r"\Z", r"\h", "(?>a)", r"(?<a>x)\k<b>"]
)
def test_what_is_no_pattern_stays_none(ecma: str) -> None:
    """A fault is not mended, nor is the language of another engine."""
    assert not is_lawful(ecma)
