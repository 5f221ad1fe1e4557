"""Measures tallystick against hostile input, prints one table a step, and fails on any fault: `make hostile`."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

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
    parser.add_argument("--parallel", type=int, default=2)
    arguments = parser.parse_args()
    failed = 0
    for step in arguments.steps.split(","):
        started = time.monotonic()
        faults = {"documents": documents}[step](arguments)
        print(f"{step}: {faults} faults, {time.monotonic() - started:.0f} s\n", flush=True)
        failed += faults
    return 1 if failed else 0


def documents(arguments: argparse.Namespace) -> int:
    from tests.hostile.documents import measure, table

    numbers = list(range(arguments.count or 1000))
    if arguments.only:
        ends = [part.partition("-") for part in arguments.only.split(",")]
        numbers = [number for first, _, last in ends for number in range(int(first), int(last or first) + 1)]
    verdicts = []
    for verdict in measure(arguments.seed, numbers, arguments.kept, arguments.fuzz_every, arguments.parallel):
        verdicts.append(verdict)
        if sys.stderr.isatty():
            print(f"\r{len(verdicts)} of {len(numbers)}", end="", file=sys.stderr)
    print("\n".join(table(verdicts)))
    print(f"failing documents are kept in {arguments.kept}")
    return sum(len(verdict.faults) for verdict in verdicts)


if __name__ == "__main__":
    sys.exit(main())
