"""Load by wrk, on a core of its own: it repeats one request on some connections for some seconds."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.contracts import HttpRequest
from benchmarks.processes import LOAD_CORE, RunningServer, pinned
from benchmarks.results import WORK

CONNECTIONS = 32
MISSING = "wrk is not installed, and makes the load (Debian: apt-get install wrk; macOS: brew install wrk)"

_DONE = """
done = function(summary, latency, requests)
  local e = summary.errors
  io.write(string.format(
    '\\nRESULT {"requests": %d, "microseconds": %d, "refused": %d, "broken": %d, "p50": %d, "p99": %d}\\n',
    summary.requests, summary.duration, e.status, e.connect + e.read + e.write + e.timeout,
    latency:percentile(50), latency:percentile(99)))
end
"""


@dataclass(frozen=True)
class Load:
    """The result of one run of the load generator.

    `refused` counts error statuses and `broken` failed connections. `p50` and `p99` are milliseconds to an answer.
    """

    requests: int
    seconds: float
    refused: int
    broken: int
    p50: float
    p99: float
    server_seconds: float
    generator_seconds: float
    """Processor time of the server and of the load generator."""

    @property
    def rate(self) -> float:
        """Requests a second."""
        return self.requests / self.seconds

    @property
    def busy(self) -> float:
        """Cores that the server used."""
        return self.server_seconds / self.seconds


def available() -> bool:
    """Whether the load generator is installed."""
    return shutil.which("wrk") is not None


def script(request: HttpRequest, pause: float = 0.0, others: Sequence[HttpRequest] = ()) -> Path:
    """The generator's script for one request; each connection waits about `pause` seconds between requests.

    With `others`, all of them are sent in turn.
    """
    folder = WORK / "load"
    folder.mkdir(parents=True, exist_ok=True)
    lines = [f"wrk.method = {json.dumps(request.method)}"]
    lines += [f"wrk.headers[{json.dumps(name)}] = {json.dumps(value)}" for name, value in request.headers]
    if request.body:
        body = folder / "body"
        body.write_bytes(request.body)
        lines.append(f"wrk.body = io.open({json.dumps(str(body))}, 'rb'):read('*a')")
    if pause:  # random, so that requests arrive as they do from people who act independently
        lines.append(
            f"delay = function() return math.floor(0.5 - math.log(1 - math.random()) * {pause * 1000:.3f}) end"
        )
    if others:
        lines += ["local texts, count = {}, 0", "init = function()"]
        for number, each in enumerate((request, *others), 1):
            headers = ", ".join(f"[{json.dumps(name)}] = {json.dumps(value)}" for name, value in each.headers)
            words = ", ".join((json.dumps(each.method), json.dumps(each.path), f"{{{headers}}}", _quoted(each.body)))
            lines.append(f"  texts[{number}] = wrk.format({words})")
        lines += ["end", "request = function() count = count % #texts + 1; return texts[count] end"]
    path = folder / "script.lua"
    path.write_text("\n".join(lines) + _DONE)
    return path


def _quoted(body: bytes) -> str:
    """A body as a text of Lua."""
    return '"' + "".join(f"\\{byte:03}" for byte in body) + '"'


def load(
    server: RunningServer,
    request: HttpRequest,
    seconds: float,
    connections: int = CONNECTIONS,
    pause: float = 0.0,
    core: int | None = LOAD_CORE,
    others: Sequence[HttpRequest] = (),
) -> Load:
    """Load a server, for whole seconds and at least one; with `others`, each connection sends all in turn."""
    whole = max(1, round(seconds))
    words = ["wrk", "-t", "1", "-c", str(connections), "-d", f"{whole}s", "--timeout", "20s"]
    words += ["-s", str(script(request, pause, others)), f"http://127.0.0.1:{server.port}{request.path}"]
    server_before, generator_before = server.processor_seconds(), _children_seconds()
    finished = subprocess.run(pinned(core, words), capture_output=True, text=True, timeout=whole + 60)
    server_seconds = server.processor_seconds() - server_before
    generator_seconds = _children_seconds() - generator_before
    line = next((line for line in finished.stdout.splitlines() if line.startswith("RESULT ")), "")
    if not line:
        raise RuntimeError(f"wrk ended with {finished.returncode}: {finished.stderr or finished.stdout}")
    result = json.loads(line.removeprefix("RESULT "))
    return Load(
        result["requests"],
        result["microseconds"] / 1e6,
        result["refused"],
        result["broken"],
        result["p50"] / 1000,
        result["p99"] / 1000,
        server_seconds,
        generator_seconds,
    )


def _children_seconds() -> float:
    """Processor time of all finished child processes."""
    times = os.times()
    return times.children_user + times.children_system
