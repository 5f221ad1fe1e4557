"""A WSGI application (PEP 3333) as an ASGI one: each request is read whole, and answered in a thread of its own.

The end of the process does not wait for the thread of a request that is never answered, as it would for one of a pool.
"""

from __future__ import annotations

import asyncio
import contextvars
import io
import sys
import threading
from collections.abc import Callable, Iterable
from contextlib import suppress

from tallystick.fuzz.asgi import AsgiApplication, Message, Receive, Send
from tallystick.nouns import budgets

WsgiApplication = Callable[[dict[str, object], Callable[..., Callable[[bytes], None]]], Iterable[bytes]]


def wsgi_as_asgi(application: WsgiApplication) -> AsgiApplication:
    """A WSGI application as an ASGI one, which raises the same errors.

    Nothing is sent before the response is complete, so that an error half-way can still become a 500.
    """

    async def answer(scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            raise RuntimeError("WSGI knows only HTTP")
        environ = _environ(scope, await _whole_body(receive))
        status, headers, content = await _in_thread(application, environ)
        fields = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers]
        await send({"type": "http.response.start", "status": status, "headers": fields})
        await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else content})

    return answer


async def _whole_body(receive: Receive) -> bytes:
    body, more = b"", True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    return body


_Reply = tuple[int, list[tuple[str, str]], bytes]
"""Status, header fields and body."""


async def _in_thread(application: WsgiApplication, environ: dict[str, object]) -> _Reply:
    """An application's response, which is made in a thread; where nobody waits any more, it is read no further."""
    loop = asyncio.get_running_loop()
    reply: asyncio.Future[_Reply] = loop.create_future()
    given_up = threading.Event()

    def tell(take: Callable[[], None]) -> None:
        with suppress(RuntimeError):  # the loop is closed: nobody waits
            loop.call_soon_threadsafe(lambda: None if reply.done() else take())

    def call() -> None:
        try:
            result = _call(application, environ, given_up)
        except BaseException as error:  # whatever the user's own application raises
            failure = error
            tell(lambda: reply.set_exception(failure))
        else:
            tell(lambda: reply.set_result(result))

    threading.Thread(target=contextvars.copy_context().run, args=(call,), name="request", daemon=True).start()
    try:
        return await reply
    finally:
        given_up.set()


def _call(application: WsgiApplication, environ: dict[str, object], given_up: threading.Event) -> _Reply:
    """An application's response, whose last call of `start_response` counts.

    Of a body that is too large to be judged, no more is kept than shows that.
    """
    body = bytearray()
    status, headers = "", list[tuple[str, str]]()

    def write(chunk: bytes) -> None:
        body.extend(chunk[: budgets.FUZZ_BODY_BYTES + 1 - len(body)])

    def start_response(
        status_line: str, fields: list[tuple[str, str]], _exc_info: object = None
    ) -> Callable[[bytes], None]:
        nonlocal status, headers
        status, headers = status_line, fields
        return write

    result = application(environ, start_response)
    try:
        for chunk in result:
            write(chunk)
            if given_up.is_set():
                break
    finally:
        close = getattr(result, "close", None)
        if close is not None:
            close()
    if not status:
        raise RuntimeError("the application returned without a call of start_response")
    return int(status.split()[0]), headers, bytes(body)


def _environ(scope: Message, body: bytes) -> dict[str, object]:
    host, port = scope["server"]
    environ: dict[str, object] = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": "",
        "PATH_INFO": scope["path"].encode("utf-8", "surrogateescape").decode("latin-1"),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "SERVER_NAME": host,
        "SERVER_PORT": str(port),
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "CONTENT_LENGTH": str(len(body)) if body else "",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope["scheme"],
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for raw_name, raw_value in scope["headers"]:
        name = raw_name.decode("latin-1").upper().replace("-", "_")
        if name == "CONTENT_LENGTH":
            continue
        variable = name if name == "CONTENT_TYPE" else f"HTTP_{name}"
        value = raw_value.decode("latin-1")
        environ[variable] = f"{environ[variable]},{value}" if variable in environ else value
    return environ
