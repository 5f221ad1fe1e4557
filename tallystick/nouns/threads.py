"""Threads beside the one that answers: each ends with its process, which waits for none of them."""

from __future__ import annotations

import atexit
import os
import threading
from collections.abc import Callable


def start_beside(work: Callable[[], None], name: str) -> threading.Thread:
    """Start a thread that does some work."""
    thread = threading.Thread(target=work, name=f"tallystick: {name}", daemon=True)
    thread.start()
    return thread


def end_process(code: int) -> None:
    """End the process once what was registered for its end is done, without a look at its threads and its memory.

    Python stops a thread at its end, and aborts where that thread is inside native code; to free large contracts takes
    seconds. Nothing is flushed, since a thread may hold the lock of a stream whose reader takes nothing.
    """
    atexit._run_exitfuncs()
    os._exit(code)
