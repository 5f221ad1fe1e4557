"""The `Date` of replies in a session whose clock was changed; in all others it is left to the server."""

from __future__ import annotations

from email.utils import formatdate

from starlette.types import Message, Scope, Send

from tallystick.mock.clock import Clock
from tallystick.mock.gate import SESSION
from tallystick.mock.stores.store import StoreError

_DATE = b"date"


def dated(clock: Clock, scope: Scope, send: Send) -> Send:
    """A `send` that gives a reply the time of its session, unless the reply says another or its store is away."""

    async def send_dated(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = tuple(message.get("headers", ()))
            now = None if any(name.lower() == _DATE for name, _ in headers) else await _now(clock, scope)
            if now is not None:
                message = {**message, "headers": (*headers, (_DATE, formatdate(now, usegmt=True).encode()))}
        await send(message)

    return send_dated


async def _now(clock: Clock, scope: Scope) -> float | None:
    try:
        return await clock.changed_time(scope.get(SESSION, ""))
    except StoreError:
        return None
