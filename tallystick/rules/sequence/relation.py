"""What a rule over a sequence of exchanges reports."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from tallystick.nouns.rule import Rule
from tallystick.nouns.violation import Violation
from tallystick.rules.sequence.history import History


@dataclass(frozen=True, slots=True)
class Relation:
    """A violation that some exchanges show together.

    `steps` are indexes into the sequence, in order; the last one shows it. `subject` is the label of the operation to
    blame, which may be that of an earlier step.
    """

    violation: Violation
    subject: str
    steps: tuple[int, ...]

    def with_steps(self, steps: Iterable[int]) -> Relation:
        """The same relation, shown by other steps."""
        return replace(self, steps=tuple(steps))


@dataclass(frozen=True, slots=True)
class SequenceCheck:
    """A function that finds relations in a sequence, and the rules that these can be of."""

    find: Callable[[History], Iterable[Relation]]
    rules: tuple[Rule, ...]
    is_alone: bool = False
    """Whether it also finds what one exchange shows."""
