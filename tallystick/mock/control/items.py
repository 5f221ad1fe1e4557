"""The items that are kept of a resource: listed, read, put and deleted, as its own operations would see them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from tallystick.mock.control.call import Call, Function, done, instant, refused, told
from tallystick.mock.control.resources import Understood, understood
from tallystick.mock.memory import Memory
from tallystick.mock.off_loop import off_loop
from tallystick.mock.roles import Reply
from tallystick.mock.stores.store import Item, Place
from tallystick.nouns import budgets
from tallystick.nouns.json_value import JSON, is_shallow
from tallystick.nouns.path_templates import PathIndex
from tallystick.nouns.schema import Direction
from tallystick.nouns.words import nearest
from tallystick.resources.resources import Resource, normal_segment
from tallystick.resources.said_items import schema_of, with_id
from tallystick.rules.exchange.body import BODY_SCHEMA
from tallystick.rules.exchange.parameters import unfit
from tallystick.wire.write import write_json

_MOST_SHOWN = 5


async def _list(call: Call) -> Reply:
    kind = await _resource_of(call)
    start, count = call.number("start", 0), call.number("count", 100)
    shown: list[JSON] = []
    total = 0
    for place in await _places(call, kind):
        items = [item for item in await call.memory.store.kept(place) if call.flag("deleted") or not item.is_deleted]
        wanted = items[max(start - total, 0) : max(start + count - total, 0)]
        shown += [_value(place, item) for item in wanted]
        total += len(items)
    return told({"items": shown, "total": total})


async def _get(call: Call) -> Reply:
    place, id = await _place_of(call, await _resource_of(call)), call.text("id")
    (item,) = await call.memory.store.items(place, [id])
    if item is None:
        raise refused(404, f"nothing is kept at {place.path} by the id {id!r}; what nobody changed is not kept")
    return told(_value(place, item))


async def _put(call: Call) -> Reply:
    kind = await _resource_of(call)
    place, id = await _place_of(call, kind), call.text("id")
    item = await put_item(call.memory, kind, place, id, call.body, call.flag("allow_invalid"))
    return told(_value(place, item))


async def put_item(
    memory: Memory, kind: Understood, place: Place, id: str, value: JSON, allow_invalid: bool = False
) -> Item:
    """Keep an item; raises `RefusedError` where it breaks the contract, unless that is allowed."""
    value = await off_loop(partial(judged_item, kind.resource, value, id, allow_invalid))
    now = await memory.clock.now(place.session)
    is_listed = not await _is_in_documented_list(memory, kind.resource, id)
    item = await memory.store.put(place, id, write_json(value), expected=None, is_listed=is_listed, now=now)
    assert item is not None  # no version was expected
    return item


async def _delete(call: Call) -> Reply:
    await delete_item(call.memory, await _place_of(call, await _resource_of(call)), call.text("id"))
    return done()


async def delete_item(memory: Memory, place: Place, id: str) -> None:
    """Delete an item, and what is kept below it."""
    now = await memory.clock.now(place.session)
    await memory.store.put(place, id, b"", expected=None, is_listed=False, now=now)
    await memory.store.drop_below(place.session, place.contract, f"{place.path}/{normal_segment(id)}")


async def _is_in_documented_list(memory: Memory, resource: Resource, id: str) -> bool:
    """Whether the contract's own list has a row with an id, so that it stays where it stands there."""
    listed = memory.list_of(resource)
    return listed is not None and await listed.documents(id)


async def _resource_of(call: Call) -> Understood:
    """The resource that a call names."""
    name, contract, path = call.text("resource"), call.text("contract"), call.text("place")
    all_kinds = await off_loop(lambda: list(understood(call.memory)))
    kinds = [each for each in all_kinds if each.resource.name == name and contract in ("", each.contract.name)]
    if len(kinds) > 1 and path:
        kinds = [each for each in kinds if _is_place(each.resource, path)]
    if not kinds:
        names = dict.fromkeys(each.resource.name for each in all_kinds)
        near = ", ".join(nearest(name, names, most=3) or list(names)[:_MOST_SHOWN])
        raise refused(404, f"there is no resource {name!r}" + (f"; there is {near}" if near else ""))
    if len(kinds) > 1:
        collections = ", ".join(f"{each.resource.collection} ({each.contract.name})" for each in kinds)
        raise refused(409, f"{len(kinds)} resources are named {name!r}: {collections}; say `place`, and `contract`")
    return kinds[0]


async def _place_of(call: Call, kind: Understood) -> Place:
    """The place that a call names, or the only one that its resource can have."""
    return await place_of(call.memory, call.session, kind, call.text("place"))


async def place_of(memory: Memory, session: str, kind: Understood, path: str) -> Place:
    """The place of a resource at a path, or for "" the only one; `RefusedError` where there is none, or more."""
    collection = kind.resource.collection
    if path:
        if not _is_place(kind.resource, path):
            raise refused(404, f"place: {path!r} is no path of {collection}")
        return Place(session, kind.contract.name, _normal(path))
    if "{" not in collection:
        return Place(session, kind.contract.name, collection)
    places = [place.path for place in await places_of(memory, session, kind)]
    hint = f"; something is kept at {', '.join(places[:_MOST_SHOWN])}" if places else ""
    raise refused(409, f"place: say which path of {collection} is meant{hint}")


async def _places(call: Call, kind: Understood) -> Sequence[Place]:
    """The places of a resource where something is kept, or the one that a call names."""
    named = call.text("place")
    if named:
        return [Place(call.session, kind.contract.name, _normal(named))]
    return await places_of(call.memory, call.session, kind)


async def places_of(memory: Memory, session: str, kind: Understood) -> Sequence[Place]:
    """The places of a resource where something is kept."""
    paths = await memory.store.places(session, kind.contract.name)
    return [Place(session, kind.contract.name, path) for path in paths if _is_place(kind.resource, path)]


def _is_place(resource: Resource, path: str) -> bool:
    index: PathIndex[bool] = PathIndex()
    index.add(resource.collection, True)
    return bool(index.matches(path))


def _normal(path: str) -> str:
    return "/".join(map(normal_segment, path.split("/")))


def _value(place: Place, item: Item) -> JSON:
    """An item as JSON; one that was deleted has no value."""
    value: dict[str, JSON] = {
        "id": item.id,
        "place": place.path,
        "contract": place.contract,
        "version": item.version,
        "changed": instant(item.changed),
        "deleted": item.is_deleted,
    }
    return value if item.is_deleted else {**value, "value": item.value}


def judged_item(resource: Resource, value: JSON, id: str, allow_invalid: bool) -> JSON:
    """An item with its id, as it is to be kept; `RefusedError` where it breaks the contract, unless that is allowed."""
    if not is_shallow(value, budgets.RESOURCE_LEVELS):
        raise refused(409, f"the item has more than {budgets.RESOURCE_LEVELS} levels, which no mock keeps")
    value = with_id(resource, value, id)
    if resource.id_way and resource.id_in(value) != id and not allow_invalid:
        at = "/".join(map(str, resource.id_way))
        raise refused(409, f"the item has another id at {at} than {id!r}; leave it out there, or say the same")
    schema = schema_of(resource)
    errors = schema.errors(value, Direction.RESPONSE) if schema is not None and not allow_invalid else ()
    if errors:
        detail = "the item breaks the contract; mend it, or keep it all the same with allow_invalid=true"
        raise refused(409, detail, unfit(errors, BODY_SCHEMA, "body")[: budgets.FAULTS_LISTED])
    return value


FUNCTIONS: dict[str, Function] = {"listItems": _list, "getItem": _get, "putItem": _put, "deleteItem": _delete}
