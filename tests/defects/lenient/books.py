"""The books of the lenient server."""

from __future__ import annotations

import json
import sqlite3
from datetime import UTC, datetime

from flask import Flask, Response, request

from tests.defects.lenient import checks
from tests.defects.lenient.checks import Refusal, Row, either, fits, number_in, text, text_in
from tests.defects.lenient.guarding import body, header, librarian
from tests.defects.lenient.keeping import Database, entity_tag
from tests.defects.switch import on

REQUEST_ID = fits("[A-Za-z0-9-]{8,64}")


def shown(book: Row, request_id: str = "", status: int = 200, **headers: str) -> Response:
    """A response with a book."""
    more = {"X-Request-Id": request_id} if request_id else {}
    tagged = {"ETag": entity_tag(book), **more, **headers}
    return Response(json.dumps(book, indent=1), status, tagged, content_type="application/json; charset=utf-8")


def routes(app: Flask, database: Database) -> None:
    """The routes of the books."""

    def existing(number: int) -> Row:
        book = database.book(number)
        if book is None:
            if on("a missing book is a server error"):
                raise LookupError(number)
            raise Refusal(404, "No such book")
        return book

    def current(number: int) -> Row:
        librarian()
        book = existing(number)
        tag = header("If-Match", fits('"[0-9a-f]{4,40}"'))
        if tag is not None and tag != entity_tag(book) and not on("If-Match is ignored"):
            raise Refusal(412, "The book was changed")
        return book

    def keep(book: Row) -> None:
        try:
            database.keep_book(book)
        except sqlite3.IntegrityError as error:
            raise Refusal(409, "There is a book with this ISBN") from error

    @app.get("/books")
    def list_books() -> Response:
        return listed(database)

    @app.post("/books")
    def add_book() -> Response:
        return added(database)

    @app.get("/books/<number:book_id>")
    def get_book(book_id: int) -> Response:
        book = existing(book_id)
        if on("reading changes a book"):
            database.keep_book({**book, "available": not book["available"]})
        tag = entity_tag(book)
        if tag in (header("If-None-Match", text(0, 200)) or "") and not on("If-None-Match is ignored"):
            return Response(status=304, headers={"ETag": tag})
        return shown(book)

    @app.put("/books/<number:book_id>")
    def replace_book(book_id: int) -> Response:
        before = current(book_id)
        request_id = wanted_request_id()
        fixed = {name: before[name] for name in checks.BOOK_READ_ONLY}
        after = {"language": "en", **sent_book(), **fixed}
        if not on("a replaced book is not kept"):
            keep(after)
        return shown(after, request_id)

    @app.patch("/books/<number:book_id>")
    def change_book(book_id: int) -> Response:
        book = current(book_id)
        request_id = wanted_request_id()
        allowed = {name: check for name, check in checks.book_checks().items() if name != "isbn"}
        sent = checks.json_object(body("application/merge-patch+json"))
        changes = checks.checked(sent, allowed, (), ())
        if not sent and not on("an empty change is accepted"):
            raise Refusal(422, "Nothing to change")
        if on("a change resets what was not sent"):
            changes = {"tags": [], **changes}
        after = {**book, **changes}
        if changes.get("subtitle", "") is None and not on("null removes nothing"):
            del after["subtitle"]
        elif changes.get("subtitle", "") is None:
            after = {**after, "subtitle": book.get("subtitle")}
        keep({**after, "price": book["price"]} if on("a change of the price is lost") else after)
        return shown(after, request_id)

    @app.delete("/books/<number:book_id>")
    def remove_book(book_id: int) -> Response:
        librarian()
        if database.book(book_id) is None and on("removing twice is no error"):
            return Response(status=204)
        existing(book_id)
        if not on("a removed book is still there"):
            database.run("DELETE FROM book WHERE id = ?", book_id)
            database.run("DELETE FROM copy WHERE book = ?", book_id)
        return Response(status=204)


