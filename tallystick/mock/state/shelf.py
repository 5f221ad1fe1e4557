"""Where the resources are kept that one operation is about, and how its replies show them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, partial

from tallystick.examples.choices import ValuePath
from tallystick.mock.memory import Memory
from tallystick.mock.off_loop import at_once
from tallystick.mock.problem import Problem
from tallystick.mock.responders.examples import Replies
from tallystick.mock.roles import Reply
from tallystick.mock.room import Kept
from tallystick.mock.state.absence import Absence
from tallystick.mock.state.conditions import Conditions, conditions_of
from tallystick.mock.state.ids import Ids
from tallystick.mock.state.moulds import Mould
from tallystick.mock.state.showing import Frame, frame_of
from tallystick.mock.state.versions import Way, version_members
from tallystick.mock.state.whole import Whole
from tallystick.mock.stores.store import Item, Place
from tallystick.nouns.contract import Contract, Operation
from tallystick.nouns.json_value import JSON
from tallystick.resources.resources import Resource, Role
from tallystick.resources.views import request_view, response_view
from tallystick.schemas.compiled import is_same
from tallystick.wire.reading import Reading

_WRITING = frozenset((Role.CREATE, Role.REPLACE, Role.UPDATE))


@dataclass(frozen=True, eq=False)
class Shelf:
    """The resources that an operation is about, and what it does to them."""

    memory: Memory
    contract: Contract
    operation: Operation
    resource: Resource
    role: Role
    whole: Whole
    absence: Absence
    moulds: Kept[tuple[object, ...], Mould | None] = field(default_factory=Kept)
    """What the same request creates again, by all of it that decides that; None after the first time."""
    frames: dict[tuple[int, str], Frame | None] = field(default_factory=dict)
    """How each documented reply shows the resource, by its status and media type."""

    @cached_property
    def replies(self) -> Replies:
        """The stateless replies of the operation."""
        return self.memory.replies_of(self.operation)

    def place(self, reading: Reading) -> Place:
        """The place of the collection that a request is about."""
        return Place(reading.session, self.contract.name, self.resource.place(reading))

    @cached_property
    def conditions(self) -> Conditions | None:
        """How conditional requests are answered; None where the contract says nothing of any."""
        return conditions_of(self.resource, self.operation, self.role, self.memory, self.versions)

    @cached_property
    def versions(self) -> Sequence[Way]:
        """The ways to the members of the resource that tell its version, and count each change."""
        changes = [self.resource.operations.get(role) for role in (Role.CREATE, Role.REPLACE, Role.UPDATE)]
        views = [view for operation in changes if (view := request_view(operation)) is not None]
        sent = {name: member.schema for view in views for name, member in view.members.items()}
        return version_members(self.whole.schema, sent)

    def is_absent(self, item: Item | None) -> bool:
        """Whether a resource of which this is kept is not there."""
        return self.absence.of(item, self.resource.is_single, self.role)

    async def condition_problem(self, reading: Reading, item: Item | None, id: str) -> Problem | None:
        """Why a change is refused that is meant for another version of the resource than the one that is there."""
        if self.conditions is None:
            return None
        exists = not self.is_absent(item)
        is_example = item is None and exists and self.role is Role.REPLACE and not await self.documents(id)
        return await self.conditions.refusal(reading, item, exists, is_example)

    def validated(self, reply: Reply, item: Item | None) -> Reply:
        """A reply with the validators of what is kept now, where the contract speaks of any."""
        return reply if self.conditions is None else self.conditions.validated(reply, item)

    def frame(self, reply: Reply) -> Frame | None:
        """How a reply shows the resource; None where it has no body that could."""
        response = reply.response
        key = response.status, next((value for name, value in response.headers if name == "content-type"), "")
        if key not in self.frames:
            self.frames[key] = frame_of(self.contract, self.operation, self.replies.settings, reply, self._way())
        return self.frames[key]

    async def documents(self, id: str) -> bool:
        """Whether the contract's own list has a row with an id."""
        kept_list = self.memory.list_of(self.resource)
        return kept_list is not None and await kept_list.documents(id)

    async def refused(self, reading: Reading, problem: Problem) -> Reply:
        """The documented reply that tells a problem, else the problem itself."""
        problem = replace(problem, path=reading.prefix + reading.request.path)
        return await at_once(partial(self.replies.refuse, problem, reading.headers.get("accept", "")))

    @property
    def may_create(self) -> bool:
        """Whether a resource that is not there is created by a change: where that, or nothing else, is documented."""
        return not self.absence.is_documented or any(each.status == "201" for each in self.operation.responses)

    async def ids(self, example: JSON) -> Ids:
        """What makes fresh ids, in the shape of an example; made once."""
        ids = self.whole.ids
        if ids is None:
            parameter = self.whole.path_parameter
            in_path = parameter.described if parameter is not None else None
            ids = Ids(example, self.whole.id_schema, in_path)
            kept_list = self.memory.list_of(self.resource)
            if ids.counts and kept_list is not None:
                ids.count_from(await kept_list.documented_ids())  # others may create meanwhile
            self.whole.ids = ids = self.whole.ids or ids
        return ids

    def _way(self) -> ValuePath | None:
        """The way to the resource in the body of a reply.

        One that may be any object is the resource; the reply to a deletion may be the resource that was.
        """
        way = self.resource.response_ways.get(self.role)
        if way is None and self.role in _WRITING and (view := response_view(self.operation)) is not None:
            return () if view.is_bare else None
        if way is None and self.role is Role.DELETE and self.whole.schema is not None and not self.whole.way:
            formats = (each for definition in self.operation.responses for each in definition.content)
            return () if any(is_same(each.schema, self.whole.schema) for each in formats) else None
        return way
