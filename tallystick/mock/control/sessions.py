"""The sessions that are kept: listed, and dropped with all that is in them."""

from __future__ import annotations

from tallystick.mock.control.call import Call, Function, done, instant, told
from tallystick.mock.roles import Reply


async def _list(call: Call) -> Reply:
    sessions = await call.memory.store.sessions()
    return told(
        {
            "sessions": [
                {"name": each.name, "used": instant(each.used), "items": each.items, "bytes": each.bytes}
                for each in sessions
            ]
        }
    )


async def _drop(call: Call) -> Reply:
    await call.memory.store.drop(call.text("session"))
    call.memory.replayed.pop(call.text("session"), None)
    return done()


async def _drop_all(call: Call) -> Reply:
    for session in await call.memory.store.sessions():
        await call.memory.store.drop(session.name)
    call.memory.replayed.clear()
    return done()


FUNCTIONS: dict[str, Function] = {"listSessions": _list, "dropSession": _drop, "dropSessions": _drop_all}
