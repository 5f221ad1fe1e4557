"""GET of a list: what is kept shows in it."""

from __future__ import annotations

from functools import partial

from tallystick.mock.off_loop import at_once
from tallystick.mock.roles import Reply
from tallystick.mock.state.shelf import Shelf
from tallystick.mock.state.showing import shown
from tallystick.mock.state.whole import is_success
from tallystick.mock.stores.store import Item
from tallystick.mock.tailoring.tailoring import value_of
from tallystick.nouns import budgets
from tallystick.nouns.json_value import JSON
from tallystick.resources.resources import ListShape, Role, part_at
from tallystick.wire.reading import Reading


async def show_list(shelf: Shelf, reading: Reading, above: Item | None) -> Reply | None:
    """The list with what is kept in it; None where the stateless one is right.

    `above` is what is kept of the resource that the list is below.
    """
    is_of_created = above is not None and above.order != 0
    if shelf.resource.list_shape is ListShape.ROWS:
        kept = shelf.memory.list_of(shelf.resource)
        if kept is None:
            return None
        return await kept.answer(reading, shelf.memory.store, shelf.place(reading), is_of_created)
    place, store = shelf.place(reading), shelf.memory.store
    is_one = shelf.resource.list_shape is ListShape.ONE
    items = await store.newest(place, 0, 1 if is_one else budgets.LIST_ROWS)
    is_empty = shelf.memory.settings.is_closed or is_of_created
    if not items and (is_one or not (is_empty or await store.revision(place))):
        return None
    reply = await at_once(partial(shelf.replies.respond, reading))
    if not is_success(reply):
        return reply
    if is_one:
        return await _shown(shelf, reading, reply, items[0].value, "it has room for the newest that is kept")
    rows = _documented(shelf, reply)
    before = await store.items(place, [*rows])
    members = {item.id: item.value for item in items}
    for (id, row), item in zip(rows.items(), before, strict=True):
        if (item is None and not is_of_created) or (item is not None and not (item.is_deleted or item.order)):
            members[id] = row if item is None else item.value
    return await _shown(shelf, reading, reply, members, f"it has {len(items)} that are kept, by their ids")


def _documented(shelf: Shelf, reply: Reply) -> dict[str, JSON]:
    """The members of the documented list by the ids that their rows say, else by their own names."""
    if shelf.memory.settings.is_closed:
        return {}
    part = part_at(value_of(reply.response)[1], shelf.resource.response_ways[Role.LIST])
    members = part if isinstance(part, dict) else {}
    return {shelf.resource.id_in(row) or name: row for name, row in members.items()}


async def _shown(shelf: Shelf, reading: Reading, reply: Reply, value: JSON, why: str) -> Reply:
    """A reply with what is kept in its place."""
    frame = shelf.frame(reply)
    if frame is None or frame.way is None:
        return reply
    return await at_once(partial(shown, frame, reading, reply, value, shelf.whole, "", why))
