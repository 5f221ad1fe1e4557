"""Parses regular expressions of ECMA-262 into expressions that the generator of strings can work with.

A few constructs (most lookbehinds, backreferences) cannot be read exactly. They are read as an expression that also
matches other strings. The caller must therefore test a generated string against the real engine.
"""

from __future__ import annotations

import string

from tallystick.examples.character_sets import (
    DOT,
    ESCAPED_CLASSES,
    CharacterSet,
    characters_of,
    complement,
    contains,
    is_single,
    unicode_property,
    union,
)
from tallystick.examples.regex_ast import Expression, ExpressionFactory
from tallystick.nouns import budgets


class UnreadablePattern(ValueError):
    """A pattern that is not a regular expression, or that uses a construct which this parser does not know."""


_CONTROL = {"t": "\t", "n": "\n", "r": "\r", "v": "\v", "f": "\f", "0": "\0", "a": "\a", "e": "\x1b"}
_HYPHEN = ord("-")


def parse(pattern: str, factory: ExpressionFactory, exactly: bool = False) -> Expression:
    """The expression for all strings in which the pattern matches somewhere; it may match some other strings too.

    With `exactly` it matches no other string: where that cannot be said, `UnreadablePattern` is raised.
    """
    if len(pattern) > budgets.PATTERN_CHARACTERS:
        raise UnreadablePattern(f"the pattern has more than {budgets.PATTERN_CHARACTERS:,} characters")
    parser = _Parser(pattern, factory)
    branches = parser.branches()
    if parser.position < len(pattern):
        raise UnreadablePattern(f"unexpected {pattern[parser.position]!r} at {parser.position}")
    if exactly and not parser.is_exact:
        raise UnreadablePattern("what is matched is not known exactly")
    return factory.alternation([_search(factory, terms) for terms in branches])


def _search(factory: ExpressionFactory, terms: list[Expression]) -> Expression:
    """A branch with any text before and after it, except where `^` or `$` stands."""
    before, after = factory.anything, factory.anything
    if terms and terms[0].kind == "start":
        before, terms = factory.empty, terms[1:]
    if terms and terms[-1].kind == "end":
        after, terms = factory.empty, terms[:-1]
    return factory.sequence_of([before, *terms, after])


