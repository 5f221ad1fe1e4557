"""Items that somebody says from outside (a seed, a control call): the schema that they must fit, and their ids."""

from __future__ import annotations

from copy import deepcopy

from tallystick.examples.choices import ValuePath
from tallystick.nouns.json_value import JSON
from tallystick.nouns.schema import Direction, Schema
from tallystick.resources.resources import Resource, Role, part_at
from tallystick.resources.views import response_view


def with_id(resource: Resource, value: JSON, id: str) -> JSON:
    """A resource with its id where it has none, as a number where the contract wants one."""
    way, whole = resource.id_way, deepcopy(value)
    owner = part_at(whole, way[:-1])
    if not way or not isinstance(owner, dict) or owner.get(str(way[-1])) is not None:
        return value
    schema, key = schema_of(resource), str(way[-1])
    owner[key] = id
    if schema is not None and id.isdecimal() and str(int(id)) == id and _is_wrong(schema, whole, way):
        owner[key] = int(id)
        if _is_wrong(schema, whole, way):
            owner[key] = id
    return whole


def _is_wrong(schema: Schema, value: JSON, way: ValuePath) -> bool:
    return any(error.path == tuple(way) for error in schema.errors(value, Direction.RESPONSE))


def schema_of(resource: Resource) -> Schema | None:
    """The schema of a resource as it is read, else as the rows of its list are, else as another operation has it."""
    for role in (Role.READ, Role.LIST, Role.REPLACE, Role.UPDATE, Role.CREATE):
        way = resource.response_ways.get(role)
        view = response_view(resource.operations.get(role))
        part = view.at(way) if view is not None and way is not None else None
        if part is not None and role is Role.LIST:
            part = part.items
        if part is not None and part.schema is not None:
            return part.schema
    return None
