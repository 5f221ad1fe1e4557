"""The rules of the rule table, and the functions that find what breaks them."""

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
    FUZZ = "fuzz"
    """What a fuzz run alone can show, by sequences of requests or by what they were made for."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One row of the rule table. It makes its own violations, so that its id and severity are written once.

    `sentence` says what is so where the rule is kept.
    """

    id: str
    severity: Severity
    scope: Scope
    sentence: str

    def violation(self, where: str, place: Place, message: str) -> Violation:
        """A violation in an exchange: `where` names the part of it, `place` what of the contract it breaks."""
        return Violation(self.id, self.severity, where, place, message)

    def at(self, place: Place, message: str) -> Violation:
        """A violation in a contract that is judged without an exchange."""
        return Violation(self.id, self.severity, "", place, message)


@dataclass(frozen=True, slots=True)
class Check(Generic[T]):
    """A function that finds violations in what it is given, and the rules that it finds violations of.

    What it is given are the objects of a contract (see `tallystick.rules.contract.objects`) where its rules are about
    contracts, else a reading of an exchange (see `tallystick.wire.reading`).
    """

    find: Callable[[T], Iterable[Violation]]
    rules: tuple[Rule, ...]
