"""Many requests, one in ten invalid, while the contract is saved all the time, valid and broken in turn."""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass
from pathlib import Path

from tests.replicas.client import Client
from tests.replicas.mixed import Report
from tests.replicas.parts import Mock

_FIRST = 1_000
"""After how many requests the memory is looked at first."""
_SAVE_SECONDS = 1.0
_BROKEN = "openapi: 3.1.0\ninfo: {title: Pets, version: '1'\npaths:\n  /pets: [\n"


@dataclass
class Growth:
    """How much memory the mock had after the first requests and at the end, in bytes; and how often it was saved."""

    first_bytes: int = 0
    last_bytes: int = 0
    saves: int = 0

    @property
    def share(self) -> float:
        """By how much it grew: 0.2 for a fifth."""
        return self.last_bytes / self.first_bytes - 1 if self.first_bytes else 0.0


class Caller:
    """A client that creates, reads, changes and deletes one pet after the other."""

    def __init__(self, number: int, port: int, report: Report, beginning: str) -> None:
        self.number = number
        self.client = Client(port)
        self.report = report
        self.beginning = beginning
        self.random = random.Random(number)
        self.created = 0

    async def round(self) -> None:
        """Ten requests, of which one is invalid; or, now and then, the creation of a pet that stays."""
        self.created += 1
        id = f"c{self.number}-{self.created}"
        pet = {"id": id, "name": "Rex", "count": self.created}
        invalid = self.random.choice(
            [("POST", "/pets", {"name": 7}), ("GET", "/pets?limit=many", None), ("PUT", f"/pets/{id}", {"count": "x"})]
        )
        await self.expect(201, "POST", "/pets", pet)
        await self.expect(200, "GET", f"/pets/{id}", None, pet)
        await self.expect(200, "GET", "/pets?limit=5")
        await self.expect((invalid[0] == "POST" and 422) or 400, *invalid)
        await self.expect(200, "PUT", f"/pets/{id}", {**pet, "name": "Max"})
        await self.expect(200, "GET", f"/pets/{id}", None, {**pet, "name": "Max"})
        await self.expect(409, "POST", "/pets", pet)
        if self.created % 10:
            await self.expect(204, "DELETE", f"/pets/{id}")
            await self.expect(404, "GET", f"/pets/{id}")
        await self.expect(200, "GET", "/pets")

    async def expect(
        self, status: int, method: str, path: str, value: object = None, shown: object | None = None
    ) -> None:
        answer = await self.client.ask(method, self.beginning + path, value)
        self.report.statuses[f"{method} {answer.status}"] += 1
        is_refusal = status in (400, 422)
        is_expected = answer.status in (400, 422) if is_refusal else answer.status == status
        if not is_expected or (shown is not None and answer.value != shown):
            self.report.contradict(f"{method} {path}: {answer.status} {answer.body[:200]!r} {answer.why}, not {status}")


async def run_reloads(mock: Mock, requests: int, clients: int, beginning: str) -> tuple[Report, Growth]:
    """The report on many requests, and how the memory of the mock grew meanwhile."""
    report, growth = Report(), Growth()
    whole = mock.contract.read_text()

    async def call(caller: Caller) -> None:
        while report.requests < requests:
            await caller.round()
        caller.client.close()

    async def save() -> None:
        while report.requests < requests:
            growth.saves += 1
            text = _BROKEN if growth.saves % 2 else f"{whole}\n# saved {growth.saves} times\n"
            await asyncio.to_thread(_save, mock.contract, text)
            await asyncio.sleep(_SAVE_SECONDS)

    async def measure() -> None:
        while report.requests < min(_FIRST, requests):
            await asyncio.sleep(0.01)
        growth.first_bytes = mock.resident_bytes()

    callers = [Caller(number, mock.port, report, beginning) for number in range(clients)]
    await asyncio.gather(save(), measure(), *(call(caller) for caller in callers))
    growth.last_bytes = mock.resident_bytes()
    mock.contract.write_text(whole)
    return report, growth


def _save(file: Path, text: str) -> None:
    file.write_text(text)
