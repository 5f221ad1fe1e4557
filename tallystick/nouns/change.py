"""What a diff of two contracts says: changes, each with its grade and the exchange that proves it, if there is one."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field

from tallystick.nouns.exchange import Exchange
from tallystick.nouns.violation import Place


class Grade(enum.StrEnum):
    """How much a change matters to those who use a contract."""

    BREAKING = "breaking"
    """An exchange that was allowed is refused, or what a client relies on is gone."""
    WARNING = "warning"
    """It may break somebody, and no exchange proves that it does."""
    INFO = "info"


class Way(enum.StrEnum):
    """Whom a change concerns: those who send requests, those who read responses, those who get webhooks and callbacks,
    or those who read the contract."""

    REQUEST = "request"
    RESPONSE = "response"
    WEBHOOK = "webhook"
    CONTRACT = "contract"


@dataclass(frozen=True, slots=True)
class ChangeRule:
    """One row of the table of changes; `mirror` is the id of the row for the opposite change, "" where there is none.

    `sentence` says what has changed.
    """

    id: str
    grade: Grade
    way: Way
    sentence: str
    mirror: str = ""


@dataclass(frozen=True, slots=True)
class Witness:
    """An exchange that one of two contracts allows and the other refuses, and why that one refuses it."""

    exchange: Exchange
    reason: str


@dataclass(frozen=True, slots=True)
class Consumer:
    """One who was seen to use what has changed: how often, when last, and how often the new contract refuses it."""

    name: str
    used: int
    refused: int = 0
    last: float = 0.0
    """When it did so last, in Unix seconds; 0 where that is not known."""


@dataclass(frozen=True, slots=True)
class Change:
    """One change between two contracts.

    `operation` is the first operation that it concerns, "" for none, `others` are the other ones. `where` names the
    part of the exchange; `old` and `new` are the places in the contracts, None where one has none.
    """

    rule: str
    grade: Grade
    operation: str
    where: str
    message: str
    old: Place | None
    new: Place | None
    witness: Witness | None = None
    others: tuple[str, ...] = field(default=())
    consumers: tuple[Consumer, ...] | None = None
    """Who was seen to use it, none for nobody; None where no recordings were given."""
    is_failing: bool = False
    """Whether it makes the run fail."""
