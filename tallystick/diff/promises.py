"""What a contract promises of an operation beside its exchanges: its name, its tags, how long it stays as it is."""

from __future__ import annotations

from datetime import date

from tallystick.diff.changes import Changes
from tallystick.diff.exchanges import Pair
from tallystick.nouns.contract import Operation

SUNSET, STABILITY = "x-sunset", "x-stability-level"
_LEVELS = ("draft", "alpha", "beta", "stable")
"""The levels of stability, the least stable first."""


class Promises:
    """Compares the promises of one operation."""

    def __init__(self, pair: Pair, changes: Changes) -> None:
        self.pair = pair
        self.changes = changes

    def compare(self) -> None:
        self.deprecation()
        self.sunset()
        self.stability()
        self.name()
        old, new = self.pair.old.tags, self.pair.new.tags
        if {*old} != {*new}:
            message = f"the tags were {', '.join(old) or 'none'} and are {', '.join(new) or 'none'}"
            self.add("operation-tags-changed", message)

    def add(self, rule: str, message: str) -> None:
        self.changes.add(rule, self.pair.label, "", message, self.pair.old.place, self.pair.new.place)

    def deprecation(self) -> None:
        old, new, label = self.pair.old, self.pair.new, self.pair.label
        if new.deprecated and not old.deprecated:
            sunset = sunset_of(new)
            rule = "operation-deprecated" if sunset is not None else "operation-deprecated-without-sunset"
            ends = f", and ends on {sunset}" if sunset is not None else f"; say when it ends with {SUNSET}"
            self.add(rule, f"{label} is deprecated{ends}")
        if old.deprecated and not new.deprecated:
            self.add("operation-reinstated", f"{label} is not deprecated now")

    def sunset(self) -> None:
        if not (self.pair.old.deprecated and self.pair.new.deprecated):
            return
        old, new = sunset_of(self.pair.old), sunset_of(self.pair.new)
        if old == new:
            return
        if old is None or (new is not None and new > old):
            before = f", and not on {old}" if old is not None else ""
            self.add("operation-sunset-later", f"{self.pair.label} ends on {new}{before}")
        else:
            now = f"on {new}" if new is not None else "at a time that is not told"
            self.add("operation-sunset-earlier", f"{self.pair.label} ends {now}, and not on {old}")

    def stability(self) -> None:
        old, new = (str(each.extensions.get(STABILITY, "")) for each in (self.pair.old, self.pair.new))
        if old == new:
            return
        levels = [_LEVELS.index(each) if each in _LEVELS else -1 for each in (old, new)]
        verb = "decreased" if levels[1] < levels[0] else "increased"
        message = f"the stability of {self.pair.label} was {old or 'not told'} and is {new or 'not told'}"
        self.add(f"operation-stability-{verb}", message)

    def name(self) -> None:
        old, new = self.pair.old.operation_id, self.pair.new.operation_id
        if old == new:
            return
        if not old:
            self.add("operation-id-added", f"the operationId {new!r} was added")
        elif not new:
            self.add("operation-id-removed", f"the operationId {old!r} was removed")
        else:
            self.add("operation-id-changed", f"the operationId {old!r} is {new!r} now")


def sunset_of(operation: Operation) -> date | None:
    """The day on which an operation ends, as it says itself; None where it does not."""
    try:
        return date.fromisoformat(str(operation.extensions.get(SUNSET))[:10])
    except ValueError:
        return None
