"""Sets of characters, as sorted ranges of code points, and those that the syntax of ECMA-262 names."""

from __future__ import annotations

import string
import unicodedata
from collections.abc import Callable
from functools import lru_cache

CharacterSet = tuple[tuple[int, int], ...]
"""Ranges of code points, ascending, with gaps between them. Each range includes its first and its last code point."""

_LAST_CODE_POINT = 0x10FFFF
_PROPERTY_LIMIT = 0x0530
"""Unicode properties are computed up to this code point: Latin, Greek and Cyrillic suffice to generate a string."""

EVERY_CHARACTER: CharacterSet = ((0, _LAST_CODE_POINT),)


def union(*ranges: tuple[int, int]) -> CharacterSet:
    """The set of all characters in some ranges, which may overlap and stand in any order."""
    merged: list[tuple[int, int]] = []
    for low, high in sorted(ranges):
        if merged and low <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(high, merged[-1][1]))
        else:
            merged.append((low, high))
    return tuple(merged)


def characters_of(text: str) -> CharacterSet:
    """The set of the characters in a text."""
    return union(*((ord(char), ord(char)) for char in text))


def complement(characters: CharacterSet) -> CharacterSet:
    """The set of all characters that are not in a set."""
    ranges, start = [], 0
    for low, high in characters:
        if low > start:
            ranges.append((start, low - 1))
        start = high + 1
    if start <= _LAST_CODE_POINT:
        ranges.append((start, _LAST_CODE_POINT))
    return tuple(ranges)


def contains(characters: CharacterSet, code_point: int) -> bool:
    """Whether a character is in a set."""
    return any(low <= code_point <= high for low, high in characters)


def is_single(characters: CharacterSet) -> bool:
    """Whether a set has exactly one character."""
    return len(characters) == 1 and characters[0][0] == characters[0][1]


WORD = characters_of(string.ascii_letters + string.digits + "_")
_DIGIT = characters_of(string.digits)
_SPACE = characters_of(
    " \t\n\r\v\f\u00a0\u1680\u2028\u2029\u202f\u205f\u3000\ufeff" + "".join(map(chr, range(0x2000, 0x200B)))
)
DOT = complement(characters_of("\n\r\u2028\u2029"))
ESCAPED_CLASSES = {
    "d": _DIGIT, "D": complement(_DIGIT), "w": WORD, "W": complement(WORD), "s": _SPACE, "S": complement(_SPACE),
}  # fmt: skip
"""The set that each escape of one letter means."""

_CATEGORIES = {
    "letter": "L", "alphabetic": "L", "alpha": "L", "uppercase": "Lu", "uppercase_letter": "Lu", "lowercase": "Ll",
    "lowercase_letter": "Ll", "number": "N", "decimal_number": "Nd", "digit": "Nd", "punctuation": "P", "symbol": "S",
    "mark": "M", "separator": "Z", "space_separator": "Zs", "white_space": "Z", "other": "C", "control": "Cc",
}  # fmt: skip


@lru_cache(maxsize=64)
def unicode_property(name: str) -> CharacterSet:
    """The characters that have a Unicode property: `L`, `Letter`, `General_Category=Lu`, `Script=Greek`.

    Only characters below a limit are in it. It is empty where the property is not known.
    """
    value = name.rpartition("=")[2]
    if name.lower().startswith(("script=", "sc=", "scx=", "script_extensions=")):
        script = value.upper()
        return _characters_where(lambda char: unicodedata.name(char, "").startswith(script))
    category = _CATEGORIES.get(value.lower(), value)
    return _characters_where(lambda char: unicodedata.category(char).startswith(category))


def _characters_where(test: Callable[[str], bool]) -> CharacterSet:
    return union(*((point, point) for point in range(_PROPERTY_LIMIT) if test(chr(point))))
