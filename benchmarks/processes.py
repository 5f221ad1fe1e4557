"""Servers and commands as processes of their own: pinned to a core, measured, and always stopped."""

from __future__ import annotations

import contextlib
import http.client
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.contracts import HttpRequest
from benchmarks.results import ROOT, WORK

SERVER_CORE, LOAD_CORE = 0, 1
_TICKS = os.sysconf("SC_CLK_TCK")
_LONGEST_ANSWER = 30.0
_WRONG_ANSWERS = 30
"""How many answers without success are accepted at start: some servers answer before they have read the document."""


class NotServed(Exception):
    """A server did not start, or does not answer as it should."""


@dataclass
class RunningServer:
    """A running server: its port, its process, and the seconds from its start to its first right answer."""

    name: str
    port: int
    process: subprocess.Popen[bytes]
    log: Path
    seconds: float = 0.0

    def ids(self) -> list[int]:
        """The ids of its process and of all descendants."""
        return tree(self.process.pid)

    def processor_seconds(self) -> float:
        """The processor time that its processes have used so far."""
        return sum(_processor_seconds(pid) for pid in self.ids())

    def memory(self) -> tuple[float, float]:
        """MB of its processes: resident, and with each shared page divided among those that share it."""
        resident = proportional = 0
        for pid in self.ids():
            with contextlib.suppress(OSError):
                for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
                    if line.startswith("Rss:"):
                        resident += int(line.split()[1])
                    elif line.startswith("Pss:"):
                        proportional += int(line.split()[1])
        return resident / 1024, proportional / 1024


def pinned(core: int | None, command: Sequence[str]) -> list[str]:
    """A command that runs on one core, where the machine has more than one."""
    if core is None or not shutil.which("taskset") or (os.cpu_count() or 1) < 2:
        return list(command)
    return ["taskset", "-c", str(core), *command]


def free_port() -> int:
    """A port on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def served(
    name: str,
    command: Sequence[str],
    port: int,
    request: HttpRequest,
    core: int | None = SERVER_CORE,
    patience: float = 120,
) -> Iterator[RunningServer]:
    """A server that runs from its first right answer to the end of the block.

    Raises `NotServed` where there is no such answer within `patience` seconds.
    """
    WORK.mkdir(exist_ok=True)
    log = WORK / "logs" / f"{name.replace(' ', '-').replace('/', '-')}.log"
    log.parent.mkdir(exist_ok=True)
    with log.open("wb") as output:
        started = time.perf_counter()
        process = subprocess.Popen(
            pinned(core, command), stdout=output, stderr=subprocess.STDOUT, cwd=ROOT, start_new_session=True
        )
        running = RunningServer(name, port, process, log)
        try:
            _await_answer(running, request, started + patience)
            running.seconds = time.perf_counter() - started
            yield running
        finally:
            stop(process)


def _await_answer(running: RunningServer, request: HttpRequest, until: float) -> None:
    answer = "no answer"
    wrong_answers = 0
    while time.perf_counter() < until:
        if running.process.poll() is not None:
            last = running.log.read_text(errors="replace").strip().splitlines()[-3:]
            raise NotServed(f"it ended with {running.process.returncode}: {' / '.join(last)[:300]}")
        try:
            status, body = send(running.port, request)
        except (OSError, http.client.HTTPException) as error:
            answer = str(error)
        else:
            if 200 <= status < 300:
                return
            answer = f"{status}: {body[:200].decode(errors='replace')}"
            wrong_answers += 1
            if wrong_answers > _WRONG_ANSWERS:
                break
            time.sleep(0.1)
        time.sleep(0.005)
    raise NotServed(f"no right answer: {answer}")


def stop(process: subprocess.Popen[bytes]) -> None:
    """Stop a process and all its descendants, by SIGTERM first and SIGKILL after five seconds."""
    ids = tree(process.pid)
    process.terminate()
    try:
        process.wait(5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(5)
    for pid in ids[1:]:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def send(port: int, request: HttpRequest) -> tuple[int, bytes]:
    """Send one request; return the status and body of the answer."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_LONGEST_ANSWER)
    try:
        connection.request(request.method, request.path, request.body or None, dict(request.headers))
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def tree(root: int) -> list[int]:
    """The ids of a process and of its descendants that still run."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError, IndexError):
                parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
                children.setdefault(parent, []).append(int(entry.name))
    ids = [root]
    for pid in ids:  # the list grows during the loop
        ids += children.get(pid, [])
    return ids


def _processor_seconds(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / _TICKS


@dataclass(frozen=True)
class FinishedCommand:
    """A finished command, and what it took."""

    code: int
    """Its exit code, -1 where it was killed."""
    seconds: float
    processor_seconds: float
    megabytes: float
    """The most memory that it had."""
    output: str


def run_command(
    words: Sequence[str], limit: float = 300, cwd: Path = ROOT, core: int | None = SERVER_CORE
) -> FinishedCommand:
    """Run a command; kill it after `limit` seconds."""
    log = WORK / "logs" / f"command-{os.getpid()}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as output:
        started = time.perf_counter()
        process = subprocess.Popen(
            pinned(core, words), stdout=output, stderr=subprocess.STDOUT, cwd=cwd, start_new_session=True
        )
        code, usage = -1, None
        try:
            while usage is None and time.perf_counter() - started < limit:
                pid, status, pid_usage = os.wait4(process.pid, os.WNOHANG)
                if pid:
                    code, usage = os.waitstatus_to_exitcode(status), pid_usage
                else:
                    time.sleep(0.002)
        finally:
            if usage is None:
                for pid in tree(process.pid):
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(pid, signal.SIGKILL)
                _, _, usage = os.wait4(process.pid, 0)
            process.returncode = code
        seconds = time.perf_counter() - started
    output_text = log.read_text(errors="replace")
    log.unlink()
    return FinishedCommand(code, seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, output_text)


def progress(line: str) -> None:
    """Print a line of progress."""
    print(line, file=sys.stderr, flush=True)
