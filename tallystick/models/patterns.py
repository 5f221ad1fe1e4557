"""Translates the patterns of a contract (ECMA-262) into the syntaxes of Pydantic's two engines.

Rust's engine is the faster one and reads most patterns. Python's has lookarounds, backreferences and large repetitions.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from tallystick.schemas.messages import shown
from tallystick.schemas.patterns import to_engine_syntax

_TOKEN = re.compile(
    r"(?P<any>\[\\(?:s\\S|S\\s|d\\D|D\\d|w\\W|W\\w)\])|(?P<escape>\\(?:[pPu]\{[^}]*\}|u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|c[A-Za-z]|.))"
    r"|(?P<group>\(\?<(?![=!]))|(?P<open>\[\^?)|(?P<close>\])|(?P<char>.)",
    re.DOTALL,
)
_SPACE = "\\t\\n\\x0b\\x0c\\r \\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000\\ufeff"
_CLASSES = {"d": "0-9", "w": "A-Za-z0-9_", "s": _SPACE}
"""What ECMA-262 means by the class escapes; both engines take them for the classes of Unicode (section 22.2.2.9)."""
_NEGATED_IN_RUST = {"D": r"[^0-9]", "W": r"[^A-Za-z0-9_]", "S": f"[^{_SPACE}]"}
_OPERATORS = frozenset("[&~|")
"""What an engine may take for an operation on sets, in a class; ECMA-262 has none without the flag `v`."""


@dataclass(frozen=True, slots=True)
class EnginePattern:
    """A pattern in the syntax of an engine that matches the same texts."""

    text: str
    is_python: bool


@lru_cache(maxsize=4096)
def engine_pattern(ecma: str) -> EnginePattern | None:
    """The pattern for Pydantic: for Rust's engine if that takes it, else for Python's, else None."""
    rust = _translated(ecma, for_python=False)
    if is_taken_by_rust(rust):
        return EnginePattern(rust, is_python=False)
    python = _translated(ecma, for_python=True)
    return EnginePattern(python, is_python=True) if _is_taken_by_python(python) else None


def unsupported_patterns(patterns: Iterable[str]) -> dict[str, str]:
    """The patterns that are left out of the models, each with the reason."""
    return {
        pattern: f"the pattern {shown(pattern)} is left out of the model; Pydantic has no engine that takes it"
        for pattern in sorted(set(patterns))
        if engine_pattern(pattern) is None
    }


def _translated(ecma: str, for_python: bool) -> str:
    tokens: list[str] = []
    is_in_class = False
    for token in _TOKEN.finditer(to_engine_syntax(ecma)):
        text = token[0]
        match token.lastgroup:
            case "escape":
                text = _escape(text, is_in_class, for_python)
            case "group" if for_python and not is_in_class:
                text = "(?P<"
            case "open" if not is_in_class:
                is_in_class = True
            case "open":
                text = f"\\{text}"
            case "close":
                is_in_class = False
            case "char" if is_in_class and text in _OPERATORS:
                text = f"\\{text}"
            case "char" if is_in_class and text == "-" and tokens and tokens[-1] == "-":
                text = "\\-"
            case "char" if not is_in_class:
                text = r"\Z" if text == "$" and for_python else text
        tokens.append(text if text.isprintable() else _code_unit(text))
    return "".join(tokens)


def _code_unit(token: str) -> str:
    """A character that is not printable, escaped or not, as the escape that both engines know."""
    number = ord(token[-1])
    return f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"


def _escape(text: str, is_in_class: bool, for_python: bool) -> str:
    """An escape of ECMA-262 as an engine writes it."""
    letter = text[1]
    if letter in _CLASSES:
        return _CLASSES[letter] if is_in_class else f"[{_CLASSES[letter]}]"
    if letter in _NEGATED_IN_RUST:
        return _negated(letter, is_in_class, for_python)
    if letter in "bB" and not is_in_class:
        return rf"(?a:{text})" if for_python else rf"(?-u:{text})" if letter == "b" else text
    if letter == "c":  # without a letter behind it, it stands for itself (ECMA-262, annex B.1.2)
        return f"\\x{ord(text[2]) % 32:02x}" if len(text) > 2 else r"\\c"
    if letter == "u" and text.startswith("\\u{") and for_python:
        return _code_point(text)
    if letter == "v":
        return r"\x0b"
    if letter.isalpha() and letter not in "bBnrtfuxpPkdDwWsS":
        return letter
    return re.escape(letter) if letter in "/-\"'#&~ " and not is_in_class else text


def _negated(letter: str, is_in_class: bool, for_python: bool) -> str:
    """A negated class escape; in a class of Python, which has no classes in classes, the ranges that are left."""
    if not is_in_class or not for_python:
        return _NEGATED_IN_RUST[letter]
    ranges = {
        "D": r"\x00-/:-\U0010ffff",
        "W": r"\x00-/:-@\[-\^`{-\U0010ffff",
        "S": r"\x00-\x08\x0e-\x1f!-\x9f\u00a1-\u167f\u1681-\u1fff\u200b-\u2027\u202a-\u202e\u2030-\u205e\u2060-\u2fff"
        r"\u3001-\ufefe\uff00-\U0010ffff",
    }
    return ranges[letter]


def _code_point(text: str) -> str:
    try:
        return f"\\U{int(text[3:-1], 16):08x}"
    except ValueError:
        return text


@lru_cache(maxsize=4096)
def is_taken_by_rust(pattern: str) -> bool:
    """Whether Rust's engine takes a pattern in its own syntax."""
    from pydantic_core import SchemaError, SchemaValidator, core_schema

    try:
        SchemaValidator(core_schema.str_schema(pattern=pattern))
    except SchemaError:
        return False
    return True


def _is_taken_by_python(pattern: str) -> bool:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            re.compile(pattern)
    except (re.error, OverflowError, RecursionError, ValueError, Warning):  # ValueError: a count of 5000 digits
        return False
    return True
