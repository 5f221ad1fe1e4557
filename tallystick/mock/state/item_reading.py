"""GET on an item shows what is kept."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

from tallystick.mock.off_loop import Slow, at_once
from tallystick.mock.roles import Reply
from tallystick.mock.state.shelf import Shelf
from tallystick.mock.state.showing import shown
from tallystick.mock.state.whole import is_success
from tallystick.mock.stores.memory import MemoryStore
from tallystick.mock.stores.store import Item
from tallystick.wire.reading import Reading

_DECIDING = ("accept", "host", "if-none-match", "if-modified-since", "range", "if-range")
"""The header fields of a request that decide its reply."""


class Ready(NamedTuple):
    """The reply that was made last of an item, and what decided it."""

    facts: tuple[object, ...]
    reply: Reply


async def read(shelf: Shelf, reading: Reading, item: Item | None) -> Reply | None:
    """The stateless reply with the resource in it as it is kept; None where nothing is kept of it."""
    if item is None or item.is_deleted:
        return None if shelf.conditions is None else await at_once(partial(_validated, shelf, reading, item))
    facts = _facts(reading)
    ready = item.reply
    if isinstance(ready, Ready) and ready.facts == facts:
        return ready.reply
    reply = await at_once(partial(_validated, shelf, reading, item))
    item.keep(Ready(facts, reply))
    return reply


def read_again(shelf: Shelf, reading: Reading, _: MemoryStore) -> Callable[[Item | None], Reply | None]:
    """What answers the same request again: the reply that was made of the item, or the documented one."""
    facts, respond = _facts(reading), shelf.replies.respond

    def answer(item: Item | None) -> Reply | None:
        if item is None or item.is_deleted:
            try:
                return respond(reading) if shelf.conditions is None else None
            except Slow:
                return None
        ready = item.reply
        return ready.reply if isinstance(ready, Ready) and ready.facts == facts else None

    return answer


def _facts(reading: Reading) -> tuple[object, ...]:
    """What of a request decides its reply."""
    request, fields = reading.request, map(reading.headers.get, _DECIDING)
    return (reading.operation, request.path, request.query, reading.scheme, reading.prefix, *fields)


def _validated(shelf: Shelf, reading: Reading, item: Item | None) -> Reply:
    """The reply to a request, whose conditions are judged by the version that is kept."""
    reply = _shown(shelf, reading, item)
    if shelf.conditions is not None:
        reply = shelf.conditions.validated(reply, item)
    return reply if shelf.replies.conditions is None else shelf.replies.conditions.judged(reading, reply)


def _shown(shelf: Shelf, reading: Reading, item: Item | None) -> Reply:
    reply = shelf.replies.whole(reading)
    frame = shelf.frame(reply) if is_success(reply) else None
    if frame is None or item is None or item.is_deleted:
        return reply
    path = shelf.whole.path(shelf.whole.parents(reading), item.id)
    return shown(frame, reading, reply, item.value, shelf.whole, path, f"{path} as it is kept (version {item.version})")
