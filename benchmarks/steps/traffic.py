"""GET and POST of one contract, by all servers."""

from __future__ import annotations

from collections.abc import Sequence

from benchmarks.contenders import (
    BARE_READ,
    BARE_REPLY,
    PEERS,
    PRISM,
    PRISM_LOGGING,
    STOCK,
    TALLYSTICK,
    TALLYSTICK_LOGGING,
    TALLYSTICK_STATELESS,
    TUNED_READ,
    TUNED_REPLY,
    Contender,
)
from benchmarks.contracts import Task, detection_tasks
from benchmarks.measure import Effort, Series, take_turns
from benchmarks.results import Promise, Table, median, number, ratio_cells

_LIMIT = (
    "The load cannot always keep the bare function busy, and the rate is not its limit then: so the ratio of processor "
    "times is told as well. uvicorn as it comes sends the head and the body of a response apart, twice the work for "
    "whoever reads them; set up as the mock's, it sends them together."
)


def get(effort: Effort) -> Table:
    """GET with credentials and a path parameter that is validated."""
    task, _ = detection_tasks()
    return _traffic(
        "GET with credentials and a validated path parameter", task, (BARE_REPLY, TUNED_REPLY), effort, (0.65, 0.5)
    )


def post(effort: Effort) -> Table:
    """POST with credentials and a JSON body that is validated; what it creates is kept."""
    _, task = detection_tasks()
    return _traffic(
        "POST with credentials and a validated JSON body", task, (BARE_READ, TUNED_READ), effort, (0.55, 0.35)
    )


def _traffic(
    title: str, task: Task, bares: tuple[Contender, ...], effort: Effort, limits: tuple[float, float]
) -> Table:
    """The table; `limits` are the shares of the bare function that are promised without state and with it."""
    bare = bares[0]
    table = Table(title, ["server", "requests/s", "of the bare function", "range", "core", "µs each", "refuses bad"])
    contenders = (*bares, TALLYSTICK, TALLYSTICK_STATELESS, TALLYSTICK_LOGGING, PRISM_LOGGING, *PEERS)
    series = take_turns([(contender.name, contender, task) for contender in contenders], effort, table.notes)
    table.rows, table.raw = rows(series, bare.name), raw(series)
    ours = median(series[TALLYSTICK.name].rates)
    for mock, how, limit in zip((TALLYSTICK_STATELESS, TALLYSTICK), ("", ", with state"), limits, strict=True):
        in_time = series[bare.name].microseconds_each / series[mock.name].microseconds_each
        ratios = (("of the bare function", _rate(series, mock) / _rate(series, bare)), ("by processor time", in_time))
        for what, ratio in ratios:
            table.promises.append(Promise(f"{task.name.upper()}{how}: {what}", ratio, limit))
    table.notes.append(_LIMIT)
    for mine, peer, peer_name in (
        (TALLYSTICK_LOGGING, PRISM_LOGGING, "Prism, each as it comes"),
        (TALLYSTICK, PRISM, "Prism, both silent"),
        (TALLYSTICK, STOCK, STOCK.name),
    ):
        if mine.name in series and peer.name in series:
            ratio = _rate(series, mine) / _rate(series, peer)
            table.promises.append(Promise(f"{task.name.upper()}: times {peer_name}", ratio, 10))
    if TALLYSTICK_LOGGING.name in series:
        share = _rate(series, TALLYSTICK_LOGGING) / ours
        table.promises.append(Promise(f"{task.name.upper()}: with a line for each request, of without", share, 2 / 3))
    return table


def _rate(series: dict[str, Series], contender: Contender) -> float:
    return median(series[contender.name].rates)


def rows(series: dict[str, Series], reference: str) -> list[list[str]]:
    """A row for each server: its median rate, its ratio to the reference, and what it refuses."""
    base = series[reference].rates if reference in series else []
    rows = []
    for each in series.values():
        ratios: Sequence[str] = ratio_cells(each.rates, base) if base else ["-", "-"]
        refuses = ", ".join(each.refuses) or "nothing"
        cells = [f"{each.busy:.0%}", number(each.microseconds_each), refuses]
        rows.append([each.name, number(median(each.rates)), *ratios, *cells])
    return rows


def raw(series: dict[str, Series]) -> dict[str, list[dict[str, float]]]:
    """All numbers, by server and round."""
    return {name: [dict(vars(load)) for load in each.loads] for name, each in series.items()}
