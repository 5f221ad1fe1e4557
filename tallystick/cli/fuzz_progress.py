"""The line on the terminal that shows how far a fuzz run is."""

from __future__ import annotations

import shutil
import sys
import time
from typing import TYPE_CHECKING

from tallystick.nouns.printing import print_text, printable

if TYPE_CHECKING:
    from tallystick.fuzz.outcome import Progress

_SECONDS_BETWEEN_REPORTS = 0.1
_LINE_START = "\r\x1b[K"
"""Has a terminal clear its line."""


def line_of(progress: Progress) -> str:
    """The progress of a run in one line."""
    operations = f"{progress.operations:,} of {progress.all_operations:,} operations"
    time_left = f", {progress.seconds_left:.0f} s left" if progress.seconds_left is not None else ""
    counts = f"{progress.requests:,} requests, {progress.findings:,} findings"
    return f"{operations}, {counts}, {progress.seconds:.0f} s{time_left}: {progress.label}"


class ProgressLine:
    """A line on the terminal that shows the progress of the run; nothing if standard error is no terminal."""

    def __init__(self) -> None:
        self.is_watched = sys.stderr.isatty()
        self.last_shown = 0.0

    def show(self, progress: Progress) -> None:
        """Shows how far the run is, unless that was done a moment ago."""
        now = time.monotonic()
        if not self.is_watched or now - self.last_shown < _SECONDS_BETWEEN_REPORTS:
            return
        self.last_shown = now
        line = printable(line_of(progress))[: shutil.get_terminal_size().columns - 1]
        print_text(f"{_LINE_START}{line}", sys.stderr)
        sys.stderr.flush()

    def clear(self) -> None:
        """Takes the line away."""
        if self.last_shown:
            print_text(_LINE_START, sys.stderr)
            sys.stderr.flush()
