"""The changes found so far; one that several operations share is told once."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import replace

from tallystick.diff.table import TABLE
from tallystick.nouns import budgets
from tallystick.nouns.change import Change, Grade, Witness
from tallystick.nouns.violation import Place


class Changes:
    """Collects changes by a key: what has changed, whatever operation it was seen in."""

    def __init__(self) -> None:
        self.by_key: dict[Hashable, Change] = {}
        self.tries: dict[Hashable, int] = {}

    def add(
        self,
        rule: str,
        operation: str,
        where: str,
        message: str,
        old: Place | None,
        new: Place | None,
        witness: Witness | None = None,
        key: Hashable = None,
    ) -> None:
        """Add a change; one with the key of another is another operation of that one, and may bring its witness."""
        row = TABLE[rule]
        key = key if key is not None else (rule, operation if old is None and new is None else "", old, new, message)
        change = Change(rule, row.grade, operation, where, message, old, new, witness)
        before = self.by_key.get(key)
        if before is None:
            self.by_key[key] = change
        elif witness is not None and before.witness is None:
            self.by_key[key] = replace(change, others=_with(before, operation))
        else:
            self.also(key, operation)

    def also(self, key: Hashable, operation: str) -> None:
        """Say that a change concerns another operation too."""
        before = self.by_key[key]
        if operation not in (before.operation, "", *before.others):
            self.by_key[key] = replace(before, others=(*before.others, operation))

    def is_settled(self, key: Hashable, operation: str) -> bool:
        """Whether a change is known well enough: it has a witness, or was tried in several operations."""
        before = self.by_key.get(key)
        self.tries[key] = self.tries.get(key, 0) + 1
        if (before is not None and before.witness is not None) or self.tries[key] > budgets.DIFF_TRIES:
            if before is not None:
                self.also(key, operation)
            return True
        return False

    def sorted(self) -> list[Change]:
        """All changes: breaking ones first, then in the order of the operations."""
        order = list(Grade)
        return sorted(self.by_key.values(), key=lambda change: order.index(change.grade))


def _with(before: Change, operation: str) -> tuple[str, ...]:
    return tuple(label for label in (before.operation, *before.others) if label != operation)
