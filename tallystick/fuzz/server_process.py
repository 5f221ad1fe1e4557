"""A server that a run starts itself: waited for until it answers, started again when it dies, and ended at the end."""

from __future__ import annotations

import contextlib
import http.client
import os
import re
import shlex
import signal
import socket
import subprocess
import threading
import time
from collections import deque
from dataclasses import dataclass
from typing import NamedTuple

from tallystick.fuzz.clock import SLICE_SECONDS, Clock
from tallystick.nouns import budgets
from tallystick.nouns.errors import UnreachableError, UsageError
from tallystick.nouns.printing import visible

PORT = "{port}"
HOST = "127.0.0.1"
_LOOK_SECONDS = 0.05
_KEPT_LINES = 400
_TOLD_LINES = 8
_LINE_CHARACTERS = 300
_SAYS_WHY = re.compile(r"^\s*(?:[\w.:]*(?:Error|Exception)\b|panic|fatal|thread '.*panicked)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ServerCommand:
    """A command that starts a server on a port of this machine."""

    command: str
    port: int

    @property
    def words(self) -> list[str]:
        """The words of the command, with the port in them."""
        return [word.replace(PORT, str(self.port)) for word in shlex.split(self.command)]


def server_command(command: str, port: int) -> ServerCommand:
    """The command of a text; raises `UsageError` for one that names no port, or cannot be split into words."""
    wanted = "expected a command such as 'uvicorn app:app --port {port}'"
    try:
        words = shlex.split(command)
    except ValueError as error:
        raise UsageError(f"--run {command!r}: {error}; {wanted}") from None
    if not words:
        raise UsageError(f"--run: {wanted}")
    return ServerCommand(command, port)


def free_port() -> int:
    """A port of this machine that nothing listens on."""
    with socket.socket() as listener:
        listener.bind((HOST, 0))
        port: int = listener.getsockname()[1]
        return port


class Death(NamedTuple):
    """The end of a server that nobody had ended."""

    how: str
    lines: tuple[str, ...]
    """The last lines that it wrote."""

    def __str__(self) -> str:
        said = f"; its last lines: {' | '.join(self.lines)}" if self.lines else "; it had written nothing"
        return f"the server died ({self.how}){said}"


class ServerProcess:
    """The server of a run, while the context lasts."""

    def __init__(self, server: ServerCommand, clock: Clock) -> None:
        self.server, self.clock = server, clock
        self.process: subprocess.Popen[bytes] | None = None
        self.deaths: list[Death] = []
        """The deaths that nobody has taken yet."""
        self._lines: deque[str] = deque(maxlen=_KEPT_LINES)
        self._fresh: list[str] = []
        self._reader = threading.Thread()
        self._is_up = threading.Event()
        self._is_ending = threading.Event()
        self._lock = threading.Lock()
        self._watcher = threading.Thread(target=self._watch, name="tallystick-server", daemon=True)

    def __enter__(self) -> ServerProcess:
        self._start()
        try:
            self._wait_until_healthy()
        except BaseException:
            self._end()
            raise
        self._watcher.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._is_ending.set()
        if self._watcher.is_alive():
            self._watcher.join()
        self._end()

    def take_deaths(self, most_seconds: float = 0.0) -> list[Death]:
        """The deaths since they were last taken; waits a moment for one that is being noticed."""
        end = time.monotonic() + most_seconds
        while not self.deaths and time.monotonic() < end:
            time.sleep(_LOOK_SECONDS)
        with self._lock:
            taken, self.deaths = self.deaths, []
        return taken

    @property
    def is_up(self) -> bool:
        """Whether it answers, and is not just started again."""
        return self._is_up.is_set()

    def wait_until_up(self) -> None:
        """Waits for a server that is started again."""
        self._is_up.wait(self.clock.left(budgets.FUZZ_START_SECONDS))

    def forget_lines(self) -> None:
        """Begins to note anew what the server writes."""
        with self._lock:
            self._fresh.clear()

    def why(self, most_seconds: float = 0.0) -> str:
        """The line that says best what went wrong, of those written since `forget_lines`; "" where there is none."""
        end = time.monotonic() + most_seconds
        while True:
            with self._lock:
                lines = [line for line in self._fresh if line.strip()]
            found = next((line for line in reversed(lines) if _SAYS_WHY.match(line)), "")
            if found or time.monotonic() >= end:
                return found.strip()
            time.sleep(_LOOK_SECONDS / 2)

    def _start(self) -> None:
        words = self.server.words
        try:
            process = subprocess.Popen(
                words,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                env={**os.environ, "PORT": str(self.server.port), "PYTHONUNBUFFERED": "1"},
            )
        except OSError as error:
            raise UsageError(f"--run: {words[0]}: cannot be started: {error.strerror or error}") from None
        self.process = process
        self._reader = threading.Thread(target=self._read, args=(process,), name="tallystick-server-log", daemon=True)
        self._reader.start()

    def _read(self, process: subprocess.Popen[bytes]) -> None:
        assert process.stdout is not None
        with process.stdout:
            for raw in process.stdout:
                line = visible(raw.decode("utf-8", "replace").rstrip("\r\n"))[:_LINE_CHARACTERS]
                with self._lock:
                    self._lines.append(line)
                    if len(self._fresh) < _KEPT_LINES:
                        self._fresh.append(line)

    def _wait_until_healthy(self) -> None:
        """Returns when the server answers a request, whatever it says; raises `UnreachableError` if it does not."""
        end = time.monotonic() + self.clock.left(budgets.FUZZ_START_SECONDS)
        while time.monotonic() < end and not self._is_ending.is_set():
            if self.process is not None and self.process.poll() is not None:
                raise UnreachableError(f"--run: {self._death()}")
            connection = http.client.HTTPConnection(HOST, self.server.port, timeout=SLICE_SECONDS * 5)
            try:
                connection.request("GET", "/", headers={"User-Agent": "tallystick"})
                connection.getresponse()
                self._is_up.set()
                return
            except (OSError, http.client.HTTPException):
                time.sleep(_LOOK_SECONDS)
            finally:
                connection.close()
        if not self._is_ending.is_set():
            said = self._told()
            fact = f"nothing answers at http://{HOST}:{self.server.port} after {budgets.FUZZ_START_SECONDS:g} s"
            hint = "" if PORT in self.server.command else f"; does the command listen on the port {PORT}?"
            raise UnreachableError(f"--run: {fact}{hint}" + (f"; its last lines: {' | '.join(said)}" if said else ""))

    def _watch(self) -> None:
        """Notes each death of the server, and starts it again."""
        while not self._is_ending.wait(_LOOK_SECONDS):
            process = self.process
            if process is None or process.poll() is None:
                continue
            self._is_up.clear()
            death = self._death()
            with self._lock:
                self.deaths.append(death)
                self._lines.clear()
            _end_group(process)
            try:
                self._start()
                self._wait_until_healthy()
            except (UnreachableError, UsageError):
                return  # whoever sends requests sees that it is gone

    def _death(self) -> Death:
        assert self.process is not None
        code = self.process.wait()
        time.sleep(_LOOK_SECONDS)  # for its last lines
        how = f"exit code {code}"
        if code < 0:
            with contextlib.suppress(ValueError):
                how = signal.Signals(-code).name
        return Death(how, self._told())

    def _told(self) -> tuple[str, ...]:
        with self._lock:
            return tuple([line.strip() for line in self._lines if line.strip()][-_TOLD_LINES:])

    def _end(self) -> None:
        if self.process is not None:
            _end_group(self.process)
            self._reader.join(budgets.FUZZ_END_SECONDS)  # it ends with the last process that writes


def _end_group(process: subprocess.Popen[bytes]) -> None:
    """Ends a server and every process that it has started in its group."""
    for ending, seconds in ((signal.SIGTERM, budgets.FUZZ_END_SECONDS), (signal.SIGKILL, budgets.FUZZ_END_SECONDS)):
        try:
            os.killpg(process.pid, ending)
        except (ProcessLookupError, PermissionError):
            break
        end = time.monotonic() + seconds
        while time.monotonic() < end and _is_there(process):
            time.sleep(_LOOK_SECONDS / 2)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(budgets.FUZZ_END_SECONDS)


def _is_there(process: subprocess.Popen[bytes]) -> bool:
    process.poll()
    try:
        os.killpg(process.pid, 0)
    except (ProcessLookupError, PermissionError):
        return False
    return True
