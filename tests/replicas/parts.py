"""The processes that are measured: mocks, an HAProxy with the configuration of `mock_server/deployment`."""

from __future__ import annotations

import contextlib
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from support.folders import ROOT
from support.servers import free_port, wait_for_port

CONFIGURATION = ROOT / "mock_server" / "deployment" / "haproxy.cfg"


class Mock:
    """A mock in a process of its own on a port that it keeps when it is started again."""

    def __init__(self, contract: Path, *arguments: str) -> None:
        self.port = free_port()
        self.contract = contract
        self.arguments = ["-p", str(self.port), "--quiet", *arguments]
        self.start()

    def start(self) -> None:
        """Start it, or start it again."""
        command = [sys.executable, "-m", "tallystick", "mock", str(self.contract), *self.arguments]
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        with (self.contract.parent / f"mock-{self.port}.log").open("ab") as log:
            self.process = subprocess.Popen(
                command, cwd=self.contract.parent, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        wait_for_port(self.port, self.process, 60)

    @property
    def log(self) -> str:
        """What it has printed."""
        return (self.contract.parent / f"mock-{self.port}.log").read_text()

    def children(self) -> list[int]:
        """Its workers."""
        done = subprocess.run(["pgrep", "-P", str(self.process.pid)], capture_output=True, text=True, check=False)
        return [int(word) for word in done.stdout.split()]

    def resident_bytes(self) -> int:
        """How much memory it has now."""
        pages = int(Path(f"/proc/{self.process.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE")

    def kill(self) -> None:
        """End it at once, as a failing machine does."""
        self.process.kill()
        self.process.wait(20)


@contextlib.contextmanager
def mocks(contract: Path, count: int, *arguments: str) -> Iterator[list[Mock]]:
    """Several mocks of one contract."""
    started: list[Mock] = []
    try:
        started.extend(Mock(contract, *arguments) for _ in range(count))
        yield started
    finally:
        for mock in started:
            for worker in mock.children():
                with contextlib.suppress(ProcessLookupError):
                    os.kill(worker, 9)
            mock.kill()


@contextlib.contextmanager
def balanced(folder: Path, mocks: Sequence[Mock]) -> Iterator[int]:
    """The port of an HAProxy before some mocks: the configuration of the deployment with other addresses."""
    port, statistics = free_port(), free_port()
    text = CONFIGURATION.read_text()
    for before, after in (("bind :4010", f"bind 127.0.0.1:{port}"), ("bind :8404", f"bind 127.0.0.1:{statistics}")):
        assert before in text
        text = text.replace(before, after)
    for number, mock in enumerate(mocks, 1):
        text, count = re.subn(rf"mock-{number}:4010", f"127.0.0.1:{mock.port}", text)
        assert count == 1
    file = folder / "haproxy.cfg"
    file.write_text(text)
    with (folder / "haproxy.log").open("ab") as log:
        process = subprocess.Popen(["haproxy", "-db", "-f", str(file)], stdout=log, stderr=log)
    try:
        wait_for_port(port, process)
        yield port
    finally:
        process.terminate()
        process.wait(20)
