"""Builders for the tests of the mock as an ASGI application in this process."""

from __future__ import annotations

import asyncio
from typing import Any

from support.asking import request

PETS = """
    paths:
      /pets/{id}:
        parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
        get: {responses: {'200': {description: Pet, content: {application/json: {example: {name: Rex}}}}}}
        put:
          requestBody: {required: true, content: {application/json: {schema: {type: object}}}}
          responses: {'204': {description: Done}}
"""


def scope_of(line: str, **fields: Any) -> dict[str, Any]:
    """An ASGI scope, as bare as servers may make it."""
    made = request(line)
    return {
        "type": "http",
        "method": made.method,
        "path": made.path,
        "query_string": made.query.encode(),
        "headers": [],
        "root_path": "",
        **fields,
    }


def played(app: Any, scope: dict[str, Any], *received: dict[str, Any]) -> list[dict[str, Any]]:
    """What an ASGI application sends for what it receives."""
    incoming, sent = list(received), []

    async def receive() -> dict[str, Any]:
        return incoming.pop(0)

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    asyncio.run(app(scope, receive, send))
    return sent


EMPTY = {"type": "http.request"}
