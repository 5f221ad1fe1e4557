"""Servers as processes of their own: started on a core, asked until they answer, measured, and always ended."""

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

from benchmarks.contracts import Asked
from benchmarks.results import ROOT, WORK

SERVER_CORE, LOAD_CORE = 0, 1
_TICKS = os.sysconf("SC_CLK_TCK")
_LONGEST_ANSWER = 30.0
_WRONG_ANSWERS = 30
"""So many answers other than success, and a server is given up: some answer before they have read their document."""


class NotServed(Exception):
    """A server did not start, or does not answer as it should."""


@dataclass
class Running:
    """A server that runs: its port, its process, and how long it took to answer."""

    name: str
    port: int
    process: subprocess.Popen[bytes]
    log: Path
    seconds: float = 0.0

    def ids(self) -> list[int]:
        """Its process and all that this started."""
        return tree(self.process.pid)

    def processor_seconds(self) -> float:
        """What its processes have used of the processor so far."""
        return sum(_processor_seconds(pid) for pid in self.ids())

    def memory(self) -> tuple[float, float]:
        """MB of its processes: resident, and with each shared page counted in part."""
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
    """The command, kept to one core where the machine has more than one."""
    if core is None or not shutil.which("taskset") or (os.cpu_count() or 1) < 2:
        return list(command)
    return ["taskset", "-c", str(core), *command]


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def served(
    name: str, command: Sequence[str], port: int, asked: Asked, core: int | None = SERVER_CORE, patience: float = 120
) -> Iterator[Running]:
    """A server, from the first right answer to the end of the block; `NotServed` where there is no such answer."""
    WORK.mkdir(exist_ok=True)
    log = WORK / "logs" / f"{name.replace(' ', '-').replace('/', '-')}.log"
    log.parent.mkdir(exist_ok=True)
    with log.open("wb") as output:
        started = time.perf_counter()
        process = subprocess.Popen(
            pinned(core, command), stdout=output, stderr=subprocess.STDOUT, cwd=ROOT, start_new_session=True
        )
        running = Running(name, port, process, log)
        try:
            _await_answer(running, asked, started + patience)
            running.seconds = time.perf_counter() - started
            yield running
        finally:
            end(process)


def _await_answer(running: Running, asked: Asked, until: float) -> None:
    told = "no answer"
    wrong = 0
    while time.perf_counter() < until:
        if running.process.poll() is not None:
            last = running.log.read_text(errors="replace").strip().splitlines()[-3:]
            raise NotServed(f"it ended with {running.process.returncode}: {' / '.join(last)[:300]}")
        try:
            status, body = ask(running.port, asked)
        except (OSError, http.client.HTTPException) as error:
            told = str(error)
        else:
            if 200 <= status < 300:
                return
            told = f"{status}: {body[:200].decode(errors='replace')}"
            wrong += 1
            if wrong > _WRONG_ANSWERS:
                break
            time.sleep(0.1)
        time.sleep(0.005)
    raise NotServed(f"no right answer: {told}")


def end(process: subprocess.Popen[bytes]) -> None:
    """Ends a process and all that it started: asked at first, then made to."""
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


def ask(port: int, asked: Asked) -> tuple[int, bytes]:
    """Status and body of the answer to one request."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_LONGEST_ANSWER)
    try:
        connection.request(asked.method, asked.path, asked.body or None, dict(asked.headers))
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def tree(root: int) -> list[int]:
    """A process and its descendants that still run."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError, IndexError):
                parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
                children.setdefault(parent, []).append(int(entry.name))
    found = [root]
    for pid in found:
        found += children.get(pid, [])
    return found


def _processor_seconds(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / _TICKS


@dataclass(frozen=True)
class Done:
    """A command that has ended (`code` is -1 where it was made to): its seconds, of the clock and the processor."""

    code: int
    seconds: float
    processor: float
    output: str


def command(words: Sequence[str], limit: float = 300, cwd: Path = ROOT, core: int | None = SERVER_CORE) -> Done:
    """Runs a command to its end, or to the limit."""
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
                ended, status, used = os.wait4(process.pid, os.WNOHANG)
                if ended:
                    code, usage = os.waitstatus_to_exitcode(status), used
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
    told = log.read_text(errors="replace")
    log.unlink()
    return Done(code, seconds, usage.ru_utime + usage.ru_stime, told)


def tell(line: str) -> None:
    """A line of progress."""
    print(line, file=sys.stderr, flush=True)
