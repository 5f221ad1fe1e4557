"""uvicorn, with the end of this server: soon, whatever a request is doing, and without raising a signal again."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from types import FrameType
from typing import cast

import uvicorn

from tallystick.mock.serving.output import say_ended
from tallystick.mock.serving.waits import Watch, Watched
from tallystick.nouns.errors import Exit
from tallystick.nouns.threads import start_beside
from tallystick.nouns.timeouts import Timeouts

_SIGNALS = (signal.SIGINT, signal.SIGTERM)
_MOST_SECONDS_TO_END = 1.5
"""How long a process that was told to end may still be busy with its requests."""
_LAST_WORD_SECONDS = 0.2
"""How long such a process has to print what waits, where it was busy for so long."""


class Server(uvicorn.Server):
    """uvicorn, ending where it is told to by a signal, and not raising that signal again after its end.

    `ready` is called, in a thread of its own, once requests are answered; `end_output` before the process ends at once.
    """

    def __init__(self, config: uvicorn.Config, timeouts: Timeouts, most_connections: int) -> None:
        super().__init__(config)
        self.most_connections = most_connections
        self.watch = Watch(timeouts)
        self.loop: asyncio.AbstractEventLoop | None = None
        self.ready: Callable[[], None] | None = None
        self.end_output: Callable[[], None] = lambda: None
        self.ended = threading.Event()
        self.last_act: Callable[[], int] = lambda: Exit.CLEAN
        """What is left to do at the end, also where that is cut short; it gives the exit code."""

    async def on_tick(self, counter: int) -> bool:
        """Looks for connections that have waited too long, too."""
        self.watch.look(cast("set[Watched]", self.server_state.connections), time.monotonic())
        return await super().on_tick(counter)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begins, and says that requests are answered."""
        self.loop = asyncio.get_running_loop()
        context = self.config.ssl
        if context is None or sockets is None:
            await super().startup(sockets=sockets)
        else:
            await self._start_tls(sockets, context)
        if self.ready is not None:
            start_beside(self.ready, "what is served")

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Ends, once the application has let go of what it has in this event loop."""
        await super().shutdown(sockets)
        let_go = getattr(self.config.loaded_app, "let_go", None)
        if let_go is not None:
            await let_go()

    async def _start_tls(self, sockets: list[socket.socket], context: ssl.SSLContext) -> None:
        """Begins on a port of HTTPS, as uvicorn would, but for clients that do not speak it."""
        from tallystick.mock.serving.tls_listener import TlsListener  # few mocks serve HTTPS

        await self.lifespan.startup()

        def make_protocol() -> asyncio.Protocol:
            return self.config.http_protocol_class(  # type: ignore[call-arg]  # as uvicorn itself has it
                config=self.config, server_state=self.server_state, app_state=self.lifespan.state, _loop=self.loop
            )

        listeners = [TlsListener(each, context, make_protocol, self.most_connections) for each in sockets]
        self.servers = cast("list[asyncio.base_events.Server]", listeners)
        self.started = True

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Ends soon; a thread sees to it that it is soon enough, whatever a request is doing."""
        super().handle_exit(sig, frame)
        start_beside(self._end_in_time, "the end")

    def _end_in_time(self) -> None:
        if not self.ended.wait(_MOST_SECONDS_TO_END):
            start_beside(self._say_last, "the last line").join(_LAST_WORD_SECONDS)
            os._exit(self.last_act())

    def _say_last(self) -> None:
        say_ended()
        self.end_output()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Ends at a signal meanwhile, where this is the main thread."""
        if threading.current_thread() is not threading.main_thread():
            yield  # a mock for tests, beside what the process is for
            return
        handlers = {number: signal.signal(number, self.handle_exit) for number in _SIGNALS}
        try:
            yield
        finally:
            for number, handler in handlers.items():
                signal.signal(number, handler)
