"""What a contract says of a list in one media type, and its replies with what is kept in it."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from tallystick.mock.off_loop import Slow, is_on_loop
from tallystick.mock.responders.conditions import header_of
from tallystick.mock.roles import KEPT, Reply
from tallystick.mock.room import Kept
from tallystick.mock.state.rows import KeptRows, KeptSpan, RowShape, id_in
from tallystick.mock.stores.store import Item
from tallystick.mock.tailoring.edit import Base, Draft, Edit
from tallystick.mock.tailoring.lists.edit import Asked, ListsEdit, lists_edit
from tallystick.mock.tailoring.lists.listing import Listing, OneList, listing_of, schema_at
from tallystick.mock.tailoring.locations import addresses_edit, kept_addresses_edit
from tallystick.mock.tailoring.picture_urls import kept_picture_urls_edit
from tallystick.mock.tailoring.tailoring import EDITORS, edited, edited_by, edits_of
from tallystick.nouns import budgets
from tallystick.nouns.json_value import JSON
from tallystick.nouns.schema import Schema
from tallystick.nouns.words import counted
from tallystick.resources.lists.places import has_paging
from tallystick.resources.lists.wishes import ListWish
from tallystick.resources.resources import Resource, Role, part_at
from tallystick.resources.views import response_view
from tallystick.schemas.shapes import items_of


@dataclass(frozen=True, slots=True)
class Shown:
    """The request of a list, and the rows behind it."""

    asked: Asked
    wish: ListWish
    world: KeptRows


@dataclass(frozen=True, slots=True)
class DocumentedList:
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
        """The documented rows by their ids; one without an id of its own by its place, which no path can name."""
        if not self.by_id:
            world = self.own.world
            if not world.has(world.total) and is_on_loop():
                raise Slow
            for place, row in enumerate(world.rows()):
                id = id_in(row, self.shape.row_way)
                self.by_id[id if id and id not in self.by_id else f"/{place}"] = row
        return self.by_id

    def rows_now(self, items: Sequence[Item | None], are_changed: bool) -> dict[str, JSON]:
        """The documented rows by their ids; some are kept: changed, deleted, or as others that are listed.

        Where `are_changed`, those that nobody changed are left out.
        """
        rows: dict[str, JSON] = {}
        for (id, row), item in zip(self.by_id.items(), items, strict=True):
            if item is None and not are_changed:
                rows[id] = row
            elif item is not None and not item.is_deleted and not item.order:
                changed = self.shape.row(item.value)
                rows |= {id: changed} if changed is not None else {}
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

    def reply(self, facts: Sequence[Hashable], shown: Shown, total: int) -> Reply:
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


def documented_list(resource: Resource, base: Base) -> DocumentedList | None:
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

    def apply(draft: Draft, shown: Shown) -> None:
        lists.show(draft, documented.with_world(shown.world), shown.wish, shown.asked.target)

    at = EDITORS.index(lists_edit)
    later = [kept_addresses_edit if each is addresses_edit else each for each in EDITORS[at + 1 :]]
    later.append(kept_picture_urls_edit)
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
    documented = DocumentedList(base, lists, listing, index, edits, len(before), shape)
    return documented


def _whole(resource: Resource) -> Schema | None:
    """The schema of the resource itself."""
    for role in (Role.READ, Role.CREATE, Role.UPDATE, Role.REPLACE):
        view = response_view(resource.operations.get(role)) if role in resource.response_ways else None
        part = view.at(resource.response_ways[role]) if view is not None else None
        if part is not None:
            return part.schema
    return None
