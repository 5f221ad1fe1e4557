"""What answers the operations of each role."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from tallystick.mock.roles import Reply
from tallystick.mock.state.acting import act
from tallystick.mock.state.changing import change
from tallystick.mock.state.clearing import clear
from tallystick.mock.state.creating import create_again
from tallystick.mock.state.creating_many import create_any
from tallystick.mock.state.deleting import delete
from tallystick.mock.state.item_reading import read, read_again
from tallystick.mock.state.listing import show_list
from tallystick.mock.state.shelf import Shelf
from tallystick.mock.stores.memory import MemoryStore
from tallystick.mock.stores.store import Item
from tallystick.resources.resources import Role
from tallystick.wire.reading import Reading

Action = Callable[[Shelf, Reading, Item | None], Awaitable[Reply | None]]
"""Answers a request for a resource, of which the item is what is kept; None where the stateless reply shows it."""

ACTIONS: Mapping[Role, Action] = {
    Role.CREATE: create_any,
    Role.READ: read,
    Role.LIST: show_list,
    Role.REPLACE: change,
    Role.UPDATE: change,
    Role.DELETE: delete,
    Role.CLEAR: clear,
    Role.ACT: act,
}

AGAIN: Mapping[Role, Callable[[Shelf, Reading, MemoryStore], Callable[[Item | None], Reply | None] | None]] = {
    Role.CREATE: create_again,
    Role.READ: read_again,
}
"""What answers a request again that came before just as it is: gets what is kept, and gives None where it cannot."""
