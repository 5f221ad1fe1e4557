"""Defects that a request shows which breaks the contract, and is accepted."""

from __future__ import annotations

from tests.defects.client import MEMBER, Client
from tests.defects.rows import Defect, Witness, of_schema, place

ADD, REPLACE, CHANGE = "POST /books", "PUT /books/{bookId}", "PATCH /books/{bookId}"


def _books() -> list[Defect]:
    """What a book may not be; all operations that take one share the check."""

    def row(name: str, where: str, **members: object) -> Defect:
        member = next(iter(members))
        clauses = (of_schema("Book", member), of_schema("BookPatch", member))
        if where != "properties":
            clauses = (of_schema("Book") + f"/{where}",)
        if member == "genre":
            clauses = (*clauses, of_schema("Genre"))

        def witness(c: Client) -> bool:
            return c.add(**members).status == 201

        return Defect(name, ADD, clauses, witness, "validation", "judge", (REPLACE, CHANGE))

    return [
        row("a long title is accepted", "properties", title="t" * 121),
        row("any ISBN is accepted", "properties", isbn="not an ISBN"),
        row("an unknown genre is accepted", "properties", genre="drama"),
        row("a year to come is accepted", "properties", year=2101),
        row("a negative price is accepted", "properties", price=-1),
        row("any price is accepted", "properties", price=1.25),
        row("many tags are accepted", "properties", tags=list("abcdef")),
        row("equal tags are accepted", "properties", tags=["a", "a"]),
        row("a number is taken from a string", "properties", year="1817"),
        row("an unknown member of a book is accepted", "additionalProperties", rating=5),
        Defect(
            "a book without a title is accepted",
            ADD,
            (of_schema("Book") + "/required",),
            lambda c: c.post("/books", {n: v for n, v in c.book().items() if n != "title"}).status == 201,
            "validation",
            "judge",
            (REPLACE,),
        ),
        Defect(
            "an empty change is accepted",
            CHANGE,
            (of_schema("BookPatch") + "/minProperties",),
            lambda c: c.patch("/books/1", {}).status == 200,
            "validation",
            "judge",
        ),
        Defect(
            "any media type is taken",
            ADD,
            ("/components/requestBodies/Book/content", place(ADD, "requestBody")),
            lambda c: c.send("POST", "/books", c.book(), media_type="text/plain").status == 201,
            "validation",
            "judge",
            (REPLACE, "POST /members", "POST /loans", "POST /books/{bookId}/copies"),
        ),
        Defect(
            "no request id is wanted",
            ADD,
            ("/components/parameters/RequestId",),
            lambda c: c.post("/books", c.book(), x_request_id=None).status == 201,
            "validation",
            "judge",
            (REPLACE, CHANGE),
        ),
    ]


def _others() -> list[Defect]:
    def row(name: str, operation: str, clauses: tuple[str, ...], witness: Witness, *also: str) -> Defect:
        return Defect(name, operation, clauses, witness, "validation", "judge", also)

    def adds(c: Client, **members: object) -> bool:
        return c.post("/members", {**MEMBER, **members}).status == 201

    def members(name: str) -> tuple[str, ...]:
        return of_schema("Member", name), of_schema("MemberPatch", name)

    def lent(c: Client, **members: object) -> bool:
        loan = {"kind": "copy", "bookId": 1, "shelf": "A1", "until": "2030-01-31"}
        return c.post("/loans", {**loan, **members}).status == 201

    books = place("GET /books", "parameters")
    return [
        row(
            "a wrong email address is accepted",
            "POST /members",
            members("email"),
            lambda c: adds(c, email="a b"),
            CHANGED,
        ),
        row("a short password is accepted", "POST /members", members("password"), lambda c: adds(c, password="short")),
        row(
            "a telephone number in letters is accepted",
            "POST /members",
            members("phone"),
            lambda c: adds(c, phone="call"),
            CHANGED,
        ),
        row("a city without a name is accepted", "POST /members", members("city"), lambda c: adds(c, city=""), CHANGED),
        row("a limit of 0 is accepted", "GET /books", (f"{books}/0",), lambda c: c.get("/books?limit=0").status == 200),
        row(
            "a large limit is accepted", "GET /books", (f"{books}/0",), lambda c: c.get("/books?limit=51").status == 200
        ),
        row(
            "an unknown order is accepted",
            "GET /books",
            (f"{books}/5",),
            lambda c: c.get("/books?sort=isbn").status == 200,
        ),
        row(
            "a search for nothing is accepted",
            "GET /search",
            (place("GET /search", "parameters", "0"),),
            lambda c: c.get("/search").status == 200,
        ),
        row(
            "unknown genres are counted",
            "GET /statistics",
            (place("GET /statistics", "parameters", "1"), of_schema("Genre")),
            lambda c: c.get("/statistics?genres=novel%7Cdrama").status == 200,
        ),
        row(
            "a period without a beginning is accepted",
            "GET /statistics",
            (place("GET /statistics", "parameters", "0"),),
            lambda c: c.get("/statistics?period%5Bto%5D=2030-01-31").status == 200,
        ),
        row(
            "any currency is accepted",
            "GET /statistics",
            (place("GET /statistics", "parameters", "2"),),
            lambda c: c.get("/statistics", cookie="currency=DEM").status == 200,
        ),
        row(
            "a cover without a file is accepted",
            "PUT /books/{bookId}/cover",
            (place("PUT /books/{bookId}/cover", "requestBody"),),
            lambda c: _cover(c, b'--x\r\nContent-Disposition: form-data; name="caption"\r\n\r\na\r\n--x--\r\n') == 204,
        ),
        row(
            "a copy in any condition is accepted",
            "POST /books/{bookId}/copies",
            (of_schema("Copy", "condition"),),
            lambda c: c.post("/books/1/copies", {"shelf": "A1", "condition": "lost"}).status == 201,
        ),
        row(
            "a loan with a device and a shelf is accepted",
            "POST /loans",
            (of_schema("NewLoan"), of_schema("CopyLoan"), of_schema("OnlineLoan")),
            lambda c: lent(c, device="phone"),
        ),
        row(
            "a loan until no day is accepted",
            "POST /loans",
            (of_schema("NewLoan"), of_schema("CopyLoan"), of_schema("OnlineLoan")),
            lambda c: lent(c, until="2030-02-30"),
        ),
    ]


CHANGED = "PATCH /members/{memberId}"


def _cover(c: Client, form: bytes) -> int:
    return c.send("PUT", "/books/1/cover", body=form, media_type="multipart/form-data; boundary=x").status


VALIDATION = (*_books(), *_others())
