"""Load from wrk, on a core of its own: one request over and over, on some connections, for some seconds."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from benchmarks.contracts import Asked
from benchmarks.processes import LOAD_CORE, Running, pinned
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
    """What came of one run of the load generator; `busy` is the share of one core that the server used."""

    requests: int
    seconds: float
    refused: int
    broken: int
    p50: float
    p99: float
    server: float
    generator: float

    @property
    def rate(self) -> float:
        """Requests a second."""
        return self.requests / self.seconds

    @property
    def busy(self) -> float:
        """Cores that the server used."""
        return self.server / self.seconds


def available() -> bool:
    """Whether the load generator is there."""
    return shutil.which("wrk") is not None


def script(asked: Asked, pause: float = 0.0) -> Path:
    """The generator's script for one request; each connection waits about `pause` seconds between requests."""
    folder = WORK / "load"
    folder.mkdir(parents=True, exist_ok=True)
    lines = [f"wrk.method = {json.dumps(asked.method)}"]
    lines += [f"wrk.headers[{json.dumps(name)}] = {json.dumps(value)}" for name, value in asked.headers]
    if asked.body:
        body = folder / "body"
        body.write_bytes(asked.body)
        lines.append(f"wrk.body = io.open({json.dumps(str(body))}, 'rb'):read('*a')")
    if pause:  # drawn anew each time, so that the requests come as they do from people who know nothing of each other
        lines.append(
            f"delay = function() return math.floor(0.5 - math.log(1 - math.random()) * {pause * 1000:.3f}) end"
        )
    path = folder / "script.lua"
    path.write_text("\n".join(lines) + _DONE)
    return path


def load(
    server: Running,
    asked: Asked,
    seconds: float,
    connections: int = CONNECTIONS,
    pause: float = 0.0,
    core: int | None = LOAD_CORE,
) -> Load:
    """Loads a server; the generator takes whole seconds, at least one."""
    whole = max(1, round(seconds))
    words = ["wrk", "-t", "1", "-c", str(connections), "-d", f"{whole}s", "--timeout", "20s"]
    words += ["-s", str(script(asked, pause)), f"http://127.0.0.1:{server.port}{asked.path}"]
    before, mine = server.processor_seconds(), _children()
    done = subprocess.run(pinned(core, words), capture_output=True, text=True, timeout=whole + 60)
    used, generated = server.processor_seconds() - before, _children() - mine
    told = next((line[7:] for line in done.stdout.splitlines() if line.startswith("RESULT ")), "")
    if not told:
        raise RuntimeError(f"wrk ended with {done.returncode}: {done.stderr or done.stdout}")
    got = json.loads(told)
    return Load(
        got["requests"],
        got["microseconds"] / 1e6,
        got["refused"],
        got["broken"],
        got["p50"] / 1000,
        got["p99"] / 1000,
        used,
        generated,
    )


def _children() -> float:
    times = os.times()
    return times.children_user + times.children_system
