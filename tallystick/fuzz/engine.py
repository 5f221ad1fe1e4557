"""The fuzz run itself: what Schemathesis's cases show, from its events to the outcome."""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from pathlib import Path

from tallystick.documents.garbage_collection import rarely_collected
from tallystick.fuzz.application import with_error_responses
from tallystick.fuzz.base_path import all_not_found, lost_base_path
from tallystick.fuzz.body_faults import BodyFault
from tallystick.fuzz.calls import answered, logged_in
from tallystick.fuzz.case_verdicts import Verdicts
from tallystick.fuzz.cases import (
    Case,
    Event,
    Failure,
    GaveUp,
    NoResponse,
    NotTested,
    Phase,
    PhaseFinished,
    RunEvents,
    Scenario,
    ScenarioFinished,
    ScenarioStarted,
    Stopped,
)
from tallystick.fuzz.causes import in_causes
from tallystick.fuzz.clock import Clock
from tallystick.fuzz.creations import Creations
from tallystick.fuzz.defects import Defect, defect_of_time, defects_of_check, defects_of_response
from tallystick.fuzz.deletions import Deletions
from tallystick.fuzz.findings import Evidence, Finding, Ledger
from tallystick.fuzz.grading import Graded
from tallystick.fuzz.in_process import ServedApplication
from tallystick.fuzz.outcome import Outcome, Progress
from tallystick.fuzz.pieces import Run, runs_of
from tallystick.fuzz.probing import Probing, defects_of_one
from tallystick.fuzz.reproduction import OF_LISTS, Reproduction
from tallystick.fuzz.rules import NO_RESPONSE, NOT_A_SERVER_ERROR, SERVER_DIED
from tallystick.fuzz.schemathesis_adapter import GivenToSchemathesis, given_to_schemathesis, schemathesis_run
from tallystick.fuzz.sending import Sender
from tallystick.fuzz.server_process import ServerProcess
from tallystick.fuzz.settings import Settings
from tallystick.fuzz.verdicts import Verdict, exchange_below
from tallystick.nouns import budgets
from tallystick.nouns.contract import Contract, Operation
from tallystick.nouns.errors import TallystickError, UnreachableError
from tallystick.nouns.exchange import Exchange
from tallystick.nouns.violation import Severity

_LOG_SECONDS = 0.2
"""How long what a server writes may take to reach us."""


def execute(
    contract: Contract, settings: Settings, report: Callable[[Progress], None], outcome: Outcome | None = None
) -> Outcome:
    """Runs Schemathesis over the contract, and reports how far it is.

    Whatever ends the run, its outcome has what was found until then, and what ended it. `outcome` is filled in, if it
    is given.
    """
    return _Run(contract, settings, report, outcome or Outcome.begun(contract, settings)).execute()


