"""A mock in processes of its own, as a user starts it, and what can be seen of it from outside."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import socket
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

from tests.corpus import ROOT

_START_SECONDS = 120


class Mock:
    """A running mock; where its port is not given it says so in its first line."""

    def __init__(self, command: Sequence[str], log: Path, port: int = 0) -> None:
        self.log = log.open("w+b")
        self.port = port
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=self.log, cwd=ROOT)
        assert self.process.stdout is not None
        if not port:
            first = self.process.stdout.readline().decode()
            address = re.search(r"http://127\.0\.0\.1:(\d+)", first)
            assert address is not None, f"the mock does not start: {first!r}; {log}"
            self.port = int(address[1])
        self.drain = subprocess.Popen(["cat"], stdin=self.process.stdout, stdout=subprocess.DEVNULL)
        self.process.stdout.close()
        self._await_port()

    def _await_port(self) -> None:
        until = time.monotonic() + _START_SECONDS
        while time.monotonic() < until and self.process.poll() is None:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 5):
                return
            time.sleep(0.1)

    def processes(self) -> list[int]:
        """The process and the workers that serve; none once it has ended."""
        if self.process.poll() is not None:
            return []
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        return [self.process.pid, *(int(child) for child in children if _is_worker(int(child)))]

    def megabytes(self) -> float:
        """The resident memory of all processes; what they share counts once for each."""
        texts = [Path(f"/proc/{pid}/status").read_text() for pid in self.processes()]
        return sum(int(size) for text in texts for size in re.findall(r"^VmRSS:\s+(\d+)", text, re.MULTILINE)) / 1024

    def descriptors(self) -> int:
        """The open file descriptors of all processes."""
        return sum(len(os.listdir(f"/proc/{pid}/fd")) for pid in self.processes())

    def end(self) -> tuple[int, float, bytes]:
        """The exit code, the seconds it took to end, and what it said on standard error."""
        started = time.monotonic()
        self.process.terminate()
        try:
            code = self.process.wait(60)
        except subprocess.TimeoutExpired:
            self.process.send_signal(signal.SIGABRT)  # with Python's faulthandler it says where it is
            code = self.process.wait(60)
        seconds = time.monotonic() - started
        self.drain.wait(10)
        with self.log as log:
            log.seek(0)
            return code, seconds, log.read()


def _is_worker(pid: int) -> bool:
    """Whether a child serves; a mock of large contracts also starts a process that checks them."""
    with contextlib.suppress(OSError):
        return b"check" not in Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    return False


def free_port() -> int:
    """A port on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
