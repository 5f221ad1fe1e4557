"""What is made at the first request that needs it, off the event loop, and once for all."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Generic, TypeVar

from tallystick.mock.off_loop import is_on_loop, off_loop

T = TypeVar("T")


class Once(Generic[T]):
    """Gives what a function makes; requests that come meanwhile wait for the one that makes it."""

    def __init__(self, make: Callable[[], T]) -> None:
        self._make = make
        self._made: T | None = None
        self._making: asyncio.Future[T] | None = None

    async def get(self) -> T:
        """It, made where it was not."""
        if self._made is not None:
            return self._made
        if not is_on_loop():
            made = self._make()
        else:
            making = self._making
            if making is None or making.cancelled() or making.get_loop() is not asyncio.get_running_loop():
                making = self._making = asyncio.ensure_future(off_loop(self._make))
            try:
                made = await asyncio.shield(making)
            except Exception:
                if self._making is making:
                    self._making = None  # the next request tries again
                raise
        self._made, self._making = made, None
        return made