class _Run:
    """One run. Schemathesis's workers call `check` and `is_to_shrink`; everything else runs in the caller's thread."""

    def __init__(
        self, contract: Contract, settings: Settings, report: Callable[[Progress], None], outcome: Outcome
    ) -> None:
        self.contract = contract
        self.settings = settings
        self.report = report
        self.outcome = outcome
        self.clock = Clock(settings.max_seconds)
        self.ledger = Ledger()
        self.graded = Graded(settings.grades, contract)
        self.creations = Creations(contract)
        self.operations = {operation.label: operation for operation in contract}
        self.verdicts = Verdicts(contract, settings, self.operations, Deletions())
        self.requests = 0
        self.called: set[str] = set()
        self.interrupts = 0
        self.server: ServerProcess | None = None
        self.planned = Run(())
        self.is_share_over = False
        """Whether the time of the planned run is up, and not that of all."""
        self.label = ""
        self.unreachable = ""
        """Why the first request without a response had none."""
        self.started = time.monotonic()

    def execute(self) -> Outcome:
        outcome = self.outcome
        try:
            self.clock.interrupting(self.run)
        except KeyboardInterrupt:
            self.note_interrupt()
        except Exception as error:  # what was found until then is reported before it is raised
            outcome.error = error
        finally:
            outcome.findings = self.findings()
            outcome.seconds = time.monotonic() - self.started
        return outcome

    def run(self) -> None:
        """Tests the operations, and makes the findings small; raises `UnreachableError` if nothing listens."""
        outcome, application = self.outcome, self.settings.application
        given = given_to_schemathesis(self.settings, self.contract.title)
        with ExitStack() as stack:
            served = None
            if application is not None:
                served = stack.enter_context(ServedApplication(with_error_responses(application), self.clock))
            if self.settings.run is not None:
                self.server = stack.enter_context(ServerProcess(self.settings.run, self.clock))
            if not self.prepare(served):
                return
            with rarely_collected():
                self.probe(served)
                self.test(served, given)
            if lost := all_not_found(self.contract, self.settings, outcome.tested.values()):
                outcome.lost = lost
                self.ledger.findings.clear()  # each of them says that something was not found
                return
            if not outcome.requests and self.unreachable and not outcome.stopped:
                raise UnreachableError(self.unreachable)
            if not outcome.stopped:
                outcome.findings = self.findings()
                self.reproduce(outcome.errors, served)

    def reproduce(self, findings: list[Finding], served: ServedApplication | None) -> None:
        """Sends the requests of findings again, and keeps the shortest that show each."""
        clock = Clock(self.clock.left(budgets.FUZZ_MINIMIZE_SECONDS))
        with Sender(self.contract, self.settings, clock, served) as sender:
            Reproduction(self.contract, self.settings, sender, self.creations, clock).of(findings)

    def prepare(self, served: ServedApplication | None) -> bool:
        """Brings the server to its first state, and logs in; whether the operations are where they are looked for.

        Raises `UnreachableError` where it cannot be brought there, or refuses the login.
        """
        with Sender(self.contract, self.settings, self.clock, served) as sender:
            if self.settings.reset is not None:
                answered(sender, self.settings.reset, "--reset")
            if self.settings.login is not None:
                self.settings = self.outcome.settings = logged_in(self.settings.login, sender, self.settings)
            self.outcome.lost = lost_base_path(self.contract, self.settings, sender)
        return not self.outcome.lost

    def probe(self, served: ServedApplication | None) -> None:
        """Sends the run's own requests, while the state of the server is still what it was.

        What lists show is sent again at once, while they have few rows.
        """
        with Sender(self.contract, self.settings, self.clock, served) as sender:
            probing = Probing(self.contract, self.settings, sender, self.add, self.outcome.tested, self.judge)
            try:
                self.outcome.probed = probing.run()
            finally:
                self.requests += probing.answered
                self.outcome.requests += probing.answered
        self.reproduce([finding for finding in self.findings() if finding.rule in OF_LISTS], served)

    def findings(self) -> list[Finding]:
        """The findings in order: of the errors with one cause one, which has the others."""
        return in_causes(sorted(self.ledger.findings.values(), key=self.order))

    def note_interrupt(self) -> None:
        """Notes that the run was interrupted, by the user or by its clock, and has everything end that waits."""
        reason = "max_time" if self.clock.is_over else "interrupted"
        self.outcome.stopped = self.outcome.stopped or reason
        self.clock.stop()
        self.clock.interrupt_when_over()

    def test(self, served: ServedApplication | None, given: GivenToSchemathesis) -> None:
        """Lets Schemathesis test the operations, in one run or in several."""
        for number, planned in enumerate(runs_of(self.settings.phases, self.settings.max_seconds is not None)):
            is_locked = number > 0 and self.outcome.is_locked  # the requests before the first run tell too little
            if not (self.outcome.stopped or is_locked):
                self.planned, self.is_share_over = planned, False
                self.test_in(planned, served, given)

    def test_in(self, planned: Run, served: ServedApplication | None, given: GivenToSchemathesis) -> None:
        """One run of Schemathesis, with some of its phases; reads its events."""
        with schemathesis_run(self.contract, self.settings, self, served, self.clock, planned.phases, given) as run:
            self.outcome.unpatched = run.unpatched
            try:
                events = run.start()
                with self.clock.ending(partial(self.end_share, events), planned.share):
                    while self.read_on(events):
                        pass
            except TallystickError:  # what the user gave to Schemathesis cannot be used
                raise
            except Exception as error:  # whatever Schemathesis stumbles over in a document it was not made for
                self.give_up(error)
            if run.worker_error is not None:
                self.give_up(run.worker_error)
            if self.clock.is_over:
                self.outcome.stopped = self.outcome.stopped or "max_time"
            if run.bug is not None:
                raise run.bug

    def end_share(self, events: RunEvents) -> None:
        """Ends a run whose share of the time is up."""
        self.is_share_over = True
        events.stop()

    def read_on(self, events: RunEvents) -> bool:
        """Reads the events to their end; True if they have to be read on, since an interrupt only stops the run."""
        try:
            for event in events:
                self.read(event)
                if self.is_over(event):
                    events.close()
                    break
        except KeyboardInterrupt:
            self.interrupts += 1
            self.note_interrupt()
            events.stop()
            return self.interrupts == 1
        return False

    def check(self, case: Case) -> Sequence[Defect]:
        """Judges a response, as one check among those of Schemathesis. Warnings are noted, and fail no case."""
        self.requests += 1
        self.called.add(case.made_for)
        self.report(self.progress())
        verdict = self.covered(self.verdicts.of(case))
        if self.server is not None and verdict.status < 500:
            self.server.forget_lines()
        self.outcome.refusals.note(verdict)
        has_credentials = verdict.operation is None or self.has_credentials(verdict.operation)
        own = defects_of_one(self.contract, case.exchange, self.settings)
        own += defect_of_time(verdict, self.settings.max_response_seconds)
        defects = self.graded([*defects_of_response(verdict, has_credentials), *own])
        warnings = [defect for defect in defects if defect.severity is not Severity.ERROR]
        self.ledger.keep(case.id, [Evidence(defect, case.id) for defect in warnings])
        return [defect for defect in defects if defect.severity is Severity.ERROR]

    def progress(self) -> Progress:
        """How far the run is."""
        seconds_left = self.clock.left() if self.settings.max_seconds is not None else None
        seconds, findings = time.monotonic() - self.started, len(self.ledger.findings)
        operations = len(self.called), len(self.outcome.tested)
        return Progress(self.label, self.requests, findings, seconds, *operations, seconds_left)

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

    def is_to_shrink(self, case: Case, failure: Failure) -> bool:
        """Notes a failure, and says whether to look for a smaller case that has it too."""
        defects = self.explained(self.graded(self.defects(case, failure)))
        evidence = [Evidence(defect, failure.case_id, failure.related_case_ids) for defect in defects]
        self.ledger.keep(case.id, evidence)
        return case.can_shrink and not self.ledger.has_all(defects)

    def defects(self, case: Case, failure: Failure) -> list[Defect]:
        if isinstance(failure.reason, Defect):
            return [failure.reason]
        operation = self.operations.get(failure.reason.operation) or self.operations.get(case.made_for)
        if operation is None:
            return []
        return defects_of_check(failure.reason, self.verdicts.of(case), operation, self.has_credentials(operation))

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

    def has_credentials(self, operation: Operation) -> bool:
        return self.settings.credentials.known_for(operation)

    def read(self, event: Event) -> None:
        """Takes in one event."""
        outcome = self.outcome
        match event:
            case ScenarioStarted(label):
                self.label = label
            case ScenarioFinished(scenario, phase, label, is_whole):
                self.settle(scenario)
                if is_whole and not self.clock.is_over:
                    outcome.pieces.note(phase, label)
            case PhaseFinished(phase, is_whole):
                if is_whole and phase in self.planned.phases and not self.clock.is_over:
                    outcome.pieces.finish(phase)
            case NotTested(label, reason):
                outcome.untested.setdefault(label, reason)
            case NoResponse():
                self.note_no_response(event)
            case GaveUp(error):
                self.give_up(error)
            case Stopped("interrupted"):
                if not self.is_share_over or self.clock.is_over:  # else the next run has the time that is left
                    self.note_interrupt()
            case Stopped(reason):
                outcome.stopped = outcome.stopped or reason

    def give_up(self, error: BaseException) -> None:
        """Notes that Schemathesis itself failed, and where, which helps to mend the contract."""
        frame = traceback.extract_tb(error.__traceback__)[-1] if error.__traceback__ is not None else None
        place = f" ({frame.name} in {Path(frame.filename).name})" if frame is not None else ""
        reason = f"Schemathesis cannot go on: {type(error).__name__}: {error}{place}"
        self.outcome.untested["all that is left"] = " ".join(reason.split())

    def is_over(self, event: Event) -> bool:
        """Whether to read no further: no credentials are accepted."""
        return isinstance(event, PhaseFinished) and event.phase is Phase.COVERAGE and self.outcome.is_locked

    def settle(self, scenario: Scenario) -> None:
        """Counts the responses of a scenario, and joins its defects to the exchanges that show them."""
        for label, status in scenario.answers():
            if status is None:
                self.note_sent(label)
                continue
            self.outcome.requests += 1
            operation = self.outcome.tested.get(label)
            if operation is not None:
                operation.statuses[status] += 1
        for case_id in scenario.case_ids:
            for evidence in self.ledger.take(case_id):
                self.ledger.add(evidence.defect, scenario.steps(evidence))

    def note_sent(self, label: str) -> None:
        """Notes that a request was sent that was not answered."""
        if label in self.outcome.tested:
            self.outcome.tested[label].is_sent = True

    def note_no_response(self, event: NoResponse) -> None:
        """Adds a finding for a request without a response, if the request is known; keeps the first reason."""
        if event.is_refused or event.is_certificate:
            hint = "; -k has the certificate not looked at" if event.is_certificate else ""
            self.unreachable = self.unreachable or f"{self.settings.origin} cannot be reached: {event.message}{hint}"
        operation = self.operations.get(event.label)
        if operation is not None:
            defect = Defect(NO_RESPONSE.id, Severity.ERROR, operation.label, "", operation.place, event.reason)
            self.add(defect, [event.exchange] if event.exchange is not None else [])
            self.note_sent(operation.label)

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

    def order(self, finding: Finding) -> tuple[int, str, str]:
        """Findings in the order of the contract's operations, then by rule."""
        subjects = [name for label, operation in self.operations.items() for name in (operation.path, label)]
        index = subjects.index(finding.subject) if finding.subject in subjects else len(subjects)
        return index, finding.rule, finding.message
