"""A resource as the configuration says it: its ways go before those that are derived."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from tallystick.examples.choices import ValuePath
from tallystick.nouns.contract import Operation
from tallystick.nouns.errors import UsageError
from tallystick.nouns.path_templates import template_shape
from tallystick.nouns.words import unknown
from tallystick.resources.path_sets import plain_template
from tallystick.resources.resources import Resource
from tallystick.resources.said import SaidResource, moved
from tallystick.resources.views import View, request_view, response_view


def as_said(resource: Resource, said: SaidResource) -> Resource:
    """A resource with the ways that the configuration says; raises `UsageError` where the contract has no such way."""
    for role, way in said.response_ways:
        _refuse_way(response_view(resource.operations.get(role)), way, f"{said.where}: in: {role.value}")
    for role, way in said.request_ways:
        _refuse_way(request_view(resource.operations.get(role)), way, f"{said.where}: sent-in: {role.value}")
    return replace(
        resource,
        id_way=resource.id_way if said.id_way is None else said.id_way,
        id_ways=resource.id_ways if said.id_way is None else {},
        sent_id_way=resource.sent_id_way if said.id_way is None else said.id_way,
        response_ways={**resource.response_ways, **dict(said.response_ways)},
        request_ways={**resource.request_ways, **dict(said.request_ways)},
        moved=dict(_moved(resource, dict(said.path_names), said.where)),
    )


def _refuse_way(body: View | None, way: ValuePath, where: str) -> None:
    """Raises `UsageError` where a way leads to a member that the contract does not document."""
    if body is None:
        raise UsageError(f"{where}: the contract documents no such body")
    for key in way:
        inner = body.items if isinstance(key, int) else body.members.get(key)
        if inner is None:
            raise UsageError(f"{where}: {unknown('member', str(key), body.members)}")
        body = inner


def _moved(resource: Resource, path_names: Mapping[str, str], where: str) -> Iterator[tuple[Operation, Sequence[int]]]:
    """The operations at other paths than the collection's and the item's."""
    shape = template_shape(resource.collection)
    for operation in resource.operations.values():
        if not template_shape(plain_template(operation)).startswith(shape):
            indices = moved(operation, resource.item, path_names)
            if indices is None:
                raise UsageError(
                    f"{where}: {operation.label} has no value for each name in {resource.collection}; say which names "
                    "are the same, as in path-names = { owner = 'org' }"
                )
            yield operation, indices
