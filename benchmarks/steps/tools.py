"""check, models, fuzz and the command itself, beside the tools that they stand on or are compared with."""

from __future__ import annotations

import csv
import json
import os
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks import peers
from benchmarks.contracts import OPENAPI, Asked
from benchmarks.measure import Effort
from benchmarks.processes import LOAD_CORE, Done, ask, command, free_port, served, tell
from benchmarks.results import ROOT, WORK, Promise, Table, median, number

CORPUS = Path(os.environ.get("TALLYSTICK_CORPUS", ROOT.parent / "shared" / "corpus"))
_TALLYSTICK = [sys.executable, "-m", "tallystick"]
_VALIDATOR = "openapi-spec-validator"
_LONG = 15.0
"""Seconds from which a command is run once only."""
_DETECTION = ROOT / "openapi" / "detection-sessions.yaml"
_TOKEN = "benchmark"


def cli(effort: Effort) -> Table:
    """The command itself, and the check of a small contract."""
    table = Table("The command itself", ["command", "processor s", "range"])
    for limit, words in ((0.15, ["--help"]), (0.5, ["check", str(_DETECTION)])):
        taken = [command([*_TALLYSTICK, *words]) for _ in range(max(effort.rounds, 3))]
        used = [one.processor for one in taken]
        shown = f"tallystick {words[0]}" + (f" {Path(words[1]).name}" if words[1:] else "")
        table.rows.append([shown, number(median(used)), f"{number(min(used))} to {number(max(used))}"])
        table.promises.append(Promise(f"`{shown}`, processor time", median(used), limit, False, " s"))
        table.raw[shown] = used
    return table


def check(effort: Effort) -> Table:
    """The ten largest documents of the corpus, by everybody who checks documents."""
    columns = ["document", "MB", "operations", "tallystick", _VALIDATOR, f"{_VALIDATOR}, all errors", "vacuum"]
    columns.append("Redocly CLI")
    table = Table("Checking the ten largest documents of the corpus: seconds of the processor", columns)
    if not CORPUS.is_dir():
        table.notes.append(f"no corpus at {CORPUS}; TALLYSTICK_CORPUS may name one")
        return table
    vacuum = _vacuum(table)
    if reason := peers.install(peers.REDOCLY):
        table.notes.append(f"Redocly CLI: {reason}")
    totals = dict.fromkeys(columns[3:], 0.0)
    for row in _largest(10):
        file = CORPUS / row["file"]
        allow = ["--allow-ref", str(CORPUS / Path(row["file"]).parts[0])] if row["layout"] == "multi" else []
        tools: dict[str, Sequence[str]] = {
            "tallystick": [*_TALLYSTICK, "check", *allow, str(file)],
            _VALIDATOR: [sys.executable, "-m", "openapi_spec_validator", str(file)],
            columns[5]: [sys.executable, "-m", "openapi_spec_validator", "--validation-errors", "all", str(file)],
        }
        if vacuum:
            tools["vacuum"] = [*vacuum, "-p", str(file.parent), str(file)]
        if peers.REDOCLY.path.exists():
            tools["Redocly CLI"] = ["node", str(peers.REDOCLY.path), "lint", str(file)]
        cells = [row["file"] if len(row["file"]) < 40 else Path(row["file"]).name]
        cells += [f"{int(row['bytes']) / 1e6:.1f}", row["operations"]]
        for tool in columns[3:]:
            if tool not in tools:
                cells.append("-")
                continue
            runs = _several(tools[tool], effort)
            used = median([run.processor for run in runs])
            totals[tool] += used
            table.raw.setdefault(tool, {})[row["file"]] = [[run.code, run.processor, run.seconds] for run in runs]
            code = runs[-1].code
            mark = "" if code == 0 else f" ({effort.limit:.0f} s and no end)" if code == -1 else f" (exit {code})"
            cells.append(number(used) + mark)
        table.rows.append(cells)
        tell("  " + "  ".join(cells))
    table.rows.append(["in sum", "", "", *(number(totals[tool]) if totals[tool] else "-" for tool in columns[3:])])
    share = totals["tallystick"] / totals[_VALIDATOR]
    table.promises.append(Promise("check, of openapi-spec-validator's default", share, 0.2, False))
    table.notes.append(
        "Each is run as it comes, on one core. openapi-spec-validator stops at the first error, or where it cannot "
        "read a document; an exit other than 0 says that a tool found something, or gave up."
    )
    whole = [file for file, runs in table.raw[_VALIDATOR].items() if runs[-1][0] == 0]
    if whole:
        ours, theirs = (
            sum(median([used for _, used, _ in table.raw[tool][file]]) for file in whole)
            for tool in ("tallystick", _VALIDATOR)
        )
        table.notes.append(
            f"On the {len(whole)} documents that openapi-spec-validator goes through to the end, tallystick takes "
            f"{number(ours / theirs)} of its time."
        )
    return table


