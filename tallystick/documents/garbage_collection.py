"""Reading a contract without garbage collection: its million objects all stay, and the collector would look at each
of them again and again, which takes a quarter of the time and frees nothing."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def uncollected(for_good: bool = False) -> Iterator[None]:
    """Switch the garbage collector off for a while.

    `for_good` also keeps it from ever looking at the objects that are there at the end: for a process that ends then.
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if for_good:
            gc.freeze()
        if enabled:
            gc.enable()
