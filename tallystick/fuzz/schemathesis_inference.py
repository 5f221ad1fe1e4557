"""What Schemathesis infers of the order of operations, corrected where a name only looks like that of a resource.

It takes a parameter such as `X-Request-Id` for the id of an `XRequest`, and does not begin a sequence of requests with
an operation whose resource no operation returns. So a create that wants a request id is never called. Its graph of
operations is data that is read before a run, which is all that is changed here.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

from schemathesis.core.parameters import ParameterLocation

from tallystick.fuzz.known_values import GivenValue, documented_values, is_enumerated
from tallystick.nouns.contract import Contract, Operation

if TYPE_CHECKING:
    from schemathesis.schemas import BaseSchema
    from schemathesis.specs.openapi.stateful.dependencies.models import DependencyGraph, InputSlot, OperationNode

_OF_THE_MESSAGE = re.compile(
    r"(?:^|[-_])(?:request|correlation|trace|span|parent|idempotency|transaction|message|client|session|device"
    r"|api|app|application|b3)[-_]?(?:key|token|id|identifier|uuid|guid|name|state)$",
    re.IGNORECASE,
)
"""Header fields that tell one message, or the program that sends it, from others."""
_CREATES = "post"


def correct_inference(schema: BaseSchema, contract: Contract, values: Sequence[GivenValue]) -> None:
    """Takes from the graph of a schema's operations what cannot be the id of a resource, or need not come from one."""
    analysis = getattr(schema, "analysis", None)
    if analysis is None:
        return  # another release
    try:
        graph: DependencyGraph = analysis.dependency_graph
    except Exception:  # whatever it stumbles over in a document, it will again, and is told then
        return
    operations = {operation.label: operation for operation in contract}
    returned = {output.resource.name for node in graph.operations.values() for output in node.outputs}
    for label, node in graph.operations.items():
        operation = operations.get(label)
        if operation is not None:
            given = {each.name for each in values if each.is_for(operation)}
            node.inputs[:] = [slot for slot in node.inputs if _is_needed(slot, node, operation, returned, given)]


def _is_needed(
    slot: InputSlot, node: OperationNode, operation: Operation, returned: Collection[str], given: Collection[str]
) -> bool:
    """Whether a value has to come from the response of another operation."""
    name = str(slot.parameter_name)
    if slot.parameter_location is ParameterLocation.HEADER and _OF_THE_MESSAGE.search(name):
        return False
    if name in given:
        return False
    if slot.resource.name in returned:
        return True
    if slot.parameter_location is ParameterLocation.PATH:
        return not _is_documented(operation, name)
    return slot.parameter_location is not ParameterLocation.HEADER and node.method.lower() != _CREATES


def _is_documented(operation: Operation, name: str) -> bool:
    """Whether the contract itself says a value that the path may have."""
    parameter = next((each for each in operation.parameters if each.name == name and each.location == "path"), None)
    return parameter is not None and (is_enumerated(parameter) or bool(documented_values(parameter)))
