"""Reports for a person at a terminal."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from tallystick.nouns.violation import Severity, Violation, count_by_rule
from tallystick.nouns.words import counted
from tallystick.reports.colours import Paint, painter
from tallystick.reports.results import (
    SPEC_VALIDATOR,
    CheckResult,
    FuzzResult,
    OpinionError,
    ReportedFinding,
    SecondOpinion,
    ShownResponse,
    sentence,
)

_FEWEST_OF_A_RULE = 3
_MOST_OF_AN_OPINION = 10
_COLOURS = {Severity.ERROR: "red", Severity.WARNING: "yellow"}


def check(result: CheckResult) -> str:
    """One line for each violation, and a summary; grouped by rule if there are more than `most`."""
    paint = painter(result.colour)
    lines = _grouped(result, paint) if _is_grouped(result) else [_line(each, paint) for each in result.violations]
    return "\n".join([*lines, check_summary(result), *opinions(result)]) + "\n"


def _is_grouped(result: CheckResult) -> bool:
    return 0 < result.most < len(result.violations)


def _line(violation: Violation, paint: Paint) -> str:
    rule = paint(_rule(violation.rule, violation.severity), _COLOURS[violation.severity])
    return f"{paint(str(violation.contract), 'cyan')}: {rule}: {sentence(violation)}"


def _rule(rule: str, severity: Severity) -> str:
    return f"{rule} (warning)" if severity is Severity.WARNING else rule


def _grouped(result: CheckResult, paint: Paint) -> list[str]:
    """The rules, errors before warnings and the most frequent first, each with its first places."""
    groups: dict[tuple[Severity, str], list[Violation]] = {}
    for violation in result.violations:
        groups.setdefault((violation.severity, violation.rule), []).append(violation)
    sentences = {rule.id: rule.sentence for rule in result.rules}
    most = max(_FEWEST_OF_A_RULE, result.most // len(groups))
    lines: list[str] = []
    for (severity, rule), violations in sorted(
        groups.items(), key=lambda group: (group[0][0] is not Severity.ERROR, -len(group[1]))
    ):
        head = paint(f"{_rule(rule, severity)}: {len(violations)}", _COLOURS[severity])
        lines.append(f"{head}  {sentences.get(rule, '')}".rstrip())
        lines += [f"  {paint(str(each.contract), 'cyan')}: {sentence(each)}" for each in violations[:most]]
        if len(violations) > most:
            lines.append(f"  ... and {len(violations) - most} more")
    return lines


def check_summary(result: CheckResult) -> str:
    """The line that sums a check up."""
    paint = painter(result.colour)
    violations, contracts = result.violations, counted(len(result.contracts), "contract")
    if not violations:
        operations = sum(len(contract.operations) for contract in result.contracts)
        return paint(f"{contracts}, {counted(operations, 'operation')}: no violations", "green")
    errors = sum(violation.severity is Severity.ERROR for violation in violations)
    warnings = len(violations) - errors
    split = "" if not warnings else " (all warnings)" if not errors else f" ({counted(warnings, 'warning')})"
    counts = ", ".join(f"{rule} {count}" for rule, count in count_by_rule(violations).items())
    head = f"{counted(len(violations), 'violation')}{split} in {contracts}"
    hint = "; every one of them with --max 0" if _is_grouped(result) else ""
    return f"{paint(head, 'bold')}: {counts}{hint}"


def opinions(result: CheckResult) -> list[str]:
    """Both verdicts on each contract, what makes them differ, and a summary; nothing if no opinion was asked for."""
    if not result.opinions:
        return []
    paint = painter(result.colour)
    lines = [line for opinion in result.opinions for line in opinion_lines(opinion, paint)]
    name = " ".join((SPEC_VALIDATOR, *{opinion.release for opinion in result.opinions if opinion.release}))
    silent = sum(not opinion.has_verdict for opinion in result.opinions)
    different = sum(opinion.differs for opinion in result.opinions)
    agreed = len(result.opinions) - different - silent
    no_verdict = f", and has no verdict on {silent}" if silent else ""
    summary = f"{name} agrees on {agreed} of {counted(len(result.opinions), 'contract')}{no_verdict}"
    return [*lines, paint(summary, "bold")]


def opinion_lines(opinion: SecondOpinion, paint: Paint) -> Iterator[str]:
    """Both verdicts on one contract, and what makes them differ."""
    where = paint(opinion.place.file, "cyan")
    ours = f"tallystick: {_verdict(len(opinion.our_errors))}"
    theirs = f"{SPEC_VALIDATOR}: {_verdict(len(opinion.their_errors)) if opinion.has_verdict else 'no verdict'}"
    yield f"{where}: {ours}; {theirs}{paint(' (differs)', 'yellow') if opinion.differs else ''}"
    if opinion.failure:
        yield f"  {SPEC_VALIDATOR}: {opinion.failure}"
    if not opinion.differs:
        return
    for rule, count in count_by_rule(opinion.our_errors).items():
        yield f"  only tallystick: {rule} {count}"
    for error in opinion.their_errors[:_MOST_OF_AN_OPINION]:
        yield f"  only {SPEC_VALIDATOR}: {opinion_error(error)}"
    if len(opinion.their_errors) > _MOST_OF_AN_OPINION:
        yield f"  ... and {len(opinion.their_errors) - _MOST_OF_AN_OPINION} more"


def _verdict(errors: int) -> str:
    return counted(errors, "error") if errors else "valid"


def opinion_error(error: OpinionError) -> str:
    """An error of a second opinion with its place, as far as that is told."""
    if error.place is None:
        return error.message
    return f"{error.place}: {error.message} ({error.place.pointer or 'the whole document'})"


def fuzz(result: FuzzResult) -> str:
    """The findings by rule and operation, what could not be tested, and a line that sums the run up."""
    paint = painter(result.colour)
    lines: list[str] = []
    for (rule, subject), findings in groupby(result.errors, key=lambda finding: (finding.rule, finding.subject)):
        lines.append(f"{paint(rule, 'red', 'bold')}  {paint(subject, 'bold')}")
        for finding in findings:
            lines += finding_lines(finding)
        lines.append("")
    lines += [f"{paint('note:', 'yellow')} {note}" for note in result.notes]
    return "\n".join([*lines, _fuzz_summary(result, paint)]) + "\n"


def finding_lines(finding: ReportedFinding) -> Iterator[str]:
    """The lines of one finding: its message, then each request with its response."""
    times = f", {finding.count} times" if finding.count > 1 else ""
    if finding.seen_again is False:
        times += ", but not when the request was sent again"
    yield f"  {finding.message} ({finding.place}{times})"
    for step in finding.steps:
        yield f"    {step.curl}"
        yield from (f"      {line}" for line in _response_lines(step.response))


def _response_lines(response: ShownResponse | None) -> Iterator[str]:
    if response is None:
        yield "(no response)"
        return
    from tallystick.nouns.statuses import phrase_of  # slow to import, and a check has no responses

    yield f"{response.status} {phrase_of(response.status)}".rstrip()
    for name, value in response.headers:
        yield f"{name}: {value}"
    if response.body:
        yield response.body


def _fuzz_summary(result: FuzzResult, paint: Paint) -> str:
    tested = sum(1 for operation in result.operations if operation.statuses)
    run = (
        f"{tested} of {counted(result.all_operations, 'operation', ',')} tested with "
        f"{counted(result.requests, 'request', ',')} in {result.seconds:.1f} s (--seed {result.seed} repeats it)"
    )
    if result.errors:
        rules = counted(len({finding.rule for finding in result.errors}), "rule", ",")
        findings = counted(len(result.errors), "finding", ",")
        return f"{paint(f'{findings} of {rules}', 'red', 'bold')}; {run}"
    if result.nothing_tested:
        return f"{paint(result.nothing_tested, 'red', 'bold')}; {run}"
    return f"{paint('no finding', 'green', 'bold')}; {run}"
