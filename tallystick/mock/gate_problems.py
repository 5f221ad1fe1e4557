"""What the gate itself says of a request that no responder and no contract answers."""

from __future__ import annotations

import os

from starlette.types import Send

from tallystick.mock.asgi import STATELESS, TooLargeError, messages_of
from tallystick.mock.problem import Problem
from tallystick.mock.responders.examples import generated
from tallystick.mock.roles import Reply
from tallystick.mock.rules import BODY_CODING, BODY_TOO_LARGE
from tallystick.mock.stores.store import StoreError
from tallystick.nouns.contract import Operation
from tallystick.wire.codings import CodingError, DecodedTooLargeError, accepted_codings


def for_unread_body(operation: Operation, error: TooLargeError | CodingError) -> Problem:
    """The problem with a body that is too large, as it came or decoded, or that cannot be decoded."""
    fact = str(error)
    if isinstance(error, TooLargeError):
        violation = BODY_TOO_LARGE.violation("body", operation.place, fact)
        return Problem(413, fact, (violation,), headers=(("connection", "close"),))
    if isinstance(error, DecodedTooLargeError):
        return Problem(413, fact, (BODY_TOO_LARGE.violation("body", operation.place, fact),))
    violation = BODY_CODING.violation("header.Content-Encoding", operation.place, fact)
    return Problem(415, fact, (violation,), headers=(("accept-encoding", accepted_codings()),))


def for_store(error: StoreError) -> Problem:
    """The problem with a store that is gone or full."""
    retry = (("retry-after", str(error.retry_after)),) if error.retry_after is not None else ()
    return Problem(error.status, str(error), headers=retry)


async def break_off(send: Send) -> None:
    """Answer a request that the server cuts off, since it ends; nobody else hears of it."""
    problem = Problem(503, "the mock was ended before it had an answer", headers=(("connection", "close"),))
    for message in messages_of(generated(problem), False, STATELESS):
        await send(message)


def fault_reply(error: Exception) -> Reply:
    """The reply that tells of a fault of ours; with `TALLYSTICK_DEBUG` the fault is raised, so that it shows where."""
    if os.environ.get("TALLYSTICK_DEBUG"):
        raise error
    return generated(Problem(500, f"a fault of tallystick itself: {type(error).__name__}: {error}; please report it"))
