"""All that a session holds: taken away as one text, put back, or forgotten."""

from __future__ import annotations

from tallystick.mock.control.call import Call, Function, done, refused
from tallystick.mock.roles import Reply
from tallystick.mock.stores.store import SnapshotError
from tallystick.nouns.exchange import Response


async def _get(call: Call) -> Reply:
    text = await call.memory.store.dump(call.session)
    name = call.session or "session"
    fields = (("content-type", "application/json"), ("content-disposition", f'attachment; filename="{name}.json"'))
    return Reply(Response(200, fields, text), "control")


async def _restore(call: Call) -> Reply:
    try:
        await call.memory.store.load(call.session, call.reading.request.body)
    except SnapshotError as error:
        raise refused(409, str(error)) from None
    call.memory.overriding.is_on = True  # there may be some in it
    return done()


async def _reset(call: Call) -> Reply:
    await call.memory.store.drop(call.session)
    return done()


FUNCTIONS: dict[str, Function] = {"getSnapshot": _get, "restoreSnapshot": _restore, "resetSession": _reset}
