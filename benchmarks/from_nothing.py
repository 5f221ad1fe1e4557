"""From nothing to a mocked API: the built wheel in a new environment, and `npx` with Prism beside it.

`python -m benchmarks.from_nothing` builds the wheel, installs each of the two as a user does, starts a mock, and waits
until a request is answered: in turn, with empty caches and then with caches that have all that is downloaded. Caches
and environments are folders of its own, and nothing is left of them. Python and Node.js are there before.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import NamedTuple

from benchmarks.peers import PRISM
from benchmarks.processes import free_port, progress
from benchmarks.results import ROOT

ROUNDS = 3
SECONDS = 600
CONTRACT = """\
openapi: 3.1.1
info: {title: Pets, version: '1'}
paths:
  /pets:
    get:
      operationId: listPets
      responses:
        '200':
          description: Pets
          content: {application/json: {schema: {type: array}, example: [{name: Rex}]}}
"""


class Way(NamedTuple):
    """One way to a mock, in a folder of its own: the lines that are typed, the last of which serves."""

    name: str
    lines: Callable[[Path, int], list[list[str]]]
    cache: tuple[str, str]
    """The variable that names the cache, and what of the cache holds no downloads but an installation."""
    installed: str
    """The folder of what is installed."""


def _ways(wheel: Path) -> list[Way]:
    def from_wheel(folder: Path, port: int) -> list[list[str]]:
        scripts = folder / "env" / "bin"
        return [
            [sys.executable, "-m", "venv", str(folder / "env")],
            [str(scripts / "pip"), "install", "--quiet", str(wheel)],
            [str(scripts / "tallystick"), "mock", "pets.yaml", "--port", str(port)],
        ]

    def from_npm(folder: Path, port: int) -> list[list[str]]:  # noqa: ARG001  # npx has its folder in the cache
        return [["npx", "--yes", PRISM.packages[0], "mock", "pets.yaml", "--port", str(port)]]

    return [
        Way("tallystick", from_wheel, ("PIP_CACHE_DIR", ""), "env"),
        Way("prism", from_npm, ("npm_config_cache", "_npx"), "cache/_npx"),
    ]


def megabytes(folder: Path) -> float:
    """The size of the files of a folder."""
    files = (each for each in folder.rglob("*") if each.is_file() and not each.is_symlink())
    return sum(each.stat().st_size for each in files) / 1e6


def seconds_to_reply(way: Way, folder: Path) -> float:
    """How long a way takes from its first line to the first reply of its mock."""
    port = free_port()
    environment = {**os.environ, way.cache[0]: str(folder / "cache")}
    started = time.monotonic()
    *before, serve = way.lines(folder, port)
    for line in before:
        subprocess.run(line, cwd=folder, env=environment, check=True, timeout=SECONDS)
    mock = subprocess.Popen(
        serve, cwd=folder, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )
    try:
        while not _answers(port):
            if mock.poll() is not None or time.monotonic() - started > SECONDS:
                raise RuntimeError(f"{' '.join(serve)} serves nothing")
            time.sleep(0.02)
        return time.monotonic() - started
    finally:
        if mock.poll() is None:
            os.killpg(mock.pid, 15)
        mock.wait(20)


def _answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/pets", timeout=5) as reply:
            return b"Rex" in reply.read()
    except (urllib.error.URLError, OSError):
        return False


def main() -> None:
    """Measure each way some times, in turn, and print a line for each."""
    with tempfile.TemporaryDirectory() as temporary:
        home = Path(temporary)
        build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(home)]
        subprocess.run(build, cwd=ROOT, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        ways = _ways(next(home.glob("*.whl")))
        taken: dict[tuple[str, str], list[float]] = {}
        sizes: dict[str, tuple[float, float]] = {}
        for caches in ("empty", "full"):
            for _ in range(ROUNDS):
                for way in ways:
                    folder = home / way.name
                    _emptied(way, folder, keeps_cache=caches == "full")
                    seconds = seconds_to_reply(way, folder)
                    progress(f"  {way.name}, {caches} caches: {seconds:.1f} s")
                    taken.setdefault((way.name, caches), []).append(seconds)
                    installed = megabytes(folder / way.installed)
                    within = installed if way.cache[1] else 0
                    sizes[way.name] = megabytes(folder / "cache") - within, installed
        for way in ways:
            empty, full = (median(taken[way.name, caches]) for caches in ("empty", "full"))
            downloaded, installed = sizes[way.name]
            print(
                f"{way.name}: {empty:.1f} s with empty caches, {full:.1f} s with full ones; "
                f"{downloaded:.0f} MB in the cache, {installed:.0f} MB installed"
            )


def _emptied(way: Way, folder: Path, keeps_cache: bool) -> None:
    """The folder of a way as it is before its first line."""
    folder.mkdir(exist_ok=True)
    for each in folder.iterdir():
        if each.name != "cache" or not keeps_cache:
            shutil.rmtree(each) if each.is_dir() else each.unlink()
    if way.cache[1]:
        shutil.rmtree(folder / "cache" / way.cache[1], ignore_errors=True)
    (folder / "pets.yaml").write_text(CONTRACT)


if __name__ == "__main__":
    main()
