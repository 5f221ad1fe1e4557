"""Regular expressions of ECMA-262 as expressions that can be worked with: parts of one kind each, equal ones the same.

What cannot be said exactly here (a lookbehind, a backreference) is read as a wider expression: whoever makes a
string from one tries it against the real engine afterwards.
"""

from __future__ import annotations

import string
import unicodedata
from collections.abc import Callable
from functools import lru_cache, reduce

Ranges = tuple[tuple[int, int], ...]
"""A set of characters: code points from and to, both counted in, ascending and apart."""

_TOP = 0x10FFFF
_LETTERS = 0x0530
"""Unicode properties are worked out up to here: Latin, Greek and Cyrillic are enough to make a string from."""


class UnreadablePattern(ValueError):
    """A pattern that is no regular expression, or one of a kind that is not known here."""


class Expression:
    """One expression. `kind` says which of the others mean something; equal expressions of one `Expressions` are one.

    `never`, `empty`, `set` (`ranges`), `seq` (`parts`: head and rest), `alt`, `both` and `not` (`parts`), `repeat`
    (`parts`: the repeated one; `low`, `high`), `ahead` and `not-ahead` (`parts`), `begin`, `end`, `edge`, `no-edge`.
    """

    __slots__ = ("high", "kind", "low", "parts", "ranges")

    def __init__(self, kind: str, parts: tuple[Expression, ...], ranges: Ranges, low: int, high: int | None) -> None:
        self.kind, self.parts, self.ranges, self.low, self.high = kind, parts, ranges, low, high


class Expressions:
    """Makes expressions in their simplest form, each of them once."""

    def __init__(self) -> None:
        self._known: dict[tuple[object, ...], Expression] = {}
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
        """One that takes no character: `begin`, `end`, `edge` (of a word), `no-edge`."""
        return self._make(kind)

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
        match part.kind:
            case "set" | "never":
                return False
            case "seq":
                return all(map(self.may_be_empty, part.parts))
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
        return part.kind in ("empty", "begin", "end", "edge", "no-edge", "ahead", "not-ahead")


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


_DIGIT = chars(string.digits)
WORD = chars(string.ascii_letters + string.digits + "_")
_SPACE = chars(" \t\n\r\v\f\u00a0\u1680\u2028\u2029\u202f\u205f\u3000\ufeff" + "".join(map(chr, range(0x2000, 0x200B))))
_DOT = others(chars("\n\r\u2028\u2029"))
_CLASSES = {"d": _DIGIT, "D": others(_DIGIT), "w": WORD, "W": others(WORD), "s": _SPACE, "S": others(_SPACE)}
_CONTROL = {"t": "\t", "n": "\n", "r": "\r", "v": "\v", "f": "\f", "0": "\0", "a": "\a", "e": "\x1b"}
_CATEGORIES = {
    "letter": "L", "alphabetic": "L", "alpha": "L", "uppercase": "Lu", "uppercase_letter": "Lu", "lowercase": "Ll",
    "lowercase_letter": "Ll", "number": "N", "decimal_number": "Nd", "digit": "Nd", "punctuation": "P", "symbol": "S",
    "mark": "M", "separator": "Z", "space_separator": "Zs", "white_space": "Z", "other": "C", "control": "Cc",
}  # fmt: skip


@lru_cache(maxsize=64)
def _property(name: str) -> Ranges:
    value = name.rpartition("=")[2]
    if name.lower().startswith(("script=", "sc=", "scx=", "script_extensions=")):
        test = value.upper()
        return _where(lambda char: unicodedata.name(char, "").startswith(test))
    category = _CATEGORIES.get(value.lower(), value)
    found = _where(lambda char: unicodedata.category(char).startswith(category))
    if not found:
        raise UnreadablePattern(f"the Unicode property {name} is not known")
    return found


def _where(test: Callable[[str], bool]) -> Ranges:
    return span(*((point, point) for point in range(_LETTERS) if test(chr(point))))


def parse(pattern: str, expressions: Expressions) -> Expression:
    """The expression that matches a whole string where the pattern is found somewhere in it."""
    reader = _Reader(pattern, expressions)
    branches = reader.branches()
    if reader.at < len(pattern):
        raise UnreadablePattern(f"unexpected {pattern[reader.at]!r} at {reader.at}")
    return expressions.alt([_anchored(expressions, parts) for parts in branches])


def _anchored(expressions: Expressions, parts: list[Expression]) -> Expression:
    """A branch with anything before and after it, save where it is anchored."""
    before, after = expressions.anything, expressions.anything
    if parts and parts[0].kind == "begin":
        before, parts = expressions.empty, parts[1:]
    if parts and parts[-1].kind == "end":
        after, parts = expressions.empty, parts[:-1]
    return expressions.all_in_turn([before, *parts, after])


