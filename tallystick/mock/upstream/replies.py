"""What comes back from an upstream: its head as the client gets it, its reply as the journal has it, its failures."""

from __future__ import annotations

import re
from functools import lru_cache, partial
from typing import NamedTuple
from urllib.parse import urlsplit

from starlette.types import Message, Scope

from tallystick.mock.asgi import marked
from tallystick.mock.off_loop import off_loop
from tallystick.mock.problem import Problem
from tallystick.mock.roles import Fields, Passed, Reply
from tallystick.mock.upstream.address import PORTS, Address
from tallystick.mock.upstream.connection import Head
from tallystick.mock.upstream.errors import SLOW, ClientLeftError, UpstreamError
from tallystick.mock.upstream.fields import end_to_end
from tallystick.mock.upstream.passage import Passage
from tallystick.nouns import budgets
from tallystick.nouns.exchange import Headers, Response
from tallystick.nouns.media_type import parse_media_type
from tallystick.wire.codings import CodingError, decode_body

UPSTREAM = marked("upstream")
"""The header field that says that an upstream answered."""
REMOCKED = "tallystick-remocked"
"""The response header that says why the mock answered in place of an upstream."""

_DOMAIN = re.compile(r";\s*domain=[^;]*", re.IGNORECASE)
_SECURE = re.compile(r";\s*secure(?=\s*(?:;|$))", re.IGNORECASE)
_PATH = re.compile(r"(;\s*path=)([^;]*)", re.IGNORECASE)


class Incoming(NamedTuple):
    """The head of an upstream's reply, as it goes on to the client and as rules read it."""

    head: Head
    fields: Fields
    headers: Headers
    """The fields as the nouns have them."""

    length: int | None
    """How long the body is, where the head says so."""
    is_stream: bool
    """Whether the body is a sequence of items, which come one by one."""

    @property
    def status(self) -> int:
        """The status of the reply."""
        return self.head.status

    def start(self, more: Fields = ()) -> Message:
        """The message that sends the head, with more fields, each in the place of one by its name."""
        names = {name for name, _ in more}
        own = [field for field in self.fields if field[0].lower() not in names] if names else self.fields
        return {
            "type": "http.response.start",
            "status": self.head.status,
            "headers": [*own, *more, *UPSTREAM],
            "reason": self.head.reason,
        }

    def response(self, body: bytes) -> Response:
        """The response as it came over the wire."""
        return Response(self.head.status, self.headers, body)


