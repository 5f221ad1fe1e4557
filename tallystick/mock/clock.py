"""What time it is in each session: that of the machine, or what a control call has said."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import NamedTuple


class Setting(NamedTuple):
    """How the clock of a session is set: it stands at a time, or goes on from one.

    `seconds` is the Unix time at which it stands, or what is added to the time of the machine where it goes on.
    """

    seconds: float = 0.0
    goes_on: bool = True


AS_IT_IS = Setting()


class Clock:
    """The clocks of all sessions; `machine` gives the Unix time of this machine, in seconds."""

    def __init__(self, machine: Callable[[], float] = time.time) -> None:
        self.machine = machine
        self.settings: dict[str, Setting] = {}

    async def now(self, session: str) -> float:
        """The time in a session: seconds since 1970 (UTC)."""
        setting = await self.setting(session)
        return self.machine() + setting.seconds if setting.goes_on else setting.seconds

    async def setting(self, session: str) -> Setting:
        """How the clock of a session is set."""
        return self.settings.get(session, AS_IT_IS) if self.settings else AS_IT_IS

    async def set(self, session: str, setting: Setting) -> None:
        """Set the clock of a session; `AS_IT_IS` has it show the time of the machine again."""
        if setting == AS_IT_IS:
            self.settings.pop(session, None)
        else:
            self.settings[session] = setting
