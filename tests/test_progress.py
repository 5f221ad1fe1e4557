"""The line on the terminal that shows how far a check, a diff or the models are."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path

import pytest
from support.checking import CONTRACT, checked
from support.commands import written

from tallystick.cli import progress as progress_line
from tallystick.cli.progress import ProgressLine, progress_shown
from tallystick.config import Configuration
from tallystick.diff.pairs import compared_between
from tallystick.models import generate
from tallystick.nouns import progress

OTHER = CONTRACT.replace("A day", "The day")


class Terminal:
    """A stream that keeps what is written, and says that it is a terminal, or not."""

    encoding = "utf-8"

    def __init__(self, is_terminal: bool) -> None:
        self.text = ""
        self.is_terminal = is_terminal

    def isatty(self) -> bool:
        return self.is_terminal

    def write(self, text: str) -> int:
        self.text += text
        return len(text)

    def flush(self) -> None:
        """Has nothing to do."""


@pytest.mark.parametrize(("is_terminal", "expected"), [(True, "\r\x1b[Kreading \\x1b[31m\r\x1b[K"), (False, "")])
def test_a_terminal_alone_shows_progress(is_terminal: bool, expected: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is told stands in one line of a terminal, which is taken away at the end; elsewhere nothing is written."""
    stream = Terminal(is_terminal)
    monkeypatch.setattr(sys, "stderr", stream)
    monkeypatch.setattr(progress_line, "_SECONDS_OF_SILENCE", 0.0)
    with progress_shown():
        progress.tell("reading \x1b[31m")
    progress.tell("nobody listens")
    assert stream.text == expected


def test_short_work_shows_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is over soon shows no line."""
    stream = Terminal(is_terminal=True)
    monkeypatch.setattr(sys, "stderr", stream)
    line = ProgressLine(seconds_of_silence=3600)
    line.show("reading")
    line.clear()
    assert stream.text == ""


def test_what_takes_long_tells_what_it_is_at(tmp_path: Path) -> None:
    """A check tells each contract, a diff each operation, the models each contract that they are made of."""
    old, new = str(written(tmp_path, "old.yaml", CONTRACT)), str(written(tmp_path, "new.yaml", OTHER))
    told: list[str] = []
    with progress.told_to(told.append):
        checked(old)
        compared_between(old, new, (), date(2026, 1, 1))
        generate((old,), Configuration(tmp_path), tmp_path / "models")
    assert f"judging {old}" in told
    assert f"{new}: 1 of 1 operations: GET /day" in told
    assert f"models of {old}" in told
    assert told.count(f"reading {old}") == 3
