"""What it takes to run a server: time to an answer at half load, memory, time to start, several workers."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

from benchmarks.contenders import (
    BARE_REPLY,
    MOCKOON,
    OURS,
    PEERS,
    PRISM,
    SCALAR,
    STOCK,
    TALLYSTICK,
    Contender,
)
from benchmarks.contracts import (
    OPENAPI,
    Task,
    as_openapi_3_0,
    detection_tasks,
    merge,
    order_list,
    post_orders,
    read_document,
    task_with_operations,
    write_document,
)
from benchmarks.load import Load, load
from benchmarks.measure import Effort, Series, started, verify
from benchmarks.processes import NotServed, free_port, progress, served
from benchmarks.results import Promise, Table, median, number, ratio_cells
from benchmarks.steps.traffic import raw

_CONNECTIONS = 64


def latency(effort: Effort) -> Table:
    """The time to an answer at half of the load that a server can take."""
    task, _ = detection_tasks()
    title = "Time to an answer at half load: GET"
    table = Table(title, ["server", "requests/s", "p50 ms", "p99 ms", "p99 of the bare function's"])
    contenders = (BARE_REPLY, TALLYSTICK, *PEERS)
    loads: dict[str, list[Load]] = {}
    warming = {contender.name: contender.warm_up_seconds for contender in contenders}
    with started([(contender.name, contender, task) for contender in contenders], table.notes) as running:
        pauses: dict[str, float] = {}
        for series, server, _ in running:
            load(server, task.request, max(effort.seconds, warming[series.name]), _CONNECTIONS)
            pauses[series.name] = 2 * _CONNECTIONS / load(server, task.request, effort.seconds, _CONNECTIONS).rate
        for turn in range(effort.rounds):
            for series, server, _ in running:
                series.loads.append(load(server, task.request, effort.seconds, _CONNECTIONS, pauses[series.name]))
            progress(
                f"  round {turn + 1}: "
                + ", ".join(f"{series.name} {series.loads[-1].p99:.1f} ms" for series, _, _ in running)
            )
        loads = {series.name: series.loads for series, _, _ in running}
        table.raw = raw({series.name: series for series, _, _ in running})
    bare = median([each.p99 for each in loads[BARE_REPLY.name]])
    for name, loads_of_server in loads.items():
        p50, p99 = median([load.p50 for load in loads_of_server]), median([load.p99 for load in loads_of_server])
        table.rows.append(
            [
                name,
                number(median([load.rate for load in loads_of_server])),
                number(p50),
                number(p99),
                number(p99 / bare),
            ]
        )
    table.notes.append(f"{_CONNECTIONS} connections, each pausing between requests for random times, around half load.")
    return table


def workers(effort: Effort) -> Table:
    """Two workers beside one, on the cores that the load generator and everything else use too."""
    columns = ["request", "workers", "requests/s", "of one", "range", "cores used", "by the load", "idle", "µs each"]
    table = Table("Two workers on two cores", columns)

    def with_workers(count: int) -> Contender:
        def command(port: int, task: Task) -> list[str]:
            return [*TALLYSTICK.command(port, task), "--workers", str(count)]

        return replace(TALLYSTICK, name=f"{count} workers", command=command)

    tasks = {"GET": detection_tasks()[0], "POST of 10 KB": post_orders("10 KB", order_list(100))}
    entries = [(f"{request} {count}", with_workers(count), task) for request, task in tasks.items() for count in (1, 2)]
    idle: dict[str, list[float]] = {name: [] for name, _, _ in entries}
    with started(entries, table.notes, core=None) as running:
        for turn in range(effort.rounds + 1):  # the first is for what is compiled or read at first use
            for series, server, task in running:
                before = _idle()
                measured = load(server, task.request, effort.seconds, _CONNECTIONS, core=None)
                if turn:
                    series.loads.append(measured)
                    idle[series.name].append((_idle() - before) / measured.seconds)
            if turn:
                progress(
                    f"  round {turn}: "
                    + ", ".join(f"{series.name} {number(series.rates[-1])}" for series, _, _ in running)
                )
    by_name = {series.name: series for series, _, _ in running}
    table.raw = raw(by_name)
    for request in tasks:
        if f"{request} 1" not in by_name or f"{request} 2" not in by_name:
            continue
        single, double = by_name[f"{request} 1"], by_name[f"{request} 2"]
        for count, each in enumerate((single, double), 1):
            cells = (each.busy, _generator(each), median(idle[each.name]), each.microseconds_each)
            table.rows.append(
                [request, str(count), number(median(each.rates)), *ratio_cells(each.rates, single.rates)]
                + [number(cell) for cell in cells]
            )
        wasted = min(median(idle[double.name]), max(0.0, 2 - double.busy))
        ratio = 2 * single.microseconds_each / double.microseconds_each * double.busy / (double.busy + wasted)
        table.promises.append(Promise(f"{request}: two workers on two cores of their own, of one on one", ratio, 1.6))
    table.notes.append(
        f"Nothing has a core of its own here: two workers, the load ({_CONNECTIONS} connections) and whatever else the "
        'machine does share its cores, which one worker has no need to; the plain ratio, "of one", is so much lower. '
        "What is promised counts the requests for each second of the processor that the workers got, and for each that "
        "they could have had and left idle, in place of those for each second of the clock: twice the processor time "
        "for a request with one worker, over that with two and its share of the idle time."
    )
    return table


def _idle() -> float:
    """Seconds that the processors of this machine have been idle so far."""
    times = Path("/proc/stat").read_text().split(maxsplit=6)
    return (int(times[4]) + int(times[5])) / os.sysconf("SC_CLK_TCK")


def _generator(series: Series) -> float:
    return median([each.generator_seconds / each.seconds for each in series.loads])


def memory(effort: Effort) -> Table:
    """MB of a server with the four contracts, after some seconds of load."""
    get, _ = detection_tasks()
    values = merge(OPENAPI)
    document = write_document("all", values)
    task = replace(get, name="all", document=document, twin=write_document("all-3.0", as_openapi_3_0(values)))
    twins = [
        str(write_document(f"{file.stem}-3.0", as_openapi_3_0(read_document(file))))
        for file in sorted(OPENAPI, key=lambda file: file != get.document)
    ]
    ours = replace(TALLYSTICK, command=lambda port, _: [*TALLYSTICK.command(port, get)[:-1], *map(str, OPENAPI)])
    stock = replace(STOCK, command=lambda port, _: [*STOCK.command(port, get)[:-1], *twins])
    title = f"Memory with the {len(OPENAPI)} contracts of openapi/"
    table = Table(title, ["server", "MB resident", "MB, shared pages in part", "of Prism's"])
    entries = [(contender.name, contender, task) for contender in (ours, PRISM, stock, MOCKOON, SCALAR, BARE_REPLY)]
    megabytes: dict[str, tuple[float, float]] = {}
    with started(entries, table.notes) as running:
        for series, server, _ in running:
            load(server, task.request, effort.seconds)
            megabytes[series.name] = server.memory()
    table.raw = {name: list(each) for name, each in megabytes.items()}
    prism = megabytes.get(PRISM.name)
    for name, (resident, proportional) in megabytes.items():
        ratio = number(resident / prism[0]) if prism else "-"
        table.rows.append([name, number(resident), number(proportional), ratio])
    if prism:
        table.promises.append(Promise("memory, of Prism's", megabytes[OURS][0] / prism[0], 0.5, False))
    table.notes.append("Prism, Mockoon and Scalar's serve one document: they are given the four as one.")
    return table


def start(effort: Effort) -> Table:
    """Seconds from the command to the first right answer."""
    task, _ = detection_tasks()
    table = Table("Start to first answer", ["server", "document", "seconds", "of Prism's", "range"])
    large = task_with_operations(1200)
    pairs = [(contender, task) for contender in (TALLYSTICK, BARE_REPLY, *PEERS)] + [
        (contender, large) for contender in (TALLYSTICK, PRISM, STOCK)
    ]
    seconds_by_server: dict[tuple[str, str], list[float]] = {}
    for turn in range(effort.rounds):
        for contender, each in pairs:
            key = (contender.name, Path(each.document).stem)
            if contender.missing() or (turn and key not in seconds_by_server):
                continue
            port = free_port()
            try:
                with served(contender.name, contender.command(port, each), port, each.request) as server:
                    verify(server, contender, each)
                    seconds_by_server.setdefault(key, []).append(server.seconds)
            except NotServed as error:
                table.notes.append(f"{contender.name}, {key[1]}: {error}")
        progress(
            f"  round {turn + 1}: "
            + ", ".join(f"{key[0]} {seconds[-1]:.2f} s" for key, seconds in seconds_by_server.items())
        )
    for (name, document), seconds in seconds_by_server.items():
        prism = seconds_by_server.get((PRISM.name, document))
        complete = prism is not None and len(prism) == len(seconds)
        ratios = ratio_cells(seconds, prism or []) if complete else ["-", "-"]
        table.rows.append([name, document, number(median(seconds)), *ratios])
    table.raw = {" ".join(key): seconds for key, seconds in seconds_by_server.items()}
    return table
