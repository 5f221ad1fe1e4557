"""The ASGI side of the mock: what a server gives becomes the nouns of a request, and a reply becomes messages."""

from __future__ import annotations

import string
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from urllib.parse import quote

from starlette.types import Message, Receive, Scope

from tallystick.mock.problem import KIND
from tallystick.mock.roles import Fields, Reply
from tallystick.mock.sessions import session_of
from tallystick.nouns import budgets
from tallystick.nouns.exchange import Headers
from tallystick.wire.reading import headers_by_name


class TooLargeError(Exception):
    """The body of a request is larger than `budgets.BODY_BYTES`."""

    def __init__(self) -> None:
        super().__init__(f"the body is larger than {budgets.BODY_BYTES:,} bytes")


class ClientGoneError(Exception):
    """The client has closed its connection before its request was there as a whole."""


@dataclass(frozen=True, slots=True, eq=False)
class ReadHeaders:
    """The header fields of a request, in order and by name; the `Host` in lower case, and the session that is named.

    Two are equal only if they are one, as those of the requests with the same fields are that came last.
    """

    fields: Headers
    by_name: Mapping[str, str]
    host: str
    session: str


def headers_of(scope: Scope) -> ReadHeaders:
    """The header fields of an ASGI request."""
    try:
        return _read_headers(tuple(scope["headers"]))
    except TypeError:  # the fields are lists, as some servers have them
        return _read_headers(tuple(map(tuple, scope["headers"])))


@lru_cache(maxsize=256)
def _read_headers(fields: Fields) -> ReadHeaders:
    """The header fields, whose names ASGI has in lower case.

    The last results are kept, since a client sends much the same fields with each request.
    """
    headers = tuple([(name.decode("latin-1"), value.decode("latin-1")) for name, value in fields])
    named = headers_by_name(headers)
    host = named.get("host", "").partition(",")[0].lower()
    return ReadHeaders(headers, MappingProxyType(named), host, session_of(named))


def path_of(scope: Scope) -> str:
    """The path of a request, still percent-encoded; bytes beyond ASCII, which some clients send, are encoded here."""
    raw: bytes = scope.get("raw_path") or quote(scope["path"]).encode()
    return raw.decode() if raw.isascii() else quote(raw, safe=string.printable)


def query_of(raw: bytes) -> str:
    """A query as a request noun has it: bytes beyond ASCII, which some clients send, are percent-encoded."""
    return raw.decode() if raw.isascii() else quote(raw, safe=string.printable)


async def body_of(receive: Receive, length: str = "") -> bytes:
    """The whole body of an ASGI request, whose `Content-Length` may be given: what is too large by it is not read.

    Raises `TooLargeError` beyond `budgets.BODY_BYTES`, and `ClientGoneError` where the body does not come.
    """
    if len(length) > 7 and length.isdecimal() and (len(length) > 18 or int(length) > budgets.BODY_BYTES):
        raise TooLargeError
    message = await receive()
    body: bytes = message.get("body", b"")
    if len(body) > budgets.BODY_BYTES:
        raise TooLargeError
    if not message.get("more_body", False):
        if message["type"] == "http.disconnect":
            raise ClientGoneError
        return body
    chunks, size = [body], len(body)
    while message.get("more_body", False):
        message = await receive()
        chunks.append(message.get("body", b""))
        size += len(chunks[-1])
        if size > budgets.BODY_BYTES:
            raise TooLargeError
    if message["type"] == "http.disconnect":
        raise ClientGoneError
    return b"".join(chunks)


def marked(kind: str) -> Fields:
    """The header field that says what answers."""
    return ((KIND.encode(), kind.encode()),)


ENDLESS = "tallystick.endless"
"""The key in a scope that says that its response has no end of its own: it ends with the server."""
STATELESS = marked("stateless")
BODILESS = (204, 304)
"""The statuses of replies that never have a body (RFC 9110, section 6.4.1)."""


def messages_of(reply: Reply, is_head: bool, extra: Fields) -> tuple[Message, Message]:
    """The two messages that send a reply; a reply to HEAD has all header fields, and no body.

    A 204 and a 304 have none either, whatever was given for one: a client would read it as the next reply.
    """
    response = reply.response
    is_bodiless = is_head or response.status in BODILESS
    return (
        {"type": "http.response.start", "status": response.status, "headers": reply.fields + extra},
        {"type": "http.response.body", "body": b"" if is_bodiless else response.body},
    )


def telling(violations: Headers, fields: Fields) -> Fields:
    """Header fields and the one that tells violations, which takes the place of a documented one of the same name."""
    ((name, value),) = violations
    own = (name.encode(), value.encode())
    return (*(field for field in fields if field[0] != own[0]), own)
