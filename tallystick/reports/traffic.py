"""Reports of recorded traffic that was judged: for a person, as JSON, and in the forms of a check."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import groupby

from tallystick.nouns.violation import Severity, Violation
from tallystick.nouns.words import counted, shortened
from tallystick.reports.colours import Paint, painter
from tallystick.reports.results import CheckResult, ReportedFinding, TrafficResult

_LISTED = 3


def text(result: TrafficResult) -> str:
    """The findings by rule and operation, each with the request and the response, then what was not judged."""
    from tallystick.reports.text import finding_lines, text_of

    paint = painter(result.colour)
    lines: list[str] = []
    order = sorted(result.findings, key=lambda finding: finding.severity is not Severity.ERROR)
    for (severity, rule, subject), findings in groupby(
        order, key=lambda each: (each.severity, each.rule, each.subject)
    ):
        is_error = severity is Severity.ERROR
        shown = rule if is_error else f"{rule} (warning)"
        lines.append(f"{paint(shown, 'red' if is_error else 'yellow', 'bold')}  {paint(subject, 'bold')}")
        for finding in findings:
            lines += finding_lines(finding)
        lines.append("")
    lines += [f"{paint('note:', 'yellow')} {note}" for note in result.notes]
    return text_of([*lines, *_left(result), _summary(result, paint)])


def _left(result: TrafficResult) -> list[str]:
    """What was not judged, a line for each kind."""
    return [
        f"not judged: {sum(names.values()):,} {kind}: {_most(names)}" if _most(names) else f"not judged: {kind}"
        for kind, names in result.left.items()
        if names
    ]


def _most(names: Mapping[str, int]) -> str:
    ordered = sorted(names.items(), key=lambda row: (-row[1], row[0]))
    return shortened([f"{name} ({count:,})" for name, count in ordered], _LISTED)


def _summary(result: TrafficResult, paint: Paint) -> str:
    if result.nothing_judged:
        return paint(result.nothing_judged, "red", "bold")
    operations = f"{result.operations} of {counted(len(result.contract.operations), 'operation', ',')}"
    run = f"{counted(result.judged, 'exchange', ',')} of {operations} judged"
    warnings = len(result.findings) - len(result.errors)
    beside = f", {counted(warnings, 'warning', ',')}" if warnings else ""
    if result.errors:
        rules = counted(len({finding.rule for finding in result.errors}), "rule", ",")
        findings = counted(len(result.errors), "finding", ",")
        return f"{paint(f'{findings} of {rules}', 'red', 'bold')}{beside}; {run}"
    return f"{paint('no finding', 'green', 'bold')}{beside}; {run}"


def json(result: TrafficResult) -> str:
    """The findings, how many entries were judged, and what the others are."""
    from tallystick.reports.json import finding_value, written

    return written(
        {
            "contract": result.contract.file,
            "entries": result.entries,
            "judged": result.judged,
            "operations": result.operations,
            "not_judged": {kind: dict(names) for kind, names in result.left.items()},
            "nothing_judged": result.nothing_judged or None,
            "findings": [finding_value(finding) for finding in result.findings],
            "notes": list(result.notes),
        }
    )


def as_check(result: TrafficResult) -> CheckResult:
    """The same as the result of a check, whose violations stand at the places of the contract that were broken."""
    violations = [_violation(finding) for finding in result.findings]
    return CheckResult(violations, [result.contract], result.rules, version=result.version)


def _violation(finding: ReportedFinding) -> Violation:
    times = f", {finding.count:,} times" if finding.count > 1 else ""
    message = f"{finding.subject}: {finding.message}{times}"
    if finding.steps:
        message += f"; {finding.steps[-1].curl}"
    return Violation(finding.rule, finding.severity, "", finding.place, message)
