"""The page of the journal: the last exchanges of a session in a table that grows while one looks, and a filter."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

from tallystick.exchanges.secrets import Secrets
from tallystick.mock.console.rendering import ENVIRONMENT
from tallystick.mock.console.visit import Html, Page, Stream, Visit, lost, see
from tallystick.mock.journal.journal import Journal
from tallystick.mock.journal.record import Record
from tallystick.mock.off_loop import off_loop
from tallystick.mock.roles import Reply
from tallystick.nouns import budgets

ROWS = 100
"""How many exchanges one page of the table has."""
_CHUNK = 500
_PAUSE_SECONDS = 0.4
"""How often a live table looks for new exchanges."""
_QUIET_SECONDS = 15.0
"""After how long something is sent that keeps a connection open."""


class Filter(NamedTuple):
    """Which exchanges are wanted: those that have all that is said here."""

    text: str = ""
    """Words of the URL, the operation, the reason or the bodies."""
    status: str = ""
    """A status, or a range as in `4xx`."""
    operation: str = ""
    """A part of the label or of the id of the operation."""
    is_broken: bool = False
    """Whether something has to be wrong with them."""

    def means(self, record: Record) -> bool:
        """Whether an exchange is wanted."""
        if self.is_broken and not record.violations:
            return False
        if self.status and not _has_status(self.status.lower(), str(record.response.status)):
            return False
        if self.operation and self.operation.lower() not in f"{record.label} {record.operation_id}".lower():
            return False
        return all(_has_word(word, record) for word in self.text.lower().split())

    @property
    def query(self) -> dict[str, str]:
        """It as the query of a URL."""
        return {
            "q": self.text,
            "status": self.status,
            "operation": self.operation,
            "broken": "1" if self.is_broken else "",
        }


def _has_status(wanted: str, status: str) -> bool:
    return len(wanted) == len(status) and all(letter in ("x", own) for letter, own in zip(wanted, status, strict=True))


def _has_word(word: str, record: Record) -> bool:
    request = record.request
    line = f"{request.method} {record.prefix}{request.path}?{request.query} {record.label} {record.operation_id}"
    if word in f"{line} {record.why.get('sentence', '')} {record.why.get('source', '')}".lower():
        return True
    octets = word.encode("utf-8", "replace")
    return octets in request.body.lower() or octets in record.response.body.lower()


@dataclass(frozen=True, slots=True)
class Rows:
    """Some exchanges, the newest first, and where the older ones go on: how many newer ones are to be left out.

    `older` is None where there are none. `searched` is how many were looked at.
    """

    records: Sequence[Record]
    older: int | None
    searched: int


def filter_of(visit: Visit) -> Filter:
    """The filter in the query of a visit."""
    return Filter(
        visit.asked("q").strip(),
        visit.asked("status").strip(),
        visit.asked("operation").strip(),
        visit.asked("broken") == "1",
    )


def journal_of(visit: Visit) -> Journal:
    """The journal of the mock; `LostError` where it keeps none."""
    if visit.memory.journal is None:
        raise lost(409, "This mock was started without a journal; --journal 1000 has it keep the last exchanges.")
    return visit.memory.journal


async def rows_of(journal: Journal, session: str, wanted: Filter, until: float, skip: int, most: int = ROWS) -> Rows:
    """The exchanges that were answered until a time and that a filter wants, in steps that leave others their turn."""
    chosen: list[Record] = []
    newer = await _count_newer(journal, session, until) if skip else 0
    position, ending = skip, time.monotonic() + budgets.PAGE_SEARCH_SECONDS
    while True:
        records = await journal.latest(session, _CHUNK, newer + position)
        meant, passed = await off_loop(partial(_chosen, wanted, records, most - len(chosen)))
        chosen += meant
        position += passed
        if len(chosen) >= most:
            return Rows(chosen, position, position - skip)
        if len(records) < _CHUNK:
            return Rows(chosen, None, position - skip)
        if time.monotonic() > ending:
            return Rows(chosen, position, position - skip)


def _chosen(wanted: Filter, records: Sequence[Record], most: int) -> tuple[list[Record], int]:
    """The newest of some records that a filter wants, the newest first, and how many were looked at for them."""
    chosen: list[Record] = []
    for number, record in enumerate(reversed(records), 1):
        if wanted.means(record):
            chosen.append(record)
            if len(chosen) >= most:
                return chosen, number
    return chosen, len(records)


async def _count_newer(journal: Journal, session: str, until: float) -> int:
    """How many exchanges were answered after a time."""
    count = 0
    while records := await journal.latest(session, _CHUNK, count):
        older = next((index for index, each in enumerate(reversed(records)) if each.time + each.seconds <= until), None)
        if older is not None:
            return count + older
        count += len(records)
    return count


async def _list(visit: Visit) -> Html:
    journal, wanted = journal_of(visit), filter_of(visit)
    until, skip = _number(visit.asked("until")) or time.time(), int(_number(visit.asked("skip")))
    rows = await rows_of(journal, visit.session, wanted, until, skip)
    secrets = await off_loop(partial(Secrets, visit.memory.contracts))
    older = visit.url("/page/journal", **wanted.query, until=f"{until:.6f}", skip=rows.older) if rows.older else ""
    newest = rows.records[0].id if rows.records else ""
    values = {
        "rows": rows,
        "secrets": secrets,
        "wanted": wanted,
        "is_first": skip == 0,
        "older": older,
        "events": visit.url("/page/journal/events", **wanted.query, after=newest),
        "most": journal.most,
    }
    return Html("journal.html", values, part="found")


def _number(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        return 0.0
    return number if 0 <= number < 1e12 else 0.0


async def _follow(visit: Visit) -> Stream:
    last = visit.headers.by_name.get("last-event-id", "") or visit.asked("after")
    return Stream(_events(visit, journal_of(visit), filter_of(visit), last))


async def _events(visit: Visit, journal: Journal, wanted: Filter, last: str) -> AsyncIterator[bytes]:
    """The new exchanges as rows of the table, a few times a second; a slow reader gets the newest of them.

    It looks into the journal as any reader does: a mock whose page is closed has nothing to do for it.
    """
    secrets = await off_loop(partial(Secrets, visit.memory.contracts))
    template = ENVIRONMENT.get_template("row.html")
    yield b"retry: 1000\n: the journal, live\n\n"
    said = time.monotonic()
    while True:
        newest = await journal.latest(visit.session, 1)
        if newest and newest[-1].id != last:
            fresh = _after(await journal.latest(visit.session, 2 * ROWS), last)
            last = fresh[-1].id if fresh else newest[-1].id
            meant, _ = await off_loop(partial(_chosen, wanted, fresh, ROWS))
            if meant:
                html = await off_loop(partial(template.render, visit=visit, records=meant, secrets=secrets))
                yield _event(last, html)
                said = time.monotonic()
        if time.monotonic() - said > _QUIET_SECONDS:
            yield b": nothing new\n\n"
            said = time.monotonic()
        await asyncio.sleep(_PAUSE_SECONDS)


def _after(records: Sequence[Record], last: str) -> Sequence[Record]:
    """The records that came after the last one that was sent; all of them where it is too long ago."""
    position = next((index for index, record in enumerate(records) if record.id == last), -1)
    return records[position + 1 :]


def _event(id: str, html: str) -> bytes:
    lines = "".join(f"data: {line}\n" for line in html.splitlines() if line.strip())
    return f"id: {id}\nevent: rows\n{lines}\n".encode("utf-8", "replace")


async def _clear(visit: Visit) -> Reply:
    await journal_of(visit).clear(visit.session)
    return see(visit.url("/page/journal"))


PAGES: dict[str, Page] = {
    "GET /page/journal": _list,
    "GET /page/journal/events": _follow,
    "POST /page/journal/clear": _clear,
}
