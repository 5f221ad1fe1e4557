"""Builders for tests that run the mock as people do: a process on a port, what it prints, and how it ends."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from support.folders import ROOT

PETS = """
openapi: 3.1.0
info: {title: Pets, version: '1'}
paths:
  /pets/{name}:
    post:
      operationId: postPet
      parameters:
        - {name: name, in: path, required: true, schema: {type: string}, example: "Rex's 100% {dog}"}
        - {name: tag, in: query, schema: {type: array, items: {type: string}}, example: [a b, 'c&d']}
      requestBody:
        content: {application/json: {schema: {type: object}, example: {note: "it's $HOME `x` \\\\ é\\n"}}}
      responses: {'204': {description: Done}}
  /pets:
    get:
      operationId: getPets
      responses: {'200': {description: Pets, content: {application/json: {example: []}}}}
"""


class Running:
    """A mock in a process of its own: its first line is read, so it is ready."""

    def __init__(self, *arguments: str, cwd: Path = ROOT, command: str = "mock") -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tallystick", command, *arguments],
            cwd=cwd,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        self.lines = [self.process.stdout.readline()]
        found = re.search(r"http://\S+", self.lines[0])
        self.origin = found[0] if found else ""

    def read_until(self, text: str) -> list[str]:
        """What it prints, up to a line that has a text."""
        assert self.process.stdout is not None
        while text not in self.lines[-1]:
            line = self.process.stdout.readline()
            assert line, f"no line with {text!r} in {self.lines}"
            self.lines.append(line)
        return self.lines

    def get(self, path: str) -> int:
        """The status of a request."""
        try:
            with urllib.request.urlopen(self.origin + path, timeout=10) as reply:
                return int(reply.status)
        except urllib.error.HTTPError as error:
            with error:
                return error.code

    def end(self, number: signal.Signals = signal.SIGINT) -> tuple[int, str, str]:
        """Ends it by a signal: its exit code, and what it still printed to each stream."""
        self.process.send_signal(number)
        assert self.process.stdout is not None
        assert self.process.stderr is not None
        # `communicate` would pass over what `readline` has read ahead.
        with self.process.stdout, self.process.stderr, ThreadPoolExecutor(2) as pool:
            out, err = (pool.submit(stream.read) for stream in (self.process.stdout, self.process.stderr))
            try:
                code = self.process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                raise
            return code, out.result(20), err.result(20)


@contextlib.contextmanager
def running(*arguments: str, cwd: Path = ROOT) -> Iterator[Running]:
    """A mock that is ended with the test, whatever becomes of that."""
    mock = Running(*arguments, cwd=cwd)
    try:
        yield mock
    finally:
        if mock.process.poll() is None:
            mock.process.kill()
            mock.process.communicate()


@contextlib.contextmanager
def running_text(folder: Path, text: str) -> Iterator[Running]:
    """A quiet mock of the contract `test.yaml`, which is written into a folder."""
    file = folder / "test.yaml"
    file.write_text(text)
    with running(str(file), "-p", "0", "-q") as mock:
        yield mock


def run(*arguments: str, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """A command that ends by itself."""
    return subprocess.run(
        [sys.executable, "-m", "tallystick", "mock", *arguments],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
