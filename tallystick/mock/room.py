"""The room that replies share which are kept because of what a client sent: it is bounded, however many there are."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from threading import Lock
from typing import Any, Generic, TypeVar
from weakref import ref

from tallystick.nouns import budgets

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


class Kept(dict[Key, Value], Generic[Key, Value]):
    """What is kept for one operation. The room does not hold it: it goes with the contract when that is read anew."""


class Room:
    """The room that all replies of this process share which depend on requests: the oldest go where it is full."""

    def __init__(self) -> None:
        self.taken = 0
        self.entries: OrderedDict[tuple[int, Hashable], tuple[ref[Kept[Any, Any]], int]] = OrderedDict()
        """By the `id` of where each value is kept and its key there: the former, and about how many bytes it takes; the
        oldest first."""
        self.lock = Lock()
        """Replies are made in threads too."""

    def keep(self, kept: Kept[Key, Value], key: Key, value: Value, size: int) -> None:
        """Keep a value under a key."""
        with self.lock:
            kept[key] = value
            _, size_before = self.entries.pop((id(kept), key), (None, 0))
            self.entries[id(kept), key] = ref(kept), size
            self.taken += size - size_before
            while self.taken > budgets.TAILORED_BYTES:
                (_, oldest_key), (oldest, size) = self.entries.popitem(last=False)
                self.taken -= size
                values = oldest()
                if values is not None:
                    values.pop(oldest_key, None)


ROOM = Room()
