"""The command `tallystick` itself, and models of contracts, beside the tools that they are compared with."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks.contracts import OPENAPI
from benchmarks.measure import Effort
from benchmarks.processes import FinishedCommand, progress, run_command
from benchmarks.results import ROOT, WORK, Promise, Table, median, number

CORPUS = Path(os.environ.get("TALLYSTICK_CORPUS", ROOT.parent / "shared" / "corpus"))
TALLYSTICK = [sys.executable, "-m", "tallystick"]
DETECTION = ROOT / "openapi" / "detection-sessions.yaml"
_LONG_SECONDS = 15.0
"""A command that takes longer is run only once."""


def cli(effort: Effort) -> Table:
    """The command itself, and the check of a small contract."""
    table = Table("The command itself", ["command", "processor s", "range"])
    for limit, words in ((0.15, ["--help"]), (0.5, ["check", str(DETECTION)])):
        runs = [run_command([*TALLYSTICK, *words]) for _ in range(max(effort.rounds, 3))]
        seconds = [run.processor_seconds for run in runs]
        shown = f"tallystick {words[0]}" + (f" {Path(words[1]).name}" if words[1:] else "")
        table.rows.append([shown, number(median(seconds)), f"{number(min(seconds))} to {number(max(seconds))}"])
        table.promises.append(Promise(f"`{shown}`, processor time", median(seconds), limit, False, " s"))
        table.raw[shown] = seconds
    return table


def models(effort: Effort) -> Table:
    """Models of some documents, by us and by datamodel-code-generator as it comes."""
    columns = ["document", "tallystick, processor s", "datamodel-code-generator", "tallystick, of it"]
    table = Table("Models", columns)
    files = [*OPENAPI, *(CORPUS / name for name in ("museum.yaml", "discord.json", "stripe.yaml"))]
    for file in files:
        if not file.exists():
            continue
        folder = WORK / "models" / file.stem
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        ours = run_several([*TALLYSTICK, "models", "-o", str(folder), str(file)], effort)
        theirs = run_several(_datamodel_codegen(file), effort)
        our_seconds, their_seconds = ([run.processor_seconds for run in runs] for runs in (ours, theirs))
        table.raw[file.name] = {"ours": our_seconds, "theirs": their_seconds}
        endings = [f" (exit {runs[-1].code})" if runs[-1].code else "" for runs in (ours, theirs)]
        ratio = number(median(our_seconds) / median(their_seconds)) if not any(endings) else "-"
        cells = [number(median(our_seconds)) + endings[0], number(median(their_seconds)) + endings[1]]
        table.rows.append([file.name, *cells, ratio])
        progress("  " + "  ".join(table.rows[-1]))
    table.notes.append("datamodel-code-generator formats with black and isort, and follows the schemas only.")
    return table


def _datamodel_codegen(file: Path) -> list[str]:
    """The command of datamodel-code-generator for a document."""
    program, output = Path(sys.executable).parent / "datamodel-codegen", WORK / "models" / f"{file.stem}.py"
    return [
        *(str(program), "--input", str(file), "--output", str(output)),
        *("--input-file-type", "openapi", "--output-model-type", "pydantic_v2.BaseModel"),
    ]


def run_several(words: Sequence[str], effort: Effort) -> list[FinishedCommand]:
    """Run a command once per round, or only once where it takes long."""
    folder = WORK / "empty"  # no tool finds a configuration there
    folder.mkdir(parents=True, exist_ok=True)
    runs = [run_command(words, effort.limit, folder)]
    while len(runs) < effort.rounds and runs[0].seconds < _LONG_SECONDS:
        runs.append(run_command(words, effort.limit, folder))
    return runs


def ending(run: FinishedCommand, effort: Effort) -> str:
    """How a run ended, where that was not with success."""
    if run.code == 0:
        return ""
    return f" ({effort.limit:.0f} s and no end)" if run.code == -1 else f" (exit {run.code})"
