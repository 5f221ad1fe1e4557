"""The two roles around the gate: a responder answers requests, a listener hears how each request was answered."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from hashlib import blake2b
from typing import TYPE_CHECKING, NamedTuple

from tallystick.examples.draws import Style
from tallystick.mock.problem import Problem
from tallystick.mock.routes import Route
from tallystick.nouns.contract import BodyFormat, Operation, ResponseDefinition
from tallystick.nouns.exchange import Exchange, Request, Response
from tallystick.nouns.json_value import JSON
from tallystick.nouns.violation import Violation
from tallystick.wire.reading import Reading

if TYPE_CHECKING:
    from tallystick.mock.faults.plan import Mishap
    from tallystick.mock.memory import Memory

Fields = tuple[tuple[bytes, bytes], ...]
"""Header fields as an ASGI server gives and takes them."""


KEPT = "what is kept"
"""What a change of a reply comes from that shows the state of the mock."""


class Origin(NamedTuple):
    """Where a reply comes from before it is changed: a documented response, and an example of it or `generated`."""

    definition: ResponseDefinition
    body_format: BodyFormat | None
    example: str
    response: Response
    """The response before any change."""


class Change(NamedTuple):
    """A change of a reply for its request: what it comes from, and the response before and after it."""

    by: str
    before: Response
    after: Response


class Passed(NamedTuple):
    """How the bodies of an exchange with an upstream passed: how many bytes they had, and whether all are kept."""

    request_bytes: int
    response_bytes: int
    has_whole_request: bool = True
    has_whole_response: bool = True
    is_broken: bool = False
    """Whether the response ended before its end."""
    unread: str = ""
    """Why the body of the response could not be decoded, so that it is not judged; "" where it could."""
    hint: str = ""
    """What would have the mock answer, where the upstream seems to lack the operation; "" elsewhere."""


@dataclass(frozen=True)
class Reply:
    """A response, the reason for it (a phrase for people), and its violations.

    `violations` is None until the response is judged; the gate does that. `refused_for` holds the violations of the
    request for which a reply refuses it, `mended` those of its example that are mended in it. `tailored` gives this
    reply as one request has it, where requests can change it (see `tallystick.mock.tailoring`).
    """

    response: Response
    why: str = ""
    violations: tuple[Violation, ...] | None = None
    refused_for: Sequence[Violation] = ()
    tailored: Callable[[Reading], Reply] | None = None
    mended: tuple[Violation, ...] = ()
    style: Style | None = None
    """The style of more values like those of its body; None where an author wrote it, so that there are no more."""
    is_as_written: bool = False
    """Whether the body is the text that an author wrote for it, and not a value that was written in its media type."""
    problem: Problem | None = None
    """The problem that the body tells in our own words; None for a body that the contract documents."""
    is_documented: bool = False
    """Whether the contract documents the response with such a problem, and only no body of it."""
    mishap: Mishap | None = None
    """What goes wrong with it on its way."""
    override: str = ""
    """The id of the override that asks for it; "" for none."""
    origin: Origin | None = None
    """Where it comes from, where that is the contract."""
    granted: str = ""
    """The preferences of the request that it was chosen by."""
    handler: str = ""
    """The name of the user's function that gave it, or failed to; "" for none."""
    recording: str = ""
    """The file of a recording that it was recorded in; "" for none."""
    changes: tuple[Change, ...] = ()
    """What was changed in it since, in order."""
    upstream: str = ""
    """The URL of the upstream that gave it; "" where the mock did."""
    remocked: str = ""
    """Why the mock gave it in place of the upstream: a word of the setting `remock`; "" for any other reply."""
    passed: Passed | None = None
    """How the bodies passed that came from an upstream or went there; what the exchange has of them may be cut."""

    @cached_property
    def fields(self) -> Fields:
        """The header fields as an ASGI server takes them, with the length of the body."""
        response = self.response
        fields = [(name.encode("latin-1"), value.encode("latin-1", "replace")) for name, value in response.headers]
        if response.status >= 200 and response.status not in (204, 304):
            fields.append((b"content-length", str(len(response.body)).encode()))
        return tuple(fields)

    @cached_property
    def tagged(self) -> Reply:
        """The reply with an ETag made of its body, in the place of the one that it has."""
        response = self.response
        headers = [field for field in response.headers if field[0] != "etag"]
        tag = f'"{blake2b(response.body, digest_size=8).hexdigest()}"'
        return replace(self, response=response._replace(headers=(*headers, ("etag", tag))))

    @cached_property
    def reasons(self) -> Mapping[str, JSON]:
        """Why the reply is as it is (see `tallystick.mock.journal.why`)."""
        from tallystick.mock.journal.why import reasons_of  # needed only where somebody looks

        return reasons_of(self)

    @cached_property
    def kept_texts(self) -> tuple[bytes, bytes]:
        """The response and the reasons as a shared journal keeps them: a reply is sent many times."""
        from tallystick.mock.journal.record import response_text, write

        return response_text(self.response), write(self.reasons)


Responder = Callable[[Reading], Awaitable["Reply | Mishap | None"]]
"""Answers a request that keeps the contract, or returns None: then the next responder is asked.

With a mishap, too: it is what goes wrong with the reply of that one.
"""


class Answered(NamedTuple):
    """One request and how it was answered.

    `route` is None where the request reached no operation: an unknown path, a method that is not allowed, a CORS
    preflight. The path of the exchange is that of the contract, without `route.prefix`. The response of the exchange
    lacks the header fields that the mock adds when it sends. `violations` are those of the request and of the
    reply. `seconds` is the time from the request's arrival at its operation until the reply was sent. `session` is that
    of the request, "" where it names none. `reply` says more of how the response came to be, where a `Reply` was made;
    its own response may differ. `scheme` is that of the request's URL.
    """

    route: Route | None
    exchange: Exchange
    violations: Sequence[Violation]
    seconds: float
    why: str
    session: str = ""
    reply: Reply | None = None
    scheme: str = "http"


Note = tuple[float, float, Route | None, Request, Reply, Sequence[Violation], str, str]
"""What the journal notes of a request, as plain as can be, since it is made at each.

It is when the request was answered (Unix seconds), and as in `Answered` the seconds, the route, the request, the reply,
the violations, the session and the scheme.
"""

Listener = Callable[[Answered], None]
"""Is called with each answered request, in the event loop, so it must not block."""


class OperationRoles(NamedTuple):
    """The responder and the listener that a reply source has for one operation; either may be missing.

    `kind` is the value of the header `Tallystick-Mock` in the operation's replies, "" to leave it to other sources.
    """

    responder: Responder | None = None
    listener: Listener | None = None
    kind: str = ""
    again: Callable[[Reading], Callable[[], Reply | None] | None] | None = None
    """What the responder answers a request with that comes again just as it is (see `tallystick.mock.again`)."""
    answers_invalid: bool = False
    """Whether the responder is asked for the reply to a request that would be refused, too."""


class ReplySource(NamedTuple):
    """One feature that replies may come from (handlers, state): it has roles for some operations, None for the others.

    `summary` is a sentence that is printed at start, "" for none.
    """

    roles_for: Callable[[Operation], OperationRoles | None]
    summary: str = ""


Preparation = Callable[["Memory"], ReplySource | None]
"""Prepares a reply source before the first request; returns None where the settings do not ask for it."""


def tell(listeners: Iterable[Listener], answered: Answered) -> None:
    """Call each listener with an answered request."""
    for listener in listeners:
        listener(answered)
