"""The reply source that remembers: requests are answered out of what was created, changed and deleted before."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property, partial
from typing import TYPE_CHECKING
from urllib.parse import quote

from tallystick.mock.again import Again
from tallystick.mock.memory import Memory
from tallystick.mock.off_loop import at_once
from tallystick.mock.problem import Problem
from tallystick.mock.roles import OperationRoles, Reply, ReplySource
from tallystick.mock.state.absence import Absence
from tallystick.mock.state.idempotency import Idempotency
from tallystick.mock.stores.memory import MemoryStore
from tallystick.mock.stores.store import Item, Place
from tallystick.mock.wishes import wish_of
from tallystick.nouns import budgets
from tallystick.nouns.contract import Contract, Operation
from tallystick.resources.resources import Resource, Role, concrete, part_at
from tallystick.wire.reading import Reading
from tallystick.wire.write import text_of

if TYPE_CHECKING:
    from tallystick.mock.state.actions import Action
    from tallystick.mock.state.shelf import Shelf
    from tallystick.mock.state.whole import Whole


def prepare(memory: Memory) -> ReplySource | None:
    """Remember what requests create, change and delete, unless the settings are `stateless`."""
    if memory.settings.stateless:
        return None
    for resources in memory.resources.values():
        resources.index()
    kinds = Kinds(memory)

    def roles_of(operation: Operation) -> OperationRoles:
        responder = Remembering(operation, memory, kinds)
        return OperationRoles(responder, None, "stateful", responder.again)

    return ReplySource(roles_of)


class Kinds:
    """What the operations on one resource share."""

    def __init__(self, memory: Memory) -> None:
        self.memory = memory
        self.wholes: dict[Resource, Whole] = {}

    def of(self, resource: Resource, contract: Contract) -> Whole:
        """The whole resource; made once."""
        if resource not in self.wholes:
            from tallystick.mock.state.whole import Whole  # what it imports is slow, and a start has no use for it

            self.wholes[resource] = Whole(resource, contract, self.memory)
        return self.wholes[resource]


class Remembering:
    """The responder of one operation. What the operation is about is derived at its first request."""

    def __init__(self, operation: Operation, memory: Memory, kinds: Kinds) -> None:
        self.operation = operation
        self.kinds = kinds
        self.memory = memory
        self.contract = memory.contract_of(operation)
        self.absence = Absence(operation, memory.settings.is_closed)
        self.keys = Idempotency(operation, self.contract.name, memory) if Idempotency.names_of(operation) else None

    async def __call__(self, reading: Reading) -> Reply | None:
        headers = reading.headers
        if ("prefer" in headers or reading.preferences) and wish_of(headers.get("prefer", ""), reading.preferences):
            return None
        if reading.is_spoiled:
            return None
        if self.keys is not None and (key := self.keys.key_of(reading)):
            return await self.keys.answer(reading, key, self.answer)
        return await self.answer(reading)

    async def answer(self, reading: Reading) -> Reply | None:
        """The reply out of what is kept; None where nothing that is kept shows in it."""
        for resource, pieces in self.aliased:
            await self.name_by_id(reading, resource, pieces)
        item: Item | None = None
        for resource, pieces in self.needed:
            values = reading.path_values or ()
            path, id = concrete(pieces, values), resource.id_at(values, len(pieces) - 1)
            place = Place(reading.session, self.contract.name, path)
            (item,) = await self.memory.store.items(place, (id,))
            role = self.shelf.role if self.shelf is not None and self.shelf.resource is resource else None
            is_absent = self.absence.of(item, resource.is_single, role)
            if is_absent and (item is not None or not await self.is_there(resource, place)):
                return await self.refused(self.absence.problem(item, f"{path}/{id}"), reading)
        return await self.action(self.shelf, reading, item) if self.shelf is not None else None

    def again(self, reading: Reading) -> Again | None:
        """What answers the same request again, out of what is kept in the memory of this process."""
        store, shelf = self.memory.store, self.shelf
        if not isinstance(store, MemoryStore) or self.aliased or shelf is None or "prefer" in reading.headers:
            return None
        if self.keys is not None and self.keys.key_of(reading):
            return None
        from tallystick.mock.state.actions import AGAIN  # as below

        act = AGAIN[shelf.role](shelf, reading, store) if shelf.role in AGAIN else None
        if act is None:
            return None
        values = reading.path_values or ()
        steps = []
        for resource, pieces in self.needed:
            place = Place(reading.session, self.contract.name, concrete(pieces, values))
            role = shelf.role if shelf.resource is resource else None
            steps.append((place, resource.id_at(values, len(pieces) - 1), resource.is_single, role))
        is_absent = self.absence.of

        def answer() -> Reply | None:
            item: Item | None = None
            for place, id, is_single, role in steps:
                item = store.look(place, id)
                if is_absent(item, is_single, role):
                    return None
            return act(item)

        return answer

    async def name_by_id(self, reading: Reading, resource: Resource, pieces: Sequence[str]) -> None:
        """Have a request name a resource by its id that it names by something else (a key, a slug)."""
        values, last = [*(reading.path_values or ())], len(pieces) - 1
        store, place = self.memory.store, Place(reading.session, self.contract.name, concrete(pieces, values))
        name = resource.id_at(values, last)
        if (await store.items(place, (name,)))[0] is not None:
            return
        for item in await store.newest(place, 0, budgets.ALIASES_TRIED):
            if any(text_of(part_at(item.value, way)) == name for way in resource.alias_ways):
                values[last] = quote(item.id, safe="")
                reading.path_values = values
                return

    async def is_there(self, resource: Resource, place: Place) -> bool:
        """Whether a resource of which nothing is kept is there in a closed mock, too.

        So is one that is the only one at its path, and one above another that nothing can create, as long as none of
        its kind was seeded.
        """
        if resource.is_single:
            return True
        is_own = self.shelf is not None and self.shelf.resource.item == resource.item
        can_be_created = self.memory.resources[self.contract].can_be_created(resource)
        return not (is_own or can_be_created or await self.memory.store.revision(place))

    async def refused(self, problem: Problem, reading: Reading) -> Reply:
        """The reply that tells a problem."""
        refuse = self.memory.replies_of(self.operation).refuse
        return await at_once(partial(refuse, problem, reading.headers.get("accept", "")))

    @cached_property
    def shelf(self) -> Shelf | None:
        """What the operation is about; None where that is no resource, or nothing is done to it."""
        found = self.memory.resources[self.contract].role_of(self.operation)
        if found is None:
            return None
        from tallystick.mock.state.shelf import Shelf  # as above

        resource, role = found
        whole = self.kinds.of(resource, self.contract)
        absence = Absence(self.operation, False) if resource.is_single else self.absence
        return Shelf(self.memory, self.contract, self.operation, resource, role, whole, absence)

    @cached_property
    def action(self) -> Action:
        """What is done to the resource."""
        from tallystick.mock.state.actions import ACTIONS  # as above

        return ACTIONS[self.shelf.role] if self.shelf is not None else _nothing

    @cached_property
    def aliased(self) -> Sequence[tuple[Resource, Sequence[str]]]:
        """The resources in the path that may be called by something else than their ids."""
        line = self.memory.resources[self.contract].line_of(self.operation)
        return [(resource, pieces) for resource, pieces in line if resource.alias_ways]

    @cached_property
    def needed(self) -> Sequence[tuple[Resource, Sequence[str]]]:
        """The resources that a request needs with the literal pieces of their collections' paths, the outermost first.

        The last is that of the resource itself, where the operation reads, changes or deletes it; what replaces it
        may create it too.
        """
        line = self.memory.resources[self.contract].line_of(self.operation)
        is_replaced = bool(line) and line[-1][0].operations.get(Role.REPLACE) is self.operation
        return line[:-1] if is_replaced else line


async def _nothing(_: Shelf, __: Reading, ___: Item | None) -> Reply | None:
    return None