class _Reader:
    """Reads one pattern from left to right."""

    def __init__(self, pattern: str, expressions: Expressions) -> None:
        self.pattern, self.make, self.at = pattern, expressions, 0
        self.groups: list[Expression] = []
        self.any_case = False

    def take(self, text: str) -> bool:
        found = self.pattern.startswith(text, self.at)
        self.at += len(text) if found else 0
        return found

    def next(self) -> str:
        if self.at >= len(self.pattern):
            raise UnreadablePattern("the pattern ends too early")
        self.at += 1
        return self.pattern[self.at - 1]

    def until(self, end: str) -> str:
        stop = self.pattern.find(end, self.at)
        if stop < 0:
            raise UnreadablePattern(f"{end!r} is missing")
        text, self.at = self.pattern[self.at : stop], stop + len(end)
        return text

    def branches(self) -> list[list[Expression]]:
        """The alternatives up to the end of the group, each a list of parts."""
        found = [self.branch()]
        while self.take("|"):
            found.append(self.branch())
        return found

    def branch(self) -> list[Expression]:
        parts: list[Expression] = []
        while self.at < len(self.pattern) and self.pattern[self.at] not in "|)":
            parts.append(self.quantified(self.atom()))
        return parts

    def group(self) -> Expression:
        found = self.make.alt([self.make.all_in_turn(parts) for parts in self.branches()])
        if not self.take(")"):
            raise UnreadablePattern("a group is not closed")
        return found

    def atom(self) -> Expression:
        char = self.next()
        match char:
            case "^":
                return self.make.mark("begin")
            case "$":
                return self.make.mark("end")
            case ".":
                return self.make.set(_DOT)
            case "(":
                return self.parenthesis()
            case "[":
                return self.make.set(self.cased(self.char_class()))
            case "\\":
                return self.escape()
            case "*" | "+" | "?":
                raise UnreadablePattern(f"there is nothing for {char!r} to repeat")
        return self.make.set(self.cased(chars(char)))

    def parenthesis(self) -> Expression:
        make = self.make
        if self.take("?:") or self.take("?>"):
            return self.group()
        if self.take("?="):
            return make.ahead(self.group(), True)
        if self.take("?!"):
            return make.ahead(self.group(), False)
        if self.take("?<=") or self.take("?<!"):
            self.group()
            return make.empty
        if self.take("?<") or self.take("?P<"):
            self.until(">")
        elif self.take("?"):
            return self.flags()
        slot = len(self.groups)
        self.groups.append(make.empty)
        self.groups[slot] = self.group()
        return self.groups[slot]

    def flags(self) -> Expression:
        """`(?i)` for what follows, `(?i:...)` for a group; the other flags change nothing that is made here."""
        before, start = self.any_case, self.at
        while self.next() in "imsux-":
            continue
        names = self.pattern[start : self.at - 1]
        self.any_case = "i" in names.partition("-")[0] or (before and "i" not in names)
        if self.pattern[self.at - 1] == ")":
            return self.make.empty
        if self.pattern[self.at - 1] != ":":
            raise UnreadablePattern("a group of a kind that is not known")
        found = self.group()
        self.any_case = before
        return found

    def cased(self, ranges: Ranges) -> Ranges:
        if not self.any_case:
            return ranges
        twins = [char.swapcase() for char in string.ascii_letters if holds(ranges, ord(char))]
        return span(*ranges, *chars("".join(twins)))

    def quantified(self, part: Expression) -> Expression:
        bounds = self.bounds()
        if bounds is None:
            return part
        if not self.take("?"):
            self.take("+")
        return self.quantified(self.make.repeat(part, *bounds))

    def bounds(self) -> tuple[int, int | None] | None:
        for sign, bounds in (("*", (0, None)), ("+", (1, None)), ("?", (0, 1))):
            if self.take(sign):
                return bounds
        if not self.take("{"):
            return None
        start = self.at
        low, comma, high = self.until("}").partition(",") if "}" in self.pattern[self.at :] else ("", "", "")
        if not low.isdecimal() or (high and not high.isdecimal()):
            self.at = start - 1
            raise UnreadablePattern("a brace that is no quantifier")
        return int(low), (int(high) if high else None) if comma else int(low)

    def escape(self) -> Expression:
        char = self.next()
        match char:
            case "b":
                return self.make.mark("edge")
            case "B":
                return self.make.mark("no-edge")
            case "A":
                return self.make.mark("begin")
            case "z" | "Z":
                return self.make.mark("end")
            case "k":
                self.until(">")
                return self.groups[-1] if self.groups else self.make.empty
        if char in "123456789":
            slot = int(char) - 1
            return self.groups[slot] if slot < len(self.groups) else self.make.empty
        self.at -= 1
        return self.make.set(self.cased(self.escaped_set()))

    def escaped_set(self) -> Ranges:
        """The set that an escape stands for, outside a class or in one; the backslash is read already."""
        char = self.next()
        if char in _CLASSES:
            return _CLASSES[char]
        if char in "pP":
            found = _property(self.until("}") if self.take("{") else self.next())
            return found if char == "p" else others(found)
        if char == "x":
            return self.code_point(2)
        if char == "u":
            return self.code_point(4)
        if char == "c":
            return chars(chr(ord(self.next()) % 32))
        return chars(_CONTROL.get(char, char))

    def code_point(self, digits: int) -> Ranges:
        if self.take("{"):
            text = self.until("}")
        else:
            text, self.at = self.pattern[self.at : self.at + digits], self.at + digits
        try:
            return span((int(text, 16), int(text, 16)))
        except ValueError:
            raise UnreadablePattern(f"{text!r} is no code point") from None

    def char_class(self) -> Ranges:
        """The set in square brackets, whose opening one is read already."""
        inverse = self.take("^")
        found: list[tuple[int, int]] = []
        while not found or not self.take("]"):  # the first may be a closing one itself
            low = self.class_member()
            if self.pattern.startswith("-", self.at) and not self.pattern.startswith("-]", self.at) and _is_one(low):
                self.at += 1
                high = self.class_member()
                found.extend([(low[0][0], high[0][1])] if _is_one(high) else [*low, *high, (45, 45)])
            else:
                found.extend(low)
        ranges = span(*found)
        return others(ranges) if inverse else ranges

    def class_member(self) -> Ranges:
        char = self.next()
        if char != "\\":
            return chars(char)
        return chars("\b") if self.take("b") else self.escaped_set()


def _is_one(ranges: Ranges) -> bool:
    return len(ranges) == 1 and ranges[0][0] == ranges[0][1]
