"""Expressions that match strings, made in their simplest form and each of them once, and sets of characters."""

from __future__ import annotations

from functools import reduce

Ranges = tuple[tuple[int, int], ...]
"""A set of characters: code points from and to, both counted in, ascending and apart."""

_TOP = 0x10FFFF


class Expression:
    """One expression. `kind` says which of the others mean something; equal expressions of one `Expressions` are one.

    `never`, `empty`, `set` (`ranges`), `seq` (`parts`: head and rest), `alt`, `both` and `not` (`parts`), `repeat`
    (`parts`: the repeated one; `low`, `high`), `ahead` and `not-ahead` (`parts`), `behind` and `not-behind` (`ranges`
    of the one character before), `begin`, `end`, `edge` (of a word), `no-edge`.
    """

    __slots__ = ("high", "kind", "low", "parts", "ranges")

    def __init__(self, kind: str, parts: tuple[Expression, ...], ranges: Ranges, low: int, high: int | None) -> None:
        self.kind, self.parts, self.ranges, self.low, self.high = kind, parts, ranges, low, high


class Expressions:
    """Makes expressions in their simplest form, each of them once."""

    def __init__(self) -> None:
        self._known: dict[tuple[object, ...], Expression] = {}
        self.behind: frozenset[Ranges] = frozenset()
        """The sets of which it matters whether the character before is in them."""
        self.never = self._make("never")
        self.empty = self._make("empty")
        self.anything = self.repeat(self.set(((0, _TOP),)), 0, None)

    def _make(
        self, kind: str, parts: tuple[Expression, ...] = (), ranges: Ranges = (), low: int = 0, high: int | None = None
    ) -> Expression:
        key = (kind, tuple(map(id, parts)), ranges, low, high)
        if key not in self._known:
            self._known[key] = Expression(kind, parts, ranges, low, high)
        return self._known[key]

    def set(self, ranges: Ranges) -> Expression:
        return self._make("set", ranges=ranges) if ranges else self.never

    def mark(self, kind: str) -> Expression:
        """One that takes no character: `begin`, `end`, `edge`, `no-edge`."""
        return self._make(kind)

    def after(self, ranges: Ranges, wanted: bool) -> Expression:
        """One that takes no character and matches after one of a set, or after any other and at the start."""
        self.behind |= {ranges}
        return self._make("behind" if wanted else "not-behind", ranges=ranges)

    def ahead(self, part: Expression, wanted: bool) -> Expression:
        return self._make("ahead" if wanted else "not-ahead", (part,))

    def seq(self, head: Expression, rest: Expression) -> Expression:
        if head is self.never or rest is self.never:
            return self.never
        if head is self.empty:
            return rest
        if rest is self.empty:
            return head
        if head.kind == "seq":
            return self.seq(head.parts[0], self.seq(head.parts[1], rest))
        return self._make("seq", (head, rest))

    def all_in_turn(self, parts: list[Expression]) -> Expression:
        return reduce(lambda rest, head: self.seq(head, rest), reversed(parts), self.empty)

    def alt(self, parts: list[Expression]) -> Expression:
        flat = dict.fromkeys(one for part in parts for one in (part.parts if part.kind == "alt" else (part,)))
        flat.pop(self.never, None)
        if self.anything in flat:
            return self.anything
        if len(flat) > 1 and all(part.kind == "set" for part in flat):
            return self.set(span(*(pair for part in flat for pair in part.ranges)))
        return self._make("alt", tuple(flat)) if len(flat) > 1 else next(iter(flat), self.never)

    def both(self, parts: list[Expression]) -> Expression:
        flat = dict.fromkeys(one for part in parts for one in (part.parts if part.kind == "both" else (part,)))
        flat.pop(self.anything, None)
        if self.never in flat:
            return self.never
        return self._make("both", tuple(flat)) if len(flat) > 1 else next(iter(flat), self.anything)

    def negate(self, part: Expression) -> Expression:
        if part.kind == "not":
            return part.parts[0]
        if part is self.never:
            return self.anything
        return self.never if part is self.anything else self._make("not", (part,))

    def repeat(self, part: Expression, low: int, high: int | None) -> Expression:
        if self.may_be_empty(part):
            low, part = 0, self.not_empty(part)
        if high == 0 or part is self.empty or (part is self.never and low == 0):
            return self.empty
        if part is self.never or low == high == 1:
            return part
        return self._make("repeat", (part,), low=low, high=high)

    def may_be_empty(self, part: Expression) -> bool:
        """Whether an expression can match without taking a character."""
        while part.kind == "seq":
            if not self.may_be_empty(part.parts[0]):
                return False
            part = part.parts[1]
        match part.kind:
            case "set" | "never":
                return False
            case "alt":
                return any(map(self.may_be_empty, part.parts))
            case "repeat":
                return part.low == 0
        return True

    def not_empty(self, part: Expression) -> Expression:
        """The expression for what a given one matches by taking at least one character."""
        match part.kind:
            case "set":
                return part
            case "seq":
                head, rest = part.parts
                if not self.may_be_empty(part):
                    return part
                if self._takes_nothing(head):
                    return self.seq(head, self.not_empty(rest))
                return self.alt([self.seq(self.not_empty(head), rest), self.not_empty(rest)])
            case "alt":
                return self.alt([self.not_empty(one) for one in part.parts])
            case "repeat":
                one, high = part.parts[0], part.high
                return self.seq(one, self.repeat(one, max(part.low - 1, 0), None if high is None else high - 1))
        return self.never

    @staticmethod
    def _takes_nothing(part: Expression) -> bool:
        return part.kind in ("empty", "begin", "end", "edge", "no-edge", "ahead", "not-ahead", "behind", "not-behind")


def span(*pairs: tuple[int, int]) -> Ranges:
    """A set of characters from pairs in any order."""
    merged: list[tuple[int, int]] = []
    for low, high in sorted(pairs):
        if merged and low <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(high, merged[-1][1]))
        else:
            merged.append((low, high))
    return tuple(merged)


def chars(text: str) -> Ranges:
    """A set of the characters of a text."""
    return span(*((ord(char), ord(char)) for char in text))


def others(ranges: Ranges) -> Ranges:
    """All characters that are not in a set."""
    found, start = [], 0
    for low, high in ranges:
        if low > start:
            found.append((start, low - 1))
        start = high + 1
    return (*found, (start, _TOP)) if start <= _TOP else tuple(found)


def holds(ranges: Ranges, point: int) -> bool:
    return any(low <= point <= high for low, high in ranges)
