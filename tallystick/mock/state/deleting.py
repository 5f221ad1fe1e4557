"""DELETE: the resource is gone, and all that it contained."""

from __future__ import annotations

from functools import partial

from tallystick.mock.off_loop import at_once
from tallystick.mock.roles import Reply
from tallystick.mock.state.resources import normal_segment
from tallystick.mock.state.shelf import Shelf
from tallystick.mock.stores.store import Item
from tallystick.wire.reading import Reading


async def delete(shelf: Shelf, reading: Reading, item: Item | None) -> Reply:
    """Answer as the contract documents it, and leave a tombstone."""
    reply = await at_once(partial(shelf.memory.replies_of(shelf.operation).respond, reading))
    if not 200 <= reply.response.status < 300 or (item is not None and item.is_deleted):
        return reply
    place, id = shelf.place(reading), shelf.resource.id_of(reading)
    now = await shelf.memory.clock.now(reading.session)
    await shelf.memory.store.put(place, id, b"", expected=None, is_listed=False, now=now)
    values = reading.path_values or ()
    await shelf.memory.store.drop_below(place.session, place.contract, f"{place.path}/{normal_segment(values[-1])}")
    return reply
