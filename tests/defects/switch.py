"""Which defect, or which lawful oddity, the servers of this process have: one at most, by its name."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

VARIABLE = "TALLYSTICK_DEFECT"
"""The variable of the environment that names it for a server in a process of its own."""


class _Switch:
    name = os.environ.get(VARIABLE, "")


def on(name: str) -> bool:
    """Whether the server has the defect or the oddity of a name."""
    return _Switch.name == name


def active() -> str:
    """The name of the one that is on; "" for a sound server."""
    return _Switch.name


@contextmanager
def switched(name: str) -> Iterator[None]:
    """Has the servers that are made and asked in the block have it."""
    before, _Switch.name = _Switch.name, name
    try:
        yield
    finally:
        _Switch.name = before
