"""Reports for a person at a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from tallystick.nouns.printing import printable
from tallystick.nouns.violation import Severity, count_by_rule
from tallystick.nouns.words import counted, shortened
from tallystick.reports.alike import MOST_PLACES, Alike, example_of, folded, likewise
from tallystick.reports.colours import Paint, painter
from tallystick.reports.covered_text import coverage_lines
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
_MOST_RELATED = 10
_COLOURS = {Severity.ERROR: "red", Severity.WARNING: "yellow"}


def check(result: CheckResult) -> str:
    """What the author must mend, line by line, then the warnings, and a summary.

    Violations that are alike share a line. Errors, or warnings, that would make the report longer than `most` lines are
    grouped by rule.
    """
    paint = painter(result.colour)
    lines: list[str] = []
    for alike, is_grouped in _parts(result):
        lines += _grouped(result, alike, paint) if is_grouped else [_line(result, each, paint) for each in alike]
    return text_of([*lines, check_summary(result), *opinions(result)])


def text_of(lines: Iterable[str]) -> str:
    return "".join([f"{printable(line)}\n" for line in lines])


def _parts(result: CheckResult) -> list[tuple[list[Alike], bool]]:
    """The errors, then the warnings, each with whether they are grouped; nothing for those that there are none of."""
    alike = folded(result.violations, result.rules)
    errors = [each for each in alike if each[0].severity is Severity.ERROR]
    warnings = [each for each in alike if each[0].severity is not Severity.ERROR]
    parts = [(errors, 0 < result.most < len(errors)), (warnings, 0 < result.most < len(alike))]
    return [part for part in parts if part[0]]


def _is_shortened(result: CheckResult) -> bool:
    """Whether the place of some violation is not told."""
    parts = _parts(result) if result.most else []
    return any(is_grouped or any(len(each) > MOST_PLACES + 1 for each in alike) for alike, is_grouped in parts)


def _line(result: CheckResult, alike: Alike, paint: Paint) -> str:
    example = example_of(alike)
    rule = paint(_rule(example.rule, example.severity), _COLOURS[example.severity])
    return f"{paint(str(example.contract), 'cyan')}: {rule}: {sentence(example)}{likewise(alike, result.most)}"


def _rule(rule: str, severity: Severity) -> str:
    return f"{rule} (warning)" if severity is Severity.WARNING else rule


def _grouped(result: CheckResult, lines_of_all: Sequence[Alike], paint: Paint) -> list[str]:
    """The rules, the most frequent first, each with its first places."""
    groups: dict[str, list[Alike]] = {}
    for alike in lines_of_all:
        groups.setdefault(alike[0].rule, []).append(alike)
    counts = {rule: sum(map(len, group)) for rule, group in groups.items()}
    sentences = {rule.id: rule.sentence for rule in result.rules}
    most = max(_FEWEST_OF_A_RULE, result.most // len(groups))
    lines: list[str] = []
    for rule, group in sorted(groups.items(), key=lambda row: -counts[row[0]]):
        severity = group[0][0].severity
        head = paint(f"{_rule(rule, severity)}: {counts[rule]}", _COLOURS[severity])
        lines.append(f"{head}  {sentences.get(rule, '')}".rstrip())
        for alike in group[:most]:
            example = example_of(alike)
            place = paint(str(example.contract), "cyan")
            lines.append(f"  {place}: {sentence(example)}{likewise(alike, result.most)}")
        rest = counts[rule] - sum(map(len, group[:most]))
        if rest:
            lines.append(f"  ... and {rest} more")
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
    hint = "; every one of them with --max 0" if _is_shortened(result) else ""
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
    if result.coverage is not None:
        lines += coverage_lines(result.coverage, paint)
    return text_of([*lines, _fuzz_summary(result, paint)])


def finding_lines(finding: ReportedFinding) -> Iterator[str]:
    """The lines of one finding: its message, what has the same cause, then each request with its response."""
    times = f", {finding.total} times" if finding.total > 1 else ""
    yield f"  {finding.message} ({finding.place}{times}{how_again(finding)})"
    yield from (f"    {line}" for line in related_lines(finding))
    if finding.clause:
        yield f"    {finding.clause[0]}"
    for step in finding.steps:
        yield f"    {step.curl}"
        yield from (f"      {line}" for line in _response_lines(step.response))


def how_again(finding: ReportedFinding) -> str:
    """What is told of a finding that is not seen each time; "" for any other."""
    seen, tried = finding.tries or (0, 0)
    if seen:
        return f", only sometimes: {seen} of {tried} times when it was sent again"
    return ", but not when the request was sent again" if finding.seen_again is False else ""


def related_lines(finding: ReportedFinding) -> Iterator[str]:
    """Where else the same is wrong, and what follows from it."""
    operations = finding.operations[1:]
    if operations:
        yield f"also in {shortened(operations, _MOST_RELATED)}"
    for each in finding.places[:_MOST_RELATED]:
        yield f"likewise {each.subject}: {each.message} ({each.place})"
    if len(finding.places) > _MOST_RELATED:
        yield f"likewise in {len(finding.places) - _MOST_RELATED} more places"
    for each in finding.consequences[:_MOST_RELATED]:
        yield f"from which follows, {each.rule}, {each.subject}: {each.message}"


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
