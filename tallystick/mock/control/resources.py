"""What the mock has understood of its contracts: their resources, and where it has not, why."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import NamedTuple

from tallystick.mock.control.call import Call, Function, told
from tallystick.mock.memory import Memory
from tallystick.mock.off_loop import off_loop
from tallystick.mock.roles import Reply
from tallystick.nouns.contract import Contract
from tallystick.nouns.json_pointer import to_pointer
from tallystick.nouns.json_value import JSON
from tallystick.resources.resources import Resource


class Understood(NamedTuple):
    """A resource, and the contract that it is of."""

    contract: Contract
    resource: Resource

    def value(self) -> JSON:
        """It as JSON."""
        resource = self.resource
        return {
            "name": resource.name,
            "contract": self.contract.name,
            "collection": resource.collection,
            "item": resource.item,
            "id": to_pointer(tuple(map(str, resource.id_way))) or None,
            "operations": {role.value: operation.label for role, operation in resource.operations.items()},
            "parent": resource.parent.name if resource.parent is not None else None,
        }


def understood(memory: Memory) -> Iterator[Understood]:
    """The resources of all contracts."""
    for contract, resources in memory.resources.items():
        for resource in resources.resources:
            yield Understood(contract, resource)


async def _list(call: Call) -> Reply:
    return told(await off_loop(partial(_all, call.memory)))  # a large contract takes a while


def _all(memory: Memory) -> JSON:
    reasons: list[JSON] = [
        {"contract": contract.name, "path": path, "reason": reason}
        for contract, resources in memory.resources.items()
        for path, reason in resources.not_understood
    ]
    return {"resources": [each.value() for each in understood(memory)], "not_understood": reasons}


FUNCTIONS: dict[str, Function] = {"listResources": _list}