def _vacuum(table: Table) -> list[str]:
    reason = peers.install(peers.VACUUM)
    if not reason:
        return [str(peers.VACUUM.path), "lint", "-b", "-x"]
    older = peers.install(peers.OLD_VACUUM)
    stands = older or f"measured from {peers.OLD_VACUUM.packages[0]} instead, which is older"
    table.notes.append(f"vacuum {peers.VACUUM.version}: {reason}; {stands}")
    return [] if older else [str(peers.OLD_VACUUM.path), "lint", "-b", "-x"]


def _largest(count: int) -> list[dict[str, str]]:
    with (CORPUS / "INDEX.tsv").open() as index:
        rows = list(csv.DictReader(index, delimiter="\t"))
    return sorted(rows, key=lambda row: -int(row["bytes"]))[:count]


def _several(words: Sequence[str], effort: Effort) -> list[Done]:
    """A command as often as there are rounds, or once where it takes long."""
    folder = WORK / "empty"  # no tool finds a configuration there
    folder.mkdir(parents=True, exist_ok=True)
    runs = [command(words, effort.limit, folder)]
    while len(runs) < effort.rounds and runs[0].seconds < _LONG:
        runs.append(command(words, effort.limit, folder))
    return runs


def models(effort: Effort) -> Table:
    """Models of some documents, by us and by datamodel-code-generator as it comes."""
    columns = ["document", "tallystick, processor s", "datamodel-code-generator", "tallystick, of it"]
    table = Table("Models", columns)
    files = [*OPENAPI, *(CORPUS / name for name in ("museum.yaml", "discord.json", "stripe.yaml"))]
    for file in files:
        if not file.exists():
            continue
        ours, theirs = WORK / "models" / file.stem, WORK / "models" / f"{file.stem}.py"
        shutil.rmtree(ours, ignore_errors=True)
        ours.mkdir(parents=True)
        plain = [str(Path(sys.executable).parent / "datamodel-codegen"), "--input", str(file), "--output", str(theirs)]
        plain += ["--input-file-type", "openapi", "--output-model-type", "pydantic_v2.BaseModel"]
        mine = _several([*_TALLYSTICK, "models", "-o", str(ours), str(file)], effort)
        other = _several(plain, effort)
        used, used_there = (median([run.processor for run in runs]) for runs in (mine, other))
        table.raw[file.name] = {"ours": [run.processor for run in mine], "theirs": [run.processor for run in other]}
        codes = [f" (exit {runs[-1].code})" if runs[-1].code else "" for runs in (mine, other)]
        ratio = number(used / used_there) if not any(codes) else "-"
        table.rows.append([file.name, number(used) + codes[0], number(used_there) + codes[1], ratio])
        tell("  " + "  ".join(table.rows[-1]))
    table.notes.append("datamodel-code-generator formats with black and isort, and follows the schemas only.")
    return table


