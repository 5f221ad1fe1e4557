"""Builders for the tests of the command line: the command in this process or in one of its own, and files for it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result
from support.folders import ROOT

from tallystick.cli import main

NOT_INHERITED = frozenset(("NO_COLOR", "FORCE_COLOR", "PYTHONUNBUFFERED"))
"""What a test must not take over from where it runs: an unbuffered stream, for one, hides that its reader has gone."""
CONTRACT = """\
openapi: 3.1.0
info: {title: Days, version: '1'}
paths:
  /day:
    get:
      operationId: getDay
      responses: {'200': {description: A day}}
"""
WARNED = CONTRACT.replace("      operationId: getDay\n", "")
BROKEN = CONTRACT.replace("{description: A day}", "{}")


def run(*arguments: str) -> Result:
    """The command line in this process."""
    return CliRunner().invoke(main, arguments, prog_name="tallystick")


def process(
    *arguments: str, folder: Path | None = None, environment: Mapping[str, str] | None = None, **more: Any
) -> Any:
    """The command line in a process of its own, whose streams are pipes."""
    inherited = {name: value for name, value in os.environ.items() if name not in NOT_INHERITED}
    return subprocess.Popen(
        [sys.executable, "-m", "tallystick", *arguments],
        cwd=folder,
        env={**inherited, "PYTHONPATH": str(ROOT), **(environment or {})},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **more,
    )


def written(folder: Path, name: str, content: str) -> Path:
    """A file with a content, its folders made."""
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(content)
    return file
