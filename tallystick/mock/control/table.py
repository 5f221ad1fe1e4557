"""The function of each operation of the control API, by its operation id: a module for each group of operations."""

from __future__ import annotations

from collections.abc import Mapping

from tallystick.mock.control import (
    about,
    clocks,
    exchanges,
    faults,
    health,
    items,
    overriding,
    resources,
    sessions,
    snapshots,
)
from tallystick.mock.control.call import Function

FUNCTIONS: Mapping[str, Function] = {
    **health.FUNCTIONS,
    **about.FUNCTIONS,
    **clocks.FUNCTIONS,
    **faults.FUNCTIONS,
    **sessions.FUNCTIONS,
    **snapshots.FUNCTIONS,
    **resources.FUNCTIONS,
    **items.FUNCTIONS,
    **overriding.FUNCTIONS,
    **exchanges.FUNCTIONS,
}
