"""The room that replies share which are kept because of what a client sent: it is bounded, however many there are."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from functools import partial
from threading import Lock
from typing import TypeVar

from tallystick.nouns import budgets

Key = TypeVar("Key")
Value = TypeVar("Value")


class Room:
    """The room that all replies of this process share which depend on requests: the oldest go where it is full."""

    def __init__(self) -> None:
        self.taken = 0
        self.entries: deque[tuple[Callable[[], object], int]] = deque()
        """What forgets each entry, and about how many bytes it takes; the oldest first."""
        self.lock = Lock()
        """Replies are made in threads too."""

    def keep(self, kept: dict[Key, Value], key: Key, value: Value, size: int) -> None:
        """Keep a value under a key."""
        with self.lock:
            kept[key] = value
            self.entries.append((partial(kept.pop, key, None), size))
            self.taken += size
            while self.taken > budgets.TAILORED_BYTES:
                forget, size = self.entries.popleft()
                forget()
                self.taken -= size


ROOM = Room()
