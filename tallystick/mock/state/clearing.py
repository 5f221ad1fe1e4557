"""DELETE on a collection: all that is in it is gone, or what the request names."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from urllib.parse import quote

from tallystick.mock.off_loop import at_once
from tallystick.mock.roles import Reply
from tallystick.mock.state.shelf import Shelf
from tallystick.mock.state.whole import is_success
from tallystick.mock.stores.store import Item, Place
from tallystick.nouns.json_value import JSON
from tallystick.resources.names import singular, spelled
from tallystick.resources.resources import Role, normal_segment
from tallystick.wire.reading import Reading
from tallystick.wire.values import decode_field
from tallystick.wire.write import text_of

_AT_ONCE = 500
"""How many items are deleted until other requests are answered in between."""
_IDS = ("id", "uuid", "key", "name")
"""What lists of ids may be called, in the singular."""
_YES = ("true", "yes", "1")

Meant = Callable[[str, JSON], bool]
"""Whether an item, by its id and its value, is meant by a request."""


async def clear(shelf: Shelf, reading: Reading, _: Item | None) -> Reply:
    """Answer as the contract documents it, and leave tombstones of what the request means."""
    reply = await at_once(partial(shelf.replies.respond, reading))
    meant = meant_by(shelf, reading) if is_success(reply) else None
    if meant is None:
        return reply
    place, store = shelf.place(reading), shelf.memory.store
    now = await shelf.memory.clock.now(reading.session)
    kept_list = shelf.memory.list_of(shelf.resource)
    documented = await kept_list.documented_now(store, place) if kept_list is not None else {}
    kept = {item.id: item.value for item in await store.kept(place) if not item.is_deleted}
    for count, (id, value) in enumerate({**documented, **kept}.items(), 1):
        if meant(id, value):
            await store.put(place, id, b"", expected=None, is_listed=False, now=now)
            await store.drop_below(place.session, place.contract, _path(place, id))
        if not count % _AT_ONCE:
            await asyncio.sleep(0)
    return reply


def meant_by(shelf: Shelf, reading: Reading) -> Meant | None:
    """Which items a request to delete means; None where it says something that cannot be told."""
    ids: set[str] = set()
    members: dict[str, str] = {}
    for name, value in _said(reading):
        if isinstance(value, list):
            ids.update(_texts(value, shelf))
        elif isinstance(value, dict) or value is False:
            return None  # a query in a language of its own, or a flag that says that not all is meant
        elif _is_of_ids(name, shelf):
            ids.update(text_of(value).split(","))
        elif (own := _member(name, shelf)) is not None:
            members[own] = text_of(value)
        elif _narrows(name, value, shelf):
            return None
    if not ids and not members:
        return None if _names_nothing(reading) else lambda _, __: True
    return lambda id, value: (not ids or id in ids) and _has(value, members)


def _said(reading: Reading) -> Iterator[tuple[str, JSON]]:
    """What a request says beside its path: the fields of its query, and the members of its body."""
    keys = {each.name for schemes in reading.operation.security for each in schemes}
    fields = reading.query.items()
    yield from ((name, decode_field(raw)[0]) for name, values in fields if name not in keys for raw in values)
    body = reading.body.value if not reading.body.fault else None
    if isinstance(body, dict):
        yield from body.items()
    elif isinstance(body, list):
        yield "", body


def _names_nothing(reading: Reading) -> bool:
    """Whether a request has a list of what is to be deleted in which nothing is."""
    return any(isinstance(value, list) for _, value in _said(reading))


def _texts(values: list[JSON], shelf: Shelf) -> Iterator[str]:
    """The ids in a list of ids, or of objects that have them."""
    for value in values:
        if isinstance(value, dict):
            yield shelf.resource.id_in(value)
        elif value is not None:
            yield text_of(value)


def _is_of_ids(name: str, shelf: Shelf) -> bool:
    """Whether a field is called as ids of the resource are."""
    own, noun = spelled(name), shelf.whole.name.noun
    one = singular(own)
    return own != one and (one in _IDS or one in [noun, *(noun + end for end in _IDS)])


def _member(name: str, shelf: Shelf) -> str | None:
    """The member of the resource that a field is called as."""
    return next((own for own in shelf.whole.declared if spelled(own) == spelled(name)), None)


def _narrows(name: str, value: JSON, shelf: Shelf) -> bool:
    """Whether a field says which items are meant: it is one of the list's, too, or has to be there and is no yes."""
    listing = shelf.resource.operations.get(Role.LIST)
    listed = listing.parameters if listing is not None else ()
    is_yes = text_of(value).lower() in _YES
    needed = [each for each in shelf.operation.parameters if each.required and not is_yes]
    return any(each.name == name and each.location == "query" for each in (*listed, *needed))


def _has(value: JSON, members: Mapping[str, str]) -> bool:
    own = value if isinstance(value, dict) else {}
    return all(name in own and text_of(own[name]) == text for name, text in members.items())


def _path(place: Place, id: str) -> str:
    return f"{place.path}/{normal_segment(quote(id))}"
