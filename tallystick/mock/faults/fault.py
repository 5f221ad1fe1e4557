"""The nouns of failure on purpose: what can go wrong with one request."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

BodyKind = Literal["empty", "shortest", "longest", "boundary"]
BODY_KINDS: tuple[BodyKind, ...] = ("empty", "shortest", "longest", "boundary")


@dataclass(frozen=True, slots=True)
class Latency:
    """How long a reply takes: some quantiles (from 0 to 1) with their seconds, in order; the last is 1."""

    quantiles: tuple[tuple[float, float], ...]

    def seconds(self, share: float) -> float:
        """The seconds at a quantile; between two that are known they grow by a constant factor."""
        before, least = self.quantiles[0]
        for quantile, seconds in self.quantiles:
            if share <= quantile:
                if quantile == before or not least or not seconds:
                    return seconds
                return least * math.pow(seconds / least, (share - before) / (quantile - before))
            before, least = quantile, seconds
        return least


@dataclass(frozen=True, slots=True)
class Refusal:
    """A refusal: with a status; or, where that is 0, with a documented error that begins with `digits`, one or any.

    `retry_after` is the value of that header field, None for its usual one.
    """

    status: int
    digits: str = "45"
    retry_after: int | None = None


@dataclass(frozen=True, slots=True)
class Expired:
    """A token that has expired: the documented 401."""


@dataclass(frozen=True, slots=True)
class Drop:
    """The connection ends without a response."""


@dataclass(frozen=True, slots=True)
class Truncate:
    """The connection ends within the body: after a share of it, or after so many bytes where the share is 0."""

    share: float = 0.5
    size: int = 0

    def kept(self, length: int) -> int:
        """How many bytes of a body are sent; never all."""
        return max(min(self.size if not self.share else int(length * self.share), length - 1), 0)


@dataclass(frozen=True, slots=True)
class SlowBody:
    """The body comes piece by piece, within so many seconds."""

    seconds: float


@dataclass(frozen=True, slots=True)
class ExtremeBody:
    """The body is at the edge of what its schema allows."""

    kind: BodyKind


Action = Latency | Refusal | Expired | Drop | Truncate | SlowBody | ExtremeBody


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that goes wrong, how often (from 0 to 1), and the words that asked for it."""

    action: Action
    chance: float
    text: str


@dataclass(frozen=True, slots=True)
class Faults:
    """All that may go wrong with a request, and the seed that decides when, None for that of the mock."""

    faults: tuple[Fault, ...] = ()
    seed: int | None = None
