"""The checks of a run on the cases of Schemathesis, whose workers call them, several at the same time."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from tallystick.fuzz.cases import Case, Failure
from tallystick.fuzz.clock import Clock
from tallystick.fuzz.defects import Defect, defect_of_time, defects_of_check, defects_of_response
from tallystick.fuzz.findings import Evidence
from tallystick.fuzz.gathering import Gathering
from tallystick.fuzz.outcome import Progress
from tallystick.fuzz.probing import defects_of_one
from tallystick.nouns.violation import Severity


class CaseChecks:
    """Judges cases, and keeps what they show; `report` is told how far the run is."""

    def __init__(self, gathering: Gathering, clock: Clock, report: Callable[[Progress], None]) -> None:
        self.gathering, self.clock, self.report = gathering, clock, report
        self.requests = 0
        self.called: set[str] = set()
        self.label = ""
        """The operation that is tested."""
        self.started = time.monotonic()

    def check(self, case: Case) -> Sequence[Defect]:
        """Judges a response, as one check among those of Schemathesis. Warnings are noted, and fail no case."""
        gathering = self.gathering
        self.requests += 1
        self.called.add(case.made_for)
        self.report(self.progress())
        verdict = gathering.covered(gathering.verdicts.of(case))
        if gathering.server is not None and verdict.status < 500:
            gathering.server.forget_lines()
        gathering.outcome.refusals.note(verdict)
        has_credentials = verdict.operation is None or gathering.has_credentials(verdict.operation)
        own = defects_of_one(gathering.contract, case.exchange, gathering.settings)
        own += defect_of_time(verdict, gathering.settings.max_response_seconds)
        defects = gathering.graded([*defects_of_response(verdict, has_credentials), *own])
        warnings = [defect for defect in defects if defect.severity is not Severity.ERROR]
        gathering.ledger.keep(case.id, [Evidence(defect, case.id) for defect in warnings])
        return [defect for defect in defects if defect.severity is Severity.ERROR]

    def is_to_shrink(self, case: Case, failure: Failure) -> bool:
        """Notes a failure, and says whether to look for a smaller case that has it too."""
        gathering = self.gathering
        defects = gathering.explained(gathering.graded(self._defects(case, failure)))
        evidence = [Evidence(defect, failure.case_id, failure.related_case_ids) for defect in defects]
        gathering.ledger.keep(case.id, evidence)
        return case.can_shrink and not gathering.ledger.has_all(defects)

    def _defects(self, case: Case, failure: Failure) -> list[Defect]:
        if isinstance(failure.reason, Defect):
            return [failure.reason]
        gathering = self.gathering
        operation = gathering.operations.get(failure.reason.operation) or gathering.operations.get(case.made_for)
        if operation is None:
            return []
        verdict = gathering.verdicts.of(case)
        return defects_of_check(failure.reason, verdict, operation, gathering.has_credentials(operation))

    def progress(self) -> Progress:
        """How far the run is."""
        outcome = self.gathering.outcome
        seconds_left = self.clock.left() if outcome.settings.max_seconds is not None else None
        seconds, findings = time.monotonic() - self.started, len(self.gathering.ledger.findings)
        operations = len(self.called), len(outcome.tested)
        return Progress(self.label, self.requests, findings, seconds, *operations, seconds_left)
