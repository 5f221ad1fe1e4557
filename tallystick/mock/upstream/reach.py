"""A first look at an upstream, before the first request: whether it is there, and whether it is this mock itself."""

from __future__ import annotations

import socket

from tallystick.mock.upstream.address import Address, read_address
from tallystick.nouns.errors import UsageError

_SECONDS = 1.0
"""How long a start waits for an upstream; it starts all the same."""


def first_look(url: str, listener: socket.socket) -> str:
    """A sentence about an upstream that cannot be reached, "" for one that can.

    Raises `UsageError` for an upstream that is the port which `listener` listens on.
    """
    address = read_address(url)
    if _is_own(address, listener):
        raise UsageError(f"--upstream {url}: this is where the mock itself listens; name the server behind it")
    try:
        socket.create_connection((address.host, address.port), timeout=_SECONDS).close()
    except (OSError, UnicodeError) as error:
        return f"{address.url} cannot be reached now ({_reason(error)}); requests are passed on once it can"
    return ""


def _is_own(address: Address, listener: socket.socket) -> bool:
    """Whether an address leads to a port of this machine that a socket listens on."""
    host, port, *_ = listener.getsockname()
    if address.port != port:
        return False
    try:
        hosts = {str(each[4][0]) for each in socket.getaddrinfo(address.host, port, type=socket.SOCK_STREAM)}
    except (OSError, UnicodeError):
        return False
    own = {host, "127.0.0.1", "::1"} if host in ("0.0.0.0", "::") else {host}
    return not own.isdisjoint(hosts)


def _reason(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return "no answer in time"
    return (getattr(error, "strerror", None) or str(error)).lower()
