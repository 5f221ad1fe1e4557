"""Regular expressions as trees in their simplest form: two equal expressions of one factory are one object."""

from __future__ import annotations

from collections.abc import Iterable
from functools import reduce

from tallystick.examples.character_sets import EVERY_CHARACTER, CharacterSet, union

_TAKES_NO_CHARACTER = frozenset(
    "empty start end boundary non-boundary lookahead negative-lookahead lookbehind negative-lookbehind".split()
)


_MANY = 64
"""More branches than these are looked at by what they begin with."""


class Expression:
    """One regular expression. Its `kind` says which of its other fields have a meaning.

    | kind | matches | fields |
    |---|---|---|
    | `never` | nothing | |
    | `empty` | the empty string | |
    | `set` | one character of a set | `characters` |
    | `sequence` | one expression, then another | `children`: first, rest |
    | `alternation` | one of some expressions | `children` |
    | `intersection` | all of some expressions at once | `children` |
    | `negation` | what an expression does not match | `children`: that one |
    | `repetition` | an expression `low` to `high` times | `children`: that one; `high` is None without a limit |
    | `lookahead`, `negative-lookahead` | before what an expression matches, or not | `children`: that one |
    | `lookbehind`, `negative-lookbehind` | after a character of a set, or not | `characters` |
    | `start`, `end` | at the start or end of the text | |
    | `boundary`, `non-boundary` | at the edge of a word, or not | |
    """

    __slots__ = ("characters", "children", "high", "kind", "low")

    def __init__(
        self, kind: str, children: tuple[Expression, ...], characters: CharacterSet, low: int, high: int | None
    ) -> None:
        self.kind, self.children, self.characters, self.low, self.high = kind, children, characters, low, high


class ExpressionFactory:
    """Makes expressions in their simplest form. It makes each of them once."""

    def __init__(self) -> None:
        self._expressions: dict[tuple[object, ...], Expression] = {}
        self.lookbehind_sets: frozenset[CharacterSet] = frozenset()
        """The sets of all lookbehinds: a match can depend on whether the last character is in one of them."""
        self.never = self._make("never")
        self.empty = self._make("empty")
        self.anything = self.repetition(self.set(EVERY_CHARACTER), 0, None)

    def _make(
        self,
        kind: str,
        children: tuple[Expression, ...] = (),
        characters: CharacterSet = (),
        low: int = 0,
        high: int | None = None,
    ) -> Expression:
        key = (kind, tuple(map(id, children)), characters, low, high)
        if key not in self._expressions:
            self._expressions[key] = Expression(kind, children, characters, low, high)
        return self._expressions[key]

    def set(self, characters: CharacterSet) -> Expression:
        """An expression for one character of a set."""
        return self._make("set", characters=characters) if characters else self.never

    def position(self, kind: str) -> Expression:
        """An expression that takes no character: `start`, `end`, `boundary` or `non-boundary`."""
        return self._make(kind)

    def lookbehind(self, characters: CharacterSet, negative: bool) -> Expression:
        """An expression that takes no character and looks at the character before it.

        A negative one matches at the start of the text too.
        """
        self.lookbehind_sets |= {characters}
        return self._make("negative-lookbehind" if negative else "lookbehind", characters=characters)

    def lookahead(self, child: Expression, negative: bool) -> Expression:
        """An expression that takes no character and looks at the text after it."""
        return self._make("negative-lookahead" if negative else "lookahead", (child,))

    def sequence(self, first: Expression, rest: Expression) -> Expression:
        """One expression, then another."""
        if first is self.never or rest is self.never:
            return self.never
        if first is self.empty:
            return rest
        if rest is self.empty:
            return first
        if first.kind == "sequence":
            return self.sequence(first.children[0], self.sequence(first.children[1], rest))
        return self._make("sequence", (first, rest))

    def sequence_of(self, expressions: list[Expression]) -> Expression:
        """Expressions, one after the other."""
        return reduce(lambda rest, first: self.sequence(first, rest), reversed(expressions), self.empty)

    def alternation(self, expressions: list[Expression]) -> Expression:
        """One of some expressions."""
        branches = _flattened("alternation", expressions)
        branches.pop(self.never, None)
        if self.anything in branches:
            return self.anything
        if len(branches) > 1 and all(branch.kind == "set" for branch in branches):
            return self.set(union(*(pair for branch in branches for pair in branch.characters)))
        if len(branches) > _MANY:
            branches = self._by_first(branches)
        return self._make("alternation", tuple(branches)) if len(branches) > 1 else next(iter(branches), self.never)

    def _by_first(self, branches: Iterable[Expression]) -> dict[Expression, None]:
        """The branches, where those that begin with the same expression are one: `ab|ac` is `a(b|c)`."""
        rests: dict[Expression, list[Expression]] = {}
        for branch in branches:
            first, rest = branch.children if branch.kind == "sequence" else (branch, self.empty)
            rests.setdefault(first, []).append(rest)
        return dict.fromkeys(self.sequence(first, self.alternation(each)) for first, each in rests.items())

    def intersection(self, expressions: list[Expression]) -> Expression:
        """All of some expressions at once."""
        branches = _flattened("intersection", expressions)
        branches.pop(self.anything, None)
        if self.never in branches:
            return self.never
        return self._make("intersection", tuple(branches)) if len(branches) > 1 else next(iter(branches), self.anything)

    def negation(self, child: Expression) -> Expression:
        """What an expression does not match."""
        if child.kind == "negation":
            return child.children[0]
        if child is self.never:
            return self.anything
        return self.never if child is self.anything else self._make("negation", (child,))

    def repetition(self, child: Expression, low: int, high: int | None) -> Expression:
        """An expression `low` to `high` times; None is no upper limit."""
        if self.matches_empty(child):
            low, child = 0, self.without_empty(child)
        if high == 0 or child is self.empty or (child is self.never and low == 0):
            return self.empty
        if child is self.never or low == high == 1:
            return child
        return self._make("repetition", (child,), low=low, high=high)

    def matches_empty(self, expression: Expression) -> bool:
        """Whether an expression can match without taking a character."""
        while expression.kind == "sequence":
            if not self.matches_empty(expression.children[0]):
                return False
            expression = expression.children[1]
        match expression.kind:
            case "set" | "never":
                return False
            case "alternation":
                return any(map(self.matches_empty, expression.children))
            case "repetition":
                return expression.low == 0
        return True

    def without_empty(self, expression: Expression) -> Expression:
        """The expression for what a given one matches by taking at least one character."""
        match expression.kind:
            case "set":
                return expression
            case "sequence":
                first, rest = expression.children
                if not self.matches_empty(expression):
                    return expression
                if first.kind in _TAKES_NO_CHARACTER:
                    return self.sequence(first, self.without_empty(rest))
                return self.alternation([self.sequence(self.without_empty(first), rest), self.without_empty(rest)])
            case "alternation":
                return self.alternation([self.without_empty(branch) for branch in expression.children])
            case "repetition":
                return self.sequence(expression.children[0], self.one_less(expression))
        return self.never

    def one_less(self, repetition: Expression) -> Expression:
        """What is left of a repetition after its child has matched once."""
        high = None if repetition.high is None else repetition.high - 1
        return self.repetition(repetition.children[0], max(repetition.low - 1, 0), high)


def _flattened(kind: str, expressions: list[Expression]) -> dict[Expression, None]:
    """The expressions in order and without duplicates; one of the given kind is replaced by its children."""
    return dict.fromkeys(
        branch
        for expression in expressions
        for branch in (expression.children if expression.kind == kind else (expression,))
    )
