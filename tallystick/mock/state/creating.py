"""POST on a collection creates: the reply is the stateless one with a fresh id in each place that says it."""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from functools import partial
from typing import cast

from tallystick.mock.off_loop import at_once
from tallystick.mock.problem import Problem
from tallystick.mock.roles import Reply
from tallystick.mock.rules import RESOURCE_EXISTS
from tallystick.mock.state.naming import renamed, with_id
from tallystick.mock.state.resources import part_at
from tallystick.mock.state.sent import Sent, sent_by, unsent, without
from tallystick.mock.state.server_set import set_defaults, set_times
from tallystick.mock.state.shelf import Shelf
from tallystick.mock.state.showing import shown
from tallystick.mock.state.versions import set_version
from tallystick.mock.state.whole import Members, is_success, schema_at
from tallystick.mock.stores.store import Item, StoreError
from tallystick.nouns import budgets
from tallystick.nouns.json_value import JSON
from tallystick.nouns.violation import Violation
from tallystick.wire.reading import Reading
from tallystick.wire.write import text_of, write_json


@dataclass(frozen=True)
class Draft:
    """A resource that is to be created. It says the id `old` until it gets its own; `own` is the one that the client
    has named, None where it has named none."""

    resource: Members
    old: JSON
    own: JSON
    not_kept: Sequence[Violation]


async def create(shelf: Shelf, reading: Reading, _: Item | None) -> Reply:
    """Answer as the contract documents it, and keep what is created."""
    reply = await at_once(partial(shelf.replies.respond, reading))
    if not is_success(reply):
        return reply
    now = await shelf.memory.clock.now(reading.session)
    draft = await at_once(partial(_draft, shelf, reading, now))
    id, item = await (_keep if draft.own is None else _keep_own)(shelf, reading, draft, now)
    if item is None:
        return await _conflict(shelf, reading, draft)
    return shelf.validated(await at_once(partial(created, shelf, reading, reply, draft, id)), item)


def created(shelf: Shelf, reading: Reading, reply: Reply, draft: Draft, id: JSON) -> Reply:
    """The stateless reply with what was created, of which that says the id."""
    resource = _with_id(shelf, draft, id)
    path = shelf.whole.path(shelf.whole.parents(reading), text_of(id))
    told = (*(reply.violations or ()), *draft.not_kept)
    frame = shelf.frame(reply)
    if frame is None:
        return replace(reply, violations=told)
    why = f"{path} is kept as it was created"
    reply = shown(frame, reading, reply, resource, shelf.whole, path, why, partial(_answered, shelf, draft, id))
    return replace(reply, violations=(*(reply.violations or ()), *draft.not_kept)) if draft.not_kept else reply


async def _keep(shelf: Shelf, reading: Reading, draft: Draft, now: float) -> tuple[JSON, Item | None]:
    """Keep a resource by a fresh id, and return both; where there are no others, by that of the example."""
    place, store = shelf.place(reading), shelf.memory.store
    ids = await shelf.ids(draft.old)
    if ids.make is None:
        text = _text(shelf, draft, draft.old)
        return draft.old, await store.put(place, text_of(draft.old), text, expected=None, is_listed=True, now=now)
    newest = [item.id for item in await store.newest(place, 0, 1)] if ids.counts else []
    number = max([ids.first, *map(ids.number_of, newest)])
    start = await store.revision(place)
    for attempt in range(1, budgets.ID_TRIES + 1):
        id = ids.make(number + attempt, f"{place.path}/{start + attempt}")
        item = await store.put(place, text_of(id), _text(shelf, draft, id), expected=0, is_listed=True, now=now)
        if item is not None:
            return id, item
    raise StoreError(f"no free id was found in {budgets.ID_TRIES} tries; others create at the same time")


