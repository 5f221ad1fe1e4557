"""A client of a server in this process, for witnesses: it has credentials, and says what came back."""

from __future__ import annotations

import asyncio
import io
import itertools
import json
import re
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib import import_module
from typing import Any
from urllib.parse import unquote_to_bytes, urlsplit

from tests.defects import stock

SERVERS = ("strict", "lenient")
BOOK = {
    "title": "Persuasion",
    "author": "Jane Austen",
    "genre": "novel",
    "year": 1817,
    "price": 7.5,
    "tags": ["classic", "sea"],
}
MEMBER = {"name": "Ada", "email": "ada@example.org", "password": "difference-engine", "city": "London"}
MERGE = "application/merge-patch+json"


@dataclass(frozen=True)
class Reply:
    """A response; the names of its headers are lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def location(self) -> str:
        """The path of its Location."""
        return urlsplit(self.headers["location"]).path


class Client:
    """Asks one server, `strict` or `lenient`, which is made for it and has the defect that is on."""

    def __init__(self, server: str) -> None:
        self.app = import_module(f"tests.defects.{server}.app").create_app()
        self.is_asgi = server == "strict"
        self.isbns = itertools.count(9781000000000)

    def send(
        self,
        method: str,
        target: str,
        value: object = None,
        body: bytes = b"",
        media_type: str = "application/json",
        **headers: str | None,
    ) -> Reply:
        """The reply to a request; a header that is None is not sent."""
        content = json.dumps(value).encode() if value is not None else body
        given: dict[str, str | None] = {
            "authorization": f"Bearer {stock.TOKEN}",
            "x_api_key": stock.DESK_KEY,
            "x_request_id": "request-1",
            "content_type": media_type if content else None,
        }
        fields = {n.replace("_", "-"): v for n, v in (given | headers).items() if v is not None}
        parts = urlsplit(target)
        ask = self._asgi if self.is_asgi else self._wsgi
        return ask(method, parts.path, parts.query, fields, content)

    def get(self, target: str, **headers: str | None) -> Reply:
        return self.send("GET", target, **headers)  # type: ignore[arg-type]

    def post(self, target: str, value: object, **headers: str | None) -> Reply:
        return self.send("POST", target, value, **headers)  # type: ignore[arg-type]

    def patch(self, target: str, value: object, **headers: str | None) -> Reply:
        return self.send("PATCH", target, value, media_type=MERGE, **headers)  # type: ignore[arg-type]

    def book(self, **members: object) -> dict[str, object]:
        """A book as a client sends it, with an ISBN of its own."""
        return {"isbn": str(next(self.isbns)), **BOOK, **members}

    def add(self, **members: object) -> Reply:
        """The reply to a new book."""
        return self.post("/books", self.book(**members))

    def statuses(self, *requests: Reply) -> list[int]:
        return [reply.status for reply in requests]

    def at_once(self, count: int) -> list[Reply]:
        """The replies to new books that are sent at the same time."""
        books = [self.book() for _ in range(count)]
        with ThreadPoolExecutor(count) as pool:
            return list(pool.map(lambda book: self.post("/books", book), books))

    def _asgi(self, method: str, path: str, query: str, fields: Mapping[str, str], body: bytes) -> Reply:
        scope = {
            "type": "http",
            "method": method,
            "scheme": "http",
            "path": unquote_to_bytes(path).decode("utf-8", "replace"),
            "raw_path": path.encode(),
            "query_string": query.encode(),
            "headers": [(name.encode(), value.encode("latin-1")) for name, value in fields.items()],
            "server": ("library.test", 80),
            "root_path": "",
        }
        messages: list[Any] = []

        async def receive() -> Any:
            return {"type": "http.request", "body": body}

        async def send(message: Any) -> None:
            messages.append(message)

        try:
            asyncio.run(self.app(scope, receive, send))
        except Exception:
            if not messages:
                raise
        headers = {name.decode().lower(): value.decode("latin-1") for name, value in messages[0]["headers"]}
        return Reply(messages[0]["status"], headers, b"".join(message.get("body", b"") for message in messages[1:]))

    def _wsgi(self, method: str, path: str, query: str, fields: Mapping[str, str], body: bytes) -> Reply:
        started: list[Any] = []
        environ = {
            "REQUEST_METHOD": method,
            "SCRIPT_NAME": "",
            "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
            "QUERY_STRING": query,
            "SERVER_NAME": "library.test",
            "SERVER_PORT": "80",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "CONTENT_LENGTH": str(len(body)),
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(body),
            "wsgi.errors": io.StringIO(),
            **{
                re.sub("^HTTP_(CONTENT_TYPE)$", r"\1", f"HTTP_{n.upper().replace('-', '_')}"): v
                for n, v in fields.items()
            },
        }
        content = b"".join(self.app(environ, lambda *start: started.extend(start)))
        headers = {name.lower(): value for name, value in started[1]}
        return Reply(int(started[0].split()[0]), headers, content)
