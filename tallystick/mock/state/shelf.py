"""Where the resources are kept that one operation is about."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from tallystick.mock.memory import Memory
from tallystick.mock.state.conditions import Conditions, conditions_of
from tallystick.mock.state.resources import Resource, Role
from tallystick.mock.stores.store import Place
from tallystick.nouns.contract import Contract, Operation
from tallystick.wire.reading import Reading


@dataclass(frozen=True, eq=False)
class Shelf:
    """The resources that an operation is about, and what it does to them."""

    memory: Memory
    contract: Contract
    operation: Operation
    resource: Resource
    role: Role

    def place(self, reading: Reading) -> Place:
        """The place of the collection that a request is about."""
        return Place(reading.session, self.contract.name, self.resource.place(reading))

    @cached_property
    def conditions(self) -> Conditions | None:
        """How conditional requests are answered; None where the contract says nothing of any."""
        return conditions_of(self.resource, self.operation, self.role, self.memory)
