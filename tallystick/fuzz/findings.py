"""Findings: what a fuzz run holds against the server, each with the shortest requests that show it."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from tallystick.fuzz.claims import Claim
from tallystick.nouns.exchange import Exchange
from tallystick.nouns.violation import Place, Severity


@dataclass(slots=True)
class Finding:
    """One defect: a rule that an operation breaks at one place of its contract, and how often that was seen.

    `steps` are the exchanges that show it, the last one being what is wrong and those before it what it needs.
    """

    rule: str
    severity: Severity
    subject: str
    detail: str
    place: Place
    message: str
    steps: tuple[Exchange, ...]
    count: int = 1
    again: bool | None = None
    """Whether its request showed it again when it was sent once more; None where that was not tried."""

    @property
    def claim(self) -> Claim:
        return Claim(self.rule, self.severity, self.subject, self.detail, self.place, self.message)

    @property
    def rank(self) -> tuple[bool, int, int]:
        """What makes it the better witness: an error goes before a warning, then the less there is to read."""
        return self.severity is not Severity.ERROR, len(self.steps), sum(map(_size, self.steps))


def _size(exchange: Exchange) -> int:
    request = exchange.request
    return len(request.path) + len(request.query) + len(request.body) + sum(len(n) + len(v) for n, v in request.headers)


@dataclass(slots=True)
class Tested:
    """What came back from one operation."""

    label: str
    statuses: Counter[int] = field(default_factory=Counter)

    @property
    def requests(self) -> int:
        return self.statuses.total()

    @property
    def succeeded(self) -> bool:
        """Whether it was ever answered as a request that is neither refused nor broken is."""
        return any(status < 400 for status in self.statuses)

    @property
    def locked(self) -> bool:
        """Whether no request ever got past the credentials."""
        return bool(self.statuses) and not set(self.statuses) - {401, 403, 407}


@dataclass(frozen=True, slots=True)
class Witness:
    """A claim, and the case whose exchange shows it."""

    claim: Claim
    case: str
    related: tuple[str, ...] = ()


class Ledger:
    """The findings of a run; claims come in from the workers, exchanges when a scenario has ended."""

    def __init__(self) -> None:
        self.findings: dict[tuple[str, str, str], Finding] = {}
        self.waiting: dict[str, list[Witness]] = {}
        self.lock = threading.Lock()

    def claim(self, case: str, witnesses: Iterable[Witness]) -> None:
        """Keeps what is claimed of a case until the scenario that it belongs to has ended."""
        with self.lock:
            self.waiting.setdefault(case, []).extend(witnesses)

    def is_known(self, claims: Iterable[Claim]) -> bool:
        """Whether every one of the claims is a finding already (of an earlier scenario)."""
        return all(claim.key in self.findings for claim in claims)

    def witnesses(self, case: str) -> list[Witness]:
        """What was claimed of a case, once."""
        with self.lock:
            return self.waiting.pop(case, [])

    def add(self, claim: Claim, steps: Sequence[Exchange]) -> None:
        """Counts a claim to its finding, whose steps become these where they are the shorter ones."""
        new = Finding(claim.rule, claim.severity, claim.subject, claim.detail, claim.place, claim.message, tuple(steps))
        known = self.findings.get(claim.key)
        if known is None:
            self.findings[claim.key] = new
            return
        if new.rank < known.rank:
            new.count = known.count
            known = self.findings[claim.key] = new
        known.count += 1
