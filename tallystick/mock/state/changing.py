"""PUT, PATCH and POST on an item change it, or create it where the contract documents that."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from functools import partial

from tallystick.mock.off_loop import at_once
from tallystick.mock.problem import Problem
from tallystick.mock.roles import Reply
from tallystick.mock.rules import NOT_KEPT, PATCH_FAILED
from tallystick.mock.state.kinds import of_its_kind
from tallystick.mock.state.naming import with_id
from tallystick.mock.state.order import in_order
from tallystick.mock.state.patches import PatchError, is_json_patch, json_patched
from tallystick.mock.state.sent import sent_by, unsent, without, without_unsent_inside
from tallystick.mock.state.server_set import set_defaults, set_times
from tallystick.mock.state.shelf import Shelf
from tallystick.mock.state.showing import shown
from tallystick.mock.state.versions import set_version
from tallystick.mock.state.whole import Members, is_success
from tallystick.mock.stores.store import Item, StoreError
from tallystick.mock.wishes import Wish
from tallystick.nouns import budgets
from tallystick.nouns.json_value import JSON
from tallystick.nouns.violation import Violation
from tallystick.resources.names import spelled
from tallystick.resources.resources import Role, part_at
from tallystick.wire.reading import Reading
from tallystick.wire.write import text_of, write_json

_JSON_PATCH = "application/json-patch+json"


@dataclass(frozen=True)
class Change:
    """A resource as it is after a change, and what of the change is not kept."""

    resource: JSON
    not_kept: Sequence[Violation]


Changing = Callable[[Shelf, Reading, Item | None, str, float], Change]
"""Makes the change that a request asks for: of a shelf, the request, what is kept, its id and the time."""


async def change(shelf: Shelf, reading: Reading, item: Item | None) -> Reply:
    """Answer as the contract documents it, and keep the resource as it is now."""
    reply = await at_once(partial(shelf.replies.respond, reading))
    if not is_success(reply):
        return reply
    id = shelf.resource.id_of(reading)
    if id == "":
        return reply
    place, store = shelf.place(reading), shelf.memory.store
    if shelf.role is Role.REPLACE:
        (item,) = await store.items(place, (id,))
        if shelf.is_absent(item):
            if not shelf.may_create:
                return await shelf.refused(reading, shelf.absence.problem(item, f"{place.path}/{id}"))
            reply = await at_once(partial(_created_reply, shelf, reading, reply))
    return await keep_change(shelf, reading, reply, item, id, _change)


async def keep_change(
    shelf: Shelf, reading: Reading, reply: Reply, item: Item | None, id: str, change_of: Changing
) -> Reply:
    """Keep a resource as it is after a change, and return the reply with it."""
    place, store = shelf.place(reading), shelf.memory.store
    now = await shelf.memory.clock.now(reading.session)
    for _ in range(budgets.CHANGE_TRIES):
        if (problem := await shelf.condition_problem(reading, item, id)) is not None:
            return await shelf.refused(reading, problem)
        try:
            changed = await at_once(partial(change_of, shelf, reading, item, id, now))
        except PatchError as error:
            if (problem := _patch_problem(shelf, str(error))) is not None:
                return await shelf.refused(reading, problem)
            return replace(reply, violations=(*(reply.violations or ()), _not_patched(shelf, str(error))))
        is_listed = (item is None or item.is_deleted) and not await shelf.documents(id)
        version = item.version if item is not None else 0
        text = write_json(changed.resource)
        kept = await store.put(place, id, text, expected=version, is_listed=is_listed, now=now)
        if kept is not None:
            return shelf.validated(await at_once(partial(_shown, shelf, reading, reply, changed, id)), kept)
        (item,) = await store.items(place, (id,))
        if shelf.role is not Role.REPLACE and shelf.is_absent(item):
            return await shelf.refused(reading, shelf.absence.problem(item, f"{place.path}/{id}"))
    raise StoreError(f"others have changed {place.path}/{id} {budgets.CHANGE_TRIES} times meanwhile; try again")


def _created_reply(shelf: Shelf, reading: Reading, reply: Reply) -> Reply:
    """The documented 201 for what a PUT creates; the usual reply where there is none."""
    if all(definition.status != "201" for definition in shelf.operation.responses):
        return reply
    answer = shelf.replies.answer(Wish(code="201"), reading.headers.get("accept", ""))
    if isinstance(answer, Problem):
        return reply
    return answer if answer.tailored is None else answer.tailored(reading)


def _shown(shelf: Shelf, reading: Reading, reply: Reply, changed: Change, id: str) -> Reply:
    frame = shelf.frame(reply)
    if frame is not None:
        path = shelf.whole.path(shelf.whole.parents(reading), id)
        reply = shown(frame, reading, reply, changed.resource, shelf.whole, path, f"{path} is kept as it was changed")
    return replace(reply, violations=(*(reply.violations or ()), *changed.not_kept)) if changed.not_kept else reply


def _change(shelf: Shelf, reading: Reading, item: Item | None, id: str, now: float) -> Change:
    """The resource after the change that a request asks for."""
    whole = shelf.whole
    current = deepcopy(item.value) if item is not None and not item.is_deleted else None
    if not isinstance(current, dict):
        current = whole.example(whole.parents(reading), id)
    elif not whole.fits(current):  # its creation documents other values: its replies are mended, and so is this
        mended = whole.fitted(whole.example(whole.parents(reading), id), deepcopy(current))
        change = _changed(shelf, reading, item, mended, id, now)
        return replace(change, resource=_with_unchanged(change.resource, mended, current))
    return _changed(shelf, reading, item, current, id, now)


def _with_unchanged(resource: JSON, mended: Members, current: Members) -> JSON:
    """A changed resource with what was mended for the change, and was not changed, as it was kept."""
    if not isinstance(resource, dict):
        return resource
    unchanged = {name for name in current if name in resource and resource[name] == mended.get(name)}
    return {name: current[name] if name in unchanged else member for name, member in resource.items()}


def _changed(shelf: Shelf, reading: Reading, item: Item | None, current: Members, id: str, now: float) -> Change:
    """A resource that fits after the change that a request asks for."""
    whole = shelf.whole
    if reading.body.media_type.name == _JSON_PATCH or (shelf.role is Role.UPDATE and is_json_patch(reading.body.value)):
        return _patched(shelf, current, json_patched(current, reading.body.value), id, now)
    sent = sent_by(shelf, reading)
    if sent.value is not None and not isinstance(sent.value, dict):
        return Change(sent.value if whole.fits(sent.value) else current, ())
    changed = deepcopy(current)
    if shelf.role is Role.REPLACE:
        changed = without(changed, unsent(whole, sent, is_replaced=True), whole)
        without_unsent_inside(changed, sent, whole)
        set_defaults(changed, whole.declared, sent.documented, sent.names)
        if shelf.is_absent(item):
            set_times(changed, whole.schema, now, True, sent.names)
    sent.put(changed, whole, is_patch=shelf.role is not Role.REPLACE)
    if shelf.role is Role.REPLACE:
        changed = of_its_kind(changed, sent, whole)
    return Change(settled(shelf, current, changed, sent.names, id, now), sent.not_kept(changed, whole))


def _patched(shelf: Shelf, current: Members, value: JSON, id: str, now: float) -> Change:
    """The resource after a JSON Patch, which has made a value of it."""
    if not isinstance(value, dict):
        raise PatchError("the resource would be no object any more")
    changed = shelf.whole.fitted(current, deepcopy(value))
    fact = "not all of the patch is kept, since the replies that show the resource do not allow it"
    not_kept = [] if changed == value else [NOT_KEPT.violation("body", shelf.operation.place, fact)]
    names = {spelled(name) for name in changed if changed[name] != current.get(name)}
    return Change(settled(shelf, current, changed, names, id, now), not_kept)


def settled(shelf: Shelf, current: Members, changed: Members, names: Collection[str], id: str, now: float) -> Members:
    """A changed resource with the id that it has, and the time of the change; `names` are those of what was sent."""
    way, before = shelf.resource.id_way, deepcopy(changed)
    if way:
        is_same = text_of(part_at(changed, way)) == id
        with_id(changed, way, part_at(changed, way) if is_same else part_at(current, way) or id)
    set_times(changed, shelf.whole.schema, now, False, names)
    set_version(changed, current, shelf.whole.schema, shelf.versions, names)
    return in_order(shelf.whole.fitted(before, changed), current, shelf.whole.declared)


def _patch_problem(shelf: Shelf, fact: str) -> Problem | None:
    """The problem with a patch that cannot be applied: the documented 409, 422 or 400, by code, range or default."""
    documented = [status for status in (409, 422, 400) if shelf.operation.response_for(status) is not None]
    exact = [status for status in documented if any(each.status == str(status) for each in shelf.operation.responses)]
    violation = _not_patched(shelf, fact)
    return next((Problem(status, fact, (violation,)) for status in (*exact, *documented)), None)


def _not_patched(shelf: Shelf, fact: str) -> Violation:
    return PATCH_FAILED.violation("body", shelf.operation.place, fact)
