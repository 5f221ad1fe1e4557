"""Lists of a mock that remembers: a page of ten out of few and of many kept resources."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace

from benchmarks.contenders import TALLYSTICK, Contender
from benchmarks.contracts import JSON_BODY, HttpRequest, Task, list_task
from benchmarks.load import Load, load
from benchmarks.measure import Effort, Participant, Series, started
from benchmarks.processes import RunningServer
from benchmarks.results import WORK, Promise, Table, median, number, ratio_cells

COUNTS = (10, 100_000)
_PAGE = "?limit=10"


def lists(effort: Effort) -> Table:
    """A page of ten rows out of 10 and out of 100,000 that are kept, as it is and after each creation."""
    columns = ["page", "kept", "requests/s", "of ten kept", "range", "µs each"]
    table = Table("A page of ten out of 10 and out of 100,000 kept resources", columns)
    task = list_task()
    entries = [(f"{count:,} kept", _seeded(count), task) for count in COUNTS]
    create = HttpRequest("POST", task.request.path, (JSON_BODY,), b'{"name":"A thing","state":"new"}')
    page = HttpRequest("GET", task.request.path + _PAGE)
    with started(entries, table.notes) as running:
        for name, requests in (("as it was", (page,)), ("after each creation", (create, page))):
            _measured(table, name, running, requests, effort)
    table.notes.append("A request after each creation is one of two: a POST, then the page, in turn.")
    return table


def _seeded(count: int) -> Contender:
    """The mock, with so many things from the start."""
    seeds = WORK / "documents" / f"things-{count}.json"

    def command(port: int, task: Task) -> list[str]:
        things = [{"id": number, "name": f"Thing {number}", "state": "new"} for number in range(1, count + 1)]
        seeds.write_text(json.dumps({task.request.path: things}))
        return [*TALLYSTICK.command(port, task), "--seed-data", str(seeds)]

    return replace(TALLYSTICK, command=command, refuses=frozenset())


def _measured(
    table: Table, name: str, running: Sequence[Participant], requests: Sequence[HttpRequest], effort: Effort
) -> None:
    """Add the rates of some requests, sent in turn to each server."""
    series = [Series(f"{each.name}, {name}") for each, _, _ in running]
    for _ in range(effort.rounds):
        for each, (_, server, _) in zip(series, running, strict=True):
            each.loads.append(_loaded(server, requests, effort))
    for each, count in zip(series, COUNTS, strict=True):
        cells = [name, f"{count:,}", number(median(each.rates)), *ratio_cells(each.rates, series[0].rates)]
        table.rows.append([*cells, number(each.microseconds_each)])
        table.raw[each.name] = [dict(vars(load)) for load in each.loads]
    ratio = series[0].microseconds_each / series[-1].microseconds_each
    table.promises.append(Promise(f"a page of 10 out of 100,000, {name}: of one out of 10", ratio, 0.5))


def _loaded(server: RunningServer, requests: Sequence[HttpRequest], effort: Effort) -> Load:
    return load(server, requests[0], effort.seconds, others=requests[1:])
