"""A rule on reading, which changes nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from tallystick.nouns.rule import Rule, Scope
from tallystick.nouns.violation import Severity
from tallystick.resources.resources import Role
from tallystick.rules.sequence import declared
from tallystick.rules.sequence.history import History
from tallystick.rules.sequence.likeness import Likeness, likeness
from tallystick.rules.sequence.relation import Relation, SequenceCheck
from tallystick.rules.sequence.seen import Seen
from tallystick.schemas.messages import shown as shown_value
from tallystick.schemas.shapes import types_of

_GONE = frozenset((404, 410))
_FLIPS = 4
"""How often a member is another one before that is no accident."""

SAFE_METHOD_CHANGES = Rule(
    "safe-method-changes", Severity.ERROR, Scope.SEQUENCE, "A safe method, as GET is, changes nothing."
)


def reads_change(history: History) -> Iterator[Relation]:
    """What is read twice with only safe methods between, and is another the second time, or gone."""
    for timeline in history.by_key.values():
        for first, last in pairwise(timeline):
            if not (first.role is last.role is Role.READ and first.is_done and first.shown):
                continue
            if first.exchange.request.query != last.exchange.request.query or not _are_next(history, first, last):
                continue
            changed = "it is gone" if last.status in _GONE else _first_change(history, first, last)
            if changed:
                message = f"only safe methods were used between two times that it was read, and {changed}"
                violation = SAFE_METHOD_CHANGES.violation("response", first.operation.place, message)
                steps = (first.index, *(each.index for each in _between(history, first, last)), last.index)
                yield Relation(violation, first.operation.label, steps)


def reads_flip(history: History) -> Iterator[Relation]:
    """A member with few values that is another one each time that a resource is read, some times in a row."""
    for timeline in history.by_key.values():
        reads: list[Seen] = []
        for seen in timeline:
            is_read = seen.role is Role.READ and seen.is_done and bool(seen.shown) and not seen.exchange.request.query
            if not is_read or (reads and not _are_next(history, reads[-1], seen)):
                reads = []
            reads += [seen] if is_read else []
            name = _flipping(reads[-_FLIPS:]) if len(reads) >= _FLIPS else ""
            if name:
                values = ", ".join(shown_value((each.shown or {})[name]) for each in reads[-_FLIPS:])
                message = f"it was read {_FLIPS} times in a row, and {name} was another one each time: {values}"
                violation = SAFE_METHOD_CHANGES.violation("response", seen.operation.place, message)
                yield Relation(violation, seen.operation.label, tuple(each.index for each in reads[-_FLIPS:]))
                break


def _are_next(history: History, first: Seen, last: Seen) -> bool:
    return history.is_still(first, last) and all(each.is_safe for each in _between(history, first, last))


def _flipping(reads: Sequence[Seen]) -> str:
    """The first member with few values that differs from one read to the next, each time; "" for none."""
    for name, schema in declared.members(reads[0].shown_schema).items():
        if schema is None or not (types_of(schema) <= {"boolean", "null"} or "enum" in schema.resolved):
            continue
        values = [(each.shown or {}).get(name) for each in reads]
        is_again = any(values[0] == each for each in values[1:])  # else it may be the progress of something
        if None not in values and is_again and all(a != b for a, b in pairwise(values)):
            return name
    return ""


def _between(history: History, first: Seen, last: Seen) -> Sequence[Seen]:
    return history.seen[first.index + 1 : last.index]


def _first_change(history: History, first: Seen, last: Seen) -> str:
    """The first member that a client sets and that another value is read of; "" where there is none."""
    resource = first.resource
    if resource is None or not last.shown:
        return ""
    before, after = first.shown or {}, last.shown or {}
    for name in history.promises.settable(first.shown_schema, resource):
        is_sent = any(name in (each.sent or {}) for each in history.seen if each.resource is resource)
        if is_sent and name in before and name in after and likeness(before[name], after[name]) is Likeness.DIFFERENT:
            return f"{name} was {shown_value(before[name])} and is {shown_value(after[name])}"
    return ""


CHECKS = (
    SequenceCheck(reads_change, (SAFE_METHOD_CHANGES,)),
    SequenceCheck(reads_flip, (SAFE_METHOD_CHANGES,)),
)
