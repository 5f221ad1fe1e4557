"""How a mock tells problems and violations where it imitates another one: a record of functions for each of those."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tallystick.mock.roles import Reply
from tallystick.mock.settings import CompatName
from tallystick.nouns.exchange import Headers
from tallystick.nouns.violation import Violation


@dataclass(frozen=True, slots=True)
class Compat:
    """What another mock does in its own way."""

    reply: Callable[[Reply], Reply]
    """A reply of an operation, as the other mock sends it."""
    unrouted: Callable[[Reply], Reply]
    """A reply to a request that reaches no operation."""
    violations_header: Callable[[Sequence[Violation]], Headers]
    """The header that tells violations; there are some."""
    answers_head: bool
    """Whether HEAD is answered where only GET is documented."""
    cors_without_origin: Headers
    """The header fields of CORS in a reply to a request that is of no web page."""


def compat_of(name: CompatName) -> Compat | None:
    """The imitation by a name; None where no other mock is imitated."""
    if name == "none":
        return None
    from tallystick.mock.prism import PRISM  # few mocks imitate another one

    return PRISM
