"""An application served in this process, as a server does it but for the socket: its event loop and its lifespan.

Requests are handed to a loop in a thread of its own. So what the application leaves running goes on running, several
workers share one loop as they would share a server, and an application that does not answer in time is given up.
Schemathesis's own way there makes a client, a session and two calls across threads for each request.
"""

from __future__ import annotations

import asyncio
import functools
import http
import io
import threading
import time
from collections.abc import Coroutine, Iterator
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from typing import Any
from urllib.parse import unquote, urlsplit

import requests
import urllib3
from requests.utils import get_encoding_from_headers
from schemathesis import Response
from schemathesis.core.transport import EventStreamBuffer, is_event_stream
from schemathesis.generation.overrides import Override
from schemathesis.transport import asgi as registry
from schemathesis.transport.prepare import normalize_base_url

from tallystick.fuzz.application import Message, raised
from tallystick.nouns.errors import UnreachableError

HOST = "testserver"
"""The host that an application in this process takes itself to be at."""
_ASGI = {"version": "3.0", "spec_version": "2.3"}
_LAST_WORDS = 5.0
"""How many seconds an application has to shut down."""
_UNANSWERED = b"the application returned without a response"


class Serving:
    """An ASGI application that is served for as long as the block lasts.

    Raises `UnreachableError` where it does not start.
    """

    def __init__(self, application: Any) -> None:
        self.application = application
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self._run, name="application", daemon=True)
        self.lifespan = _Lifespan(application)

    def _run(self) -> None:
        while True:
            try:
                self.loop.run_forever()
            except SystemExit:  # a task of the application's own asks for the end of the process: the others go on
                continue
            return

    def __enter__(self) -> Serving:
        self.thread.start()
        try:
            self._begin(self.lifespan.start()).result()
        except Exception as error:  # whatever the user's own application raises
            self._end()
            raise UnreachableError(f"the application does not start: {raised(error)}") from error
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(Exception):  # it has answered the last request: what it raises now changes no result
            self._begin(self.lifespan.stop()).result(_LAST_WORDS)
        self._end()

    def answer(self, request: requests.PreparedRequest, seconds: float | None, most_events: int) -> _Call:
        """What the application answers; raises `TimeoutError` where that takes longer than so many seconds.

        A stream of events is read up to so many of them, or for so many seconds.
        """
        call = _Call(request, most_events)
        scope = {**_scope(request), "state": dict(self.lifespan.state)}

        def begin() -> None:
            call.task = self.loop.create_task(self.application(scope, call.receive, call.send))
            call.task.add_done_callback(call.end)

        self.loop.call_soon_threadsafe(begin)
        if not call.over.acquire(timeout=-1 if seconds is None else seconds):
            call.was_cut = True  # at once, whenever its loop comes to it
            self.loop.call_soon_threadsafe(call.cut)
            if call.events is None:
                raise TimeoutError
        return call

    def _begin(self, step: Coroutine[Any, Any, None]) -> Future[None]:
        return asyncio.run_coroutine_threadsafe(step, self.loop)

    def _end(self) -> None:
        with suppress(TimeoutError):  # it blocks its loop, which nothing ends but the end of the process
            self._begin(_end_tasks()).result(_LAST_WORDS)
            self.loop.call_soon_threadsafe(self.loop.stop)
            self.thread.join()
            self.loop.close()


async def _end_tasks() -> None:
    left = asyncio.all_tasks() - {asyncio.current_task()}
    for task in left:
        task.cancel()
    await asyncio.gather(*left, return_exceptions=True)


class _Lifespan:
    """What an application does before its first request and after its last (ASGI, "Lifespan Protocol")."""

    def __init__(self, application: Any) -> None:
        self.application = application
        self.state: dict[str, Any] = {}
        self.steps: asyncio.Queue[Message] = asyncio.Queue()
        self.told: asyncio.Queue[Message | None] = asyncio.Queue()
        self.asked = False
        self.task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self.task = asyncio.create_task(self._run())
        await self._step("startup")

    async def stop(self) -> None:
        if self.task is not None and not self.task.done():
            await self._step("shutdown")

    async def _step(self, name: str) -> None:
        self.steps.put_nowait({"type": f"lifespan.{name}"})
        message = await self.told.get()
        failed = message is not None and message["type"] == f"lifespan.{name}.failed"
        if self.task is not None and (message is None or failed):
            await self.task  # raises what it failed with
        if message is not None and failed:
            raise RuntimeError(message.get("message") or f"it answers {message['type']}")

    async def _run(self) -> None:
        try:
            scope = {"type": "lifespan", "asgi": dict(_ASGI), "state": self.state}
            await self.application(scope, self._receive, self.told.put)
        except Exception:
            if self.asked:
                raise
            # else it says that it does not know the protocol, and does without
        except SystemExit as error:  # which would end the loop, and who waits for it would wait for ever
            raise RuntimeError(f"it asks for the end of the process: {error}") from error
        finally:
            self.told.put_nowait(None)

    async def _receive(self) -> Message:
        self.asked = True
        return await self.steps.get()


