"""The coverage of contracts for a person at a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tallystick.nouns.words import counted, shortened
from tallystick.reports.colours import Paint, painter
from tallystick.reports.covered import CoverageReport, CoverageResult, UnseenPart

_LISTED = 5
"""How many parts of a kind are named where a coverage is not all that is told."""
_BAR = 20


def coverage_lines(result: CoverageResult, paint: Paint) -> Iterator[str]:
    """A coverage in few lines: its figures, and of each kind the first parts that were never seen."""
    if not result.whole.total:
        return
    kinds = ", ".join(f"{kind} {figure}" for kind, figure in result.kinds.items())
    yield f"{paint(f'coverage: {result.whole.percent:g} % of the contract', 'bold')} ({kinds})"
    for kind, parts in result.unseen_by_kind().items():
        yield f"  never seen, {kind}: {_names(parts)}"
    yield from (paint(shortfall, "red", "bold") for shortfall in result.shortfalls)


def _names(parts: Sequence[UnseenPart]) -> str:
    return shortened([part.text for part in parts], _LISTED)


def coverage(report: CoverageReport) -> str:
    """A table by kind for each contract, what was never seen by name, and the figures."""
    from tallystick.reports.text import text_of

    paint = painter(report.colour)
    lines: list[str] = []
    for result in report.results:
        lines += _table(result, paint)
        lines += _unseen(result, report.most, paint)
        lines += [paint(shortfall, "red", "bold") for shortfall in result.shortfalls]
        title = f"{result.file} ({result.title})" if result.title else result.file
        figure = f"{result.whole.percent:g} % ({result.whole} parts)"
        lines += [f"{paint(title, 'bold')}: {paint(figure, 'bold')}, {counted(result.exchanges, 'exchange', ',')}", ""]
    lines += [f"{paint('note:', 'yellow')} {note}" for note in report.notes]
    return text_of(lines if lines and lines[-1] else lines[:-1])


def _table(result: CoverageResult, paint: Paint) -> Iterator[str]:
    names = max(map(len, result.kinds), default=0)
    figures = max((len(str(figure)) for figure in result.kinds.values()), default=0)
    for kind, figure in result.kinds.items():
        full = int(_BAR * figure.seen / figure.total)
        bar = paint("█" * full, "green") + "░" * (_BAR - full)
        yield f"{kind:<{names}}  {figure!s:>{figures}}  {bar}  {figure.percent:g} %"


def _unseen(result: CoverageResult, most: int, paint: Paint) -> Iterator[str]:
    for kind, parts in result.unseen_by_kind().items():
        yield ""
        yield paint(f"never seen, {kind}:", "bold")
        shown = parts[:most] if most else parts
        yield from (f"  {part.text} ({part.place})" for part in shown)
        if len(parts) > len(shown):
            yield f"  ... and {len(parts) - len(shown):,} more; all of them with --max 0"
    yield ""
