"""How the cost of a request grows: with operations, with bytes of the body, with violations."""

from __future__ import annotations

import sys
from dataclasses import replace

from benchmarks.contenders import BARE_PARSE, BARE_READ, PRISM, STOCK, TALLYSTICK, Contender
from benchmarks.contracts import HttpRequest, Task, order_list, orders, post_orders, task_with_operations
from benchmarks.measure import Effort, Series, take_turns
from benchmarks.processes import run_command
from benchmarks.results import WORK, Promise, Table, median, number, ratio_cells
from benchmarks.steps.traffic import raw

MEASURED = (TALLYSTICK, PRISM, STOCK)


def size(effort: Effort) -> Table:
    """The same GET in documents of 2, 50 and 1,200 operations."""
    table = Table(
        "Documents of 2, 50 and 1,200 operations: GET", ["server", "operations", "requests/s", "of two", "range"]
    )
    tasks = [task_with_operations(count) for count in (2, 50, 1200)]
    for contender in MEASURED:
        series = take_turns(_each(contender, tasks), effort, table.notes)
        _grown(table, contender, tasks, series)
    ours = _rates(table, TALLYSTICK, tasks)
    table.promises.append(Promise("1,200 operations, of two", ours[-1] / ours[0], 0.9))
    return table


def violations(effort: Effort) -> Table:
    """The same POST of 50 orders, of which none, one or all are broken."""
    title = "POST of 50 orders with 0, 1 and 50 violations"
    table = Table(title, ["server", "violations", "requests/s", "of none", "range"])
    valid = post_orders("none", order_list(50))
    tasks = [replace(valid, name=name) for name in ("0", "1", "50")]
    for contender in MEASURED:
        entries = _each(contender, tasks)
        sent = {
            name: HttpRequest("POST", valid.request.path, valid.request.headers, order_list(50, int(task.name)))
            for name, _, task in entries
            if task.name != "0"
        }
        series = take_turns(entries, effort, table.notes, sent)
        _grown(table, contender, tasks, series)
    table.notes.append("connexion's stock mock stops at the first violation; tallystick and Prism tell of each.")
    ours = _rates(table, TALLYSTICK, tasks)
    table.promises.append(Promise("a request with 50 violations, of a valid one", ours[-1] / ours[0], 1 / 3))
    return table


def body(effort: Effort) -> Table:
    """Valid bodies of 100 B, 10 KB and 1 MB."""
    title = "POST of bodies of 100 B, 10 KB and 1 MB"
    columns = ["body", "server", "requests/s", "of parsing and validating", "range", "core", "µs each"]
    table = Table(title, columns)
    for name, count, connections in (("100 B", 1, 32), ("10 KB", 100, 32), ("1 MB", 9800, 4)):
        task = post_orders(name, order_list(count))
        contenders = (BARE_PARSE, BARE_READ, TALLYSTICK, PRISM, STOCK)
        notes: list[str] = []
        series = take_turns(
            [(contender.name, contender, task) for contender in contenders], effort, notes, connections=connections
        )
        table.notes += [f"{name}: {note}" for note in notes]
        reference = series[BARE_PARSE.name].rates
        for each in series.values():
            ratios = ratio_cells(each.rates, reference)
            cells = [f"{each.busy:.0%}", number(each.microseconds_each)]
            table.rows.append(
                [f"{name} ({len(task.request.body):,})", each.name, number(median(each.rates)), *ratios, *cells]
            )
        table.raw[name] = raw(series)
        alone = _alone(task)
        table.raw[f"{name} alone"] = alone
        table.rows.append(
            [f"{name} ({len(task.request.body):,})", "orjson and jsonschema-rs alone", *"----", number(alone)]
        )
    ours = series[TALLYSTICK.name].microseconds_each
    table.promises.append(Promise("1 MB: processor time, of parsing and validating alone", ours / alone, 2, False))
    return table


def _alone(task: Task) -> float:
    """Microseconds to parse and validate the body, and nothing else."""
    file = WORK / "load" / "alone.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(task.request.body)
    finished = run_command([sys.executable, "-m", "benchmarks.alone", str(file), str(orders()[1])])
    return float(finished.output.strip().splitlines()[-1])


def _each(contender: Contender, tasks: list[Task]) -> list[tuple[str, Contender, Task]]:
    return [(f"{contender.name}, {task.name}", contender, task) for task in tasks]


def _grown(table: Table, contender: Contender, tasks: list[Task], series: dict[str, Series]) -> None:
    """Add the rows of one server, compared with its own first task."""
    first = series.get(f"{contender.name}, {tasks[0].name}")
    for task in tasks:
        each = series.get(f"{contender.name}, {task.name}")
        if each and first:
            name = task.name.removesuffix(" operations")
            table.rows.append([contender.name, name, number(median(each.rates)), *ratio_cells(each.rates, first.rates)])
    table.raw.update(raw(series))


def _rates(table: Table, contender: Contender, tasks: list[Task]) -> list[float]:
    loads = (table.raw[f"{contender.name}, {task.name}"] for task in tasks)
    return [median([load["requests"] / load["seconds"] for load in each]) for each in loads]
