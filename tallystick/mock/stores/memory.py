"""The store in the memory of one process: what is kept is gone with it. Only the event loop uses it."""

from __future__ import annotations

import time
from bisect import bisect_left, insort
from collections import OrderedDict, deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from heapq import heapify, heappop, heappush
from itertools import islice, takewhile

from tallystick.mock.stores.bounds import BOUNDS, Bounds
from tallystick.mock.stores.snapshot import KeptItem, NamedText, Snapshot, read_snapshot, write_snapshot
from tallystick.mock.stores.store import Document, Entry, Item, Place, SessionUse, StoreFullError

_SWEEP_SECONDS = 1.0
"""How often it is looked for idle sessions."""
_SLACK = 100
_ITEM_BYTES = 500
"""About how much an item takes beside its text and id."""
_PLACE_BYTES = 1_000
"""About how much a place takes beside its path and items."""


class _Collection:
    """The items of one place; `orders` is sorted, so that a page costs the same however many items there are."""

    __slots__ = ("ids", "items", "orders", "revision")

    def __init__(self) -> None:
        self.items: dict[str, Item] = {}
        self.orders: list[int] = []
        self.ids: dict[int, str] = {}
        """The ids of the items with an order, by it."""
        self.revision = 0

    def set(self, item: Item, before: Item | None) -> None:
        order = before.order if before is not None else 0
        if order and order != item.order:
            del self.orders[bisect_left(self.orders, order)]
            del self.ids[order]
        if item.order and order != item.order:
            insort(self.orders, item.order)
            self.ids[item.order] = item.id
        self.items[item.id] = item

    def newest(self, start: int, count: int) -> list[Item]:
        end = len(self.orders) - start
        orders = self.orders[max(0, end - count) : max(0, end)]
        return [self.items[self.ids[order]] for order in reversed(orders)]

    def kept(self) -> list[Item]:
        return [*self.newest(0, len(self.orders)), *(item for item in self.items.values() if not item.order)]


class _Session:
    """What is kept in one session."""

    def __init__(self) -> None:
        self.used = time.time()
        self.collections: dict[tuple[str, str], _Collection] = {}
        self.paths: dict[str, list[str]] = {}
        """The paths with a collection, sorted, by contract."""
        self.item_count = 0
        self.bytes = 0
        self.beside = 0
        """About how many bytes the places and items take beside the texts."""
        self.documents: dict[str, tuple[Document, float | None]] = {}
        """Each with the time at which it is forgotten."""
        self.names: list[str] = []
        """The names of the documents, sorted."""
        self.endings: list[tuple[float, str]] = []
        """A heap of the times at which documents may have to be forgotten."""
        self.entries: deque[Entry] = deque()
        self.entry_bytes = 0

    def collection(self, place: Place) -> _Collection:
        key = place.contract, place.path
        collection = self.collections.get(key)
        if collection is None:
            collection = self.collections[key] = _Collection()
            self.beside += _PLACE_BYTES + len(place.path)
            insort(self.paths.setdefault(place.contract, []), place.path)
        return collection

    def drop_below(self, contract: str, path: str) -> None:
        paths = self.paths.get(contract, [])
        start, end = (0, len(paths)) if not path else (bisect_left(paths, f"{path}/"), bisect_left(paths, f"{path}0"))
        for dropped in paths[start:end]:  # "0" is the character after "/"
            collection = self.collections.pop((contract, dropped))
            self.beside -= _PLACE_BYTES + len(dropped) + _ITEM_BYTES * len(collection.items)
            self.item_count -= len(collection.items)
            self.bytes -= sum(len(item.id) + len(item.text) for item in collection.items.values())
        del paths[start:end]

    def set_document(self, name: str, document: Document, ends: float | None) -> None:
        if name not in self.documents:
            insort(self.names, name)
        self.documents[name] = document, ends
        if ends is not None:
            heappush(self.endings, (ends, name))
            if len(self.endings) > 2 * len(self.documents) + _SLACK:  # most are of texts that were replaced
                self.endings = [(ends, name) for name, (_, ends) in self.documents.items() if ends is not None]
                heapify(self.endings)

    def forget_ended(self, now: float) -> None:
        while self.endings and self.endings[0][0] <= now:
            _, name = heappop(self.endings)
            document, ends = self.documents.get(name, (None, None))
            if document is not None and ends is not None and ends <= now:
                self.forget_document(name)

    def forget_document(self, name: str) -> None:
        document, _ = self.documents.pop(name)
        del self.names[bisect_left(self.names, name)]
        self.bytes -= len(name) + len(document.text)


