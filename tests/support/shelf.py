"""A small API with state, for tests of what a fuzz run reports: books with unique names, and one fault at a time."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from support.fuzzing import written

FAULTS = ("price", "delete", "crash", "lost")
"""`price`: prices are texts; `delete`: a removal answers 200; `crash`: reading one fails; `lost`: none is kept."""

BOOK = {
    "type": "object",
    "required": ["id", "name", "price"],
    "properties": {
        "id": {"type": "integer", "minimum": 1},
        "name": {"type": "string", "minLength": 1, "maxLength": 40},
        "price": {"type": "number"},
    },
}
NEW_BOOK = {"type": "object", "required": ["name"], "properties": {"name": BOOK["properties"]["name"]}}  # type: ignore[index] # it is a dict
_ID = {"name": "book_id", "in": "path", "required": True, "schema": {"type": "integer", "minimum": 1}}


def _json(schema: dict[str, Any]) -> dict[str, Any]:
    return {"description": "", "content": {"application/json": {"schema": schema}}}


def shelf_contract(folder: Path) -> Path:
    """The contract of the API."""
    book = {"$ref": "#/components/schemas/Book"}
    refusals = {status: {"description": "refused"} for status in ("400", "404", "409", "415", "422")}
    paths = {
        "/books": {
            "get": {"responses": {"200": _json({"type": "array", "items": book}), **refusals}},
            "post": {
                "requestBody": {"required": True, "content": {"application/json": {"schema": NEW_BOOK}}},
                "responses": {"201": _json(book), **refusals},
            },
        },
        "/books/{book_id}": {
            "parameters": [_ID],
            "get": {"responses": {"200": _json(book), **refusals}},
            "delete": {"responses": {"204": {"description": "gone"}, **refusals}},
        },
    }
    return written(folder, paths, components={"schemas": {"Book": BOOK}})


class Shelf:
    """The application."""

    def __init__(self, fault: str = "") -> None:
        self.fault = fault
        self.books: dict[int, dict[str, Any]] = {}
        self.last = 0

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            raise RuntimeError("only HTTP is served")
        body = (await receive()).get("body", b"")
        status, value = self.answer(scope["method"], scope["path"], dict(scope["headers"]), body)
        headers = [(b"content-type", b"application/json")]
        if status == 405:
            headers.append((b"allow", b"GET, DELETE" if scope["path"].count("/") == 2 else b"GET, POST"))
        await send({"type": "http.response.start", "status": status, "headers": headers})
        has_body = status != 204 and scope["method"] != "HEAD"
        await send({"type": "http.response.body", "body": json.dumps(value).encode() if has_body else b""})

    def answer(self, method: str, path: str, headers: dict[bytes, bytes], body: bytes) -> tuple[int, Any]:
        """The status and the value of the answer to a request."""
        if path == "/books" and method == "GET":
            return 200, list(map(self.shown, self.books.values()))
        if path == "/books" and method == "POST":
            return self.create(headers, body)
        name = path.removeprefix("/books/")
        if method not in ("GET", "DELETE") or path == "/books":
            return 405, {}
        if not (name.isascii() and name.isdigit() and int(name) > 0):
            return 422, {}
        if int(name) not in self.books:
            return 404, {}
        if method == "GET":
            if self.fault == "crash":
                raise KeyError("author")
            return 200, self.shown(self.books[int(name)])
        del self.books[int(name)]
        return (200, {"deleted": True}) if self.fault == "delete" else (204, None)

    def create(self, headers: dict[bytes, bytes], body: bytes) -> tuple[int, Any]:
        """Takes a book in, if it has a name that no other one has."""
        if headers.get(b"content-type", b"").partition(b";")[0].strip() != b"application/json":
            return 415, {}
        try:
            name = json.loads(body)["name"]
            str(name).encode()  # half of a surrogate pair is no text
        except (ValueError, TypeError, KeyError, RecursionError):
            return 422, {}
        if not isinstance(name, str) or not 1 <= len(name) <= 40:
            return 422, {}
        if any(book["name"] == name for book in self.books.values()):
            return 409, {}
        self.last += 1
        book = {"id": self.last, "name": name, "price": 1.5}
        if self.fault != "lost":
            self.books[self.last] = book
        return 201, self.shown(book)

    def shown(self, book: dict[str, Any]) -> dict[str, Any]:
        """A book as the API shows it."""
        return {**book, "price": str(book["price"])} if self.fault == "price" else book
