"""The consoles that the documentation shows: each command is run, and prints what the page says."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from support.folders import ROOT
from support.servers import free_port

PAGES = ("ci.md", "diff.md", "frontend.md", "proxy.md", "recordings.md")
_FENCE = re.compile(r"^```(?P<kind>\w+)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
_SHOWN_PORTS = ("4010", "8000")
"""The ports of the mock, and of a server beside it."""
_START_SECONDS = 60


@dataclass
class Command:
    """A command line of a console, and what the page shows below it."""

    line: str
    shown: list[str] = field(default_factory=list)


def commands_of(console: str) -> list[Command]:
    """The commands of a console, each with the lines below it."""
    commands: list[Command] = []
    for line in console.splitlines():
        if line.startswith("$ "):
            commands.append(Command(line[2:]))
        elif commands and commands[-1].line.endswith("\\"):
            commands[-1].line = commands[-1].line[:-1] + line.strip()
        else:
            commands[-1].shown.append(line)
    return commands


def pattern_of(shown: list[str]) -> str:
    """What output has to match: `...` is any part of a line, and alone on a line any number of lines."""
    lines = ["(?s:.*)" if line == "..." else re.escape(line).replace(re.escape("..."), ".*") for line in shown]
    return "\n".join(lines)


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """The environment of a reader's shell: tallystick is a command, and nothing is coloured."""
    folder = tmp_path / "bin"
    folder.mkdir()
    command = folder / "tallystick"
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m tallystick "$@"\n')
    command.chmod(0o755)
    return {**os.environ, "PATH": f"{folder}:{os.environ['PATH']}", "NO_COLOR": "1", "PYTHONPATH": str(ROOT)}


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
@pytest.mark.parametrize("name", PAGES)
def test_a_console_shows_what_the_commands_print(name: str, tmp_path: Path, environment: dict[str, str]) -> None:
    """Each command of a page prints what the page shows, run in the order of the page in a folder with its files."""
    project = tmp_path / "project"
    project.mkdir()
    ports = {shown: str(free_port()) for shown in _SHOWN_PORTS}
    with ExitStack() as stack:
        for block in _FENCE.finditer((ROOT / "docs" / name).read_text()):
            kind, text = block["kind"], block["text"]
            file = re.match(r"# (\S+\.\w+)\n", text)
            if kind in ("yaml", "toml", "python") and file is not None:
                (project / file[1]).parent.mkdir(parents=True, exist_ok=True)
                (project / file[1]).write_text(with_ports(text.partition("\n")[2], ports))
            elif kind == "console":
                for command in commands_of(text):
                    output = ran(command, project, environment, ports, stack).rstrip("\n")
                    output = with_ports(output, {port: shown for shown, port in ports.items()})
                    assert re.fullmatch(pattern_of(command.shown), output), f"{command.line}\n{output}"


def with_ports(text: str, ports: Mapping[str, str]) -> str:
    """A text with other ports."""
    for port, other in ports.items():
        text = re.sub(rf"(?<![-\w]){port}(?![-\w])", other, text)
    return text


def ran(command: Command, folder: Path, environment: dict[str, str], ports: Mapping[str, str], stack: ExitStack) -> str:
    """What a command prints; one that ends with `&` stays until the page ends, and has printed its first lines."""
    line = re.sub("tallystick (mock|proxy)", rf"tallystick \1 -p {ports['4010']}", with_ports(command.line, ports))
    if not line.endswith("&"):
        done = subprocess.run(
            ["sh", "-c", line], cwd=folder, env=environment, capture_output=True, text=True, timeout=120
        )
        return done.stdout + (done.stderr if "curl" not in line else "")
    log = folder.parent / f"background-{len(list(folder.parent.glob('background-*')))}.log"
    started = subprocess.Popen(
        ["sh", "-c", f"exec {line[:-1]} > {log} 2>&1"], cwd=folder, env=environment, start_new_session=True
    )
    stack.callback(end, started)
    until = time.monotonic() + _START_SECONDS
    log.touch()
    while time.monotonic() < until and started.poll() is None and "curl -i http" not in log.read_text():
        time.sleep(0.05)
    return "\n".join(log.read_text().splitlines()[: len(command.shown)])


def end(process: subprocess.Popen[bytes]) -> None:
    """Ends what a page has started."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGTERM)
    process.wait(30)
