"""The result of a step, and the file that keeps the numbers of all steps."""

from __future__ import annotations

import json
import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
WORK = ROOT / ".bench"
RESULTS = WORK / "results.json"


@dataclass(frozen=True)
class Promise:
    """A promised figure: `value` must be at least, or at most, `limit`."""

    what: str
    value: float
    limit: float
    at_least: bool = True
    unit: str = ""

    @property
    def kept(self) -> bool:
        """Whether the measured figure keeps the promise."""
        return self.value >= self.limit if self.at_least else self.value <= self.limit


@dataclass
class Table:
    """The result of one step: rows of text for people, promises, and the raw numbers."""

    title: str
    columns: Sequence[str]
    rows: list[list[str]] = field(default_factory=list)
    promises: list[Promise] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    raw: dict[str, Any] = field(default_factory=dict)
    date: str = ""
    rounds: int = 0
    load: float = 0.0


def saved() -> dict[str, Table]:
    """The saved table of each step that was ever run."""
    if not RESULTS.exists():
        return {}
    tables = json.loads(RESULTS.read_text())["steps"]
    return {
        step: Table(**{**table, "promises": [Promise(**promise) for promise in table["promises"]]})
        for step, table in tables.items()
    }


def save(tables: dict[str, Table], versions: dict[str, str]) -> None:
    """Write all tables, with their raw numbers, to `.bench/results.json`."""
    WORK.mkdir(exist_ok=True)
    steps = {step: asdict(table) for step, table in tables.items()}
    RESULTS.write_text(json.dumps({"versions": versions, "steps": steps}, indent=1) + "\n")


def median(values: Sequence[float]) -> float:
    """The median; NaN where there are no values."""
    return statistics.median(values) if values else float("nan")


def ratio_cells(values: Sequence[float], reference: Sequence[float]) -> list[str]:
    """The ratio of two medians, and the range of the ratios of single rounds."""
    singles = [value / other for value, other in zip(values, reference, strict=True) if other]
    if not singles or not median(reference):
        return ["-", "-"]
    return [number(median(values) / median(reference)), f"{number(min(singles))} to {number(max(singles))}"]


def number(value: float) -> str:
    """A number in three digits: 0.0123, 1.23, 12.3, 1,230."""
    if value != value:
        return "-"
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}" if abs(value) < 1 else f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"
