"""GET of a list: what is kept shows in it."""

from __future__ import annotations

from tallystick.mock.roles import Reply
from tallystick.mock.state.shelf import Shelf
from tallystick.mock.stores.store import Item
from tallystick.wire.reading import Reading


async def show_list(shelf: Shelf, reading: Reading, _: Item | None) -> Reply | None:
    """The list with what is kept in it; None where the stateless one is right."""
    kept = shelf.memory.list_of(shelf.resource)
    return await kept.answer(reading, shelf.memory.store, shelf.place(reading)) if kept is not None else None
