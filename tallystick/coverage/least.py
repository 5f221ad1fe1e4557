"""The least coverage that a user asks for, of a contract as a whole or of one kind of its parts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from tallystick.coverage.parts import Kind
from tallystick.nouns.errors import UsageError
from tallystick.nouns.words import unknown
from tallystick.reports.covered import CoverageResult


class LeastCoverage(NamedTuple):
    """How many percent of the parts of a kind must be seen; of all parts together if `kind` is None."""

    percent: float
    kind: Kind | None = None


def least_coverage(flag: str, text: str) -> LeastCoverage:
    """What `80` or `statuses=90` asks for; raises `UsageError` for what is neither."""
    name, equals, number = text.rpartition("=")
    kinds = {kind.replace(" ", "-"): kind for kind in Kind}
    wanted = name.strip().lower().replace(" ", "-").replace("_", "-")
    if equals and wanted not in kinds:
        raise UsageError(f"{flag} {text}: {unknown('kind', wanted, kinds)}")
    try:
        percent = float(number.strip().removesuffix("%"))
    except ValueError:
        percent = -1.0
    if not 0 <= percent <= 100:
        raise UsageError(f"{flag} {text}: a percentage from 0 to 100 was expected, as in 80 or statuses=90")
    return LeastCoverage(percent, kinds[wanted] if equals else None)


def shortfalls(result: CoverageResult, asked: Sequence[LeastCoverage]) -> list[str]:
    """Where a coverage is less than was asked for, a sentence each."""
    sentences: list[str] = []
    for percent, kind in asked:
        figure = result.kinds.get(kind) if kind is not None else result.whole
        if figure is not None and figure.percent < percent:
            what = f"the coverage of {kind}" if kind is not None else "the coverage"
            sentences.append(f"{what} is {figure.percent:g} % ({figure}), and {percent:g} % were asked for")
    return sentences
