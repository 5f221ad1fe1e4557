"""The time that a fuzz run has left, which everything that waits for a server or an application asks."""

from __future__ import annotations

import math
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from tallystick.nouns import budgets

SLICE_SECONDS = 0.2
"""How long something waits before it asks again whether the run was stopped."""
_REPEATED_SECONDS = 0.5


class Clock:
    """The clock of a run: how long it has left, which is nothing once it was stopped."""

    def __init__(self, max_seconds: float | None = None) -> None:
        self._end = math.inf if max_seconds is None else time.monotonic() + max_seconds
        self._stopped = threading.Event()
        self._has_alarm = False

    def stop(self) -> None:
        """Has the run end now; whatever waits gives up."""
        self._stopped.set()

    def left(self, most: float = math.inf) -> float:
        """The seconds that are left, `most` at most; never less than 0."""
        return 0.0 if self._stopped.is_set() else max(0.0, min(most, self._end - time.monotonic()))

    @property
    def is_over(self) -> bool:
        """Whether no time is left."""
        return not self.left()

    def acquire(self, lock: threading.Lock, most: float = math.inf) -> bool:
        """Waits for a lock; False if it was not free in time."""
        end = time.monotonic() + most
        while (left := self.left(end - time.monotonic())) > 0:
            if lock.acquire(timeout=min(left, SLICE_SECONDS)):
                return True
        return False

    @contextmanager
    def interrupting(self) -> Iterator[None]:
        """Raises `KeyboardInterrupt` in the main thread where the block goes on although the time is up.

        It does so again and again, since Schemathesis takes the first one as a wish. There is no such alarm in another
        thread, on a system without, and where somebody else has set one.
        """
        if not _may_set_alarm():
            yield
            return
        before = signal.signal(signal.SIGALRM, _interrupt)
        self._has_alarm = True
        try:
            try:
                self.interrupt_when_over()
                yield
            finally:
                signal.setitimer(signal.ITIMER_REAL, 0)
        finally:  # the alarm may go off at the end of the block itself, before it is stopped
            self._has_alarm = False
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, before)

    def interrupt_when_over(self) -> None:
        """Sets the alarm of `interrupting` anew, after the time was cut."""
        left = self.left()
        if self._has_alarm and left < math.inf:
            signal.setitimer(signal.ITIMER_REAL, left + budgets.FUZZ_WIND_DOWN_SECONDS, _REPEATED_SECONDS)


def _may_set_alarm() -> bool:
    is_main = threading.current_thread() is threading.main_thread()
    return is_main and hasattr(signal, "setitimer") and signal.getsignal(signal.SIGALRM) is signal.SIG_DFL


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt
