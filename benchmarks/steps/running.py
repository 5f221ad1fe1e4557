"""What it takes to have a server run: time to answer at half load, memory, time to start, workers."""

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
    detection,
    merged,
    order_list,
    posted,
    read,
    sized,
    twin,
    written,
)
from benchmarks.load import Load, load
from benchmarks.measure import Effort, Series, started, verify
from benchmarks.processes import NotServed, free_port, served, tell
from benchmarks.results import Promise, Table, median, number, ratio_cells
from benchmarks.steps.traffic import raw

_CONNECTIONS = 64


def latency(effort: Effort) -> Table:
    """How long an answer takes where a server is asked half of what it can do."""
    task, _ = detection()
    title = "Time to an answer at half load: GET"
    table = Table(title, ["server", "requests/s", "p50 ms", "p99 ms", "p99 of the bare function's"])
    contenders = (BARE_REPLY, TALLYSTICK, *PEERS)
    loads: dict[str, list[Load]] = {}
    warming = {one.name: one.warming for one in contenders}
    with started([(one.name, one, task) for one in contenders], table.notes) as running:
        pauses: dict[str, float] = {}
        for one, server, _ in running:
            load(server, task.asked, max(effort.seconds, warming[one.name]), _CONNECTIONS)
            pauses[one.name] = 2 * _CONNECTIONS / load(server, task.asked, effort.seconds, _CONNECTIONS).rate
        for turn in range(effort.rounds):
            for one, server, _ in running:
                one.loads.append(load(server, task.asked, effort.seconds, _CONNECTIONS, pauses[one.name]))
            tell(f"  round {turn + 1}: " + ", ".join(f"{one.name} {one.loads[-1].p99:.1f} ms" for one, _, _ in running))
        loads = {one.name: one.loads for one, _, _ in running}
        table.raw = raw({one.name: one for one, _, _ in running})
    bare = median([each.p99 for each in loads[BARE_REPLY.name]])
    for name, each in loads.items():
        p50, p99 = median([one.p50 for one in each]), median([one.p99 for one in each])
        table.rows.append(
            [name, number(median([one.rate for one in each])), number(p50), number(p99), number(p99 / bare)]
        )
    table.notes.append(f"{_CONNECTIONS} connections, each pausing between requests for random times, around half load.")
    return table


def workers(effort: Effort) -> Table:
    """Two workers beside one, with the load, and whatever else the machine does, on the same cores."""
    columns = ["request", "workers", "requests/s", "of one", "range", "cores used", "by the load", "idle", "µs each"]
    table = Table("Two workers on two cores", columns)

    def with_workers(count: int) -> Contender:
        def made(port: int, task: Task) -> list[str]:
            return [*TALLYSTICK.command(port, task), "--workers", str(count)]

        return replace(TALLYSTICK, name=f"{count} workers", command=made)

    tasks = {"GET": detection()[0], "POST of 10 KB": posted("10 KB", order_list(100))}
    entries = [(f"{asked} {count}", with_workers(count), task) for asked, task in tasks.items() for count in (1, 2)]
    idle: dict[str, list[float]] = {name: [] for name, _, _ in entries}
    with started(entries, table.notes, core=None) as running:
        for turn in range(effort.rounds + 1):  # the first is for what is compiled or read at first use
            for one, server, task in running:
                before = _idle()
                measured = load(server, task.asked, effort.seconds, _CONNECTIONS, core=None)
                if turn:
                    one.loads.append(measured)
                    idle[one.name].append((_idle() - before) / measured.seconds)
            if turn:
                tell(f"  round {turn}: " + ", ".join(f"{one.name} {number(one.rates[-1])}" for one, _, _ in running))
    series = {one.name: one for one, _, _ in running}
    table.raw = raw(series)
    for asked in tasks:
        if f"{asked} 1" not in series or f"{asked} 2" not in series:
            continue
        single, double = series[f"{asked} 1"], series[f"{asked} 2"]
        for count, each in enumerate((single, double), 1):
            cells = (each.busy, _generator(each), median(idle[each.name]), each.each)
            table.rows.append(
                [asked, str(count), number(median(each.rates)), *ratio_cells(each.rates, single.rates)]
                + [number(cell) for cell in cells]
            )
        wasted = min(median(idle[double.name]), max(0.0, 2 - double.busy))
        ratio = 2 * single.each / double.each * double.busy / (double.busy + wasted)
        table.promises.append(Promise(f"{asked}: two workers on two cores of their own, of one on one", ratio, 1.6))
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
    return median([load.generator / load.seconds for load in series.loads])


