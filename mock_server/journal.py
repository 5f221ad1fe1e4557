"""One line per request that was answered, for whoever watches the terminal; off the path where nobody does."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from mock_server.gate import target_of
from mock_server.problem import HEADER
from tallystick.schema import printable

_NAME = HEADER.encode()


class Journal:
    """ASGI middleware that tells each exchange to `log`: method, path, status, and what was wrong with it."""

    def __init__(self, app: Any, log: Callable[[str, int, list[str]], None]) -> None:
        self.app = app
        self.log = log

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def watched(message: Any) -> None:
            if message["type"] == "http.response.start":
                path = target_of(scope.get("raw_path") or quote(scope["path"]).encode())
                query = target_of(scope["query_string"])
                told = next((value for name, value in message["headers"] if name == _NAME), b"[]")
                line = f"{scope['method']} {path}{'?' + query if query else ''}"
                self.log(line, message["status"], [_sentence(item) for item in json.loads(told)])
            await send(message)

        await self.app(scope, receive, watched)


def _sentence(told: dict[str, Any]) -> str:
    return printable(f"{told['where']}: {told['message']}") if "where" in told else f"and {told['more']} more"
