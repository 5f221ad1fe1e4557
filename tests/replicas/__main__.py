"""Measures mocks that share what they remember, prints what became of it, and fails on any fault: `make replicas`."""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from support.pets_api import PETS_API
from support.servers import redis_running

from tests.replicas.apart import run_sessions
from tests.replicas.mixed import Event, Report, run_mixed
from tests.replicas.parts import balanced, mocks
from tests.replicas.reloads import run_reloads

MOST_GROWTH = 0.2
_AWAY_SECONDS = 1.0
"""How long Redis is away."""


def contract_in(folder: Path) -> Path:
    """The contract of the pets, in a folder of its own."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "pets.yaml"
    file.write_text(PETS_API)
    return file


def redis(folder: Path, count: int, clients: int, seed: int) -> list[str]:
    """Two mocks behind HAProxy with one Redis, which is killed once, as is one mock."""
    with redis_running(folder / "redis") as server:
        state = ("--state", "closed", "--state", server.address)
        with mocks(contract_in(folder), 2, *state) as both, balanced(folder, both) as port:

            async def lose_redis() -> None:
                await asyncio.to_thread(server.kill)
                await asyncio.sleep(_AWAY_SECONDS)
                await asyncio.to_thread(server.start)

            async def lose_mock() -> None:
                await asyncio.to_thread(both[0].kill)
                await asyncio.sleep(_AWAY_SECONDS)
                await asyncio.to_thread(both[0].start)

            events = [Event(0.5, lose_redis), Event(0.75, lose_mock)]
            report = asyncio.run(run_mixed(port, count, clients, events, "", seed))
    faults = told(report)
    if not any(key.endswith(" 503") for key in report.statuses):
        faults.append("Redis was away, and no request got a 503")
    return faults


def sqlite(folder: Path, count: int, clients: int, seed: int) -> list[str]:
    """One mock with two workers and a file, of which one worker is killed once."""
    arguments = ("--workers", "2", "--state", "closed", "--state", str(folder / "state.sqlite"))
    with mocks(contract_in(folder), 1, *arguments) as (mock,):

        async def lose_worker() -> None:
            os.kill(mock.children()[0], signal.SIGKILL)

        report = asyncio.run(run_mixed(mock.port, count, clients, [Event(0.5, lose_worker)], "", seed))
        faults = told(report)
        if "another takes its place" not in mock.log:
            faults.append("no worker was killed")
    return faults


def sessions(folder: Path, count: int, _: int, __: int) -> list[str]:
    """Sixteen sessions at once."""
    with mocks(contract_in(folder), 1, "--state", "closed") as (mock,):
        return told(asyncio.run(run_sessions(mock.port, 16, max(1, count // 160), "")))


def reloads(folder: Path, count: int, clients: int, _: int) -> list[str]:
    """One mock whose contract is saved every second."""
    with mocks(contract_in(folder), 1, "--state", "closed") as (mock,):
        report, growth = asyncio.run(run_reloads(mock, count, clients, ""))
    print(
        f"saved {growth.saves} times; memory {growth.first_bytes / 2**20:.0f} MiB after the first thousand requests, "
        f"{growth.last_bytes / 2**20:.0f} MiB at the end ({growth.share:+.1%})"
    )
    faults = told(report)
    if growth.share > MOST_GROWTH:
        faults.append(f"the memory grew by {growth.share:.0%}")
    return faults


def told(report: Report) -> list[str]:
    """Print a report; what is wrong in it."""
    print("\n".join(report.lines()), flush=True)
    return [f"{len(report.contradictions)} contradictions"] if report.contradictions else []


Run = Callable[[Path, int, int, int], list[str]]
RUNS: Mapping[str, tuple[Run, int]] = {
    "redis": (redis, 50_000),
    "sqlite": (sqlite, 50_000),
    "sessions": (sessions, 32_000),
    "reloads": (reloads, 100_000),
}
"""The steps, each with how many requests it has."""


def main() -> int:
    """Runs the steps that are asked for; 1 where something does not hold."""
    parser = argparse.ArgumentParser(prog="python -m tests.replicas", description=__doc__)
    parser.add_argument("--steps", default=",".join(RUNS), help=f"of {','.join(RUNS)}")
    parser.add_argument("--share", type=float, default=1.0, help="of the requests of each step, such as 0.01")
    parser.add_argument("--clients", type=int, default=32)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    steps = arguments.steps.split(",")
    if unknown := set(steps) - set(RUNS):
        parser.error(f"no such step: {', '.join(sorted(unknown))}; there are {', '.join(RUNS)}")
    failed = 0
    for step in steps:
        run, count = RUNS[step]
        started = time.monotonic()
        print(f"{step}: {run.__doc__}", flush=True)
        with tempfile.TemporaryDirectory(prefix="tallystick-replicas-") as folder:
            faults = run(Path(folder), int(count * arguments.share), arguments.clients, arguments.seed)
        print(f"{step}: {'; '.join(faults) or 'holds'}; {time.monotonic() - started:.0f} s\n", flush=True)
        failed += len(faults)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
