"""The state of the mock (`--stateful`): which paths were deleted, until they are created again."""

from __future__ import annotations

from collections import OrderedDict
from functools import partial
from urllib.parse import unquote

from tallystick.mock.memory import Memory
from tallystick.mock.off_loop import at_once
from tallystick.mock.problem import Problem
from tallystick.mock.responders.examples import Replies
from tallystick.mock.roles import Answered, Listener, OperationRoles, Reply, ReplySource, Responder
from tallystick.mock.rules import RESOURCE_DELETED
from tallystick.mock.settings import MockSettings
from tallystick.nouns.contract import Operation
from tallystick.nouns.exchange import Request, Response
from tallystick.wire.reading import Reading

MOST = 10_000
"""How many deletions are remembered; the oldest is forgotten first."""


def prepare(memory: Memory) -> ReplySource | None:
    """Refuse requests for deleted resources, and remember deletions and creations; each contract has its own."""
    contracts, settings = memory.contracts, memory.settings
    if not settings.stateful:
        return None
    deletions = {operation: gone for contract in contracts for gone in [Deletions()] for operation in contract}
    return ReplySource(lambda operation: _roles(operation, deletions[operation], settings))


def _roles(operation: Operation, deletions: Deletions, settings: MockSettings) -> OperationRoles:
    can_be_gone = operation.response_for(404) is not None
    responder = (
        _gone(operation, Replies(operation, settings.for_operation(operation)), deletions) if can_be_gone else None
    )
    return OperationRoles(responder, _noting(operation, deletions), "stateful" if can_be_gone else "")


def _gone(operation: Operation, replies: Replies, deletions: Deletions) -> Responder:
    """A responder that answers requests for deleted resources with the documented 404."""

    async def responder(reading: Reading) -> Reply | None:
        if not deletions.is_gone(reading.request):
            return None
        fact = f"{reading.request.path} was deleted; creating it again brings it back"
        problem = Problem(404, fact, (RESOURCE_DELETED.violation("path", operation.place, fact),))
        return await at_once(partial(replies.refuse, problem, reading.headers.get("accept", "")))

    return responder


def _noting(operation: Operation, deletions: Deletions) -> Listener | None:
    """A listener that remembers what an operation deletes or creates; None for an operation that does neither."""
    deletes = operation.method == "DELETE" and operation.path.endswith("}")
    if not deletes and operation.method not in ("PUT", "POST"):
        return None

    def listener(answered: Answered) -> None:
        request, response = answered.exchange
        if response is not None:
            deletions.note(request, response, deletes)

    return listener


class Deletions:
    """The deleted resources of one contract, each by the segments of its path."""

    def __init__(self) -> None:
        self._gone: OrderedDict[tuple[str, ...], None] = OrderedDict()

    def is_gone(self, request: Request) -> bool:
        """Whether the resource of a request, or one above it, was deleted.

        DELETE, PUT and POST may be sent again to a deleted resource; only one above it refuses them.
        """
        if not self._gone:
            return False
        path = _segments(request.path)
        above = any(path[:end] in self._gone for end in range(1, len(path)))
        return above or (path in self._gone and request.method not in ("DELETE", "PUT", "POST"))

    def note(self, request: Request, response: Response, deletes: bool) -> None:
        """Remembers what a successful exchange changed; `deletes` where its operation deletes one resource.

        A resource comes back after a PUT or POST at its own path, and after one at the path above it whose reply names
        the resource or is empty.
        """
        if not 200 <= response.status < 300:
            return
        path = _segments(request.path)
        if deletes:
            self._gone[path] = None
            if len(self._gone) > MOST:
                self._gone.popitem(last=False)
        elif self._gone and request.method in ("PUT", "POST"):
            self._gone.pop(path, None)
            text = response.body.decode("utf-8", "replace") + dict(response.headers).get("location", "")
            for gone in [gone for gone in self._gone if gone[:-1] == path and (gone[-1] in text or not text)]:
                del self._gone[gone]


def _segments(path: str) -> tuple[str, ...]:
    return tuple(unquote(segment) for segment in path.rstrip("/").split("/"))
