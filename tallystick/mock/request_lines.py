"""One line per request that was answered, for whoever watches the terminal; off the path where nobody does."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import quote

from tallystick.mock.gate import target_of
from tallystick.mock.problem import HEADER
from tallystick.schemas.messages import printable

_NAME = HEADER.encode()
_PAUSE = 0.02
"""Seconds in which lines are gathered, to be written at once: who watches does not notice; a busy mock saves much."""


class Journal:
    """ASGI middleware that tells each exchange to `log`: method, path, status, and what was wrong with it."""

    def __init__(self, app: Any, log: Callable[[str, int, list[str]], None]) -> None:
        self.app = app
        self.log = log

    def __call__(self, scope: Any, receive: Any, send: Any) -> Awaitable[None]:
        """What the application makes of it; no coroutine of our own stands between, in either direction."""

        def watched(message: Any) -> Any:
            if message["type"] == "http.response.start":
                path = target_of(scope.get("raw_path") or quote(scope["path"]).encode())
                query = scope["query_string"]
                line = f"{scope['method']} {path}?{target_of(query)}" if query else f"{scope['method']} {path}"
                self.log(line, message["status"], _violations(message["headers"]))
            return send(message)

        made: Awaitable[None] = self.app(scope, receive, watched if scope["type"] == "http" else send)
        return made


def _violations(headers: Any) -> list[str]:
    """The violations that a response tells in its header, a sentence each."""
    for name, value in headers:
        if name == _NAME:
            return [_sentence(item) for item in json.loads(value)]
    return []


def _sentence(told: dict[str, Any]) -> str:
    return printable(f"{told['where']}: {told['message']}") if "where" in told else f"and {told['more']} more"


class Lines:
    """Lines on their way to `write`: all that come within a moment are written at once.

    Nothing is written before the first `flush`, which may come from any thread; what came until then is written by it.
    Who ends the event loop flushes once more.
    """

    def __init__(self, write: Callable[[str], None]) -> None:
        self._write = write
        self._waiting: list[str] = []
        self._is_due = True  # who flushes for the first time is awaited
        self._lock = threading.Lock()

    def add(self, lines: str) -> None:
        """Takes lines, each with its end; called in the event loop."""
        self._waiting.append(lines)
        if not self._is_due:
            self._is_due = True
            asyncio.get_running_loop().call_later(_PAUSE, self.flush)

    def flush(self) -> None:
        """Writes what waits. Whatever is added meanwhile is written by this call or by one of its own."""
        self._is_due = False
        with self._lock:
            count = len(self._waiting)  # what is added from here on stays
            text = "".join(self._waiting[:count])
            del self._waiting[:count]
            if text:
                self._write(text)