@lru_cache(maxsize=64)
def incoming(head: Head) -> Incoming:
    """The head of a reply without the fields that are of the connection to the upstream alone.

    The last ones are kept: a server sends the same fields again and again within a second.
    """
    fields = tuple(field for field in end_to_end(head.fields) if field[0].lower() != UPSTREAM[0][0])
    headers = tuple([(name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in fields])
    named = dict(headers)
    length, media_type = named.get("content-length", ""), named.get("content-type", "")
    is_stream = bool(media_type) and parse_media_type(media_type).is_sequence
    return Incoming(head, fields, headers, int(length) if length.isdecimal() else None, is_stream)


def rewritten(reply: Incoming, address: Address, scope: Scope, own_base: str = "") -> Incoming:
    """A reply whose redirects and cookies lead to the proxy instead of the upstream.

    `own_base` is what stands before each path there: its base path, and what names the session of the request.
    """
    host = next((value.decode("latin-1") for name, value in scope["headers"] if name == b"host"), "")
    scheme = scope.get("scheme", "http")
    fields: list[tuple[bytes, bytes]] = []
    for name, value in reply.fields:
        text = value.decode("latin-1")
        if name.lower() in (b"location", b"content-location") and host:
            text = _location(text, address, f"{scheme}://{host}", own_base)
        elif name.lower() == b"set-cookie":
            text = _cookie(text, address, scheme, own_base)
        fields.append((name, text.encode("latin-1")))
    return incoming(reply.head._replace(fields=tuple(fields)))


def _location(text: str, address: Address, own: str, own_base: str) -> str:
    """A URL at the upstream as it is at the proxy; another one as it is."""
    try:
        parts = urlsplit(text)
        scheme = parts.scheme or address.scheme
        origin = scheme, parts.hostname, parts.port or PORTS.get(scheme)
    except ValueError:
        return text
    if parts.netloc and origin != (address.scheme, address.host, address.port):
        return text
    rest = text[text.index(parts.netloc) + len(parts.netloc) :] if parts.netloc else text
    if address.base_path and rest.startswith("/") and f"{parts.path}/".startswith(f"{address.base_path}/"):
        rest = rest[len(address.base_path) :] or "/"
    if parts.netloc:
        return own + own_base + rest
    return own_base + rest if rest.startswith("/") else rest


def _cookie(text: str, address: Address, scheme: str, own_base: str) -> str:
    """A cookie that a client keeps for the proxy: of no other host, and of HTTP where the proxy speaks that."""
    text = _DOMAIN.sub("", text)
    if scheme == "http":
        text = _SECURE.sub("", text)
    base = address.base_path
    if base or own_base:
        text = _PATH.sub(lambda found: found[1] + own_base + _below(found[2], base), text)
    return text


def _below(path: str, base: str) -> str:
    return path[len(base) :] or "/" if f"{path}/".startswith(f"{base}/") else path


def reply_of(
    passage: Passage,
    reply: Incoming,
    body: bytes,
    is_broken: UpstreamError | None = None,
    unread: str = "",
    hint: str = "",
) -> Reply:
    """The reply of an upstream as the journal and the listeners have it.

    `is_broken` is why it ended too early, `unread` why its body could not be decoded; `hint`
    what would have the mock answer.
    """
    url = passage.upstream.address.url
    sent, received = passage.sent, passage.received
    has_whole_reply = received.is_whole and is_broken is None
    passed = Passed(sent.size, received.size, sent.is_whole, has_whole_reply, is_broken is not None, unread, hint)
    why = f"{url} answered; {hint}" if hint else f"{url} answered"
    if is_broken is not None:
        why = f"{is_broken}; the client has a part of that reply"
    if isinstance(is_broken, ClientLeftError):
        why = str(is_broken)
    return Reply(reply.response(body), why, upstream=url, passed=passed)


async def decoded(response: Response) -> tuple[Response, str]:
    """A response without the codings of its body, and why that cannot be decoded, "" where it can."""
    coding = next((value for name, value in response.headers if name == "content-encoding"), "")
    if not coding or not response.body:
        return response, ""
    try:
        body = await off_loop(partial(decode_body, response.body, coding, budgets.BODY_BYTES))
    except CodingError as error:
        return response, str(error)
    return response._replace(body=body), ""


def tunnel_reply(passage: Passage, reply: Incoming) -> Reply:
    """The reply of an upstream that switched to another protocol, once that has ended."""
    url, sent, received = passage.upstream.address.url, passage.sent.size, passage.received.size
    why = f"{url} switched protocols; then {sent:,} bytes went there, and {received:,} came"
    return Reply(reply.response(b""), why, upstream=url, passed=Passed(sent, received))


def problem_of(error: UpstreamError, is_remocked: bool = False) -> Problem:
    """The problem that an upstream gave no reply, with what would have worked, unless it is mocked where it can be."""
    remedies = ["--upstream-timeout TIME waits longer"] if error.word == SLOW else []
    if not is_remocked:
        remedies.append(f"--remock {error.word} lets the mock answer instead")
    return Problem(504 if error.word == SLOW else 502, "; ".join([str(error), " and ".join(remedies)]).rstrip("; "))


def loop_problem(address: Address) -> Problem:
    """The problem that a request comes back to the proxy that has passed it on."""
    return Problem(508, f"{address.url} leads back to this proxy; --upstream names the server behind it")
