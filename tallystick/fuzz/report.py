"""The report of a fuzz run: its findings with curl lines and responses, without any secret, and notes on it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from types import MappingProxyType

from tallystick.coverage.result import coverage_result
from tallystick.fuzz.assertions import ASSERTIONS
from tallystick.fuzz.clauses import clause
from tallystick.fuzz.findings import Finding
from tallystick.fuzz.hiding import hidden_exchange, hidden_text, without_secrets
from tallystick.fuzz.outcome import LISTED, Outcome
from tallystick.fuzz.rules import FUZZ_RULES, IGNORED_AUTH
from tallystick.fuzz.sequences import Step as SentStep
from tallystick.fuzz.sequences import as_number
from tallystick.fuzz.settings import IN_PROCESS
from tallystick.nouns.errors import TallystickError
from tallystick.nouns.exchange import Request, Response
from tallystick.nouns.words import counted, shortened
from tallystick.reports.curl import capturing, curl
from tallystick.reports.excerpts import shown_response
from tallystick.reports.results import FuzzedOperation, FuzzResult, RelatedFinding, ReportedFinding, ShownResponse, Step
from tallystick.rules import judge
from tallystick.rules.contract.left_out import count_left_out
from tallystick.rules.exchange.status import REJECTION_UNDOCUMENTED
from tallystick.rules.sequence.relations import RULES as SEQUENCE_RULES

_PARTS_LISTED = 3
"""How many unread parts of the contract a note lists; `check` lists all."""
_STOPS = {
    "interrupted": "interrupted: this is what was found until then",
    "terminated": "ended by SIGTERM: this is what was found until then",
    "max_time": "the time was up: what comes after it was not tried",
    "server_unavailable": "the server went away in the middle: what comes after it was not tried",
}
_IN_NOTES_OF_THEIR_OWN = (IGNORED_AUTH.id, REJECTION_UNDOCUMENTED.id)

RULES_OF_RUNS = (*judge.RULES, *SEQUENCE_RULES, *FUZZ_RULES)
"""Every rule that a finding of a run may be of."""


def result_of(outcome: Outcome, colour: bool = False) -> FuzzResult:
    """The result of a run, for the reports."""
    contract, settings = outcome.contract, outcome.settings
    return FuzzResult(
        file=contract.file,
        name=contract.name,
        title=contract.title,
        all_operations=len(contract.operations),
        url=settings.origin + settings.base_path,
        seed=settings.seed,
        seconds=outcome.seconds,
        requests=outcome.requests,
        stopped="error" if outcome.error is not None else outcome.stopped,
        ended_early=how_it_ended(outcome),
        nothing_tested=outcome.nothing,
        operations=tuple(
            FuzzedOperation(
                operation.label,
                operation.statuses,
                "" if operation.requests else outcome.reason_of_none(operation),
            )
            for operation in outcome.tested.values()
        ),
        findings=tuple(_finding(finding, outcome) for finding in outcome.findings),
        notes=tuple(notes(outcome)),
        coverage=coverage_result(outcome.coverage, outcome.settings.min_coverage),
        colour=colour,
        rules=RULES_OF_RUNS,
        assertions=ASSERTIONS,
    )


def _finding(finding: Finding, outcome: Outcome) -> ReportedFinding:
    return ReportedFinding(
        finding.rule,
        finding.severity,
        finding.subject,
        _hidden(finding.message, outcome),
        finding.place,
        finding.count,
        finding.again,
        tuple(_steps(finding, outcome)),
        tries=finding.tries,
        also=tuple(_related(each, outcome) for each in finding.others),
        exception=_hidden(str(finding.defect.raised or ""), outcome),
        clause=clause(finding.place),
        detail=_hidden(finding.detail, outcome),
        known=finding.known,
    )


def _related(finding: Finding, outcome: Outcome) -> RelatedFinding:
    message = _hidden(finding.message, outcome)
    return RelatedFinding(finding.rule, finding.subject, message, finding.place, finding.count)


def _steps(finding: Finding, outcome: Outcome) -> Iterator[Step]:
    """The steps of a finding; a value that a later request takes from a response is a variable of the shell."""
    variables: dict[str, str] = {}
    for index, exchange in enumerate(finding.steps):
        step = finding.sequence[index] if finding.sequence else SentStep(exchange.request)
        line = curl_line(step.request, outcome, variables)
        if step.captures:
            line = capturing(line, [(each.name, each.pointer, each.header) for each in step.captures])
            for capture in step.captures:
                variables |= {f'"{as_number(capture.token)}"': capture.name, capture.token: capture.name}
        secrets = outcome.settings.credentials.secrets
        request, is_authorized = without_secrets(step.request, secrets)
        yield Step(
            line,
            _shown(exchange.response, outcome) if exchange.response is not None else None,
            request,
            tuple((each.name, each.pointer, each.header) for each in step.captures),
            is_authorized,
            hidden_exchange(exchange, secrets),
        )


def curl_line(request: Request, outcome: Outcome, variables: Mapping[str, str] = MappingProxyType({})) -> str:
    """A request as a line to paste; variables of the environment replace its secrets."""
    settings = outcome.settings
    secrets = settings.credentials.secrets
    return curl(request, settings.origin, secrets, insecure=not settings.verify, variables=variables)


def _shown(response: Response, outcome: Outcome) -> ShownResponse:
    return shown_response(response, partial(_hidden, outcome=outcome))


def _hidden(line: str, outcome: Outcome) -> str:
    return hidden_text(line, outcome.settings.credentials.secrets)


def notes(outcome: Outcome) -> list[str]:
    """What a reader has to know to judge the result, beside the findings; one sentence each, none with a secret."""
    on_the_run = (outcome.notes, outcome.baseline_notes, _notes_on_warnings(outcome), _notes_on_the_run(outcome))
    return [_hidden(note, outcome) for notes_of_kind in on_the_run for note in notes_of_kind]


def _notes_on_warnings(outcome: Outcome) -> list[str]:
    sentences: list[str] = []
    unprotected = [finding.subject for finding in outcome.warnings if finding.rule == IGNORED_AUTH.id]
    if unprotected:
        subjects = shortened(unprotected, LISTED)
        sentences.append(f"made-up credentials were accepted, as a mock does and a real server must not: {subjects}")
    refusals: dict[str, list[str]] = {}
    for finding in outcome.warnings:
        if finding.rule == REJECTION_UNDOCUMENTED.id:
            refusals.setdefault(finding.subject, []).append(finding.detail)
    if refusals:
        subjects = shortened(
            [f"{subject} ({', '.join(sorted(statuses))})" for subject, statuses in refusals.items()], LISTED
        )
        fact = "invalid requests are refused with undocumented statuses"
        sentences.append(f"rejection-undocumented: {fact}: {subjects}")
    return sentences + [
        f"{finding.rule}: {finding.message} ({finding.place})"
        for finding in outcome.warnings
        if finding.rule not in _IN_NOTES_OF_THEIR_OWN
    ]


def _notes_on_the_run(outcome: Outcome) -> list[str]:
    sentences: list[str] = [*outcome.probed.notes, *outcome.deaths]
    if outcome.logins:
        times = counted(outcome.logins, "time")
        sentences.append(f"the server took the token of --login no longer, and the run logged in again: {times}")
    if sentence := count_left_out(outcome.left_out):
        reasons = shortened([f"{part.message} ({part.contract})" for part in outcome.left_out], _PARTS_LISTED)
        sentences.append(f"{sentence}: {reasons}")
    settings = outcome.settings
    if outcome.findings and settings.credentials.secrets:
        variables = " and ".join(f"${name}" for name in dict.fromkeys(settings.credentials.secrets.values()))
        sentences.append(f"the curl lines take credentials from {variables}")
    if outcome.errors and settings.application is not None and settings.origin == IN_PROCESS:
        where = f"the curl lines are for one served at {settings.origin}"
        sentences.append(f"the application ran in this process; {where}")
    if outcome.unpatched:
        sentences.append(outcome.unpatched)
    return sentences + ([end] if (end := how_it_ended(outcome)) else [])


def how_it_ended(outcome: Outcome) -> str:
    """Why the run ended early, in a sentence; "" if it did not."""
    error = outcome.error
    if error is None:
        return _STOPS.get(outcome.stopped, "")
    fact = str(error) if isinstance(error, TallystickError) else f"{type(error).__name__}: {error}"
    return f"the run ended early: {_hidden(' '.join(fact.split()), outcome)}"
