"""Defects of credentials and methods, crashes, and what takes too long."""

from __future__ import annotations

from time import monotonic

from tests.defects import stock
from tests.defects.client import Client
from tests.defects.rows import Defect, Witness, place

SECURED_BY_TOKEN = (
    "POST /books",
    "PUT /books/{bookId}",
    "PATCH /books/{bookId}",
    "DELETE /books/{bookId}",
    "POST /books/{bookId}/copies",
    "PUT /books/{bookId}/cover",
    "GET /loans",
    "POST /loans",
    "GET /loans/{loanId}",
)
SECURED_BY_KEY = (
    "GET /members",
    "POST /members",
    "GET /members/{memberId}",
    "PATCH /members/{memberId}",
    "DELETE /members/{memberId}",
)
LIBRARIAN, DESK = "/components/securitySchemes/librarian", "/components/securitySchemes/desk"
FIRST = "/members/6f9619ff-8b86-4011-b42d-00cf4fc96401"


def _credentials() -> list[Defect]:
    def row(name: str, operation: str, clause: str, witness: Witness, *also: str, more: str = "") -> Defect:
        clauses = (clause, place(operation, "security"), *([more] if more else []))
        return Defect(name, operation, clauses, witness, "credentials", "judge", also)

    def forbidden(c: Client, token: str | None) -> bool:
        return c.get("/loans", authorization=token).status == 403

    responses = place("GET /loans", "responses")
    return [
        row(
            "a book is added without a token",
            "POST /books",
            LIBRARIAN,
            lambda c: c.post("/books", c.book(), authorization=None).status == 201,
        ),
        row(
            "any token is good",
            "GET /loans",
            LIBRARIAN,
            lambda c: c.get("/loans", authorization="Bearer of-nobody").status == 200,
            *SECURED_BY_TOKEN,
        ),
        row(
            "any key is good",
            "GET /members",
            DESK,
            lambda c: c.get("/members", x_api_key="of-nobody").status == 200,
            *SECURED_BY_KEY,
        ),
        row(
            "a member is removed without a key",
            "DELETE /members/{memberId}",
            DESK,
            lambda c: c.send("DELETE", FIRST, x_api_key=None).status == 204,
        ),
        row(
            "403 for a missing token",
            "GET /loans",
            responses,
            lambda c: forbidden(c, None),
            *SECURED_BY_TOKEN,
            more="/paths",
        ),
        row(
            "403 for an unknown token",
            "GET /loans",
            responses,
            lambda c: forbidden(c, "Bearer of-nobody"),
            *SECURED_BY_TOKEN,
            more="/paths",
        ),
        Defect(
            "a token is not known afterwards",
            "POST /tokens",
            (place("POST /tokens", "responses", "200"),),
            lambda c: _token(c) != stock.TOKEN,
            "credentials",
            "run",
        ),
    ]


def _token(c: Client) -> str:
    form = b"username=ada&password=difference-engine"
    return str(c.send("POST", "/tokens", body=form, media_type="application/x-www-form-urlencoded").json["token"])


def _methods() -> list[Defect]:
    def row(name: str, path: str, witness: Witness, *also: str) -> Defect:
        clauses = tuple("/paths/" + each.replace("/", "~1") for each in (path, *also))
        return Defect(name, path, clauses, witness, "methods", "judge", also)

    every = ("/books/{bookId}", "/books", "/tokens", "/members", "/members/{memberId}", "/loans", "/loans/{loanId}")
    below = ("/books/{bookId}/copies", "/books/{bookId}/copies/{copyId}", "/books/{bookId}/cover", "/statistics")
    return [
        row(
            "405 has no Allow",
            "/search",
            lambda c: "allow" not in c.send("DELETE", "/search").headers,
            *every,
            *below,
        ),
        row("405 allows GET alone", "/books", lambda c: c.send("TRACE", "/books").headers["allow"] == "GET"),
        row("an undocumented method is answered", "/search", lambda c: c.send("DELETE", "/search").status == 200),
    ]


def _crashes() -> list[Defect]:
    def row(name: str, operation: str, witness: Witness, *also: str) -> Defect:
        return Defect(name, operation, tuple(map(place, (operation, *also))), witness, "crashes", "judge", also)

    deep = b'{"title": ' + b"[" * 100_000 + b"]" * 100_000 + b"}"
    bodies = (
        *(o for o in SECURED_BY_TOKEN if o[:2] in ("PO", "PU", "PA")),
        "POST /members",
        "PATCH /members/{memberId}",
    )
    missing = ("PUT /books/{bookId}", "PATCH /books/{bookId}", "DELETE /books/{bookId}")
    return [
        row(
            "a missing book is a server error",
            "GET /books/{bookId}",
            lambda c: _crashes_at(c, "GET", "/books/99"),
            *missing,
            "GET /books/{bookId}/copies",
            "POST /books/{bookId}/copies",
            "GET /books/{bookId}/copies/{copyId}",
            "PUT /books/{bookId}/cover",
            "GET /books/{bookId}/cover",
            "POST /loans",
        ),
        row(
            "deeply nested JSON is a server error",
            "POST /books",
            lambda c: _crashes_at(c, "POST", "/books", deep),
            *bodies,
        ),
        row(
            "a body that is not JSON is a server error",
            "POST /books",
            lambda c: _crashes_at(c, "POST", "/books", b"{"),
            *bodies,
        ),
        row("NUL in a title is a server error", "POST /books", lambda c: _raises(c, title="a\x00")),
        row("a book without tags is a server error", "POST /books", lambda c: _raises(c, tags=[])),
        row("the largest limit is a server error", "GET /books", lambda c: _crashes_at(c, "GET", "/books?limit=50")),
        row(
            "the price of no books is a server error",
            "GET /statistics",
            lambda c: _crashes_at(c, "GET", "/statistics?period%5Bfrom%5D=2999-01-01"),
        ),
        row(
            "a question that is no ASCII is a server error",
            "GET /search",
            lambda c: _crashes_at(c, "GET", "/search?q=%C3%A9"),
        ),
        Defect(
            "a search takes its time",
            "GET /search",
            (place("GET /search"),),
            lambda c: _seconds(c, "/search?q=sea") > 1.5,
            "slowness",
            "run",
            arguments=("--max-response-time", "1"),
        ),
    ]


def _crashes_at(c: Client, method: str, target: str, body: bytes = b"") -> bool:
    return c.send(method, target, body=body).status == 500


def _raises(c: Client, **members: object) -> bool:
    return c.add(**members).status == 500


def _seconds(c: Client, target: str) -> float:

    before = monotonic()
    c.get(target)
    return monotonic() - before


REFUSALS = (*_credentials(), *_methods(), *_crashes())
