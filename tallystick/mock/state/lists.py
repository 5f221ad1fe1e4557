"""Lists that show what is kept: the stateless list with other rows behind it, filtered, sorted and paged as there."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Hashable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from time import monotonic

from tallystick.mock.off_loop import Slow, at_once, is_on_loop, off_loop
from tallystick.mock.responders.conditions import header_of
from tallystick.mock.responders.examples import Replies
from tallystick.mock.roles import KEPT, Reply
from tallystick.mock.room import ROOM, Kept
from tallystick.mock.state.resources import Resource, Role, part_at
from tallystick.mock.state.rows import KeptRows, KeptSpan, RowShape, id_in
from tallystick.mock.state.views import response_view
from tallystick.mock.stores.store import Item, Place, Store, value_of
from tallystick.mock.tailoring.edit import Base, Draft, Edit
from tallystick.mock.tailoring.lists.edit import Asked, ListsEdit, lists_edit
from tallystick.mock.tailoring.lists.listing import Listing, OneList, listing_of, schema_at
from tallystick.mock.tailoring.lists.pages import cursors, is_place
from tallystick.mock.tailoring.lists.places import has_paging
from tallystick.mock.tailoring.lists.wishes import ListWish
from tallystick.mock.tailoring.locations import addresses_edit, kept_addresses_edit
from tallystick.mock.tailoring.tailoring import EDITORS, edited, edited_by, edits_of
from tallystick.nouns import budgets
from tallystick.nouns.json_value import JSON
from tallystick.nouns.schema import Schema
from tallystick.nouns.words import counted
from tallystick.schemas.shapes import items_of
from tallystick.wire.reading import Reading

_CHUNK = 5_000
"""How many items are read at once where all of them are needed; other requests are answered in between."""
_REMEMBERED = 20_000
"""How many resources of a place are remembered from one request to the next that needs all of them."""
_LARGEST_KEPT = budgets.TAILORED_BYTES // 32
_OVERHEAD = 1_000
_FORMATS = 16
"""How many values of `Accept` a list is prepared for."""


class KeptList:
    """The list of one resource, as its operation answers with what is kept.

    In a closed world there is nothing but that; in an open one the documented rows come after it, unless they were
    deleted, and as they were changed.
    """

    def __init__(self, resource: Resource, replies: Replies, is_closed: bool) -> None:
        self.resource = resource
        self.replies = replies
        self.is_closed = is_closed
        self.prepared: dict[str, _Documented | None] = {}
        self.all: tuple[Place, int, Sequence[JSON]] | None = None
        """The resources of the place that was read last as a whole, at one revision."""

    async def answer(self, reading: Reading, store: Store, place: Place) -> Reply | None:
        """The reply to a request for the list; None where the stateless reply is the right one.

        That is so where nothing was kept yet, and where the reply in the media type that is asked for is no list.
        """
        revision = await store.revision(place)
        if not revision and not self.is_closed:
            return None
        accept = reading.headers.get("accept", "")
        documented = self.prepared.get(accept)
        if documented is None:
            documented = await at_once(partial(self._documented, accept))
            if documented is None:
                return None
        facts = tuple([edit.facts(reading) for edit in documented.edits])
        key = (place, revision, facts)
        reply = documented.replies.get(key)
        if reply is None:
            reply = await self._made(documented, facts, store, place, revision)
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

    async def _made(
        self, documented: _Documented, facts: Sequence[Hashable], store: Store, place: Place, revision: int
    ) -> Reply:
        rows = [] if self.is_closed else await self._rows_now(documented, store, place)
        total = await store.count(place)
        asked = facts[documented.shown_by]
        assert isinstance(asked, Asked)
        wish = await self._placed(documented, documented.lists.wish(asked), rows, store, place, total)
        span = documented.span(wish, documented.world(KeptSpan((), 0, total), rows))
        if span is None:
            values, is_long = await self._all(store, place, revision, total)
            kept = KeptSpan(values, 0, len(values))
        else:
            items = await store.newest(place, *span) if span[0] < total else []
            is_long = sum(len(item.text) for item in items) > budgets.BYTES_AT_ONCE
            kept = KeptSpan([item.value for item in items], span[0], total)
        shown = _Shown(asked, wish, documented.world(kept, rows))
        make = partial(documented.reply, facts, shown, total)
        return await (off_loop(make) if is_long else at_once(make))

    async def _placed(
        self, documented: _Documented, wish: ListWish, rows: Sequence[JSON], store: Store, place: Place, total: int
    ) -> ListWish:
        """The wish with the place of the row after which a page begins, where only its id is known.

        So that not all that is kept has to be read: the newest first have falling orders.
        """
        is_narrowed = not documented.own.filters.keys().isdisjoint(wish.values)
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

    async def _rows_now(self, documented: _Documented, store: Store, place: Place) -> list[JSON]:
        """The documented rows that were not deleted, nor created anew; each as it is by now."""
        ids = await at_once(documented.ids)
        items = await store.items(place, list(ids))
        return await at_once(partial(documented.rows_now, items))

    async def _all(self, store: Store, place: Place, revision: int, total: int) -> tuple[Sequence[JSON], bool]:
        """All resources of a place, newest first, as many as can be read in time; and whether they are many."""
        if self.all is not None and self.all[:2] == (place, revision):
            return self.all[2], total > _CHUNK
        values: list[JSON] = []
        deadline = monotonic() + budgets.LIST_SECONDS
        while len(values) < total and monotonic() < deadline:
            items = await store.newest(place, len(values), _CHUNK)
            if not items:
                break
            values += await off_loop(partial(_values, items)) if total > _CHUNK else _values(items)
            await asyncio.sleep(0)
        if len(values) == total <= _REMEMBERED:
            self.all = place, revision, values
        return values, total > _CHUNK

    def _documented(self, accept: str) -> _Documented | None:
        """What the contract says of the list in the media type that a request accepts; kept for the next time."""
        if accept in self.prepared:
            return self.prepared[accept]
        base = self.replies.base(accept)
        documented = _documented(self.resource, base) if base is not None else None
        if len(self.prepared) < _FORMATS:
            self.prepared[accept] = documented
        return documented


def _values(items: Sequence[Item]) -> list[JSON]:
    """The resources of many items; their values are not kept in the items, where they would take most of the memory."""
    return [value_of(item.text) for item in items]


@dataclass(frozen=True, slots=True)
class _Shown:
    """The request of a list, and the rows behind it."""

    asked: Asked
    wish: ListWish
    world: KeptRows


@dataclass(frozen=True, slots=True)
class _Documented:
    """A documented list in one media type: its reply, what edits that, and the rows that it has without state."""

    base: Base
    lists: ListsEdit
    listing: Listing
    index: int
    """Which of the lists in the reply shows the resource."""
    edits: Sequence[Edit[Hashable]]
    shown_by: int
    """Which of the edits shows the list."""
    shape: RowShape
    replies: Kept[Hashable, Reply] = field(default_factory=Kept)
    by_id: dict[str, JSON] = field(default_factory=dict)

    @property
    def own(self) -> OneList:
        """The list that shows the resource."""
        return self.listing.lists[self.index]

    def ids(self) -> dict[str, JSON]:
        """The documented rows by their ids."""
        if not self.by_id:
            world = self.own.world
            if not world.has(world.total) and is_on_loop():
                raise Slow
            self.by_id.update((id_in(row, self.shape.row_way), row) for row in world.rows())
        return self.by_id

    def rows_now(self, items: Sequence[Item | None]) -> list[JSON]:
        """The documented rows, of which some are kept by their ids: changed, deleted, or as others that are listed."""
        rows: list[JSON] = []
        for row, item in zip(self.by_id.values(), items, strict=True):
            if item is None:
                rows.append(row)
            elif not item.is_deleted and not item.order:
                changed = self.shape.row(item.value)
                rows += [changed] if changed is not None else []
        return rows

    def world(self, kept: KeptSpan, rows: Sequence[JSON]) -> KeptRows:
        """The rows behind the list: some that are kept, and documented ones."""
        return KeptRows(self.shape, kept, rows, self.own.world.rows, self.own.least)

    def with_world(self, world: KeptRows) -> Listing:
        """The listing with other rows; no page has more of them than there is a budget for."""
        own = self.own
        size = own.size if has_paging(self.base.operation) else max(own.size, world.total)
        most = budgets.LIST_ROWS if own.most is None else min(own.most, budgets.LIST_ROWS)
        own = replace(own, world=world, size=size, most=most)
        lists = [own if index == self.index else each for index, each in enumerate(self.listing.lists)]
        return replace(self.listing, lists=lists)

    def span(self, wish: ListWish, world: KeptRows) -> tuple[int, int] | None:
        """The rows that a request asks for, by their places; None where all of them are needed to tell."""
        listing = self.with_world(world)
        return listing.span(listing.lists[self.index], wish)

    def reply(self, facts: Sequence[Hashable], shown: _Shown, total: int) -> Reply:
        """The reply to a request, of which some facts are known; `total` is how many resources are kept."""
        world = shown.world
        edits = [
            (edit, shown if index == self.shown_by else facts_of_edit)
            for index, (edit, facts_of_edit) in enumerate(zip(self.edits, facts, strict=True))
        ]
        operation, base = self.base.operation, replace(self.base.reply, tailored=None)
        reply = edited_by(edits, operation, base, True)
        if len(self.edits) > self.shown_by + 1:
            reply = edited(operation, reply, True, partial(self._restore, world), KEPT)
        is_shown = reply is not base or not world.shows_kept
        return self._without_old_validators(replace(reply, why=f"{reply.why}; {self._why(world, total, is_shown)}"))

    def _why(self, world: KeptRows, total: int, is_shown: bool) -> str:
        """What is behind the rows of a reply, in words."""
        rows = f"its list has {counted(total, 'kept row')}"
        if world.documented:
            rows += f" and {counted(len(world.documented), 'documented one')}"
        if world.kept.total < total:
            rows += f"; only the newest {world.kept.total:,} could be looked through in {budgets.LIST_SECONDS:g} s"
        if world.filled:
            rows += (
                f"; {counted(world.filled, 'row')} of the contract's own, as its schema asks for {world.least} at least"
            )
        return rows if is_shown else f"{rows}, which its schema does not let it show"

    def _restore(self, world: KeptRows, draft: Draft) -> None:
        world.restored(part_at(draft.value, self.own.path))

    def _without_old_validators(self, reply: Reply) -> Reply:
        """A reply without the ETag and the time that its author has for the documented rows."""
        response = reply.response
        is_needed = any(each.required and each.name.lower() == "last-modified" for each in self.base.definition.headers)
        if header_of(response.headers, "last-modified") and not is_needed:
            headers = tuple(field for field in response.headers if field[0] != "last-modified")
            reply = replace(reply, response=response._replace(headers=headers))
        return reply.tagged if header_of(response.headers, "etag") else reply


def _documented(resource: Resource, base: Base) -> _Documented | None:
    """What a documented reply says of the list of a resource; None where it shows none."""
    way = resource.response_ways.get(Role.LIST)
    if way is None or not base.has_value or not 200 <= base.reply.response.status < 300:
        return None
    style = base.reply.style
    listing = listing_of(base.operation, base.schema, base.value, base.settings, style, is_base=True, known=way)
    index = next((index for index, each in enumerate(listing.lists) if each.path == way), None) if listing else None
    if listing is None or index is None:
        return None
    lists = ListsEdit(base, listing)

    def apply(draft: Draft, shown: _Shown) -> None:
        lists.show(draft, documented.with_world(shown.world), shown.wish, shown.asked.target)

    at = EDITORS.index(lists_edit)
    later = [kept_addresses_edit if each is addresses_edit else each for each in EDITORS[at + 1 :]]
    before, after = edits_of(base, EDITORS[:at]), edits_of(base, later)
    edits = [*before, Edit(lists.asked, apply, KEPT), *after]
    world = listing.lists[index].world
    shape = RowShape(
        items_of(schema_at(base.schema, way)),
        _whole(resource),
        resource.id_way,
        resource.id_ways.get(Role.LIST, resource.id_way),
        lambda: next(iter(world.span(0, 1)), None),
    )
    documented = _Documented(base, lists, listing, index, edits, len(before), shape)
    return documented


def _whole(resource: Resource) -> Schema | None:
    """The schema of the resource itself."""
    for role in (Role.READ, Role.CREATE, Role.UPDATE, Role.REPLACE):
        view = response_view(resource.operations.get(role)) if role in resource.response_ways else None
        part = view.at(resource.response_ways[role]) if view is not None else None
        if part is not None:
            return part.schema
    return None
