"""Ends the making of models that takes far more processor time than a contract of its size does."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_REPEATED_SECONDS = 0.2
"""How soon it is said again, since a callback of the interpreter may swallow it once."""


class TooSlowError(BaseException):
    """The time is up; no `Exception`, because the generator has handlers of its own for these."""


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Raises `TooSlowError` in a block that takes more processor time.

    Only the main thread can be interrupted, and only where the system has timers of processor time; elsewhere the
    block takes its time.
    """
    if threading.current_thread() is not threading.main_thread() or not hasattr(signal, "ITIMER_PROF"):
        yield
        return
    before = signal.signal(signal.SIGPROF, _interrupt)
    try:
        try:
            signal.setitimer(signal.ITIMER_PROF, seconds, _REPEATED_SECONDS)
            yield
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)
    finally:  # the time may be up at the end of the block itself, before the timer is stopped
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def _interrupt(*_: object) -> None:
    raise TooSlowError
