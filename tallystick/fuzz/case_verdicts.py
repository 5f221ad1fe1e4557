"""The verdicts on the cases of a run, and on its own exchanges: what the user expects, and what the run did, counts."""

from __future__ import annotations

import threading
from dataclasses import replace

from tallystick.fuzz.body_faults import BodyFault
from tallystick.fuzz.cases import Case
from tallystick.fuzz.deletions import Deletions
from tallystick.fuzz.settings import Settings
from tallystick.fuzz.verdicts import Verdict, verdict_of
from tallystick.nouns.contract import Contract, Operation
from tallystick.nouns.exchange import Exchange
from tallystick.wire.reading import operation_for


class Verdicts(threading.local):
    """Verdicts on cases; each worker keeps its last one, which several checks ask for."""

    def __init__(
        self, contract: Contract, settings: Settings, operations: dict[str, Operation], deletions: Deletions
    ) -> None:
        self.contract, self.settings, self.operations, self.deletions = contract, settings, operations, deletions
        self.last: tuple[Exchange, Verdict] | None = None

    def of(self, case: Case) -> Verdict:
        """The verdict on a case of Schemathesis's."""
        if self.last is None or self.last[0] is not case.exchange:
            operation = self.operations.get(case.called)
            expected = self.settings.expected_of(case.called if operation is not None else case.made_for)
            base_path = self.settings.base_path
            verdict = verdict_of(self.contract, case.exchange, base_path, operation, expected, case.body_fault)
            verdict = replace(verdict, raised=case.raised, seconds=case.seconds)
            self.last = (case.exchange, self.after_deletions(verdict))
        return self.last[1]

    def on(self, exchange: Exchange, body_fault: BodyFault | None) -> Verdict:
        """The verdict on an exchange of the run's own."""
        base_path, path = self.settings.base_path, exchange.request.path
        below = path[len(base_path) :] if base_path and path.startswith(f"{base_path}/") else path
        match = operation_for(self.contract, exchange.request.method, below, exchange.request)
        expected = self.settings.expected_of(match[0].label) if match is not None else frozenset[int]()
        verdict = verdict_of(self.contract, exchange, base_path, None, expected, body_fault)
        return self.after_deletions(verdict)

    def after_deletions(self, verdict: Verdict) -> Verdict:
        """A verdict that knows whether the run has deleted what is asked for."""
        operation, (request, response) = verdict.operation, verdict.exchange
        if operation is None or response is None:
            return verdict
        was_deleted = self.deletions.has(operation, request.path)
        self.deletions.note(operation, request, response)
        return replace(verdict, was_deleted=True) if was_deleted else verdict
