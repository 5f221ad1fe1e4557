"""The defects of responses, each a function that changes an answer of a sound server."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass
class Answer:
    """A response to one operation, `GET /books/{bookId}`; the names of its headers are lower case."""

    operation: str
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def value(self) -> Any:
        """The body as JSON; None if it is none."""
        return json.loads(self.body) if "json" in self.headers.get("content-type", "") and self.body else None

    @value.setter
    def value(self, value: Any) -> None:
        self.body = json.dumps(value).encode()

    def fields(self) -> list[tuple[str, str]]:
        """The headers, with the length that the body has now."""
        length = {} if self.status in (204, 304) else {"content-length": str(len(self.body))}
        return list(
            ({name: value for name, value in self.headers.items() if name != "content-length"} | length).items()
        )


ALTERATIONS: dict[str, Callable[[Answer], None]] = {}


def of(name: str, operation: str, status: int) -> Callable[[Callable[[Answer], None]], Callable[[Answer], None]]:
    """Registers a change of the answers of an operation with a status under the name of its defect."""

    def register(change: Callable[[Answer], None]) -> Callable[[Answer], None]:
        def alter(answer: Answer) -> None:
            if answer.operation == operation and answer.status == status:
                change(answer)

        ALTERATIONS[name] = alter
        return change

    return register


def _member(name: str, operation: str, status: int, member: str, change: Callable[[Any], Any]) -> None:
    """Registers a change of one member of a JSON object, or of each object of a list."""

    def alter(answer: Answer) -> None:
        value = answer.value
        for row in value if isinstance(value, list) else [value]:
            if member in row:
                row[member] = change(row[member])
        answer.value = value

    of(name, operation, status)(alter)


def _header(name: str, operation: str, status: int, header: str, value: str | None) -> None:
    """Registers another value of a header, or its absence."""

    def alter(answer: Answer) -> None:
        answer.headers.pop(header.lower(), None)
        if value is not None:
            answer.headers[header.lower()] = value

    of(name, operation, status)(alter)


BOOK, BOOKS, MEMBER = "/books/{bookId}", "/books", "/members/{memberId}"

_header("a new book has no Location", f"POST {BOOKS}", 201, "Location", None)
_header("a book has no entity tag", f"GET {BOOK}", 200, "ETag", None)
_header("an entity tag has no quotes", f"PUT {BOOK}", 200, "ETag", "3f2a11")
_header("the total of the header is a word", f"GET {BOOKS}", 200, "X-Total-Count", "many")
_header("the request id is not sent back", f"PATCH {BOOK}", 200, "X-Request-Id", None)
_header("401 names no scheme", f"DELETE {BOOK}", 401, "WWW-Authenticate", None)
_header("a member is HTML", f"GET {MEMBER}", 200, "Content-Type", "text/html")
_header("a cover is a JPEG", f"GET {BOOK}/cover", 200, "Content-Type", "image/jpeg")
_header("a missing loan is told in plain text", "GET /loans/{loanId}", 404, "Content-Type", "text/plain")
_header(
    "a header shows a query of the database",
    "GET /search",
    200,
    "X-Debug",
    "SELECT id, title FROM book WHERE title LIKE ?",
)
_header("a location leads to another book", f"POST {BOOKS}", 201, "Location", "/books/1")

_member("a year is a text", f"GET {BOOK}", 200, "year", str)
_member("a year has a fraction", f"PUT {BOOK}", 200, "year", lambda year: year + 0.5)
_member("a genre has a capital", f"PATCH {BOOK}", 200, "genre", str.title)
_member("a date is written the local way", f"GET {MEMBER}", 200, "joined", lambda day: "/".join(day.split("-")[::-1]))
_member("a time has no zone", f"GET {BOOK}", 200, "createdAt", lambda time: time.rstrip("Z").replace("T", " "))
_member("an ISBN has dashes", f"POST {BOOKS}", 201, "isbn", lambda isbn: f"{isbn[:3]}-{isbn[3:]}")
_member("a language is null", f"GET {BOOK}", 200, "language", lambda _: None)
_member("an email address has no domain", "GET /members", 200, "email", lambda email: email.partition("@")[0])
_member("a tag is there twice", f"GET {BOOK}", 200, "tags", lambda tags: tags + tags[:1])
_member("a shelf is unknown", f"GET {BOOK}/copies", 200, "shelf", lambda shelf: "Z" + shelf)
_member("an id is a number", f"GET {BOOK}/copies/{{copyId}}", 200, "id", lambda name: int(name[1:]))
_member("a kind of loan is unknown", "GET /loans/{loanId}", 200, "kind", lambda kind: f"{kind}-loan")
_member("a count is a text", "GET /statistics", 200, "books", lambda counts: {k: str(v) for k, v in counts.items()})
_member("an unknown genre is counted", "GET /statistics", 200, "books", lambda counts: {**counts, "drama": 1})
_member("a token is short", "POST /tokens", 200, "token", lambda token: token[:5])
_member(
    "a score is a percentage", "GET /search", 200, "hits", lambda hits: [{**h, "score": h["score"] * 100} for h in hits]
)


@of("a new member tells its password", "POST /members", 201)
def _(answer: Answer) -> None:
    answer.value = {**answer.value, "password": "difference-engine"}


@of("a member shows the hash of its password", f"GET {MEMBER}", 200)
def _(answer: Answer) -> None:
    answer.value = {**answer.value, "passwordHash": "pbkdf2:sha256:600000$4f2a$9d3b1c7e55aa02bd91"}


@of("a book has no title", f"GET {BOOK}", 200)
def _(answer: Answer) -> None:
    answer.value = {name: value for name, value in answer.value.items() if name != "title"}


@of("a book in the list has a member of its own", f"GET {BOOKS}", 200)
def _(answer: Answer) -> None:
    page = answer.value
    answer.value = {**page, "items": [{**book, "rowid": 7} for book in page["items"]]}


@of("200 for a new book", f"POST {BOOKS}", 201)
def _(answer: Answer) -> None:
    answer.status = 200


@of("200 for a removed member", f"DELETE {MEMBER}", 204)
def _(answer: Answer) -> None:
    answer.status, answer.headers["content-type"], answer.body = 200, "application/json", b'{"removed": true}'


@of("the statistics are no JSON", "GET /statistics", 200)
def _(answer: Answer) -> None:
    answer.body = answer.body.replace(b'"', b"'")


@of("loans are wrapped in an object", "GET /loans", 200)
def _(answer: Answer) -> None:
    answer.value = {"loans": answer.value}


@of("a missing member is told without a title", f"GET {MEMBER}", 404)
def _(answer: Answer) -> None:
    answer.value = {"status": 404, "detail": "No such member"}


@of("a problem shows a stack trace", f"PUT {BOOK}", 404)
def _(answer: Answer) -> None:
    trace = (
        "Traceback (most recent call last):\n"
        '  File "/srv/library/app/books.py", line 41, in replace\n    row = rows[number]\nKeyError: 99'
    )
    answer.value = {**answer.value, "detail": trace}


@of("a conflict is told with 410", f"POST {BOOKS}", 409)
def _(answer: Answer) -> None:
    answer.status = 410


@of("405 allows GET alone", f"TRACE {BOOKS}", 405)
def _(answer: Answer) -> None:
    answer.headers["allow"] = "GET"


@of("an undocumented method is answered", "DELETE /search", 405)
def _(answer: Answer) -> None:
    answer.status, answer.headers["content-type"], answer.body = 200, "application/json", b"{}"


def _always(name: str) -> Callable[[Callable[[Answer], None]], Callable[[Answer], None]]:
    """Registers a change of all answers under the name of an oddity."""

    def register(change: Callable[[Answer], None]) -> Callable[[Answer], None]:
        ALTERATIONS[name] = change
        return change

    return register


@_always("any web page may ask")
def _(answer: Answer) -> None:
    answer.headers |= {"access-control-allow-origin": "*", "vary": "Origin", "server-timing": "db;dur=3.2"}


@_always("JSON names its charset")
def _(answer: Answer) -> None:
    if answer.headers.get("content-type") == "application/json":
        answer.headers["content-type"] = "application/json; charset=UTF-8"


@_always("a problem says more")
def _(answer: Answer) -> None:
    if answer.headers.get("content-type") == "application/problem+json":
        answer.value = {**answer.value, "type": "https://library.example/problems/7", "traceId": "4bf92f3577b34da6"}


@_always("whole prices have no fraction")
def _(answer: Answer) -> None:
    _each_book(answer, lambda book: book | {"price": _whole(book["price"])})


@_always("times have an offset and fractions of a second")
def _(answer: Answer) -> None:
    _each_book(answer, lambda book: book | {"createdAt": book["createdAt"].replace("Z", ".000+00:00")})


@_always("a subtitle that was not sent is null")
def _(answer: Answer) -> None:
    _each_book(answer, lambda book: {"subtitle": None} | book)


@_always("locations are absolute")
def _(answer: Answer) -> None:
    location = answer.headers.get("location", "")
    if location.startswith("/"):
        answer.headers["location"] = f"https://library.example{location}"


@_always("loans come in any order")
def _(answer: Answer) -> None:
    if answer.operation == "GET /loans" and answer.status == 200:
        loans = answer.value
        random.shuffle(loans)
        answer.value = loans


def _whole(number: float) -> float:
    return int(number) if number == int(number) else number


def _each_book(answer: Answer, change: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
    """Changes each book in an answer."""
    value = answer.value
    if not isinstance(value, dict) or answer.status >= 300:
        return
    if "isbn" in value:
        value = change(value)
    elif "items" in value:
        value["items"] = [change(book) for book in value["items"]]
    elif "hits" in value:
        value["hits"] = [{**hit, "book": change(hit["book"])} for hit in value["hits"]]
    answer.value = value
