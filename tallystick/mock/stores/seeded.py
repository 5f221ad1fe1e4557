"""A store in which every session begins with some items: they are put there when it is first asked for."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import NamedTuple, Protocol

from tallystick.mock.stores.store import Document, Entry, Item, Place, SessionUse, Store
from tallystick.nouns import budgets

_MARK = "seeds"
"""The document that says which seeds a session has."""
_CLAIM = "seeds-claim"
"""The document of the one process that puts the seeds of a session again, of all that share a store."""
_PAUSE = 0.02
"""How many seconds the others wait before they look again."""


class Seed(Protocol):
    """An item that every session begins with."""

    @property
    def contract(self) -> str: ...
    @property
    def place(self) -> str: ...
    @property
    def id(self) -> str: ...
    @property
    def text(self) -> bytes: ...


class Sowing(NamedTuple):
    """The items that sessions begin with; where the `mark` of a session is another, they are put there again."""

    seeds: Sequence[Seed]
    mark: bytes
    now: Callable[[str], Awaitable[float]]
    """The time in a session."""


class SeededStore:
    """A store (see `tallystick.mock.stores.store.Store`) whose sessions begin with seeds.

    A session that is forgotten, reset or new gets them at the next request; one that outlives a restart keeps what
    became of them, until the file of the seeds says something else.
    """

    def __init__(self, store: Store, sowing: Sowing) -> None:
        self.store = store
        self.sowing = sowing

    async def _sow(self, session: str) -> Store:
        """The store, once a session has its seeds."""
        store, mark = self.store, self.sowing.mark
        before = await store.document(session, _MARK)
        while before is None or before.text != mark:
            if before is None:
                await self._put(session, 0)
                break
            if await store.put_document(session, _CLAIM, mark, 0, budgets.SOWING_SECONDS):
                before = await store.document(session, _MARK)  # others may have been done just before
                if before is None or before.text != mark:
                    await self._put(session, None)
                await store.put_document(session, _CLAIM, None)
                break
            await asyncio.sleep(_PAUSE)
            before = await store.document(session, _MARK)
        return store

    async def _put(self, session: str, expected: int | None) -> None:
        """Put all seeds; with None in the place of what became of those that were put before."""
        for seed in reversed(self.sowing.seeds):  # so that lists, which show the newest first, have their order
            place = Place(session, seed.contract, seed.place)
            now = await self.sowing.now(session)
            await self.store.put(place, seed.id, seed.text, expected=expected, is_listed=True, now=now)
        await self.store.put_document(session, _MARK, self.sowing.mark)

    @property
    def where(self) -> str:
        return self.store.where

    async def check(self) -> None:
        await self.store.check()

    async def items(self, place: Place, ids: Sequence[str]) -> list[Item | None]:
        return await (await self._sow(place.session)).items(place, ids)

    async def put(
        self, place: Place, id: str, text: bytes, *, expected: int | None, is_listed: bool, now: float
    ) -> Item | None:
        store = await self._sow(place.session)
        return await store.put(place, id, text, expected=expected, is_listed=is_listed, now=now)

    async def newest(self, place: Place, start: int, count: int) -> list[Item]:
        return await (await self._sow(place.session)).newest(place, start, count)

    async def count(self, place: Place) -> int:
        return await (await self._sow(place.session)).count(place)

    async def kept(self, place: Place) -> list[Item]:
        return await (await self._sow(place.session)).kept(place)

    async def revision(self, place: Place) -> int:
        return await (await self._sow(place.session)).revision(place)

    async def places(self, session: str, contract: str) -> list[str]:
        return await (await self._sow(session)).places(session, contract)

    async def drop_below(self, session: str, contract: str, path: str) -> None:
        await (await self._sow(session)).drop_below(session, contract, path)

    async def document(self, session: str, name: str) -> Document | None:
        return await self.store.document(session, name)

    async def documents(self, session: str, prefix: str = "") -> Mapping[str, Document]:
        return await self.store.documents(session, prefix)

    async def put_document(
        self, session: str, name: str, text: bytes | None, expected: int | None = None, seconds: float | None = None
    ) -> bool:
        return await self.store.put_document(session, name, text, expected, seconds)

    async def log(self, session: str, entries: Sequence[Entry], most: int) -> None:
        await self.store.log(session, entries, most)

    async def entries(self, session: str) -> Sequence[Entry]:
        return await self.store.entries(session)

    async def latest(self, session: str, count: int, skip: int = 0) -> Sequence[Entry]:
        return await self.store.latest(session, count, skip)

    async def clear_entries(self, session: str) -> None:
        await self.store.clear_entries(session)

    async def sessions(self) -> list[SessionUse]:
        return await self.store.sessions()

    async def drop(self, session: str) -> None:
        await self.store.drop(session)

    async def dump(self, session: str) -> bytes:
        return await (await self._sow(session)).dump(session)

    async def load(self, session: str, snapshot: bytes) -> None:
        await self.store.load(session, snapshot)

    async def close(self) -> None:
        await self.store.close()
