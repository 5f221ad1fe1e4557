"""The line on the terminal that shows how far a long piece of work is."""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from tallystick.nouns.printing import print_text, printable
from tallystick.nouns.progress import told_to

_SECONDS_BETWEEN_REPORTS = 0.1
_SECONDS_OF_SILENCE = 1.0
"""How long a check, a diff or the models take before a line shows how far they are."""
_LINE_START = "\r\x1b[K"
"""Has a terminal clear its line."""


class ProgressLine:
    """A line on the terminal that shows the progress of the work; nothing if standard error is no terminal."""

    def __init__(self, seconds_of_silence: float = 0.0) -> None:
        self.is_watched = sys.stderr.isatty()
        self.first = time.monotonic() + seconds_of_silence
        self.last_shown = 0.0

    def show(self, text: str) -> None:
        """Shows how far the work is, unless that was done a moment ago."""
        now = time.monotonic()
        if not self.is_watched or now < self.first or now - self.last_shown < _SECONDS_BETWEEN_REPORTS:
            return
        self.last_shown = now
        line = printable(text)[: shutil.get_terminal_size().columns - 1]
        print_text(f"{_LINE_START}{line}", sys.stderr)
        sys.stderr.flush()

    def clear(self) -> None:
        """Takes the line away."""
        if self.last_shown:
            print_text(_LINE_START, sys.stderr)
            sys.stderr.flush()


@contextmanager
def progress_shown() -> Iterator[None]:
    """Show what is told of the work while the block runs, once it takes long; nothing is left of it."""
    line = ProgressLine(_SECONDS_OF_SILENCE)
    try:
        with told_to(line.show):
            yield
    finally:
        line.clear()
