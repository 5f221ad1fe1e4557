"""The coverage of contracts in Markdown, as a comment or the summary of a step shows it."""

from __future__ import annotations

from collections.abc import Iterator

from tallystick.nouns.printing import printable
from tallystick.nouns.words import counted
from tallystick.reports.covered import CoverageReport, CoverageResult

_MOST = 50
_SPECIAL = {letter: f"\\{letter}" for letter in "\\`*_[]<>|#~"}


def coverage(report: CoverageReport) -> str:
    """A table by kind for each contract, one by operation, and what was never seen, folded."""
    lines = [line for result in report.results for line in _contract(result)]
    lines += [f"> {_plain(note)}" for note in report.notes]
    return "\n".join(map(printable, lines)) + "\n"


def _contract(result: CoverageResult) -> Iterator[str]:
    yield f"## Coverage of {_plain(result.title or result.file)}: {result.whole.percent:g} %"
    yield ""
    yield f"{result.whole} parts of {_code(result.file)} in {counted(result.exchanges, 'exchange', ',')}."
    for shortfall in result.shortfalls:
        yield from ("", f"**{_plain(shortfall)}**")
    yield from ("", "| kind | seen | of | % |", "|---|--:|--:|--:|")
    for kind, figure in result.kinds.items():
        yield f"| {kind} | {figure.seen:,} | {figure.total:,} | {figure.percent:g} |"
    yield from ("", "| operation | statuses | parameters | parts |", "|---|--:|--:|--:|")
    for label, kinds in list(result.operations.items())[:_MOST]:
        seen, total = sum(each.seen for each in kinds.values()), sum(each.total for each in kinds.values())
        cells = [str(kinds[kind]) if kind in kinds else "" for kind in ("statuses", "parameters")]
        yield f"| {_code(label)} | {cells[0]} | {cells[1]} | {seen:,} of {total:,} |"
    if len(result.operations) > _MOST:
        yield f"| {len(result.operations) - _MOST:,} more | | | |"
    for kind, parts in result.unseen_by_kind().items():
        yield from ("", f"<details><summary>Never seen: {kind} ({len(parts):,})</summary>", "")
        yield from (f"- {_code(part.text)} ({_plain(str(part.place))})" for part in parts[:_MOST])
        if len(parts) > _MOST:
            yield f"- and {len(parts) - _MOST:,} more"
        yield from ("", "</details>")
    yield ""


def _plain(text: str) -> str:
    return " ".join("".join(_SPECIAL.get(letter, letter) for letter in text).split())


def _code(text: str) -> str:
    """A text as code, which a table holds."""
    line = " ".join(text.split()).replace("|", "\\|")
    return f"`` {line} ``" if "`" in line else f"`{line}`"
