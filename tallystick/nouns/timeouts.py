"""How long a server waits for its clients."""

from __future__ import annotations

from dataclasses import dataclass

from tallystick.nouns import budgets


@dataclass(frozen=True, kw_only=True, slots=True)
class Timeouts:
    """Seconds; what ends at each is said where `budgets` has its default."""

    head_seconds: float = budgets.HEAD_SECONDS
    body_idle_seconds: float = budgets.BODY_IDLE_SECONDS
    keep_alive_seconds: float = budgets.KEEP_ALIVE_SECONDS
    write_idle_seconds: float = budgets.WRITE_IDLE_SECONDS


DEFAULTS = Timeouts()
