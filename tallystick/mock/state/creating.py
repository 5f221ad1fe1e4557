"""POST on a collection creates: the reply is the stateless one with a fresh id in each place that says it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from tallystick.mock.off_loop import at_once
from tallystick.mock.problem import Problem
from tallystick.mock.roles import Reply
from tallystick.mock.room import ROOM
from tallystick.mock.rules import RESOURCE_EXISTS
from tallystick.mock.state.drafting import Draft, created, draft_of, text_with_id
from tallystick.mock.state.ids import Ids
from tallystick.mock.state.moulds import Cast, Mould, mould_of
from tallystick.mock.state.shelf import Shelf
from tallystick.mock.state.whole import is_success
from tallystick.mock.stores.memory import MemoryStore
from tallystick.mock.stores.store import Item, Place, StoreError
from tallystick.nouns import budgets
from tallystick.nouns.json_value import JSON
from tallystick.wire.reading import Reading
from tallystick.wire.write import text_of

_OVERHEAD = 2_000
"""About how many bytes a mould takes beside what it makes."""

_LATER = 100_003.517
"""How many seconds lie between the two times that are compared: all forms of a time differ then."""
_ANOTHER = 1_234
"""How far the number of the other id lies from the first."""

Text = Callable[[JSON], bytes]
"""Gives the text of what is created, with an id."""


async def create(shelf: Shelf, reading: Reading, _: Item | None) -> Reply:
    """Answer as the contract documents it, and keep what is created.

    What the same request creates again and again differs in its id and its times, so it is cast in a mould.
    """
    key = _key(shelf, reading)
    mould = shelf.moulds.get(key) if key is not None else None
    now = await shelf.memory.clock.now(reading.session)
    if isinstance(mould, Mould):
        return await _from_mould(shelf, reading, mould, now)
    reply = await at_once(partial(shelf.replies.respond, reading))
    if not is_success(reply):
        return reply
    draft = await at_once(partial(draft_of, shelf, reading, now))
    text = partial(text_with_id, shelf, draft)
    if draft.own is None:
        id, item = await _keep(shelf, reading, await shelf.ids(draft.old), text, now)
    else:
        id, item = draft.own, await _keep_own(shelf, reading, draft.own, text, now)
    if item is None:
        return await conflict(shelf, reading, draft.own)
    made = await at_once(partial(created, shelf, reading, reply, draft, id))
    if key is not None:
        is_second = key in shelf.moulds
        made_once = Cast(id, now, item.text, made)
        new = await at_once(partial(_mould, shelf, reading, reply, made_once, draft.own)) if is_second else None
        if new is not None or not is_second:
            size = 2 * (len(item.text) + len(made.response.body)) + len(reading.request.body) + _OVERHEAD
            ROOM.keep(shelf.moulds, key, new, size + len(reading.request.path) + len(reading.request.query))
    return shelf.validated(made, item)


def _key(shelf: Shelf, reading: Reading) -> tuple[object, ...] | None:
    """All of a request that decides what it creates; None where that may be more, or is too large to be kept."""
    request, headers, replies = reading.request, reading.headers, shelf.replies
    if len(request.body) > budgets.MOULD_BYTES or replies.stream_wish is not None or replies.matcher is not None:
        return None
    fields = headers.get("accept"), headers.get("host"), headers.get("content-type")
    return (request.path, request.query, request.body, reading.scheme, reading.prefix, *fields)


def _mould(shelf: Shelf, reading: Reading, reply: Reply, first: Cast, own: JSON) -> Mould | None:
    """The mould of what a request creates, by what it has created and what it would create at another time."""
    ids = shelf.whole.ids
    now = first.now + _LATER
    draft = draft_of(shelf, reading, now)
    id = own
    if own is None:
        if ids is None or ids.make is None:
            return None
        id = ids.make(ids.first + _ANOTHER, "another")
    other = Cast(id, now, text_with_id(shelf, draft, id), created(shelf, reading, reply, draft, id))
    return mould_of(first, other, own)


async def _from_mould(shelf: Shelf, reading: Reading, mould: Mould, now: float) -> Reply:
    times = mould.times(now)
    if mould.own is None and shelf.whole.ids is not None:
        id, item = await _keep(shelf, reading, shelf.whole.ids, partial(mould.text, times), now)
    else:
        id, item = mould.own, await _keep_own(shelf, reading, mould.own, partial(mould.text, times), now)
    if item is None:
        return await conflict(shelf, reading, id)
    return shelf.validated(mould.reply(times, id, item.text), item)


def create_again(shelf: Shelf, reading: Reading, store: MemoryStore) -> Callable[[Item | None], Reply | None] | None:
    """What answers the same request again, once it has a mould that makes fresh ids."""
    key, ids, place = _key(shelf, reading), shelf.whole.ids, shelf.place(reading)
    mould = shelf.moulds.get(key) if key is not None else None
    if mould is None or mould.own is not None or ids is None or ids.make is None:
        return None
    make, machine = ids.make, shelf.memory.clock.machine

    def answer(_: Item | None) -> Reply | None:
        number = ids.last.get(place)
        if number is None or not store.is_plain(place.session) or not store.revision_now(place):
            return None
        number, now = number + 1, machine()
        id, times = make(number, f"{place.path}/{number}"), mould.times(now)
        text = mould.text(times, id)
        item = store.put_now(place, text_of(id), text, expected=0, is_listed=True, now=now)
        if item is None:
            return None
        ids.remember(place, number)
        return shelf.validated(mould.reply(times, id, text), item)

    return answer


async def _keep(shelf: Shelf, reading: Reading, ids: Ids, text: Text, now: float) -> tuple[JSON, Item | None]:
    """Keep a resource by a fresh id, and return both; where there are no others, by that of the example."""
    place, store = shelf.place(reading), shelf.memory.store
    if ids.make is None:
        id = ids.example
        return id, await store.put(place, text_of(id), text(id), expected=None, is_listed=True, now=now)
    number = ids.last.get(place)
    if number is None or not await store.revision(place):  # what was kept may have been dropped
        number = await _number_before(shelf, place, ids)
    for attempt in range(1, budgets.ID_TRIES + 1):
        number += _step(attempt)
        id = ids.make(number, f"{place.path}/{number}")
        item = await store.put(place, text_of(id), text(id), expected=0, is_listed=True, now=now)
        if item is not None:
            ids.remember(place, number)
            return id, item
        if attempt == 1:  # others create here too
            number = max(number, await _number_before(shelf, place, ids))
    raise StoreError(f"no free id was found in {budgets.ID_TRIES} tries; others create at the same time")


def _step(attempt: int) -> int:
    """How far an attempt goes on from the last: soon beyond many that a client or a file of seeds has taken."""
    return 1 if attempt < 8 else 2 ** min(attempt - 7, 20)


async def _number_before(shelf: Shelf, place: Place, ids: Ids) -> int:
    """A number before those of fresh ids: that of the newest id in a place, or of the first where more are kept.

    Of ids that do not count it is one that is new with each change there.
    """
    store = shelf.memory.store
    if not ids.counts:
        return await store.revision(place)
    newest = [ids.number_of(item.id) for item in await store.newest(place, 0, 1)]
    return max([ids.first, *newest, await store.count(place)])


async def _keep_own(shelf: Shelf, reading: Reading, own: JSON, text: Text, now: float) -> Item | None:
    """Keep a resource by the id that its client has named; None where it exists already, and a 409 says so."""
    place, store, id = shelf.place(reading), shelf.memory.store, text_of(own)
    replaces = shelf.operation.response_for(409) is None
    for _ in range(budgets.CHANGE_TRIES):
        (before,) = await store.items(place, (id,))
        if before is not None and not before.is_deleted and not replaces:
            return None
        version = before.version if before is not None else 0
        item = await store.put(place, id, text(own), expected=version, is_listed=True, now=now)
        if item is not None:
            return item
    raise StoreError(f"others have created {place.path}/{id} {budgets.CHANGE_TRIES} times meanwhile; try again")


async def keep_draft(shelf: Shelf, reading: Reading, draft: Draft, now: float) -> tuple[JSON, Item | None]:
    """Keep what is created, and return its id and the item; None where one of its id exists, and a 409 says so."""
    text = partial(text_with_id, shelf, draft)
    if draft.own is not None:
        return draft.own, await _keep_own(shelf, reading, draft.own, text, now)
    return await _keep(shelf, reading, await shelf.ids(draft.old), text, now)


async def conflict(shelf: Shelf, reading: Reading, own: JSON) -> Reply:
    """The reply that tells that a resource of an id exists already."""
    path = shelf.whole.path(shelf.whole.parents(reading), text_of(own))
    fact = f"{path} exists already"
    problem = Problem(409, fact, (RESOURCE_EXISTS.violation("body", shelf.operation.place, fact),))
    return await shelf.refused(reading, problem)
