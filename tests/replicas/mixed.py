"""Mixed requests by many clients to mocks that share what they remember, and what of it is not as it was acknowledged.

Each client owns some pets, of which it alone knows what they must be; a request whose answer did not come, or was that
something is away, may have happened or not, until an answer shows it. Besides, clients meet in races of which exactly
one may win.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import cast

from tests.replicas.client import Answer, Client

GONE: None = None
"""The state of a pet that does not exist."""
_UNCERTAIN_SECONDS = 3.0
"""How long after an uncertain change the older state may still be seen: a script may wait in Redis."""
_AWAY = frozenset((0, 502, 503, 504))
"""The answers that say that nobody could answer."""
_RACERS = 4

State = tuple[str, int] | None
"""The name and the count of a pet."""


@dataclass
class Report:
    """What became of all requests."""

    statuses: Counter[str] = field(default_factory=Counter)
    contradictions: list[str] = field(default_factory=list)
    races: Counter[str] = field(default_factory=Counter)
    orders: dict[object, str] = field(default_factory=dict)
    """Which pet each order is of that was acknowledged, by its id."""
    acknowledged: int = 0
    lost: int = 0
    longest_seconds: float = 0.0

    @property
    def requests(self) -> int:
        """How many requests were sent."""
        return sum(self.statuses.values())

    @property
    def away(self) -> int:
        """How many of them could not be answered."""
        return sum(count for key, count in self.statuses.items() if int(key.split(" ")[1]) in _AWAY)

    def contradict(self, text: str) -> None:
        """Note an answer that cannot be."""
        self.contradictions.append(text)

    def lines(self) -> list[str]:
        """The report for people."""
        statuses = ", ".join(f"{key}: {count}" for key, count in sorted(self.statuses.items()))
        races = ", ".join(f"{key}: {count}" for key, count in sorted(self.races.items()))
        return [
            f"{self.requests:,} requests, {self.acknowledged:,} changes acknowledged, {self.away:,} answers that "
            f"something is away; the longest answer took {self.longest_seconds:.1f} s",
            f"  {statuses}",
            f"  races: {races}",
            f"  contradictions: {len(self.contradictions)}, lost: {self.lost}",
            *(f"    {text}" for text in self.contradictions[:20]),
        ]


class Pet:
    """What a pet may be now, as far as its owner knows."""

    def __init__(self) -> None:
        self.possible: list[State] = [GONE]
        """What was acknowledged last, then each change after it whose answer did not come."""
        self.since = 0.0

    @property
    def is_gone(self) -> bool:
        """Whether it is known not to exist."""
        return self.possible == [GONE]

    def changed(self, state: State) -> None:
        """Note a change that was acknowledged."""
        self.possible = [state]

    def may_have_changed(self, state: State) -> None:
        """Note a change whose answer did not come."""
        self.possible.append(state)
        self.since = time.monotonic()

    def is_seen(self, state: State) -> bool:
        """Whether an answer may show a state; one before it can then be seen no more."""
        if state not in self.possible:
            return False
        is_settled = time.monotonic() - self.since > _UNCERTAIN_SECONDS
        self.possible = [state] if is_settled else self.possible[self.possible.index(state) :]
        return True


class Visitor:
    """One client with its pets."""

    def __init__(self, number: int, port: int, report: Report, beginning: str, seed: int) -> None:
        self.number = number
        self.client = Client(port)
        self.report = report
        self.beginning = beginning
        self.pets: dict[str, Pet] = {}
        self.created = 0
        self.random = random.Random(seed * 1000 + number)

    async def ask(self, method: str, path: str, value: object = None, headers: dict[str, str] | None = None) -> Answer:
        """The answer to one request, which is counted."""
        started = time.monotonic()
        answer = await self.client.ask(method, self.beginning + path, value, headers)
        self.report.longest_seconds = max(self.report.longest_seconds, time.monotonic() - started)
        self.report.statuses[f"{method} {answer.status}"] += 1
        if answer.status in _AWAY:
            await asyncio.sleep(0.02)
        return answer

    async def step(self) -> None:
        """One request, or a few that belong together."""
        draw = self.random.random()
        existing = [id for id, pet in self.pets.items() if not pet.is_gone]
        if draw < 0.2 or not existing:
            await self.create()
        elif draw < 0.55:
            await self.read(self.random.choice(list(self.pets)))
        elif draw < 0.58:
            await self.list()
        elif draw < 0.63:
            await self.order()
        elif draw < 0.8:
            await self.replace(self.random.choice(existing))
        elif draw < 0.88:
            await self.replace_conditionally(self.random.choice(existing))
        else:
            await self.delete(self.random.choice(existing))

    async def create(self) -> None:
        self.created += 1
        id = f"c{self.number}-{self.created}"
        pet = self.pets[id] = Pet()
        state = (f"pet {id}", self.created)
        answer = await self.ask("POST", "/pets", {"id": id, "name": state[0], "count": state[1]})
        if self.is_done(answer, pet, state, 201) and self.shown(answer) != (id, *state):
            self.report.contradict(f"created {id} as {state}, and the answer shows {answer.body[:200]!r}")

    async def read(self, id: str) -> None:
        answer = await self.ask("GET", f"/pets/{id}")
        if answer.status in _AWAY:
            return
        state = self.state_of(answer, id)
        before = list(self.pets[id].possible)
        if state is False or not self.pets[id].is_seen(cast("State", state)):
            self.report.contradict(f"{id} must be one of {before}, and is {answer.status} {answer.body[:200]!r}")

    async def list(self) -> None:
        """The newest pets have that which was created a moment ago, and not one that was deleted."""
        await self.create()
        newest = f"c{self.number}-{self.created}"
        answer = await self.ask("GET", "/pets?limit=100")
        rows = answer.value
        if answer.status in _AWAY:
            return
        if answer.status != 200 or not isinstance(rows, list):
            self.report.contradict(f"the list is {answer.status} {answer.body[:200]!r}")
            return
        ids = {row.get("id") for row in rows if isinstance(row, dict)}
        for id, pet in self.pets.items():
            if id in ids and pet.is_gone:
                self.report.contradict(f"{id} was deleted, and is listed")
        if GONE not in self.pets[newest].possible and newest not in ids:
            self.report.contradict(f"{newest} was created, and is not listed")

    async def order(self) -> None:
        """An order has an id that no other has, and is read as it was created."""
        pet = f"{self.number} {self.random.random()}"
        answer = await self.ask("POST", "/orders", {"pet": pet})
        if answer.status in _AWAY:
            return
        value = answer.value
        if answer.status != 201 or not isinstance(value, dict) or value.get("pet") != pet:
            self.report.contradict(f"an order of {pet} is {answer.status} {answer.body[:200]!r}")
            return
        id = value.get("id")
        if id in self.report.orders:
            self.report.contradict(f"two orders have the id {id}")
        self.report.orders[id] = pet
        self.report.acknowledged += 1

    async def look_at_orders(self) -> None:
        """Read each order at the end."""
        for id, pet in self.report.orders.items():
            answer = await self.ask("GET", f"/orders/{id}")
            if answer.status != 200 or answer.value != {"id": id, "pet": pet}:
                self.report.contradict(f"the order {id} of {pet} is {answer.status} {answer.body[:200]!r}")
                self.report.lost += 1

    async def replace(self, id: str) -> None:
        pet = self.pets[id]
        state = (f"pet {id}", self.random.randrange(1_000_000))
        answer = await self.ask("PUT", f"/pets/{id}", {"id": id, "name": state[0], "count": state[1]})
        if answer.status == 404 and GONE in pet.possible:
            pet.is_seen(GONE)
        else:
            self.is_done(answer, pet, state, 200)

    async def replace_conditionally(self, id: str) -> None:
        """A change under the tag of what was read is made; a second one under the same tag is refused."""
        answer = await self.ask("GET", f"/pets/{id}")
        tag = answer.headers.get("etag", "")
        if answer.status != 200 or not tag:
            return
        pet = self.pets[id]
        state = (f"pet {id}", self.random.randrange(1_000_000))
        value = {"id": id, "name": state[0], "count": state[1]}
        if not self.is_done(await self.ask("PUT", f"/pets/{id}", value, {"if-match": tag}), pet, state, 200):
            return
        answer = await self.ask("PUT", f"/pets/{id}", {**value, "count": -1}, {"if-match": tag})
        if answer.status not in (412, *_AWAY):
            self.report.contradict(f"{id} was changed, and a change under its older tag is {answer.status}")
        elif answer.status in _AWAY:
            pet.may_have_changed((state[0], -1))

    async def delete(self, id: str) -> None:
        pet = self.pets[id]
        answer = await self.ask("DELETE", f"/pets/{id}")
        if answer.status == 404 and GONE in pet.possible:
            pet.is_seen(GONE)
        else:
            self.is_done(answer, pet, GONE, 204)

    def is_done(self, answer: Answer, pet: Pet, state: State, status: int) -> bool:
        """Whether a change was acknowledged; another answer than that is a contradiction, unless something is away."""
        if answer.status in _AWAY:
            pet.may_have_changed(state)
            return False
        if answer.status != status:
            self.report.contradict(
                f"a change from {pet.possible} to {state} is {answer.status} {answer.body[:200]!r}, not {status}"
            )
            return False
        self.report.acknowledged += 1
        pet.changed(state)
        return True

    def shown(self, answer: Answer) -> tuple[object, ...] | None:
        """The id, name and count in an answer."""
        value = answer.value
        return (value.get("id"), value.get("name"), value.get("count")) if isinstance(value, dict) else None

    def state_of(self, answer: Answer, id: str) -> State | bool:
        """What an answer says of a pet; False where it is something else."""
        if answer.status == 404:
            return GONE
        shown = self.shown(answer)
        if answer.status != 200 or shown is None or shown[0] != id:
            return False
        return cast("State", shown[1:])

    async def look_at_all(self) -> None:
        """Read every pet at the end; what was acknowledged and is not so is lost."""
        before = len(self.report.contradictions)
        for id in self.pets:
            await self.read(id)
        self.report.lost += len(self.report.contradictions) - before


class Race:
    """Clients that do the same at once, so that exactly one wins."""

    def __init__(self, visitors: list[Visitor]) -> None:
        self.visitors = visitors
        self.report = visitors[0].report
        self.number = 0

    async def run(self) -> None:
        """A race for a new id, and one for a change under one tag."""
        self.number += 1
        id = f"race-{self.number}"
        answers = await self.all(
            lambda visitor: visitor.ask("POST", "/pets", {"id": id, "name": "x", "count": visitor.number})
        )
        if (winner := self.judge("create", f"creates of {id}", answers, 201, 409)) is None:
            return
        read = await self.visitors[0].ask("GET", f"/pets/{id}")
        if read.status not in _AWAY and self.visitors[0].shown(read) != (id, "x", winner.number):
            self.report.contradict(f"{id} was created by client {winner.number}, and is {read.body[:200]!r}")
        tag = read.headers.get("etag", "")
        if read.status != 200 or not tag:
            return

        def change(visitor: Visitor) -> Awaitable[Answer]:
            value = {"id": id, "name": "y", "count": visitor.number}
            return visitor.ask("PUT", f"/pets/{id}", value, {"if-match": tag})

        winner = self.judge("change", f"changes of {id}", await self.all(change), 200, 412)
        if winner is not None:
            read = await self.visitors[0].ask("GET", f"/pets/{id}")
            if read.status not in _AWAY and self.visitors[0].shown(read) != (id, "y", winner.number):
                self.report.contradict(f"{id} was changed by client {winner.number}, and is {read.body[:200]!r}")

    async def all(self, ask: Callable[[Visitor], Awaitable[Answer]]) -> list[Answer]:
        """The answers to what all of them ask at once."""
        return list(await asyncio.gather(*(ask(visitor) for visitor in self.visitors)))

    def judge(self, kind: str, what: str, answers: list[Answer], won: int, lost: int) -> Visitor | None:
        """The one that won; None where that is not known, since some answers did not come."""
        statuses = [answer.status for answer in answers]
        if any(status not in (won, lost, *_AWAY) for status in statuses) or statuses.count(won) > 1:
            self.report.contradict(f"{what} at once: {statuses}")
            return None
        if any(status in _AWAY for status in statuses):
            self.report.races[f"{kind}, some away"] += 1
            return None
        if statuses.count(won) != 1:
            self.report.contradict(f"{what} at once: {statuses}")
            return None
        self.report.races[f"{kind}, one won"] += 1
        return self.visitors[statuses.index(won)]


@dataclass
class Event:
    """Something that happens once a share of the requests was sent."""

    share: float
    happen: Callable[[], Awaitable[None]]


async def run_mixed(port: int, requests: int, clients: int, events: list[Event], beginning: str, seed: int) -> Report:
    """The report on many requests, with some events on the way."""
    report = Report()
    visitors = [Visitor(number, port, report, beginning, seed) for number in range(clients)]
    racing = Race([Visitor(clients + number, port, report, beginning, seed) for number in range(_RACERS)])

    async def visit(visitor: Visitor) -> None:
        while report.requests < requests:
            await visitor.step()

    async def race() -> None:
        while report.requests < requests:
            await racing.run()
            await asyncio.sleep(0.05)

    async def watch() -> None:
        for event in sorted(events, key=lambda event: event.share):
            while report.requests < requests * event.share:
                await asyncio.sleep(0.02)
            await event.happen()

    await asyncio.gather(watch(), race(), *(visit(visitor) for visitor in visitors))
    await asyncio.gather(*(visitor.look_at_all() for visitor in visitors), racing.visitors[0].look_at_orders())
    for visitor in (*visitors, *racing.visitors):
        visitor.client.close()
    return report
