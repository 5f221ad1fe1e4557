"""The limit: an ASGI function on uvicorn that answers with prepared bytes, and judges nothing.

`python -m benchmarks.bare PORT MODE REPLY [SCHEMA]`; MODE is `reply` (answers at once), `read` (reads the body
first) or `parse` (parses it with orjson, too, and asks jsonschema-rs whether it is valid). With `-tuned` behind it,
uvicorn is set up as it is for the mock, and else as it comes.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Awaitable, Callable, MutableMapping
from pathlib import Path
from typing import Any

import jsonschema_rs
import orjson
import uvicorn

from tallystick.mock.serving.protocol import Connection

Message = MutableMapping[str, Any]
App = Callable[[Message, Callable[[], Awaitable[Message]], Callable[[Message], Awaitable[None]]], Awaitable[None]]


def bare(mode: str, reply: bytes, schema: Any = True) -> App:
    """The function for a mode."""
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(reply)).encode())]
    start = {"type": "http.response.start", "status": 200, "headers": headers}
    refused = {"type": "http.response.start", "status": 422, "headers": headers}
    body = {"type": "http.response.body", "body": reply}
    is_valid = jsonschema_rs.validator_for(schema).is_valid

    async def at_once(scope: Any, receive: Any, send: Any) -> None:  # noqa: ARG001  # what an ASGI function takes
        await send(start)
        await send(body)

    async def whole(receive: Any) -> bytes:
        message = await receive()
        if not message.get("more_body"):
            return message["body"]  # type: ignore[no-any-return]
        parts = [message["body"]]
        while message.get("more_body"):
            message = await receive()
            parts.append(message["body"])
        return b"".join(parts)

    async def read(scope: Any, receive: Any, send: Any) -> None:  # noqa: ARG001
        await whole(receive)
        await send(start)
        await send(body)

    async def parse(scope: Any, receive: Any, send: Any) -> None:  # noqa: ARG001
        valid = is_valid(orjson.loads(await whole(receive)))
        await send(start if valid else refused)
        await send(body)

    return {"reply": at_once, "read": read, "parse": parse}[mode]


def main() -> None:
    """Serve until the process is stopped."""
    port, mode, reply, *rest = sys.argv[1:]
    mode, _, tuned = mode.partition("-")
    schema = json.loads(Path(rest[0]).read_text()) if rest else True
    uvicorn.run(
        bare(mode, Path(reply).read_bytes(), schema),
        host="127.0.0.1",
        port=int(port),
        log_level="error",
        access_log=False,
        http=Connection if tuned else "auto",
        proxy_headers=not tuned,
        lifespan="off",
        ws="none",
        server_header=False,
    )


if __name__ == "__main__":
    main()
