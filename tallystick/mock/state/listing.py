"""GET of a list: what is kept shows in it."""

from __future__ import annotations

from functools import partial

from tallystick.mock.off_loop import at_once
from tallystick.mock.roles import Reply
from tallystick.mock.state.shelf import Shelf
from tallystick.mock.state.showing import shown
from tallystick.mock.state.whole import is_success
from tallystick.mock.stores.store import Item
from tallystick.wire.reading import Reading


async def show_list(shelf: Shelf, reading: Reading, _: Item | None) -> Reply | None:
    """The list with what is kept in it; None where the stateless one is right."""
    if shelf.resource.lists_one:
        return await _newest(shelf, reading)
    kept = shelf.memory.list_of(shelf.resource)
    return await kept.answer(reading, shelf.memory.store, shelf.place(reading)) if kept is not None else None


async def _newest(shelf: Shelf, reading: Reading) -> Reply | None:
    """The reply with what was kept last, where it has room for one; None where nothing is kept."""
    items = await shelf.memory.store.newest(shelf.place(reading), 0, 1)
    if not items:
        return None
    reply = await at_once(partial(shelf.replies.respond, reading))
    frame = shelf.frame(reply) if is_success(reply) else None
    if frame is None or frame.way is None:
        return reply
    why = "it has room for one, which is the newest that is kept"
    return await at_once(partial(shown, frame, reading, reply, items[0].value, shelf.whole, "", why))
