"""Defects that several messages show when they are put side by side."""

from __future__ import annotations

from tests.defects.client import BOOK, MEMBER, MERGE, Client
from tests.defects.rows import Defect, Witness, of_schema, place
from tests.defects.stock import PNG

BOOKS, ONE, COPIES = "/books", "/books/{bookId}", "/books/{bookId}/copies"
ADD, GET, LIST, REPLACE, CHANGE, REMOVE = (
    f"POST {BOOKS}",
    f"GET {ONE}",
    f"GET {BOOKS}",
    f"PUT {ONE}",
    f"PATCH {ONE}",
    f"DELETE {ONE}",
)
MEMBERS, MEMBER_PATH = "/members", "/members/{memberId}"
FIRST = "/members/6f9619ff-8b86-4011-b42d-00cf4fc96401"


_SENT = {
    REPLACE: (of_schema("Book"),),
    CHANGE: (of_schema("BookPatch"), of_schema("Book")),
    f"PATCH {MEMBER_PATH}": (of_schema("MemberPatch"), of_schema("Member")),
}
"""The schemas of what the operations take that change something: a member that is lost is a place in these."""


def _row(name: str, operation: str, witness: Witness, *also: str, clauses: tuple[str, ...] = ()) -> Defect:
    every = (*clauses, place(operation), *map(place, also), *_SENT.get(operation, ()))
    return Defect(name, operation, every, witness, "state", "relations", also)


def _after(c: Client, method: str, target: str, value: object, **headers: str) -> object:
    """What is read after a change of the book."""
    c.send(method, target, value, media_type=MERGE if method == "PATCH" else "application/json", **headers)
    return c.get(target).json


def _kept() -> list[Defect]:
    def loses_price(c: Client) -> bool:
        return c.patch("/books/1", {"price": 99}).json["price"] == 99 != c.get("/books/1").json["price"]

    def nulled(c: Client) -> bool:
        c.patch("/books/1", {"subtitle": "A story"})
        c.patch("/books/1", {"subtitle": None})
        return c.get("/books/1").json.get("subtitle") == "A story"

    def cover(c: Client) -> bytes:
        head = b'--x\r\nContent-Disposition: form-data; name="file"\r\nContent-Type: image/png\r\n\r\n'
        c.send(
            "PUT", "/books/2/cover", body=head + PNG + b"\r\n--x--\r\n", media_type="multipart/form-data; boundary=x"
        )
        return c.get("/books/2/cover").body

    loan = {"kind": "online", "bookId": 1, "device": "phone", "until": "2030-01-31"}
    copy = {"shelf": "A1", "condition": "new", "boughtOn": "2020-01-01"}
    return [
        _row("a book that was added is not kept", ADD, lambda c: c.get(c.add().location).status == 404, GET),
        _row(
            "a book that was added is not in the list",
            LIST,
            lambda c: c.add().json["id"] not in [book["id"] for book in c.get("/books?limit=50").json["items"]],
            ADD,
        ),
        _row(
            "a replaced book is not kept",
            REPLACE,
            lambda c: _after(c, "PUT", "/books/1", c.book(year=1500))["year"] != 1500,
            GET,
        ),  # type: ignore[index]
        _row(
            "a change resets what was not sent",
            CHANGE,
            lambda c: not _after(c, "PATCH", "/books/3", {"year": 1500})["tags"],
            GET,
        ),  # type: ignore[index]
        _row("a change of the price is lost", CHANGE, loses_price, GET),
        _row("null removes nothing", CHANGE, nulled, GET),
        _row(
            "a change is made to another member",
            f"PATCH {MEMBER_PATH}",
            lambda c: c.patch(FIRST, {"city": "Rome"}).status == 200 and c.get(FIRST).json["city"] != "Rome",
            f"GET {MEMBER_PATH}",
        ),
        _row(
            "the tags of a new book are lost",
            ADD,
            lambda c: c.add().json["tags"] != BOOK["tags"],
            clauses=(of_schema("Book"),),
        ),
        _row(
            "the year of a new book is off by one",
            ADD,
            lambda c: c.add().json["year"] != BOOK["year"],
            clauses=(of_schema("Book"),),
        ),
        _row(
            "a default is not applied",
            ADD,
            lambda c: c.add().json["language"] != "en",
            REPLACE,
            clauses=(of_schema("Book"),),
        ),
        _row(
            "the purchase of a copy is lost",
            f"POST {COPIES}",
            lambda c: "boughtOn" not in c.post("/books/1/copies", copy).json,
            clauses=(of_schema("Copy"),),
        ),
        _row(
            "the end of a loan is another day",
            "POST /loans",
            lambda c: c.post("/loans", loan).json["until"] != loan["until"],
            clauses=tuple(map(of_schema, ("Loan", "NewLoan", "CopyLoan", "OnlineLoan"))),
        ),
        _row("a cover loses its last byte", f"PUT {ONE}/cover", lambda c: cover(c) == PNG[:-1], f"GET {ONE}/cover"),
        _row(
            "a read-only member is taken",
            ADD,
            lambda c: c.post("/books", c.book(available=False)).json.get("available") is False,
            REPLACE,
            clauses=(of_schema("Book", "available"),),
        ),
        _row(
            "the day of joining is taken from a client",
            f"POST {MEMBERS}",
            lambda c: c.post(MEMBERS, {**MEMBER, "joined": "1999-01-01"}).json["joined"] == "1999-01-01",
            f"PATCH {MEMBER_PATH}",
            clauses=(of_schema("Member", "joined"),),
        ),
    ]


