"""Rates of several servers, taken in turn: all run at once, and each round asks one after the other."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

from benchmarks.contenders import Contender
from benchmarks.contracts import Asked, Task
from benchmarks.load import CONNECTIONS, Load, load
from benchmarks.processes import SERVER_CORE, NotServed, Running, ask, free_port, served, tell
from benchmarks.results import median, number


@dataclass(frozen=True)
class Effort:
    """How long to measure: rounds, seconds of load for each server in a round, and the most for any other command."""

    rounds: int = 5
    seconds: float = 3.0
    limit: float = 240.0


@dataclass
class Series:
    """What one server did, round by round."""

    name: str
    refuses: list[str] = field(default_factory=list)
    loads: list[Load] = field(default_factory=list)

    @property
    def rates(self) -> list[float]:
        """Requests a second in each round."""
        return [one.rate for one in self.loads]

    @property
    def busy(self) -> float:
        """The share of a core that the server had: well below 1, it was not the server that was measured."""
        return median([one.busy for one in self.loads])

    @property
    def each(self) -> float:
        """Microseconds of the processor for each request."""
        return median([1e6 * one.server / one.requests for one in self.loads if one.requests])


Entry = tuple[str, Contender, Task]
"""A name for a row, who serves, and what."""


def verify(server: Running, contender: Contender, task: Task) -> list[str]:
    """The kinds of bad requests that a server refuses; `NotServed` where it does not answer as it should."""
    status, body = ask(server.port, task.asked)
    expected = json.loads(task.reply)
    try:
        got = json.loads(body)
    except ValueError:
        raise NotServed(f"it answers {status} with {body[:80]!r}, which is no JSON") from None
    if not 200 <= status < 300 or not isinstance(got, dict) or not expected.keys() <= got.keys():
        raise NotServed(f"it answers {status} with {body[:80]!r} in place of {task.reply[:80]!r}")
    refused = [kind for kind, asked in task.refused if 400 <= ask(server.port, asked)[0] < 500]
    lost = [kind for kind, _ in task.refused if kind in contender.refuses and kind not in refused]
    if lost:
        raise NotServed(f"it takes a request with bad {' and '.join(lost)}")
    return refused


@contextmanager
def started(
    entries: Sequence[Entry], skipped: list[str], core: int | None = SERVER_CORE
) -> Iterator[list[tuple[Series, Running, Task]]]:
    """Servers that run and answer rightly, to the end of the block; who is not to be had is told in `skipped`."""
    with ExitStack() as stack:
        running: list[tuple[Series, Running, Task]] = []
        for name, contender, task in entries:
            if reason := contender.missing():
                skipped.append(f"{name}: {reason}")
                continue
            port = free_port()
            try:
                server = stack.enter_context(served(name, contender.command(port, task), port, task.asked, core))
                running.append((Series(name, verify(server, contender, task)), server, task))
            except NotServed as error:
                skipped.append(f"{name}: {error}")
                tell(f"  {name}: not measured: {error}")
        yield running


def take_turns(
    entries: Sequence[Entry],
    effort: Effort,
    skipped: list[str],
    sent: Mapping[str, Asked] | None = None,
    connections: int = CONNECTIONS,
) -> dict[str, Series]:
    """The rates of some servers, measured A B A B; who is not to be had is told in `skipped`.

    `sent` gives, by name, a request that is to be refused, in place of the task's own, which is the one that is
    verified.
    """
    with started(entries, skipped) as running:
        asked = {one.name: (sent or {}).get(one.name, task.asked) for one, _, task in running}
        warming = {name: max(effort.seconds, contender.warming) for name, contender, _ in entries}
        for one, server, _ in running:  # so that what is compiled or read at first use is there
            load(server, asked[one.name], warming[one.name], connections)
        for turn in range(effort.rounds):
            for one, server, _ in running:
                one.loads.append(load(server, asked[one.name], effort.seconds, connections))
            told = ", ".join(f"{one.name} {number(one.loads[-1].rate)}" for one, _, _ in running)
            tell(f"  round {turn + 1} of {effort.rounds}: {told}")
        for one, _, task in running:
            wrong = sum(
                each.refused if asked[one.name] is task.asked else each.requests - each.refused for each in one.loads
            )
            if wrong or any(each.broken for each in one.loads):
                broken = sum(each.broken for each in one.loads)
                skipped.append(f"{one.name}: {wrong:,} answers had the wrong status, {broken:,} connections broke")
        return {one.name: one for one, _, _ in running}
