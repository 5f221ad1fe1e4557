"""What time it is in each session: that of the machine, or what a control call has said."""

from __future__ import annotations

import mmap
import time
from collections.abc import Callable
from datetime import UTC, datetime
from math import isfinite
from typing import NamedTuple

from tallystick.mock.stores.store import Store, value_of
from tallystick.nouns import budgets
from tallystick.wire.write import write_json

DOCUMENT = "clock"
"""The name of the document that holds how the clock of a session is set."""
EARLIEST, LATEST = (datetime(year, 1, 3, tzinfo=UTC).timestamp() for year in (1, 9999))
"""What a clock can show, in Unix seconds: any date that Python has, wherever one is, and what is counted from it."""
_REMEMBERED_SECONDS = 1.0
"""How long a clock is known not to be changed, where somebody beside this machine may change it."""


class Setting(NamedTuple):
    """How the clock of a session is set: it stands at a time, or goes on from one.

    `seconds` is the Unix time at which it stands, or what is added to the time of the machine where it goes on.
    """

    seconds: float = 0.0
    goes_on: bool = True


AS_IT_IS = Setting()


class Clock:
    """The clocks of all sessions, set for all who share a store; `machine` gives the Unix time of this machine.

    `changes` counts, in one byte, how often clocks were changed; processes that are forked later share it. While it is
    0, each clock shows the time of the machine.
    """

    def __init__(
        self, store: Store, machine: Callable[[], float] = time.time, changes: mmap.mmap | None = None
    ) -> None:
        self.store = store
        self.machine = machine
        self.changes = changes or mmap.mmap(-1, 1)
        self._unchanged: dict[str, tuple[int, float]] = {}
        """The sessions whose clock was found unchanged: at which count of changes, and until when that is believed."""

    async def now(self, session: str) -> float:
        """The time in a session: seconds since 1970 (UTC)."""
        seconds, goes_on = await self.setting(session)
        return min(LATEST, max(EARLIEST, self.machine() + seconds if goes_on else seconds))

    async def changed_time(self, session: str) -> float | None:
        """The time in a session whose clock is changed, else None; another machine's change shows within a second."""
        count, now = self.changes[0], time.monotonic()
        known_count, until = self._unchanged.get(session, (0, 0.0))
        if known_count == count and now < until:
            return None
        if await self.setting(session) != AS_IT_IS:
            return await self.now(session)
        if len(self._unchanged) >= budgets.SESSIONS:
            self._unchanged.clear()
        self._unchanged[session] = count, now + _REMEMBERED_SECONDS
        return None

    def count_change(self) -> None:
        """Say that a clock is changed, or may be."""
        self.changes[0] = self.changes[0] % 255 + 1

    async def setting(self, session: str) -> Setting:
        """How the clock of a session is set; a document that somebody else wrote wrong says nothing."""
        document = await self.store.document(session, DOCUMENT)
        try:
            return setting_in(document.text) if document is not None else AS_IT_IS
        except ValueError:
            return AS_IT_IS

    async def set(self, session: str, setting: Setting) -> None:
        """Set the clock of a session; `AS_IT_IS` has it show the time of the machine again."""
        text = write_json({"seconds": setting.seconds, "goes_on": setting.goes_on}) if setting != AS_IT_IS else None
        await self.store.put_document(session, DOCUMENT, text)
        self.count_change()


def setting_in(text: bytes) -> Setting:
    """How a clock is set by the text of its document; raises `ValueError` for another text, which somebody wrote."""
    match value_of(text):
        case {"seconds": int() | float() as seconds, "goes_on": bool() as goes_on} if isfinite(seconds):
            return Setting(float(seconds), goes_on)
    raise ValueError('an object with the number "seconds" and the truth value "goes_on" was expected')