def _identities() -> list[Defect]:
    def two_at_once(c: Client) -> bool:
        return any(len({reply.location for reply in c.at_once(4)}) < 4 for _ in range(5))

    def another_id(c: Client) -> bool:
        reply = c.post(MEMBERS, MEMBER)
        return c.get(f"{MEMBERS}/{reply.json['id']}").status == 404

    return [
        _row("an id is given twice", ADD, lambda c: len({c.add().json["id"] for _ in range(6)}) < 6),
        _row("two at once get one id", ADD, two_at_once),
        _row("the id in the response is another one", f"POST {MEMBERS}", another_id, f"GET {MEMBER_PATH}"),
        _row("a location leads to another book", ADD, lambda c: c.add().location == "/books/1"),
        _row(
            "the location of a copy leads nowhere",
            f"POST {COPIES}",
            lambda c: "/copy/" in "/" + c.post("/books/1/copies", {"shelf": "A1", "condition": "new"}).location,
            f"GET {COPIES}/{{copyId}}",
        ),
        _row(
            "copies of all books are listed",
            f"GET {COPIES}",
            lambda c: "c3" in [copy["id"] for copy in c.get("/books/1/copies").json],
        ),
        _row(
            "a copy is found under any book",
            f"GET {COPIES}/{{copyId}}",
            lambda c: c.get("/books/1/copies/c3").status == 200,
        ),
        _row("a missing book has copies", f"GET {COPIES}", lambda c: c.get("/books/99/copies").status == 200, REMOVE),
        _row(
            "a missing book is lent",
            "POST /loans",
            lambda c: (
                c.post("/loans", {"kind": "copy", "bookId": 99, "shelf": "A1", "until": "2030-01-31"}).status == 201
            ),
        ),
    ]


def _gone() -> list[Defect]:
    def still_listed(c: Client) -> bool:
        c.send("DELETE", FIRST)
        return FIRST[9:] in [member["id"] for member in c.get("/members?per_page=20").json]

    def still_there(c: Client) -> bool:
        return c.send("DELETE", "/books/1").status == 204 and c.get("/books/1").status == 200

    return [
        _row("a removed book is still there", REMOVE, still_there, GET, LIST),
        _row("a removed member is still in the list", f"DELETE {MEMBER_PATH}", still_listed, f"GET {MEMBERS}"),
    ]


