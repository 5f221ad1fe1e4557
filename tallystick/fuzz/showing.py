"""Whether exchanges show a defect: what is asked of requests that are sent again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from tallystick.fuzz.defects import (
    Defect,
    defect_of_violation,
    defects_of_response,
    server_error_detail,
    violated_field,
)
from tallystick.fuzz.rules import (
    ALLOW_HEADER_CONFORMANCE,
    IGNORED_AUTH,
    NEGATIVE_DATA_REJECTION,
    NO_RESPONSE,
    NOT_A_SERVER_ERROR,
    POSITIVE_DATA_ACCEPTANCE,
    RESPONSE_CODING,
    RESPONSE_SLOW,
    UNSUPPORTED_METHOD,
)
from tallystick.fuzz.sending import Sent
from tallystick.fuzz.settings import Settings
from tallystick.fuzz.verdicts import Verdict, exchange_below, verdict_of
from tallystick.nouns.contract import Contract, Operation
from tallystick.nouns.exchange import Exchange, Response
from tallystick.nouns.violation import Violation
from tallystick.rules import judge
from tallystick.rules.sequence.relations import RULES, relations

_JUDGED_RULES = frozenset((*(rule.id for rule in judge.RULES), RESPONSE_CODING.id))
_SEQUENCE_RULES = frozenset(rule.id for rule in RULES)
_OF_ONE_EXCHANGE = _JUDGED_RULES | {
    rule.id
    for rule in (
        NOT_A_SERVER_ERROR,
        POSITIVE_DATA_ACCEPTANCE,
        NEGATIVE_DATA_REJECTION,
        IGNORED_AUTH,
        NO_RESPONSE,
        UNSUPPORTED_METHOD,
        ALLOW_HEADER_CONFORMANCE,
        RESPONSE_SLOW,
    )
}


class Showing:
    """Says of exchanges whether they show a defect."""

    def __init__(self, contract: Contract, settings: Settings) -> None:
        self.contract, self.settings = contract, settings
        self.operations = {operation.label: operation for operation in contract}

    def is_about_several(self, defect: Defect) -> bool:
        """Whether it takes several exchanges to show a defect."""
        return defect.rule in _SEQUENCE_RULES

    def can_replay(self, defect: Defect) -> bool:
        """Whether exchanges can say of a defect that it is gone."""
        return self.is_about_several(defect) or defect.rule in _OF_ONE_EXCHANGE

    def can_tell(self, defect: Defect, steps: Sequence[Exchange]) -> bool:
        """Whether exchanges say it: not of a check of Schemathesis that is not known here."""
        if self.is_about_several(defect):
            return self._is_related(defect, steps)
        return defect.rule in _OF_ONE_EXCHANGE

    def shows(self, defect: Defect, sent: Sequence[Sent], before: Exchange) -> bool:
        """Whether exchanges show a defect, and the last request has no violation that the first one had not."""
        last = sent[-1]
        if self.is_about_several(defect):
            return self._is_related(defect, [each.exchange for each in sent])
        if defect.rule == NO_RESPONSE.id:
            return last.exchange.response is None
        if last.exchange.response is None:
            return False
        if defect.rule == RESPONSE_SLOW.id:
            return last.seconds > self.settings.max_response_seconds
        if defect.rule in (UNSUPPORTED_METHOD.id, ALLOW_HEADER_CONFORMANCE.id):
            return _answers_alike(last.exchange, before)
        operation = self.operations.get(defect.subject)
        if operation is None:
            return False
        verdict = replace(self._verdict(last.exchange, operation, last), raised=last.raised)
        known = {(violation.rule, violation.where) for violation in self._verdict(before, operation).request}
        if any((violation.rule, violation.where) not in known for violation in verdict.request):
            return False
        return shows_defect(verdict, defect, self.settings.credentials.known_for(operation))

    def violations(self, exchange: Exchange, defect: Defect) -> Iterator[Violation]:
        """The violations of an exchange that are a defect."""
        operation = self.operations.get(defect.subject)
        verdict = self._verdict(exchange, operation)
        has_credentials = operation is None or self.settings.credentials.known_for(operation)
        for violation in verdict.response:
            found = defect_of_violation(violation, verdict, has_credentials)
            if found is not None and found.key == defect.key:
                yield violation

    def _verdict(self, exchange: Exchange, operation: Operation | None, sent: Sent | None = None) -> Verdict:
        expected = self.settings.expected_of(operation.label) if operation is not None else frozenset()
        body_fault = sent.body_fault if sent is not None else None
        return verdict_of(self.contract, exchange, self.settings.base_path, operation, expected, body_fault)

    def _is_related(self, defect: Defect, exchanges: Sequence[Exchange]) -> bool:
        return self.is_related(defect, [exchange_below(exchange, self.settings.base_path) for exchange in exchanges])

    def is_related(self, defect: Defect, sequence: Sequence[Exchange]) -> bool:
        """Whether exchanges whose paths begin where those of the contract do show a defect together."""
        return any(
            relation.violation.rule == defect.rule and relation.subject == defect.subject
            for relation in relations(self.contract, sequence, closed_world=self.settings.closed_world)
        )


def shows_defect(verdict: Verdict, defect: Defect, has_credentials: bool) -> bool:
    """Whether one exchange shows a defect."""
    match defect.rule:
        case NOT_A_SERVER_ERROR.id:
            return defect.detail in (server_error_detail(verdict), str(verdict.status))
        case POSITIVE_DATA_ACCEPTANCE.id:
            return defect.detail == str(verdict.status) and not verdict.request
        case NEGATIVE_DATA_REJECTION.id:
            return 200 <= verdict.status < 300 and defect.detail in map(violated_field, verdict.request)
        case IGNORED_AUTH.id:
            return 200 <= verdict.status < 300
    return any(other.key == defect.key for other in defects_of_response(verdict, has_credentials))


def _answers_alike(exchange: Exchange, before: Exchange) -> bool:
    """Whether two responses have the same status and allow the same methods, in whatever order."""
    if exchange.response is None or before.response is None:
        return False
    both = [(response.status, _allowed(response)) for response in (exchange.response, before.response)]
    return both[0] == both[1]


def _allowed(response: Response) -> set[str] | None:
    """The methods in `Allow`; None where there is no such field."""
    values = [value for name, value in response.headers if name == "allow"]
    return {method.strip().upper() for value in values for method in value.split(",")} if values else None
