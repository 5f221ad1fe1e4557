"""The whole resource: as the operation has it that tells most of it, which is as it is kept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from functools import cached_property
from typing import cast
from urllib.parse import quote

from tallystick.examples.choices import ValuePath
from tallystick.examples.grafting import grafted
from tallystick.examples.samples import Unsatisfiable, generate, parameter_sample
from tallystick.mock.memory import Memory
from tallystick.mock.off_loop import Slow, is_on_loop
from tallystick.mock.roles import Reply
from tallystick.mock.state.ids import Ids
from tallystick.mock.state.naming import with_id
from tallystick.mock.tailoring.addresses import filled
from tallystick.mock.tailoring.tailoring import value_of
from tallystick.nouns import budgets
from tallystick.nouns.contract import Contract, Operation, Parameter
from tallystick.nouns.exchange import Exchange, Request
from tallystick.nouns.json_value import JSON
from tallystick.nouns.media_type import MediaKind
from tallystick.nouns.path_templates import template_names
from tallystick.nouns.schema import Direction, Schema
from tallystick.resources.names import PathName, path_names, singular, spelled
from tallystick.resources.resources import Resource, Role, part_at
from tallystick.resources.views import response_view
from tallystick.schemas.shapes import items_of, properties_of
from tallystick.wire.negotiation import concrete_type, preferred_format
from tallystick.wire.reading import Reading
from tallystick.wire.write import text_of

_CHOICES = ("oneOf", "anyOf")
_LONGEST_NUMBER = 19
_CHANGING = (Role.CREATE, Role.UPDATE, Role.REPLACE)
"""The roles whose replies tell of a resource, too."""
Members = dict[str, JSON]
"""A resource."""


class Whole:
    """One resource as it is kept: its schema, and how it is as an example where nobody created it."""

    def __init__(self, resource: Resource, contract: Contract, memory: Memory) -> None:
        self.resource = resource
        self.contract = contract
        self.memory = memory
        self.role = _telling(resource)
        self.operation = resource.operations[self.role] if self.role is not None else None
        self.ids: Ids | None = None
        """What makes fresh ids, once it is known."""
        self._kinds: Sequence[tuple[Schema, Members]] | None = None
        self.way: ValuePath = resource.response_ways[self.role] if self.role is not None else ()

    @cached_property
    def schema(self) -> Schema | None:
        """The schema of the resource."""
        view = response_view(self.operation)
        schema = schema_at(view.schema, self.way) if view is not None else None
        return items_of(schema) if self.role is Role.LIST and schema is not None else schema

    @cached_property
    def declared(self) -> Mapping[str, Schema | None]:
        """The members that are declared of the resource; none where it may have any."""
        return properties_of(self.schema)

    @cached_property
    def item_template(self) -> str:
        """The path template of the resource, as its operations have it."""
        roles = (Role.READ, Role.UPDATE, Role.REPLACE, Role.DELETE)
        on_item = (self.resource.operations[role] for role in roles if role in self.resource.operations)
        names = len(template_names(self.resource.item))
        return next((each.path for each in on_item if len(template_names(each.path)) == names), self.resource.item)

    def path(self, parents: Sequence[str], id: str) -> str:
        """The path of the resource with an id, below parents whose raw values are given."""
        values = (*parents, quote(id, safe="-._~"))
        return filled(self.item_template, dict(zip(template_names(self.item_template), values, strict=False)))

    def parents(self, reading: Reading) -> Sequence[str]:
        """The raw values in a request's path that stand above the id of the resource."""
        values = reading.path_values or ()
        if (indices := self.resource.moved.get(reading.operation)) is not None:
            return [values[index] for index in indices]
        return tuple(values)[: len(template_names(self.resource.collection))]

    @cached_property
    def name(self) -> PathName:
        """The name of the id in the path; of a single resource, that of its last segment."""
        last = self.resource.item.rpartition("/")[2]
        return (
            PathName(last, singular(spelled(last)), True)
            if self.resource.is_single
            else path_names(self.resource.item)[-1]
        )

    @cached_property
    def names_above(self) -> frozenset[str]:
        """The members, in one spelling, by which the resource refers to those above it in its path."""
        names = path_names(self.resource.item)
        above = names if self.resource.is_single else names[:-1]
        return frozenset(name for each in above for name in each.unmistakable_names)

    @cached_property
    def id_schema(self) -> Schema | None:
        """The schema of the id in the resource."""
        return schema_at(self.schema, self.resource.id_way) if self.resource.id_way else None

    @cached_property
    def path_parameter(self) -> Parameter | None:
        """The parameter for the id in the path."""
        names = (
            (template_names(operation.path)[-1:], operation)
            for role, operation in self.resource.operations.items()
            if role not in (Role.CREATE, Role.LIST)
        )
        return next(
            (
                parameter
                for name, operation in names
                for parameter in operation.parameters
                if parameter.location == "path" and (parameter.name,) == name
            ),
            None,
        )

    def may_be_id(self, id: str | int) -> bool:
        """Whether a value can stand in the path as an id."""
        schema = self.path_parameter.described if self.path_parameter is not None else None
        candidates: tuple[JSON, ...] = (id, text_of(id))
        if isinstance(id, str) and id.isdecimal() and len(id) < _LONGEST_NUMBER:
            candidates = (id, int(id))
        return schema is None or any(schema.is_valid(each, Direction.REQUEST) for each in candidates)

    @cached_property
    def id_example(self) -> JSON:
        """The id of the documented example, else one that the parameter in the path may have."""
        if self.operation is not None and self.resource.id_way:
            base = self.memory.replies_of(self.operation).base(_json_type(self.operation))
            part = part_at(base.value, self.way) if base is not None and base.has_value else None
            is_list = self.role is Role.LIST and isinstance(part, list) and bool(part)
            id = self.id_in(part[0] if is_list and isinstance(part, list) else part, self.role)
            if id is not None:
                return id
        try:
            sample = parameter_sample(self.path_parameter) if self.path_parameter is not None else None
        except Unsatisfiable:
            sample = None
        id = sample.value if sample is not None else None
        return id if _is_id(id) else "1"

    @property
    def is_of_kinds(self) -> bool:
        """Whether a resource is one of several kinds."""
        return self.schema is not None and any(key in self.schema.resolved for key in _CHOICES)

    def kinds(self) -> Sequence[tuple[Schema, Members]]:
        """The schema of each kind with a resource of it; made once.

        Raises `Slow` where an event loop runs and they are not made yet.
        """
        if self._kinds is None:
            if is_on_loop():
                raise Slow
            self._kinds = [*self._each_kind()]
        return self._kinds

    def _each_kind(self) -> Iterator[tuple[Schema, Members]]:
        for key in _CHOICES:
            branches = self.schema.resolved.get(key) if self.schema is not None else None
            for index in range(min(len(branches), budgets.KINDS_TRIED)) if isinstance(branches, list) else ():
                kind = self.schema.child(key, str(index)) if self.schema is not None else None
                if kind is None:
                    continue
                try:
                    example = generate(kind, Direction.RESPONSE, self.memory.settings.style)
                except Unsatisfiable:
                    continue
                if isinstance(example, dict) and self.fits(example):
                    yield kind, example

    def id_in(self, value: JSON, role: Role | None) -> JSON:
        """The id in the resource as the response of a role shows it; None where it says none."""
        way = self.resource.id_ways.get(role, ()) if role is not None else self.resource.id_way
        id = part_at(value, way) if way or not isinstance(value, (dict, list)) else None
        return id if _is_id(id) else None

    def has(self, name: str, base: Members) -> bool:
        """Whether the resource has a place for a member, as an example of it tells."""
        return not self.declared or name in self.declared or name in base

    def fits(self, value: JSON) -> bool:
        """Whether a resource fits its schema."""
        return self.schema is None or self.schema.is_valid(value, Direction.RESPONSE)

    def fitted(self, before: Members, after: Members) -> Members:
        """A resource that fits, changed to another one as far as it goes on to fit."""
        if self.fits(after):
            return after
        if is_on_loop():
            raise Slow
        return cast("Members", grafted(before, after, self.fits))

    def example(self, parents: Sequence[str], id: str) -> Members:
        """The resource with an id as it is where nobody created it; it may be changed.

        Raises `Slow` where an event loop runs and it is not made yet.
        """
        if self.operation is None or self.role is Role.CREATE:
            return {}
        values = (*parents, quote(id, safe="-._~"))[: len(template_names(self.operation.path))]
        path = filled(self.operation.path, dict(zip(template_names(self.operation.path), values, strict=False)))
        reading = self.canonical(self.operation, Request(self.operation.method, path), values)
        part = part_at(self.body(reading), self.way)
        if self.role is Role.LIST:
            part = self._row(part, id)
        return deepcopy(part) if isinstance(part, dict) else {}

    def _row(self, rows: JSON, id: str) -> JSON:
        """The row of a documented list that has an id, else the first as it is with that id."""
        objects = [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
        way = self.resource.id_way
        own = next((row for row in objects if way and text_of(part_at(row, way)) == id), None)
        if own is not None or not objects or not way:
            return own or next(iter(objects), None)
        row = with_id(deepcopy(objects[0]), way, id)
        return row if self.fits(row) else objects[0]

    def body(self, reading: Reading) -> JSON:
        """The value of the stateless reply to a request, None where that has none."""
        reply = self.memory.replies_of(reading.operation).respond(reading)
        return value_of(reply.response)[1] if is_success(reply) else None

    def canonical(self, operation: Operation, request: Request, path_values: Sequence[str]) -> Reading:
        """A request as it would be sent to the server that the contract names, for a reply in JSON.

        What is kept has the addresses of that server, whoever asked for it, and is shown with those of the mock.
        """
        headers = {"host": self._server[0], "accept": _json_type(operation)}
        if request.body:
            headers["content-type"] = next((value for name, value in request.headers if name == "content-type"), "")
        request = request._replace(headers=tuple(headers.items()))
        reading = Reading(operation, Exchange(request), path_values, headers)
        reading.scheme, reading.prefix = "https", self._server[1]
        return reading

    @cached_property
    def _server(self) -> tuple[str, str]:
        """The host and the base path of the server that the contract names."""
        servers = [*(self.operation.servers if self.operation is not None else ()), *self.contract.servers]
        return next(((each.host, each.base_path) for each in servers if each.host), ("localhost", ""))


def _telling(resource: Resource) -> Role | None:
    """The role whose reply tells most of a resource: what reads it, else the change that shows the most members."""
    if Role.READ in resource.response_ways:
        return Role.READ
    told = {role: len(_members(resource, role)) for role in _CHANGING if role in resource.response_ways}
    if told:
        return max(told, key=told.__getitem__)
    return Role.LIST if Role.LIST in resource.response_ways else None


def _members(resource: Resource, role: Role) -> Mapping[str, Schema | None]:
    """The members of a resource that the reply of a role declares."""
    view = response_view(resource.operations[role])
    return properties_of(schema_at(view.schema, resource.response_ways[role]) if view is not None else None)


def _is_id(value: JSON) -> bool:
    return isinstance(value, (str, int)) and not isinstance(value, bool) and value != ""


def schema_at(schema: Schema | None, way: ValuePath) -> Schema | None:
    """The schema of the part at the end of a way, as far as it is declared."""
    for key in way:
        schema = items_of(schema) if isinstance(key, int) else properties_of(schema).get(key)
    return schema


def is_success(reply: Reply) -> bool:
    """Whether a reply says that what was asked for is done."""
    return 200 <= reply.response.status < 300


def _json_type(operation: Operation) -> str:
    """The media type in JSON that the successes of an operation have, to be accepted; any, where there is none."""
    formats = [
        body_format
        for definition in operation.responses
        if definition.status[0] == "2" or definition.status == "default"
        for body_format in definition.content
        if body_format.media_type.kind is MediaKind.JSON
    ]
    return concrete_type(preferred_format(formats).media_type).text if formats else "*/*"
