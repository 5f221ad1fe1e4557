"""`docs/benchmarks.md`: the promises with what was measured, and a table for each step."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterator
from pathlib import Path

from benchmarks.results import ROOT, Promise, Table, number

PAGE = ROOT / "docs" / "benchmarks.md"

_HEAD = """# Benchmarks

<!-- Written by `make bench`; not edited by hand. -->

Every figure is a ratio of medians, or stands beside one: what is compared is measured in turn (A B A B), in one run,
on one core of the same machine, with the load from another. Absolute figures tell of this machine and this day only.
"The range" is that of the ratios of single rounds. "Core" is the share of its core that the server used: well below
100 %, something else was the limit, or the machine was busy; "µs each" is the processor time that the server used for
one request, which tells the same where the machine was busy.

![GET and POST, as shares of what a bare function reaches](benchmarks.svg)

## To measure it yourself

```
apt-get install wrk        # makes the load (brew install wrk on macOS has wrk too, but the rest needs Linux)
make bench                 # everything; or a part: make bench BENCH='--only get,post --rounds 3 --seconds 1'
```

The peers are installed by name and pinned version into `.bench/`, with npm; WireMock needs Java. Before a server is
measured it has to answer the request rightly, and one that validates has to refuse what is wrong: a server that does
not is left out, and the reason stands below its table. The raw numbers are kept in `.bench/results.json`.
"""


def write(tables: dict[str, Table], versions: dict[str, str], order: tuple[str, ...]) -> Path:
    """Write the page."""
    lines = [_HEAD, *_promises(tables, order), *_tables(tables, order), *_versions(versions)]
    PAGE.write_text("\n".join(lines).rstrip() + "\n")
    return PAGE


def _promises(tables: dict[str, Table], order: tuple[str, ...]) -> Iterator[str]:
    promises = [promise for step in order if step in tables for promise in tables[step].promises]
    if not promises:
        return
    yield "## What is promised\n"
    yield "| measure | promised | measured | kept |\n|---|---|---|---|"
    for promise in promises:
        kept = "yes" if promise.kept else "**no**"
        yield f"| {promise.what} | {_limit(promise)} | {number(promise.value)}{promise.unit} | {kept} |"
    yield ""


def _limit(promise: Promise) -> str:
    return f"{'at least' if promise.at_least else 'at most'} {number(promise.limit)}{promise.unit}"


def _tables(tables: dict[str, Table], order: tuple[str, ...]) -> Iterator[str]:
    for step in order:
        if step not in tables:
            continue
        table = tables[step]
        yield f"## {table.title}\n"
        yield "| " + " | ".join(table.columns) + " |"
        yield "|" + "---|" * len(table.columns)
        for row in table.rows:
            yield "| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |"
        yield ""
        for note in table.notes:
            yield f"- {note}"
        yield (
            f"\n`make bench BENCH='--only {step}'`, {table.date}, {table.rounds} rounds; load of the machine "
            f"before it: {table.load:.1f}\n"
        )


def _versions(versions: dict[str, str]) -> Iterator[str]:
    yield "## Versions\n"
    yield f"{_processor()}, {os.cpu_count()} cores, {platform.system()} {platform.release().partition('-')[0]}.\n"
    yield "| what | version |\n|---|---|"
    for name, version in versions.items():
        yield f"| {name} | {version} |"


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        lines = []
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, platform.machine())
