"""What a run has found so far: its verdicts, and the defects that these are, each in the finding that it is part of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from tallystick.fuzz.body_faults import BodyFault
from tallystick.fuzz.case_verdicts import Verdicts
from tallystick.fuzz.causes import in_causes
from tallystick.fuzz.creations import Creations
from tallystick.fuzz.defects import Defect
from tallystick.fuzz.deletions import Deletions
from tallystick.fuzz.findings import Finding, Ledger
from tallystick.fuzz.grading import Graded
from tallystick.fuzz.outcome import Outcome
from tallystick.fuzz.rules import NO_RESPONSE, NOT_A_SERVER_ERROR, SERVER_DIED
from tallystick.fuzz.server_process import ServerProcess
from tallystick.fuzz.settings import Settings
from tallystick.fuzz.verdicts import Verdict, exchange_below
from tallystick.nouns.contract import Contract, Operation
from tallystick.nouns.exchange import Exchange

_LOG_SECONDS = 0.2
"""How long what a server writes may take to reach us."""


class Gathering:
    """The findings of one run, and what they are made from."""

    def __init__(self, contract: Contract, outcome: Outcome) -> None:
        self.contract, self.outcome = contract, outcome
        self.ledger = Ledger()
        self.graded = Graded(outcome.settings.grades, contract)
        self.creations = Creations(contract)
        self.operations = {operation.label: operation for operation in contract}
        self.verdicts = Verdicts(contract, outcome.settings, self.operations, Deletions())
        self.server: ServerProcess | None = None
        """The server, where the run has started it."""

    @property
    def settings(self) -> Settings:
        """The settings of the run, which has its credentials once it has logged in."""
        return self.outcome.settings

    def findings(self) -> list[Finding]:
        """The findings in order: of the errors with one cause one, which has the others."""
        return in_causes(sorted(self.ledger.findings.values(), key=self._order))

    def _order(self, finding: Finding) -> tuple[int, str, str]:
        """Findings in the order of the contract's operations, then by rule."""
        subjects = [name for label, operation in self.operations.items() for name in (operation.path, label)]
        index = subjects.index(finding.subject) if finding.subject in subjects else len(subjects)
        return index, finding.rule, finding.message

    def has_credentials(self, operation: Operation) -> bool:
        """Whether the user gave credentials for an operation."""
        return self.settings.credentials.known_for(operation)

    def judge(self, exchange: Exchange, body_fault: BodyFault | None) -> Verdict:
        """The verdict on an exchange of the run's own."""
        return self.covered(self.verdicts.on(exchange, body_fault))

    def covered(self, verdict: Verdict) -> Verdict:
        """A verdict whose exchange is added to the coverage, and to what is known to create something."""
        if verdict.operation is not None:
            exchange = exchange_below(verdict.exchange, self.settings.base_path)
            self.outcome.coverage.add(verdict.operation, exchange)
            self.creations.note(verdict.operation, exchange)
        return verdict

    def add(self, defect: Defect, steps: Sequence[Exchange]) -> None:
        """Counts a defect in its finding, with the grade that the user gave to its rule."""
        if defect.rule == NO_RESPONSE.id and self.server is not None:
            was_up, deaths = self.server.is_up, self.server.take_deaths(_LOG_SECONDS)
            if deaths:
                defect = replace(defect, rule=SERVER_DIED.id, message=str(deaths[0]))
            self.server.wait_until_up()
            if not (deaths or was_up):
                return  # it was not up yet, which its death has told
        for graded in self.graded([defect]):
            self.ledger.add(graded, steps)

    def explained(self, defects: Sequence[Defect]) -> list[Defect]:
        """The defects, each server error that is new with what the server wrote of it."""
        if self.server is None:
            return list(defects)
        explained: list[Defect] = []
        for defect in defects:
            is_new = defect.rule == NOT_A_SERVER_ERROR.id and not self.ledger.has_all([defect])
            why = self.server.why(_LOG_SECONDS) if is_new else ""
            explained.append(replace(defect, message=f"{defect.message}; the server wrote: {why}") if why else defect)
        self.server.forget_lines()
        return explained
