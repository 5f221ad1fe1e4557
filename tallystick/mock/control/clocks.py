"""The clock of a session: what time it is there, set to stand or to go on from another time, and set back."""

from __future__ import annotations

from datetime import datetime
from typing import cast

from tallystick.mock.clock import AS_IT_IS, EARLIEST, LATEST, Setting
from tallystick.mock.control.call import Call, Function, done, instant, refused, told
from tallystick.mock.roles import Reply
from tallystick.nouns.json_value import JSON


async def _get(call: Call) -> Reply:
    setting = await call.memory.clock.setting(call.session)
    mode = "real" if setting == AS_IT_IS else "offset" if setting.goes_on else "fixed"
    value: dict[str, JSON] = {"now": instant(await call.memory.clock.now(call.session)), "mode": mode}
    if mode == "offset":
        value["offset"] = setting.seconds
    return told(value)


async def _set(call: Call) -> Reply:
    wanted = cast("dict[str, JSON]", call.body)
    offset = wanted.get("offset")
    if isinstance(offset, int | float):
        setting = Setting(float(offset))
    else:
        seconds = seconds_of(str(wanted["now"]))
        if seconds is None:
            expected = "a date-time of the years 1 to 9999, as in 2030-01-31T09:00:00Z"
            raise refused(409, f"now: {wanted['now']!r} is no time of a clock; expected {expected}")
        goes_on = wanted.get("advance") is True
        setting = Setting(seconds - call.memory.clock.machine() if goes_on else seconds, goes_on)
    await call.memory.clock.set(call.session, setting)
    return await _get(call)


def seconds_of(text: str) -> float | None:
    """The Unix time of a date-time (RFC 3339); None for a text that is none, or of a year that no clock shows."""
    try:
        time = datetime.fromisoformat(text.upper())
        seconds = time.timestamp() if time.tzinfo is not None else None
    except (ValueError, OverflowError):
        return None
    return seconds if seconds is not None and EARLIEST <= seconds <= LATEST else None


async def _forget(call: Call) -> Reply:
    await call.memory.clock.set(call.session, AS_IT_IS)
    return done()


FUNCTIONS: dict[str, Function] = {"getClock": _get, "setClock": _set, "resetClock": _forget}
