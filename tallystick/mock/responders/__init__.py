"""The reply sources, in the order in which they are asked; where none answers, a documented reply is sent."""

from __future__ import annotations

from tallystick.mock.memory import Memory
from tallystick.mock.responders import handlers, stateful
from tallystick.mock.roles import Preparation, ReplySource

PREPARATIONS: tuple[Preparation, ...] = (
    handlers.prepare,
    stateful.prepare,
)


def reply_sources(memory: Memory) -> list[ReplySource]:
    """Prepare the reply sources that the settings ask for."""
    sources = (prepare(memory) for prepare in PREPARATIONS)
    return [source for source in sources if source is not None]
