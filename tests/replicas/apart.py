"""Sessions at once on one mock: each does the same with the same ids, and may see nothing of the others."""

from __future__ import annotations

import asyncio

from tests.replicas.client import Client
from tests.replicas.mixed import Report


class Session:
    """One session, named by a header, by a cookie or in the path."""

    def __init__(self, number: int, port: int, report: Report, beginning: str) -> None:
        self.name = f"worker-{number}"
        header = {0: {"Tallystick-Session": self.name}, 1: {"Cookie": f"a=b; tallystick-session={self.name}"}}
        self.client = Client(port, header.get(number % 3))
        self.beginning = beginning if number % 3 < 2 else f"/~{self.name}{beginning}"
        self.report = report

    async def scenario(self, number: int) -> None:
        """A pet from its creation to its deletion, beside those of all other sessions with the same id."""
        id = f"pet-{number}"
        created = {"id": id, "name": f"{self.name} {number}", "count": number}
        changed = {**created, "count": number + 1}
        await self.expect("GET", f"/pets/{id}", 404)
        await self.expect("POST", "/pets", 201, created, created)
        await self.expect("GET", f"/pets/{id}", 200, None, created)
        await self.expect("GET", "/pets", 200, None, [created])
        await self.expect("POST", "/pets", 409, created)
        await self.expect("PUT", f"/pets/{id}", 200, changed, changed)
        await self.expect("GET", f"/pets/{id}", 200, None, changed)
        await self.expect("DELETE", f"/pets/{id}", 204)
        await self.expect("GET", f"/pets/{id}", 404)
        await self.expect("GET", "/pets", 200, None, [])

    async def expect(
        self, method: str, path: str, status: int, value: object = None, shown: object | None = None
    ) -> None:
        """Ask, and note another answer than this one."""
        answer = await self.client.ask(method, self.beginning + path, value)
        self.report.statuses[f"{method} {answer.status}"] += 1
        if answer.status != status or (shown is not None and answer.value != shown):
            expected = f"{status} {shown if shown is not None else ''}".strip()
            self.report.contradict(
                f"{self.name}: {method} {path}: {answer.status} {answer.body[:200]!r} {answer.why}, not {expected}"
            )


async def run_sessions(port: int, sessions: int, scenarios: int, beginning: str) -> Report:
    """The report on some sessions at once."""
    report = Report()
    each = [Session(number, port, report, beginning) for number in range(sessions)]

    async def play(session: Session) -> None:
        for number in range(scenarios):
            await session.scenario(number)
        session.client.close()

    await asyncio.gather(*(play(session) for session in each))
    return report
