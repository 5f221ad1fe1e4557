"""What every store is asked for, and the nouns in which it answers."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol, cast

import orjson

from tallystick.nouns import budgets
from tallystick.nouns.errors import TallystickError
from tallystick.nouns.json_value import JSON


class Place(NamedTuple):
    """Where the items of one collection are kept: a session ("" for the shared one), a contract's name, and the path of
    the collection within the contract (`/users/3/pets`)."""

    session: str
    contract: str
    path: str


_READY: deque[Item] = deque()
"""The items whose reply or value is kept, the oldest first."""


def forget_ready() -> None:
    """Let go of all replies that are kept with items: what they were made by, such as a contract, is out of date."""
    while True:
        try:
            item = _READY.popleft()
        except IndexError:
            return
        item.reply, item._value = None, Item


class Item:
    """One resource as it is kept, or the tombstone of one that was deleted.

    An item is never changed: a `put` makes another. The memory store gives the same object until then, so that what
    was made of an item once can stay in `reply`.
    """

    __slots__ = ("_value", "changed", "id", "order", "reply", "text", "version")

    def __init__(self, id: str, text: bytes, version: int, order: int, changed: float) -> None:
        self.id = id
        self.text = text
        """The JSON text of the resource; empty for a tombstone."""
        self.version = version
        """1, 2, ... with each change; a tombstone counts on."""
        self.order = order
        """0 for an item that stands where the documented list has it, or in no list; else a number that grows."""
        self.changed = changed
        """When it was changed last, in Unix seconds of the mock's clock."""
        self.reply: object = None
        """A free slot for whoever makes a reply of the item (see `keep`)."""
        self._value: JSON | type[Item] = Item

    def keep(self, reply: object) -> None:
        """Keep a reply that was made of the item, as long as not many others were kept since."""
        self._is_ready()
        self.reply = reply

    @property
    def is_deleted(self) -> bool:
        """Whether this is a tombstone."""
        return not self.text

    @property
    def value(self) -> JSON:
        """The resource; its value is kept like a reply, so do not change it. A tombstone has none."""
        if not self.text:
            return None
        value = self._value
        if value is Item:
            self._is_ready()
            value = self._value = value_of(self.text)
        return value  # type: ignore[return-value]  # the mark of an item that was not parsed is gone by now

    def _is_ready(self) -> None:
        if self.reply is None and self._value is Item:
            _READY.append(self)
            if len(_READY) > budgets.READY_ITEMS:
                oldest = _READY.popleft()
                oldest.reply, oldest._value = None, Item

    def __repr__(self) -> str:
        return f"Item({self.id!r}, {self.text!r}, version={self.version}, order={self.order})"


def value_of(text: bytes) -> JSON:
    """The value of a JSON text that `write_json` wrote."""
    try:
        return cast("JSON", orjson.loads(text))
    except orjson.JSONDecodeError:  # half of a surrogate pair
        return cast("JSON", json.loads(text))


class Document(NamedTuple):
    """A small named text of a session: an override, the clock, the answer to an idempotency key."""

    version: int
    text: bytes


class Entry(Protocol):
    """One entry of a journal; its text may be made when it is asked for. `size` is about how many bytes it takes."""

    @property
    def text(self) -> bytes: ...

    @property
    def size(self) -> int: ...


class KeptEntry(NamedTuple):
    """An entry of a journal, as a store that others share gives it back."""

    text: bytes

    @property
    def size(self) -> int:
        return len(self.text)


class SessionUse(NamedTuple):
    """A session, when it was used last (Unix seconds, to a few seconds), and how much is kept in it."""

    name: str
    used: float
    items: int
    bytes: int


class StoreError(TallystickError):
    """What is asked of a store cannot be done now; the message is for whoever sent the request.

    `status` is that of the problem that tells it, `retry_after` in how many seconds a client may try again, None where
    that would not help.
    """

    status = 503
    retry_after: int | None = None


