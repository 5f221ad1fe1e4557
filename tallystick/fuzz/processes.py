"""The shares of a run in processes of this machine, one process each, so many at a time.

Each process is forked from this one, which has read the contract and loaded the application, and has tested nothing: so
each share begins with the same state, whatever was tested before it. One that is killed is begun again.
"""

from __future__ import annotations

import gc
import math
import multiprocessing
import os
import signal
import time
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field, replace
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess

from tallystick.fuzz.calls import answered
from tallystick.fuzz.clock import Clock
from tallystick.fuzz.merging import PartialOutcome, merge, partial_of
from tallystick.fuzz.outcome import Outcome, Progress
from tallystick.fuzz.sending import Sender
from tallystick.fuzz.server_process import ServerProcess
from tallystick.fuzz.settings import Settings
from tallystick.fuzz.shares import Share
from tallystick.nouns import budgets
from tallystick.nouns.contract import Contract
from tallystick.rules.sequence.history import promises_of

Execute = Callable[[Contract, Settings, Callable[[Progress], None], Outcome], Outcome]
"""Runs what is to be tested in this process, as the engine does."""
_SECONDS_BETWEEN_REPORTS = 0.2
_WAIT_SECONDS = 0.2


@dataclass(slots=True)
class _Running:
    """A share in its process: its index, and how far it is."""

    index: int
    process: BaseProcess
    progress: Progress = field(default_factory=lambda: Progress("", 0, 0, 0.0))


def execute_shares(
    outcome: Outcome, shares: Sequence[Share], workers: int, execute: Execute, report: Callable[[Progress], None]
) -> None:
    """Runs shares in so many processes at a time, and fills in the outcome; it does not depend on their number."""
    _Run(outcome, shares, workers, execute, report).run()


