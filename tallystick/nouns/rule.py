"""The rules of the rule table, and the checks that find their violations."""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

from tallystick.nouns.violation import Place, Severity, Violation

T = TypeVar("T")


class Scope(enum.StrEnum):
    """What a rule is about."""

    CONTRACT = "contract"
    REQUEST = "request"
    RESPONSE = "response"
    SEQUENCE = "sequence"
    """Facts that several exchanges show together, or that a response shows of its own request."""
    FUZZ = "fuzz"
    """Facts that only a fuzz run can show: by the purpose of a request."""
    MOCK = "mock"
    """What only a mock asks of a request."""


def by_message(violation: Violation) -> str:
    """The likeness of violations that say the same of the same part of an exchange."""
    return f"{violation.where}: {violation.message}"


@dataclass(frozen=True, slots=True)
class Rule:
    """One row of the rule table. It makes its own violations, so that its id and severity are written once.

    `sentence` says what is true where nothing breaks the rule. A person is told in one line of the violations in a file
    that have the same `likeness`: by default, of those with the same message.
    """

    id: str
    severity: Severity
    scope: Scope
    sentence: str
    likeness: Callable[[Violation], str] = by_message

    def violation(self, where: str, place: Place, message: str) -> Violation:
        """A violation in an exchange: `where` names the part of the exchange, `place` the part of the contract."""
        return Violation(self.id, self.severity, where, place, message)

    def at(self, place: Place, message: str) -> Violation:
        """A violation in a contract that is judged without an exchange."""
        return Violation(self.id, self.severity, "", place, message)

    def mildly_at(self, place: Place, message: str) -> Violation:
        """The same for a case that does no harm: a warning, whatever the severity of the rule."""
        return Violation(self.id, Severity.WARNING, "", place, message)


@dataclass(frozen=True, slots=True)
class Check(Generic[T]):
    """A function that finds violations, and the rules that these violations can be of.

    For rules on contracts, the function takes the objects of a contract (see `tallystick.rules.contract.objects`); for
    rules on exchanges, the reading of an exchange (see `tallystick.wire.reading`).
    """

    find: Callable[[T], Iterable[Violation]]
    rules: tuple[Rule, ...]
