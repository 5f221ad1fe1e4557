"""An application served in this process: as a server does it, with an event loop and a lifespan, but without a socket.

Requests are handed to a loop in a thread of its own. So tasks that the application leaves running go on, several
workers share one loop as they would share a server, and an application that does not answer in time is given up.
"""

from __future__ import annotations

import asyncio
import math
import threading
from collections.abc import Coroutine
from concurrent.futures import Future
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit
from weakref import WeakKeyDictionary

import requests
import urllib3

from tallystick.fuzz.asgi import AsgiApplication, Message, Receive, Send
from tallystick.fuzz.body_faults import BodyFault, no_whole_event
from tallystick.fuzz.broken_responses import LateError, TimeUpError, broken_response
from tallystick.fuzz.clock import Clock
from tallystick.fuzz.content_codings import judged_body
from tallystick.fuzz.event_stream import MAX_EVENTS, EventStream, is_event_stream
from tallystick.fuzz.raised import Raised, logged_exceptions_noted, noting, raised_of
from tallystick.nouns import budgets
from tallystick.nouns.errors import UnreachableError
from tallystick.nouns.words import counted
from tallystick.user_code import describe_error

HOST = "testserver"
"""The host of an application in this process, as its requests name it."""
_ASGI = {"version": "3.0", "spec_version": "2.3"}
_NO_RESPONSE = b"the application returned without a response"


@dataclass(frozen=True, slots=True)
class Answer:
    """What an application in this process answered: header fields by name in lower case, the body decoded.

    Where the body cannot be decoded, it is as it came, and `body_fault` says why; of a body that is too large, it is
    the beginning.
    """

    status: int
    headers: dict[str, list[str]]
    content: bytes
    is_cut: bool
    """Whether it is a stream of events that was not read to its end."""
    body_fault: BodyFault | None = None


class ServedApplication:
    """An ASGI application that is served for as long as the block lasts.

    Raises `UnreachableError` if it does not start.
    """

    def __init__(self, application: AsgiApplication, clock: Clock | None = None) -> None:
        self.application = application
        self.clock = clock or Clock()
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self._run, name="application", daemon=True)
        self.lifespan = _Lifespan(application)
        self.raised: WeakKeyDictionary[requests.PreparedRequest, Raised] = WeakKeyDictionary()
        """The exceptions that requests led to."""
        self._noting = ExitStack()

    def _run(self) -> None:
        while True:
            try:
                self.loop.run_forever()
            except SystemExit:  # a task of the application asks for the end of the process: the others go on
                continue
            return

    def __enter__(self) -> ServedApplication:
        self._noting.enter_context(logged_exceptions_noted())
        self.thread.start()
        try:
            self._start()
        except UnreachableError:
            self._end()
            raise
        except Exception as error:  # whatever the user's own application raises
            self._end()
            raise UnreachableError(f"the application does not start: {describe_error(error)}") from error
        return self

    def __exit__(self, *_: object) -> None:
        # The last request is answered: what the application raises now changes no result.
        with suppress(Exception, KeyboardInterrupt):
            self._submit(self.lifespan.stop()).result(budgets.APPLICATION_SHUTDOWN_SECONDS)
        self._end()

    def _start(self) -> None:
        seconds = self.clock.left(budgets.APPLICATION_START_SECONDS)
        start = self._submit(self.lifespan.start())
        try:
            start.result(seconds)
        except TimeoutError:
            if start.done():
                raise  # it is the application's own
            fact = f"its startup has not ended after {seconds:.0f} s"
            raise UnreachableError(f"the application does not start: {fact}") from None

    def answer(
        self, request: requests.PreparedRequest, timeout_seconds: float | None, max_events: int = MAX_EVENTS
    ) -> Answer:
        """The answer to a request; a stream of events is read up to `max_events`, or until the time is up.

        Raises `LateError` if there is none in time, `TimeUpError` if the time of the run is up, and
        `requests.exceptions.ChunkedEncodingError` if it is none that a server could send: its body does not come to its
        end, or has not the length that its header says.
        """
        call = _Call(request, max_events)
        scope = {**_scope(request), "state": dict(self.lifespan.state)}

        def begin() -> None:
            with noting(call.errors):
                call.task = self.loop.create_task(self.application(scope, call.receive, call.send))
            call.task.add_done_callback(call.end)

        self.loop.call_soon_threadsafe(begin)
        seconds = math.inf if timeout_seconds is None else timeout_seconds
        if not self.clock.acquire(call.over, seconds):
            call.is_cut = True  # at once, even if its loop is still busy
            fact = call.lateness(seconds)
            self.loop.call_soon_threadsafe(call.cut)
            if self.clock.is_over:
                raise TimeUpError("the time of the run is up", request, seconds)
            if call.events is None:
                raise LateError(fact, request, seconds)
        if call.errors and call.status >= 500:
            self.raised[request] = raised_of(call.errors[-1])
        return call.answer()

    def for_other_loops(self) -> AsgiApplication:
        """The application for callers in other event loops: it still runs in the loop of this server."""

        async def application(scope: Message, receive: Receive, send: Send) -> None:
            caller = asyncio.get_running_loop()

            async def receive_there() -> Message:
                return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(receive(), caller))

            async def send_there(message: Message) -> None:
                await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(send(message), caller))

            if scope["type"] != "http":
                raise RuntimeError("it is started already")
            whole_scope = {**scope, "state": dict(self.lifespan.state)}
            await asyncio.wrap_future(self._submit(self.application(whole_scope, receive_there, send_there)))

        return application

    def _submit(self, step: Coroutine[object, object, None]) -> Future[None]:
        return asyncio.run_coroutine_threadsafe(step, self.loop)

    def _end(self) -> None:
        # It may block its loop, and then only the end of the process ends it; an interrupt ends the waiting.
        with suppress(TimeoutError, KeyboardInterrupt):
            self._noting.close()
            self._submit(_cancel_tasks()).result(budgets.APPLICATION_SHUTDOWN_SECONDS)
            self.loop.call_soon_threadsafe(self.loop.stop)
            self.thread.join()
            self.loop.close()