def fuzz(effort: Effort) -> Table:
    """A fuzz run of our mock by us, over HTTP and in process, and by `st run`: the same seeds and number of cases."""
    columns = ["run", "requests", "seconds", "requests/s", "processor ms each", "of st run"]
    table = Table("Fuzzing the mock of detection-sessions.yaml: one worker, the same seeds", columns)
    runs: dict[str, list[tuple[int, Done]]] = {
        "st run over HTTP": [],
        "tallystick over HTTP": [],
        "tallystick in process": [],
    }
    examples = str(max(100, int(100 * effort.seconds)))
    folder = WORK / "fuzz"
    folder.mkdir(parents=True, exist_ok=True)
    config = folder / "schemathesis.toml"
    config.write_text(_CONFIGURATION)
    for turn in range(min(effort.rounds, 5)):
        seed = str(turn + 1)
        settings = ["--seed", seed, "--max-examples", examples]
        st = [str(Path(sys.executable).parent / "st"), "--config-file", str(config), "run", str(_DETECTION), *settings]
        ours = [*_TALLYSTICK, "fuzz", str(_DETECTION), "--bearer", _TOKEN, *settings]
        runs["st run over HTTP"].append(_over_http([*st, "-w", "1"], effort.limit))
        runs["tallystick over HTTP"].append(_over_http(ours, effort.limit))
        count = folder / "count"
        os.environ.update(BENCH_DOCUMENT=str(_DETECTION), BENCH_COUNT=str(count))
        done = command(
            [*ours, "--app", "benchmarks.counted:app", "--url", "http://127.0.0.1/detection-sessions"],
            effort.limit,
            core=LOAD_CORE,
        )
        del os.environ["BENCH_DOCUMENT"], os.environ["BENCH_COUNT"]
        runs["tallystick in process"].append((int(count.read_text()), done))
        told = (f"{name} {each[-1][0]} in {each[-1][1].seconds:.1f} s" for name, each in runs.items())
        tell(f"  round {turn + 1}: " + ", ".join(told))
    rates: dict[str, float] = {}
    costs: dict[str, float] = {}
    for name, each in runs.items():
        rates[name] = median([count / done.seconds for count, done in each])
        costs[name] = median([1000 * done.processor / count for count, done in each if count])
        ratio = number(rates[name] / rates["st run over HTTP"])
        cells = [f"{median([count for count, _ in each]):,.0f}", number(median([done.seconds for _, done in each]))]
        table.rows.append([name, *cells, number(rates[name]), number(costs[name]), ratio])
        table.raw[name] = [[count, done.code, done.seconds, done.processor] for count, done in each]
        if codes := {done.code for _, done in each} - {0}:
            table.notes.append(f"{name} ended with {', '.join(map(str, sorted(codes)))}: it found something, or failed")
    over = 100 * (costs["tallystick over HTTP"] / costs["st run over HTTP"] - 1)
    table.promises.append(Promise("fuzz: processor time of a case, over st run", over, 15, False, " %"))
    faster = rates["tallystick in process"] / rates["st run over HTTP"]
    table.promises.append(Promise("fuzz in process: cases a second, of st run over HTTP", faster, 2))
    table.notes.append("The requests are counted where they arrive; in process, the processor time is the mock's, too.")
    return table


_CONFIGURATION = f"""# As tallystick sets Schemathesis: nothing is kept from run to run, no redirect is followed.
max-redirects = 0
request-timeout = 10
[cache]
enabled = false
[generation]
database = "none"
[analysis.constants]
enabled = false
[auth]
auto-signup = false
[auth.openapi.bearerAuth]
bearer = "{_TOKEN}"
"""


def _over_http(words: Sequence[str], limit: float) -> tuple[int, Done]:
    """How many requests a fresh mock got from a run, and the run."""
    port = free_port()
    counting = Asked("GET", "/-/count")
    server = [sys.executable, "-m", "benchmarks.counted", str(port), str(_DETECTION)]
    with served("counted", server, port, counting):
        done = command([*words, "--url", f"http://127.0.0.1:{port}/detection-sessions"], limit, core=LOAD_CORE)
        _, body = ask(port, counting)
    return json.loads(body), done
