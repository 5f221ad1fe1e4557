"""The ways to answer, in the order in which they are asked; what none of them answers gets a documented reply."""

from __future__ import annotations

from collections.abc import Sequence

from tallystick.mock.responders import handlers, stateful
from tallystick.mock.roles import Preparation, Way
from tallystick.mock.settings import MockSettings
from tallystick.nouns.contract import Contract

PREPARATIONS: tuple[Preparation, ...] = (
    handlers.prepare,
    stateful.prepare,
)


def prepared(contracts: Sequence[Contract], settings: MockSettings) -> list[Way]:
    """The ways to answer that some settings ask for."""
    ways = (prepare(contracts, settings) for prepare in PREPARATIONS)
    return [way for way in ways if way is not None]
