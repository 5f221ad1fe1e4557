"""The outcome of a fuzz run: its findings, what was tested and what was not, and the exit code."""

from __future__ import annotations

import signal
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Self

from tallystick.coverage.coverage import Coverage
from tallystick.coverage.result import coverage_result
from tallystick.fuzz.credentials import flag_for
from tallystick.fuzz.findings import Finding, TestedOperation
from tallystick.fuzz.pieces import Pieces
from tallystick.fuzz.probes.probed import Probed
from tallystick.fuzz.refusals import Refusals
from tallystick.fuzz.settings import Settings
from tallystick.nouns.contract import Contract
from tallystick.nouns.errors import Exit
from tallystick.nouns.violation import Severity, Violation
from tallystick.nouns.words import shortened
from tallystick.rules.contract.left_out import is_unread

_SIGNALLED = {"interrupted": 128 + signal.SIGINT, "terminated": 128 + signal.SIGTERM}
"""The exit codes of runs that a signal ended, as a shell has them."""
_REMEDY = "; --set NAME=VALUE, --login or an example in the contract gives what nobody can guess"
_ALL_LEFT = "all that is left"
"""The label of what was not tested since Schemathesis itself failed."""
LISTED = 10
"""How many names a note lists."""


@dataclass(frozen=True, slots=True)
class Progress:
    """The progress of a run: what is tested now, and the operations, requests, findings and seconds so far."""

    label: str
    requests: int
    findings: int
    seconds: float
    operations: int = 0
    """How many operations were called."""
    all_operations: int = 0
    seconds_left: float | None = None
    """How long the run may still take; None where nothing limits it."""


