"""DELETE: the resource is gone, and all that it contained."""

from __future__ import annotations

from functools import partial
from urllib.parse import quote

from tallystick.mock.off_loop import at_once
from tallystick.mock.roles import Reply
from tallystick.mock.state.shelf import Shelf
from tallystick.mock.state.showing import shown
from tallystick.mock.state.whole import is_success
from tallystick.mock.stores.store import Item, StoreError
from tallystick.nouns import budgets
from tallystick.resources.resources import normal_segment
from tallystick.wire.reading import Reading


async def delete(shelf: Shelf, reading: Reading, item: Item | None) -> Reply:
    """Answer as the contract documents it, and leave a tombstone."""
    reply = await at_once(partial(shelf.replies.respond, reading))
    if not is_success(reply) or (item is not None and item.is_deleted):
        return reply
    place, id = shelf.place(reading), shelf.resource.id_of(reading)
    now = await shelf.memory.clock.now(reading.session)
    for _ in range(budgets.CHANGE_TRIES):
        if (problem := await shelf.condition_problem(reading, item, id)) is not None:
            return await shelf.refused(reading, problem)
        version = item.version if item is not None else 0
        if await shelf.memory.store.put(place, id, b"", expected=version, is_listed=False, now=now) is not None:
            break
        (item,) = await shelf.memory.store.items(place, (id,))
        if shelf.is_absent(item):
            return await shelf.refused(reading, shelf.absence.problem(item, f"{place.path}/{id}"))
    else:
        raise StoreError(f"others have changed {place.path}/{id} {budgets.CHANGE_TRIES} times meanwhile; try again")
    await shelf.memory.store.drop_below(place.session, place.contract, f"{place.path}/{normal_segment(quote(id))}")
    frame = shelf.frame(reply) if item is not None else None
    if frame is None or frame.way is None or item is None or item.is_deleted:
        return reply
    path = shelf.whole.path(shelf.whole.parents(reading), id)
    return await at_once(partial(shown, frame, reading, reply, item.value, shelf.whole, "", f"{path} as it was kept"))
