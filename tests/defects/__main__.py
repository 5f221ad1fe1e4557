"""Measures how many of the defects a fuzz run finds, and what it reports of sound servers: `make defects`."""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.defects.client import SERVERS
from tests.defects.rows.table import DEFECTS, ODDITIES
from tests.defects.table import as_json, lines, verdict
from tests.defects.trials import PLAIN, WAYS, Result, Trial, run


def trials(servers: Sequence[str], ways: Sequence[str], seeds: int, pattern: str, is_near: bool) -> list[Trial]:
    """What is tried: the sound servers and the oddities first, then each defect."""
    rows: list[tuple[str, tuple[str, ...]]] = [("", SERVERS)]
    rows += [(name, oddity.servers) for name, oddity in ODDITIES.items()]
    rows += [(name, defect.servers) for name, defect in DEFECTS.items()]
    return [
        Trial(name, server, way, seed, is_near)
        for name, of_row in rows
        if re.search(pattern, name or "sound")
        for server in servers
        if server in of_row
        for way in ways
        for seed in range(1, seeds + 1)
    ]


def main() -> int:
    """Prints the table; 1 where a sound server was blamed, or too few were found."""
    parser = argparse.ArgumentParser(prog="python -m tests.defects", description=__doc__)
    parser.add_argument("--servers", default=",".join(SERVERS), help=f"of {','.join(SERVERS)}")
    parser.add_argument("--ways", default=",".join(WAYS), help=f"of {','.join(WAYS)}")
    parser.add_argument("--seeds", type=int, default=1, help="how many, beginning with 1")
    parser.add_argument("--only", default="", help="a regular expression for names; 'sound' for the sound servers")
    parser.add_argument("--near", action="store_true", help="fuzz only what has to do with each defect: a quick look")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1, help="runs at the same time")
    parser.add_argument("--seconds", type=float, default=300, help="for one run")
    parser.add_argument("--json", type=Path, help="writes all results there")
    parser.add_argument("--least", type=float, default=0, help="the share that has to be found, such as 0.95")
    parser.add_argument("arguments", nargs="*", help="of `tallystick fuzz`, after --")
    options = parser.parse_args()
    todo = trials(options.servers.split(","), options.ways.split(","), options.seeds, options.only, options.near)
    results = measured(todo, options.arguments, options.workers, options.seconds)
    print("\n".join(lines(results)))
    if options.json is not None:
        options.json.write_text(json.dumps(as_json(results), indent=1))
    ours = [result for result in results if result.trial.way != PLAIN]
    is_false = any(result.findings for result in ours if result.trial.name not in DEFECTS)
    of_defects = [result for result in ours if result.trial.name in DEFECTS]
    share = sum(bool(result.attributed) for result in of_defects) / max(1, len(of_defects))
    return 1 if is_false or share < options.least or any(result.fault for result in ours) else 0


def measured(todo: Sequence[Trial], arguments: Sequence[str], workers: int, seconds: float) -> list[Result]:
    """The results, in the order of what was tried; says on standard error what each came to."""
    started = time.monotonic()

    def measure(trial: Trial) -> Result:
        result = run(trial, arguments, seconds)
        what = f"{trial.name or 'sound'}, {trial.server}, {trial.way}, seed {trial.seed}: {verdict([result])}"
        print(f"{time.monotonic() - started:5.0f} s  {what}", file=sys.stderr, flush=True)
        return result

    with ThreadPoolExecutor(workers) as pool:
        return list(pool.map(measure, todo))


if __name__ == "__main__":
    sys.exit(main())
