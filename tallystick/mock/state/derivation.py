"""Makes the resource of a set of paths: the roles of its operations, its id, and where it stands in their bodies."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from tallystick.examples.choices import ValuePath
from tallystick.mock.state.identities import Identified, id_way_of
from tallystick.mock.state.path_sets import PathSet
from tallystick.mock.state.resources import Resource, Role
from tallystick.mock.state.views import View, request_view, response_view
from tallystick.mock.state.ways import item_way, request_way, rows_way
from tallystick.mock.tailoring.names import PathName, path_names, spelled
from tallystick.nouns.contract import Operation

_CHANGING = frozenset((Role.CREATE, Role.REPLACE, Role.UPDATE, Role.DELETE))
_BODIES = (Role.READ, Role.REPLACE, Role.UPDATE, Role.CREATE)
"""Whose body tells best what the resource is."""


def derived(paths: PathSet, parent: Resource | None) -> Resource | str:
    """The resource of a set of paths, or the reason why there is none."""
    operations = dict(_item_roles(paths))
    name = path_names(paths.item)[-1]
    read = response_view(operations.get(Role.READ))
    if read is not None and read.is_array:
        return f"{operations[Role.READ].label} answers with a list, so {{{name.name}}} is no id of one resource"
    if not operations:
        return "no operation at this path reads, changes or deletes what is there"
    response_ways = dict(_response_ways(operations, name))
    whole = _resource_view(operations, response_ways)
    operations.update(_collection_roles(paths, name, whole, operations))
    if _CHANGING.isdisjoint(operations) and Role.LIST not in operations:
        return "it can only be read: nothing creates, lists, changes or deletes it"
    response_ways.update(_response_ways(operations, name))
    way = rows_way(response_view(operations.get(Role.LIST)), name, whole)
    if way is not None:
        response_ways[Role.LIST] = way
    whole = whole or _resource_view(operations, response_ways)
    return Resource(
        name=_name(paths),
        collection=paths.collection,
        item=paths.item,
        operations=operations,
        id_way=id_way_of(Identified(name, operations, whole)),
        request_ways=dict(_request_ways(operations, name, whole)),
        response_ways=response_ways,
        parent=parent,
    )


def _item_roles(paths: PathSet) -> Iterator[tuple[Role, Operation]]:
    """The roles of the operations at an item's path, by their methods."""
    by_method = {operation.method: operation for operation in reversed(paths.on_item)}
    for method, role in (("GET", Role.READ), ("PUT", Role.REPLACE), ("DELETE", Role.DELETE)):
        if method in by_method:
            yield role, by_method[method]
    if "PATCH" in by_method:
        yield Role.UPDATE, by_method["PATCH"]
    elif "POST" in by_method and "PUT" not in by_method and request_view(by_method["POST"]) is not None:
        yield Role.UPDATE, by_method["POST"]


def _collection_roles(
    paths: PathSet, name: PathName, whole: View | None, operations: Mapping[Role, Operation]
) -> Iterator[tuple[Role, Operation]]:
    """The roles of the operations at a collection's path: a list answers with rows, and a creation is a POST."""
    by_method = {operation.method: operation for operation in reversed(paths.on_collection)}
    listing = response_view(by_method.get("GET"))
    if listing is not None and rows_way(listing, name, whole) is not None:
        yield Role.LIST, by_method["GET"]
    if "POST" in by_method:
        yield Role.CREATE, by_method["POST"]
    put = request_view(by_method.get("PUT"))
    if put is not None and Role.REPLACE not in operations and _has_id(put, name):
        yield Role.REPLACE, by_method["PUT"]


def _has_id(body: View, name: PathName) -> bool:
    return not body.is_array and any(spelled(member) in name.own_names for member in body.members)


def _response_ways(operations: Mapping[Role, Operation], name: PathName) -> Iterator[tuple[Role, ValuePath]]:
    for role in _BODIES:
        view = response_view(operations.get(role))
        way = item_way(view, name) if view is not None else None
        if way is not None:
            yield role, way


def _request_ways(
    operations: Mapping[Role, Operation], name: PathName, whole: View | None
) -> Iterator[tuple[Role, ValuePath]]:
    for role in (Role.CREATE, Role.REPLACE, Role.UPDATE):
        view = request_view(operations.get(role))
        if view is not None and not view.is_array:
            yield role, request_way(view, name, whole)


def _resource_view(operations: Mapping[Role, Operation], ways: Mapping[Role, ValuePath]) -> View | None:
    """What is known of the resource itself: from the role that says most of it."""
    for role in (*_BODIES, Role.LIST):
        view = response_view(operations.get(role)) if role in ways else None
        part = view.at(ways[role]) if view is not None else None
        part = part.items if part is not None and role is Role.LIST else part
        if part is not None and part.members:
            return part
    return None


def _name(paths: PathSet) -> str:
    """The name of a resource: the literal segments of its collection's path."""
    return ".".join(segment for segment in paths.collection.split("/") if segment and "{" not in segment)
