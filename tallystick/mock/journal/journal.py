"""The listener of the journal: it notes each exchange, and brings the notes to the store a moment later."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from time import time

from tallystick.mock.journal.entry import Entry, has_id
from tallystick.mock.journal.record import Record, read_record
from tallystick.mock.off_loop import is_on_loop, off_loop
from tallystick.mock.roles import Answered, Note, Reply
from tallystick.mock.stores import store as stores
from tallystick.mock.stores.memory import MemoryStore
from tallystick.mock.stores.store import Store, StoreError
from tallystick.nouns.exchange import Response

PAUSE_SECONDS = 0.02
"""How long entries are gathered before they are brought to the store."""
_SETTLE_SECONDS = 3 * PAUSE_SECONDS
"""How long a reader waits for what other processes have gathered."""
_AT_ONCE = 20
"""How many entries let go of their contracts before others have their turn; each takes some ten microseconds."""
_FOUND_AT_ONCE = 2_000
"""How many entries are looked through for an id at once."""
_MOST_WAITING = 500
"""After how many more entries it is tried again to bring them to the store: the event loop may be another one."""


def _records(session: str, entries: Sequence[stores.Entry]) -> list[Record]:
    """The records of entries, in the order in which their requests arrived."""
    return sorted(_read(session, entries), key=lambda record: record.time)


def _read(session: str, entries: Sequence[stores.Entry]) -> list[Record]:
    return [entry.record if isinstance(entry, Entry) else read_record(session, entry.text) for entry in entries]


class Journal:
    """The last exchanges of each session, at most `most` of each."""

    def __init__(self, store: Store, most: int) -> None:
        self.store = store
        self.most = most
        self.is_shared = not isinstance(store, MemoryStore)
        self._waiting: list[Note] = []
        self._flushing: asyncio.Task[None] | None = None
        self._is_stale = False
        """Whether the contracts have changed since the entries in the store were heard of."""
        self._prefix = ""

    def hear(self, answered: Answered) -> None:
        """Note an exchange that reached no operation: a listener."""
        route, (request, response), violations, seconds, why, session, reply, scheme = answered
        reply = reply or Reply(response or Response(0), why)
        self.note((time(), seconds, route, request, reply, violations, session, scheme))

    def note(self, note: Note) -> None:
        """Note an exchange."""
        waiting = self._waiting
        waiting.append(note)
        if len(waiting) % _MOST_WAITING == 1 and is_on_loop():
            asyncio.get_running_loop().call_later(PAUSE_SECONDS, self._start)
            del waiting[: -20 * _MOST_WAITING]

    async def flush(self) -> None:
        """Bring what was noted to the store."""
        while (flushing := self._current()) is not None:
            await asyncio.shield(flushing)
        if self._waiting:
            self._start()
            await self.flush()

    async def records(self, session: str) -> Sequence[Record]:
        """The exchanges of a session, in the order in which their requests arrived."""
        if self.is_shared:
            await asyncio.sleep(_SETTLE_SECONDS)
        await self.flush()
        entries = await self.store.entries(session)
        return await off_loop(partial(_records, session, entries))

    async def latest(self, session: str, count: int, skip: int = 0) -> Sequence[Record]:
        """Some of the last exchanges of a session, as they were answered; so many newer ones are left out."""
        await self.flush()
        entries = await self.store.latest(session, count, skip)
        return await off_loop(partial(_read, session, entries))

    async def find(self, session: str, id: str) -> Record | None:
        """The exchange of a session by its id; None where it is not there, or no more."""
        await self.flush()
        skip = 0
        while entries := await self.store.latest(session, _FOUND_AT_ONCE, skip):
            skip += len(entries)
            entry = next((each for each in entries if has_id(each, id)), None)
            if entry is not None:
                return _read(session, [entry])[0]
        return None

    async def clear(self, session: str) -> None:
        """Forget the exchanges of a session."""
        if self.is_shared:
            await asyncio.sleep(_SETTLE_SECONDS)
        await self.flush()
        await self.store.clear_entries(session)

    def renew(self, most: int) -> None:
        """Go on for other contracts, with at most so many entries of each session."""
        self.most, self._is_stale = most, True

    def _current(self) -> asyncio.Task[None] | None:
        """What brings entries to the store just now; one of an event loop that has ended does so no more."""
        flushing = self._flushing
        is_here = flushing is not None and flushing.get_loop() is asyncio.get_running_loop() and not flushing.done()
        return flushing if is_here else None

    def _start(self) -> None:
        if self._current() is None and self._waiting:
            self._flushing = asyncio.get_running_loop().create_task(self._bring())
            self._flushing.add_done_callback(self._done)

    def _done(self, _: asyncio.Task[None]) -> None:
        if self._waiting:
            asyncio.get_running_loop().call_later(PAUSE_SECONDS, self._start)

    async def _bring(self) -> None:
        waiting, self._waiting = self._waiting, []
        prefix = self._prefix = self._prefix or f"{secrets.token_hex(3)}-"  # made after the fork of a worker
        by_session: dict[str, list[Entry]] = {}
        for note in waiting:
            by_session.setdefault(note[6], []).append(Entry(prefix, note))
        for session, entries in by_session.items():
            for start in range(0, len(entries), _MOST_WAITING):
                some = entries[start : start + _MOST_WAITING]
                with suppress(StoreError):  # what a store does not take that is gone is lost; it says so itself
                    await self.store.log(session, some, self.most)
        if self._is_stale:
            self._is_stale = False
            await self._settle({id(entry) for entries in by_session.values() for entry in entries})

    async def _settle(self, new: set[int]) -> None:
        """Have entries let go of the contracts that they know, but for some that are new."""
        if self.is_shared:
            return
        for use in await self.store.sessions():
            for number, entry in enumerate(await self.store.entries(use.name), 1):
                if isinstance(entry, Entry) and id(entry) not in new:
                    entry.settle()
                if number % _AT_ONCE == 0:
                    await asyncio.sleep(0)
