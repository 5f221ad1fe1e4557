"""Judged traffic as its reports show it, without any secret."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from tallystick.exchanges.judged import Flaw, Judged
from tallystick.exchanges.secrets import Secrets
from tallystick.exchanges.traffic import OwnExchange, Traffic
from tallystick.nouns.contract import Contract
from tallystick.nouns.request_fields import fields_that_matter
from tallystick.nouns.rule import Rule
from tallystick.reports.curl import curl
from tallystick.reports.excerpts import shown_response
from tallystick.reports.results import ReportedFinding, Step, TrafficResult, sentence
from tallystick.rules import judge
from tallystick.rules.sequence import relations


class Counts(NamedTuple):
    """How many exchanges there were, and what became of them, as in a `TrafficResult`."""

    entries: int
    judged: int
    operations: int
    left: Mapping[str, Mapping[str, int]]


def traffic_result(
    contract: Contract, traffic: Traffic, found: Judged, colour: bool = False, version: str = ""
) -> TrafficResult:
    """The result of judged traffic."""
    left = {
        "of other hosts": traffic.other_hosts,
        "of paths that the contract does not have": traffic.other_paths,
        "that are no exchange": traffic.others,
    }
    operations = len({own.operation.label for own in traffic.own})
    counts = Counts(traffic.total, len(traffic.own), operations, left)
    notes = [*traffic.notes, *found.notes]
    return counted_result(contract, counts, reported(contract, found.flaws), notes, colour, version)


def counted_result(
    contract: Contract,
    counts: Counts,
    findings: Sequence[ReportedFinding],
    notes: Sequence[str],
    colour: bool = False,
    version: str = "",
) -> TrafficResult:
    """The result of traffic of which only the numbers are there, and what was found."""
    return TrafficResult(
        contract=contract,
        findings=findings,
        entries=counts.entries,
        judged=counts.judged,
        operations=counts.operations,
        left=counts.left,
        notes=notes,
        rules=(*judge.RULES, *relations.RULES),
        colour=colour,
        version=version,
    )


def reported(contract: Contract, flaws: Iterable[Flaw]) -> list[ReportedFinding]:
    """Flaws as reports show them, without what is secret by their contract."""
    secrets = Secrets([contract])
    rules: dict[str, Rule] = {rule.id: rule for rule in (*judge.RULES, *relations.RULES)}
    return [_finding(flaw, secrets, rules) for flaw in flaws]


def _finding(flaw: Flaw, secrets: Secrets, rules: dict[str, Rule]) -> ReportedFinding:
    violation = flaw.violation
    hidden = secrets.hides(violation.where.removeprefix("response."))
    message = f"{violation.where}: {rules[violation.rule].sentence}" if hidden else sentence(violation)
    return ReportedFinding(
        violation.rule,
        violation.severity,
        flaw.subject,
        message,
        violation.contract,
        flaw.count,
        None,
        tuple(_step(step, secrets) for step in flaw.steps),
    )


def _step(step: OwnExchange, secrets: Secrets) -> Step:
    request, response = step.recorded.exchange
    documented = {each.name.lower() for each in step.operation.parameters if each.location == "header"}
    copied = request._replace(headers=fields_that_matter(request.headers, documented))
    line = curl(secrets.request(copied), step.recorded.origin)
    if response is None:
        return Step(line, None)
    shown = response._replace(headers=secrets.fields(response.headers), body=secrets.in_body(response.body))
    return Step(line, shown_response(shown, str))
