"""Strings and numbers that fit a combined schema: realistic ones if they fit, else ones made from the constraints."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import suppress
from fractions import Fraction
from typing import TypeVar

from tallystick.examples.combined_schema import CombinedSchema, exact
from tallystick.examples.draws import Draw
from tallystick.examples.formats import PATTERNS
from tallystick.examples.realistic_values import numbers, strings
from tallystick.examples.regex_strings import UnreadablePattern, string_for
from tallystick.nouns import budgets
from tallystick.schemas.long_texts import is_slow

T = TypeVar("T")
_TURNS_TRIED = 3
_LENGTHS_TRIED = 12
"""How many lengths are tried for a string after all other candidates."""


def fitting_string(combined: CombinedSchema, draw: Draw, skip: int = 0) -> str | None:
    """A string that fits, after `skip` other ones; None where none is found."""
    return _after_skipping((text for text in _strings(combined, draw) if combined.allows(text)), skip)


def fitting_number(combined: CombinedSchema, draw: Draw, is_integer: bool, skip: int = 0) -> int | float | None:
    """A number that fits, after `skip` other ones; None where none is found."""
    candidates = _numbers(combined, draw, is_integer)
    values = (_json_number(value) for value in candidates if not is_integer or value.denominator == 1)
    return _after_skipping((value for value in values if combined.allows(value)), skip)


def _after_skipping(values: Iterator[T], skip: int) -> T | None:
    """The distinct value that comes after `skip` others, or the last one where there are fewer; None without values."""
    distinct: dict[T, None] = {}
    for value in values:
        distinct[value] = None
        if len(distinct) > skip:
            break
    return next(reversed(distinct), None)


def _format(combined: CombinedSchema) -> str | None:
    """The name of the format, be it judged or not."""
    named = [*combined.strings("format"), *combined.annotations("format"), *combined.annotations("contentEncoding")]
    return next((name for name in named if isinstance(name, str)), None)


def _strings(combined: CombinedSchema, draw: Draw) -> Iterator[str]:
    """Candidates for a string, the most realistic first."""
    turn = draw.turn + draw.style.seed
    least, most = combined.highest("minLength"), combined.lowest("maxLength")
    if least > (budgets.PATTERN_TEXT if any(map(is_slow, combined.strings("pattern"))) else budgets.VALUE_CHARACTERS):
        return
    format_name = _format(combined)
    for later in range(_TURNS_TRIED):
        for text in strings(format_name, draw.later(later)):
            yield text
            if format_name not in PATTERNS:
                yield text[:most].rstrip()
                yield _lengthened(text, least)
    patterns, excluded = combined.strings("pattern"), combined.excluded_patterns()
    format_pattern = [PATTERNS[format_name]] if format_name in PATTERNS else []
    for combination in ([*patterns, *format_pattern], patterns):
        with suppress(UnreadablePattern):
            text_of_pattern = string_for(combination, excluded, least, most, turn)
            if text_of_pattern is not None:
                yield text_of_pattern
    longest = least + _LENGTHS_TRIED if most is None else min(least + _LENGTHS_TRIED, most + 1)
    with suppress(UnreadablePattern):  # it is so for every length
        for length in range(least, longest):
            yield string_for(patterns, excluded, length, length, turn) or ""


def _lengthened(text: str, least: int) -> str:
    """A text repeated until it has at least `least` characters."""
    repeated = f"{text} " * (least // (len(text) + 1) + 1)
    return repeated[: max(least, len(text))].rstrip().ljust(least, ".")


def _numbers(combined: CombinedSchema, draw: Draw, is_integer: bool) -> Iterator[Fraction]:
    """Candidates for a number, the most realistic first."""
    turn = draw.turn + draw.style.seed
    step = _common_multiple([exact(number) for number in combined.numbers("multipleOf") if number > 0], is_integer)
    low, high = combined.number_range()
    for value in numbers(_format(combined), draw, is_integer):
        yield exact(value)
    is_continuous = step is None and not is_integer
    if is_continuous:
        yield Fraction(2 * turn + 21, 2)  # has a fraction, so that it does not fit an `integer` branch beside this one
    grain = step or Fraction(1)
    lowest = math.ceil(low / grain) if low is not None else None
    highest = math.floor(high / grain) if high is not None else None
    for offset in (turn, 0, 1, 2, 7):
        yield _counted(lowest, highest, offset) * grain
    if is_continuous:
        yield from _between(low, high)
    yield Fraction(0)


def _between(low: Fraction | None, high: Fraction | None) -> Iterator[Fraction]:
    """Numbers between two bounds, then near each of them."""
    if low is not None and high is not None:
        for twelfth in (6, 4, 8, 9, 3, 11, 1):
            yield low + (high - low) * twelfth / 12
    for bound, inward in ((low, 1), (high, -1)):
        if bound is not None:
            for divisor in (1, 10, 1000, 10**6):
                yield bound + Fraction(inward, divisor)


def _counted(lowest: int | None, highest: int | None, offset: int) -> int:
    """An integer between bounds: counted from 1 upwards where 1 is between them, else from the nearest bound."""
    if lowest is not None and highest is not None and highest >= lowest:
        first = min(max(1, lowest), highest)
        return lowest + (first - lowest + offset) % (highest - lowest + 1)
    if highest is not None and highest < 1 + offset:
        return highest - offset
    return max(1, lowest or 1) + offset


def _common_multiple(steps: list[Fraction], is_integer: bool) -> Fraction | None:
    """The least common multiple of all steps, and of 1 where an integer is wanted; None without steps."""
    if is_integer and steps:
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


def _json_number(value: Fraction) -> int | float:
    return value.numerator if value.denominator == 1 else float(value)
