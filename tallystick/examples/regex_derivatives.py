"""Brzozowski derivatives (what is left of a regular expression after one character), and facts about expressions."""

from __future__ import annotations

import string

from tallystick.examples.character_sets import WORD, CharacterSet, contains
from tallystick.examples.regex_ast import Expression, ExpressionFactory
from tallystick.examples.regex_parser import UnreadablePattern
from tallystick.nouns import budgets

_WORD_CHARACTERS = frozenset(string.ascii_letters + string.digits + "_")


class Derivatives:
    """The derivatives of the expressions of one factory, each computed once.

    Where a function is given the `last` character of the text so far, that is "" at the start of the text.
    """

    def __init__(self, factory: ExpressionFactory) -> None:
        self.factory = factory
        self._work = 0
        """How many expressions were looked at for derivatives."""
        self._derivatives: dict[tuple[Expression, str, str], Expression] = {}
        self._lengths: dict[tuple[Expression, bool], int] = {}
        self._first_sets: dict[Expression, frozenset[CharacterSet]] = {}

    def context(self, last: str) -> str:
        """What the rest of the text can depend on of its last character."""
        if not last or self.factory.lookbehind_sets:
            return last
        return "a" if last in _WORD_CHARACTERS else "-"

    def first_characters(self, expression: Expression) -> frozenset[CharacterSet]:
        """The sets which decide about the derivative: it depends on which of them the next character is in."""
        if expression not in self._first_sets:
            self._first_sets[expression] = self._first_characters(expression)
        return self._first_sets[expression]

    def _first_characters(self, expression: Expression) -> frozenset[CharacterSet]:
        match expression.kind:
            case "set":
                return frozenset((expression.characters,))
            case "boundary" | "non-boundary":
                return frozenset((WORD,))
            case "sequence":
                sets = self.first_characters(expression.children[0])
                while expression.kind == "sequence" and self.factory.matches_empty(expression.children[0]):
                    expression = expression.children[1]
                    following = expression.children[0] if expression.kind == "sequence" else expression
                    sets |= self.first_characters(following)
                return sets
        return frozenset[CharacterSet]().union(*map(self.first_characters, expression.children))

    def least_length(self, expression: Expression, estimated: bool) -> int:
        """A lower bound for the number of characters that an expression takes.

        With `estimated` it is a guide and no bound: what an intersection and its lookaheads take is added up.
        """
        pending: list[Expression] = []
        while (expression, estimated) not in self._lengths:
            pending.append(expression)
            if expression.kind != "sequence":
                break
            expression = expression.children[1]
        length = self._lengths.get((expression, estimated), 0)
        for part in reversed(pending):
            if part.kind == "sequence":
                length += self.least_length(part.children[0], estimated)
            else:
                length = self._least_length(part, estimated)
            self._lengths[part, estimated] = length
        return length

    def _least_length(self, expression: Expression, estimated: bool) -> int:
        lengths = [self.least_length(child, estimated) for child in expression.children]
        match expression.kind:
            case "set":
                return 1
            case "alternation":
                return min(lengths)
            case "intersection":
                return sum(lengths) if estimated else max(lengths)
            case "repetition":
                return lengths[0] * expression.low
            case "lookahead":
                return lengths[0] if estimated else 0
        return 0

    def may_end(self, expression: Expression, last: str) -> bool:
        """Whether the text may end here."""
        while expression.kind == "sequence":
            if not self.may_end(expression.children[0], last):
                return False
            expression = expression.children[1]
        match expression.kind:
            case "empty" | "end":
                return True
            case "intersection":
                return all(self.may_end(child, last) for child in expression.children)
            case "alternation":
                return any(self.may_end(child, last) for child in expression.children)
            case "repetition":
                return expression.low == 0 or self.may_end(expression.children[0], last)
            case "negation" | "negative-lookahead":
                return not self.may_end(expression.children[0], last)
            case "lookahead":
                return self.may_end(expression.children[0], last)
            case "start":
                return not last
            case "boundary":
                return last in _WORD_CHARACTERS
            case "non-boundary":
                return last not in _WORD_CHARACTERS
            case "lookbehind" | "negative-lookbehind":
                return _lookbehind_holds(expression, last)
        return False

    def after(self, expression: Expression, char: str, last: str) -> Expression:
        """What is left of an expression after the character `char`."""
        key = (expression, char, self.context(last))
        if key not in self._derivatives:
            self._work += 1 + len(expression.children)
            if self._work > budgets.PATTERN_WORK:
                raise UnreadablePattern("too much is left of the pattern after each character")
            self._derivatives[key] = self._derivative(expression, char, last)
        return self._derivatives[key]

    def _derivative(self, expression: Expression, char: str, last: str) -> Expression:
        factory = self.factory
        match expression.kind:
            case "alternation":
                return factory.alternation([self.after(child, char, last) for child in expression.children])
            case "intersection":
                return factory.intersection([self.after(child, char, last) for child in expression.children])
            case "negation":
                return factory.negation(self.after(expression.children[0], char, last))
            case "sequence":
                return self._sequence_derivative(expression.children[0], expression.children[1], char, last)
        return self._sequence_derivative(expression, factory.empty, char, last)

    def _sequence_derivative(self, first: Expression, rest: Expression, char: str, last: str) -> Expression:
        """What is left of `first` and then `rest`; a lookahead in `first` looks at both."""
        factory = self.factory
        match first.kind:
            case "set":
                return rest if contains(first.characters, ord(char)) else factory.never
            case "alternation":
                branches = [factory.sequence(child, rest) for child in first.children]
                return factory.alternation([self.after(branch, char, last) for branch in branches])
            case "repetition":
                once = factory.sequence(first.children[0], factory.sequence(factory.one_less(first), rest))
                branches = [once] if first.low else [once, rest]
                return factory.alternation([self.after(branch, char, last) for branch in branches])
            case "lookahead" | "negative-lookahead":
                seen = self.after(factory.sequence(first.children[0], factory.anything), char, last)
                seen = seen if first.kind == "lookahead" else factory.negation(seen)
                return factory.intersection([seen, self.after(rest, char, last)])
            case "start":
                return factory.never if last else self.after(rest, char, last)
            case "lookbehind" | "negative-lookbehind":
                return self.after(rest, char, last) if _lookbehind_holds(first, last) else factory.never
            case "boundary" | "non-boundary":
                at_boundary = (last in _WORD_CHARACTERS) != (char in _WORD_CHARACTERS)
                return self.after(rest, char, last) if at_boundary == (first.kind == "boundary") else factory.never
        return factory.never


def _lookbehind_holds(lookbehind: Expression, last: str) -> bool:
    """Whether a lookbehind holds after a character."""
    return (last != "" and contains(lookbehind.characters, ord(last))) == (lookbehind.kind == "lookbehind")
