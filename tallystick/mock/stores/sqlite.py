"""The store in a SQLite file: it outlives the process, and several processes of one machine may share it.

Each method is one short transaction in the event loop. Where another process writes at that moment, the event loop
goes on with other requests meanwhile. The write-ahead log is the system's as soon as a method has returned, so a
process that is killed loses nothing.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import sqlite3
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TypeVar

from tallystick.mock.stores import sqlite_items as items
from tallystick.mock.stores import sqlite_sessions as sessions
from tallystick.mock.stores.bounds import Bounds
from tallystick.mock.stores.presence import Presence
from tallystick.mock.stores.snapshot import read_snapshot
from tallystick.mock.stores.sqlite_schema import has_tables, make_tables, reason_of
from tallystick.mock.stores.store import (
    Document,
    Entry,
    Item,
    Place,
    SessionUse,
    StoreError,
    StoreFullError,
    StoreGoneError,
)
from tallystick.nouns import budgets
from tallystick.nouns.errors import UnreadableError
from tallystick.nouns.threads import start_beside

Result = TypeVar("Result")
Work = Callable[[sqlite3.Connection], Result]

_READS, _READS_MUCH, _WRITES = "", "BEGIN", "BEGIN IMMEDIATE"
"""How a transaction begins: one statement is one by itself."""
_LEAST_PAUSE, _MOST_PAUSE = 0.0002, 0.01
"""Seconds between two attempts to write while another process does; a transaction takes a fraction of the least."""
_WRITTEN_AT_ONCE = 200
"""After how many changes what stands in the write-ahead log is moved to its place in the file."""
_LOOK_SECONDS = 1.0
"""How often it is looked whether the file is still there."""
_BUSY = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
_DAMAGING = (sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
"""After these errors the file is opened anew."""


class SqliteStore:
    """A `Store` in a file."""

    def __init__(self, file: str, bounds: Bounds, presence: Presence) -> None:
        self.file = self.where = file
        self.bounds = bounds
        self.presence = presence
        self._open: sqlite3.Connection | None = None
        self._process = 0
        """The process that has opened the file: a connection is of no use to a fork."""
        self._file_number: tuple[int, int] | None = None
        self._looked = 0.0
        self._written = 0
        self._touched: dict[str, float] = {}
        """When this process wrote down last that a session is used."""

    async def check(self) -> None:
        try:
            await self._attempt(items.next_number, _WRITES)
        except sqlite3.Error as error:
            raise UnreadableError(self.file, 0, reason_of(error, self.file)) from None

    async def items(self, place: Place, ids: Sequence[str]) -> list[Item | None]:
        await self._use(place.session)
        return await self._run(partial(items.by_ids, place=place, ids=ids), _READS if len(ids) == 1 else _READS_MUCH)

    async def put(
        self, place: Place, id: str, text: bytes, *, expected: int | None, is_listed: bool, now: float
    ) -> Item | None:
        await self._use(place.session)

        def work(connection: sqlite3.Connection) -> Item | None:
            return items.put(connection, self.bounds, place, id, text, expected, is_listed, now)

        return await self._run(work, _WRITES)

    async def newest(self, place: Place, start: int, count: int) -> list[Item]:
        await self._use(place.session)
        return await self._run(partial(items.newest, place=place, start=start, count=count))

    async def count(self, place: Place) -> int:
        await self._use(place.session)
        return await self._run(partial(items.count, place=place))

    async def kept(self, place: Place) -> list[Item]:
        await self._use(place.session)
        return await self._run(partial(items.kept, place=place))

    async def revision(self, place: Place) -> int:
        await self._use(place.session)
        return await self._run(partial(items.revision, place=place))

    async def places(self, session: str, contract: str) -> list[str]:
        await self._use(session)
        return await self._run(partial(items.paths, session=session, contract=contract))

    async def drop_below(self, session: str, contract: str, path: str) -> None:
        await self._use(session)
        await self._run(partial(items.drop_below, session=session, contract=contract, path=path), _WRITES)

    async def document(self, session: str, name: str) -> Document | None:
        await self._use(session)
        return await self._run(partial(sessions.document, session=session, name=name))

    async def documents(self, session: str, prefix: str = "") -> Mapping[str, Document]:
        await self._use(session)
        return await self._run(partial(sessions.documents, session=session, prefix=prefix))

    async def put_document(
        self, session: str, name: str, text: bytes | None, expected: int | None = None, seconds: float | None = None
    ) -> bool:
        await self._use(session)

        def work(connection: sqlite3.Connection) -> bool:
            return sessions.put_document(connection, self.bounds, session, name, text, expected, seconds)

        return await self._run(work, _WRITES)

    async def log(self, session: str, entries: Sequence[Entry], most: int) -> None:
        await self._use(session)
        texts = [entry.text for entry in entries]

        def work(connection: sqlite3.Connection) -> None:
            sessions.log(connection, self.bounds, session, texts, most)

        await self._run(work, _WRITES)

    async def entries(self, session: str) -> Sequence[Entry]:
        await self._use(session)
        return await self._run(partial(sessions.entries, session=session))

    async def latest(self, session: str, count: int, skip: int = 0) -> Sequence[Entry]:
        await self._use(session)
        return await self._run(partial(sessions.latest, session=session, count=count, skip=skip))

    async def clear_entries(self, session: str) -> None:
        await self._use(session)
        await self._run(partial(sessions.clear_entries, session=session), _WRITES)

    async def sessions(self) -> list[SessionUse]:
        self._say(await self._run(partial(sessions.forget_idle, bounds=self.bounds), _WRITES))
        return await self._run(sessions.uses)

    async def drop(self, session: str) -> None:
        await self._run(partial(sessions.drop, session=session), _WRITES)
        self._touched.pop(session, None)

    async def dump(self, session: str) -> bytes:
        await self._use(session)
        return await self._run(partial(sessions.dump, session=session), _READS_MUCH)

    async def load(self, session: str, snapshot: bytes) -> None:
        loaded = read_snapshot(snapshot)
        await self._use(session)
        await self._run(partial(sessions.load, bounds=self.bounds, session=session, loaded=loaded), _WRITES)

    async def close(self) -> None:
        if self._open is not None and self._process == os.getpid():
            self._open.close()
        self._open = None

    async def _use(self, session: str) -> None:
        """Write down now and then that a session is used, and forget those that are not."""
        now = time.time()
        if now - self._touched.get(session, 0.0) < self.bounds.touch_seconds:
            return
        self._say(await self._run(partial(sessions.use, bounds=self.bounds, session=session, now=now), _WRITES))
        if len(self._touched) > 2 * self.bounds.sessions:
            self._touched.clear()
        self._touched[session] = now

    def _say(self, lines: Sequence[str]) -> None:
        for line in lines:
            self.presence.say(line)

    async def _run(self, work: Work[Result], begin: str = _READS) -> Result:
        """What some work in one transaction returns; `StoreError` where the file cannot be used."""
        try:
            result = await self._attempt(work, begin)
        except UnreadableError as error:
            raise self._gone(str(error)) from None
        except sqlite3.Error as error:
            raise self._error_of(error) from None
        if begin == _WRITES and self.presence.is_gone:  # what is locked can be read all the time
            self.presence.there(f"the state in {self.file}")
        return result

    async def _attempt(self, work: Work[Result], begin: str) -> Result:
        """What some work in one transaction returns; tried again while another process has the file locked."""
        waited, pause = 0.0, _LEAST_PAUSE
        while True:
            try:
                result = _in_transaction(self._connection(), work, begin)
                break
            except sqlite3.OperationalError as error:
                if _code_of(error) not in _BUSY or waited > budgets.STORE_SECONDS:
                    raise
            await asyncio.sleep(pause)
            waited += pause  # and not by a clock: a busy machine may give it no time to try again
            pause = min(_MOST_PAUSE, 1.5 * pause)
        if begin == _WRITES:
            self._written += 1
            if self._written >= _WRITTEN_AT_ONCE:
                self._written = 0
                start_beside(partial(_move_log, self.file), "the log of the state")
        return result

    def _error_of(self, error: sqlite3.Error) -> StoreError:
        if _code_of(error) in _DAMAGING and self._open is not None:
            self._open.close()
            self._open = None
        fact = f"{self.file}: {reason_of(error, self.file)}"
        return StoreFullError(fact) if _code_of(error) == sqlite3.SQLITE_FULL else self._gone(fact)

    def _gone(self, fact: str) -> StoreGoneError:
        fact = f"the state cannot be reached: {fact}"
        self.presence.gone(fact)
        return StoreGoneError(fact)

    def _connection(self) -> sqlite3.Connection:
        """The connection of this process to the file that is there now."""
        now, process = time.monotonic(), os.getpid()
        if self._open is not None and self._process == process:
            if now - self._looked < _LOOK_SECONDS:
                return self._open
            self._looked = now
            if self._file_number == _file_number(self.file):
                return self._open
            self._open.close()
        self._open, self._process, self._looked = self._connected(), process, now
        self._touched.clear()
        self._file_number = _file_number(self.file)
        return self._open

    def _connected(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self.file, timeout=0, isolation_level=None, check_same_thread=False)
        try:
            is_made = has_tables(connection, self.file)
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = NORMAL")
            connection.execute("PRAGMA wal_autocheckpoint = 0")  # it waits for the disk, so a thread does it
            if not is_made:
                _in_transaction(connection, partial(make_tables, file=self.file), _WRITES)
        except BaseException:
            connection.close()
            raise
        return connection


def _move_log(file: str) -> None:
    """Move what stands in the write-ahead log to its place in the file; nobody else waits for it."""
    with contextlib.suppress(sqlite3.Error), contextlib.closing(sqlite3.connect(file, timeout=0)) as connection:
        connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()


def _in_transaction(connection: sqlite3.Connection, work: Work[Result], begin: str) -> Result:
    if not begin:
        return work(connection)
    connection.execute(begin)
    try:
        result = work(connection)
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    return result


def _code_of(error: sqlite3.Error) -> int:
    """The primary error code of SQLite."""
    return int(getattr(error, "sqlite_errorcode", 0)) & 0xFF


def _file_number(file: str) -> tuple[int, int] | None:
    try:
        status = os.stat(file)
    except OSError:
        return None
    return status.st_dev, status.st_ino
