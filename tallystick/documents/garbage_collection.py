"""Reading of contracts, and the start of a mock, without garbage collection.

The million objects of a large contract all stay. The collector would look at each of them again and again, which takes
a quarter of the time and frees nothing.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def uncollected(for_good: bool = False) -> Iterator[None]:
    """Switch the garbage collector off for a while; what was made meanwhile counts as old when it is on again.

    `for_good` exempts all objects that exist at the end from later collections: for a process that soon ends.
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
