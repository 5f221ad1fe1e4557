"""Measures tallystick against hostile input, prints one table a step, and fails on any fault: `make hostile`."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path

from tests.hostile.outputs import load

STEPS = ("documents", "requests", "servers", "kills")


def main() -> int:
    """Runs the steps that are asked for; 1 where something does not hold."""
    parser = argparse.ArgumentParser(prog="python -m tests.hostile", description=__doc__)
    parser.add_argument("--steps", default=",".join(STEPS), help=f"of {','.join(STEPS)}")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--count", type=int, help="documents (1,000), requests (1,000,000) or kills (200); those if not given"
    )
    parser.add_argument("--only", help="numbers of documents, such as 3,17 or 20-40")
    parser.add_argument(
        "--kept", type=Path, default=Path(tempfile.gettempdir()) / "tallystick-hostile", help="where failing input goes"
    )
    parser.add_argument(
        "--fuzz-every", type=int, default=4, help="fuzz the mock of every so many documents of a kind; 0 for none"
    )
    parser.add_argument("--beside", default="", help="other mocks that get requests too: prism, wiremock (by npm)")
    parser.add_argument("--parallel", type=int, default=2)
    arguments = parser.parse_args()
    failed = 0
    steps = arguments.steps.split(",")
    if unknown := set(steps) - set(STEPS):
        parser.error(f"no such step: {', '.join(sorted(unknown))}; there are {', '.join(STEPS)}")
    for step in steps:
        started = time.monotonic()
        faults = RUNS[step](arguments)
        took = time.monotonic() - started
        print(
            f"{step}: {faults} faults, {took:.0f} s; {load():.1f} processes wanted each processor at the end\n",
            flush=True,
        )
        failed += faults
    return 1 if failed else 0


def documents(arguments: argparse.Namespace) -> int:
    """Generated documents through check, models, mock and fuzz."""
    from tests.hostile.documents import measure, table

    numbers = list(range(arguments.count or 1000))
    if arguments.only:
        ends = [part.partition("-") for part in arguments.only.split(",")]
        numbers = [number for first, _, last in ends for number in range(int(first), int(last or first) + 1)]
    verdicts = []
    for verdict in measure(arguments.seed, numbers, arguments.kept, arguments.fuzz_every, arguments.parallel):
        verdicts.append(verdict)
        if len(verdicts) % 100 == 0:
            failed = sum(bool(each.faults) for each in verdicts)
            print(f"{len(verdicts)} of {len(numbers)} documents, {failed} of them failed", flush=True)
    print("\n".join(table(verdicts)))
    print(f"failing documents are kept in {arguments.kept}")
    return sum(len(verdict.faults) for verdict in verdicts)


def requests(arguments: argparse.Namespace) -> int:
    """Very many requests against one process, and then against two workers: half of them each."""
    from tests.hostile.requests import contracts, faults_of, measure, table

    files = contracts()
    if not files:
        print("there is no corpus; TALLYSTICK_CORPUS may name one", file=sys.stderr)
        return 1
    count = 0
    for workers in (1, 2):
        arguments.kept.mkdir(parents=True, exist_ok=True)
        log = arguments.kept / f"mock-{workers}.log"
        measured = measure(files, workers, (arguments.count or 1_000_000) // 2, arguments.seed, log)
        faults = faults_of(measured)
        print("\n".join(table(measured, faults)), flush=True)
        count += len(faults)
    for name in filter(None, arguments.beside.split(",")):
        from tests.hostile import peers

        log = arguments.kept / f"{name}.log"
        print("\n".join(peers.measure(name, (arguments.count or 1_000_000) // 20, arguments.seed, log)), flush=True)
    return count


def servers(arguments: argparse.Namespace) -> int:
    """A fuzz run against each kind of bad server."""
    from tests.hostile.servers import OURS, SHARED, measure, table

    runs = list(measure((OURS, SHARED), arguments.parallel, arguments.only or ""))
    print("\n".join(table(runs)))
    return sum(len(run.faults) for run in runs)


def kills(arguments: argparse.Namespace) -> int:
    """Commands that write files, killed at random moments."""
    faults: int = import_module("tests.hostile.kills").main(arguments.count or 200)
    return faults


RUNS: Mapping[str, Callable[[argparse.Namespace], int]] = {
    "documents": documents,
    "requests": requests,
    "servers": servers,
    "kills": kills,
}

if __name__ == "__main__":
    sys.exit(main())
