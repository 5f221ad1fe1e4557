"""Documents checked by tallystick and by other tools that check documents."""

from __future__ import annotations

import csv
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks import peers
from benchmarks.measure import Effort
from benchmarks.processes import progress
from benchmarks.results import Promise, Table, median, number
from benchmarks.steps.tools import CORPUS, TALLYSTICK, ending, run_several

_OURS, _VALIDATOR, _REDOCLY = "tallystick", "openapi-spec-validator", "Redocly CLI"
_VALIDATOR_ALL = f"{_VALIDATOR}, all errors"
_TOOLS = (_OURS, _VALIDATOR, _VALIDATOR_ALL, "vacuum", _REDOCLY)


def check(effort: Effort) -> Table:
    """The ten largest documents of the corpus, checked by every tool."""
    table = Table(
        "Checking the ten largest documents of the corpus: seconds of the processor",
        ["document", "MB", "operations", *_TOOLS],
    )
    if not CORPUS.is_dir():
        table.notes.append(f"no corpus at {CORPUS}; TALLYSTICK_CORPUS may name one")
        return table
    vacuum = _vacuum(table)
    if reason := peers.install(peers.REDOCLY):
        table.notes.append(f"{_REDOCLY}: {reason}")
    totals = dict.fromkeys(_TOOLS, 0.0)
    for row in _largest(10):
        _check_document(table, row, vacuum, totals, effort)
    table.rows.append(["in sum", "", "", *(number(totals[tool]) if totals[tool] else "-" for tool in _TOOLS)])
    share = totals[_OURS] / totals[_VALIDATOR]
    table.promises.append(Promise("check, of openapi-spec-validator's default", share, 0.2, False))
    table.notes.append(
        "Each is run as it comes, on one core. openapi-spec-validator stops at the first error, or where it cannot "
        "read a document; an exit other than 0 says that a tool found something, or gave up."
    )
    _compare_complete_runs(table)
    return table


def _check_document(
    table: Table, row: Mapping[str, str], vacuum: Sequence[str], totals: dict[str, float], effort: Effort
) -> None:
    """Add the row of one document, and its processor times to the totals."""
    commands = _commands(row, vacuum)
    name = row["file"] if len(row["file"]) < 40 else Path(row["file"]).name
    cells = [name, f"{int(row['bytes']) / 1e6:.1f}", row["operations"]]
    for tool in _TOOLS:
        if tool not in commands:
            cells.append("-")
            continue
        runs = run_several(commands[tool], effort)
        processor_seconds = median([run.processor_seconds for run in runs])
        totals[tool] += processor_seconds
        measured = [[run.code, run.processor_seconds, run.seconds] for run in runs]
        table.raw.setdefault(tool, {})[row["file"]] = measured
        cells.append(number(processor_seconds) + ending(runs[-1], effort))
    table.rows.append(cells)
    progress("  " + "  ".join(cells))


def _commands(row: Mapping[str, str], vacuum: Sequence[str]) -> dict[str, Sequence[str]]:
    """The command with which each tool checks a document."""
    file = CORPUS / row["file"]
    allow = ["--allow-ref", str(CORPUS / Path(row["file"]).parts[0])] if row["layout"] == "multi" else []
    validator = [sys.executable, "-m", "openapi_spec_validator"]
    commands: dict[str, Sequence[str]] = {
        _OURS: [*TALLYSTICK, "check", *allow, str(file)],
        _VALIDATOR: [*validator, str(file)],
        _VALIDATOR_ALL: [*validator, "--validation-errors", "all", str(file)],
    }
    if vacuum:
        commands["vacuum"] = [*vacuum, "-p", str(file.parent), str(file)]
    if peers.REDOCLY.path.exists():
        commands[_REDOCLY] = ["node", str(peers.REDOCLY.path), "lint", str(file)]
    return commands


def _compare_complete_runs(table: Table) -> None:
    """Add a note on the documents that openapi-spec-validator checks to the end."""
    complete = [file for file, runs in table.raw[_VALIDATOR].items() if runs[-1][0] == 0]
    if not complete:
        return
    ours, theirs = (
        sum(median([seconds for _, seconds, _ in table.raw[tool][file]]) for file in complete)
        for tool in (_OURS, _VALIDATOR)
    )
    table.notes.append(
        f"On the {len(complete)} documents that openapi-spec-validator goes through to the end, tallystick takes "
        f"{number(ours / theirs)} of its time."
    )


def _vacuum(table: Table) -> list[str]:
    """The command of vacuum, or of an older release of it; empty where neither can be installed."""
    reason = peers.install(peers.VACUUM)
    if not reason:
        return [str(peers.VACUUM.path), "lint", "-b", "-x"]
    older_reason = peers.install(peers.OLD_VACUUM)
    instead = older_reason or f"measured from {peers.OLD_VACUUM.packages[0]} instead, which is older"
    table.notes.append(f"vacuum {peers.VACUUM.version}: {reason}; {instead}")
    return [] if older_reason else [str(peers.OLD_VACUUM.path), "lint", "-b", "-x"]


def _largest(count: int) -> list[dict[str, str]]:
    """The rows of the corpus's index for its largest documents."""
    with (CORPUS / "INDEX.tsv").open() as index:
        rows = list(csv.DictReader(index, delimiter="\t"))
    return sorted(rows, key=lambda row: -int(row["bytes"]))[:count]
