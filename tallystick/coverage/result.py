"""The coverage of a contract in figures, for the reports."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace

from tallystick.coverage.coverage import Coverage
from tallystick.coverage.least import LeastCoverage, shortfalls
from tallystick.coverage.parts import Kind, Part
from tallystick.reports.covered import CoverageResult, Figure, UnseenPart


def coverage_result(coverage: Coverage, asked: Sequence[LeastCoverage] = ()) -> CoverageResult:
    """How much of its contract a coverage has seen, and where that is less than was asked for."""
    contract, parts = coverage.contract, coverage.parts
    unseen = coverage.never_seen()
    by_operation: dict[str, list[Part]] = {operation.label: [] for operation in coverage.operations}
    for part in parts:
        if part.subject in by_operation:
            by_operation[part.subject].append(part)
    result = CoverageResult(
        contract.file,
        contract.title,
        coverage.exchanges,
        Figure(len(parts) - len(unseen), len(parts)),
        _figures(coverage, parts),
        {label: _figures(coverage, parts_of_it) for label, parts_of_it in by_operation.items()},
        [UnseenPart(part.kind, part.subject, part.name, str(part), parts[part]) for part in unseen],
        coverage.to_json(),
    )
    return replace(result, shortfalls=shortfalls(result, asked))


def _figures(coverage: Coverage, parts: Iterable[Part]) -> dict[str, Figure]:
    """The figure of each kind that there is, in the order of the kinds."""
    totals: Counter[Kind] = Counter()
    seen: Counter[Kind] = Counter()
    for part in parts:
        totals[part.kind] += 1
        seen[part.kind] += part in coverage.seen
    return {kind: Figure(seen[kind], totals[kind]) for kind in Kind if totals[kind]}
