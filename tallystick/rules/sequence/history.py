"""A sequence of exchanges as the life of one client: what it did to each resource, in order."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import cached_property
from weakref import WeakKeyDictionary

from tallystick.nouns.contract import Contract, Operation
from tallystick.nouns.exchange import Exchange
from tallystick.nouns.schema import Schema
from tallystick.nouns.violation import Place
from tallystick.resources.names import spelled
from tallystick.resources.resources import Resource, Resources, Role, resources_of
from tallystick.resources.server_set import is_set_by_server
from tallystick.rules.sequence import declared
from tallystick.rules.sequence.list_promise import ListPromise
from tallystick.rules.sequence.seen import ItemKey, Seen
from tallystick.wire.reading import Reading, operation_for

_SENT = frozenset("object kind type href self url uri".split())
"""Members that a server often sets, and a client sets where a schema for requests alone has them."""
_HIDDEN_FORMATS = frozenset(("password", "binary", "byte"))


class Promises:
    """What a contract promises of sequences, derived once."""

    def __init__(self, contract: Contract) -> None:
        self.contract = contract
        self.resources: Resources = resources_of(contract)
        self._lists: dict[Operation, ListPromise] = {}
        self._settable: dict[tuple[Place, tuple[str, ...]], dict[str, Schema]] = {}

    def list_of(self, operation: Operation) -> ListPromise:
        """What the contract says of the list of an operation."""
        if operation not in self._lists:
            self._lists[operation] = ListPromise(operation)
        return self._lists[operation]

    def description(self, place: Place) -> str:
        """What the contract says of a part in words; "" where that stands in another file."""
        root = self.contract.root
        value: object = root.value if place.file == root.place.file else None
        for key in place.path:
            value = value.get(key) if isinstance(value, dict) else value[int(key)] if isinstance(value, list) else None
        text = value.get("description") if isinstance(value, dict) else None
        return text if isinstance(text, str) else ""

    def settable(self, schema: Schema | None, resource: Resource) -> dict[str, Schema]:
        """The members of a request's schema that a client sets: no id, no time of the server's, nothing hidden."""
        if schema is None:
            return {}
        ids = tuple(str(way[0]) for way in (resource.id_way, resource.sent_id_way, *resource.alias_ways) if way)
        key = schema.place, ids
        if key not in self._settable:
            members = declared.members(schema).items()
            self._settable[key] = {
                name: member
                for name, member in members
                if member is not None
                and name not in ids
                and (spelled(name) in _SENT or not is_set_by_server(name))
                and not _is_hidden(member)
            }
        return self._settable[key]


def _is_hidden(member: Schema) -> bool:
    """Whether a member that is sent is not read again as it was sent, or is read only."""
    said = member.resolved
    is_coded = said.get("format") in _HIDDEN_FORMATS or "contentEncoding" in said or "contentMediaType" in said
    return said.get("readOnly") is True or said.get("writeOnly") is True or is_coded


_PROMISES: WeakKeyDictionary[Contract, Promises] = WeakKeyDictionary()


def promises_of(contract: Contract) -> Promises:
    """What a contract promises of sequences; made when it is asked for first."""
    promises = _PROMISES.get(contract)
    if promises is None:
        promises = _PROMISES[contract] = Promises(contract)
    return promises


class History:
    """A sequence of exchanges, each with what it is about."""

    def __init__(self, contract: Contract, sequence: Sequence[Exchange]) -> None:
        self.promises = promises_of(contract)
        self.seen: list[Seen] = [*_seen(self.promises, sequence)]

    @cached_property
    def by_key(self) -> dict[ItemKey, list[Seen]]:
        """The exchanges on each resource, in order."""
        by_key: dict[ItemKey, list[Seen]] = defaultdict(list)
        for seen in self.seen:
            if seen.key is not None:
                by_key[seen.key].append(seen)
        return by_key

    @cached_property
    def lists(self) -> dict[tuple[Operation, str], list[Seen]]:
        """The lists that were read, those at each path, in order."""
        lists: dict[tuple[Operation, str], list[Seen]] = defaultdict(list)
        for seen in self.seen:
            if seen.rows is not None:
                lists[seen.operation, seen.exchange.request.path].append(seen)
        return lists

    def listed_after(self, seen: Seen) -> Iterator[Seen]:
        """The lists that were read after an exchange on a resource, of the collection that this is in."""
        for other in self.seen[seen.index + 1 :]:
            if other.rows is not None and other.resource is seen.resource and other.place == seen.place:
                yield other

    def listed_before(self, seen: Seen) -> Iterator[Seen]:
        """The lists that were read before an exchange, of the collection that its resource is in, the latest first."""
        for other in reversed(self.seen[: seen.index]):
            if other.rows is not None and other.resource is seen.resource and other.place == seen.place:
                yield other

    def list_of(self, seen: Seen) -> ListPromise:
        """What the contract says of a list that was read."""
        return self.promises.list_of(seen.operation)

    def is_quiet(self, first: Seen, last: Seen, key: ItemKey) -> bool:
        """Whether nothing between two exchanges may have changed a resource, and both have the same caller."""
        between = self.seen[first.index + 1 : last.index]
        return first.has_caller_of(last) and not any(_may_change(each, key) for each in between)

    def is_still(self, first: Seen, last: Seen) -> bool:
        """Whether nothing between two exchanges may have changed anything."""
        between = self.seen[first.index + 1 : last.index]
        return first.has_caller_of(last) and all(each.is_safe or each.is_refused for each in between)


def _may_change(seen: Seen, key: ItemKey) -> bool:
    """Whether an exchange may have changed a resource: not where it is on another one of the same kind."""
    if seen.is_safe or seen.is_refused or 300 <= seen.status < 400:
        return False
    is_certain = seen.is_done and seen.resource is not None and seen.key is not None
    return not (is_certain and seen.key is not None and seen.key.item == key.item and seen.key != key)


def _seen(promises: Promises, sequence: Sequence[Exchange]) -> Iterator[Seen]:
    """The exchanges as their operations read them; one that the contract has no operation for is about nothing."""
    for index, exchange in enumerate(sequence):
        request = exchange.request
        match = operation_for(promises.contract, request.method, request.path, request)
        if match is None:
            unknown = Operation(request.method, "/", promises.contract.place)
            yield Seen(index, Reading(unknown, exchange, ()), None)
        else:
            role = promises.resources.role_of(match[0])
            is_view = role is not None and role[1] is Role.READ and _is_below_item(match[0], role[0])
            yield Seen(index, Reading(match[0], exchange, match[1]), None if is_view else role)


def _is_below_item(operation: Operation, resource: Resource) -> bool:
    """Whether an operation is at a path below that of the items: it shows something of one, in its own words."""
    is_below = operation.path.rstrip("/").count("/") > resource.item.count("/")
    return is_below and operation not in resource.moved
