"""Strings that match regular expressions, and do not match others, of a length that is asked for.

An expression is derived by one character after another (Brzozowski's derivatives): what is left of it after a
character is an expression again. So several patterns at once, patterns that must not match, lookaheads and lengths
are one thing, and a string is a walk from an expression to one that may end.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache

from tallystick.examples.regex_ast import Expression, Expressions, Ranges, holds
from tallystick.examples.regex_parser import WORD, UnreadablePattern, parse

__all__ = ["UnreadablePattern", "string_for"]

_LOWER, _DIGITS, _UPPER = "abcdefghijklmnopqrstuvwxyz", "0123456789", "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_NICE = frozenset(_LOWER + _DIGITS)
_ALPHANUMERIC = frozenset(_LOWER + _DIGITS + _UPPER)
_WORD_CHARS = frozenset(_LOWER + _DIGITS + _UPPER + "_")
_COMMON = _LOWER + _DIGITS + _UPPER + "-_./:@ +,=#&?!%*()[]{}<>|~$^;'\"\\`\t\n"
_NATURAL_LENGTH = 8
_STEPS = 4_000
_ROOM = 4096
"""How many characters there may be beyond the fewest, where no length is said."""


def string_for(
    patterns: Sequence[str], unlike: Sequence[str] = (), least: int = 0, most: int | None = None, turn: int = 0
) -> str | None:
    """A string in which each of the patterns is found and none of `unlike`, of `least` to `most` characters.

    Another `turn` gives another string where there are more. None where there is none, or none was found within a
    bounded search. Raises `UnreadablePattern` for a pattern that cannot be read.
    """
    return _string_for(tuple(patterns), tuple(unlike), least, most, turn)


@lru_cache(maxsize=4096)
def _string_for(
    patterns: tuple[str, ...], unlike: tuple[str, ...], least: int, most: int | None, turn: int
) -> str | None:
    make = Expressions()
    try:
        wanted = [parse(pattern, make) for pattern in patterns]
        wanted += [make.negate(parse(pattern, make, exactly=True)) for pattern in unlike]
        start = make.both(wanted)
        found = _Walk(make, turn, turned=True).string(start, least, most) if turn else None
        return found if found is not None else _Walk(make, turn).string(start, least, most)
    except RecursionError:
        raise UnreadablePattern("the pattern is nested too deep") from None


@lru_cache(maxsize=1024)
def _kinds(sets: frozenset[Ranges]) -> tuple[str, ...]:
    """The common characters, and one of each set without any, by the sets that they are in."""
    groups: dict[tuple[bool, ...], str] = {}
    ordered = sorted(sets)
    rare = [chr(one[0][0]) for one in ordered if not any(holds(one, ord(char)) for char in _COMMON)]
    for char in [*_COMMON, *rare]:
        signature = tuple(holds(one, ord(char)) for one in ordered)
        groups[signature] = groups.get(signature, "") + char
    return tuple(groups.values())


def _stands_after(mark: Expression, last: str) -> bool:
    """Whether a lookbehind of one character holds; `last` is "" at the start."""
    return (last != "" and holds(mark.ranges, ord(last))) == (mark.kind == "behind")


def _mixed(turn: int, position: int) -> int:
    """A number that differs from turn to turn and place to place without a pattern that shows."""
    mixed = (turn * 0x9E3779B1 + position * 0x85EBCA77 + 0x165667B1) & 0xFFFFFFFF
    for shift, factor in ((15, 0x2C1B3C6D), (12, 0x297A2D39)):
        mixed = ((mixed ^ (mixed >> shift)) * factor) & 0xFFFFFFFF
    return mixed ^ (mixed >> 15)


_Way = tuple[bool, int, int, str, Expression]
"""A way on: whether it ends early, how much is missing then, its rank, the character, and what it leaves."""


class _Walk:
    """The search for one string: depth first, the likeliest character first, no dead end twice."""

    def __init__(self, make: Expressions, turn: int, turned: bool = False) -> None:
        self.make = make
        self.turn = turn
        self.steps = _STEPS // 8 if turned else _STEPS
        self.forks: dict[int, int] = {}
        """How far the likely ways on are turned round at a position, where there is more than one."""
        self.left = turn if turned else 0
        self.derived: dict[tuple[Expression, str, str], Expression] = {}
        self.lengths: dict[tuple[Expression, bool], int] = {}
        self.sets: dict[Expression, frozenset[Ranges]] = {}

    def string(self, start: Expression, least: int, most: int | None) -> str | None:
        if most is None:
            most = max(least, self.length(start, False)) + _ROOM
        target = max(least, min(most, _NATURAL_LENGTH))
        text: list[str] = []
        frames = [(start, self.options(start, "", 0, least, most))]
        dead: set[tuple[Expression, str, int]] = set()
        for _ in range(self.steps + 10 * max(least, self.length(start, False))):
            state, options = frames[-1]
            last = text[-1] if text else ""
            if len(text) >= target and self.may_end(state, last):
                return "".join(text)
            for char, following in options:
                if (following, self.trace(char), len(text) + 1) not in dead:
                    text.append(char)
                    frames.append((following, self.options(following, char, len(text), least, most)))
                    break
            else:
                if len(text) >= least and self.may_end(state, last):
                    return "".join(text)
                frames.pop()
                if not frames:
                    return None
                dead.add((state, self.trace(last), len(text)))
                text.pop()
        return None

    def trace(self, last: str) -> str:
        """What of the last character can matter to what comes after it."""
        if not last or self.make.behind:
            return last
        return "a" if last in _WORD_CHARS else "-"

    def options(
        self, state: Expression, last: str, length: int, least: int, most: int
    ) -> Iterator[tuple[str, Expression]]:
        """The characters that may come next with what each leaves, one of each kind, the likeliest first."""
        if length >= most:
            return
        found: list[_Way] = []
        for rank, kind in enumerate(_kinds(self.front(state) | self.make.behind)):
            char = self.pick(kind, length)
            following = self.derive(state, char, last)
            idle = following is state and self.trace(char) == self.trace(last) and length >= max(least, _NATURAL_LENGTH)
            if following is not self.make.never and not idle and length + 1 + self.length(following, False) <= most:
                ends_early = following is self.make.empty and length + 1 < _NATURAL_LENGTH
                found.append((ends_early, self.length(following, True), rank, char, following))
        found.sort(key=lambda row: row[:3])
        for *_, char, following in self.turned(found, length):
            yield char, following

    def turned(self, found: list[_Way], length: int) -> list[_Way]:
        """The ways on from a position, turned round so that each turn begins with another of the likely ones."""
        likely = [row for row in found if row[3] in _ALPHANUMERIC] or found
        if len(likely) < 2:
            return found
        if length not in self.forks:
            self.forks[length] = self.left % len(likely)
            self.left //= len(likely)
        shift = self.forks[length] % len(likely)
        return likely[shift:] + likely[:shift] + [row for row in found if row not in likely]

    def pick(self, kind: str, position: int) -> str:
        """One of characters that lead to the same: lower case and digits where there are some."""
        nice = [char for char in kind if char in _NICE] or [char for char in kind if char in _UPPER] or list(kind)
        return nice[_mixed(self.turn, position) % len(nice)]

    def front(self, state: Expression) -> frozenset[Ranges]:
        """The sets of which it matters whether the next character is in them."""
        if state not in self.sets:
            if state.kind == "set":
                found = frozenset((state.ranges,))
            elif state.kind in ("edge", "no-edge"):
                found = frozenset((WORD,))
            elif state.kind == "seq":
                found = self.front(state.parts[0])
                while state.kind == "seq" and self.make.may_be_empty(state.parts[0]):
                    state = state.parts[1]
                    found |= self.front(state.parts[0] if state.kind == "seq" else state)
            else:
                found = frozenset[Ranges]().union(*map(self.front, state.parts))
            self.sets[state] = found
        return self.sets[state]

    def length(self, state: Expression, eager: bool) -> int:
        """At least how many characters are to come; where `eager`, what must all match is added up, as a guide."""
        chain: list[Expression] = []
        while (state, eager) not in self.lengths:
            chain.append(state)
            if state.kind != "seq":
                break
            state = state.parts[1]
        found = self.lengths.get((state, eager), 0)
        for one in reversed(chain):
            found = found + self.length(one.parts[0], eager) if one.kind == "seq" else self._length(one, eager)
            self.lengths[one, eager] = found
        return found

    def _length(self, state: Expression, eager: bool) -> int:
        parts = [self.length(part, eager) for part in state.parts]
        match state.kind:
            case "set":
                return 1
            case "alt":
                return min(parts)
            case "both":
                return sum(parts) if eager else max(parts)
            case "repeat":
                return parts[0] * state.low
            case "ahead":
                return parts[0] if eager else 0
        return 0

    def may_end(self, state: Expression, last: str) -> bool:
        """Whether the text may end here; `last` is its last character, "" where it is empty."""
        while state.kind == "seq":
            if not self.may_end(state.parts[0], last):
                return False
            state = state.parts[1]
        match state.kind:
            case "empty" | "end":
                return True
            case "both":
                return all(self.may_end(part, last) for part in state.parts)
            case "alt":
                return any(self.may_end(part, last) for part in state.parts)
            case "repeat":
                return state.low == 0 or self.may_end(state.parts[0], last)
            case "not" | "not-ahead":
                return not self.may_end(state.parts[0], last)
            case "ahead":
                return self.may_end(state.parts[0], last)
            case "begin":
                return not last
            case "edge":
                return last in _WORD_CHARS
            case "no-edge":
                return last not in _WORD_CHARS
            case "behind" | "not-behind":
                return _stands_after(state, last)
        return False

    def derive(self, state: Expression, char: str, last: str) -> Expression:
        """What is left of an expression after a character."""
        key = (state, char, self.trace(last))
        if key not in self.derived:
            self.derived[key] = self._derive(state, char, last)
        return self.derived[key]

    def _derive(self, state: Expression, char: str, last: str) -> Expression:
        make = self.make
        match state.kind:
            case "alt":
                return make.alt([self.derive(part, char, last) for part in state.parts])
            case "both":
                return make.both([self.derive(part, char, last) for part in state.parts])
            case "not":
                return make.negate(self.derive(state.parts[0], char, last))
            case "seq":
                return self._after(state.parts[0], state.parts[1], char, last)
        return self._after(state, make.empty, char, last)

    def _after(self, head: Expression, rest: Expression, char: str, last: str) -> Expression:
        """What is left of `head` and then `rest`; what looks ahead looks at both."""
        make = self.make
        match head.kind:
            case "set":
                return rest if holds(head.ranges, ord(char)) else make.never
            case "alt":
                return make.alt([self.derive(make.seq(part, rest), char, last) for part in head.parts])
            case "repeat":
                part, high = head.parts[0], head.high
                fewer = make.repeat(part, max(head.low - 1, 0), None if high is None else high - 1)
                found = [self.derive(make.seq(part, make.seq(fewer, rest)), char, last)]
                if head.low == 0:
                    found.append(self.derive(rest, char, last))
                return make.alt(found)
            case "ahead" | "not-ahead":
                seen = self.derive(make.seq(head.parts[0], make.anything), char, last)
                seen = seen if head.kind == "ahead" else make.negate(seen)
                return make.both([seen, self.derive(rest, char, last)])
            case "begin":
                return make.never if last else self.derive(rest, char, last)
            case "behind" | "not-behind":
                return self.derive(rest, char, last) if _stands_after(head, last) else make.never
            case "edge" | "no-edge":
                at_edge = (last in _WORD_CHARS) != (char in _WORD_CHARS)
                return self.derive(rest, char, last) if at_edge == (head.kind == "edge") else make.never
        return make.never
