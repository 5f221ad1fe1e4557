"""The time that a fuzz run has left, which everything that waits for a server or an application asks."""

from __future__ import annotations

import math
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from types import FrameType

from tallystick.nouns import budgets

SLICE_SECONDS = 0.2
"""How long something waits before it asks again whether the run was stopped."""
_REPEATED_SECONDS = 0.5
"""How long after an interrupt the next one comes."""
_LOST_SECONDS = 0.01
"""How long after an interrupt that nobody could catch the next one comes."""


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
    def ending(self, stop: Callable[[], None], share: float = 1.0) -> Iterator[None]:
        """Has `stop` called, in a thread of its own, when a share of the time is up before the block has ended."""
        if self._end == math.inf:
            yield
            return
        timer = threading.Timer(self.left() * share, stop)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()

    def interrupting(self, work: Callable[[], None]) -> None:
        """Calls `work`, and raises `KeyboardInterrupt` in it where it goes on although the time is up.

        It does so again and again: Schemathesis takes the first one as a wish, and Python drops one that is raised
        where nothing can be raised, as in what the garbage collector calls. There is no such alarm in another thread,
        on a system without, and where somebody else has set one.
        """
        if not _may_set_alarm():
            work()
            return

        def interrupt(_signal: int, frame: FrameType | None) -> None:
            # in the frame of `interrupting` itself the work has not begun, or is over
            if self._has_alarm and frame is not None and frame.f_code is not own_code:
                raise KeyboardInterrupt

        own_code = Clock.interrupting.__code__
        before, hook = signal.signal(signal.SIGALRM, interrupt), sys.unraisablehook
        sys.unraisablehook = partial(_raise_later, hook)
        try:
            self._has_alarm = True
            self.interrupt_when_over()
            work()
        finally:
            self._has_alarm = False  # nothing is raised from here on
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, before)
            _look_at_signals()
            sys.unraisablehook = hook

    def interrupt_when_over(self) -> None:
        """Sets the alarm of `interrupting` anew, after the time was cut."""
        left = self.left()
        if self._has_alarm and left < math.inf:
            signal.setitimer(signal.ITIMER_REAL, left + budgets.FUZZ_WIND_DOWN_SECONDS, _REPEATED_SECONDS)


def _raise_later(hook: Callable[[sys.UnraisableHookArgs], object], unraisable: sys.UnraisableHookArgs) -> None:
    """Has an interrupt (of the clock, or of the user) that nobody could catch come again, and tells nothing of it.

    Nor does it tell that an alarm came while its handler was taken away, as Python does with an `OSError`.
    """
    if unraisable.exc_type is KeyboardInterrupt:
        signal.setitimer(signal.ITIMER_REAL, _LOST_SECONDS, _REPEATED_SECONDS)
    elif f"Signal {int(signal.SIGALRM)} ignored" not in str(unraisable.exc_value):
        hook(unraisable)


def _look_at_signals() -> None:
    """Python looks at the signals that have come whenever a function is called; this is one."""


def _may_set_alarm() -> bool:
    is_main = threading.current_thread() is threading.main_thread()
    return is_main and hasattr(signal, "setitimer") and signal.getsignal(signal.SIGALRM) is signal.SIG_DFL
