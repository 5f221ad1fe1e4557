"""Findings: the defects that a fuzz run found, each with the shortest requests that show it."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from tallystick.fuzz.defects import Defect
from tallystick.fuzz.sequences import Step
from tallystick.nouns.exchange import Exchange
from tallystick.nouns.violation import Place, Severity


@dataclass(slots=True)
class Finding:
    """A defect, how often it was seen, and the exchanges that show it.

    The last of `steps` shows the defect; the steps before it lead to it. There is none if the request is not known.
    """

    defect: Defect
    steps: tuple[Exchange, ...]
    count: int = 1
    again: bool | None = None
    """Whether it was seen again when its requests were sent again; None if that was not tried."""
    tries: tuple[int, int] | None = None
    """How often it was seen, and how often its requests were sent, where it was not seen each time."""
    is_small: bool = False
    """Whether what its sequence does not need was left out."""
    others: list[Finding] = field(default_factory=list)
    """Findings that have the same cause: in other operations, or since they follow from this one."""
    known: str = ""
    """Why a baseline knows it, and since when; "" for one that is new."""
    sequence: tuple[Step, ...] = ()
    """The requests of `steps`, with names in the places of the values that come from earlier responses."""

    @property
    def rule(self) -> str:
        return self.defect.rule

    @property
    def severity(self) -> Severity:
        return self.defect.severity

    @property
    def subject(self) -> str:
        return self.defect.subject

    @property
    def detail(self) -> str:
        return self.defect.detail

    @property
    def place(self) -> Place:
        return self.defect.place

    @property
    def message(self) -> str:
        return self.defect.message

    @property
    def rank(self) -> tuple[bool, int, int]:
        """A lower rank is better evidence: an error before a warning, then fewer steps, then shorter requests."""
        return self.severity is not Severity.ERROR, len(self.steps), sum(map(_size, self.steps))


def _size(exchange: Exchange) -> int:
    request = exchange.request
    return len(request.path) + len(request.query) + len(request.body) + sum(len(n) + len(v) for n, v in request.headers)


@dataclass(slots=True)
class TestedOperation:
    """How often an operation was answered with each status."""

    __test__ = False  # pytest would take it for a test, because of its name

    label: str
    statuses: Counter[int] = field(default_factory=Counter)
    is_sent: bool = False
    """Whether a request was sent that got no response, or not all of it."""

    @property
    def requests(self) -> int:
        """How many requests were answered."""
        return self.statuses.total()

    @property
    def succeeded(self) -> bool:
        """Whether any request was neither refused nor answered with a server error."""
        return any(status < 400 for status in self.statuses)

    @property
    def locked(self) -> bool:
        """Whether no request ever got past the credentials."""
        return bool(self.statuses) and not set(self.statuses) - {401, 403, 407}


@dataclass(frozen=True, slots=True)
class Evidence:
    """A defect, and the case whose exchange shows it."""

    defect: Defect
    case_id: str
    related_case_ids: tuple[str, ...] = ()


class Ledger:
    """The findings of a run; defects come in from the workers, exchanges at the end of their scenario."""

    def __init__(self) -> None:
        self.findings: dict[tuple[str, str, str], Finding] = {}
        self.waiting: dict[str, list[Evidence]] = {}
        self.lock = threading.Lock()

    def keep(self, case_id: str, evidence: Iterable[Evidence]) -> None:
        """Keeps what was seen in a case until the scenario that it belongs to has ended."""
        with self.lock:
            self.waiting.setdefault(case_id, []).extend(evidence)

    def take(self, case_id: str) -> list[Evidence]:
        """What was kept for a case; it is kept no longer."""
        with self.lock:
            return self.waiting.pop(case_id, [])

    def has_all(self, defects: Iterable[Defect]) -> bool:
        """Whether each of the defects is a finding already (of an earlier scenario)."""
        return all(defect.key in self.findings for defect in defects)

    def add(self, defect: Defect, steps: Sequence[Exchange]) -> None:
        """Counts a defect in its finding, which gets these steps if they are better evidence than what it has.

        A finding that was seen again has its evidence.
        """
        new = Finding(defect, tuple(steps))
        finding = self.findings.get(defect.key)
        if finding is None:
            self.findings[defect.key] = new
            return
        if new.rank < finding.rank and not finding.again:
            new.count = finding.count
            finding = self.findings[defect.key] = new
        finding.count += 1