def _scope(request: requests.PreparedRequest) -> Message:
    """The request as ASGI has it, with the header fields that a client adds on the wire."""
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
    """One request to an application, and what has come back of it."""

    def __init__(self, request: requests.PreparedRequest, most_events: int) -> None:
        body = request.body or b""
        self.body = body.encode() if isinstance(body, str) else bytes(body)  # type: ignore[arg-type] # nothing streams
        self.method = request.method
        self.most_events = most_events
        self.read = self.was_cut = False
        self.complete = asyncio.Event()
        self.over = threading.Lock()
        """Held until the application has returned."""
        self.over.acquire()
        self.task: asyncio.Task[None] | None = None
        self.status = 0
        self.headers: dict[str, list[str]] = {}
        self.chunks: list[bytes] = []
        self.events: EventStreamBuffer | None = None

    async def receive(self) -> Message:
        if self.read:
            await self.complete.wait()
            return {"type": "http.disconnect"}
        self.read = True
        return {"type": "http.request", "body": self.body, "more_body": False}

    async def send(self, message: Message) -> None:
        if self.was_cut:
            await asyncio.sleep(0)  # where the application is told that it is cancelled, at the latest
            return
        if self.complete.is_set() or (message["type"] == "http.response.start") is bool(self.status):
            raise RuntimeError(f"the application sends {message['type']} where there can be none")
        if message["type"] == "http.response.start":
            self.status = message["status"]
            for name, value in message.get("headers", ()):
                self.headers.setdefault(name.decode("latin-1").lower(), []).append(value.decode("latin-1"))
            if is_event_stream(self.headers.get("content-type", [None])[0]):
                self.events = EventStreamBuffer(self.most_events)
        elif message["type"] == "http.response.body":
            chunk = message.get("body", b"") if self.method != "HEAD" else b""
            self.chunks.append(chunk)
            if not message.get("more_body", False):
                self.complete.set()
            elif self.events is not None and self.events.feed(chunk):
                self.cut()

    def cut(self) -> None:
        """Has no more come; called on the application's own loop."""
        self.was_cut = True
        if self.task is not None:
            self.task.cancel()

    def end(self, _: asyncio.Task[None]) -> None:
        if not self.status:
            self.status, self.chunks = 500, [_UNANSWERED]
        self.over.release()

    @property
    def content(self) -> bytes:
        """The body, without what coding there is for the way, and without an event that is not there as a whole."""
        body = self.events.complete_events if self.events is not None and self.was_cut else b"".join(self.chunks)
        if not body or "content-encoding" not in self.headers:
            return body
        coded = {"content-encoding": ", ".join(self.headers["content-encoding"])}
        try:
            return urllib3.HTTPResponse(io.BytesIO(body), coded, preload_content=False).read(decode_content=True)
        except urllib3.exceptions.DecodeError as error:
            raise requests.exceptions.ContentDecodingError(error) from error


class InProcess(registry.ASGITransport):
    """Schemathesis's transport to an application that is served in this process, and to no other."""

    def __init__(self, serving: Serving) -> None:
        super().__init__()
        self._copy_serializers_from(registry.ASGI_TRANSPORT)
        self.serving = serving

    def send(self, case: Any, *, session: Any = None, **kwargs: Any) -> Response:
        """Sends a case, as Schemathesis sends it over HTTP; credentials are the case's own, for so we configure it."""
        application = kwargs.pop("app", case.operation.app)
        if application is not self.serving.application:
            return super().send(case, session=session, app=application, **kwargs)
        if kwargs.get("base_url") is None:
            kwargs["base_url"] = normalize_base_url(case.operation.base_url, host=HOST)
        if session is not None and session.headers:
            kwargs["headers"] = {**session.headers, **(kwargs.get("headers") or {})}
        settings = case.operation.schema.config
        sent = self.serialize_case(case, **kwargs)
        parts = {part: sent.get(part) for part in ("method", "url", "files", "data", "auth", "cookies", "json")}
        fields = {name: value for name, value in sent["headers"].items() if value is not None}
        request = requests.PreparedRequest()
        request.prepare(headers=fields, params=sent.get("params") or "", **parts)
        seconds = kwargs.get("timeout") or settings.request_timeout_for(operation=case.operation)
        most_events = settings.max_stream_events_for(operation=case.operation)
        override = Override.from_send_kwargs(kwargs)
        return self.exchange(request, seconds, most_events, kwargs.get("verify", True), override)

    def exchange(
        self,
        request: requests.PreparedRequest,
        seconds: float | None,
        most_events: int = 20,
        verify: bool = True,
        override: Override | None = None,
    ) -> Response:
        """The response to a request; raises `requests.ReadTimeout` where there is none in time."""
        started = time.monotonic()
        try:
            call = self.serving.answer(request, seconds, most_events)
        except TimeoutError:
            told = f"Read timed out. (read timeout={seconds})"
            late = urllib3.exceptions.ReadTimeoutError(f"http://{HOST}", str(request.url), told)  # type: ignore[arg-type] # it is only told
            raise requests.ReadTimeout(late, request=request) from None
        return Response(
            status_code=call.status,
            headers=call.headers,
            content=call.content,
            request=request,
            elapsed=time.monotonic() - started,
            verify=verify,
            message=_phrase(call.status),
            encoding=get_encoding_from_headers({name: values[0] for name, values in call.headers.items()}),  # type: ignore[arg-type] # a mapping is enough
            stream_cut_short=call.events is not None and call.was_cut,
            _override=override,
        )


@functools.cache
def _phrase(status: int) -> str:
    try:
        return http.HTTPStatus(status).phrase
    except ValueError:
        return ""


@contextmanager
def in_process(application: Any) -> Iterator[InProcess]:
    """An application that is served, with Schemathesis's requests to it, for as long as the block lasts."""
    before = registry.ASGI_TRANSPORT
    with Serving(application) as serving:
        registry.ASGI_TRANSPORT = InProcess(serving)
        try:
            yield registry.ASGI_TRANSPORT
        finally:
            registry.ASGI_TRANSPORT = before
