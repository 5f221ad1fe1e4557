"""Fuzz runs by tallystick and by `st run`, of our mock."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks.contracts import HttpRequest
from benchmarks.measure import Effort
from benchmarks.processes import LOAD_CORE, FinishedCommand, free_port, progress, run_command, send, served
from benchmarks.results import WORK, Promise, Table, median, number
from benchmarks.steps.tools import DETECTION, TALLYSTICK

_TOKEN = "benchmark"
_ST, _OVER_HTTP, _IN_PROCESS = "st run over HTTP", "tallystick over HTTP", "tallystick in process"
_FOLDER = WORK / "fuzz"
Run = tuple[int, FinishedCommand]
"""How many requests arrived, and the command that sent them."""

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


def fuzz(effort: Effort) -> Table:
    """A fuzz run by us, over HTTP and in process, and by `st run`: with the same seeds and number of cases."""
    columns = ["run", "requests", "seconds", "requests/s", "processor ms each", "of st run"]
    table = Table("Fuzzing the mock of detection-sessions.yaml: one worker, the same seeds", columns)
    _FOLDER.mkdir(parents=True, exist_ok=True)
    config = _FOLDER / "schemathesis.toml"
    config.write_text(_CONFIGURATION)
    examples = str(max(100, int(100 * effort.seconds)))
    runs: dict[str, list[Run]] = {_ST: [], _OVER_HTTP: [], _IN_PROCESS: []}
    for turn in range(min(effort.rounds, 5)):
        settings = ["--seed", str(turn + 1), "--max-examples", examples]
        st = [str(Path(sys.executable).parent / "st"), "--config-file", str(config), "run", str(DETECTION), *settings]
        ours = [*TALLYSTICK, "fuzz", str(DETECTION), "--bearer", _TOKEN, *settings]
        runs[_ST].append(_over_http([*st, "-w", "1"], effort.limit))
        runs[_OVER_HTTP].append(_over_http(ours, effort.limit))
        runs[_IN_PROCESS].append(_in_process(ours, effort.limit))
        latest = (f"{name} {rounds[-1][0]} in {rounds[-1][1].seconds:.1f} s" for name, rounds in runs.items())
        progress(f"  round {turn + 1}: " + ", ".join(latest))
    _fill(table, runs)
    table.notes.append("The requests are counted where they arrive; in process, the processor time is the mock's, too.")
    return table


def _fill(table: Table, runs: dict[str, list[Run]]) -> None:
    """Add a row for each kind of run, and the promises."""
    rates = {name: median([count / run.seconds for count, run in rounds]) for name, rounds in runs.items()}
    costs = {
        name: median([1000 * run.processor_seconds / count for count, run in rounds if count])
        for name, rounds in runs.items()
    }
    for name, rounds in runs.items():
        requests = f"{median([count for count, _ in rounds]):,.0f}"
        seconds = number(median([run.seconds for _, run in rounds]))
        numbers = [number(rates[name]), number(costs[name]), number(rates[name] / rates[_ST])]
        table.rows.append([name, requests, seconds, *numbers])
        table.raw[name] = [[count, run.code, run.seconds, run.processor_seconds] for count, run in rounds]
        if codes := {run.code for _, run in rounds} - {0}:
            table.notes.append(f"{name} ended with {', '.join(map(str, sorted(codes)))}: it found something, or failed")
    extra_cost = 100 * (costs[_OVER_HTTP] / costs[_ST] - 1)
    table.promises.append(Promise("fuzz: processor time of a case, over st run", extra_cost, 15, False, " %"))
    speed_up = rates[_IN_PROCESS] / rates[_ST]
    table.promises.append(Promise("fuzz in process: cases a second, of st run over HTTP", speed_up, 2))


def _over_http(words: Sequence[str], limit: float) -> Run:
    """A run against a fresh mock that counts its requests."""
    port = free_port()
    count_request = HttpRequest("GET", "/-/count")
    server = [sys.executable, "-m", "benchmarks.counted", str(port), str(DETECTION)]
    with served("counted", server, port, count_request):
        url = f"http://127.0.0.1:{port}/detection-sessions"
        run = run_command([*words, "--url", url], limit, core=LOAD_CORE)
        _, body = send(port, count_request)
    return json.loads(body), run


def _in_process(words: Sequence[str], limit: float) -> Run:
    """A run with the same mock in its own process."""
    count_file = _FOLDER / "count"
    os.environ.update(BENCH_DOCUMENT=str(DETECTION), BENCH_COUNT=str(count_file))
    url = "http://127.0.0.1/detection-sessions"
    run = run_command([*words, "--app", "benchmarks.counted:app", "--url", url], limit, core=LOAD_CORE)
    del os.environ["BENCH_DOCUMENT"], os.environ["BENCH_COUNT"]
    return int(count_file.read_text()), run
