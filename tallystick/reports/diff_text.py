"""The report of a diff for a person at a terminal."""

from __future__ import annotations

from collections.abc import Iterator

from tallystick.nouns.change import Change, Grade
from tallystick.nouns.printing import printable
from tallystick.nouns.words import counted, shortened
from tallystick.reports.colours import Paint, painter
from tallystick.reports.curl import curl
from tallystick.reports.results import DiffResult

_COLOURS = {Grade.BREAKING: "red", Grade.WARNING: "yellow", Grade.INFO: "cyan"}
_MOST_OPERATIONS = 3
_MOST_BODY = 400


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
    return "".join(f"{printable(line)}\n" for line in [*lines, _summary(result, paint)])


def _lines(change: Change, origin: str, paint: Paint) -> Iterator[str]:
    yield f"  {paint(f'{change.grade} {change.rule}', _COLOURS[change.grade])}: {change.message}"
    places = [f"{side} {place}" for side, place in (("old", change.old), ("new", change.new)) if place is not None]
    yield f"    {paint(', '.join(places), 'cyan')}"
    if change.others:
        yield f"    also in {shortened(change.others, _MOST_OPERATIONS)}"
    if change.witness is not None and change.grade is not Grade.INFO:
        request, response = change.witness.exchange
        who = "the old contract does not allow this response" if _is_about_response(change) else "refused now"
        yield f"    {who}: {change.witness.reason}"
        yield f"      {curl(request, origin)}"
        if response is not None:
            body = response.body.decode("utf-8", "replace")
            yield f"      {response.status} {body if len(body) <= _MOST_BODY else body[:_MOST_BODY] + '...'}".rstrip()


def _is_about_response(change: Change) -> bool:
    """Whether it is the response of the witness that the old contract does not allow."""
    return change.rule.startswith("response-") and change.rule != "response-media-type-removed"


def _summary(result: DiffResult, paint: Paint) -> str:
    if not result.changes:
        return paint("no change", "green")
    counts = {grade: sum(change.grade is grade for change in result.changes) for grade in Grade}
    texts = [f"{count} {grade}" for grade, count in counts.items() if count]
    proven = sum(change.witness is not None for change in result.changes if change.grade is Grade.BREAKING)
    witnessed = f" ({proven} of the breaking ones with a witness)" if counts[Grade.BREAKING] else ""
    style = "red" if counts[Grade.BREAKING] else "bold"
    return f"{paint(counted(len(result.changes), 'change'), style)}: {', '.join(texts)}{witnessed}"
