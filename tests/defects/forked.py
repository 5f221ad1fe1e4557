"""Runs `tallystick fuzz` in a process that is forked from one that has imported it already: half of a short run."""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import fastapi  # noqa: F401 - imported before the fork, as all of these are
import flask  # noqa: F401 - likewise

import tallystick.fuzz.engine  # noqa: F401 - likewise
from tallystick.cli import main as command_line
from tests.defects import switch

_FORKED = multiprocessing.get_context("forkserver")
_FORKED.set_forkserver_preload([__name__])


def fuzz(arguments: Sequence[str], folder: Path, name: str, seconds: float) -> tuple[str, str]:
    """What a run writes to its standard output and error; raises `TimeoutExpired` if it takes longer."""
    with tempfile.TemporaryDirectory() as outputs:
        files = str(Path(outputs, "stdout")), str(Path(outputs, "stderr"))
        process = _FORKED.Process(target=_run, args=(tuple(arguments), str(folder), name, files), daemon=True)
        process.start()
        process.join(seconds)
        if process.is_alive():
            process.kill()
            process.join()
            raise subprocess.TimeoutExpired("tallystick fuzz", seconds)
        out, error = (Path(file).read_text(errors="replace") if Path(file).exists() else "" for file in files)
        return out, error


def _run(arguments: tuple[str, ...], folder: str, name: str, files: tuple[str, str]) -> None:
    for descriptor, file in enumerate(files, 1):
        os.dup2(os.open(file, os.O_WRONLY | os.O_CREAT), descriptor)
    os.chdir(folder)
    sys.path.insert(0, folder)
    with switch.switched(name):
        command_line(["fuzz", *arguments], prog_name="tallystick")
