"""A short life of each resource: created, read, listed, changed and deleted, and asked for under conditions."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from tallystick.fuzz.probes.drafts import Drafts, format_of
from tallystick.fuzz.probes.lists import ListQuestions
from tallystick.fuzz.probes.prober import Prober
from tallystick.fuzz.probes.variation import is_free, other_value, varied
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

_ATTEMPTS = 4
"""How many bodies are tried to create something."""
_MOST_MEMBERS = 8
"""How many members of one resource are changed one by one."""
_MOST_READ_ONLY = 4
"""How many read-only members are sent one by one."""
_NOBODY_S = '"tallystick-none"'
"""An entity tag that no resource has."""


class Item(NamedTuple):
    """A resource that is there: the values in its path, what was sent to create it, and what is shown of it."""

    values: tuple[str, ...]
    sent: JSON
    seen: Seen


class Life:
    """The life of one resource, below the items of those above it."""

    def __init__(
        self, prober: Prober, drafts: Drafts, promises: Promises, resource: Resource, above: Sequence[str]
    ) -> None:
        self.prober, self.drafts, self.promises, self.resource = prober, drafts, promises, resource
        self.above = tuple(above)
        self.draw = random.Random(f"{drafts.settings.seed} {resource.item}")
        self.refusal = ""
        """Why nothing could be created."""

    # Sending

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
        return self.seen(operation, self.prober.send(request), role) if request is not None else None

    def seen(self, operation: Operation, exchange: Exchange, role: Role) -> Seen:
        """An exchange as it is about the resource."""
        return Seen(0, Reading(operation, exchange), (self.resource, role))

    # The life

    def live(self) -> Item | None:
        """Lives the whole life, and leaves one resource, for those below it; None where nothing could be created."""
        first = self.create()
        if first is None:
            self.read_what_is_there()
            return None
        self.follow_location(first)
        self.read(first)
        others = [each for each in (self.another(first), self.minimal(first), self.another(first)) if each is not None]
        for each in others:
            self.read(each)
        self.question_lists(first)
        self.read_only(first)
        self.update(first)
        self.replace(first)
        self.conditions(first)
        self.idempotency(first)
        self.delete(first, [*others])
        return others[0] if others else None

    def single(self) -> None:
        """The life of the only resource at its path: it is there, and is changed."""
        item = self.found()
        if item is not None:
            self.read(item)
            self.update(item)
            self.replace(item)
            self.conditions(item)

    def found(self) -> Item | None:
        """The resource that is there though the run did not create it."""
        seen = self.ask(Role.READ, self.above)
        return Item(self.above, None, seen) if seen is not None and seen.is_done and seen.shown is not None else None

    def create(self) -> Item | None:
        """Creates one, by the documented body or by others; the reason is kept where none is accepted."""
        operation = self.operation(Role.CREATE)
        for number in range(_ATTEMPTS if operation is not None else 0):
            body = self.drafts.body(operation, number) if operation is not None else None
            item = self.create_with(body)
            if item is not None:
                return item
        return None

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

    def follow_location(self, item: Item) -> None:
        """Asks for what `Location` leads to, as a client would."""
        read, location = self.operation(Role.READ), item.seen.location
        if read is not None and location:
            draft = self.drafts.request(read, item.values)
            base = self.prober.base_path
            path = location[len(base) :] if base and location.startswith(f"{base}/") else location
            if draft is not None and draft.path != path:
                self.prober.send(draft._replace(path=path))

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
        changed = _with_part(body, self.resource.request_ways.get(role, ()), dict(members))
        body_format = format_of(operation)
        schema = body_format.schema if body_format is not None else None
        return changed if schema is None or schema.is_valid(changed, Direction.REQUEST) else None

    def another(self, first: Item) -> Item | None:
        """Creates one that is like another, with other values."""
        operation = self.operation(Role.CREATE)
        if operation is None or first.sent is None:
            return self.create_with(None) if operation is not None else None
        members, schemas = self.members_of(operation, Role.CREATE, first.sent)
        body = self.with_members(operation, Role.CREATE, first.sent, varied(members, schemas, self.draw))
        return self.create_with(body if body is not None else first.sent)

    def minimal(self, first: Item) -> Item | None:
        """Creates one with what is required alone, so that the rest has its defaults."""
        operation = self.operation(Role.CREATE)
        if operation is None or first.sent is None:
            return None
        members, schemas = self.members_of(operation, Role.CREATE, first.sent)
        kept = varied(members, schemas, self.draw)
        body: JSON = None
        for name in members:
            smaller = {key: value for key, value in kept.items() if key != name}
            candidate = self.with_members(operation, Role.CREATE, first.sent, smaller)
            if candidate is not None:
                kept, body = smaller, candidate
        return self.create_with(body) if body is not None else None

    def read_what_is_there(self) -> None:
        """Reads the list, and one of its rows, where nothing can be created."""
        listed = self.ask(Role.LIST)
        if listed is None or not listed.rows:
            return
        one = self.resource.id_in(listed.rows[0], Role.LIST)
        if one and self.operation(Role.READ) is not None:
            for _ in range(2):
                self.ask(Role.READ, (*self.above, one))
        self.question_lists(None)

    def question_lists(self, item: Item | None) -> None:
        operation = self.operation(Role.LIST)
        if operation is None or len(template_names(operation.path)) > len(self.above):
            return
        shown = item.seen.shown if item is not None else None
        promise = self.promises.list_of(operation)
        listed = self.ask(Role.LIST)
        for query in ListQuestions(promise, listed, shown, self.draw).queries() if listed is not None else ():
            self.ask(Role.LIST, query=query)

    # Changes

    def update(self, item: Item) -> None:
        """Changes one member after the other, and reads what that did."""
        operation = self.operation(Role.UPDATE)
        before = self.read(item) if operation is not None else None
        shown = (before.shown if before is not None else None) or item.seen.shown or {}
        if operation is None:
            return
        sample = self.drafts.body(operation, 1)
        members, schemas = self.members_of(operation, Role.UPDATE, sample)
        names = [name for name, schema in schemas.items() if schema is not None and is_free(name, schema)]
        for name in names[:_MOST_MEMBERS]:
            self.update_member(operation, item, sample, name, shown.get(name, members.get(name)))

    def update_member(self, operation: Operation, item: Item, sample: JSON, name: str, value: JSON) -> None:
        """Changes one member to another value, and then to null where that is allowed."""
        _, schemas = self.members_of(operation, Role.UPDATE, sample)
        schema = schemas[name]
        if schema is None:
            return
        other = other_value(value, schema, self.draw) if value is not None else _any_value(schema, self.draw)
        for each in (other, None) if schema.is_valid(None, Direction.REQUEST) else (other,):
            body = self.with_members(operation, Role.UPDATE, sample, {name: each})
            if body is not None and (each is not None or other is not None):
                self.ask(Role.UPDATE, item.values, body, headers=self.current_tag(operation, item))
                self.read(item)

    def replace(self, item: Item) -> None:
        """Replaces one by another value of it, and reads what that did."""
        operation = self.operation(Role.REPLACE)
        if operation is None:
            return
        body = self.changed_whole(operation, item)
        if body is not None:
            self.ask(Role.REPLACE, item.values, body, headers=self.current_tag(operation, item))
            self.read(item)
            self.read(item)

    def changed_whole(self, operation: Operation, item: Item) -> JSON:
        """A body that replaces a resource: what created it, with other values; else a sample."""
        create = self.resource.operations.get(Role.CREATE)
        if item.sent is not None and create is not None:
            members, _ = self.members_of(create, Role.CREATE, item.sent)
            _, schemas = self.members_of(operation, Role.REPLACE, None)
            wanted = {name: value for name, value in members.items() if name in schemas}
            way = self.resource.request_ways.get(Role.REPLACE, ())
            body = _with_part({}, way, varied(wanted, schemas, self.draw))
            body_format = format_of(operation)
            schema = body_format.schema if body_format is not None else None
            if schema is not None and schema.is_valid(body, Direction.REQUEST):
                return body
        return self.drafts.body(operation, 0)

    def current_tag(self, operation: Operation, item: Item) -> dict[str, str]:
        """The condition that a resource is as it was read, where the operation wants one."""
        if not any(each.name.lower() == "if-match" and each.required for each in operation.parameters):
            return {}
        seen = self.read(item)
        tag = seen.reading.response_headers.get("etag", "") if seen is not None and seen.is_done else ""
        return {"If-Match": tag} if tag else {}

    def conditions(self, item: Item) -> None:
        """Asks under conditions, those that hold and those that do not, where the contract knows them."""
        read = self.operation(Role.READ)
        seen = self.read(item) if read is not None else None
        tag = seen.reading.response_headers.get("etag", "") if seen is not None and seen.is_done else ""
        if read is not None and tag and (read.response_for(304) is not None or _takes(read, "if-none-match")):
            self.ask(Role.READ, item.values, headers={"If-None-Match": tag})
        for role in (Role.UPDATE, Role.REPLACE):
            operation = self.operation(role)
            if operation is None or not _takes(operation, "if-match"):
                continue
            body = self.changed_whole(operation, item) if role is Role.REPLACE else self.drafts.body(operation, 1)
            if body is not None:
                self.ask(role, item.values, body, headers={"If-Match": self.other_tag(operation, tag)})
                self.read(item)
        delete = self.operation(Role.DELETE)
        if delete is not None and _takes(delete, "if-match"):
            self.ask(Role.DELETE, item.values, headers={"If-Match": self.other_tag(delete, tag)})
            self.read(item)

    def other_tag(self, operation: Operation, tag: str) -> str:
        """An entity tag that the resource does not have, as the operation wants one to be written."""
        parameter = next(each for each in operation.parameters if each.name.lower() == "if-match")
        schema = parameter.described
        if schema is None or schema.is_valid(_NOBODY_S, Direction.REQUEST):
            return _NOBODY_S
        other = other_value(tag or _NOBODY_S, schema, self.draw)
        return other if isinstance(other, str) else _NOBODY_S

    def idempotency(self, first: Item) -> None:
        """Sends one creation twice with one key, where the contract knows such keys."""
        operation = self.operation(Role.CREATE)
        name = _key_name(operation) if operation is not None else ""
        if operation is None or not name:
            return
        members, schemas = self.members_of(operation, Role.CREATE, first.sent)
        body = self.with_members(operation, Role.CREATE, first.sent, varied(members, schemas, self.draw))
        parameter = next(each for each in operation.parameters if each.name == name)
        key = (
            other_value("tallystick", parameter.described, self.draw)
            if parameter.described is not None
            else "tallystick"
        )
        if isinstance(key, str):
            for _ in range(2):
                self.create_with(body if body is not None else first.sent, {name: key})

    def read_only(self, first: Item) -> None:
        """Creates and changes one with read-only members, which are not a client's to set: all, and each where refused."""
        for role, values in ((Role.CREATE, None), (Role.UPDATE, first.values), (Role.REPLACE, first.values)):
            operation = self.operation(role)
            if operation is None:
                continue
            base = first.sent if role is Role.CREATE else self.drafts.body(operation, 1)
            members, schemas = self.members_of(operation, role, base)
            shown = first.seen.shown or {}
            own = {
                name: _rare(schema, shown.get(name), self.draw)
                for name, schema in schemas.items()
                if schema is not None and _is_read_only(schema)
            }
            own = {name: value for name, value in own.items() if value is not None}
            alone = ({name: value} for name, value in [*own.items()][:_MOST_READ_ONLY])
            for wanted in (own, *alone) if len(own) > 1 else (own,):
                free = varied(members, schemas, self.draw)
                body = _with_part(base, self.resource.request_ways.get(role, ()), {**free, **wanted})
                if not wanted or self.is_read_only_taken(role, values, body, first):
                    break

    def is_read_only_taken(self, role: Role, values: Sequence[str] | None, body: JSON, first: Item) -> bool:
        """Sends a body with read-only members, and reads what it wrote; whether it was accepted."""
        seen = self.ask(role, values, body)
        if seen is None or not seen.is_done:
            return seen is None
        if role is not Role.CREATE:
            self.read(first)
        elif seen.created_id:
            self.ask(Role.READ, (*self.above, seen.created_id))
        return True

    def delete(self, first: Item, others: Sequence[Item]) -> None:
        """Deletes one, and asks for it again, for the others, and for the list."""
        if self.operation(Role.DELETE) is None:
            return
        self.read(first)
        tag = self.current_tag(self.resource.operations[Role.DELETE], first)
        deleted = self.ask(Role.DELETE, first.values, headers=tag)
        if deleted is None or not deleted.is_done:
            return
        self.read(first)
        self.ask(Role.LIST)
        for each in others[:1]:
            self.read(each)


