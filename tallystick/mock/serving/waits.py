"""An end to connections whose clients keep the server waiting; no request pays for it, as all are looked at in turn."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum, auto
from typing import NamedTuple, Protocol

from tallystick.nouns.timeouts import Timeouts

_LEAST_PAUSE, _MOST_PAUSE = 0.01, 0.25
"""Seconds between two looks; a fortieth of the shortest timeout, within these bounds."""


class Wait(Enum):
    """What a client is awaited for."""

    OPENING = auto()
    """the first byte on a new connection"""
    HEAD = auto()
    """the rest of a head"""
    BODY = auto()
    """more of a body"""
    NEXT = auto()
    """the next request"""
    TAKING = auto()
    """the reading of a response"""


class Waiting(NamedTuple):
    """What a client is awaited for, and what changes with any progress: the object awaited, and its size."""

    wait: Wait
    awaited: object = None
    size: int = 0

    def is_as(self, other: Waiting | None) -> bool:
        """Whether the client has made no progress since."""
        return (
            other is not None
            and self.wait is other.wait
            and self.awaited is other.awaited  # an object, and not what is equal to it
            and self.size == other.size
        )


class Watched(Protocol):
    """A connection; `waiting_since` is for the watch alone."""

    waiting_since: tuple[Waiting, float] | None

    def waiting(self) -> Waiting | None:
        """What the client is awaited for, None where the server itself is at work."""

    def time_out(self, wait: Wait) -> None:
        """End the connection, which has waited too long."""


class Watch:
    """Looks at connections from time to time, and ends those that have waited too long."""

    def __init__(self, timeouts: Timeouts) -> None:
        self._seconds = {
            Wait.OPENING: timeouts.head_seconds,
            Wait.HEAD: timeouts.head_seconds,
            Wait.BODY: timeouts.body_idle_seconds,
            Wait.NEXT: timeouts.keep_alive_seconds,
            Wait.TAKING: timeouts.write_idle_seconds,
        }
        self._pause = min(max(min(self._seconds.values()) / 40, _LEAST_PAUSE), _MOST_PAUSE)
        self._next_look = 0.0

    def look(self, connections: Iterable[Watched], now: float) -> None:
        """Look at all connections, unless the last look was a moment ago; `now` is a time in seconds."""
        if now < self._next_look:
            return
        self._next_look = now + self._pause
        for connection in tuple(connections):
            waiting = connection.waiting()
            if waiting is None:
                connection.waiting_since = None
            elif connection.waiting_since is None or not waiting.is_as(connection.waiting_since[0]):
                connection.waiting_since = waiting, now
            elif now - connection.waiting_since[1] >= self._seconds[waiting.wait]:
                connection.time_out(waiting.wait)