@dataclass(slots=True)
class Outcome:
    """The result of a run."""

    contract: Contract
    settings: Settings
    findings: list[Finding] = field(default_factory=list)
    tested: dict[str, TestedOperation] = field(default_factory=dict)
    """The selected operations by their labels."""
    baseline_notes: list[str] = field(default_factory=list)
    """What there is to say of a baseline of known findings, one sentence each."""
    untested: dict[str, str] = field(default_factory=dict)
    """Why Schemathesis could not test an operation, or something else, by its label."""
    unpatched: str = ""
    """Why Schemathesis ran as it is, and so more slowly, in one sentence; "" if it was patched."""
    left_out: Sequence[Violation] = ()
    """The parts of the contract that could not be read, and why."""
    probed: Probed = field(default_factory=Probed)
    """The run's own requests."""
    deaths: Sequence[str] = ()
    """How the server of a run in shares died, each time; in one process, that is a finding."""
    logins: int = 0
    """How often the run logged in again, since its token was no longer taken."""
    requests: int = 0
    seconds: float = 0.0
    stopped: str = ""
    """Why the run ended early: "interrupted", "terminated", "max_time", "server_unavailable"; "" if it did not."""
    coverage: Coverage = field(init=False)
    """What the exchanges of the run touched of the operations that it was to test."""
    pieces: Pieces = field(init=False)
    """Which pieces of the run are done."""
    lost: str = ""
    """Why every answer was a 404, with the base path that was probably meant; "" where there were others."""
    refusals: Refusals = field(default_factory=Refusals)
    """Why operations were not accepted."""
    error: Exception | None = None
    """What ended the run before its end: nothing listens, or a fault; to be raised when the outcome is reported."""

    def __post_init__(self) -> None:
        self.coverage = Coverage(self.contract, self.settings.selected)
        self.pieces = Pieces(self.settings.phases, self.settings.selected)

    @classmethod
    def begun(cls, contract: Contract, settings: Settings) -> Self:
        """The outcome of a run that has tested nothing so far."""
        return cls(contract, settings, tested={label: TestedOperation(label) for label in settings.selected})

    @property
    def has_begun(self) -> bool:
        """Whether a request was sent; else the error says all that a reader wants to know."""
        return any(operation.requests or operation.is_sent for operation in self.tested.values())

    @property
    def errors(self) -> list[Finding]:
        return [finding for finding in self.findings if finding.severity is Severity.ERROR and not finding.known]

    @property
    def warnings(self) -> list[Finding]:
        return [finding for finding in self.findings if finding.severity is not Severity.ERROR]

    @property
    def nothing(self) -> str:
        """Why the run as a whole tested nothing; "" if it tested something."""
        if self.lost:
            return self.lost
        operations = [operation for operation in self.tested.values() if operation.requests]
        if not operations:
            is_sent = any(operation.is_sent for operation in self.tested.values())
            return f"no request was {'answered' if is_sent else 'sent'}: nothing was tested"
        if self.is_locked:
            return "every answer was 401 or 403: nothing was tested" + self._flags()
        if not any(operation.succeeded for operation in operations):
            return "no request to any operation was accepted: hardly anything was tested"
        return ""

    @property
    def is_locked(self) -> bool:
        """Whether every answer was a 401 or 403."""
        operations = [operation for operation in self.tested.values() if operation.requests]
        return bool(operations) and all(operation.locked for operation in operations)

    def _flags(self) -> str:
        schemes = {scheme for op in self.contract for requirement in op.security for scheme in requirement}
        flags = sorted({flag_for(scheme) for scheme in schemes})
        return f"; give credentials that the server knows with {' and '.join(flags)}, or --login" if flags else ""

    @property
    def notes(self) -> list[str]:
        """What a reader has to know to judge the result, one sentence each."""
        if self.lost:
            return []  # which is all that is known
        operations = self.tested.values()
        reasons: dict[str, list[str]] = {}
        for operation in operations:
            if not operation.requests and operation.label not in self.untested:
                reasons.setdefault(self.reason_of_none(operation), []).append(operation.label)
        refused = [self._refused(each) for each in operations if each.requests and not each.succeeded]
        if self.is_locked:
            refused = []  # nothing was tested, which is said as a whole
        notes = [f"not tested: {label}: {reason}" for label, reason in list(self.untested.items())[:LISTED]]
        if len(self.untested) > LISTED:
            notes.append(f"not tested, for similar reasons: {shortened(list(self.untested)[LISTED:], LISTED)}")
        if self.is_cut:
            notes += self.pieces.left(LISTED)
        notes += [f"not tested, since {reason}: {shortened(labels, LISTED)}" for reason, labels in reasons.items()]
        if refused:
            notes.append(f"never accepted, so only partly tested: {shortened(refused, LISTED)}{_REMEDY}")
        return notes

    def reason_of_none(self, operation: TestedOperation) -> str:
        """Why an operation has no response."""
        if operation.label in self.untested:
            return self.untested[operation.label]
        if operation.is_sent:
            return "no request was answered"
        return "the run ended before a request was sent" if self.stopped or self.error else "no request was sent"

    @property
    def coverage_shortfalls(self) -> Sequence[str]:
        """Where the run has seen less of the contract than the user asks for, a sentence each."""
        asked = self.settings.min_coverage
        return coverage_result(self.coverage, asked).shortfalls if asked else ()

    @property
    def is_cut(self) -> bool:
        """Whether time or a signal ended the run before all pieces were done."""
        has_limit = self.settings.max_seconds is not None
        return (has_limit or bool(self.stopped)) and not self.is_locked and bool(self.pieces.left(LISTED))

    def _refused(self, operation: TestedOperation) -> str:
        """An operation that was never accepted: how it was answered, and the nearest reason."""
        counts = ", ".join(f"{count} x {status}" for status, count in sorted(operation.statuses.items()))
        reason = self.refusals.reason(operation.label)
        return f"{operation.label} ({counts}{f'; {reason}' if reason else ''})"

    @property
    def is_broken_off(self) -> bool:
        """Whether Schemathesis itself failed, so that the rest was not tested."""
        return _ALL_LEFT in self.untested

    def code(self, strict: bool) -> int:
        """The exit code. With `strict`, warnings and whatever could not be tested fail a run too."""
        if self.stopped in _SIGNALLED:
            return _SIGNALLED[self.stopped]
        if self.stopped == "server_unavailable" or is_unread(self.left_out):
            return Exit.UNREACHABLE
        failed = (
            self.errors
            or self.nothing
            or self.coverage_shortfalls
            or (strict and (self.notes or self.warnings or self.left_out))
        )
        if failed:
            return Exit.VIOLATIONS
        if self.is_broken_off:
            return Exit.PARTIAL
        return Exit.PARTIAL if self.is_cut and not self.settings.allow_partial else Exit.CLEAN
