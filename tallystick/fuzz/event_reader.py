"""Reads the events of a run of Schemathesis: what was tested and answered, and what could not be."""

from __future__ import annotations

import traceback
from pathlib import Path

from tallystick.fuzz.cases import (
    Event,
    GaveUp,
    NoResponse,
    NotTested,
    PhaseFinished,
    Scenario,
    ScenarioFinished,
    ScenarioStarted,
    Stopped,
)
from tallystick.fuzz.clock import Clock
from tallystick.fuzz.defects import Defect
from tallystick.fuzz.gathering import Gathering
from tallystick.fuzz.pieces import Run
from tallystick.fuzz.rules import NO_RESPONSE
from tallystick.nouns.violation import Severity


class EventReader:
    """Takes in the events of one run after the other."""

    def __init__(self, gathering: Gathering, clock: Clock) -> None:
        self.gathering, self.outcome, self.clock = gathering, gathering.outcome, clock
        self.planned = Run(())
        """The run whose events are read."""
        self.is_share_over = False
        """Whether the time of that run is up, and not that of all."""
        self.label = ""
        """The operation that is tested."""
        self.unreachable = ""
        """Why the first request without a response had none."""

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
                self._note_no_response(event)
            case GaveUp(error):
                self.give_up(error)
            case Stopped("interrupted"):
                if not self.is_share_over or self.clock.is_over:  # else the next run has the time that is left
                    self.note_interrupt()
            case Stopped(reason):
                outcome.stopped = outcome.stopped or reason

    def note_interrupt(self) -> None:
        """Notes that the run was interrupted, by the user or by its clock, and has everything end that waits."""
        reason = "max_time" if self.clock.is_over else "interrupted"
        self.outcome.stopped = self.outcome.stopped or reason
        self.clock.stop()
        self.clock.interrupt_when_over()

    def give_up(self, error: BaseException) -> None:
        """Notes that Schemathesis itself failed, and where, which helps to mend the contract."""
        frame = traceback.extract_tb(error.__traceback__)[-1] if error.__traceback__ is not None else None
        place = f" ({frame.name} in {Path(frame.filename).name})" if frame is not None else ""
        reason = f"Schemathesis cannot go on: {type(error).__name__}: {error}{place}"
        self.outcome.untested["all that is left"] = " ".join(reason.split())

    def settle(self, scenario: Scenario) -> None:
        """Counts the responses of a scenario, and joins its defects to the exchanges that show them."""
        ledger = self.gathering.ledger
        for label, status in scenario.answers():
            if status is None:
                self._note_sent(label)
                continue
            self.outcome.requests += 1
            operation = self.outcome.tested.get(label)
            if operation is not None:
                operation.statuses[status] += 1
        for case_id in scenario.case_ids:
            for evidence in ledger.take(case_id):
                ledger.add(evidence.defect, scenario.steps(evidence))

    def _note_sent(self, label: str) -> None:
        """Notes that a request was sent that was not answered."""
        if label in self.outcome.tested:
            self.outcome.tested[label].is_sent = True

    def _note_no_response(self, event: NoResponse) -> None:
        """Adds a finding for a request without a response, if the request is known; keeps the first reason."""
        if event.is_refused or event.is_certificate:
            hint = "; -k has the certificate not looked at" if event.is_certificate else ""
            origin = self.outcome.settings.origin
            self.unreachable = self.unreachable or f"{origin} cannot be reached: {event.message}{hint}"
        operation = self.gathering.operations.get(event.label)
        if operation is not None:
            defect = Defect(NO_RESPONSE.id, Severity.ERROR, operation.label, "", operation.place, event.reason)
            self.gathering.add(defect, [event.exchange] if event.exchange is not None else [])
            self._note_sent(operation.label)
