"""The store that a text names: `memory`, a SQLite file, or the address of a Redis."""

from __future__ import annotations

from collections.abc import Callable

from tallystick.mock.stores.memory import MemoryStore
from tallystick.mock.stores.store import BOUNDS, Bounds, Store
from tallystick.nouns.errors import UsageError

MEMORY = "memory"


def open_store(text: str, bounds: Bounds = BOUNDS, tell: Callable[[str], None] | None = None) -> Store:
    """The store that a text names; it connects when it is used first, in each process and event loop for itself.

    `tell` is called with lines for people: what was forgotten, what is gone and back. Raises `UsageError` for a text
    that names no store.
    """
    if text == MEMORY:
        return MemoryStore(bounds, tell)
    raise UsageError(f"state is kept in {MEMORY!r}, not in {text!r}")
