"""What the probes of a run show: each exchange is judged, and the rules on sequences are applied to all of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from tallystick.fuzz.body_faults import BodyFault
from tallystick.fuzz.defects import Defect, defect_of_time, defects_of_probe
from tallystick.fuzz.exchanges import without_most_of_body
from tallystick.fuzz.findings import TestedOperation
from tallystick.fuzz.probes.probed import Probed
from tallystick.fuzz.probes.run import Probes
from tallystick.fuzz.rules import NO_RESPONSE
from tallystick.fuzz.sending import NoResponseError, Sender, Sent
from tallystick.fuzz.settings import Settings
from tallystick.fuzz.verdicts import Verdict, exchange_below
from tallystick.nouns.contract import Contract
from tallystick.nouns.exchange import Exchange
from tallystick.nouns.violation import Severity
from tallystick.rules.sequence.relation import Relation
from tallystick.rules.sequence.relations import relations, relations_of_one

Judge = Callable[[Exchange, BodyFault | None], Verdict]


class Probing:
    """Hears of the probes of a run, and adds what they show to its findings."""

    def __init__(
        self,
        contract: Contract,
        settings: Settings,
        sender: Sender,
        add: Callable[[Defect, Sequence[Exchange]], None],
        tested: dict[str, TestedOperation],
        judge: Judge,
        explained: Callable[[Sequence[Defect]], Sequence[Defect]] = list,
    ) -> None:
        self.contract, self.settings, self.sender = contract, settings, sender
        self.add, self.tested, self.judge, self.explained = add, tested, judge, explained
        self.answered = 0

    def run(self, after_lives: Callable[[], None] = lambda: None) -> Probed:
        """Sends the probes; what was asked, and what was not. `after_lives` is called while lists have few rows."""
        return Probes(self.contract, self.settings, self.sender, self.sender.clock, self).run(after_lives)

    def hear(self, sent: Sent, is_judged: bool = True, is_forged: bool = False) -> None:
        """Judges an exchange, and counts it; where it is not to be judged, only a server error is a defect.

        `is_forged` says that nobody issued the credentials of its request.
        """
        verdict = replace(
            self.judge(sent.exchange, sent.body_fault), raised=sent.raised, is_forged=is_forged, seconds=sent.seconds
        )
        operation, response = verdict.operation, sent.exchange.response
        self.answered += 1
        if operation is None or response is None:
            return
        if operation.label in self.tested:
            self.tested[operation.label].statuses[response.status] += 1
        if not is_judged and verdict.status < 500:
            return
        defects = self.explained(defects_of_probe(verdict, self.settings.credentials.known_for(operation)))
        for defect in (*defects, *defect_of_time(verdict, self.settings.max_response_seconds)):
            self.add(defect, [without_most_of_body(sent.exchange)])

    def hear_none(self, error: NoResponseError) -> None:
        """Adds a finding for a request without a response."""
        operation = self.sender.operation_of(error.request)
        if operation is None:
            return
        if operation.label in self.tested:
            self.tested[operation.label].is_sent = True
        defect = Defect(NO_RESPONSE.id, Severity.ERROR, operation.label, "", operation.place, str(error))
        self.add(defect, [Exchange(error.request)])

    def hear_sequence(self, exchanges: Sequence[Exchange]) -> None:
        """Applies the rules on sequences."""
        below = [exchange_below(each, self.settings.base_path) for each in exchanges]
        for relation in relations(self.contract, below, closed_world=self.settings.closed_world):
            steps = [without_most_of_body(exchanges[step]) for step in dict.fromkeys(relation.steps)]
            defect = defect_of_relation(relation)
            response = steps[-1].response
            if response is not None and ("tallystick-mock", "stateless") in response.headers:
                message = f"{defect.message}; the server says that it is a mock without state"
                defect = replace(defect, severity=Severity.WARNING, message=message)
            self.add(defect, steps)


def defects_of_one(contract: Contract, exchange: Exchange, settings: Settings) -> list[Defect]:
    """The defects that one exchange shows by the rules on sequences: what it answers to its own request."""
    below = exchange_below(exchange, settings.base_path)
    return [*map(defect_of_relation, relations_of_one(contract, below, closed_world=settings.closed_world))]


def defect_of_relation(relation: Relation) -> Defect:
    """The defect that exchanges show together."""
    violation = relation.violation
    where = violation.where.removeprefix("response.")
    message = violation.message if where == "response" else f"{where}: {violation.message}"
    return Defect(
        violation.rule, violation.severity, relation.subject, violation.contract.pointer, violation.contract, message
    )
