"""Defects that one response shows: its status, its headers, its media type and its body."""

from __future__ import annotations

import json

from tests.defects.client import MEMBER, Client, Reply
from tests.defects.rows import Defect, Witness, of_schema, place

BOOKS, BOOK, MEMBERS, ONE = "/books", "/books/{bookId}", "/members", "/members/{memberId}"
FIRST = "/members/6f9619ff-8b86-4011-b42d-00cf4fc96401"
NOBODY = "/members/6f9619ff-8b86-4011-b42d-00cf4fc96499"
SHARED = of_schema("Book")


def _replaced(c: Client) -> Reply:
    return c.send("PUT", "/books/3", c.book())


def _is_json(reply: Reply) -> bool:
    try:
        json.loads(reply.body)
    except ValueError:
        return False
    return True


def _headers() -> list[Defect]:
    def row(name: str, operation: str, status: int, header: str, witness: Witness) -> Defect:
        clause = place(operation, "responses", str(status), "headers", header)
        shared = {"X-Request-Id": "/components/headers/RequestId", "ETag": of_schema("EntityTag")}.get(header, clause)
        return Defect(name, operation, (clause, shared), witness, "headers", "judge")

    return [
        row(
            "a new book has no Location", f"POST {BOOKS}", 201, "Location", lambda c: "location" not in c.add().headers
        ),
        row("a book has no entity tag", f"GET {BOOK}", 200, "ETag", lambda c: "etag" not in c.get("/books/1").headers),
        row(
            "an entity tag has no quotes", f"PUT {BOOK}", 200, "ETag", lambda c: '"' not in _replaced(c).headers["etag"]
        ),
        row(
            "the total of the header is a word",
            f"GET {BOOKS}",
            200,
            "X-Total-Count",
            lambda c: not c.get("/books").headers["x-total-count"].isdigit(),
        ),
        row(
            "the request id is not sent back",
            f"PATCH {BOOK}",
            200,
            "X-Request-Id",
            lambda c: "x-request-id" not in c.patch("/books/1", {"year": 1900}).headers,
        ),
        Defect(
            "401 names no scheme",
            f"DELETE {BOOK}",
            ("/components/responses/Unknown/headers/WWW-Authenticate",),
            lambda c: "www-authenticate" not in c.send("DELETE", "/books/1", authorization=None).headers,
            "headers",
            "judge",
        ),
    ]


def _media_types() -> list[Defect]:
    def row(name: str, operation: str, clause: str, target: str, media_type: str) -> Defect:
        def witness(c: Client) -> bool:
            return c.get(target).headers["content-type"] == media_type

        return Defect(name, operation, (clause,), witness, "media types", "judge")

    content = ("responses", "200", "content")
    return [
        row("a member is HTML", f"GET {ONE}", place(f"GET {ONE}", *content), FIRST, "text/html"),
        row(
            "a cover is a JPEG",
            f"GET {BOOK}/cover",
            place(f"GET {BOOK}/cover", *content),
            "/books/1/cover",
            "image/jpeg",
        ),
        row(
            "a missing loan is told in plain text",
            "GET /loans/{loanId}",
            "/components/responses/Missing/content",
            "/loans/99",
            "text/plain",
        ),
        Defect(
            "the statistics are no JSON",
            "GET /statistics",
            (place("GET /statistics", *content),),
            lambda c: not _is_json(c.get("/statistics")),
            "media types",
            "judge",
        ),
    ]


