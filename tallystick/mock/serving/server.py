"""Serving the mock on a port: the socket, the server, and what is printed when it is ready."""

from __future__ import annotations

import contextlib
import errno
import socket
import sys
import threading
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from starlette.types import ASGIApp

from tallystick.mock.serving.faults import tell_faults
from tallystick.mock.serving.output import unblocked_output
from tallystick.mock.serving.workers import Workers, watch
from tallystick.nouns import budgets
from tallystick.nouns.errors import Exit, UnreachableError, UsageError
from tallystick.nouns.printing import print_error
from tallystick.nouns.threads import start_beside
from tallystick.nouns.timeouts import DEFAULTS, Timeouts

if TYPE_CHECKING:
    from tallystick.mock.serving.tls import Certificate

_BACKLOG = 2048
_SPARE_DESCRIPTORS = 300
"""How many file descriptors, half of all at most, are left for contracts, pipes, and connections that are refused."""
_SPREADS = sys.platform == "linux"
"""Whether the system shares connections among all sockets on one port; elsewhere the last socket gets them all."""


def bind(host: str, port: int, count: int = 1) -> list[socket.socket]:
    """Sockets that listen on one port (0 takes a free one), one for each process that is to serve.

    Raises `UnreachableError` where the port is not free, even where another process would share it.
    """
    if not host:
        raise UsageError("--host takes an address, such as 127.0.0.1, or 0.0.0.0 for every one of this machine")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        if count > 1 and _SPREADS:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        listener.listen(_BACKLOG)
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            raise UnreachableError(
                f"port {port} on {host} is in use; give another with -p, or -p 0 for a free one"
            ) from None
        if error.errno == errno.EACCES:
            raise UnreachableError(f"port {port} is not for this user; give one above 1023 with -p") from None
        raise UnreachableError(f"cannot listen on {host}:{port}: {error.strerror or error}") from None
    except OverflowError:
        listener.close()
        raise UnreachableError(f"{port} is not a port; ports go from 0 to 65535") from None
    return [listener, *(_beside(listener) for _ in range(count - 1))]


def _beside(first: socket.socket) -> socket.socket:
    """Another socket on the port of the first: with its own share of the connections, where the system shares them."""
    if _SPREADS:
        listener = socket.socket(first.family, socket.SOCK_STREAM)
        try:
            for option in (socket.SO_REUSEADDR, socket.SO_REUSEPORT):
                listener.setsockopt(socket.SOL_SOCKET, option, 1)
            listener.bind(first.getsockname())
            listener.listen(_BACKLOG)
            return listener
        except OSError:  # the system does not share connections after all
            listener.close()
    return first.dup()


def origin(listener: socket.socket, host: str, scheme: str = "http") -> str:
    """The URL that the server is found at: `http://127.0.0.1:4010`."""
    port = listener.getsockname()[1]
    shown = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)
    return f"{scheme}://{shown}:{port}"


def most_connections() -> int:
    """How many connections a process can hold: some file descriptors are left for all else that it opens."""
    try:
        import resource  # for those systems only that have it
    except ImportError:
        return budgets.CONNECTIONS
    limit, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if limit == resource.RLIM_INFINITY:
        return budgets.CONNECTIONS
    return min(budgets.CONNECTIONS, limit - min(_SPARE_DESCRIPTORS, limit // 2))


Reloading = Callable[[Callable[[ASGIApp], None], Callable[[str], None] | None, threading.Event], None]
"""Watches files until the event is set: calls the first with each new application, the second, if any, with lines about
it."""


class Served:
    """A running server: uvicorn on a socket, until `stop` is called or the process is told to end."""

    def __init__(
        self,
        app: ASGIApp,
        timeouts: Timeouts = DEFAULTS,
        reload: Reloading | None = None,
        certificate: Certificate | None = None,
        close: Callable[[], None] = lambda: None,
    ) -> None:
        import uvicorn  # not for those who only ask what would be served

        from tallystick.mock.serving.protocol import Connection
        from tallystick.mock.serving.uvicorn_server import Server

        most = most_connections()
        config = uvicorn.Config(
            app,
            http=partial(Connection, most_connections=most),  # type: ignore[arg-type]  # called as a class
            log_level="error",
            log_config=None,
            access_log=False,
            lifespan="off",
            ws="none",
            proxy_headers=False,
            server_header=False,
            timeout_graceful_shutdown=1,
            ssl_certfile=certificate.file if certificate is not None else None,
            ssl_keyfile=certificate.key_file if certificate is not None else None,
        )
        config.load()  # before any fork
        self.server = Server(config, timeouts, most)
        self.reload = reload
        self.close = close
        """Called in each process that has served, at its end."""
        self.hand_over: Callable[[], None] = lambda: None
        """Called at the end of each of several processes, for what the process that forked them wants to know."""

    def run(self, listeners: Sequence[socket.socket], tell: Callable[[], None], release: Callable[[], None]) -> None:
        """Serves until the end; returns when the last request is answered, or a second later.

        Several listeners are served by a process each (see `tallystick.mock.serving.workers`). `tell` is called, in a
        thread of its own, once requests are answered: nobody waits for what it prints. `release` is called when it has
        returned, in each process that serves, and again at the end. The end comes, too, when nobody reads the pipe
        that is the standard output any more.
        """
        tell_faults("uvicorn.error", "asyncio")
        output = sys.stdout.fileno()
        if len(listeners) > 1:
            with self.server.capture_signals():
                try:
                    Workers(self, listeners, release).run(tell, output)
                finally:
                    self.server.ended.set()
            return

        def ready() -> None:
            self.watch_files(True)
            tell()
            release()

        when_unread(output, self.stop)
        self.server.ready = ready
        with unblocked_output(self.stop) as self.server.end_output:
            try:
                self.serve(listeners[0])
            finally:
                release()
                self.server.ended.set()

    def serve(self, listener: socket.socket) -> None:
        """Serves in this process, until the end."""
        try:
            self.server.run(sockets=[listener])
        finally:
            self.close()

    def serve_part(self, listener: socket.socket) -> None:
        """Serves as one of several processes, until the end, and hands over what this one has seen."""

        def last_act() -> int:
            self.hand_over()
            return Exit.CLEAN

        self.server.last_act = last_act
        try:
            self.serve(listener)
        finally:
            self.server.ended.set()
            self.hand_over()

    def watch_files(self, is_telling: bool) -> None:
        """Have this process serve what its files make of the mock when they change; one process tells of it."""
        reload = self.reload
        if reload is not None:
            tell = print_error if is_telling else None
            start_beside(lambda: reload(self.use, tell, self.server.ended), "reload")

    def use(self, app: ASGIApp) -> None:
        """Have all requests from now on answered by another application; those that have begun end as they began."""
        server = self.server

        def take_over() -> None:
            server.config.loaded_app = app
            for connection in server.server_state.connections:
                connection.app = app  # type: ignore[union-attr]  # our own connections have it

        if server.loop is None:  # it is about to start
            server.config.loaded_app = app
        else:
            with contextlib.suppress(RuntimeError):  # the loop is closed: the process ends
                server.loop.call_soon_threadsafe(take_over)

    def stop(self) -> None:
        """Ends the serving soon."""
        self.server.should_exit = True

    def is_stopped(self) -> bool:
        """Whether it is to end."""
        return self.server.should_exit


def when_unread(descriptor: int, then: Callable[[], None]) -> None:
    """Calls `then` once whoever reads the pipe at a file descriptor has gone; nothing happens for what is no pipe."""
    unread = watch(descriptor)

    def wait() -> None:
        unread.poll()
        then()

    threading.Thread(target=wait, daemon=True).start()