async def _cancel_tasks() -> None:
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


class _Lifespan:
    """The start of an application before its first request and its end after the last (ASGI, "Lifespan Protocol")."""

    def __init__(self, application: AsgiApplication) -> None:
        self.application = application
        self.state: dict[str, object] = {}
        self.to_application: asyncio.Queue[Message] = asyncio.Queue()
        self.from_application: asyncio.Queue[Message | None] = asyncio.Queue()
        self.has_asked = False
        self.task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self.task = asyncio.create_task(self._run())
        await self._step("startup")

    async def stop(self) -> None:
        if self.task is not None and not self.task.done():
            await self._step("shutdown")

    async def _step(self, name: str) -> None:
        self.to_application.put_nowait({"type": f"lifespan.{name}"})
        message = await self.from_application.get()
        has_failed = message is not None and message["type"] == f"lifespan.{name}.failed"
        if self.task is not None and (message is None or has_failed):
            await self.task  # raises the error of the application
        if message is not None and has_failed:
            raise RuntimeError(message.get("message") or f"it answers {message['type']}")

    async def _run(self) -> None:
        try:
            scope = {"type": "lifespan", "asgi": dict(_ASGI), "state": self.state}
            await self.application(scope, self._receive, self.from_application.put)
        except Exception:
            if self.has_asked:
                raise
            # else it does not support the protocol, and runs without it
        except SystemExit as error:  # it would end the loop without any message
            raise RuntimeError(f"it asks for the end of the process: {error}") from error
        finally:
            self.from_application.put_nowait(None)

    async def _receive(self) -> Message:
        self.has_asked = True
        return await self.to_application.get()


def _scope(request: requests.PreparedRequest) -> Message:
    """The request as an ASGI scope, with the header fields that a client adds when it sends."""
    parts = urlsplit(str(request.url))
    fields = [(name.lower().encode("latin-1"), _latin(value)) for name, value in request.headers.items()]
    if "host" not in request.headers:
        fields.insert(0, (b"host", parts.netloc.encode()))
    return {
        "type": "http",
        "asgi": dict(_ASGI),
        "http_version": "1.1",
        "method": request.method,
        "scheme": parts.scheme,
        "path": unquote(parts.path),
        "raw_path": parts.path.encode(),
        "root_path": "",
        "query_string": parts.query.encode(),
        "headers": fields,
        "client": ["testclient", 50000],
        "server": [parts.hostname, parts.port or 80],
    }


def _latin(value: str | bytes) -> bytes:
    return value if isinstance(value, bytes) else value.encode("latin-1")


class _Call:
    """One request to an application, and its response so far."""

    def __init__(self, request: requests.PreparedRequest, max_events: int) -> None:
        self.request = request
        body = request.body or b""
        self.body = body.encode() if isinstance(body, str) else bytes(body)  # type: ignore[arg-type] # nothing streams
        self.method = request.method
        self.max_events = max_events
        self.is_read = self.is_cut = False
        self.complete = asyncio.Event()
        self.over = threading.Lock()
        """Held until the application has returned."""
        self.over.acquire()
        self.task: asyncio.Task[None] | None = None
        self.status = 0
        self.headers: dict[str, list[str]] = {}
        self.chunks: list[bytes] = []
        self.size = 0
        """How long the body is; chunks beyond what is judged are not kept."""
        self.events: EventStream | None = None
        self.errors: list[BaseException] = []
        """The exceptions that were raised, or logged, while it was answered."""

    async def receive(self) -> Message:
        if self.is_read:
            await self.complete.wait()
            return {"type": "http.disconnect"}
        self.is_read = True
        return {"type": "http.request", "body": self.body, "more_body": False}

    async def send(self, message: Message) -> None:
        if self.is_cut:
            await asyncio.sleep(0)  # the application notices here, at the latest, that it is cancelled
            return
        if self.complete.is_set() or (message["type"] == "http.response.start") is bool(self.status):
            raise RuntimeError(f"the application sends {message['type']} where there can be none")
        if message["type"] == "http.response.start":
            self.status = message["status"]
            for name, value in message.get("headers", ()):
                self.headers.setdefault(name.decode("latin-1").lower(), []).append(value.decode("latin-1"))
            if is_event_stream(self.headers.get("content-type", [""])[0]):
                self.events = EventStream(self.max_events)
        elif message["type"] == "http.response.body":
            chunk = message.get("body", b"") if self.method != "HEAD" else b""
            self.size += len(chunk)
            if self.size <= budgets.FUZZ_BODY_BYTES:
                self.chunks.append(chunk)
            if not message.get("more_body", False):
                self.complete.set()
            elif self.events is not None and self.events.feed(chunk):
                self.cut()

    def cut(self) -> None:
        """Ends the response here; to be called in the application's own loop."""
        self.is_cut = True
        if self.task is not None:
            self.task.cancel()

    def end(self, _: asyncio.Task[None]) -> None:
        if not self.status:
            self.status, self.chunks, self.size = 500, [_NO_RESPONSE], len(_NO_RESPONSE)
            self.complete.set()
        self.over.release()

    def lateness(self, seconds: float) -> str:
        """What is missing of a response that is late."""
        if not self.status:
            return f"no response came within {seconds:g} s"
        return f"the response was not whole within {seconds:g} s: {counted(self.size, 'byte', ',')} of its body came"

    def answer(self) -> Answer:
        is_cut = self.events is not None and self.is_cut
        body = self.events.complete_events if self.events is not None and is_cut else b"".join(self.chunks)
        if is_cut:
            fault = None if body or self.events is None else no_whole_event(len(self.events.content))
            return Answer(self.status, self.headers, body, is_cut, fault)
        if not self.complete.is_set():
            raise broken_response("the application ended in the middle of its response", self.request)
        if self.size <= budgets.FUZZ_BODY_BYTES:  # of a larger one not all may be here
            self._require_length(self.size)
        body, body_fault = judged_body(body, self.size, ", ".join(self.headers.get("content-encoding", ())))
        return Answer(self.status, self.headers, body, is_cut, body_fault)

    def _require_length(self, length: int) -> None:
        """Raises an error if the body has another length than its `Content-Length`, where there has to be a body."""
        announced = self.headers.get("content-length", [""])[-1]
        if (
            announced.isdecimal()
            and self.method != "HEAD"
            and self.status not in (204, 304)
            and int(announced) != length
        ):
            broken = urllib3.exceptions.IncompleteRead(length, int(announced) - length)
            error = urllib3.exceptions.ProtocolError(f"Connection broken: {broken!r}", broken)
            raise requests.exceptions.ChunkedEncodingError(error, request=self.request)
