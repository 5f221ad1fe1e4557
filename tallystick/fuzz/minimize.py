"""Findings confirmed and made small: their request is sent again, then without each thing that it does not need.

Schemathesis shrinks only the cases that it draws at random; findings of other cases are made small here.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace

from tallystick.fuzz.body_faults import BodyFault
from tallystick.fuzz.clock import Clock
from tallystick.fuzz.defects import Defect, defects_of_response, server_error_detail, violated_field
from tallystick.fuzz.exchanges import without_most_of_body
from tallystick.fuzz.findings import Finding
from tallystick.fuzz.in_process import ServedApplication
from tallystick.fuzz.rules import (
    IGNORED_AUTH,
    NEGATIVE_DATA_REJECTION,
    NOT_A_SERVER_ERROR,
    POSITIVE_DATA_ACCEPTANCE,
    RESPONSE_CODING,
)
from tallystick.fuzz.sending import NoResponseError, Sender
from tallystick.fuzz.settings import Settings
from tallystick.fuzz.verdicts import Verdict, verdict_of
from tallystick.nouns import budgets
from tallystick.nouns.contract import Contract, Operation
from tallystick.nouns.exchange import Exchange, Request
from tallystick.rules import judge

_MAX_ATTEMPTS = 60
"""How many smaller requests are tried for one finding."""
_NEEDED_HEADERS = frozenset(("authorization", "cookie", "host", "content-type", "content-length"))
_JUDGED_RULES = frozenset((*(rule.id for rule in judge.RULES), RESPONSE_CODING.id))


def minimize_findings(
    contract: Contract, findings: list[Finding], settings: Settings, served: ServedApplication | None, clock: Clock
) -> None:
    """Gives each finding of one request the smallest request that shows it, and notes whether it was seen again.

    Requests go to the application that is served in this process, if there is one, else to the server of the settings.
    """
    clock = Clock(clock.left(budgets.FUZZ_MINIMIZE_SECONDS))
    operations = {operation.label: operation for operation in contract}
    with Sender(contract, settings, clock, served) as sender:
        for finding in findings:
            operation = operations.get(finding.subject)
            if len(finding.steps) == 1 and operation is not None and not clock.is_over:
                _minimize(finding, _Reproduction(contract, operation, finding, settings, sender), clock)


class _Reproduction:
    """Sends requests, and keeps those that show a finding."""

    def __init__(
        self, contract: Contract, operation: Operation, finding: Finding, settings: Settings, sender: Sender
    ) -> None:
        self.contract, self.operation, self.settings, self.sender = contract, operation, settings, sender
        self.defect = finding.defect
        self.before = self.verdict(finding.steps[0])
        self.has_credentials = settings.credentials.known_for(operation)

    def verdict(self, exchange: Exchange, body_fault: BodyFault | None = None) -> Verdict:
        expected = self.settings.expected_of(self.operation.label)
        return verdict_of(self.contract, exchange, self.settings.base_path, self.operation, expected, body_fault)

    def shows(self, verdict: Verdict) -> bool | None:
        return shows_defect(verdict, self.defect, self.before, self.has_credentials)

    @property
    def is_possible(self) -> bool:
        """Whether one exchange can show the finding."""
        return self.shows(self.before) is not None

    def __call__(self, request: Request) -> Exchange | None:
        """Sends a request; the exchange, or None if it does not show the finding."""
        verdict = self.verdict_on(request)
        return verdict.exchange if verdict is not None and self.shows(verdict) else None

    def verdict_on(self, request: Request) -> Verdict | None:
        """Sends a request; the verdict on the exchange, or None if there is no response."""
        try:
            sent = self.sender.send_as_is(request)
        except NoResponseError:
            return None
        return replace(self.verdict(sent.exchange, sent.body_fault), raised=sent.raised)


def shows_defect(verdict: Verdict, defect: Defect, before: Verdict, has_credentials: bool) -> bool | None:
    """Whether an exchange shows a defect, and its request has no violation that the first one (`before`) had not.

    None if a single exchange cannot tell.
    """
    violated = {(violation.rule, violation.where) for violation in before.request}
    if any((violation.rule, violation.where) not in violated for violation in verdict.request):
        return False
    match defect.rule:
        case NOT_A_SERVER_ERROR.id:
            return defect.detail == server_error_detail(verdict)
        case POSITIVE_DATA_ACCEPTANCE.id:
            return defect.detail == str(verdict.status) and not verdict.request
        case NEGATIVE_DATA_REJECTION.id:
            return 200 <= verdict.status < 300 and defect.detail in map(violated_field, verdict.request)
        case IGNORED_AUTH.id:
            return 200 <= verdict.status < 300
    if defect.rule not in _JUDGED_RULES or verdict.operation is None:
        return None
    return any(other.key == defect.key for other in defects_of_response(verdict, has_credentials))


def _minimize(finding: Finding, reproduce: _Reproduction, clock: Clock) -> None:
    if not reproduce.is_possible:
        return
    smallest = reproduce(finding.steps[0].request)
    if smallest is None and clock.is_over:
        return
    finding.again = smallest is not None
    attempts = 0
    while smallest is not None:
        smaller = None
        for request in smaller_requests(smallest.request):
            attempts += 1
            if attempts > _MAX_ATTEMPTS or clock.is_over:
                return
            smaller = reproduce(request)
            if smaller is not None:
                finding.steps = (without_most_of_body(smaller),)
                break
        smallest = smaller


def smaller_requests(request: Request) -> Iterator[Request]:
    """Copies of the request, each without a query field, a header field, a member or an item of its JSON body."""
    fields = request.query.split("&") if request.query else []
    for index in range(len(fields)):
        yield request._replace(query="&".join(fields[:index] + fields[index + 1 :]))
    for index, (name, _) in enumerate(request.headers):
        if name not in _NEEDED_HEADERS:
            yield request._replace(headers=request.headers[:index] + request.headers[index + 1 :])
    if any(name == "content-type" and "json" in value for name, value in request.headers):
        try:
            value = json.loads(request.body)
        except (ValueError, RecursionError):
            return
        for smaller in _smaller_values(value):
            yield request._replace(body=json.dumps(smaller, ensure_ascii=False).encode("utf-8", "surrogatepass"))


def _smaller_values(value: object) -> Iterator[object]:
    """Copies of the value, each without one member or item, at any depth."""
    if isinstance(value, dict):
        for key in value:
            yield {name: item for name, item in value.items() if name != key}
        for key, item in value.items():
            for smaller in _smaller_values(item):
                yield {**value, key: smaller}
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield value[:index] + value[index + 1 :]
            for smaller in _smaller_values(item):
                yield [*value[:index], smaller, *value[index + 1 :]]
