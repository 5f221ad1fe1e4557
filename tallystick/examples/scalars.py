"""Strings and numbers that fit what schemas say together: a plausible one where it fits, else one that is made to."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import suppress
from fractions import Fraction
from typing import TypeVar

from tallystick.examples.combined_schema import Conjunction, exact
from tallystick.examples.realistic_values import PATTERNS, numbers, strings
from tallystick.examples.regex_strings import UnreadablePattern, string_for

T = TypeVar("T")
_LENGTHS = 12
"""How many lengths are tried for a string that nothing likely fits."""


def string(form: Conjunction, name: str, turn: int, nth: int = 0) -> str | None:
    """A string that fits, the `nth` that comes to mind; None where none was found."""
    return _nth((text for text in _strings(form, name, turn) if form.allows(text)), nth)


def _nth(values: Iterator[T], nth: int) -> T | None:
    """The value at a place among different ones, the last where there are not so many."""
    found: dict[T, None] = {}
    for value in values:
        found[value] = None
        if len(found) > nth:
            break
    return next(reversed(found), None)


def _strings(form: Conjunction, name: str, turn: int) -> Iterator[str]:
    least, most = form.least("minLength"), form.most("maxLength")
    kind = next(iter(form.values("format") + form.annotations("contentEncoding")), None)
    for number in range(turn, turn + 3):
        for text in strings(kind, name, number):
            yield text
            if kind not in PATTERNS:
                yield text[:most].rstrip()
                yield (f"{text} " * (least // (len(text) + 1) + 1))[: max(least, len(text))].rstrip().ljust(least, ".")
    patterns = form.values("pattern")
    for wanted in ([*patterns, PATTERNS[kind]] if kind in PATTERNS else patterns, patterns):
        try:
            made = string_for(wanted, form.unlike(), least, most, turn)
        except UnreadablePattern:
            continue
        if made is not None:
            yield made
    for length in range(least, min(least + _LENGTHS, least + _LENGTHS if most is None else most + 1)):
        with suppress(UnreadablePattern):
            yield string_for(patterns, form.unlike(), length, length, turn) or ""


def number(form: Conjunction, name: str, turn: int, whole: bool, nth: int = 0) -> int | float | None:
    """A number that fits, without a fraction where it is to be `whole`; None where none was found."""
    values = (_written(value) for value in _numbers(form, name, turn, whole) if not whole or value.denominator == 1)
    return _nth((value for value in values if form.allows(value)), nth)


def _numbers(form: Conjunction, name: str, turn: int, whole: bool) -> Iterator[Fraction]:
    step = _common_step([exact(one) for one in form.values("multipleOf") if one > 0], whole)
    low, high = form.bounds()
    for value in numbers(name, turn):
        yield exact(value)
    if not whole and step is None:
        yield Fraction(2 * turn + 21, 2)  # not a whole number, so that it is none of its `integer` siblings
    grain = step or Fraction(1)
    lowest = math.ceil(low / grain) if low is not None else None
    highest = math.floor(high / grain) if high is not None else None
    for offset in (turn, 0, 1, 2, 7):
        yield _counted(lowest, highest, offset) * grain
    if low is not None and high is not None and step is None and not whole:
        for part in (6, 4, 8, 9, 3, 11, 1):
            yield low + (high - low) * part / 12
    for bound, inward in ((low, 1), (high, -1)):
        if bound is not None and step is None and not whole:
            for size in (1, 10, 1000, 10**6):
                yield bound + Fraction(inward, size)
    yield Fraction(0)


def _counted(lowest: int | None, highest: int | None, offset: int) -> int:
    """A whole number between bounds: counted from one upwards where one is between them, else from the nearest one."""
    if lowest is not None and highest is not None and highest >= lowest:
        first = min(max(1, lowest), highest)
        return lowest + (first - lowest + offset) % (highest - lowest + 1)
    if highest is not None and highest < 1 + offset:
        return highest - offset
    return max(1, lowest or 1) + offset


def _common_step(steps: list[Fraction], whole: bool) -> Fraction | None:
    """The least number of which all multiples are multiples of every step."""
    if whole and steps:
        steps = [*steps, Fraction(1)]
    common: Fraction | None = None
    for step in steps:
        if common is None:
            common = step
        else:
            common = Fraction(
                math.lcm(common.numerator * step.denominator, step.numerator * common.denominator),
                common.denominator * step.denominator,
            )
    return common


def _written(value: Fraction) -> int | float:
    return value.numerator if value.denominator == 1 else float(value)
