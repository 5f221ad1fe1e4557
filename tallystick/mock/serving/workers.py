"""Several processes on one port; the process that has read the contracts forks them and restarts those that fail."""

from __future__ import annotations

import os
import select
import signal
import socket
import stat
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import NoReturn, Protocol

from tallystick.mock.serving.output import say, unblocked_output
from tallystick.nouns.errors import Exit, UnreachableError
from tallystick.nouns.printing import of_server
from tallystick.nouns.threads import start_beside

_TICK = 0.1
"""Seconds between two looks at the workers."""
_PATIENCE = 1.6
"""Seconds until a worker that does not end is killed; a worker waits for its clients for less than that."""
_REST = 1.0
"""The least seconds between two starts of one worker: what fails at once is not started all the time."""


class Serving(Protocol):
    """A server; each worker has a copy of it."""

    def watch_files(self, is_telling: bool) -> None:
        """Have this process serve what its files make of the mock when they change."""

    def serve_part(self, listener: socket.socket) -> None:
        """Serves, as one of several processes, until it is stopped or told to end by a signal."""

    def stop(self) -> None:
        """Ends the serving soon."""

    def is_stopped(self) -> bool:
        """Whether it was stopped, or told to end by a signal."""


def watch(descriptor: int) -> select.poll:
    """A poll object that reports when the reader of a pipe has gone; it reports nothing where there is no pipe."""
    watched = select.poll()
    if stat.S_ISFIFO(os.fstat(descriptor).st_mode):
        watched.register(descriptor, 0)  # poll() reports errors without being asked to
    return watched


class Turns:
    """A context that one process at a time enters, of all that are forked from this one: their lines do not mix."""

    def __init__(self) -> None:
        import fcntl  # for those systems only that can fork

        self._lock = partial(fcntl.lockf, unnamed_file())
        self._take, self._give = fcntl.LOCK_EX, fcntl.LOCK_UN

    def __enter__(self) -> None:
        self._lock(self._take)  # the system takes it from a process that dies

    def __exit__(self, *_: object) -> None:
        self._lock(self._give)


def unnamed_file() -> int:
    """A new file without a name, by its descriptor, which goes with the processes that have it."""
    if sys.platform == "linux":  # which needs no folder that can be written to
        return os.memfd_create("lines")
    with tempfile.TemporaryFile() as file:
        return os.dup(file.fileno())


@dataclass
class _Worker:
    number: int
    listener: socket.socket
    pid: int = 0
    since: float = 0.0


class Workers:
    """Processes that serve one listener each, for as long as this process lives.

    When a worker is killed or fails, stderr says so and another takes its place; new connections
    wait at its listener meanwhile. When one is told to end, all of them end.
    """

    def __init__(self, serving: Serving, listeners: Sequence[socket.socket], release: Callable[[], None]) -> None:
        self.serving = serving
        self.release = release
        self.workers = [_Worker(number, listener) for number, listener in enumerate(listeners, 1)]
        # The holder of one end of a pair learns that the other end is closed, or that its process is gone.
        self.living, self.telling = socket.socketpair(), socket.socketpair()
        self.turns = Turns()

    def run(self, tell: Callable[[], None], output: int) -> None:
        """Serves until the end, or until nobody reads the pipe `output`; `UnreachableError` where one cannot start.

        `tell` is called here, in a thread; when it has returned, `release` is called in each worker.
        """
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)  # were it ignored, waitpid() could not say how a worker ended
        try:
            for worker in self.workers:
                self._start(worker)
            teller = start_beside(partial(self._tell, tell), "what is served")
            unread = watch(output)
            while not self.serving.is_stopped() and not unread.poll(1000 * _TICK):
                for worker in self.workers:
                    self._look_after(worker, may_fork=not teller.is_alive())  # a fork beside a thread may lock up
        finally:
            self._end()

    def _tell(self, tell: Callable[[], None]) -> None:
        try:
            tell()
        finally:
            self.telling[1].close()

    def _start(self, worker: _Worker) -> None:
        sys.stdout.flush()
        sys.stderr.flush()
        try:
            worker.pid = os.fork()
        except OSError as error:
            raise UnreachableError(
                f"worker {worker.number} cannot be started: {error.strerror}; ask for fewer --workers"
            ) from None
        if not worker.pid:
            self._work(worker)
        worker.since = time.monotonic()

    def _work(self, worker: _Worker) -> NoReturn:
        """Serve in a worker, and end its process; it never returns to the code of its parent."""
        code = Exit.FAULT
        try:
            for other in self.workers:
                if other is not worker:
                    other.listener.close()
            for (mine, parents), then in ((self.living, self.serving.stop), (self.telling, self.release)):
                parents.close()
                threading.Thread(target=_when_closed, args=[mine, then], daemon=True).start()
            with unblocked_output(self.serving.stop, self.turns):
                try:
                    self.serving.watch_files(worker.number == 1)
                    self.serving.serve_part(worker.listener)
                finally:
                    self.release()
            code = Exit.CLEAN
        except Exception as error:  # the last resort, as the parent's own is not reached from here
            say(f"tallystick: a fault of tallystick itself: {type(error).__name__}: {error}")
        finally:
            os._exit(code)

    def _look_after(self, worker: _Worker, may_fork: bool) -> None:
        if worker.pid:
            ended, status = os.waitpid(worker.pid, os.WNOHANG)
            if not ended:
                return
            worker.pid, code = 0, os.waitstatus_to_exitcode(status)
            if code == Exit.CLEAN:
                self.serving.stop()
                return
            how = _signal(-code) if code < 0 else f"exit code {code}"
            say(of_server(f"worker {worker.number} ended ({how}); another takes its place"))
        if may_fork and time.monotonic() - worker.since >= _REST:
            self._start(worker)

    def _end(self) -> None:
        self.living[1].close()
        until = time.monotonic() + _PATIENCE
        for worker in self.workers:
            while worker.pid and not os.waitpid(worker.pid, os.WNOHANG)[0]:
                if time.monotonic() > until:
                    os.kill(worker.pid, signal.SIGKILL)
                time.sleep(_TICK / 10)
            worker.listener.close()
        for end in (*self.living, *self.telling):
            end.close()


def _signal(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:  # those for real time have no names
        return f"signal {number}"


def _when_closed(end: socket.socket, then: Callable[[], None]) -> None:
    end.recv(1)
    then()
