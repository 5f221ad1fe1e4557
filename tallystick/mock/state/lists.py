"""Lists that show what is kept: the stateless list with other rows behind it, filtered, sorted and paged as there."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Hashable, Sequence
from dataclasses import replace
from functools import partial
from time import monotonic
from typing import TYPE_CHECKING, cast
from urllib.parse import unquote

from tallystick.mock.off_loop import at_once, off_loop
from tallystick.mock.responders.examples import Replies
from tallystick.mock.roles import Reply
from tallystick.mock.room import ROOM
from tallystick.mock.state.documented_lists import DocumentedList, Shown, documented_list
from tallystick.mock.state.rows import KeptSpan, RowShape, id_in
from tallystick.mock.stores.store import Item, Place, Store, value_of
from tallystick.mock.tailoring.lists.pages import cursors, is_place
from tallystick.nouns import budgets
from tallystick.nouns.json_value import JSON
from tallystick.resources.lists.wishes import ListWish
from tallystick.resources.resources import Resource
from tallystick.wire.reading import Reading

if TYPE_CHECKING:
    from tallystick.mock.tailoring.lists.edit import Asked

_CHUNK = 5_000
"""How many items are read at once where all of them are needed; other requests are answered in between."""
_REMEMBERED = 20_000
"""How many resources of a place are remembered from one request to the next that needs all of them."""
_REMEMBERED_BYTES = 16 * 2**20
"""The most that their texts take; they are remembered as values, which take several times that."""
_LARGEST_KEPT = budgets.TAILORED_BYTES // 16
_OVERHEAD = 1_000
_FORMATS = 16
"""How many values of `Accept` a list is prepared for."""


class KeptList:
    """The list of one resource, as its operation answers with what is kept.

    In a closed world there is nothing but that; in an open one the documented rows come after it, unless they were
    deleted, and as they were changed. What somebody has created begins with nothing in it (`is_of_created`): a list
    below it has documented rows only once they were changed there.
    """

    def __init__(self, resource: Resource, replies: Replies, is_closed: bool) -> None:
        self.resource = resource
        self.replies = replies
        self.is_closed = is_closed
        self.prepared: dict[str, DocumentedList | None] = {}
        self.all: tuple[Place, int, Sequence[JSON]] | None = None
        """The resources of the place that was read last as a whole, at one revision."""

    async def answer(self, reading: Reading, store: Store, place: Place, is_of_created: bool = False) -> Reply | None:
        """The reply to a request for the list; None where the stateless reply is the right one.

        That is so where nothing was kept yet, and where the reply in the media type that is asked for is no list.
        """
        revision = await store.revision(place)
        if not (revision or self.is_closed or is_of_created):
            return None
        accept = reading.headers.get("accept", "")
        documented = self.prepared.get(accept)
        if documented is None:
            documented = await at_once(partial(self._documented, accept))
            if documented is None:
                return None
        facts = tuple([edit.facts(reading) for edit in documented.edits])
        owner = self._owner(reading)
        key = (place, revision, facts, owner, is_of_created)
        reply = documented.replies.get(key)
        if reply is None:
            now = {} if self.is_closed else await self._rows_now(documented, store, place, is_of_created)
            rows = [*now.values()]
            reply = await self._made(documented, facts, store, place, revision, owner, rows)
            size = len(reply.response.body) + len(reading.request.path) + len(reading.request.query) + _OVERHEAD
            if size <= _LARGEST_KEPT:
                ROOM.keep(documented.replies, key, reply, size)
        conditions = self.replies.conditions
        return reply if conditions is None else await at_once(partial(conditions.answer, reading, reply))

    async def documents(self, id: str) -> bool:
        """Whether the contract's own list has a row with an id, so that it need not be listed once more."""
        return id in await self.documented_ids()

    async def documented_ids(self) -> Collection[str]:
        """The ids of the rows of the contract's own list; none in a closed world."""
        documented = None if self.is_closed else await at_once(partial(self._documented, ""))
        return await at_once(documented.ids) if documented is not None else ()

    async def documented_now(self, store: Store, place: Place) -> dict[str, JSON]:
        """The rows of the contract's own list that were not deleted, nor created anew, by their ids."""
        documented = None if self.is_closed else await at_once(partial(self._documented, ""))
        if documented is None:
            return {}
        return await self._rows_now(documented, store, place)

    async def _made(
        self,
        documented: DocumentedList,
        facts: Sequence[Hashable],
        store: Store,
        place: Place,
        revision: int,
        owner: str,
        rows: Sequence[JSON],
    ) -> Reply:
        total = await store.count(place)
        asked = cast("Asked", facts[documented.shown_by])
        wish = await self._placed(documented, documented.lists.wish(asked), rows, store, place, total)
        reference = self.resource.reference
        span = documented.span(wish, documented.world(KeptSpan((), 0, total), rows)) if reference is None else None
        if span is None:
            values, is_long = await self._all(documented, store, place, revision, total)
            if reference is not None:
                values = [value for value in values if reference.is_to(value, owner)]
                total = len(values)
            kept = KeptSpan(values, 0, len(values))
        else:
            items = await store.newest(place, *span) if span[0] < total else []
            is_long = sum(len(item.text) for item in items) > budgets.BYTES_AT_ONCE
            kept = KeptSpan([documented.shape.told_by(item.id, item.value) for item in items], span[0], total)
        shown = Shown(asked, wish, documented.world(kept, rows))
        make = partial(documented.reply, facts, shown, total)
        return await (off_loop(make) if is_long else at_once(make))

    def _owner(self, reading: Reading) -> str:
        """What the rows belong to, where the list has those only that refer to it; else ""."""
        reference = self.resource.reference
        return unquote((reading.path_values or ())[reference.index]) if reference is not None else ""

    async def _placed(
        self, documented: DocumentedList, wish: ListWish, rows: Sequence[JSON], store: Store, place: Place, total: int
    ) -> ListWish:
        """The wish with the place of the row after which a page begins, where only its id is known.

        So that not all that is kept has to be read: the newest first have falling orders.
        """
        is_filtered = not documented.own.filters.keys().isdisjoint(wish.values)
        is_narrowed = is_filtered or self.resource.reference is not None
        if wish.after is None or is_place(wish.after) or wish.sorts or is_narrowed:
            return wish
        (item,) = await store.items(place, (wish.after,))
        if item is None or not item.order:
            ids = (id_in(row, documented.shape.row_way) for row in rows)
            index = next((index for index, id in enumerate(ids) if id == wish.after), None)
            return wish if index is None else replace(wish, after=str(cursors(total + index + 1)[0]))
        low, high = 0, total
        while low < high:
            middle = (low + high) // 2
            at = await store.newest(place, middle, 1)
            low, high = (low, middle) if not at or at[0].order <= item.order else (middle + 1, high)
        return replace(wish, after=str(cursors(low + 1)[0]))

    async def _rows_now(
        self, documented: DocumentedList, store: Store, place: Place, are_changed: bool = False
    ) -> dict[str, JSON]:
        """The documented rows that were not deleted, nor created anew, by their ids; each as it is by now.

        Where `are_changed`, those only that somebody changed.
        """
        ids = await at_once(documented.ids)
        items = await store.items(place, list(ids))
        return await at_once(partial(documented.rows_now, items, are_changed))

    async def _all(
        self, documented: DocumentedList, store: Store, place: Place, revision: int, total: int
    ) -> tuple[Sequence[JSON], bool]:
        """All resources of a place, newest first, as many as can be read in time; and whether they are many."""
        if self.all is not None and self.all[:2] == (place, revision):
            return self.all[2], total > _CHUNK
        by_id: dict[str, JSON] = {}  # what is created meanwhile moves the others
        size, deadline = 0, monotonic() + budgets.LIST_SECONDS
        for start in range(0, total, _CHUNK):
            items = await store.newest(place, start, _CHUNK)
            size += sum(len(item.text) for item in items)
            read = partial(_values, items, documented.shape)
            by_id.update(await off_loop(read) if total > _CHUNK else read())
            if monotonic() > deadline:
                break
            await asyncio.sleep(0)
        values = [*by_id.values()]
        if len(values) == total <= _REMEMBERED and size <= _REMEMBERED_BYTES:
            self.all = place, revision, values
        return values, total > _CHUNK

    def _documented(self, accept: str) -> DocumentedList | None:
        """What the contract says of the list in the media type that a request accepts; kept for the next time."""
        if accept in self.prepared:
            return self.prepared[accept]
        base = self.replies.base(accept)
        documented = documented_list(self.resource, base) if base is not None else None
        if len(self.prepared) < _FORMATS:
            self.prepared[accept] = documented
        return documented


def _values(items: Sequence[Item], shape: RowShape) -> dict[str, JSON]:
    """The resources of many items by their ids; they are not kept in the items, where they would take much memory."""
    return {item.id: shape.told_by(item.id, value_of(item.text)) for item in items}
