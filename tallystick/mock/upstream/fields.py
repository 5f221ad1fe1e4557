"""The header fields that a proxy passes on, and those that are of one connection alone (RFC 9110, section 7.6)."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from functools import lru_cache
from hashlib import blake2b
from typing import NamedTuple

Fields = Sequence[tuple[bytes, bytes]]

HOP_BY_HOP = frozenset(
    (b"connection", b"proxy-connection", b"keep-alive", b"te", b"transfer-encoding", b"upgrade", b"proxy-authenticate")
)
"""The fields that are of one connection alone, beside those that `Connection` names."""
_NEVER_NAMED = frozenset((b"", b"close", b"content-length"))
_NEVER_TRAILERS = frozenset((b"content-length", b"host"))
_WRITTEN_ANEW = frozenset((b"host", b"via", b"x-forwarded-for", b"x-forwarded-host", b"x-forwarded-proto"))

_START = secrets.token_hex(4)
"""One text for each start: processes that are forked share it."""


class Surroundings(NamedTuple):
    """What the fields of a forwarded request say beside those of the client."""

    authority: bytes
    """The `Host` of the upstream."""
    pseudonym: bytes
    """The name of the proxy in `Via`."""
    client: bytes
    """The client's address, b"" where it is not known."""
    scheme: bytes
    """The scheme of the request's URL."""


class RequestHead(NamedTuple):
    """The head of a request that is passed on."""

    method: bytes
    target: bytes
    fields: tuple[tuple[bytes, bytes], ...]
    """The fields that the client has sent."""
    around: Surroundings
    is_chunked: bool = False
    """Whether a body has no length that is known before."""
    switches: bool = False
    """Whether the client's wish for another protocol goes on, too."""


def pseudonym(url: str) -> bytes:
    """How the proxy of an upstream names itself in `Via`, so that it knows its own requests when they come back."""
    return f"tallystick-{blake2b(f'{_START} {url}'.encode(), digest_size=4).hexdigest()}".encode()


def end_to_end(fields: Fields) -> list[tuple[bytes, bytes]]:
    """The fields of a message that go on to the other end."""
    names = HOP_BY_HOP | named_by_connection(fields)
    return [field for field in fields if field[0].lower() not in names]


def of_trailers(fields: Fields) -> list[tuple[bytes, bytes]]:
    """The trailer fields of a request that go on: none that says where a message ends, or whom it is for."""
    return [field for field in end_to_end(fields) if field[0] not in _NEVER_TRAILERS]


def named_by_connection(fields: Iterable[tuple[bytes, bytes]]) -> frozenset[bytes]:
    """The names of the fields that a message says are of its connection alone.

    `Content-Length` is never one: without it, the other end would take the body for the next message.
    """
    lists = [value for name, value in fields if name.lower() == b"connection"]
    if not lists:
        return frozenset()
    return frozenset(token.strip().lower() for value in lists for token in value.split(b",")) - _NEVER_NAMED


def asks_to_switch(fields: Fields) -> bool:
    """Whether a request that has `Upgrade` wishes for another protocol (RFC 9110, section 7.8)."""
    return b"upgrade" in named_by_connection(fields)


def has_come_back(fields: Fields, own: bytes) -> bool:
    """Whether a request has passed the proxy of a name before."""
    return any(name == b"via" and own in value for name, value in fields)


@lru_cache(maxsize=256)
def request_lines(fields: tuple[tuple[bytes, bytes], ...], around: Surroundings, switches: bool) -> bytes:
    """The header fields of a request as they go to the upstream, each on its line.

    Clients send much the same fields with each request, so the last results are kept.
    """
    return lines(request_fields(fields, around, switches))


def lines(fields: Fields) -> bytes:
    """Fields as HTTP/1.1 has them, each on its line."""
    return b"".join([b"%b: %b\r\n" % (name, value) for name, value in fields])


def request_fields(
    fields: tuple[tuple[bytes, bytes], ...], around: Surroundings, switches: bool
) -> list[tuple[bytes, bytes]]:
    """The header fields of a request as they go to the upstream, those of HTTP/1.1 and of its body among them."""
    first: dict[bytes, bytes] = {}
    for name, value in fields:
        first[name] = first[name] + b", " + value if name in first else value
    names = HOP_BY_HOP | _WRITTEN_ANEW | named_by_connection(fields)
    kept = [(b"host", around.authority), *(field for field in fields if field[0] not in names)]
    if switches:
        kept += [(b"upgrade", first[b"upgrade"]), (b"connection", b"upgrade")]
    elif b"trailers" in first.get(b"te", b"").lower():
        kept += [(b"te", b"trailers"), (b"connection", b"te")]
    if b"transfer-encoding" in first:
        kept = [field for field in kept if field[0] != b"content-length"]
        kept.append((b"transfer-encoding", b"chunked"))
    kept += [
        (b"via", _appended(first.get(b"via"), b"1.1 " + around.pseudonym)),
        (b"x-forwarded-for", _appended(first.get(b"x-forwarded-for"), around.client)),
        (b"x-forwarded-host", first.get(b"x-forwarded-host") or first.get(b"host", b"")),
        (b"x-forwarded-proto", first.get(b"x-forwarded-proto") or around.scheme),
    ]
    return [field for field in kept if field[1] or field[0] not in _WRITTEN_ANEW]


def _appended(before: bytes | None, value: bytes) -> bytes:
    return before + b", " + value if before else value
