"""Tells when a store that others share goes away and comes back, once each."""

from __future__ import annotations

import mmap
from collections.abc import Callable


class Presence:
    """Whether a store is there; `tell` hears of each change, in a line."""

    def __init__(self, tell: Callable[[str], None] | None, is_required: bool) -> None:
        self.tell = tell
        self.meanwhile = (
            "requests that need state get a 503"
            if is_required
            else "replies are made without state (--no-state-required)"
        )
        self._is_gone = mmap.mmap(-1, 1)  # shared with the workers that are forked later, so that one of them tells

    @property
    def is_gone(self) -> bool:
        """Whether the last that was heard of the store is that it is gone."""
        return self._is_gone[0] != 0

    def gone(self, fact: str) -> None:
        """Note that the store cannot be used, for a reason."""
        if not self.is_gone:
            self._is_gone[0] = 1
            self.say(f"{fact}; until it is back, {self.meanwhile}")

    def there(self, where: str) -> None:
        """Note that the store answered."""
        if self.is_gone:
            self._is_gone[0] = 0
            self.say(f"{where} is back")

    def say(self, line: str) -> None:
        """Tell a line."""
        if self.tell is not None:
            self.tell(line)
