"""Requests about one resource: drafted, sent below the items of those above it, and read as what they are about."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from tallystick.fuzz.probes.drafts import Drafts, format_of
from tallystick.fuzz.probes.lists import largest_page
from tallystick.fuzz.probes.prober import Prober
from tallystick.nouns.contract import Operation
from tallystick.nouns.exchange import Exchange
from tallystick.nouns.json_value import JSON
from tallystick.nouns.path_templates import template_names
from tallystick.nouns.schema import Direction, Schema
from tallystick.resources.resources import Resource, Role, part_at
from tallystick.rules.sequence.history import Promises
from tallystick.rules.sequence.seen import Seen, schema_at
from tallystick.schemas.shapes import properties_of
from tallystick.wire.reading import Reading


class Item(NamedTuple):
    """A resource that is there: the values in its path, what was sent to create it, and what is shown of it."""

    values: tuple[str, ...]
    sent: JSON
    seen: Seen


class ResourceClient:
    """Sends requests about one resource, below the items of those above it."""

    def __init__(
        self, prober: Prober, drafts: Drafts, promises: Promises, resource: Resource, above: Sequence[str]
    ) -> None:
        self.prober, self.drafts, self.promises, self.resource = prober, drafts, promises, resource
        self.above = tuple(above)
        self.draw = random.Random(f"{drafts.settings.seed} {resource.item}")
        self.refusal = ""
        """Why nothing could be created."""

    def operation(self, role: Role) -> Operation | None:
        """The operation of a role, where it is tested, and at the collection's path or the item's."""
        operation = self.resource.operations.get(role)
        is_tested = operation is not None and operation.label in self.drafts.settings.selected
        return operation if is_tested and operation not in self.resource.moved else None

    def ask(
        self,
        role: Role,
        values: Sequence[str] | None = None,
        body: JSON = None,
        headers: Mapping[str, str] | None = None,
        query: Mapping[str, JSON] | None = None,
    ) -> Seen | None:
        """Sends a request of a role; None where there is none."""
        operation = self.operation(role)
        path_values = self.above if values is None else values
        if operation is None or len(template_names(operation.path)) > len(path_values):
            return None
        request = self.drafts.request(operation, path_values, query, headers, body)
        if request is None:
            return None
        send = self.prober.send_settled if operation.method == "GET" else self.prober.send
        return self.seen(operation, send(request), role)

    def seen(self, operation: Operation, exchange: Exchange, role: Role) -> Seen:
        """An exchange as it is about the resource."""
        return Seen(0, Reading(operation, exchange), (self.resource, role))

    def create_with(self, body: JSON, headers: Mapping[str, str] | None = None) -> Item | None:
        """Creates one with a body; None where that is refused, or nobody says which one was created."""
        seen = self.ask(Role.CREATE, body=body, headers=headers)
        if seen is None:
            return None
        if not seen.is_done or not seen.created_id:
            response = seen.exchange.response
            text = response.body[:200].decode("utf-8", "replace") if response is not None else ""
            self.refusal = (
                self.refusal or f"{seen.operation.label} was answered with {seen.status}: {' '.join(text.split())}"
            )
            return None
        return Item((*self.above, seen.created_id), body, seen)

    def read(self, item: Item) -> Seen | None:
        return self.ask(Role.READ, item.values)

    def largest_page(self) -> dict[str, JSON]:
        """The query for as many rows as a page may have."""
        operation = self.operation(Role.LIST)
        return largest_page(self.promises.list_of(operation)) if operation is not None else {}

    def members_of(
        self, operation: Operation, role: Role, body: JSON
    ) -> tuple[dict[str, JSON], dict[str, Schema | None]]:
        """The members of the resource in a body, and their schemas."""
        way = self.resource.request_ways.get(role, ())
        body_format = format_of(operation)
        schema = schema_at(body_format.schema, way) if body_format is not None else None
        part = part_at(body, way)
        return (dict(part) if isinstance(part, dict) else {}), dict(properties_of(schema))

    def with_members(self, operation: Operation, role: Role, body: JSON, members: Mapping[str, JSON]) -> JSON:
        """A body with other members of the resource; None where that is not valid."""
        changed = with_part(body, self.resource.request_ways.get(role, ()), dict(members))
        body_format = format_of(operation)
        schema = body_format.schema if body_format is not None else None
        return changed if schema is None or schema.is_valid(changed, Direction.REQUEST) else None


def with_part(body: JSON, way: Sequence[str | int], part: JSON) -> JSON:
    """A copy of a body with another part at the end of a way."""
    if not way:
        return part
    inner = body.get(str(way[0])) if isinstance(body, dict) else None
    return {**(body if isinstance(body, dict) else {}), str(way[0]): with_part(inner, way[1:], part)}
