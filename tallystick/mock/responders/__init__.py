"""The reply sources, in the order in which they are asked; where none answers, a documented reply is sent."""

from __future__ import annotations

from tallystick.mock.memory import Memory
from tallystick.mock.responders import handlers, recording
from tallystick.mock.roles import Preparation, ReplySource
from tallystick.mock.state import responder as state

PREPARATIONS: tuple[Preparation, ...] = (
    handlers.prepare,
    recording.prepare,
    state.prepare,
)


def reply_sources(memory: Memory) -> list[ReplySource]:
    """Prepare the reply sources that the settings ask for."""
    sources = (prepare(memory) for prepare in PREPARATIONS)
    return [source for source in sources if source is not None]
