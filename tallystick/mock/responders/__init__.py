"""The reply sources, in the order in which they are asked; where none answers, a documented reply is sent."""

from __future__ import annotations

from collections.abc import Sequence

from tallystick.mock.responders import handlers, stateful
from tallystick.mock.roles import Preparation, ReplySource
from tallystick.mock.settings import MockSettings
from tallystick.nouns.contract import Contract

PREPARATIONS: tuple[Preparation, ...] = (
    handlers.prepare,
    stateful.prepare,
)


def reply_sources(contracts: Sequence[Contract], settings: MockSettings) -> list[ReplySource]:
    """Prepare the reply sources that the settings ask for."""
    sources = (prepare(contracts, settings) for prepare in PREPARATIONS)
    return [source for source in sources if source is not None]