class MemoryStore:
    """A `Store`; its methods never suspend, so that each is atomic. `tell` is called with a line about what is
    forgotten."""

    def __init__(self, bounds: Bounds = BOUNDS, tell: Callable[[str], None] | None = None) -> None:
        self.bounds = bounds
        self.tell = tell
        self._sessions: OrderedDict[str, _Session] = OrderedDict()
        """The one that was used last stands last."""
        self._number = 0
        """Counts changes: what orders and revisions are taken from."""
        self._swept = 0.0
        self._entry_bytes = 0
        """At least what all journals take; it is counted anew where that would be too much."""
        self._bytes = 0
        """At least what all sessions keep; it is counted anew where that would be too much."""

    where = ""

    async def check(self) -> None:
        pass

    def look(self, place: Place, id: str) -> Item | None:
        """What is kept by an id: `items` for one, and without a coroutine."""
        collection = self._collection(place)
        return collection.items.get(id) if collection is not None else None

    def is_plain(self, session: str) -> bool:
        """Whether a session has no documents: its clock is that of the machine then."""
        return not self._session(session).documents

    async def items(self, place: Place, ids: Sequence[str]) -> list[Item | None]:
        collection = self._session(place.session).collections.get(place[1:])
        if collection is None:
            return [None] * len(ids)
        return [collection.items.get(id) for id in ids]

    async def put(
        self, place: Place, id: str, text: bytes, *, expected: int | None, is_listed: bool, now: float
    ) -> Item | None:
        return self.put_now(place, id, text, expected=expected, is_listed=is_listed, now=now)

    def put_now(
        self, place: Place, id: str, text: bytes, *, expected: int | None, is_listed: bool, now: float
    ) -> Item | None:
        """`put` without a coroutine."""
        session = self._session(place.session)
        collection = session.collections.get(place[1:])
        before = collection.items.get(id) if collection is not None else None
        version = before.version if before is not None else 0
        if expected is not None and expected != version:
            return None
        beside = _PLACE_BYTES + len(place.path) if collection is None else 0
        size = len(text) - len(before.text) if before is not None else len(id) + len(text)
        self._take(session, size, before is None, beside)
        collection = collection or session.collection(place)
        self._number += 1
        order = before.order if before is not None and text else 0
        if is_listed and text and not order:
            order = self._number
        item = Item(id, text, version + 1, order, now)
        collection.set(item, before)
        collection.revision = self._number
        return item

    async def newest(self, place: Place, start: int, count: int) -> list[Item]:
        collection = self._collection(place)
        return collection.newest(start, count) if collection is not None else []

    async def count(self, place: Place) -> int:
        collection = self._collection(place)
        return len(collection.orders) if collection is not None else 0

    async def kept(self, place: Place) -> list[Item]:
        collection = self._collection(place)
        return collection.kept() if collection is not None else []

    async def revision(self, place: Place) -> int:
        return self.revision_now(place)

    def revision_now(self, place: Place) -> int:
        """`revision` without a coroutine."""
        collection = self._collection(place)
        return collection.revision if collection is not None else 0

    async def places(self, session: str, contract: str) -> list[str]:
        return list(self._session(session).paths.get(contract, ()))

    async def drop_below(self, session: str, contract: str, path: str) -> None:
        self._session(session).drop_below(contract, path)

    async def document(self, session: str, name: str) -> Document | None:
        kept = self._session(session)
        kept.forget_ended(time.time())
        return kept.documents.get(name, (None, None))[0]

    async def documents(self, session: str, prefix: str = "") -> Mapping[str, Document]:
        kept = self._session(session)
        if not kept.documents:
            return {}
        kept.forget_ended(time.time())
        names = islice(kept.names, bisect_left(kept.names, prefix), None)
        return {name: kept.documents[name][0] for name in takewhile(lambda name: name.startswith(prefix), names)}

    async def put_document(
        self, session: str, name: str, text: bytes | None, expected: int | None = None, seconds: float | None = None
    ) -> bool:
        kept, now = self._session(session), time.time()
        kept.forget_ended(now)
        before = kept.documents.get(name, (None, None))[0]
        version = before.version if before is not None else 0
        if expected is not None and expected != version:
            return False
        if text is None:
            if before is not None:
                kept.forget_document(name)
            return True
        if before is None and len(kept.documents) >= self.bounds.session_documents:
            raise self.bounds.too_many_documents()
        self._take(kept, len(text) - len(before.text) if before is not None else len(name) + len(text), False)
        ends = now + seconds if seconds is not None else None
        kept.set_document(name, Document(version + 1, text), ends)
        return True

    async def log(self, session: str, entries: Sequence[Entry], most: int) -> None:
        kept = self._session(session)
        before = kept.entry_bytes
        kept.entries.extend(entries)
        kept.entry_bytes += sum([entry.size for entry in entries])
        while len(kept.entries) > most or (kept.entry_bytes > self.bounds.journal_bytes and kept.entries):
            kept.entry_bytes -= kept.entries.popleft().size
        self._entry_bytes += kept.entry_bytes - before
        if self._entry_bytes > self.bounds.journals_bytes:
            self._shorten_journals()

    async def entries(self, session: str) -> Sequence[Entry]:
        return tuple(self._session(session).entries)

    async def latest(self, session: str, count: int, skip: int = 0) -> Sequence[Entry]:
        newest = islice(reversed(self._session(session).entries), skip, skip + count)
        return tuple(newest)[::-1]

    async def clear_entries(self, session: str) -> None:
        kept = self._session(session)
        kept.entries.clear()
        kept.entry_bytes = 0

    async def sessions(self) -> list[SessionUse]:
        self._forget_idle(time.time())
        return [
            SessionUse(name, kept.used, kept.item_count, kept.bytes) for name, kept in sorted(self._sessions.items())
        ]

    async def drop(self, session: str) -> None:
        self._sessions.pop(session, None)

    async def dump(self, session: str) -> bytes:
        kept, now = self._session(session), time.time()
        kept.forget_ended(now)
        documents = [
            NamedText(name, document.text, ends - now if ends is not None else None)
            for name, (document, ends) in sorted(kept.documents.items())
        ]
        return write_snapshot(Snapshot(list(_kept_items(kept)), documents))

    async def load(self, session: str, snapshot: bytes) -> None:
        loaded = read_snapshot(snapshot)
        kept, before = _Session(), self._session(session)
        kept.entries, kept.entry_bytes = before.entries, before.entry_bytes
        self._sessions[session] = kept
        try:
            self._fill(session, kept, loaded)
        except StoreFullError:
            self._sessions[session] = before
            raise

    async def close(self) -> None:
        pass

    def _fill(self, name: str, kept: _Session, loaded: Snapshot) -> None:
        for contract, path, item in loaded.items:
            self._number += 1
            beside = 0 if (contract, path) in kept.collections else _PLACE_BYTES + len(path)
            self._take(kept, len(item.id) + len(item.text), True, beside)  # a snapshot has each item once
            collection = kept.collection(Place(name, contract, path))
            collection.revision = self._number
            order = self._number if item.order else 0
            collection.set(Item(item.id, item.text, item.version, order, item.changed), None)
        now = time.time()
        for document, text, seconds in loaded.documents:
            self._take(kept, len(document) + len(text), False)
            ends = now + seconds if seconds is not None else None
            kept.set_document(document, Document(1, text), ends)

    def _shorten_journals(self) -> None:
        """Forget the oldest entries of the sessions that were used the longest time ago; of the shared one last."""
        self._entry_bytes = sum(kept.entry_bytes for kept in self._sessions.values())
        for name in [*filter(None, self._sessions), ""]:
            kept = self._sessions.get(name)
            while kept is not None and kept.entries and self._entry_bytes > self.bounds.journals_bytes:
                size = kept.entries.popleft().size
                kept.entry_bytes -= size
                self._entry_bytes -= size

    def _collection(self, place: Place) -> _Collection | None:
        return self._session(place.session).collections.get(place[1:])

    def _session(self, name: str) -> _Session:
        """A session, which is used now; it comes to be here."""
        now = time.time()
        if now - self._swept > _SWEEP_SECONDS:
            self._forget_idle(now)
        session = self._sessions.get(name)
        if session is None:
            session = self._sessions[name] = _Session()
            if len(self._sessions) > self.bounds.sessions:
                self._forget_least_used()
        else:
            session.used = now
            if name:
                self._sessions.move_to_end(name)
        return session

    def _forget_idle(self, now: float) -> None:
        self._swept = now
        while (oldest := self._oldest()) and self._sessions[oldest].used < now - self.bounds.session_idle_seconds:
            del self._sessions[oldest]
            self._say(self.bounds.forgotten_as_idle(oldest))

    def _forget_least_used(self) -> None:
        if oldest := self._oldest():
            del self._sessions[oldest]
            self._say(self.bounds.forgotten_for_another(oldest))

    def _oldest(self) -> str:
        """The named session that was used the longest time ago, "" for none."""
        return next(filter(None, self._sessions), "")

    def _say(self, line: str) -> None:
        if self.tell is not None:
            self.tell(line)

    def _take(self, session: _Session, size: int, is_new_item: bool, beside: int = 0) -> None:
        """Count what is to be kept in a session, of which `beside` is that of a new place; `StoreFullError` where it is
        too much."""
        bounds = self.bounds
        if is_new_item and session.item_count >= bounds.session_items:
            raise bounds.too_many_items()
        if size > 0 and session.bytes + size > bounds.session_bytes:
            raise bounds.too_large()
        more = size + beside + _ITEM_BYTES * is_new_item
        if more > 0 and self._bytes + more > bounds.store_bytes and self._counted() + more > bounds.store_bytes:
            raise bounds.too_large_together()
        session.item_count += is_new_item
        session.bytes += size
        session.beside += _ITEM_BYTES * is_new_item
        self._bytes += more

    def _counted(self) -> int:
        """What all sessions keep now, in bytes."""
        self._bytes = sum(session.bytes + session.beside for session in self._sessions.values())
        return self._bytes


def _kept_items(session: _Session) -> Iterator[KeptItem]:
    for (contract, path), collection in sorted(session.collections.items(), key=lambda entry: entry[0]):
        for item in reversed(collection.kept()):
            yield KeptItem(contract, path, item)
