"""What the reports of a fuzz run share: its findings as violations at the places of the contract that they break."""

from __future__ import annotations

from tallystick.nouns.violation import Violation
from tallystick.nouns.words import counted, shortened
from tallystick.reports.results import CheckResult, FuzzResult, ReportedFinding

_MOST_OPERATIONS = 5


def as_check(result: FuzzResult) -> CheckResult:
    """A run as the result of a check, whose violations stand at the places of the contract that were broken."""
    findings = [finding for finding in result.findings if not finding.known]
    return CheckResult([_violation(finding) for finding in findings], (), result.rules, version=result.version)


def _violation(finding: ReportedFinding) -> Violation:
    message = f"{finding.subject}: {finding.message}"
    if len(finding.operations) > 1:
        message += f"; also in {shortened(finding.operations[1:], _MOST_OPERATIONS)}"
    if finding.steps:
        message += f"; {finding.steps[-1].curl}"
    return Violation(finding.rule, finding.severity, "", finding.place, message)


def headline(result: FuzzResult) -> str:
    """The run in one line: how many findings, of how many operations, by how many requests."""
    tested = sum(1 for operation in result.operations if operation.statuses)
    what = counted(len(result.errors), "finding", ",") if result.errors else result.nothing_tested or "no finding"
    requests = counted(result.requests, "request", ",")
    return (
        f"{what}; {tested} of {counted(result.all_operations, 'operation', ',')} tested with {requests} "
        f"in {result.seconds:.1f} s (seed {result.seed})"
    )
