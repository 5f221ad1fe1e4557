"""POST of an array creates several: the reply is the stateless one with each of them in it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import cast

from tallystick.mock.off_loop import at_once
from tallystick.mock.roles import Reply
from tallystick.mock.state.creating import conflict, create, keep_draft
from tallystick.mock.state.drafting import Draft, draft_of
from tallystick.mock.state.rows import RowShape
from tallystick.mock.state.sent import Sent
from tallystick.mock.state.shelf import Shelf
from tallystick.mock.state.showing import frame_of, shown
from tallystick.mock.state.whole import is_success, schema_at
from tallystick.mock.stores.store import Item, StoreFullError
from tallystick.nouns import budgets
from tallystick.nouns.json_value import JSON, is_shallow
from tallystick.nouns.schema import Schema
from tallystick.resources.many import Many
from tallystick.resources.resources import part_at
from tallystick.schemas.shapes import items_of, properties_of
from tallystick.wire.reading import Reading
from tallystick.wire.write import text_of


async def create_any(shelf: Shelf, reading: Reading, item: Item | None) -> Reply:
    """Create one resource, or several where an array of them is sent."""
    many = shelf.resource.many
    if many is None:
        return await create(shelf, reading, item)
    part = part_at(reading.body.value, many.sent) if not reading.body.fault else None
    if not isinstance(part, list):
        return await create(shelf, reading, item)
    way = shelf.resource.id_way
    is_named = len(way) == 1  # so that a text among the rows may be the id of one
    rows: list[JSON] = [{str(way[0]): row} if is_named and isinstance(row, str) else row for row in part]
    return await _create_many(shelf, reading, many, rows)


async def _create_many(shelf: Shelf, reading: Reading, many: Many, rows: Sequence[JSON]) -> Reply:
    reply = await at_once(partial(shelf.replies.respond, reading))
    if not is_success(reply) or len(rows) > budgets.LIST_ROWS or not all(isinstance(row, dict) for row in rows):
        return reply
    now = await shelf.memory.clock.now(reading.session)
    drafts = await at_once(partial(_drafts, shelf, reading, many, rows, now))
    for draft in drafts:
        if await _exists(shelf, reading, draft):
            return await conflict(shelf, reading, draft.own)
    items: dict[int, Item] = {}
    own_ids_first = sorted(enumerate(drafts), key=lambda entry: entry[1].own is None)
    for index, draft in own_ids_first:  # so that no fresh id is one that another of them names
        id, item = await keep_draft(shelf, reading, draft, now)
        if item is None:
            return await conflict(shelf, reading, id)
        items[index] = item
    return await at_once(partial(_shown, shelf, reading, reply, many, [items[index] for index in range(len(drafts))]))


async def _exists(shelf: Shelf, reading: Reading, draft: Draft) -> bool:
    """Whether what a client names exists already, and a 409 is documented for that."""
    if draft.own is None or shelf.operation.response_for(409) is None:
        return False
    (before,) = await shelf.memory.store.items(shelf.place(reading), (text_of(draft.own),))
    return before is not None and not before.is_deleted


def _drafts(shelf: Shelf, reading: Reading, many: Many, rows: Sequence[JSON], now: float) -> list[Draft]:
    """What is to be created of each row that was sent."""
    body = reading.body
    schema = items_of(schema_at(body.format.schema, many.sent)) if body.format is not None else None
    return [draft_of(shelf, reading, now, sent) for sent in _sent(shelf, many, rows, schema)]


def _sent(shelf: Shelf, many: Many, rows: Sequence[JSON], schema: Schema | None) -> Iterator[Sent]:
    for index, row in enumerate(rows):
        if not is_shallow(row, budgets.RESOURCE_LEVELS):
            fact = f"a resource in the body has more than {budgets.RESOURCE_LEVELS} levels, and is not kept"
            raise StoreFullError(fact)
        yield Sent(shelf.operation, row, schema, properties_of(schema), (*many.sent, index))


def _shown(shelf: Shelf, reading: Reading, reply: Reply, many: Many, items: Sequence[Item]) -> Reply:
    """The stateless reply with what was created in the place of its rows; as it is where it shows none."""
    frame = frame_of(shelf.contract, shelf.operation, shelf.replies.settings, reply, many.answered)
    if frame is None or frame.way is None:
        return reply
    way = shelf.resource.id_way
    shape = RowShape(items_of(schema_at(frame.schema, frame.way)), shelf.whole.schema, way, way, lambda: None)
    rows = [shape.row(item.value) for item in items]
    if None in rows:
        return reply
    why = f"{len(rows)} are kept as they were created"
    return shown(frame, reading, reply, cast("JSON", rows), shelf.whole, "", why)
