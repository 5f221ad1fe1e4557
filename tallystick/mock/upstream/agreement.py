"""Which version of HTTP a connection speaks: what both sides agree on while TLS begins (ALPN, RFC 7301)."""

from __future__ import annotations

import asyncio
from importlib.util import find_spec

from tallystick.mock.upstream.connection import Connection
from tallystick.mock.upstream.http1 import Http1Connection

HTTP1, HTTP2 = "http/1.1", "h2"
"""The names of the versions there."""


def versions() -> list[str]:
    """The versions that are spoken in this installation, the one that is preferred first."""
    return [HTTP1, HTTP2] if find_spec("h2") is not None else [HTTP1]


class Agreement(asyncio.Protocol):
    """What a connection is until it is known which version is spoken on it; then it is `connection`."""

    connection: Connection

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        tls = transport.get_extra_info("ssl_object")
        version = tls.selected_alpn_protocol() if tls is not None else None
        self.connection = _http2(self.loop) if version == HTTP2 else Http1Connection(self.loop)
        transport.set_protocol(self.connection)
        self.connection.connection_made(transport)


def _http2(loop: asyncio.AbstractEventLoop) -> Connection:
    from tallystick.mock.upstream.http2 import Http2Connection  # an extra, which most installations lack

    return Http2Connection(loop)
