"""Reading of contracts, and the start of a mock, without garbage collection; a fuzz run with less of it.

The million objects of a large contract all stay. The collector would look at each of them again and again, which takes
a quarter of the time and frees nothing.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

_RARE = (2_000, 10, 100)
"""Thresholds of the collector, whose own are (700, 10, 10)."""


@contextmanager
def uncollected(for_good: bool = False) -> Iterator[None]:
    """Switch the garbage collector off for a while; what was made meanwhile counts as old when it is on again.

    `for_good` exempts all objects that exist at the end from later collections: for a process that soon ends, or that
    needs them until its end.
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if for_good:
            gc.freeze()
        elif enabled and not gc.get_freeze_count():
            gc.freeze()
            gc.unfreeze()  # all objects are in the oldest generation now
        if enabled:
            gc.enable()


@contextmanager
def rarely_collected() -> Iterator[None]:
    """Makes the garbage collector run less often while most objects are kept."""
    thresholds = gc.get_threshold()
    gc.set_threshold(*_RARE)
    try:
        yield
    finally:
        gc.set_threshold(*thresholds)


@contextmanager
def in_place_of_others() -> Iterator[None]:
    """Have collections look for a while at what is exempt from them, since something is made in place of some of it."""
    were_exempt = gc.get_freeze_count() > 0
    gc.unfreeze()
    try:
        yield
    finally:
        if were_exempt:
            gc.freeze()
