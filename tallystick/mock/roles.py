"""The two roles around the gate: a responder answers requests, a listener hears how each request was answered."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from tallystick.mock.routes import Route
from tallystick.mock.settings import MockSettings
from tallystick.nouns.contract import Contract, Operation
from tallystick.nouns.exchange import Exchange, Response
from tallystick.nouns.violation import Violation
from tallystick.wire.reading import Reading

Fields = tuple[tuple[bytes, bytes], ...]
"""Header fields as an ASGI server gives and takes them."""


@dataclass(frozen=True)
class Reply:
    """A response, why it is this one (a phrase for people), and what is wrong with it.

    `violations` is None where nobody has judged the response yet: the gate does.
    """

    response: Response
    why: str = ""
    violations: tuple[Violation, ...] | None = None

    @cached_property
    def fields(self) -> Fields:
        """The header fields as an ASGI server takes them, with the length of the body."""
        response = self.response
        fields = [(name.encode("latin-1"), value.encode("latin-1", "replace")) for name, value in response.headers]
        if response.status >= 200 and response.status not in (204, 304):
            fields.append((b"content-length", str(len(response.body)).encode()))
        return tuple(fields)


Responder = Callable[[Reading], Awaitable[Reply | None]]
"""Answers a request that keeps the contract; None where the next responder is to be asked."""


class Answered(NamedTuple):
    """One request and how it was answered.

    `route` is None where the request reached no operation: an unknown path, a method that is not allowed, a CORS
    preflight. The path of the exchange is the one that the contract knows; `route.prefix` stood before it. Its response
    is without the header fields that the mock adds when it sends. `violations` are those of the request and of the
    reply. `seconds` is the time from the request's arrival at its operation until the reply was sent.
    """

    route: Route | None
    exchange: Exchange
    violations: Sequence[Violation]
    seconds: float
    why: str


Listener = Callable[[Answered], None]
"""Hears of a request once it is answered; called in the event loop, so it must not block."""


class Part(NamedTuple):
    """What a way to answer does for one operation: it answers requests, hears of answers, or both.

    `kind` is what the header `Tallystick-Mock` says of the operation's replies, "" where this part has no say.
    """

    responder: Responder | None = None
    listener: Listener | None = None
    kind: str = ""


class Way(NamedTuple):
    """A way to answer, prepared for some contracts: its part for each operation, None where it has none.

    `summary` is a sentence that is printed at start, "" for none.
    """

    part_for: Callable[[Operation], Part | None]
    summary: str = ""


Preparation = Callable[[Sequence[Contract], MockSettings], Way | None]
"""Prepares a way to answer before the first request; None where the settings do not ask for it."""


def tell(listeners: Iterable[Listener], answered: Answered) -> None:
    """Lets each listener hear of an answered request."""
    for listener in listeners:
        listener(answered)