def listed(database: Database) -> Response:
    """A page of the books; without an order, in any that the database has."""
    query = request.args
    lowest, highest = (0 if on("a limit of 0 is accepted") else 1), (10**6 if on("a large limit is accepted") else 50)
    default = 20 if on("the default limit is not applied") else 10
    limit = number_in("limit", query.getlist("limit"), lowest, highest, default) or 0
    offset = number_in("offset", query.getlist("offset"), 0, 100000, 0) or 0
    limit = min(limit, 25) if on("pages are shorter than the limit") else limit
    filters: list[tuple[str, object]] = []
    genre = text_in("genre", query.getlist("genre"), either(*checks.GENRES))
    if genre is not None and not on("the filter by genre is ignored"):
        filters.append(("json_extract(body, '$.genre') = ?", genre))
    author = text_in("author", query.getlist("author"), text(1, 60))
    rows = database.books(filters)
    if author is not None:
        name = author.split()[0] if on("the filter by author looks at the first name") and author.split() else author
        rows = [book for book in rows if book["author"] == author or (name != author and name in book["author"])]
    available = text_in("available", query.getlist("available"), either("true", "false"))
    if available is not None:
        wanted = (available == "true") is not on("the filter by availability is the wrong way round")
        rows = [book for book in rows if book["available"] is wanted]
    order = text_in("sort", query.getlist("sort"), _order()) or "id"
    if not on("the order is ignored"):
        member = order.lstrip("-") if order.lstrip("-") in ("id", "year") else "id"
        rows.sort(key=lambda book: book[member], reverse=order.startswith("-"))
    if on("the largest limit is a server error") and limit == 50:
        raise IndexError(limit)
    first = 0 if on("the offset is ignored") else offset
    page = rows[first : None if on("the limit is ignored") else first + limit][:50]
    if on("a book that was added is not in the list"):
        page = [book for book in page if book["id"] <= 24]
    total = len(page) if on("the total is that of the page") else len(rows)
    counted = total + 1 if on("the total of the header is another one") else total
    value = {"items": page, "total": total, "limit": max(1, min(limit, 50)), "offset": offset}
    return Response(json.dumps(value), 200, {"X-Total-Count": str(counted)}, content_type="application/json")


def _order() -> checks.Check:
    return text(0, 99) if on("an unknown order is accepted") else either("id", "-id", "year", "-year")


def wanted_request_id() -> str:
    """The id of the request; refuses one that is missing."""
    given = header("X-Request-Id", REQUEST_ID)
    if given is None and not on("no request id is wanted"):
        raise Refusal(422, "Missing: X-Request-Id")
    return given or "not-given"


def sent_book() -> Row:
    """The book in the body of the request."""
    sent = checks.json_object(body("application/json"))
    required = checks.BOOK_REQUIRED
    if on("a book without a title is accepted"):
        sent = {"title": "Untitled", **sent}
    ignored = None if on("an unknown member of a book is accepted") else checks.BOOK_READ_ONLY
    book = checks.checked(sent, checks.book_checks(), required, ignored)
    if on("a read-only member is taken") and isinstance(sent.get("available"), bool):
        book["available"] = sent["available"]
    return {name: value for name, value in book.items() if name != "subtitle" or value is not None}


def added(database: Database) -> Response:
    """A new book; the read-only members that a client sends are passed over."""
    librarian()
    request_id = wanted_request_id()
    key = header("Idempotency-Key", fits("[A-Za-z0-9-]{8,64}"))
    sent = sent_book()
    answered = database.run("SELECT book FROM answered WHERE key = ?", key)
    if answered and not on("an idempotency key is ignored"):
        book = database.book(answered[0][0])
        if book is None:
            raise Refusal(409, "The book that was added is gone")
        return created(book, request_id)
    if on("NUL in a title is a server error") and "\x00" in sent["title"]:
        raise ValueError("embedded null byte")
    if on("a book without tags is a server error") and not sent["tags"]:
        raise IndexError("no tag")
    book = {"available": True, **sent, "createdAt": datetime.now(UTC).isoformat(timespec="milliseconds")}
    book = {"language": "en", **book}
    if on("the tags of a new book are lost"):
        book["tags"] = []
    if on("the year of a new book is off by one"):
        book["year"] -= book["year"] > 1450
    if on("a default is not applied") and book["language"] == "en":
        book["language"] = "de"
    if on("a book that was added is not kept"):
        return created({"id": 10**6, **book}, request_id)
    try:
        number = database.add_book(book)
    except sqlite3.IntegrityError as error:
        raise Refusal(409, "There is a book with this ISBN") from error
    if on("an id is given twice"):
        number = max(1, number - number % 3)
    if key is not None:
        database.run("INSERT OR REPLACE INTO answered VALUES (?, ?)", key, number)
    return created({"id": number, **book}, request_id)


def created(book: Row, request_id: str) -> Response:
    """The response to a new book, with an absolute location."""
    return shown(book, request_id, 201, Location=f"{request.host_url}books/{book['id']}")
