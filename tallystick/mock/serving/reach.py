"""Who can reach the mock, where that is not this machine alone."""

from __future__ import annotations

import socket

from tallystick.mock.origins import address_of

_ELSEWHERE = ((socket.AF_INET, "192.0.2.1"), (socket.AF_INET6, "2001:db8::1"))
"""Addresses for documentation (RFC 5737, RFC 3849): the way there begins at this machine's own address."""


def who_can_reach(listener: socket.socket, scheme: str = "http") -> str:
    """A sentence on who can reach what listens on a socket, "" for this machine alone."""
    host, port = listener.getsockname()[:2]
    address = address_of(host)
    if address is None or address.is_loopback:
        return ""
    if not address.is_unspecified:
        return f"everyone who reaches {host} can call it; --host 127.0.0.1 keeps it to this machine"
    families = (socket.AF_INET,) if listener.family == socket.AF_INET else (socket.AF_INET, socket.AF_INET6)
    own = [own_address(family, elsewhere) for family, elsewhere in _ELSEWHERE if family in families]
    urls = " and ".join(
        f"{scheme}://[{each}]:{port}" if ":" in each else f"{scheme}://{each}:{port}" for each in own if each
    )
    at = f", at {urls}" if urls else ""
    return f"everyone in the networks of this machine can call it{at}; --host 127.0.0.1 keeps it to this machine"


def own_address(family: socket.AddressFamily, elsewhere: str) -> str:
    """The address from which this machine would send to another one; nothing is sent."""
    with socket.socket(family, socket.SOCK_DGRAM) as asking:
        try:
            asking.connect((elsewhere, 9))
        except OSError:  # there is no way there
            return ""
        host: str = asking.getsockname()[0]
        return host
