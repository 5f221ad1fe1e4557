"""Regular expressions of ECMA-262, read as expressions that can be worked with.

What cannot be said exactly (most lookbehinds, a backreference) is read as a wider expression: whoever makes a string
from one tries it against the real engine afterwards.
"""

from __future__ import annotations

import string
import unicodedata
from collections.abc import Callable
from functools import lru_cache

from tallystick.examples.regex_ast import Expression, Expressions, Ranges, chars, holds, others, span

_LETTERS = 0x0530
"""Unicode properties are worked out up to here: Latin, Greek and Cyrillic are enough to make a string from."""


class UnreadablePattern(ValueError):
    """A pattern that is no regular expression, or one of a kind that is not known here."""


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


def parse(pattern: str, expressions: Expressions, exactly: bool = False) -> Expression:
    """The expression that matches a whole string where the pattern is found somewhere in it, and maybe some more.

    With `exactly` an `UnreadablePattern` is raised rather than an expression returned that matches more.
    """
    reader = _Reader(pattern, expressions)
    branches = reader.branches()
    if reader.at < len(pattern):
        raise UnreadablePattern(f"unexpected {pattern[reader.at]!r} at {reader.at}")
    if exactly and not reader.exact:
        raise UnreadablePattern("what is matched is not known exactly")
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
        self.exact = True
        """Whether all that was read so far matches no more than it should."""

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
            before, self.exact = self.exact, True
            found = self.group()
            found = make.ahead(found, False) if self.exact else make.empty  # less must not match, never more
            self.exact = self.exact and before
            return found
        if self.take("?<=") or self.take("?<!"):
            wanted = self.pattern[self.at - 1] == "="
            found = self.group()
            if found.kind == "set":
                return make.after(found.ranges, wanted)
            self.exact = False
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
                self.exact = False
                return self.groups[-1] if self.groups else self.make.empty
        if char in "123456789":
            slot = int(char) - 1
            self.exact = False
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
