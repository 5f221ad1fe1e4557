"""Threads beside the one that answers: each ends with its process, which waits for none of them."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable

_PREFIX = "tallystick: "


def start_beside(work: Callable[[], None], name: str) -> threading.Thread:
    """Start a thread that does some work."""
    thread = threading.Thread(target=work, name=f"{_PREFIX}{name}", daemon=True)
    thread.start()
    return thread


def end_beside_threads(code: int) -> None:
    """End the process at once where such a thread is still at work; do nothing where none is.

    Python stops a thread at its end, and aborts where that thread is inside native code. Nothing is flushed, since a
    thread may hold the lock of a stream whose reader takes nothing.
    """
    if any(thread.name.startswith(_PREFIX) for thread in threading.enumerate()):
        os._exit(code)