def _any_value(schema: Schema, draw: random.Random) -> JSON:
    """A valid value; None where none was found."""
    return other_value(None, schema, draw)


def _takes(operation: Operation, header: str) -> bool:
    return any(each.location == "header" and each.name.lower() == header for each in operation.parameters)


def _key_name(operation: Operation) -> str:
    """What the header field for idempotency keys is called; "" where the contract knows none."""
    names = (each.name for each in operation.parameters if each.location == "header")
    return next((name for name in names if "idempot" in name.lower()), "")


def _is_read_only(schema: Schema) -> bool:
    return schema.resolved.get("readOnly") is True


def _rare(schema: Schema, shown: JSON, draw: random.Random) -> JSON:
    """A valid value that a server would not set by itself; None where none was found."""
    values: Sequence[JSON] = (
        "tallystick",
        draw.randint(10**5, 10**6),
        1e6 + 0.25,
        "2001-02-03T04:05:06Z",
        "2001-02-03",
    )
    fitting = (value for value in values if schema.is_valid(value, Direction.RESPONSE))
    return next(fitting, None) or other_value(shown, schema, draw)


def _with_part(body: JSON, way: Sequence[str | int], part: JSON) -> JSON:
    """A copy of a body with another part at the end of a way."""
    if not way:
        return part
    inner = body.get(str(way[0])) if isinstance(body, dict) else None
    return {**(body if isinstance(body, dict) else {}), str(way[0]): _with_part(inner, way[1:], part)}
