"""What of a contract could not be read, and why: it is unknown, and anything is let through there."""

from __future__ import annotations

from collections.abc import Iterable

from tallystick.contracts.unreadable import UNREADABLE_PART
from tallystick.nouns.contract import Contract
from tallystick.nouns.violation import Severity, Violation, count_by_rule
from tallystick.nouns.words import counted
from tallystick.rules.contract.document import without_explained
from tallystick.rules.contract.objects import Objects
from tallystick.rules.contract.references import REFERENCE_NOT_FOLLOWED, REFERENCE_UNRESOLVABLE, references

_UNREAD = frozenset((REFERENCE_NOT_FOLLOWED.id, REFERENCE_UNRESOLVABLE.id))
_LEFT_OUT = _UNREAD | {UNREADABLE_PART.id}


def left_out(contract: Contract) -> list[Violation]:
    """A violation for each part of a contract that could not be read, in the order of lines."""
    broken = (violation for violation in references(Objects(contract)) if violation.rule in _UNREAD)
    return without_explained(sorted({*broken, *contract.unreadable_parts}))


def is_unread(violations: Iterable[Violation]) -> bool:
    """Whether a reference that could not be followed is among the violations, as an error; `externalValue` is one."""
    return any(
        violation.severity is Severity.ERROR
        and (
            violation.rule in _UNREAD
            or (violation.rule == UNREADABLE_PART.id and violation.contract.pointer.endswith("/externalValue"))
        )
        for violation in violations
    )


def count_left_out(violations: Iterable[Violation]) -> str:
    """The sentence that counts the parts among these violations which could not be read; "" where there is none."""
    parts = [violation for violation in violations if violation.rule in _LEFT_OUT]
    if not parts:
        return ""
    reasons = ", ".join(f"{rule} {count}" for rule, count in count_by_rule(parts).items())
    return f"{counted(len(parts), 'part')} could not be read, and anything is let through there ({reasons})"
