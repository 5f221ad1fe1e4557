"""The coverage of a contract for a person at a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tallystick.nouns.words import shortened
from tallystick.reports.colours import Paint
from tallystick.reports.covered import CoverageResult, UnseenPart

_LISTED = 5
"""How many parts of a kind are named where a coverage is not all that is told."""


def coverage_lines(result: CoverageResult, paint: Paint) -> Iterator[str]:
    """A coverage in few lines: its figures, and of each kind the first parts that were never seen."""
    if not result.whole.total:
        return
    kinds = ", ".join(f"{kind} {figure}" for kind, figure in result.kinds.items())
    yield f"{paint(f'coverage: {result.whole.percent:g} % of the contract', 'bold')} ({kinds})"
    for kind, parts in result.unseen_by_kind().items():
        yield f"  never seen, {kind}: {_names(parts)}"


def _names(parts: Sequence[UnseenPart]) -> str:
    return shortened([part.text for part in parts], _LISTED)
