"""When the collector of cyclic garbage stays away: what is read of a contract stays, and is no garbage.

It would look through a million objects again and again, which takes a quarter of the time, and find nothing.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def uncollected(for_good: bool = False) -> Iterator[None]:
    """Keeps the collector away for a while; `for_good` also from what is there at the end of it.

    That is for a process which ends then, and need not have everything looked through once more before it does.
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
