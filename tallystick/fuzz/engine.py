"""The fuzz run itself: its own requests, those of Schemathesis, and the findings sent again."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial

from tallystick.documents.garbage_collection import rarely_collected
from tallystick.fuzz.application import with_error_responses
from tallystick.fuzz.base_path import all_not_found, lost_base_path
from tallystick.fuzz.calls import answered, logged_in, with_renewed_tokens
from tallystick.fuzz.case_checks import CaseChecks
from tallystick.fuzz.cases import Event, Phase, PhaseFinished, RunEvents
from tallystick.fuzz.clock import Clock
from tallystick.fuzz.event_reader import EventReader
from tallystick.fuzz.findings import Finding
from tallystick.fuzz.gathering import Gathering
from tallystick.fuzz.in_process import ServedApplication
from tallystick.fuzz.outcome import Outcome, Progress
from tallystick.fuzz.pieces import Run, runs_of
from tallystick.fuzz.probing import Probing
from tallystick.fuzz.reproduction import OF_LISTS, Reproduction
from tallystick.fuzz.schemathesis_adapter import GivenToSchemathesis, given_to_schemathesis, schemathesis_run
from tallystick.fuzz.sending import Sender
from tallystick.fuzz.server_process import ServerProcess
from tallystick.fuzz.settings import Settings
from tallystick.nouns import budgets
from tallystick.nouns.contract import Contract
from tallystick.nouns.errors import TallystickError, UnreachableError


def execute(
    contract: Contract, settings: Settings, report: Callable[[Progress], None], outcome: Outcome | None = None
) -> Outcome:
    """Runs Schemathesis over the contract, and reports how far it is.

    Whatever ends the run, its outcome has what was found until then, and what ended it. `outcome` is filled in, if it
    is given.
    """
    return _Run(contract, report, outcome or Outcome.begun(contract, settings)).execute()


class _Run:
    """One run. Schemathesis's workers call its checks; everything else runs in the caller's thread."""

    def __init__(self, contract: Contract, report: Callable[[Progress], None], outcome: Outcome) -> None:
        self.contract, self.outcome = contract, outcome
        self.clock = Clock(outcome.settings.max_seconds)
        self.gathering = Gathering(contract, outcome)
        self.checks = CaseChecks(self.gathering, self.clock, report)
        self.reader = EventReader(self.gathering, self.clock)
        self.interrupts = 0
        self.served: ServedApplication | None = None
        """The application that is fuzzed in this process."""

    @property
    def settings(self) -> Settings:
        return self.outcome.settings

    def execute(self) -> Outcome:
        outcome, started = self.outcome, time.monotonic()
        try:
            self.clock.interrupting(self.run)
        except KeyboardInterrupt:
            self.reader.note_interrupt()
        except Exception as error:  # what was found until then is reported before it is raised
            outcome.error = error
        finally:
            outcome.settings = with_renewed_tokens(self.settings)
            outcome.logins = self.settings.renewal.count if self.settings.renewal is not None else 0
            outcome.findings = self.gathering.findings()
            outcome.seconds = time.monotonic() - started
        return outcome

    def run(self) -> None:
        """Tests the operations, and makes the findings small; raises `UnreachableError` if nothing listens."""
        outcome, application = self.outcome, self.settings.application
        given = given_to_schemathesis(self.settings, self.contract.title)
        with ExitStack() as stack:
            if application is not None:
                self.served = stack.enter_context(ServedApplication(with_error_responses(application), self.clock))
            if self.settings.run is not None:
                self.gathering.server = stack.enter_context(ServerProcess(self.settings.run, self.clock))
            if not self.prepare():
                return
            with rarely_collected():
                self.probe()
                self.test(given)
            if lost := all_not_found(self.contract, self.settings, outcome.tested.values()):
                outcome.lost = lost
                self.gathering.ledger.findings.clear()  # each of them says that something was not found
                return
            if self.reader.unreachable and not outcome.stopped:
                if not outcome.requests:
                    raise UnreachableError(self.reader.unreachable)
                outcome.stopped = "server_unavailable"  # it went away during the run's own requests
            if not outcome.stopped:
                outcome.findings = self.gathering.findings()
                self.reproduce(outcome.errors)

    def reproduce(self, findings: list[Finding]) -> None:
        """Sends the requests of findings again, and keeps the shortest that show each."""
        clock = Clock(self.clock.left(budgets.FUZZ_MINIMIZE_SECONDS))
        with Sender(self.contract, self.settings, clock, self.served) as sender:
            Reproduction(self.contract, self.settings, sender, self.gathering.creations, clock).of(findings)

    def prepare(self) -> bool:
        """Brings the server to its first state, and logs in; whether the operations are where they are looked for.

        Raises `UnreachableError` where it cannot be brought there, or refuses the login.
        """
        with Sender(self.contract, self.settings, self.clock, self.served) as sender:
            if self.settings.reset is not None:
                answered(sender, self.settings.reset, "--reset")
            if self.settings.login is not None:
                self.outcome.settings = logged_in(self.settings.login, sender, self.settings)
            self.outcome.lost = lost_base_path(self.contract, self.settings, sender)
        return not self.outcome.lost

    def probe(self) -> None:
        """Sends the run's own requests, while the state of the server is still what it was.

        What lists show is sent again at once, while they have few rows.
        """
        gathering = self.gathering
        with Sender(self.contract, self.settings, self.clock, self.served) as sender:
            given = self.contract, self.settings, sender
            probing = Probing(*given, gathering.add, self.outcome.tested, gathering.judge, gathering.explained)
            try:
                self.outcome.probed = probing.run(self.reproduce_lists)
            finally:
                self.checks.requests += probing.answered
                self.outcome.requests += probing.answered
        self.reproduce_lists()

    def reproduce_lists(self) -> None:
        """Sends again what lists show."""
        self.reproduce([finding for finding in self.gathering.findings() if finding.rule in OF_LISTS])

    def test(self, given: GivenToSchemathesis) -> None:
        """Lets Schemathesis test the operations, in one run or in several."""
        for number, planned in enumerate(runs_of(self.settings.phases, self.settings.max_seconds is not None)):
            is_locked = number > 0 and self.outcome.is_locked  # the requests before the first run tell too little
            if not (self.outcome.stopped or is_locked):
                self.reader.planned, self.reader.is_share_over = planned, False
                self.test_in(planned, given)

    def test_in(self, planned: Run, given: GivenToSchemathesis) -> None:
        """One run of Schemathesis, with some of its phases; reads its events."""
        contract, settings, reader = self.contract, self.settings, self.reader
        with schemathesis_run(contract, settings, self.checks, self.served, self.clock, planned.phases, given) as run:
            self.outcome.unpatched = run.unpatched
            try:
                events = run.start()
                with self.clock.ending(partial(self.end_share, events), planned.share):
                    while self.read_on(events):
                        pass
            except TallystickError:  # what the user gave to Schemathesis cannot be used
                raise
            except Exception as error:  # whatever Schemathesis stumbles over in a document it was not made for
                reader.give_up(error)
            if run.worker_error is not None:
                reader.give_up(run.worker_error)
            if self.clock.is_over:
                self.outcome.stopped = self.outcome.stopped or "max_time"
            if run.bug is not None:
                raise run.bug

    def end_share(self, events: RunEvents) -> None:
        """Ends a run whose share of the time is up."""
        self.reader.is_share_over = True
        events.stop()

    def read_on(self, events: RunEvents) -> bool:
        """Reads the events to their end; True if they have to be read on, since an interrupt only stops the run."""
        try:
            for event in events:
                self.reader.read(event)
                self.checks.label = self.reader.label
                if self.is_over(event):
                    events.close()
                    break
        except KeyboardInterrupt:
            self.interrupts += 1
            self.reader.note_interrupt()
            events.stop()
            return self.interrupts == 1
        return False

    def is_over(self, event: Event) -> bool:
        """Whether to read no further: no credentials are accepted."""
        return isinstance(event, PhaseFinished) and event.phase is Phase.COVERAGE and self.outcome.is_locked
