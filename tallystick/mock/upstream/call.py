"""One request as the proxy has it: what came, what of it is read, and what is known of it so far."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from starlette.types import Receive, Scope, Send

from tallystick.mock.asgi import ClientGoneError, query_of
from tallystick.mock.gate import HEADERS, ROUTE
from tallystick.mock.roles import Fields
from tallystick.mock.routes import Route
from tallystick.mock.upstream.fields import has_come_back
from tallystick.mock.upstream.upstream import Upstream
from tallystick.nouns.exchange import Request
from tallystick.nouns.violation import Violation
from tallystick.wire.reading import Reading


class Call:
    """A request that reached an operation with an upstream, at a time of `perf_counter`."""

    def __init__(self, scope: Scope, receive: Receive, send: Send, started: float) -> None:
        self.scope = scope
        self.receive = receive
        self.send = send
        self.started = started
        self.named: Mapping[str, str] = scope[HEADERS].by_name
        self.ahead = b""
        """What of the body is read already."""
        self.is_read = False
        """Whether that is all of it."""
        self.has_begun = False
        """Whether the reply has begun."""
        self.more: Fields = ()
        """Header fields that are added to the reply."""
        self.reading: Reading | None = None
        self.violations: Sequence[Violation] | None = None
        """The violations of the request; None until it is judged."""

    def request(self, body: bytes) -> Request:
        """The request with a body, as the contract has its path."""
        scope = self.scope
        route: Route = scope[ROUTE]
        query = scope["query_string"]
        return Request(scope["method"], route.path, query_of(query) if query else "", scope[HEADERS].fields, body)

    async def read(self, most_bytes: int) -> bool:
        """Read the whole body, unless it is larger: then the rest is left."""
        if "content-length" not in self.named and "transfer-encoding" not in self.named:
            self.is_read = True
        length = self.named.get("content-length", "")
        if length.isdecimal() and len(length) < 19 and int(length) > most_bytes:
            return False
        pieces, size = [self.ahead], len(self.ahead)
        while not self.is_read and size <= most_bytes:
            message = await self.receive()
            if message["type"] == "http.disconnect":
                raise ClientGoneError
            pieces.append(message.get("body", b""))
            size += len(pieces[-1])
            self.is_read = not message.get("more_body", False)
        self.ahead = b"".join(pieces)
        return size <= most_bytes

    def is_loop(self, upstream: Upstream) -> bool:
        """Whether the request has come back from the upstream to which it would go."""
        return "via" in self.named and has_come_back(self.scope["headers"], upstream.pseudonym)

    def target(self, upstream: Upstream) -> bytes:
        """The target of the request at the upstream.

        A base path of the upstream takes the place of that of the contract's servers.
        """
        route: Route = self.scope[ROUTE]
        path = route.path if upstream.address.base_path else server_prefix(route) + route.path
        return with_query(upstream.base_path + path.encode(), self.scope["query_string"])


def server_prefix(route: Route) -> str:
    """What a request has before its path that is the base path of a server of the contract, "" for anything else."""
    if not route.prefix:
        return ""
    bases = {server.base_path for server in route.operation.servers}
    return max((base for base in bases if base and route.prefix.endswith(base)), key=len, default="")


def with_query(path: bytes, query: bytes) -> bytes:
    """A path with the query of a request."""
    return path + b"?" + query if query else path
