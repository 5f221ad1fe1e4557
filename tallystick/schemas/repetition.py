"""Long repetitions in patterns: `^.{0,20000}$` says the same as `^.*$` with bounds of the length.

An engine makes a state for each repetition, which takes megabytes for a count of thousands, and has a limit.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from tallystick.nouns.json_value import JSON

_SHORT = 100
"""Up to this count a repetition is left as it is."""
_COUNT = re.compile(r"\{(\d+)(?:(,)(\d*))?\}")
_MOST_DIGITS = 9
"""A count of more digits is left to the engine, which has no room for it."""
_DEEPEST = 50
"""The most groups around a part."""
_CLASS = re.compile(r"\[\^?(?:\\[pPux]\{[^}]*\}|\\.|[^\]\\])*+\]", re.DOTALL)
_ESCAPE = re.compile(r"\\(?:[pPu]\{[^}]*\}|u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|c[A-Za-z]|[^pPkuxc1-9])", re.DOTALL)
_OPENING = re.compile(r"\((\?(?:<?[=!]|:|<[A-Za-z_$][\w$]*>))?")
_UNBOUNDED = {"*": (0, None), "+": (1, None), "?": (0, 1)}


class Bounded(NamedTuple):
    """A pattern, and bounds of the length of a text, that say together what another pattern says."""

    pattern: str
    least: int
    most: int | None


@lru_cache(maxsize=4096)
def bounded(pattern: str) -> Bounded | None:
    """The same as a pattern of the engine, with bounds of the length in place of its only long repetition.

    None where there is no long repetition, or where the length of a text does not tell how often a part is repeated.
    """
    counts = [count for pair in _COUNT.findall(pattern) for count in (pair[0], pair[2]) if count]
    if max(map(len, counts), default=0) > _MOST_DIGITS or max(map(int, counts), default=0) <= _SHORT:
        return None
    if not (pattern.startswith("^") and pattern.endswith("$")):
        return None
    reader = _Reader(pattern)
    try:
        reader.position = 1
        length = reader.sequence()
    except _Unmeasured:
        return None
    if reader.position != len(pattern) - 1 or reader.repeated is None:
        return None
    repeated = reader.repeated
    most = None if repeated.most is None else length + repeated.most
    return Bounded(f"{pattern[: repeated.start]}*{pattern[repeated.end :]}", length + repeated.least, most)


def bound_repetition(schema: dict[str, JSON]) -> None:
    """Bound the length of a schema's strings instead of counting a long repetition of its pattern."""
    pattern = schema.get("pattern")
    same = bounded(pattern) if isinstance(pattern, str) else None
    if same is None:
        return
    schema["pattern"] = same.pattern
    for key, narrower_of, bound in (("minLength", max, same.least), ("maxLength", min, same.most)):
        own = schema.get(key, bound)
        if bound is not None and isinstance(own, (int, float)):
            schema[key] = narrower_of(own, bound)


class _Unmeasured(Exception):
    """A part of a pattern matches texts of several lengths."""


class _Repeated(NamedTuple):
    """The place of the one quantifier that repeats a part differently often, and the lengths that it allows."""

    start: int
    end: int
    least: int
    most: int | None


class _Reader:
    """Adds up the lengths that the parts of a pattern match, but for one part that is repeated differently often."""

    def __init__(self, pattern: str) -> None:
        self.pattern = pattern
        self.position = 0
        self.depth = 0
        self.repeated: _Repeated | None = None

    def sequence(self) -> int:
        """The length that the terms up to the end of the group, the next `|` or the last `$` match."""
        length = 0
        end = len(self.pattern) - 1
        while self.position < end and self.pattern[self.position] not in "|)":
            length += self.term()
        return length

    def term(self) -> int:
        """The length that a part with its quantifier matches; 0 for the one that is repeated differently often."""
        before = self.repeated
        length = self.part()
        if self.position == len(self.pattern):  # the last `$` was a part: an escape
            raise _Unmeasured
        start = self.position
        least, most = self.quantifier()
        is_repeated_again = self.repeated is not before and (least, most) != (1, 1)
        if is_repeated_again or (most is not None and most < least):
            raise _Unmeasured
        if least == most or length == 0:
            return length * least
        if self.repeated is not None:
            raise _Unmeasured
        self.repeated = _Repeated(start, self.position, length * least, None if most is None else length * most)
        return 0

    def part(self) -> int:
        """The length that a part without its quantifier matches."""
        char = self.pattern[self.position]
        if char == "(":
            return self.group()
        if char in "^$":
            raise _Unmeasured
        single = {"[": _CLASS, "\\": _ESCAPE}.get(char)
        match = single.match(self.pattern, self.position) if single is not None else None
        if single is not None and match is None:
            raise _Unmeasured
        self.position = match.end() if match is not None else self.position + 1
        return 0 if match is not None and match[0] in (r"\b", r"\B") else 1

    def group(self) -> int:
        """The length that all branches of a group match; 0 for a lookaround."""
        opening = _OPENING.match(self.pattern, self.position)
        if opening is None or (opening[1] is None and self.pattern.startswith("(?", self.position)):
            raise _Unmeasured
        if opening[1] is not None and opening[1][-1] in "=!":
            self.skip_group()
            return 0
        self.position = opening.end()
        self.depth += 1
        if self.depth > _DEEPEST:
            raise _Unmeasured
        before = self.repeated
        lengths, branches = {self.sequence()}, 1
        while self.pattern[self.position] == "|":
            self.position += 1
            lengths.add(self.sequence())
            branches += 1
        has_choice = len(lengths) > 1 or (branches > 1 and self.repeated is not before)
        if self.pattern[self.position] != ")" or has_choice:
            raise _Unmeasured
        self.position += 1
        self.depth -= 1
        return lengths.pop()

    def skip_group(self) -> None:
        """Move past a group, whatever is in it."""
        depth = 0
        while self.position < len(self.pattern):
            char = self.pattern[self.position]
            match = _CLASS.match(self.pattern, self.position) if char == "[" else None
            self.position = match.end() if match is not None else self.position + (2 if char == "\\" else 1)
            depth += (char == "(") - (char == ")")
            if depth == 0:
                return
        raise _Unmeasured

    def quantifier(self) -> tuple[int, int | None]:
        """The least and the most repetitions of the part before; once without a quantifier."""
        char = self.pattern[self.position]
        count = _COUNT.match(self.pattern, self.position) if char == "{" else None
        if count is not None:
            self.position = count.end()
            least = int(count[1])
            bounds = least, (int(count[3]) if count[3] else None) if count[2] else least
        elif char in _UNBOUNDED:
            self.position += 1
            bounds = _UNBOUNDED[char]
        else:
            return 1, 1
        if self.pattern[self.position] == "?":  # lazy: the same texts match
            self.position += 1
        return bounds
