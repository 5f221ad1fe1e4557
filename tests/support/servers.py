"""Builders for tests that need servers of others: a Redis and an HAProxy, each a process on free ports."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

MUST_RUN = os.environ.get("TALLYSTICK_SERVERS") == "required"


def _needs(program: str) -> pytest.MarkDecorator:
    """Skips a test where a program is missing, unless it must run."""
    is_missing = shutil.which(program) is None and not MUST_RUN
    return pytest.mark.skipif(is_missing, reason=f"there is no {program}; Debian has it as a package")


needs_redis = _needs("redis-server")
needs_haproxy = _needs("haproxy")


def free_port() -> int:
    """A port of this machine that nobody listens at now."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def wait_for_port(port: int, process: subprocess.Popen[bytes], seconds: float = 20) -> None:
    """Return when somebody listens at a port; fails where the process ends before."""
    until = time.monotonic() + seconds
    while True:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        assert process.poll() is None, f"{process.args!r} has ended"
        assert time.monotonic() < until, f"nobody listens at {port}"
        time.sleep(0.02)


class RedisServer:
    """A Redis with a folder of its own; what it has acknowledged, it has after a kill."""

    def __init__(self, folder: Path, *arguments: str) -> None:
        self.folder = folder
        self.arguments = arguments
        self.port = free_port()
        self.address = f"redis://127.0.0.1:{self.port}/0"
        self.start()

    def start(self) -> None:
        """Start it, or start it again, and wait until it listens."""
        command = ["redis-server", "--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(self.folder)]
        durable = ["--appendonly", "yes", "--appendfsync", "always", "--save", "", "--daemonize", "no"]
        self.process = subprocess.Popen([*command, *durable, *self.arguments], stdout=subprocess.DEVNULL)
        wait_for_port(self.port, self.process)

    def kill(self) -> None:
        """End it at once, as a failing machine does."""
        self.process.send_signal(signal.SIGCONT)
        self.process.kill()
        self.process.wait(20)


@contextlib.contextmanager
def redis_running(folder: Path, *arguments: str) -> Iterator[RedisServer]:
    """A Redis that is ended with the test."""
    folder.mkdir(parents=True, exist_ok=True)
    server = RedisServer(folder, *arguments)
    try:
        yield server
    finally:
        server.kill()
