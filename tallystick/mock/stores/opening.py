"""The store that a text names: `memory`, a SQLite file, or the address of a Redis."""

from __future__ import annotations

from collections.abc import Callable

from tallystick.mock.stores.bounds import BOUNDS, Bounds
from tallystick.mock.stores.memory import MemoryStore
from tallystick.mock.stores.presence import Presence
from tallystick.mock.stores.store import Store
from tallystick.nouns.errors import UnreachableError, UsageError
from tallystick.nouns.extras import lacks
from tallystick.nouns.words import in_a_row

MEMORY = "memory"
SQLITE_SUFFIXES = (".sqlite", ".sqlite3", ".db")
"""How the name of a state file ends."""
REDIS_SCHEMES = ("redis://", "rediss://", "unix://")
"""How the address of a Redis begins."""


def open_store(
    text: str, bounds: Bounds = BOUNDS, tell: Callable[[str], None] | None = None, *, is_required: bool = True
) -> Store:
    """The store that a text names; it connects when it is used first, in each process and event loop for itself.

    `tell` is called with lines for people: what was forgotten, what is gone and back; `is_required` says what they
    expect meanwhile. Raises `UsageError` for a text that names no store.
    """
    if text == MEMORY:
        return MemoryStore(bounds, tell)
    if text.endswith(SQLITE_SUFFIXES):
        from tallystick.mock.stores.sqlite import SqliteStore  # a start without such a file has no use for it

        return SqliteStore(text, bounds, Presence(tell, is_required))
    if text.startswith(REDIS_SCHEMES):
        return _redis(text, bounds, Presence(tell, is_required))
    raise UsageError(
        f"state is kept in {MEMORY!r}, in FILE.sqlite (or {in_a_row(SQLITE_SUFFIXES[1:], 'or')}) or in redis://HOST; "
        f"not in {text!r}"
    )


def _redis(address: str, bounds: Bounds, presence: Presence) -> Store:
    try:
        from tallystick.mock.stores.redis import RedisStore  # the library takes a tenth of a second
    except ImportError as error:
        raise UnreachableError(lacks("redis", "redis-py", error)) from None
    return RedisStore(address, bounds, presence)


def without_password(text: str) -> str:
    """The text that names a store, fit to be shown."""
    return open_store(text).where if text.startswith(REDIS_SCHEMES) else text
