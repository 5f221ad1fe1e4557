"""Rates of several servers: all run at the same time, and each round loads one after the other."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

from benchmarks.contenders import Contender
from benchmarks.contracts import HttpRequest, Task
from benchmarks.load import CONNECTIONS, Load, load
from benchmarks.processes import SERVER_CORE, NotServed, RunningServer, free_port, progress, send, served
from benchmarks.results import median, number


@dataclass(frozen=True)
class Effort:
    """How long to measure: rounds, seconds of load per server and round, and the limit for any other command."""

    rounds: int = 5
    seconds: float = 3.0
    limit: float = 240.0


@dataclass
class Series:
    """The results of one server, round by round."""

    name: str
    refuses: list[str] = field(default_factory=list)
    loads: list[Load] = field(default_factory=list)

    @property
    def rates(self) -> list[float]:
        """Requests a second in each round."""
        return [each.rate for each in self.loads]

    @property
    def busy(self) -> float:
        """The share of a core that the server used: well below 1, the server was not the limit."""
        return median([each.busy for each in self.loads])

    @property
    def microseconds_each(self) -> float:
        """Processor time for each request."""
        return median([1e6 * each.server_seconds / each.requests for each in self.loads if each.requests])


Entry = tuple[str, Contender, Task]
"""The name of a row, the server, and what it serves."""
Participant = tuple[Series, RunningServer, Task]


def verify(server: RunningServer, contender: Contender, task: Task) -> list[str]:
    """The kinds of bad requests that a server refuses. Raises `NotServed` where it does not answer as it should."""
    status, body = send(server.port, task.request)
    expected = json.loads(task.reply)
    try:
        answer = json.loads(body)
    except ValueError:
        raise NotServed(f"it answers {status} with {body[:80]!r}, which is no JSON") from None
    if not 200 <= status < 300 or not isinstance(answer, dict) or not expected.keys() <= answer.keys():
        raise NotServed(f"it answers {status} with {body[:80]!r} in place of {task.reply[:80]!r}")
    refused = [kind for kind, request in task.bad_requests if 400 <= send(server.port, request)[0] < 500]
    accepted = [kind for kind, _ in task.bad_requests if kind in contender.refuses and kind not in refused]
    if accepted:
        raise NotServed(f"it takes a request with bad {' and '.join(accepted)}")
    return refused


@contextmanager
def started(entries: Sequence[Entry], notes: list[str], core: int | None = SERVER_CORE) -> Iterator[list[Participant]]:
    """Servers that run and answer rightly, to the end of the block; `notes` gets why another one is left out."""
    with ExitStack() as stack:
        running: list[Participant] = []
        for name, contender, task in entries:
            if reason := contender.missing():
                notes.append(f"{name}: {reason}")
                continue
            port = free_port()
            try:
                server = stack.enter_context(served(name, contender.command(port, task), port, task.request, core))
                running.append((Series(name, verify(server, contender, task)), server, task))
            except NotServed as error:
                notes.append(f"{name}: {error}")
                progress(f"  {name}: not measured: {error}")
        yield running


def take_turns(
    entries: Sequence[Entry],
    effort: Effort,
    notes: list[str],
    bad_requests: Mapping[str, HttpRequest] | None = None,
    connections: int = CONNECTIONS,
) -> dict[str, Series]:
    """The rates of some servers, measured in turn (A B A B); `notes` gets why a server is left out, and its errors.

    A task is verified with its own request. It is measured with one of `bad_requests`, which must be refused, where
    that has one under its name.
    """
    bad_requests = bad_requests or {}
    with started(entries, notes) as running:
        requests = {series.name: bad_requests.get(series.name, task.request) for series, _, task in running}
        warm_up_seconds = {name: max(effort.seconds, contender.warm_up_seconds) for name, contender, _ in entries}
        for series, server, _ in running:
            load(server, requests[series.name], warm_up_seconds[series.name], connections)
        for turn in range(effort.rounds):
            for series, server, _ in running:
                series.loads.append(load(server, requests[series.name], effort.seconds, connections))
            rates = ", ".join(f"{series.name} {number(series.loads[-1].rate)}" for series, _, _ in running)
            progress(f"  round {turn + 1} of {effort.rounds}: {rates}")
        for series, _, _ in running:
            notes += _errors(series, must_be_refused=series.name in bad_requests)
        return {series.name: series for series, _, _ in running}


def _errors(series: Series, must_be_refused: bool) -> Iterator[str]:
    """A sentence on wrong answers and broken connections, where there are any."""
    refused, requests = sum(each.refused for each in series.loads), sum(each.requests for each in series.loads)
    broken = sum(each.broken for each in series.loads)
    wrong = requests - refused if must_be_refused else refused
    if wrong or broken:
        yield f"{series.name}: {wrong:,} answers had the wrong status, {broken:,} connections broke"
