"""Reports as workflow commands of GitHub Actions, which show each message beside its line."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from tallystick.nouns.change import Grade
from tallystick.nouns.printing import inline, printable
from tallystick.nouns.violation import Place
from tallystick.reports.diff_shown import sentence as told
from tallystick.reports.diff_shown import summary
from tallystick.reports.findings import as_check, headline
from tallystick.reports.results import SPEC_VALIDATOR, CheckResult, DiffResult, FuzzResult, SecondOpinion, sentence
from tallystick.reports.text import check_summary, opinions

_LEVELS = {Grade.BREAKING: "error", Grade.WARNING: "warning", Grade.INFO: "notice"}
_NOWHERE = Place("")


def check(result: CheckResult) -> str:
    """A command for each violation and for what a second opinion has alone, and a summary."""
    lines = [
        _command(violation.severity, violation.contract, violation.rule, sentence(violation))
        for violation in result.violations
    ]
    lines += [line for opinion in result.opinions or () for line in _opinion(opinion)]
    plain = replace(result, colour=False)
    lines += [printable(line) for line in (check_summary(plain), *opinions(plain))]
    return "\n".join(lines) + "\n"


def fuzz(result: FuzzResult) -> str:
    """A command for each finding, beside the line of the contract that it breaks, and a summary."""
    violations = as_check(result).violations
    lines = [_command(each.severity, each.contract, each.rule, sentence(each)) for each in violations]
    return "\n".join([*lines, printable(headline(result))]) + "\n"


def diff(result: DiffResult) -> str:
    """A command for each change, on the line of the new contract; where it has none, on that contract as a whole."""
    lines = []
    for compared in result.compared:
        whole = (
            compared.new.place
            if compared.new is not None
            else compared.old.place
            if compared.old is not None
            else _NOWHERE
        )
        for change in compared.changes:
            place = change.new if change.new is not None else whole
            subject = f"{change.operation}: " if change.operation else ""
            lines.append(_command(_LEVELS[change.grade], place, change.rule, f"{subject}{told(change)}"))
        if compared.is_wrong_version:
            lines.append(_command("error", whole, "version", compared.advice))
    lines += [printable(line) for line in (summary(result), *result.notes)]
    return "\n".join(lines) + "\n"


def _opinion(opinion: SecondOpinion) -> Iterator[str]:
    """A notice for each error that only the other has, and one if it has no verdict."""
    if opinion.failure:
        yield _command("notice", opinion.place, SPEC_VALIDATOR, opinion.failure)
    for error in opinion.their_errors if opinion.differs else ():
        yield _command("notice", error.place or opinion.place, SPEC_VALIDATOR, error.message)


def _command(level: str, place: Place, title: str, message: str) -> str:
    where = f"file={_property(place.file)},line={max(place.line, 1)}"
    return f"::{level} {where},title={_property(title)}::{_data(message)}"


def _data(text: str) -> str:
    """A message of one or several lines, as GitHub's own toolkit writes it."""
    lines = [inline(line).replace("%", "%25") for line in text.split("\n")]
    return "%0A".join(lines)


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
