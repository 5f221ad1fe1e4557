"""Builders for tests that ask: contracts from text, operations, requests, and a mock in this process."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from textwrap import dedent
from typing import Any
from urllib.parse import unquote

from hypothesis import settings
from support.folders import TESTS

from tallystick.contracts.read import contract_name, index
from tallystick.documents.library import Library
from tallystick.mock.app import create_app
from tallystick.mock.roles import Listener
from tallystick.mock.settings import MockSettings
from tallystick.nouns.contract import Contract, Operation, Parameter
from tallystick.nouns.exchange import Request, Response
from tallystick.nouns.schema import Schema
from tallystick.wire.write import write_json

os.environ["TALLYSTICK_DEBUG"] = "1"  # a fault of the mock itself is raised, and not answered with a 500
settings.register_profile("fast", deadline=None, derandomize=True, max_examples=30)
settings.register_profile("thorough", deadline=None, max_examples=1000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "fast"))

_BEGINNING: dict[str, Any] = {"openapi": "3.1.0", "info": {"title": "Test", "version": "1"}}

Fields = Mapping[str, str]
Ask = Callable[..., Response]
"""`ask("GET /pets?limit=2", {"Accept": "text/plain"}, b"")` sends one request to a mock; its answer comes back."""


def contract(source: str | Mapping[str, Any], name: str = "test") -> Contract:
    """A contract from YAML text or from its value; `openapi` and `info` may be left out, and `paths` with nothing."""
    if isinstance(source, str):
        text = dedent(source)
        if not text.lstrip().startswith(("openapi:", "swagger:")):
            text = f"openapi: 3.1.0\ninfo: {{title: Test, version: '1'}}\n{text}"
    else:
        beginning = {} if "openapi" in source or "swagger" in source else _BEGINNING
        text = write_json({**beginning, **source}).decode()
    document = Library(TESTS).add(f"memory:/{name}.yaml", f"{name}.yaml", text)
    return index(document.root, contract_name(Path(document.file)))


def operation(source: str | Mapping[str, Any]) -> Operation:
    """The one operation of a contract."""
    (found,) = contract(source)
    return found


def schema(value: Any, version: str = "3.1.0") -> Schema:
    """A schema of a contract of a version."""
    content = {"application/json": {"schema": value}}
    (found,) = contract(
        {
            "openapi": version,
            "info": {"title": "Test", "version": "1"},
            "paths": {"/": {"post": {"requestBody": {"content": content}, "responses": {}}}},
        }
    )
    assert found.request_body is not None
    made = found.request_body.content[0].schema
    assert made is not None
    return made


def parameter(location: str = "query", name: str = "p", version: str = "3.1.0", **fields: Any) -> Parameter:
    """A parameter of a contract: its schema is a string's where the fields give neither `schema` nor `content`."""
    if "schema" not in fields and "content" not in fields:
        fields["schema"] = {"type": "string"}
    described = {"name": name, "in": location, "required": location == "path", **fields}
    path = f"/{{{name}}}" if location == "path" else "/"
    (found,) = contract(
        {
            "openapi": version,
            "info": {"title": "Test", "version": "1"},
            "paths": {path: {"get": {"parameters": [described], "responses": {}}}},
        }
    )
    return found.parameters[0]


def request(line: str, headers: Fields | None = None, body: bytes = b"") -> Request:
    """A request from its first line (`GET /pets?limit=2`), with header names in any case."""
    method, _, target = line.partition(" ")
    path, _, query = target.partition("?")
    fields = tuple((name.lower(), value) for name, value in (headers or {}).items())
    return Request(method, path, query, fields, body)


def asker(*contracts: Contract, listeners: Sequence[Listener] = (), **settings: Any) -> Ask:
    """A mock of some contracts in this process; the settings are those of `MockSettings`."""
    return asker_of(create_app(contracts, MockSettings(**settings), listeners))


def asker_of(app: Any) -> Ask:
    """An ASGI application in this process, to be asked."""

    def ask(line: str | Request, headers: Fields | None = None, body: bytes = b"") -> Response:
        sent = line if isinstance(line, Request) else request(line, headers, body)
        return asyncio.run(answer_of(app, sent))

    return ask


def scope_of(sent: Request, field: Callable[[tuple[bytes, bytes]], Any] = tuple) -> dict[str, Any]:
    """A request as an ASGI server gives it, its header fields each as a `field`."""
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": sent.method,
        "scheme": "http",
        "path": unquote(sent.path),
        "raw_path": sent.path.encode(),
        "query_string": sent.query.encode(),
        "root_path": "",
        "headers": [field((name.encode(), value.encode("latin-1"))) for name, value in sent.headers],
        "client": ("127.0.0.1", 1234),
        "server": ("127.0.0.1", 4010),
    }


async def answer_of(app: Any, sent: Request) -> Response:
    """What an ASGI application answers, as a server would send it."""
    chunks = [sent.body[:10], sent.body[10:]]
    messages: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        if not chunks:
            return {"type": "http.disconnect"}
        return {"type": "http.request", "body": chunks.pop(0), "more_body": bool(chunks)}

    async def send(message: dict[str, Any]) -> None:
        messages.append(message)

    await app(scope_of(sent), receive, send)
    start, *rest = messages
    headers = tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in start["headers"])
    return Response(start["status"], headers, b"".join(message["body"] for message in rest))


def header(response: Response, name: str) -> str | None:
    """The value of a header of a response; None where it has none of that name."""
    return next((value for known, value in response.headers if known == name.lower()), None)
