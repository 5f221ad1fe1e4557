"""The nouns of recorded traffic."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from tallystick.nouns.errors import UnreadableError
from tallystick.nouns.exchange import Exchange


@dataclass(frozen=True, slots=True)
class Recorded:
    """One exchange that was recorded; its path is that of the URL.

    `origin` is scheme, host and port in lower case (`https://api.example.com`), `started` and `ended` are Unix seconds
    (0 where they are not known). A body that was not recorded, or not whole, is not to be judged; nor does what came
    from a cache say how the server is now.
    """

    exchange: Exchange
    origin: str
    place: str
    """Where it stands, for messages: the file, and the part of it."""
    started: float = 0.0
    ended: float = 0.0
    has_whole_request: bool = True
    has_whole_response: bool = True
    is_cached: bool = False
    count: int = 1
    """How often it came just so, one time after the other."""


@dataclass(slots=True)
class Recording:
    """What a file has: exchanges in order, and how many entries are no exchange, by what they are instead."""

    file: str
    exchanges: list[Recorded] = field(default_factory=list)
    others: Counter[str] = field(default_factory=Counter)
    odd: list[str] = field(default_factory=list)
    """The entries that cannot be read, each with its place and why."""
    broken: list[UnreadableError] = field(default_factory=list)
    """The files of a recording that cannot be read."""


class OddEntryError(Exception):
    """An entry of a recording cannot be read; the message says where in it, and why."""
