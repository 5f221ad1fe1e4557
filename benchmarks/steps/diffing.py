"""Two versions of a large document, compared by tallystick and by another tool that compares documents."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from benchmarks import peers
from benchmarks.measure import Effort
from benchmarks.processes import progress
from benchmarks.results import WORK, Promise, Table, median, number
from benchmarks.steps.tools import CORPUS, TALLYSTICK, ending, run_several

_OURS, _PEER = "tallystick", "openapi-diff (npm)"
_GITHUB = CORPUS / "github.json"
_CHANGES = 10
_METHODS = ("get", "put", "post", "delete", "patch")
_MOST = {_CHANGES: (4.0, 400.0), 0: (2.0, 400.0)}
"""The most processor time, in seconds, and memory, in MB, by the number of changes."""


def diff(effort: Effort) -> Table:
    """GitHub's document against itself, and against itself with ten changes that break a client."""
    columns = ["tool", "changes", "processor s", "range", "MB"]
    table = Table("Two versions of GitHub's document (1,200 operations) compared", columns)
    if not _GITHUB.exists():
        table.notes.append(f"no {_GITHUB.name} in {CORPUS}; TALLYSTICK_CORPUS may name a folder that has it")
        return table
    commands: dict[str, Callable[[Path], Sequence[str]]] = {
        _OURS: lambda new: [*TALLYSTICK, "diff", str(_GITHUB), str(new)]
    }
    if reason := peers.install(peers.OPENAPI_DIFF):
        table.notes.append(f"{_PEER}: {reason}")
    else:
        commands[_PEER] = lambda new: [str(peers.OPENAPI_DIFF.path), str(_GITHUB), str(new)]
    for changes in (0, _CHANGES):
        new = _changed(changes)
        for name, command in commands.items():
            runs = run_several(command(new), effort)
            seconds = [run.processor_seconds for run in runs]
            megabytes = max(run.megabytes for run in runs)
            table.raw[f"{name}, {changes} changes"] = {"seconds": seconds, "megabytes": megabytes}
            spread = f"{number(min(seconds))} to {number(max(seconds))}"
            shown = number(median(seconds)) + ending(runs[-1], effort)
            table.rows.append([name, str(changes), shown, spread, number(megabytes)])
            progress("  " + "  ".join(table.rows[-1]))
            if name == _OURS:
                what, (most_seconds, most_megabytes) = f"diff of GitHub's document, {changes} changes", _MOST[changes]
                table.promises.append(Promise(f"{what}, processor time", median(seconds), most_seconds, False, " s"))
                table.promises.append(Promise(f"{what}, memory", megabytes, most_megabytes, False, " MB"))
    table.notes.append("Half of the changes remove an operation, half require a query parameter that was not there.")
    return table


def _changed(changes: int) -> Path:
    """A copy of GitHub's document with so many changes, spread over its operations."""
    document = json.loads(_GITHUB.read_bytes())
    operations = [(item, method) for item in document["paths"].values() for method in _METHODS if method in item]
    for number_of_change in range(changes):
        item, method = operations[number_of_change * len(operations) // changes]
        _change(item, method, is_removed=number_of_change % 2 == 0)
    file = WORK / "diff" / f"github-{changes}-changes.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(document, indent=1))
    return file


def _change(item: dict[str, Any], method: str, is_removed: bool) -> None:
    if is_removed:
        del item[method]
    else:
        parameter = {"name": "sown", "in": "query", "required": True, "schema": {"type": "string"}}
        item[method].setdefault("parameters", []).append(parameter)
