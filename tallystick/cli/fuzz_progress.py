"""What the line on the terminal says of a fuzz run."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tallystick.fuzz.outcome import Progress


def line_of(progress: Progress) -> str:
    """The progress of a run in one line."""
    operations = f"{progress.operations:,} of {progress.all_operations:,} operations"
    time_left = f", {progress.seconds_left:.0f} s left" if progress.seconds_left is not None else ""
    counts = f"{progress.requests:,} requests, {progress.findings:,} findings"
    return f"{operations}, {counts}, {progress.seconds:.0f} s{time_left}: {progress.label}"