def memory(effort: Effort) -> Table:
    """MB of a server with the four contracts, after some seconds of load."""
    get, _ = detection()
    values = merged(OPENAPI)
    document = written("all", values)
    task = replace(get, name="all", document=document, twin=written("all-3.0", twin(values)))
    twins = [
        str(written(f"{file.stem}-3.0", twin(read(file))))
        for file in sorted(OPENAPI, key=lambda file: file != get.document)
    ]
    ours = replace(TALLYSTICK, command=lambda port, _: [*TALLYSTICK.command(port, get)[:-1], *map(str, OPENAPI)])
    stock = replace(STOCK, command=lambda port, _: [*STOCK.command(port, get)[:-1], *twins])
    title = f"Memory with the {len(OPENAPI)} contracts of openapi/"
    table = Table(title, ["server", "MB resident", "MB, shared pages in part", "of Prism's"])
    entries = [(one.name, one, task) for one in (ours, PRISM, stock, MOCKOON, SCALAR, BARE_REPLY)]
    used: dict[str, tuple[float, float]] = {}
    with started(entries, table.notes) as running:
        for one, server, _ in running:
            load(server, task.asked, effort.seconds)
            used[one.name] = server.memory()
    table.raw = {name: list(each) for name, each in used.items()}
    prism = used.get(PRISM.name)
    for name, (resident, proportional) in used.items():
        ratio = number(resident / prism[0]) if prism else "-"
        table.rows.append([name, number(resident), number(proportional), ratio])
    if prism:
        table.promises.append(Promise("memory, of Prism's", used[OURS][0] / prism[0], 0.5, False))
    table.notes.append("Prism, Mockoon and Scalar's serve one document: they are given the four as one.")
    return table


def start(effort: Effort) -> Table:
    """Seconds from the command to the first right answer."""
    task, _ = detection()
    table = Table("Start to first answer", ["server", "document", "seconds", "of Prism's", "range"])
    large = sized(1200)
    pairs = [(one, task) for one in (TALLYSTICK, BARE_REPLY, *PEERS)] + [
        (one, large) for one in (TALLYSTICK, PRISM, STOCK)
    ]
    taken: dict[tuple[str, str], list[float]] = {}
    for turn in range(effort.rounds):
        for contender, each in pairs:
            key = (contender.name, Path(each.document).stem)
            if contender.missing() or (turn and key not in taken):
                continue
            port = free_port()
            try:
                with served(contender.name, contender.command(port, each), port, each.asked) as server:
                    verify(server, contender, each)
                    taken.setdefault(key, []).append(server.seconds)
            except NotServed as error:
                table.notes.append(f"{contender.name}, {key[1]}: {error}")
        tell(f"  round {turn + 1}: " + ", ".join(f"{key[0]} {seconds[-1]:.2f} s" for key, seconds in taken.items()))
    for (name, document), seconds in taken.items():
        prism = taken.get((PRISM.name, document))
        complete = prism is not None and len(prism) == len(seconds)
        ratios = ratio_cells(seconds, prism or []) if complete else ["-", "-"]
        table.rows.append([name, document, number(median(seconds)), *ratios])
    table.raw = {" ".join(key): seconds for key, seconds in taken.items()}
    return table
