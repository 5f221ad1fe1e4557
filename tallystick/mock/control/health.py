"""Health, for orchestrators: whether the process answers, and whether it can serve; asked for without a token."""

from __future__ import annotations

from functools import partial

from tallystick.mock.control.call import Call, Function, told
from tallystick.mock.memory import Memory
from tallystick.mock.roles import Reply
from tallystick.nouns.errors import TallystickError

LIVE = "/health/live"
HEALTH = ("/health", LIVE, "/health/ready")
"""The paths that are answered before the contract of the control API is read."""


async def health_of(memory: Memory, path: str) -> Reply:
    """The health of the mock: a 200, or a 503 where its store does not answer and is needed for every reply.

    A process whose store is away is alive all the same: to start it again would mend nothing.
    """
    if path == LIVE:
        return told({"status": "ok"})
    try:
        await memory.store.check()
    except TallystickError as error:
        is_needed = memory.settings.state_required and not memory.settings.stateless
        status, code = ("unavailable", 503) if is_needed else ("degraded", 200)
        return told({"status": status, "detail": str(error)}, code)
    return told({"status": "ok"})


async def _health(path: str, call: Call) -> Reply:
    return await health_of(call.memory, path)


FUNCTIONS: dict[str, Function] = {
    name: partial(_health, path)
    for name, path in zip(("getHealth", "getLiveness", "getReadiness"), HEALTH, strict=True)
}