class _Parser:
    """Reads one pattern from left to right. The grammar and its words are those of ECMA-262, section 22.2.1."""

    def __init__(self, pattern: str, factory: ExpressionFactory) -> None:
        self.pattern = pattern
        self.factory = factory
        self.position = 0
        self.groups: list[Expression] = []
        """What each capturing group matches, in the order of their opening parentheses."""
        self.ignores_case = False
        self.is_exact = True
        """False as soon as a construct was read as an expression that matches more than the construct does."""

    def skip(self, text: str) -> bool:
        """Move past a text if it comes next."""
        is_next = self.pattern.startswith(text, self.position)
        self.position += len(text) if is_next else 0
        return is_next

    def next(self) -> str:
        """Read one character."""
        if self.position >= len(self.pattern):
            raise UnreadablePattern("the pattern ends too early")
        self.position += 1
        return self.pattern[self.position - 1]

    def until(self, end: str) -> str:
        """Read up to a text and move past it."""
        stop = self.pattern.find(end, self.position)
        if stop < 0:
            raise UnreadablePattern(f"{end!r} is missing")
        text, self.position = self.pattern[self.position : stop], stop + len(end)
        return text

    def branches(self) -> list[list[Expression]]:
        """Read the alternatives up to the end of the group; each is a list of terms."""
        branches = [self.branch()]
        while self.skip("|"):
            branches.append(self.branch())
        return branches

    def branch(self) -> list[Expression]:
        """Read the terms up to `|` or the end of the group."""
        terms: list[Expression] = []
        while self.position < len(self.pattern) and self.pattern[self.position] not in "|)":
            terms.append(self.quantified(self.atom()))
        return terms

    def group(self) -> Expression:
        """Read the rest of a group whose beginning was read already."""
        content = self.factory.alternation([self.factory.sequence_of(terms) for terms in self.branches()])
        if not self.skip(")"):
            raise UnreadablePattern("a group is not closed")
        return content

    def atom(self) -> Expression:
        """Read one term without its quantifier."""
        char = self.next()
        match char:
            case "^":
                return self.factory.position("start")
            case "$":
                return self.factory.position("end")
            case ".":
                return self.factory.set(DOT)
            case "(":
                return self.parenthesis()
            case "[":
                return self.factory.set(self.in_any_case(self.character_class()))
            case "\\":
                return self.escape()
            case "*" | "+" | "?":
                raise UnreadablePattern(f"there is nothing for {char!r} to repeat")
        return self.factory.set(self.in_any_case(characters_of(char)))

    def parenthesis(self) -> Expression:
        """Read a group of any kind, whose `(` was read already."""
        if self.skip("?:") or self.skip("?>"):
            return self.group()
        if self.skip("?="):
            return self.factory.lookahead(self.group(), negative=False)
        if self.skip("?!"):
            return self.negative_lookahead()
        if self.skip("?<=") or self.skip("?<!"):
            return self.lookbehind(negative=self.pattern[self.position - 1] == "!")
        if self.skip("?<") or self.skip("?P<"):
            self.until(">")
        elif self.skip("?"):
            return self.flags()
        index = len(self.groups)
        self.groups.append(self.factory.empty)
        self.groups[index] = self.group()
        return self.groups[index]

    def negative_lookahead(self) -> Expression:
        """Read `(?!...)`; where its content is not exact it is left out, since its negation would match too little."""
        was_exact, self.is_exact = self.is_exact, True
        content = self.group()
        lookahead = self.factory.lookahead(content, negative=True) if self.is_exact else self.factory.empty
        self.is_exact = self.is_exact and was_exact
        return lookahead

    def lookbehind(self, negative: bool) -> Expression:
        """Read `(?<=...)` or `(?<!...)`; one that looks at more than one character is left out."""
        content = self.group()
        if content.kind == "set":
            return self.factory.lookbehind(content.characters, negative)
        self.is_exact = False
        return self.factory.empty

    def flags(self) -> Expression:
        """Read `(?i)`, which applies to the rest, or `(?i:...)`; the other flags do not change what is generated."""
        outer, start = self.ignores_case, self.position
        while self.next() in "imsux-":
            continue
        names, end = self.pattern[start : self.position - 1], self.pattern[self.position - 1]
        self.ignores_case = "i" in names.partition("-")[0] or (outer and "i" not in names)
        if end == ")":
            return self.factory.empty
        if end != ":":
            raise UnreadablePattern("a group of a kind that is not known")
        content = self.group()
        self.ignores_case = outer
        return content

    def in_any_case(self, characters: CharacterSet) -> CharacterSet:
        """A set, with the other case of its ASCII letters where case is ignored."""
        if not self.ignores_case:
            return characters
        other_case = [char.swapcase() for char in string.ascii_letters if contains(characters, ord(char))]
        return union(*characters, *characters_of("".join(other_case)))

    def quantified(self, term: Expression) -> Expression:
        """A term with the quantifiers that come next."""
        bounds = self.quantifier()
        if bounds is None:
            return term
        if not self.skip("?"):
            self.skip("+")
        return self.quantified(self.factory.repetition(term, *bounds))

    def quantifier(self) -> tuple[int, int | None] | None:
        """Read a quantifier: how often at least and at most (None: no limit). None where none comes next."""
        for sign, bounds in (("*", (0, None)), ("+", (1, None)), ("?", (0, 1))):
            if self.skip(sign):
                return bounds
        if not self.skip("{"):
            return None
        start = self.position
        low, comma, high = self.until("}").partition(",") if "}" in self.pattern[self.position :] else ("", "", "")
        if not low.isdecimal() or (high and not high.isdecimal()):
            self.position = start - 1
            raise UnreadablePattern("a brace that is no quantifier")
        return int(low), (int(high) if high else None) if comma else int(low)

    def escape(self) -> Expression:
        """Read the rest of an escape outside a class."""
        char = self.next()
        match char:
            case "b":
                return self.factory.position("boundary")
            case "B":
                return self.factory.position("non-boundary")
            case "A":
                return self.factory.position("start")
            case "z" | "Z":
                return self.factory.position("end")
        if char in "123456789":
            index = int(char) - 1
            self.is_exact = False
            return self.groups[index] if index < len(self.groups) else self.factory.empty
        self.position -= 1
        return self.factory.set(self.in_any_case(self.escaped_set()))

    def escaped_set(self) -> CharacterSet:
        """Read the rest of an escape that means a set, outside a class or in one."""
        char = self.next()
        if char in ESCAPED_CLASSES:
            return ESCAPED_CLASSES[char]
        if char in "pP":
            name = self.until("}") if self.skip("{") else self.next()
            characters = unicode_property(name)
            if not characters:
                raise UnreadablePattern(f"the Unicode property {name} is not known")
            return characters if char == "p" else complement(characters)
        if char == "x":
            return self.code_point(2)
        if char == "u":
            return self.code_point(4)
        if char == "c":
            return characters_of(chr(ord(self.next()) % 32))
        return characters_of(_CONTROL.get(char, char))

    def code_point(self, digits: int) -> CharacterSet:
        """Read a code point in hexadecimal: so many digits, or any number of them in braces."""
        if self.skip("{"):
            text = self.until("}")
        else:
            text, self.position = self.pattern[self.position : self.position + digits], self.position + digits
        try:
            return union((int(text, 16), int(text, 16)))
        except ValueError:
            raise UnreadablePattern(f"{text!r} is no code point") from None

    def character_class(self) -> CharacterSet:
        """Read a class whose `[` was read already."""
        is_negated = self.skip("^")
        ranges: list[tuple[int, int]] = []
        while not ranges or not self.skip("]"):  # a "]" that comes first is a character of the class
            low = self.class_member()
            if self.starts_range() and is_single(low):
                self.position += 1
                high = self.class_member()
                hyphen = (_HYPHEN, _HYPHEN)
                ranges.extend([(low[0][0], high[0][1])] if is_single(high) else [*low, *high, hyphen])
            else:
                ranges.extend(low)
        characters = union(*ranges)
        return complement(characters) if is_negated else characters

    def starts_range(self) -> bool:
        """Whether a hyphen comes next that does not end the class."""
        return self.pattern.startswith("-", self.position) and not self.pattern.startswith("-]", self.position)

    def class_member(self) -> CharacterSet:
        """Read one character of a class, or an escape that means a set."""
        char = self.next()
        if char != "\\":
            return characters_of(char)
        return characters_of("\b") if self.skip("b") else self.escaped_set()