class StoreGoneError(StoreError):
    """The store cannot be reached or used now; it may come back."""

    retry_after = 1


class StoreFullError(StoreError):
    """A bound stops what would be kept."""

    status = 507


class SnapshotError(StoreError):
    """A text is no snapshot of a session."""

    status = 400


class Store(Protocol):
    """Keeps items by place and id, small documents by session and name, and a journal for each session.

    Every method but `close` is atomic, whoever else uses the store, and may raise `StoreGoneError`; those that keep
    something may raise `StoreFullError`, too. A session comes to be by being used, and is forgotten with all that is
    kept in it after the idle time of the bounds; the shared session "" stays.
    """

    @property
    def where(self) -> str:
        """Where it is kept, for people: a file, `Redis at HOST`; "" for the memory of this process."""

    async def check(self) -> None:
        """Raises `UnreachableError` or `UnreadableError`, which say what would work, where the store cannot be used."""

    async def items(self, place: Place, ids: Sequence[str]) -> list[Item | None]:
        """What is kept by each of some ids, tombstones too; None by one that nothing is kept by."""

    async def put(
        self, place: Place, id: str, text: bytes, *, expected: int | None, is_listed: bool, now: float
    ) -> Item | None:
        """Keep a text by an id; an empty one is a tombstone. Returns the item as it is kept now.

        `expected` is the version that is to be there before, 0 for none at all; None is returned, and nothing is
        changed, where another is there. With None, whatever is there is replaced. An item that is listed keeps its
        order; `is_listed` gives one to an item that has none. A tombstone has none.
        """

    async def newest(self, place: Place, start: int, count: int) -> list[Item]:
        """Some of the items with an order, the newest first; `start` counts from 0."""

    async def count(self, place: Place) -> int:
        """How many items with an order there are."""

    async def kept(self, place: Place) -> list[Item]:
        """All items of a place, tombstones too: those with an order, newest first, then the others as they came."""

    async def revision(self, place: Place) -> int:
        """A number that grows with each change in a place and is never there twice; 0 where nothing is kept."""

    async def places(self, session: str, contract: str) -> list[str]:
        """The paths where something is kept, sorted."""

    async def drop_below(self, session: str, contract: str, path: str) -> None:
        """Forget everything in places below a path (`/users/3`), which a deleted resource contained; "" for all."""

    async def document(self, session: str, name: str) -> Document | None:
        """A document by its name."""

    async def documents(self, session: str, prefix: str = "") -> Mapping[str, Document]:
        """The documents whose names begin with a prefix, by their names, sorted."""

    async def put_document(
        self, session: str, name: str, text: bytes | None, expected: int | None = None, seconds: float | None = None
    ) -> bool:
        """Keep a text by a name, for some seconds or for good; None forgets it.

        `expected` is the version that is to be there before, 0 for none; False is returned, and nothing is changed,
        where another is there.
        """

    async def log(self, session: str, entries: Sequence[Entry], most: int) -> None:
        """Add entries to the journal of a session, and forget the oldest ones beyond `most` or the bounds."""

    async def entries(self, session: str) -> Sequence[Entry]:
        """The journal of a session, the oldest entry first."""

    async def latest(self, session: str, count: int, skip: int = 0) -> Sequence[Entry]:
        """Some of the last entries of a journal, the oldest of them first; so many newer ones are left out."""

    async def clear_entries(self, session: str) -> None:
        """Forget the journal of a session."""

    async def sessions(self) -> list[SessionUse]:
        """The sessions that are kept, sorted by their names."""

    async def drop(self, session: str) -> None:
        """Forget a session with all that is kept in it."""

    async def dump(self, session: str) -> bytes:
        """The items and documents of a session, as a JSON text (see `tallystick.mock.stores.snapshot`)."""

    async def load(self, session: str, snapshot: bytes) -> None:
        """Put what a snapshot holds in the place of all items and documents of a session; `SnapshotError` where it is
        none."""

    async def close(self) -> None:
        """Give back what the store has open."""
