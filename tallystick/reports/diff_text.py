"""The report of a diff for a person at a terminal."""

from __future__ import annotations

from collections.abc import Iterator

from tallystick.nouns.change import Change, Grade
from tallystick.nouns.printing import printable
from tallystick.nouns.words import shortened
from tallystick.reports.colours import Paint, painter
from tallystick.reports.diff_shown import advice, consumers, places, refusal, summary, witness_lines
from tallystick.reports.results import DiffResult

_COLOURS = {Grade.BREAKING: "red", Grade.WARNING: "yellow", Grade.INFO: "cyan"}
_MOST_OPERATIONS = 3


def diff(result: DiffResult) -> str:
    """The changes by operation, breaking ones first, each with its witness; then a line that sums them up."""
    paint = painter(result.colour)
    lines: list[str] = []
    groups: dict[str, list[Change]] = {}
    for change in result.changes:
        groups.setdefault(change.operation, []).append(change)
    for operation, changes in groups.items():
        lines.append(paint(operation or "the contract", "bold"))
        for change in changes:
            lines += _lines(change, result.origin, paint)
        lines.append("")
    has_breaking = any(change.grade is Grade.BREAKING for change in result.changes)
    style = "red" if has_breaking else "bold" if result.changes else "green"
    first, colon, rest = summary(result).partition(":")
    lines += [f"{paint(first, style)}{colon}{rest}", *advice(result), *result.notes]
    return "".join(f"{printable(line)}\n" for line in lines)


def _lines(change: Change, origin: str, paint: Paint) -> Iterator[str]:
    yield f"  {paint(f'{change.grade} {change.rule}', _COLOURS[change.grade])}: {change.message}"
    yield f"    {paint(places(change), 'cyan')}"
    if change.others:
        yield f"    also in {shortened(change.others, _MOST_OPERATIONS)}"
    if change.grade is Grade.INFO:
        return
    if change.witness is not None:
        yield f"    {refusal(change)}: {change.witness.reason}"
        yield from (f"      {line}" for line in witness_lines(change.witness, origin))
    if seen := consumers(change):
        yield f"    {seen}"
