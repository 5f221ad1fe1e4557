"""Strings of a given length that match some regular expressions and do not match others.

The search takes derivatives: what is left of an expression after one character is an expression again. So several
patterns at once, negated patterns, lookaheads and lengths are all one mechanism, and a string is a path from an
expression to one at which the string may end.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from functools import lru_cache
from typing import NamedTuple

from tallystick.examples.character_sets import CharacterSet, contains
from tallystick.examples.regex_ast import Expression, ExpressionFactory
from tallystick.examples.regex_derivatives import Derivatives
from tallystick.examples.regex_parser import UnreadablePattern, parse
from tallystick.nouns import budgets

__all__ = ["UnreadablePattern", "string_for"]

_LOWER, _DIGITS, _UPPER = "abcdefghijklmnopqrstuvwxyz", "0123456789", "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_PREFERRED = frozenset(_LOWER + _DIGITS)
_ALPHANUMERIC = frozenset(_LOWER + _DIGITS + _UPPER)
_COMMON = _LOWER + _DIGITS + _UPPER + "-_./:@ +,=#&?!%*()[]{}<>|~$^;'\"\\`\t\n"
_NATURAL_LENGTH = 8
"""How long a string is where the pattern and the bounds leave it open."""
_MAX_STEPS = 4_000
_MOST_UNREADABLE = 1_000
_unreadable: dict[tuple[tuple[str, ...], tuple[str, ...], int, int | None], str] = {}
"""Why no string can be made of some patterns and lengths: to find that out takes up to two seconds."""
_MAX_EXTRA_LENGTH = 4096
"""How much longer than necessary a string may become where there is no upper bound."""


def string_for(
    patterns: Sequence[str], excluded: Sequence[str] = (), least: int = 0, most: int | None = None, turn: int = 0
) -> str | None:
    """A string of `least` to `most` characters in which all patterns match somewhere, and no excluded pattern does.

    Another `turn` gives another string, where there are several. None where there is no such string, or a bounded
    search does not find it. Raises `UnreadablePattern` for a pattern that cannot be read.
    """
    wanted = tuple(patterns), tuple(excluded), least, most
    if wanted in _unreadable:
        raise UnreadablePattern(_unreadable[wanted])
    try:
        return _string_for(*wanted, turn)
    except UnreadablePattern as error:  # by the way that is the same for each turn
        while len(_unreadable) >= _MOST_UNREADABLE:
            _unreadable.pop(next(iter(_unreadable)), None)
        _unreadable[wanted] = str(error)
        raise


@lru_cache(maxsize=4096)
def _string_for(
    patterns: tuple[str, ...], excluded: tuple[str, ...], least: int, most: int | None, turn: int
) -> str | None:
    factory = ExpressionFactory()
    try:
        expressions = [parse(pattern, factory) for pattern in patterns]
        expressions += [factory.negation(parse(pattern, factory, exactly=True)) for pattern in excluded]
        start = factory.intersection(expressions)
        text = _rotated(factory, start, least, most, turn) if turn else None
        return text if text is not None else _Search(Derivatives(factory), turn).string(start, least, most)
    except RecursionError:
        raise UnreadablePattern("the pattern is nested too deep") from None


def _rotated(factory: ExpressionFactory, start: Expression, least: int, most: int | None, turn: int) -> str | None:
    """A string that begins otherwise than in other turns; None where none is found, or that would take too much."""
    with suppress(UnreadablePattern):
        return _Search(Derivatives(factory), turn, rotated=True).string(start, least, most)
    return None


@lru_cache(maxsize=1024)
def _equivalence_classes(sets: frozenset[CharacterSet]) -> tuple[str, ...]:
    """The common characters, grouped by the sets that they are in, and one character of each set without a common one.

    All characters of a group lead to the same derivative.
    """
    ordered = sorted(sets)
    uncommon = [chr(each[0][0]) for each in ordered if not any(contains(each, ord(char)) for char in _COMMON)]
    groups: dict[tuple[bool, ...], str] = {}
    for char in [*_COMMON, *uncommon]:
        memberships = tuple(contains(each, ord(char)) for each in ordered)
        groups[memberships] = groups.get(memberships, "") + char
    return tuple(groups.values())


def _hash(turn: int, position: int) -> int:
    """A number that differs from turn to turn and from position to position without a visible regularity."""
    mixed = (turn * 0x9E3779B1 + position * 0x85EBCA77 + 0x165667B1) & 0xFFFFFFFF
    for shift, factor in ((15, 0x2C1B3C6D), (12, 0x297A2D39)):
        mixed = ((mixed ^ (mixed >> shift)) * factor) & 0xFFFFFFFF
    return mixed ^ (mixed >> 15)


class _Step(NamedTuple):
    """One way to continue a text. Steps are taken in the order of their first three fields."""

    ends_early: bool
    least_to_come: int
    rank: int
    char: str
    rest: Expression


class _Search:
    """The search for one string: depth first, the likeliest character first, no dead end twice."""

    def __init__(self, derivatives: Derivatives, turn: int, rotated: bool = False) -> None:
        self.derivatives = derivatives
        self.factory = derivatives.factory
        self.turn = turn
        self.max_steps = _MAX_STEPS // 8 if rotated else _MAX_STEPS
        self.rotations: dict[int, int] = {}
        """By position: how far its likely steps are rotated, where there are several."""
        self.remaining_turns = turn if rotated else 0

    def string(self, start: Expression, least: int, most: int | None) -> str | None:
        """A string of `least` to `most` characters that the expression matches; None where none is found."""
        if most is None:
            most = max(least, self.derivatives.least_length(start, False)) + _MAX_EXTRA_LENGTH
        target = max(least, min(most, _NATURAL_LENGTH))
        text: list[str] = []
        stack = [(start, self.steps(start, "", 0, least, most))]
        dead_ends: set[tuple[Expression, str, int]] = set()
        shortest = max(least, self.derivatives.least_length(start, False))
        if shortest > budgets.PATTERN_CHARACTERS:
            return None
        for _ in range(self.max_steps + 10 * shortest):
            expression, steps = stack[-1]
            last = text[-1] if text else ""
            if len(text) >= target and self.derivatives.may_end(expression, last):
                return "".join(text)
            for char, rest in steps:
                if (rest, self.derivatives.context(char), len(text) + 1) not in dead_ends:
                    text.append(char)
                    stack.append((rest, self.steps(rest, char, len(text), least, most)))
                    break
            else:
                if len(text) >= least and self.derivatives.may_end(expression, last):
                    return "".join(text)
                stack.pop()
                if not stack:
                    return None
                dead_ends.add((expression, self.derivatives.context(last), len(text)))
                text.pop()
        return None

    def steps(
        self, expression: Expression, last: str, length: int, least: int, most: int
    ) -> Iterator[tuple[str, Expression]]:
        """The characters that may come next, each with the derivative: one of each equivalence class, best first."""
        if length >= most:
            return
        steps: list[_Step] = []
        characters = self.derivatives.first_characters(expression) | self.factory.lookbehind_sets
        for rank, group in enumerate(_equivalence_classes(characters)):
            char = self.pick(group, length)
            rest = self.derivatives.after(expression, char, last)
            is_idle = (
                rest is expression
                and self.derivatives.context(char) == self.derivatives.context(last)
                and length >= max(least, _NATURAL_LENGTH)
            )
            if (
                rest is not self.factory.never
                and not is_idle
                and length + 1 + self.derivatives.least_length(rest, False) <= most
            ):
                ends_early = rest is self.factory.empty and length + 1 < _NATURAL_LENGTH
                steps.append(_Step(ends_early, self.derivatives.least_length(rest, True), rank, char, rest))
        steps.sort(key=lambda step: step[:3])
        for step in self.rotate(steps, length):
            yield step.char, step.rest

    def rotate(self, steps: list[_Step], length: int) -> list[_Step]:
        """The steps from a position, rotated so that each turn begins with another one of the likely steps."""
        likely = [step for step in steps if step.char in _ALPHANUMERIC] or steps
        if len(likely) < 2:
            return steps
        if length not in self.rotations:
            self.rotations[length] = self.remaining_turns % len(likely)
            self.remaining_turns //= len(likely)
        shift = self.rotations[length] % len(likely)
        return likely[shift:] + likely[:shift] + [step for step in steps if step not in likely]

    def pick(self, group: str, position: int) -> str:
        """One character of an equivalence class: lower case or a digit if there is one, else upper case."""
        preferred = [char for char in group if char in _PREFERRED] or [char for char in group if char in _UPPER]
        candidates = preferred or list(group)
        return candidates[_hash(self.turn, position) % len(candidates)]
