"""Commands that write files, killed at random moments: what they write is old or new as a whole."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree

ROOT = Path(__file__).resolve().parents[2]
Files = Mapping[str, bytes]
"""The content of each file, by its path."""

_UNFINISHED = (".tallystick-", ".models.tallystick-")
"""How the names begin of what a killed run may leave behind."""
_APPLICATION = """\
async def app(scope, receive, send):
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"application/json")]})
    await send({"type": "http.response.body", "body": b"[]"})
"""
_CONTRACTS = 3


@dataclass(frozen=True)
class Job:
    """A command, what it writes (a file or a folder), and whether that is whole and new."""

    name: str
    arguments: Sequence[str]
    output: str
    is_new: Callable[[Files, Files], bool]
    """Whether some files are those of a run that came to its end; the second are those of such a run."""


def _same(files: Files, new: Files) -> bool:
    return files == new


def _is_report(files: Files, new: Files) -> bool:
    """Whether the report is whole; its times differ from run to run."""
    if files.keys() != new.keys():
        return False
    try:
        return all(ElementTree.fromstring(octets).tag == "testsuites" for octets in files.values())
    except ElementTree.ParseError:
        return False


JOBS = (
    Job("models", ("models", "openapi", "-o", "models"), "models", _same),
    Job("baseline", ("check", "openapi", "--baseline", "known.toml", "--update-baseline"), "known.toml", _same),
    Job(
        "report",
        ("fuzz", "openapi/contract0.json", "--app", "days:app", *"--max-examples 2 --seed 1 --junit out.xml".split()),
        "out.xml",
        _is_report,
    ),
)


@dataclass
class Tally:
    """What the rounds of one job came to."""

    outcomes: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)


def main(rounds: int) -> int:
    """Kill each command so many times, print a table, and return the number of faults."""
    print(f"{'command':10} {'rounds':>6} {'old':>5} {'new':>5} {'left':>5} {'mended':>6} {'faults':>6}")
    count = 0
    for job in JOBS:
        with tempfile.TemporaryDirectory(prefix="tallystick-kills-") as home:
            tally = measure(job, Path(home), rounds, random.Random(job.name))
        numbers = (tally.outcomes[name] for name in ("old", "new", "left", "mended"))
        old, new, left, mended = numbers
        print(f"{job.name:10} {rounds:6} {old:5} {new:5} {left:5} {mended:6} {len(tally.faults):6}", flush=True)
        for fault in tally.faults[:10]:
            print(f"  {fault}")
        count += len(tally.faults)
    return count


def measure(job: Job, home: Path, rounds: int, chance: random.Random) -> Tally:
    """Kill one command so many times, in a folder of its own."""
    tally = Tally()
    (home / "days.py").write_text(_APPLICATION)
    _contracts(home, 1)
    first = _seconds_of_a_run(job, home)
    old = _files(home / job.output)
    keep = home / "old"
    _copy(home / job.output, keep)
    _contracts(home, 2)
    usual = min(first, _seconds_of_a_run(job, home))
    new = _files(home / job.output)
    assert old
    assert new
    assert new != old or job.is_new is _is_report
    for number, moment in zip(range(rounds), _moments(usual, chance), strict=False):
        if number and not _has_left(home):
            _copy(keep, home / job.output)
        was_old = _files(home / job.output) == old
        _killed(job, home, moment)
        files = _files(home / job.output)
        outcome = "old" if was_old and files == old else "new" if job.is_new(files, new) else "neither"
        tally.outcomes[outcome] += 1
        if outcome == "neither":
            tally.faults.append(f"round {number}: neither old nor new: {sorted(files)}")
        if _has_left(home):
            tally.outcomes["left"] += 1
            _seconds_of_a_run(job, home)
            if _has_left(home) or not job.is_new(_files(home / job.output), new):
                tally.faults.append(f"round {number}: the next run did not mend it")
            else:
                tally.outcomes["mended"] += 1
    return tally


def _contracts(home: Path, version: int) -> None:
    """Contracts whose models, violations and reports differ from version to version."""
    (home / "openapi").mkdir(exist_ok=True)
    for number in range(_CONTRACTS):
        schema = {"type": "object", "properties": {f"v{version}p{index}": {"type": "string"} for index in range(20)}}
        content = {"application/json": {"schema": schema, "example": {f"v{version}p0": version}}}
        responses = {"200": {"description": f"Version {version}", "content": content}}
        paths = {f"/v{version}/days": {"get": {"operationId": "getDays", "responses": responses}}}
        document = {"openapi": "3.1.0", "info": {"title": f"Days {number}", "version": "1"}, "paths": paths}
        (home / "openapi" / f"contract{number}.json").write_text(json.dumps(document, indent=1))


def _moments(usual: float, chance: random.Random) -> Iterator[tuple[bool, float]]:
    """When to kill: that many seconds after the start, or (True) after an unfinished file is seen first."""
    while True:
        yield False, chance.uniform(0, usual)
        yield False, chance.uniform(0.7 * usual, 1.1 * usual)
        yield True, chance.uniform(0, 0.01)


def _started(job: Job, home: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "tallystick", *job.arguments],
        cwd=home,
        env={**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{home}"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def _seconds_of_a_run(job: Job, home: Path) -> float:
    """Let a run come to its end; how long it took."""
    start = time.monotonic()
    assert _started(job, home).wait(120) in (0, 1)
    return time.monotonic() - start


def _killed(job: Job, home: Path, moment: tuple[bool, float]) -> None:
    """Start the command, and kill it with all its processes at a moment."""
    is_sighted, seconds = moment
    process = _started(job, home)
    while is_sighted and process.poll() is None and not _has_left(home):
        time.sleep(0.0002)
    time.sleep(seconds)
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _has_left(home: Path) -> bool:
    """Whether something unfinished is there."""
    folders = [home, *(path for path in (home / "models",) if path.is_dir())]
    return any(name.startswith(_UNFINISHED) for folder in folders for name in os.listdir(folder))


def _files(path: Path) -> dict[str, bytes]:
    """The content of a file, or of each file in a folder but for those that are unfinished."""
    if path.is_file():
        return {path.name: path.read_bytes()}
    return {
        str(file.relative_to(path)): file.read_bytes()
        for file in path.rglob("*")
        if file.is_file() and not file.name.startswith(_UNFINISHED)
    }


def _copy(source: Path, target: Path) -> None:
    if target.is_dir():
        shutil.rmtree(target)
    shutil.copytree(source, target) if source.is_dir() else shutil.copy(source, target)
