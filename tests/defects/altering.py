"""Defects of responses: what a server with one of them changes in what it answers, the same for both servers."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from tests.defects.alterations import ALTERATIONS, Answer
from tests.defects.switch import active

CONTRACT = Path(__file__).parent / "library.yaml"
Scope = MutableMapping[str, Any]
Asgi = Callable[[Scope, Callable[[], Awaitable[Any]], Callable[[Any], Awaitable[None]]], Awaitable[None]]
Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


@cache
def _templates() -> list[tuple[re.Pattern[str], str]]:
    paths = yaml.safe_load(CONTRACT.read_text())["paths"]
    return [(re.compile(re.sub(r"\{\w+\}", "[^/]+", path)), path) for path in paths]


def label(method: str, path: str) -> str:
    """The operation that a request calls, `GET /books/{bookId}`; with the path as it is where there is none."""
    return f"{method} {next((template for pattern, template in _templates() if pattern.fullmatch(path)), path)}"


def altered_asgi(app: Asgi) -> Asgi:
    """An ASGI application whose responses have the defect that is on, if it is one of responses."""
    alter = ALTERATIONS.get(active())
    if alter is None:
        return app

    async def altered(
        scope: Scope, receive: Callable[[], Awaitable[Any]], send: Callable[[Any], Awaitable[None]]
    ) -> None:
        if scope["type"] != "http":
            await app(scope, receive, send)
            return
        kept: list[Any] = []

        async def keep(message: Any) -> None:
            kept.append(message)

        await app(scope, receive, keep)
        headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in kept[0]["headers"]]
        body = b"".join(message.get("body", b"") for message in kept[1:])
        answer = Answer(label(scope["method"], scope["path"]), kept[0]["status"], dict(headers), body)
        alter(answer)
        fields = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in answer.fields()]
        await send({"type": "http.response.start", "status": answer.status, "headers": fields})
        await send({"type": "http.response.body", "body": answer.body})

    return altered


def altered_wsgi(app: Wsgi) -> Wsgi:
    """A WSGI application whose responses have the defect that is on, if it is one of responses."""
    alter = ALTERATIONS.get(active())
    if alter is None:
        return app

    def altered(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        kept: list[Any] = []

        def keep(*start: Any) -> None:
            kept[:] = start

        body = b"".join(app(environ, keep))
        operation = label(environ["REQUEST_METHOD"], environ["PATH_INFO"])
        headers = {name.lower(): value for name, value in kept[1]}
        answer = Answer(operation, int(kept[0].split()[0]), headers, body)
        alter(answer)
        start_response(f"{answer.status} Altered", answer.fields())
        return [answer.body]

    return altered
