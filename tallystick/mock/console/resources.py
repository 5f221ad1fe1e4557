"""The pages of what is kept: resources, their items, one item in an editor that judges, and snapshots."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import partial
from typing import NamedTuple, cast

from tallystick.mock.console.visit import Html, Page, Visit, lost, see
from tallystick.mock.console.wrong import Wrong, wrong_in, wrong_text
from tallystick.mock.control.call import RefusedError
from tallystick.mock.control.items import delete_item, judged_item, place_of, places_of, put_item
from tallystick.mock.control.resources import Understood, understood
from tallystick.mock.off_loop import off_loop
from tallystick.mock.problem import Problem
from tallystick.mock.roles import Reply
from tallystick.mock.stores.store import Item, Place
from tallystick.mock.wishes import NO_WISH
from tallystick.nouns.json_value import JSON
from tallystick.resources.resources import Role
from tallystick.resources.said_items import with_id
from tallystick.wire.values import MISSING, read_json

_PAGE = 100
_SHOWN = 200
_MOST_PLACES = 200


class Collection(NamedTuple):
    """A resource and where it is kept in the session, with the number of its items in each place."""

    kind: Understood
    places: Mapping[str, int]


async def _resources(visit: Visit) -> Html:
    kinds = await off_loop(lambda: list(understood(visit.memory)))
    paths = {
        contract.name: await visit.memory.store.places(visit.session, contract.name)
        for contract in visit.memory.contracts
    }
    collections = []
    for kind in kinds:
        places = await places_of(visit.memory, visit.session, kind) if paths[kind.contract.name] else ()
        counts = {place.path: len(_there(await visit.memory.store.kept(place))) for place in places[:_MOST_PLACES]}
        collections.append(Collection(kind, counts))
    reasons = [
        (contract, path, reason)
        for contract, resources in visit.memory.resources.items()
        for path, reason in resources.not_understood
    ]
    values = {"collections": collections, "reasons": reasons, "is_stateless": visit.memory.settings.stateless}
    return Html("resources.html", values)


def _there(items: list[Item]) -> list[Item]:
    return [item for item in items if not item.is_deleted]


async def _items(visit: Visit) -> Html:
    kind = await _kind(visit)
    places = await places_of(visit.memory, visit.session, kind)
    place = await _place(visit, kind) if visit.asked("place") or "{" not in kind.resource.collection else None
    items = await visit.memory.store.kept(place) if place is not None else []
    start = int(visit.asked("start")) if visit.asked("start").isdecimal() and len(visit.asked("start")) < 9 else 0
    values = {
        "kind": kind,
        "places": [each.path for each in places[:_MOST_PLACES]],
        "place": place,
        "items": [(item, _preview(item)) for item in items[start : start + _PAGE]],
        "total": len(items),
        "start": start,
        "next": start + _PAGE if start + _PAGE < len(items) else None,
        "previous": max(start - _PAGE, 0) if start else None,
    }
    return Html("items.html", values)


def _preview(item: Item) -> str:
    text = item.text.decode("utf-8", "replace")
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"


async def _item(visit: Visit) -> Html:
    kind = await _kind(visit)
    place, id = await _place(visit, kind), visit.asked("id")
    if not id:
        raise lost(409, "no item was named; an item is named by its id")
    (item,) = await visit.memory.store.items(place, [id])
    is_there = item is not None and not item.is_deleted
    value = item.value if item is not None and is_there else await off_loop(partial(_documented, visit, kind, id))
    text = json.dumps(value, indent=2, ensure_ascii=False)
    return _editor(kind, place, id, text, item, None)


def _documented(visit: Visit, kind: Understood, id: str) -> JSON:
    """What the contract documents for a resource, with an id: something to begin with."""
    read = kind.resource.operations.get(Role.READ)
    answer = visit.memory.replies_of(read).answer(NO_WISH, "") if read is not None else None
    if answer is None or isinstance(answer, Problem):
        return with_id(kind.resource, {}, id)
    value, _ = read_json(answer.response.body)
    if not isinstance(value, dict):
        return with_id(kind.resource, {}, id)
    way = kind.resource.id_way
    if len(way) == 1:
        value = {**value, str(way[0]): None}
    return with_id(kind.resource, cast("JSON", value), id)


def _editor(kind: Understood, place: Place, id: str, text: str, item: Item | None, wrong: list[Wrong] | None) -> Html:
    values = {"kind": kind, "place": place, "id": id, "text": text, "item": item, "wrong": wrong, "is_allowed": False}
    return Html("item.html", values, part="verdict", status=409 if wrong else 200)


async def _judge(visit: Visit) -> Html:
    """What is wrong with the text in the editor; nothing is kept."""
    kind = await _kind(visit)
    wrong = await off_loop(partial(_wrong, kind, visit.asked("id"), visit.sent("value")))
    if visit.is_part:
        return Html("item.html", {"wrong": wrong}, part="verdict")
    return _editor(kind, await _place(visit, kind), visit.asked("id"), visit.sent("value"), None, wrong)


def _wrong(kind: Understood, id: str, text: str) -> list[Wrong]:
    value, fault = read_json(text.encode("utf-8", "replace"))
    if value is MISSING:
        return [wrong_text(f"this is {fault}")]
    try:
        judged_item(kind.resource, cast("JSON", value), id, allow_invalid=False)
    except RefusedError as error:
        return wrong_in(error.problem, text)
    return []


async def _save(visit: Visit) -> Html | Reply:
    kind = await _kind(visit)
    place, id, text = await _place(visit, kind), visit.asked("id"), visit.sent("value")
    value, fault = read_json(text.encode("utf-8", "replace"))
    if value is MISSING:
        return _editor(kind, place, id, text, None, [wrong_text(f"this is {fault}")])
    try:
        await put_item(visit.memory, kind, place, id, cast("JSON", value), bool(visit.sent("allow")))
    except RefusedError as error:
        return _editor(kind, place, id, text, None, wrong_in(error.problem, text))
    return see(_url(visit, kind, place))


async def _delete(visit: Visit) -> Reply:
    kind = await _kind(visit)
    place = await _place(visit, kind)
    await delete_item(visit.memory, place, visit.asked("id"))
    return see(_url(visit, kind, place))


async def _reset(visit: Visit) -> Reply:
    await visit.memory.store.drop(visit.session)
    return see(visit.url("/page/resources"))


def _url(visit: Visit, kind: Understood, place: Place) -> str:
    collection = kind.resource.collection
    return visit.url("/page/items", contract=kind.contract.name, collection=collection, place=place.path)


async def _kind(visit: Visit) -> Understood:
    """The resource that a visit is about, by its contract and its collection."""
    contract, collection = visit.asked("contract"), visit.asked("collection")
    for kind in await off_loop(lambda: list(understood(visit.memory))):
        if (kind.contract.name, kind.resource.collection) == (contract, collection):
            return kind
    raise lost(404, f"the contract {contract!r} has no collection {collection!r}")


async def _place(visit: Visit, kind: Understood) -> Place:
    try:
        return await place_of(visit.memory, visit.session, kind, visit.asked("place"))
    except RefusedError as error:
        raise lost(error.problem.status, error.problem.detail) from None


PAGES: dict[str, Page] = {
    "GET /page/resources": _resources,
    "POST /page/resources/reset": _reset,
    "GET /page/items": _items,
    "GET /page/item": _item,
    "POST /page/item": _save,
    "POST /page/item/judge": _judge,
    "POST /page/item/delete": _delete,
}
