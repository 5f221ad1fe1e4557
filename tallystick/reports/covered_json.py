"""The coverage of contracts for a program."""

from __future__ import annotations

from tallystick.reports.covered import CoverageReport, CoverageResult
from tallystick.reports.json import covered, figure_value, written


def coverage(report: CoverageReport) -> str:
    """The figures of each contract by kind and by operation, what was never seen, and the record that is read again."""
    contracts = [_contract(result) for result in report.results]
    return written({"coverages": contracts, "notes": list(report.notes)})


def _contract(result: CoverageResult) -> dict[str, object]:
    operations = {
        label: {kind: figure_value(figure) for kind, figure in kinds.items()}
        for label, kinds in result.operations.items()
    }
    return {
        "contract": result.file,
        "title": result.title,
        "exchanges": result.exchanges,
        **covered(result),
        "operations": operations,
    }
