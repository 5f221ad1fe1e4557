"""How much is tried for one value before it is said that none can be made."""

from __future__ import annotations

from collections.abc import Callable
from weakref import WeakKeyDictionary

from tallystick.examples.choices import OutOfSteps, Slot
from tallystick.nouns import budgets
from tallystick.nouns.node import Document

_LEAST = 5_000
"""The steps of each value, whatever failed before; the largest value of a real document that we know takes as many."""

_in_vain: WeakKeyDictionary[Document, int] = WeakKeyDictionary()
"""The steps that were taken for the values of each document that could not be made."""


class Effort:
    """The steps that are taken for one value: the slots filled in all attempts, and about as much other work.

    The values of one document that cannot be made share `budgets.VALUE_STEPS`. `contradiction` says why no value at all
    fits, where that can be shown; it is asked once many steps were taken.
    """

    def __init__(self, document: Document, contradiction: Callable[[], str]) -> None:
        self.document = document
        self.contradiction = contradiction
        self.steps = 0
        self.most = max(budgets.VALUE_STEPS - _in_vain.get(document, 0), min(budgets.VALUE_STEPS, _LEAST))
        self.limit = min(self.most, _LEAST)

    def take(self, steps: int, slot: Slot) -> None:
        """Takes some steps, the last of them at a slot. Raises `OutOfSteps` where there are too many."""
        self.steps += steps
        if self.steps > self.limit:
            if self.limit == self.most or self.contradiction():
                raise OutOfSteps(f"none was found within {self.limit:,} steps, the last of them at {slot.where}")
            self.limit = self.most

    def was_in_vain(self) -> None:
        """Notes that no value was found."""
        _in_vain[self.document] = _in_vain.get(self.document, 0) + self.steps