async def _keep_own(shelf: Shelf, reading: Reading, draft: Draft, now: float) -> tuple[JSON, Item | None]:
    """Keep a resource by the id that its client has named; no item where it exists already, and a 409 says so."""
    place, store = shelf.place(reading), shelf.memory.store
    id, text = text_of(draft.own), _text(shelf, draft, draft.own)
    replaces = shelf.operation.response_for(409) is None
    for _ in range(budgets.CHANGE_TRIES):
        (before,) = await store.items(place, (id,))
        if before is not None and not before.is_deleted and not replaces:
            return draft.own, None
        version = before.version if before is not None else 0
        item = await store.put(place, id, text, expected=version, is_listed=True, now=now)
        if item is not None:
            return draft.own, item
    raise StoreError(f"others have created {place.path}/{id} {budgets.CHANGE_TRIES} times meanwhile; try again")


async def _conflict(shelf: Shelf, reading: Reading, draft: Draft) -> Reply:
    path = shelf.whole.path(shelf.whole.parents(reading), text_of(draft.own))
    fact = f"{path} exists already"
    problem = Problem(409, fact, (RESOURCE_EXISTS.violation("body", shelf.operation.place, fact),))
    return await at_once(partial(shelf.replies.refuse, problem, reading.headers.get("accept", "")))


def _draft(shelf: Shelf, reading: Reading, now: float) -> Draft:
    """The resource that a request creates: the example of one, what the reply says of it, and what was sent."""
    whole, sent = shelf.whole, sent_by(shelf, reading)
    body = whole.body(whole.canonical(shelf.operation, reading.request, reading.path_values or ()))
    way = shelf.resource.response_ways.get(shelf.role)
    answer = part_at(body, way) if way is not None else None
    answered = answer if isinstance(answer, dict) else {}
    own = _own_id(shelf, sent)
    old = own if own is not None else whole.id_in(answered if way is not None else body, shelf.role)
    if old is None:
        old = whole.id_example
    base = whole.example(whole.parents(reading), text_of(old)) or deepcopy(answered)
    resource = {**base, **{name: member for name, member in answered.items() if whole.has(name, base)}}
    before = deepcopy(resource)
    without(resource, unsent(whole, sent), whole)
    set_defaults(resource, whole.declared, sent.documented, sent.names)
    set_times(resource, whole.schema, now, True, sent.names)
    set_version(resource, None, whole.schema, shelf.versions)
    with_id(resource, shelf.resource.id_way, old)
    resource = whole.fitted(before, resource)
    sent.put(resource, whole, is_patch=False)
    return Draft(resource, old, own, sent.not_kept(resource, whole))


def _own_id(shelf: Shelf, sent: Sent) -> JSON:
    """The id that a request names, where it may name one; None where the server has to."""
    whole = shelf.whole
    way = shelf.resource.id_way or (whole.name.name,)
    schema = schema_at(sent.schema, way)
    if sent.documented and schema is None and not sent.is_shown(way):
        return None
    id = part_at(sent.members, way)
    if isinstance(id, bool) or not isinstance(id, (str, int)) or id == "" or not whole.may_be_id(id):
        return None
    schemas = [each for each in (schema, whole.id_schema) if each is not None]
    return None if any(each.resolved.get("readOnly") is True for each in schemas) else id


def _renamed(shelf: Shelf, draft: Draft, id: JSON, value: JSON) -> JSON:
    """A value with the id of what is created in each place that says the one of the draft."""
    return renamed(value, shelf.whole.name.unmistakable_names, draft.old, id)


def _answered(shelf: Shelf, draft: Draft, id: JSON, body: JSON) -> JSON:
    """The body of a reply with the id of what is created, also where it says the id and does not show the resource."""
    body = _renamed(shelf, draft, id, body)
    if shelf.role not in shelf.resource.response_ways and (way := shelf.resource.id_ways.get(shelf.role)):
        with_id(body, way, id)
    return body


def _with_id(shelf: Shelf, draft: Draft, id: JSON) -> Members:
    resource = cast("Members", _renamed(shelf, draft, id, draft.resource))
    with_id(resource, shelf.resource.id_way, id)
    return resource


def _text(shelf: Shelf, draft: Draft, id: JSON) -> bytes:
    return write_json(_with_id(shelf, draft, id))
