"""Sessions, documents and journals in the tables of a state file; each function is called in a transaction, or is one
statement."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator, Mapping, Sequence

from tallystick.mock.stores import sqlite_items as items
from tallystick.mock.stores.bounds import Bounds
from tallystick.mock.stores.snapshot import KeptItem, NamedText, Snapshot, write_snapshot
from tallystick.mock.stores.store import Document, Item, KeptEntry, Place, SessionUse


def use(connection: sqlite3.Connection, bounds: Bounds, session: str, now: float) -> list[str]:
    """Write down that a session is used, and forget those that are idle or too many; lines about these."""
    lines = forget_idle(connection, bounds)
    if connection.execute("UPDATE sessions SET used = ? WHERE name = ?", (now, session)).rowcount:
        return lines
    connection.execute("INSERT INTO sessions (name, used) VALUES (?, ?)", (session, now))
    ((number,),) = connection.execute("SELECT count(*) FROM sessions")
    if number > bounds.sessions:
        oldest = "SELECT name FROM sessions WHERE name NOT IN ('', ?) ORDER BY used LIMIT 1"
        for (name,) in connection.execute(oldest, (session,)).fetchall():
            drop(connection, name)
            lines.append(bounds.forgotten_for_another(name))
    return lines


def forget_idle(connection: sqlite3.Connection, bounds: Bounds) -> list[str]:
    """Forget the named sessions that are idle; lines about them."""
    idle = "SELECT name FROM sessions WHERE name != '' AND used < ?"
    names = [
        name
        for (name,) in connection.execute(idle, (time.time() - bounds.session_idle_seconds - bounds.touch_seconds,))
    ]
    for name in names:
        drop(connection, name)
    return [bounds.forgotten_as_idle(name) for name in names]


def uses(connection: sqlite3.Connection) -> list[SessionUse]:
    """The sessions that are kept."""
    rows = connection.execute("SELECT name, used, items, bytes FROM sessions")
    return sorted(SessionUse(*row) for row in rows)


def drop(connection: sqlite3.Connection, session: str) -> None:
    """Forget a session with all that is kept in it."""
    clear(connection, session)
    connection.execute("DELETE FROM entries WHERE session = ?", (session,))
    connection.execute("DELETE FROM sessions WHERE name = ?", (session,))


def clear(connection: sqlite3.Connection, session: str) -> None:
    """Forget the items and documents of a session."""
    of_session = "(SELECT number FROM places WHERE session = ?)"
    connection.execute(f"DELETE FROM items WHERE place IN {of_session}", (session,))
    connection.execute("DELETE FROM places WHERE session = ?", (session,))
    connection.execute("DELETE FROM documents WHERE session = ?", (session,))
    connection.execute("UPDATE sessions SET items = 0, bytes = 0, documents = 0 WHERE name = ?", (session,))


def document(connection: sqlite3.Connection, session: str, name: str) -> Document | None:
    """A document that is kept still."""
    wanted = "SELECT version, text FROM documents WHERE session = ? AND name = ? AND (ends IS NULL OR ends > ?)"
    row = connection.execute(wanted, (session, name, time.time())).fetchone()
    return Document(*row) if row is not None else None


def documents(connection: sqlite3.Connection, session: str, prefix: str) -> Mapping[str, Document]:
    """The documents whose names begin with a prefix."""
    wanted = "SELECT name, version, text FROM documents WHERE session = ? AND name >= ? AND name < ?"
    still = f"{wanted} AND (ends IS NULL OR ends > ?) ORDER BY name"
    rows = connection.execute(still, (session, prefix, f"{prefix}\U0010ffff", time.time()))
    return {name: Document(version, text) for name, version, text in rows}


def put_document(
    connection: sqlite3.Connection,
    bounds: Bounds,
    session: str,
    name: str,
    text: bytes | None,
    expected: int | None,
    seconds: float | None,
) -> bool:
    """Keep a document, where the version is there that is expected; None forgets it."""
    now = time.time()
    _forget_ended(connection, session, now)
    wanted = "SELECT version, length(text) FROM documents WHERE session = ? AND name = ?"
    before = connection.execute(wanted, (session, name)).fetchone()
    version, length = before or (0, 0)
    if expected is not None and expected != version:
        return False
    if text is None:
        if before is not None:
            connection.execute("DELETE FROM documents WHERE session = ? AND name = ?", (session, name))
            _count_documents(connection, session, -1, -length - len(name.encode()))
        return True
    size = len(text) - length + (0 if before else len(name.encode()))
    items.take(connection, bounds, session, size, 0)
    if before is None:
        (number,) = connection.execute("SELECT documents FROM sessions WHERE name = ?", (session,)).fetchone()
        if number >= bounds.session_documents:
            raise bounds.too_many_documents()
        _count_documents(connection, session, 1, 0)
    ends = now + seconds if seconds is not None else None
    kept = "INSERT OR REPLACE INTO documents (session, name, version, text, ends) VALUES (?, ?, ?, ?, ?)"
    connection.execute(kept, (session, name, version + 1, text, ends))
    return True


def _forget_ended(connection: sqlite3.Connection, session: str, now: float) -> None:
    ended = "FROM documents WHERE session = ? AND ends IS NOT NULL AND ends <= ?"
    sums = f"SELECT count(*), coalesce(sum(length(text) + length(CAST(name AS BLOB))), 0) {ended}"
    number, size = connection.execute(sums, (session, now)).fetchone()
    if number:
        connection.execute(f"DELETE {ended}", (session, now))
        _count_documents(connection, session, -number, -size)


def _count_documents(connection: sqlite3.Connection, session: str, number: int, size: int) -> None:
    counted = "UPDATE sessions SET documents = documents + ?, bytes = bytes + ? WHERE name = ?"
    connection.execute(counted, (number, size, session))


def log(connection: sqlite3.Connection, bounds: Bounds, session: str, texts: Sequence[bytes], most: int) -> None:
    """Add entries to a journal, and forget the oldest beyond the bounds."""
    connection.executemany("INSERT INTO entries (session, text) VALUES (?, ?)", [(session, text) for text in texts])
    connection.execute(
        "INSERT INTO sessions (name, used, entries, entry_bytes) VALUES (?, ?, ?, ?) ON CONFLICT (name) "
        "DO UPDATE SET entries = entries + excluded.entries, entry_bytes = entry_bytes + excluded.entry_bytes",
        (session, time.time(), len(texts), sum(map(len, texts))),
    )
    row = connection.execute("SELECT entries, entry_bytes FROM sessions WHERE name = ?", (session,)).fetchone()
    number, size = row
    if number <= most and size <= bounds.journal_bytes:
        return
    oldest = "SELECT number, length(text) FROM entries WHERE session = ? ORDER BY number"
    last = 0
    for entry, length in connection.execute(oldest, (session,)):
        if number <= most and size <= bounds.journal_bytes:
            break
        last, number, size = entry, number - 1, size - length
    connection.execute("DELETE FROM entries WHERE session = ? AND number <= ?", (session, last))
    connection.execute("UPDATE sessions SET entries = ?, entry_bytes = ? WHERE name = ?", (number, size, session))


def entries(connection: sqlite3.Connection, session: str) -> list[KeptEntry]:
    """A journal, the oldest entry first."""
    rows = connection.execute("SELECT text FROM entries WHERE session = ? ORDER BY number", (session,))
    return [KeptEntry(text) for (text,) in rows]


def latest(connection: sqlite3.Connection, session: str, count: int, skip: int) -> list[KeptEntry]:
    """Some of the last entries of a journal, the oldest of them first; so many newer ones are left out."""
    newest = "SELECT text FROM entries WHERE session = ? ORDER BY number DESC LIMIT ? OFFSET ?"
    rows = connection.execute(newest, (session, count, skip)).fetchall()
    return [KeptEntry(text) for (text,) in reversed(rows)]


def clear_entries(connection: sqlite3.Connection, session: str) -> None:
    """Forget a journal."""
    connection.execute("DELETE FROM entries WHERE session = ?", (session,))
    connection.execute("UPDATE sessions SET entries = 0, entry_bytes = 0 WHERE name = ?", (session,))


def dump(connection: sqlite3.Connection, session: str) -> bytes:
    """The snapshot of a session."""
    now = time.time()
    wanted = "SELECT name, text, ends FROM documents WHERE session = ? AND (ends IS NULL OR ends > ?) ORDER BY name"
    texts = [
        NamedText(name, text, ends - now if ends is not None else None)
        for name, text, ends in connection.execute(wanted, (session, now))
    ]
    return write_snapshot(Snapshot(list(_kept_items(connection, session)), texts))


def _kept_items(connection: sqlite3.Connection, session: str) -> Iterator[KeptItem]:
    wanted = (
        "SELECT contract, path, id, text, version, place_in_list, changed FROM items "
        "JOIN places ON places.number = items.place WHERE session = ? "
        "ORDER BY contract, path, place_in_list, items.number"
    )
    for contract, path, *item in connection.execute(wanted, (session,)):
        yield KeptItem(contract, path, Item(*item))


def load(connection: sqlite3.Connection, bounds: Bounds, session: str, loaded: Snapshot) -> None:
    """Put what a snapshot holds in the place of all items and documents of a session."""
    clear(connection, session)
    numbers: dict[Place, int] = {}
    listed: dict[Place, int] = {}
    for contract, path, item in loaded.items:
        place = Place(session, contract, path)
        number = numbers[place] = numbers.get(place) or items.add_place(connection, place)
        items.take(connection, bounds, session, len(item.id.encode()) + len(item.text), 1)
        order = items.next_number(connection) if item.order else 0
        items.add_item(connection, number, Item(item.id, item.text, item.version, order, item.changed))
        listed[place] = listed.get(place, 0) + (order > 0)
    for place, number in numbers.items():
        revision = items.next_number(connection)
        connection.execute(
            "UPDATE places SET revision = ?, listed = ? WHERE number = ?", (revision, listed[place], number)
        )
    for name, text, seconds in loaded.documents:
        put_document(connection, bounds, session, name, text, None, seconds)
