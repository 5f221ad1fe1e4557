"""Requests that came before just as they are: they are not read and judged anew, and are soon answered again.

Clients ask for the same few things again and again. A request is recognized the third time it comes; what is kept of
one shares the room of all replies that are kept because of what clients sent.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import ClassVar, NamedTuple

from tallystick.mock.roles import Reply
from tallystick.mock.room import ROOM, Kept
from tallystick.nouns import budgets
from tallystick.wire.reading import Reading

_WEIGHT, _OVERHEAD = 8, 4_000
"""About how many bytes it takes to remember a request: for each byte of its body, which is kept as a value too, and in
any case."""
_SEEN = 4_096
"""How many requests are remembered by a number alone, until they come again."""

Again = Callable[[], Reply | None]
"""The reply to a request that came before, with all that it does; None where it has to be answered anew."""


class Known(NamedTuple):
    """A request that keeps the contract, and what answers it again."""

    reading: Reading
    answer: Again


class Recognition:
    """The requests to one operation that are recognized."""

    seen: ClassVar[set[int]] = set()
    """The hashes of requests that came once, of all operations."""

    def __init__(self) -> None:
        self.known: Kept[Hashable, Known] = Kept()

    def remember(self, key: Hashable, reading: Reading, again_of: Callable[[Reading], Again | None]) -> None:
        """Remember a request, if it has come before and can be answered again."""
        number, size = hash((id(self), key)), len(reading.request.body)
        if number not in self.seen:
            if len(self.seen) >= _SEEN:
                self.seen.clear()
            self.seen.add(number)
        elif size <= budgets.MOULD_BYTES and (again := again_of(reading)) is not None:
            ROOM.keep(self.known, key, Known(reading, again), _WEIGHT * size + _OVERHEAD)