def _lists() -> list[Defect]:
    def ids(c: Client, query: str) -> list[int]:
        return [book["id"] for book in c.get(f"/books?{query}").json["items"]]

    def members(c: Client, query: str) -> list[str]:
        return [member["id"] for member in c.get(f"/members?{query}").json]

    def genres(c: Client) -> set[str]:
        return {book["genre"] for book in c.get("/books?genre=poetry").json["items"]}

    def total(c: Client) -> tuple[int, int]:
        reply = c.get("/books?limit=3")
        return reply.json["total"], int(reply.headers["x-total-count"])

    def paged(c: Client) -> list[str]:
        return members(c, "per_page=4") + members(c, "per_page=4&page=2")

    def following(c: Client) -> str:
        return c.get("/members").headers["link"]

    parameters = place(LIST, "parameters")
    page = place(f"GET {MEMBERS}")
    link = place(f"GET {MEMBERS}", "responses", "200", "headers", "Link")
    return [
        _row("the limit is ignored", LIST, lambda c: len(ids(c, "limit=3")) > 3, clauses=(f"{parameters}/0",)),
        _row("the default limit is not applied", LIST, lambda c: len(ids(c, "")) > 10, clauses=(f"{parameters}/0",)),
        _row("the offset is ignored", LIST, lambda c: ids(c, "offset=3") == ids(c, ""), clauses=(f"{parameters}/1",)),
        _row("the order is ignored", LIST, lambda c: ids(c, "sort=-id") == ids(c, ""), clauses=(f"{parameters}/5",)),
        _row("the total is that of the page", LIST, lambda c: total(c)[0] == 3),
        _row("the total of the header is another one", LIST, lambda c: total(c)[0] != total(c)[1]),
        _row("the filter by genre is ignored", LIST, lambda c: genres(c) != {"poetry"}, clauses=(f"{parameters}/2",)),
        _row(
            "the filter by author looks at the first name",
            LIST,
            lambda c: ids(c, "author=Jane+Eyre") != [],
            clauses=(f"{parameters}/3",),
        ),
        _row(
            "the filter by availability is the wrong way round",
            LIST,
            lambda c: 1 not in ids(c, "available=true&limit=50"),
            clauses=(f"{parameters}/4",),
        ),
        _row("the filter by city is ignored", f"GET {MEMBERS}", lambda c: len(members(c, "city=Oslo&per_page=20")) > 4),
        _row("a page repeats a row", f"GET {MEMBERS}", lambda c: len(set(paged(c))) < 8, clauses=(page,)),
        _row(
            "a page skips a row",
            f"GET {MEMBERS}",
            lambda c: paged(c) != members(c, "per_page=8") and len(set(paged(c))) == 8,
            clauses=(page,),
        ),
        _row("the next page is the same one", f"GET {MEMBERS}", lambda c: "page=1&" in following(c), clauses=(link,)),
        _row("the next page is nowhere", f"GET {MEMBERS}", lambda c: "</member?" in following(c), clauses=(link,)),
    ]


def _conditions() -> list[Defect]:
    def tag(c: Client) -> str:
        return c.get("/books/1").headers["etag"]

    def keeps_tag(c: Client) -> bool:
        before = tag(c)
        c.patch("/books/1", {"year": 1500})
        return tag(c) == before

    def twice(c: Client) -> bool:
        book = c.book()
        first = c.post("/books", book, idempotency_key="only-once")
        second = c.post("/books", book, idempotency_key="only-once")
        return second.status != 201 or second.location != first.location

    def changes(c: Client) -> bool:
        return c.get("/books/1").json != c.get("/books/1").json

    return [
        _row("reading changes a book", GET, changes),
        _row(
            "If-Match is ignored",
            REPLACE,
            lambda c: _status(c, '"0000"') == 200,
            CHANGE,
            clauses=("/components/parameters/IfMatch",),
        ),
        _row(
            "If-None-Match is ignored",
            GET,
            lambda c: c.get("/books/1", if_none_match=tag(c)).status == 200,
            clauses=(place(GET, "parameters", "0"),),
        ),
        _row("an update keeps the entity tag", CHANGE, keeps_tag, REPLACE, GET),
        _row("an idempotency key is ignored", ADD, twice, clauses=(place(ADD, "parameters", "1"),)),
    ]


def _status(c: Client, tag: str) -> int:
    return c.send("PUT", "/books/1", c.book(), if_match=tag).status


STATE = (*_kept(), *_identities(), *_gone(), *_lists(), *_conditions())
