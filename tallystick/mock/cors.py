"""Answers to web pages of other origins (CORS), off the path of requests that no page sends."""

from __future__ import annotations

from collections.abc import Awaitable, Sequence
from functools import lru_cache, partial
from time import perf_counter

from starlette.datastructures import Headers as ReadableHeaders
from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tallystick.mock.asgi import headers_of, path_of, query_of
from tallystick.mock.control.application import Control
from tallystick.mock.faults import HEADER as FAULT
from tallystick.mock.problem import HEADER, KIND
from tallystick.mock.roles import Answered, Listener, tell
from tallystick.nouns.exchange import Exchange, Headers, Request, Response

_EXPOSE = b"access-control-expose-headers"
_ALWAYS = ("*", HEADER, KIND, FAULT, "Date")


@lru_cache(maxsize=256)
def _exposed(names: tuple[bytes, ...]) -> bytes:
    """What a page may read of a reply: the headers of the mock, and all that the reply has."""
    own = {name.lower() for name in _ALWAYS}
    sent = (name.decode("latin-1") for name in dict.fromkeys(names) if not name.startswith(b"access-control-"))
    return ", ".join([*_ALWAYS, *(name for name in sent if name not in own)]).encode("latin-1")


class CrossOrigin(CORSMiddleware):
    """Starlette's CORS middleware, open to every origin; listeners are called with a preflight as with any request.

    `without_origin` are the fields of a reply to a request that is of no web page. The control API is not open.
    """

    def __init__(
        self, app: ASGIApp, listeners: Sequence[Listener], without_origin: Headers = (), control: Control | None = None
    ) -> None:
        super().__init__(
            app,
            allow_origin_regex=".*",
            allow_methods=["*"],
            allow_headers=["*"],
            allow_credentials=True,
        )
        self.listeners = listeners
        self.control = control
        self.without_origin = tuple((name.encode(), value.encode()) for name, value in without_origin)

    # A plain call and no coroutine: most requests only pass through.
    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:  # type: ignore[override]
        if scope["type"] != "http" or b"origin" not in dict(scope["headers"]):
            if self.without_origin and scope["type"] == "http" and not self._is_of_control(scope):
                send = partial(self._send_open, send)
            return self.app(scope, receive, send)
        if self._is_of_control(scope):
            return self.app(scope, receive, send)
        fields = ReadableHeaders(scope=scope)
        if scope["method"] == "OPTIONS" and "access-control-request-method" in fields:
            return self._preflight(scope, receive, send, fields)
        return self.simple_response(scope, receive, send, request_headers=fields)

    def _is_of_control(self, scope: Scope) -> bool:
        return self.control is not None and self.control.paths.target(path_of(scope)) is not None

    async def send(self, message: Message, send: Send, request_headers: ReadableHeaders) -> None:
        """Send a message of a reply, which exposes its headers by name: with credentials, `*` is no wildcard."""
        if message["type"] == "http.response.start":
            fields = [field for field in message["headers"] if field[0] != _EXPOSE]
            names = _exposed(tuple([name for name, _ in fields]))
            message = {**message, "headers": [*fields, (_EXPOSE, names)]}
        await super().send(message, send, request_headers)

    async def _send_open(self, send: Send, message: Message) -> None:
        if message["type"] == "http.response.start":
            names = {name for name, _ in self.without_origin}
            kept = [field for field in message["headers"] if field[0].lower() not in names]
            message = {**message, "headers": [*kept, *self.without_origin]}
        await send(message)

    async def _preflight(self, scope: Scope, receive: Receive, send: Send, fields: ReadableHeaders) -> None:
        started = perf_counter()
        response = self.preflight_response(request_headers=fields)
        await response(scope, receive, send)
        if self.listeners:
            request = Request("OPTIONS", path_of(scope), query_of(scope["query_string"]), headers_of(scope).fields)
            sent = Response(response.status_code, tuple(response.headers.items()), bytes(response.body))
            seconds = perf_counter() - started
            tell(self.listeners, Answered(None, Exchange(request, sent), (), seconds, "a CORS preflight"))
