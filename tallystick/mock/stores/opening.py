"""The store that a text names: `memory`, a SQLite file, or the address of a Redis."""

from __future__ import annotations

from collections.abc import Callable

from tallystick.mock.stores.bounds import BOUNDS, Bounds
from tallystick.mock.stores.memory import MemoryStore
from tallystick.mock.stores.sqlite import SqliteStore
from tallystick.mock.stores.store import Store
from tallystick.nouns.errors import UsageError
from tallystick.nouns.words import in_a_row

MEMORY = "memory"
SQLITE_SUFFIXES = (".sqlite", ".sqlite3", ".db")
"""How the name of a state file ends."""


def open_store(text: str, bounds: Bounds = BOUNDS, tell: Callable[[str], None] | None = None) -> Store:
    """The store that a text names; it connects when it is used first, in each process and event loop for itself.

    `tell` is called with lines for people: what was forgotten, what is gone and back. Raises `UsageError` for a text
    that names no store.
    """
    if text == MEMORY:
        return MemoryStore(bounds, tell)
    if text.endswith(SQLITE_SUFFIXES):
        return SqliteStore(text, bounds, tell)
    raise UsageError(
        f"state is kept in {MEMORY!r}, in FILE.sqlite (or {in_a_row(SQLITE_SUFFIXES[1:], 'or')}) or in redis://HOST; "
        f"not in {text!r}"
    )