class _Run:
    """One run in shares."""

    def __init__(
        self,
        outcome: Outcome,
        shares: Sequence[Share],
        workers: int,
        execute: Execute,
        report: Callable[[Progress], None],
    ) -> None:
        self.outcome, self.shares, self.workers = outcome, shares, workers
        self.execute, self.report = execute, report
        self.started = time.monotonic()
        largest_first = sorted(range(len(shares)), key=lambda index: -len(shares[index].labels))
        self.waiting = deque(largest_first)
        self.running: dict[Connection, _Running] = {}
        self.parts: dict[int, PartialOutcome] = {}
        self.tries: dict[int, int] = {}

    def run(self) -> None:
        settings = self.outcome.settings
        with ExitStack() as stack:
            if settings.run is not None:
                server = stack.enter_context(ServerProcess(settings.run, Clock(settings.max_seconds)))
                stack.callback(lambda: self.note_deaths(server))
            self.reset()
            # Derived here once: each process has them by its fork.
            _ = promises_of(self.outcome.contract).resources.resources
            self.run_shares()

    def run_shares(self) -> None:
        try:
            while self.running or (self.waiting and not self.is_over):
                while self.waiting and len(self.running) < self.workers and not self.is_over:
                    self.begin(self.waiting.popleft())
                self.hear(_WAIT_SECONDS)
        except KeyboardInterrupt:
            self.outcome.stopped = self.outcome.stopped or "interrupted"
            self.wind_down()
        finally:
            for running in self.running.values():
                running.process.kill()
                running.process.join()
            if self.waiting and self.is_over:
                self.outcome.stopped = self.outcome.stopped or "max_time"
            merge(self.outcome, [self.parts[index] for index in sorted(self.parts)])
            self.outcome.seconds = time.monotonic() - self.started

    def note_deaths(self, server: ServerProcess) -> None:
        """Tell of a server that died, whichever share was at it."""
        self.outcome.deaths = [*map(str, server.take_deaths())]

    def reset(self) -> None:
        """Bring a server back to its first state, once for all; an application in process is new to each share."""
        settings = self.outcome.settings
        if settings.reset is not None and settings.application is None:
            with Sender(self.outcome.contract, settings, Clock(settings.max_seconds), None) as sender:
                answered(sender, settings.reset, "--reset")

    @property
    def is_over(self) -> bool:
        return self.left <= 0

    @property
    def left(self) -> float:
        """The seconds that are left of those that the user gives to the run."""
        most = self.outcome.settings.max_seconds
        return math.inf if most is None else most - (time.monotonic() - self.started)

    def begin(self, index: int) -> None:
        """Begin a share in a process of its own."""
        share = self.shares[index]
        seconds = None if math.isinf(self.left) else max(1, math.ceil(self.left))
        settings = replace(
            self.outcome.settings,
            selected=share.labels,
            seed=share.seed,
            max_seconds=seconds,
            min_coverage=(),
            run=None,
            reset=self.outcome.settings.reset if self.outcome.settings.application is not None else None,
        )
        ours, theirs = multiprocessing.Pipe(duplex=False)
        inherited = [*self.running, ours]
        context = multiprocessing.get_context("fork")
        process = context.Process(
            target=_in_process, args=(self.outcome.contract, settings, self.execute, theirs, inherited), daemon=True
        )
        process.start()
        theirs.close()
        self.tries[index] = self.tries.get(index, 0) + 1
        self.running[ours] = _Running(index, process)

    def hear(self, seconds: float) -> None:
        """Take in what processes tell, and their ends."""
        for connection in wait(list(self.running), timeout=seconds):
            assert isinstance(connection, Connection)
            running = self.running[connection]
            try:
                told = connection.recv()
            except (EOFError, OSError):
                self.end(connection)
                self.note_killed(running)
                continue
            if isinstance(told, Progress):
                running.progress = told
                self.tell()
            else:
                self.parts[running.index] = told
                self.end(connection)

    def end(self, connection: Connection) -> None:
        running = self.running.pop(connection)
        connection.close()
        running.process.join(budgets.FUZZ_RESTART_SECONDS)
        if running.process.is_alive():
            running.process.kill()
            running.process.join()

    def note_killed(self, running: _Running) -> None:
        """Have a share begun again whose process went away; not for ever."""
        index, code = running.index, running.process.exitcode
        if self.tries[index] < budgets.FUZZ_SHARE_TRIES:
            self.waiting.appendleft(index)
            return
        ending = f"was killed by signal {-code}" if code is not None and code < 0 else f"ended with {code}"
        labels = self.shares[index].labels
        reason = f"the process that tested it {ending}, {budgets.FUZZ_SHARE_TRIES} times"
        self.parts[index] = PartialOutcome(labels, untested=dict.fromkeys(labels, reason))

    def tell(self) -> None:
        """Report how far all shares are."""
        ended = self.parts.values()
        now = [running.progress for running in self.running.values()]
        requests = sum(part.requests for part in ended) + sum(progress.requests for progress in now)
        findings = sum(len(part.findings) for part in ended) + sum(progress.findings for progress in now)
        label = next((progress.label for progress in now if progress.label), "")
        self.report(Progress(label, requests, findings, time.monotonic() - self.started))

    def wind_down(self) -> None:
        """Have all processes end, and take in what they have found until then."""
        for running in self.running.values():
            with suppress(ProcessLookupError):
                os.kill(running.process.pid or 0, signal.SIGINT)
        end = time.monotonic() + budgets.FUZZ_SHARES_END_SECONDS
        while self.running and time.monotonic() < end:
            self.tries = dict.fromkeys(self.tries, budgets.FUZZ_SHARE_TRIES)
            self.hear(_WAIT_SECONDS)


def _in_process(
    contract: Contract, settings: Settings, execute: Execute, told: Connection, inherited: Sequence[Connection]
) -> None:
    """Runs a share, and tells its outcome."""
    gc.freeze()  # what all shares have stays until the end: a collection need not go through it, nor write to it
    os.setsid()  # Ctrl-C is for the first process, which tells the others
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    for connection in inherited:
        connection.close()
    last = 0.0

    def report(progress: Progress) -> None:
        nonlocal last
        if (now := time.monotonic()) - last >= _SECONDS_BETWEEN_REPORTS:
            last = now
            told.send(progress)

    outcome = Outcome.begun(contract, settings)
    with suppress(KeyboardInterrupt):
        execute(contract, settings, report, outcome)
    told.send(partial_of(outcome))
