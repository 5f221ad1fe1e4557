"""Items in the tables of a state file; each function is called in a transaction, or is one statement."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Sequence

from tallystick.mock.stores.bounds import Bounds
from tallystick.mock.stores.store import Item, Place

_PLACE = "(SELECT number FROM places WHERE session = ? AND contract = ? AND path = ?)"
_ITEM = "SELECT id, text, version, place_in_list, changed FROM items"
_BELOW = "session = ? AND contract = ? AND path >= ? AND path < ?"


def next_number(connection: sqlite3.Connection) -> int:
    """Count a change: what orders and revisions are taken from."""
    connection.execute("UPDATE counter SET number = number + 1")
    return int(connection.execute("SELECT number FROM counter").fetchone()[0])


def by_ids(connection: sqlite3.Connection, place: Place, ids: Sequence[str]) -> list[Item | None]:
    """The items by their ids."""
    rows = (connection.execute(f"{_ITEM} WHERE place = {_PLACE} AND id = ?", (*place, id)).fetchone() for id in ids)
    return [Item(*row) if row is not None else None for row in rows]


def newest(connection: sqlite3.Connection, place: Place, start: int, count: int) -> list[Item]:
    """Some of the listed items, the newest first."""
    listed = f"{_ITEM} WHERE place = {_PLACE} AND place_in_list > 0 ORDER BY place_in_list DESC LIMIT ? OFFSET ?"
    return [Item(*row) for row in connection.execute(listed, (*place, count, start))]


def kept(connection: sqlite3.Connection, place: Place) -> list[Item]:
    """All items: those with an order, newest first, then the others as they came."""
    rows = connection.execute(f"{_ITEM} WHERE place = {_PLACE} ORDER BY place_in_list DESC, number", place)
    return [Item(*row) for row in rows]


def count(connection: sqlite3.Connection, place: Place) -> int:
    """How many listed items there are."""
    row = connection.execute(f"SELECT listed FROM places WHERE number = {_PLACE}", place).fetchone()
    return int(row[0]) if row is not None else 0


def revision(connection: sqlite3.Connection, place: Place) -> int:
    """The number of the last change."""
    row = connection.execute(f"SELECT revision FROM places WHERE number = {_PLACE}", place).fetchone()
    return int(row[0]) if row is not None else 0


def paths(connection: sqlite3.Connection, session: str, contract: str) -> list[str]:
    """The paths where something is kept."""
    rows = connection.execute("SELECT path FROM places WHERE session = ? AND contract = ?", (session, contract))
    return sorted(path for (path,) in rows)


def put(
    connection: sqlite3.Connection,
    bounds: Bounds,
    place: Place,
    id: str,
    text: bytes,
    expected: int | None,
    is_listed: bool,
    now: float,
) -> Item | None:
    """Keep an item, where the version is there that is expected."""
    found = connection.execute(f"SELECT number FROM places WHERE number = {_PLACE}", place).fetchone()
    wanted = "SELECT version, place_in_list, length(text), number FROM items WHERE place = ? AND id = ?"
    before = connection.execute(wanted, (found[0], id)).fetchone() if found is not None else None
    version, order, length, number = before or (0, 0, 0, None)
    if expected is not None and expected != version:
        return None
    size = len(text) - length + (0 if before else len(id.encode()))
    take(connection, bounds, place.session, size, 0 if before else 1)
    change = next_number(connection)
    new_order = (order or (change if is_listed else 0)) if text else 0
    place_number = found[0] if found is not None else add_place(connection, place)
    item = Item(id, text, version + 1, new_order, now)
    if number is not None:
        changed = "UPDATE items SET text = ?, version = ?, place_in_list = ?, changed = ? WHERE number = ?"
        connection.execute(changed, (text, item.version, new_order, now, number))
    else:
        add_item(connection, place_number, item)
    listed = (new_order > 0) - (order > 0)
    connection.execute(
        "UPDATE places SET revision = ?, listed = listed + ? WHERE number = ?", (change, listed, place_number)
    )
    return item


def add_place(connection: sqlite3.Connection, place: Place) -> int:
    """A new place, by its number."""
    added = "INSERT INTO places (session, contract, path, revision, listed) VALUES (?, ?, ?, 0, 0)"
    return int(connection.execute(added, place).lastrowid or 0)


def add_item(connection: sqlite3.Connection, place: int, item: Item) -> None:
    """A new item."""
    connection.execute(
        "INSERT INTO items (place, id, text, version, place_in_list, changed) VALUES (?, ?, ?, ?, ?, ?)",
        (place, item.id, item.text, item.version, item.order, item.changed),
    )


def take(connection: sqlite3.Connection, bounds: Bounds, session: str, size: int, item_count: int) -> None:
    """Count what is to be kept in a session; `StoreFullError` where it is too much."""
    row = connection.execute("SELECT items, bytes FROM sessions WHERE name = ?", (session,)).fetchone()
    if row is None:  # another process has dropped it meanwhile
        connection.execute("INSERT INTO sessions (name, used) VALUES (?, ?)", (session, time.time()))
        row = (0, 0)
    items_before, bytes_before = row
    if item_count and items_before + item_count > bounds.session_items:
        raise bounds.too_many_items()
    if size > 0 and bytes_before + size > bounds.session_bytes:
        raise bounds.too_large()
    connection.execute(
        "UPDATE sessions SET items = items + ?, bytes = bytes + ? WHERE name = ?", (item_count, size, session)
    )


def drop_below(connection: sqlite3.Connection, session: str, contract: str, path: str) -> None:
    """Forget all places below a path."""
    below = (session, contract, f"{path}/", f"{path}0") if path else (session, contract, "", "\U0010ffff")
    found = connection.execute(f"SELECT number FROM places WHERE {_BELOW}", below).fetchall()
    for (number,) in found:
        drop_place(connection, session, number)


def drop_place(connection: sqlite3.Connection, session: str, number: int) -> None:
    """Forget a place with its items."""
    sums = "SELECT count(*), coalesce(sum(length(text) + length(CAST(id AS BLOB))), 0) FROM items WHERE place = ?"
    item_count, size = connection.execute(sums, (number,)).fetchone()
    connection.execute(
        "UPDATE sessions SET items = items - ?, bytes = bytes - ? WHERE name = ?", (item_count, size, session)
    )
    connection.execute("DELETE FROM items WHERE place = ?", (number,))
    connection.execute("DELETE FROM places WHERE number = ?", (number,))