def _schemas() -> list[Defect]:
    def row(name: str, operation: str, clause: str, witness: Witness) -> Defect:
        referred = (of_schema("Genre"),) if clause.endswith("propertyNames") else ()
        return Defect(name, operation, (clause, *referred), witness, "schemas", "judge")

    def book(member: str) -> str:
        return of_schema("Book", member)

    def of(c: Client, target: str) -> object:
        return c.get(target).json

    statistics = place("GET /statistics", "responses", "200", "content", "application~1json", "schema", "properties")
    search = place("GET /search", "responses", "200", "content", "application~1json", "schema", "properties")
    tokens = place("POST /tokens", "responses", "200", "content", "application~1json", "schema", "properties")
    loans = place("GET /loans", "responses", "200", "content", "application~1json", "schema")
    ada = b"username=ada&password=difference-engine"
    return [
        row("a year is a text", f"GET {BOOK}", book("year"), lambda c: isinstance(c.get("/books/1").json["year"], str)),
        row(
            "a year has a fraction", f"PUT {BOOK}", book("year"), lambda c: isinstance(_replaced(c).json["year"], float)
        ),
        row(
            "a genre has a capital",
            f"PATCH {BOOK}",
            of_schema("Genre"),
            lambda c: c.patch("/books/1", {"year": 1900}).json["genre"].istitle(),
        ),
        row(
            "a date is written the local way",
            f"GET {ONE}",
            of_schema("Member", "joined"),
            lambda c: "/" in c.get(FIRST).json["joined"],
        ),
        row(
            "a time has no zone",
            f"GET {BOOK}",
            book("createdAt"),
            lambda c: "T" not in c.get("/books/1").json["createdAt"],
        ),
        row("an ISBN has dashes", f"POST {BOOKS}", book("isbn"), lambda c: "-" in c.add().json["isbn"]),
        row(
            "a language is null", f"GET {BOOK}", book("language"), lambda c: c.get("/books/1").json["language"] is None
        ),
        row(
            "an email address has no domain",
            f"GET {MEMBERS}",
            of_schema("Member", "email"),
            lambda c: "@" not in c.get("/members").json[0]["email"],
        ),
        row(
            "a tag is there twice",
            f"GET {BOOK}",
            book("tags"),
            lambda c: len(set(c.get("/books/3").json["tags"])) < len(c.get("/books/3").json["tags"]),
        ),
        row(
            "a shelf is unknown",
            f"GET {BOOK}/copies",
            of_schema("Copy", "shelf"),
            lambda c: c.get("/books/1/copies").json[0]["shelf"][0] == "Z",
        ),
        row(
            "an id is a number",
            f"GET {BOOK}/copies/{{copyId}}",
            of_schema("Copy", "id"),
            lambda c: c.get("/books/1/copies/c1").json["id"] == 1,
        ),
        row(
            "a kind of loan is unknown",
            "GET /loans/{loanId}",
            of_schema("Loan", "kind"),
            lambda c: c.get("/loans/1").json["kind"] not in ("copy", "online"),
        ),
        row(
            "a count is a text",
            "GET /statistics",
            f"{statistics}/books/additionalProperties",
            lambda c: isinstance(c.get("/statistics").json["books"]["novel"], str),
        ),
        row(
            "an unknown genre is counted",
            "GET /statistics",
            f"{statistics}/books/propertyNames",
            lambda c: "drama" in c.get("/statistics").json["books"],
        ),
        row(
            "a token is short",
            "POST /tokens",
            f"{tokens}/token",
            lambda c: (
                len(c.send("POST", "/tokens", body=ada, media_type="application/x-www-form-urlencoded").json["token"])
                < 8
            ),
        ),
        row(
            "a score is a percentage",
            "GET /search",
            f"{search}/hits/items/properties/score",
            lambda c: c.get("/search?q=sea").json["hits"][0]["score"] > 1,
        ),
        row(
            "a new member tells its password",
            f"POST {MEMBERS}",
            of_schema("Member", "password"),
            lambda c: "password" in c.post("/members", MEMBER).json,
        ),
        row(
            "a book has no title", f"GET {BOOK}", f"{SHARED}/required", lambda c: "title" not in c.get("/books/1").json
        ),
        row(
            "a book in the list has a member of its own",
            f"GET {BOOKS}",
            f"{SHARED}/additionalProperties",
            lambda c: "rowid" in c.get("/books").json["items"][0],
        ),
        row("loans are wrapped in an object", "GET /loans", loans, lambda c: isinstance(of(c, "/loans"), dict)),
        row(
            "a missing member is told without a title",
            f"GET {ONE}",
            of_schema("Problem") + "/required",
            lambda c: "title" not in c.get(NOBODY).json,
        ),
    ]


def _statuses() -> list[Defect]:
    def row(name: str, operation: str, witness: Witness) -> Defect:
        return Defect(name, operation, (place(operation, "responses"),), witness, "statuses", "judge")

    def conflict(c: Client) -> int:
        return c.post("/books", c.book(isbn="9780000000001")).status

    return [
        row("200 for a new book", f"POST {BOOKS}", lambda c: c.add().status == 200),
        row("200 for a removed member", f"DELETE {ONE}", lambda c: c.send("DELETE", FIRST).status == 200),
        row("a conflict is told with 410", f"POST {BOOKS}", lambda c: conflict(c) == 410),
    ]


def _internals() -> list[Defect]:
    return [
        Defect(
            "a member shows the hash of its password",
            f"GET {ONE}",
            (place(f"GET {ONE}", "responses", "200"), of_schema("Member")),
            lambda c: "passwordHash" in c.get(FIRST).json,
            "internals",
            "relations",
        ),
        Defect(
            "a problem shows a stack trace",
            f"PUT {BOOK}",
            (place(f"PUT {BOOK}", "responses", "404"), "/components/responses/Missing", of_schema("Problem")),
            lambda c: b"Traceback" in c.send("PUT", "/books/99", c.book()).body,
            "internals",
            "relations",
        ),
        Defect(
            "a header shows a query of the database",
            "GET /search",
            (place("GET /search", "responses", "200"),),
            lambda c: "SELECT" in c.get("/search?q=sea").headers.get("x-debug", ""),
            "internals",
            "relations",
        ),
    ]


ANSWERS = (*_headers(), *_media_types(), *_schemas(), *_statuses(), *_internals())
