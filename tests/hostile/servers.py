"""The step of servers: a fuzz run against each kind of bad server ends in time, with a true report and exit code."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from tests.corpus import ROOT
from tests.hostile.forking import Ended
from tests.hostile.outputs import faults_of, load, report_faults

SECONDS, MEGABYTES = 12.0, 300.0
CONTRACT = """\
openapi: 3.1.0
info: {title: Days, version: '1'}
paths:
  /days:
    get:
      operationId: getDays
      parameters: [{name: limit, in: query, schema: {type: integer}}]
      responses: {'200': &day {description: D, content: {application/json: {schema: {type: object}}}}}
    post:
      operationId: addDay
      requestBody: {content: {application/json: {schema: {type: object, properties: {a: {type: integer}}}}}}
      responses: {'200': *day}
"""
OURS = ROOT / "tests" / "support" / "bad_server.py"
SHARED = ROOT.parent / "shared" / "cases" / "50-hostile" / "bad_server.py"
_PROGRAM = """
import bad_server, time
for mode, port in bad_server.start().items():
    print(mode, port)
print(flush=True)
time.sleep(9999)
"""
FLAGS = ("--max-time", "8", "--timeout", "2", "--seed", "1", "--format", "json", "--junit", "junit.xml")
MAY_BE_CLEAN = frozenset(
    "sound other ok one-bad informational-first chunk-extensions trailers status-without-reason hundreds-of-headers"
    " many-headers many-cookies setcookie manyheaders nested-gzip bare-line-feeds folded-header".split()
)
"""The modes whose answers may be found to keep the contract, by a lenient reading of HTTP; with others a run fails."""
MAY_BE_UNREACHABLE = frozenset(("full-queue",))
"""The modes that take no connection."""


@dataclass
class Run:
    """What a run against one mode took, and what it did wrong."""

    mode: str
    code: int = 0
    seconds: float = 0.0
    megabytes: float = 0.0
    requests: int = 0
    rules: Sequence[str] = ()
    faults: list[str] = field(default_factory=list)


@contextmanager
def serving(script: Path, folder: Path) -> Iterator[Mapping[str, int]]:
    """The ports of the modes of a bad server, which runs in a process of its own."""
    server = subprocess.Popen(
        [sys.executable, "-c", _PROGRAM],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(script.parent)},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert server.stdout is not None
    try:
        yield {line.split()[0]: int(line.split()[1]) for line in iter(server.stdout.readline, "\n") if line}
    finally:
        server.kill()
        server.communicate()


def fuzzed(mode: str, port: int, folder: Path) -> Run:
    """One run against one mode."""
    home = folder / mode
    home.mkdir()
    (home / "days.yaml").write_text(CONTRACT)
    command = [sys.executable, "-m", "tallystick", "fuzz", "days.yaml", "--url", f"http://127.0.0.1:{port}", *FLAGS]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "TALLYSTICK_DEBUG": "1"}
    started = time.monotonic()
    with (home / "out").open("w+b") as output, (home / "err").open("w+b") as errors:
        process = subprocess.Popen(command, cwd=home, env=environment, stdout=output, stderr=errors)
        ended = _end(process, started, home)
    run = Run(mode, ended.code, ended.wall_seconds, ended.megabytes)
    run.faults = list(_faults(run, ended, home))
    return run


def _end(process: subprocess.Popen[bytes], started: float, home: Path) -> Ended:
    """How a run ended; it is killed after a minute."""
    is_late = False
    while True:
        pid, status, usage = os.wait4(process.pid, os.WNOHANG)
        if pid:
            break
        if time.monotonic() - started > 60 and not is_late:
            process.kill()
            is_late = True
        time.sleep(0.02)
    process.returncode = os.waitstatus_to_exitcode(status)
    return Ended(
        process.returncode,
        (home / "out").read_bytes(),
        (home / "err").read_bytes(),
        usage.ru_utime + usage.ru_stime,
        usage.ru_maxrss / 1024,
        time.monotonic() - started,
        is_late,
    )


def _faults(run: Run, ended: Ended, home: Path) -> Iterator[str]:
    """What a run did wrong."""
    allowed = SECONDS * load()
    if ended.wall_seconds > allowed:
        yield f"ended after {ended.wall_seconds:.1f} s; {allowed:.0f} s are allowed"
    if ended.megabytes > MEGABYTES:
        yield f"took {ended.megabytes:.0f} MB; {MEGABYTES:.0f} are allowed"
    codes = (0, 1, 4) if run.mode in MAY_BE_CLEAN else (1, 3) if run.mode in MAY_BE_UNREACHABLE else (1, 4)
    yield from (fault for fault in faults_of(ended, codes) if not fault.startswith(("time", "memory")))
    if ended.code == 3 and run.mode in MAY_BE_UNREACHABLE:
        return
    junit = home / "junit.xml"
    yield from report_faults("json", ended.output)
    yield from report_faults("junit", junit.read_bytes() if junit.exists() else b"")
    try:
        report = json.loads(ended.output)
    except ValueError:
        return
    run.requests = report["requests"]
    run.rules = sorted({finding["rule"] for finding in report["findings"]})
    has_errors = any(finding["severity"] == "error" for finding in report["findings"])
    whole = 4 if report["stopped"] else 0
    if ended.code != (1 if has_errors or report["nothing_tested"] is not None else whole):
        yield f"exit code {ended.code}, with findings {run.rules} and nothing_tested {report['nothing_tested']!r}"


def measure(scripts: Sequence[Path], parallel: int, only: str = "") -> Iterator[Run]:
    """A run against each mode of each bad server that is there."""
    for script in scripts:
        if not script.exists():
            print(f"{script} is not there, so it is left out")
            continue
        with ExitStack() as stack:
            name = stack.enter_context(tempfile.TemporaryDirectory(prefix="hostile-", ignore_cleanup_errors=True))
            ports = stack.enter_context(serving(script, Path(name)))
            pool = stack.enter_context(ThreadPoolExecutor(parallel))
            modes = [mode for mode in ports if not only or mode in only.split(",")]
            yield from pool.map(partial(fuzzed, folder=Path(name)), modes, [ports[mode] for mode in modes])


def table(runs: Sequence[Run]) -> list[str]:
    """A line for each mode, and what did not hold."""
    lines = [f"{'mode':<30}{'code':>6}{'seconds':>9}{'MB':>6}{'requests':>10}  findings"]
    for run in runs:
        rules = ", ".join(run.rules)
        lines.append(
            f"{run.mode:<30}{run.code:>6}{run.seconds:>9.1f}{run.megabytes:>6.0f}{run.requests:>10}  {rules[:80]}"
        )
        lines += [f"    FAILED {fault[:500]}" for fault in run.faults]
    return lines
