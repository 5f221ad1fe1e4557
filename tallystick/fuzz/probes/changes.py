"""The changes in the life of a resource: updated, replaced, deleted, and asked for under conditions."""

from __future__ import annotations

import random
from collections.abc import Sequence

from tallystick.fuzz.probes.drafts import format_of
from tallystick.fuzz.probes.odd import is_read_only
from tallystick.fuzz.probes.resource_client import Item, ResourceClient, with_part
from tallystick.fuzz.probes.variation import is_free, other_value, varied
from tallystick.nouns.contract import Operation
from tallystick.nouns.json_value import JSON
from tallystick.nouns.schema import Direction, Schema
from tallystick.resources.resources import Role

_MOST_MEMBERS = 8
"""How many members of one resource are changed one by one."""
_MOST_READ_ONLY = 4
"""How many read-only members are sent one by one."""
_NOBODY_S = '"tallystick-none"'
"""An entity tag that no resource has."""


class Changes(ResourceClient):
    """Changes a resource, and asks for it afterwards."""

    def update(self, item: Item, most: int = _MOST_MEMBERS) -> None:
        """Changes one member after the other, and reads what that did."""
        operation = self.operation(Role.UPDATE)
        before = self.read(item) if operation is not None else None
        shown = (before.shown if before is not None else None) or item.seen.shown or {}
        if operation is None:
            return
        sample = self.drafts.body(operation, 1)
        members, schemas = self.members_of(operation, Role.UPDATE, sample)
        names = [name for name, schema in schemas.items() if schema is not None and is_free(name, schema)]
        for name in names[:most]:
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
            smaller = self.without_optional(operation, body)
            if smaller != body:
                self.ask(Role.REPLACE, item.values, smaller, headers=self.current_tag(operation, item))
                self.read(item)

    def without_optional(self, operation: Operation, body: JSON) -> JSON:
        """A body that replaces a resource, with as little of it as is valid."""
        members, _ = self.members_of(operation, Role.REPLACE, body)
        for name in members:
            kept, _ = self.members_of(operation, Role.REPLACE, body)
            smaller = {key: value for key, value in kept.items() if key != name}
            candidate = self.with_members(operation, Role.REPLACE, body, smaller)
            body = candidate if candidate is not None else body
        return body

    def changed_whole(self, operation: Operation, item: Item) -> JSON:
        """A body that replaces a resource: what created it, with other values; else a sample."""
        create = self.resource.operations.get(Role.CREATE)
        if item.sent is not None and create is not None:
            members, _ = self.members_of(create, Role.CREATE, item.sent)
            _, schemas = self.members_of(operation, Role.REPLACE, None)
            wanted = {name: value for name, value in members.items() if name in schemas}
            way = self.resource.request_ways.get(Role.REPLACE, ())
            body = with_part({}, way, varied(wanted, schemas, self.draw))
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
            self.ask(Role.READ, item.values, headers={"If-None-Match": self.other_tag(read, "if-none-match", tag)})
        for role in (Role.UPDATE, Role.REPLACE):
            operation = self.operation(role)
            if operation is None or not _takes(operation, "if-match"):
                continue
            body = self.changed_whole(operation, item) if role is Role.REPLACE else self.drafts.body(operation, 1)
            if body is not None:
                self.ask(role, item.values, body, headers={"If-Match": self.other_tag(operation, "if-match", tag)})
                again = self.read(item)
                now = again.reading.response_headers.get("etag", "") if again is not None and again.is_done else ""
                if now:
                    self.ask(role, item.values, body, headers={"If-Match": now})
                    self.read(item)
        delete = self.operation(Role.DELETE)
        if delete is not None and _takes(delete, "if-match"):
            self.ask(Role.DELETE, item.values, headers={"If-Match": self.other_tag(delete, "if-match", tag)})
            self.read(item)

    def other_tag(self, operation: Operation, condition: str, tag: str) -> str:
        """An entity tag that the resource does not have, as the operation wants one to be written."""
        parameter = next((each for each in operation.parameters if each.name.lower() == condition), None)
        schema = parameter.described if parameter is not None else None
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
        """Creates and changes one with read-only members, which are not a client's to set: all, or else one by one."""
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
                if schema is not None and is_read_only(schema)
            }
            own = {name: value for name, value in own.items() if value is not None}
            alone = ({name: value} for name, value in [*own.items()][:_MOST_READ_ONLY])
            for wanted in (own, *alone) if len(own) > 1 else (own,):
                free = varied(members, schemas, self.draw)
                body = with_part(base, self.resource.request_ways.get(role, ()), {**free, **wanted})
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
        self.ask(Role.LIST, query=self.largest_page())
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


def _rare(schema: Schema, shown: JSON, draw: random.Random) -> JSON:
    """A valid value that a server would not set by itself; None where none was found."""
    number = draw.randint(10**5, 10**6)
    values: Sequence[JSON] = ("tallystick", number, number + 0.25, "2001-02-03T04:05:06Z", "2001-02-03")
    fitting = (value for value in values if schema.is_valid(value, Direction.RESPONSE))
    return next(fitting, None) or other_value(shown, schema, draw)
