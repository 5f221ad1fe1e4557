"""All that a session holds: taken away as one text, put back, or forgotten."""

from __future__ import annotations

import json
from functools import partial

from tallystick.mock.clock import DOCUMENT as CLOCK
from tallystick.mock.clock import setting_in
from tallystick.mock.control.call import Call, Function, done, refused
from tallystick.mock.json_members import WrongMemberError
from tallystick.mock.off_loop import off_loop
from tallystick.mock.overrides import CALLS, DOCUMENT
from tallystick.mock.overrides.keeping import rows_in
from tallystick.mock.roles import Reply
from tallystick.mock.state.idempotency import KEYS
from tallystick.mock.stores.snapshot import read_snapshot
from tallystick.mock.stores.store import SnapshotError
from tallystick.nouns.exchange import Response


async def _get(call: Call) -> Reply:
    text = await call.memory.store.dump(call.session)
    name = call.session or "session"
    fields = (("content-type", "application/json"), ("content-disposition", f'attachment; filename="{name}.json"'))
    return Reply(Response(200, fields, text), "control")


async def _restore(call: Call) -> Reply:
    text = call.reading.request.body
    try:
        await off_loop(partial(_judge, text))
        await call.memory.store.load(call.session, text)
    except SnapshotError as error:
        raise refused(409, str(error)) from None
    call.memory.overriding.is_on = True  # there may be some in it
    call.memory.clock.count_change()
    return done()


def _judge(text: bytes) -> None:
    """Raises `SnapshotError` for a text that is no snapshot, or one that somebody has written wrong."""
    for document in read_snapshot(text).documents:
        _refuse_unreadable(document.name, document.text)


def _refuse_unreadable(name: str, text: bytes) -> None:
    """Raises `SnapshotError` for a document that somebody has written and whoever needs it could not read."""
    try:
        if name == DOCUMENT:
            _ = [f"{row.id:s}{row.since:f}" for row in rows_in(text)]
            int(json.loads(text)["next"])
        elif name == CLOCK:
            setting_in(text)
        elif name.startswith(CALLS):
            int(text)
        elif name.startswith(KEYS):
            request, status, headers, body = json.loads(text)
            _ = (f"{request:s}{body:s}{status:d}", [f"{key:s}{value:s}" for key, value in headers])
    except (ValueError, TypeError, LookupError, OverflowError, WrongMemberError, RecursionError) as error:
        raise SnapshotError(f"the document {name!r} cannot be read: {error or type(error).__name__}") from None


async def _reset(call: Call) -> Reply:
    await call.memory.store.drop(call.session)
    call.memory.replayed.pop(call.session, None)
    return done()


FUNCTIONS: dict[str, Function] = {"getSnapshot": _get, "restoreSnapshot": _restore, "resetSession": _reset}
