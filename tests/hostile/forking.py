"""Runs a piece of work in a process forked from this one, so that imports are paid once, within hard limits."""

from __future__ import annotations

import contextlib
import os
import resource
import signal
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

ADDRESS_SPACE = 4_000_000_000
"""Bytes that a process may map; beyond that it gets no more memory."""
CPU_SECONDS = 12
"""After so many seconds of processor time a process is ended: more than are allowed are told as they are."""
OUTPUT_BYTES = 100_000_000
ESCAPED = 99
"""The exit code of work that an exception escaped from."""


@dataclass(frozen=True)
class Ended:
    """How a process ended, and what it took."""

    code: int
    """The exit code; below zero it is the signal that ended it."""
    output: bytes
    errors: bytes
    cpu_seconds: float
    megabytes: float
    wall_seconds: float
    is_late: bool = False
    """It did not end by itself in time."""


class Forked:
    """A process that runs a piece of work; its output goes to files in a folder."""

    def __init__(self, work: Callable[[], int | None], folder: Path, name: str, cwd: Path) -> None:
        self.files = folder / f"{name}.out", folder / f"{name}.err"
        self.started = time.monotonic()
        self.ended: Ended | None = None
        sys.stdout.flush()
        sys.stderr.flush()
        self.pid = os.fork()
        if not self.pid:
            _work(work, self.files, cwd)

    def output(self) -> bytes:
        """What it has printed so far."""
        try:
            return self.files[0].read_bytes()
        except FileNotFoundError:
            return b""

    def wait(self, seconds: float) -> Ended:
        """How it ended; after so many seconds it is killed, with all that it started."""
        if self.ended is not None:
            return self.ended
        deadline, is_late, pause = time.monotonic() + seconds, False, 0.0005
        while True:
            pid, status, usage = os.wait4(self.pid, os.WNOHANG)
            if pid:
                break
            if time.monotonic() > deadline and not is_late:
                is_late = True
                self.kill()
            time.sleep(pause)
            pause = min(pause * 1.5, 0.02)
        self.kill()
        output, errors = (file.read_bytes() if file.exists() else b"" for file in self.files)
        self.ended = Ended(
            os.waitstatus_to_exitcode(status), output, errors, usage.ru_utime + usage.ru_stime,
            usage.ru_maxrss / 1024, time.monotonic() - self.started, is_late,
        )  # fmt: skip
        return self.ended

    def has_ended(self) -> bool:
        """Whether it has ended by itself already."""
        if self.ended is None and os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None:
            self.wait(0)
        return self.ended is not None

    def terminate(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGTERM)

    def kill(self) -> None:
        """End its whole group: what it started goes with it."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)


def _work(work: Callable[[], int | None], files: tuple[Path, Path], cwd: Path) -> NoReturn:
    """Run the work in the forked process, and end it."""
    code: int | None = ESCAPED
    try:
        os.setsid()
        _redirect(files)
        os.chdir(cwd)
        resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE, ADDRESS_SPACE))
        resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS + 2))
        resource.setrlimit(resource.RLIMIT_FSIZE, (OUTPUT_BYTES, OUTPUT_BYTES))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        code = work()
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 0 if end.code is None else 1
    except BaseException:
        traceback.print_exc()
        code = ESCAPED
    finally:
        try:
            sys.stdout.flush()
            sys.stderr.flush()
        except Exception:
            code = ESCAPED
        os._exit(code or 0)


def _redirect(files: tuple[Path, Path]) -> None:
    """Lead the standard streams to files, and make Python's streams on them anew."""
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    for descriptor, file in ((1, files[0]), (2, files[1])):
        opened = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND)
        os.dup2(opened, descriptor)
        os.close(opened)
    sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115 - open until the end
    sys.stderr = open(2, "w", encoding="utf-8", errors="backslashreplace", closefd=False)  # noqa: SIM115 - the same
