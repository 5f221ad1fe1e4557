"""The standard streams of a process: which of them are there, and what becomes of output that nobody takes."""

from __future__ import annotations

import os
import sys


def open_missing_streams() -> None:
    """Give the process those standard streams that it was started without (`>&-`); they lead nowhere.

    Otherwise the next file that is opened would be taken for one of them.
    """
    for descriptor, name, mode in ((0, "stdin", "r"), (1, "stdout", "w"), (2, "stderr", "w")):
        if getattr(sys, name) is None:
            try:
                os.fstat(descriptor)
            except OSError:
                _lead_nowhere(descriptor)
            stream = open(descriptor, mode, encoding="utf-8", closefd=False)  # noqa: SIM115 - open until the end
            setattr(sys, name, stream)


def discard_output() -> None:
    """Discard what is not written yet and cannot be: the reader has gone, or there is no room."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            _lead_nowhere(stream.fileno())


def _lead_nowhere(descriptor: int) -> None:
    nowhere = os.open(os.devnull, os.O_RDWR)
    if nowhere != descriptor:
        os.dup2(nowhere, descriptor)
        os.close(nowhere)
