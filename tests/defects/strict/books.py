"""The books of the strict server."""

import asyncio
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Header, HTTPException, Path, Query, Request, Response
from pydantic_core import PydanticUndefined

from tests.defects.strict.keeping import Library, Row, entity_tag, now
from tests.defects.strict.models import Number, books, unless
from tests.defects.strict.refusing import StrictRoute, json_response, librarian, takes
from tests.defects.switch import on

BookId = Annotated[Number, Path(ge=1, le=2147483647)]
WORD = "^[A-Za-z0-9-]+$"
RequestId = Annotated[str, Header(alias="X-Request-Id", min_length=8, max_length=64, pattern=WORD)]
IfMatch = Annotated[str | None, Header(alias="If-Match", pattern='^"[0-9a-f]{4,40}"$')]
Key = Annotated[str | None, Header(alias="Idempotency-Key", min_length=8, max_length=64, pattern=WORD)]
Genre = Literal["novel", "poetry", "science", "history"]
Order = Literal["id", "-id", "year", "-year"]


def shown(book: Row, request_id: str = "", status: int = 200, **headers: str) -> Response:
    """A response with a book."""
    more = {"X-Request-Id": request_id} if request_id else {}
    return json_response(book, status, {"ETag": entity_tag(book), **more, **headers})


def routes(library: Library) -> APIRouter:
    """The routes of the books."""
    router = APIRouter(route_class=StrictRoute)
    listing(router, library)
    adding(router, library)
    changing(router, library)
    return router


def listing(router: APIRouter, library: Library) -> None:
    """The list of books."""
    Limit = Annotated[
        Number, Query(ge=unless("a limit of 0 is accepted", 1), le=unless("a large limit is accepted", 50))
    ]
    Sort = str if on("an unknown order is accepted") else Order
    first = 20 if on("the default limit is not applied") else 10

    @router.get("/books")
    async def list_books(
        limit: Limit = first,
        offset: Annotated[Number, Query(ge=0, le=100000)] = 0,
        genre: Genre | None = None,
        author: Annotated[str | None, Query(min_length=1, max_length=60)] = None,
        available: Literal["true", "false"] | None = None,
        sort: Sort = "id",  # type: ignore[valid-type]
    ) -> Response:
        rows = selected(library, genre, author, available)
        if not on("the order is ignored"):
            rows.sort(key=lambda book: book[str(sort).lstrip("-")] if sort in ALL_ORDERS else 0)
            if str(sort).startswith("-"):
                rows.reverse()
        if on("pages are shorter than the limit"):
            limit = min(limit, 25)
        if on("another client adds books"):
            another_client(library)
        page = rows[0 if on("the offset is ignored") else offset :]
        page = page[: len(page) if on("the limit is ignored") else limit][:50]
        if on("the largest limit is a server error") and limit == 50:
            raise IndexError("no page is that long")
        if on("a book that was added is not in the list"):
            page = [book for book in page if book["id"] <= 24]
        total = len(page) if on("the total is that of the page") else len(rows)
        counted = total + 1 if on("the total of the header is another one") else total
        body = {"items": page, "total": total, "limit": max(1, min(limit, 50)), "offset": offset}
        return json_response(body, headers={"X-Total-Count": str(counted)})


ALL_ORDERS = ("id", "-id", "year", "-year")


def selected(library: Library, genre: str | None, author: str | None, available: str | None) -> list[Row]:
    """The books that the filters let through."""
    rows = list(library.books.values())
    if genre is not None and not on("the filter by genre is ignored"):
        rows = [book for book in rows if book["genre"] == genre]
    if author is not None:
        name = author.split()[0] if on("the filter by author looks at the first name") and author.split() else author
        rows = [book for book in rows if book["author"] == author or (name != author and name in book["author"])]
    if available is not None:
        wanted = (available == "true") is not on("the filter by availability is the wrong way round")
        rows = [book for book in rows if book["available"] is wanted]
    return rows


def another_client(library: Library) -> None:
    """Somebody else adds a book, at each third list."""
    library.lists += 1
    if library.lists % 3 == 0:
        library.last_book += 1
        book = {**library.books[min(library.books)], "id": library.last_book}
        library.books[library.last_book] = {**book, "isbn": f"979{library.last_book:010d}"}


def adding(router: APIRouter, library: Library) -> None:
    """A new book."""
    Book = books()[0]
    default = "not-given" if on("no request id is wanted") else PydanticUndefined
    request_id_of_its_own = Header(default, alias="X-Request-Id", min_length=8, max_length=64, pattern=WORD)

    @router.post("/books", dependencies=[Depends(librarian), Depends(takes("application/json"))])
    async def add_book(
        request: Request,
        book: Book,  # type: ignore[valid-type]
        request_id: str = request_id_of_its_own,
        key: Key = None,
    ) -> Response:
        request_id = request.headers.get("x-request-id", request_id)
        if key in library.answered and not on("an idempotency key is ignored"):
            return created(library.answered[key], request_id)
        row: Row = book.model_dump()  # type: ignore[attr-defined]
        library.refuse_known_isbn(row["isbn"])
        if on("NUL in a title is a server error") and "\x00" in row["title"]:
            raise ValueError("embedded null byte")
        if on("a book without tags is a server error"):
            max(row["tags"])
        number = library.last_book + (37 if on("ids are not in sequence") else 1)
        if on("two at once get one id"):
            await asyncio.sleep(0.05)  # another request comes in between
        library.last_book = number if not on("an id is given twice") or number % 3 else library.last_book
        stored = with_defects({"id": number, "available": True, **row, "createdAt": now()})
        if row.get("subtitle") is None and "subtitle" not in book.model_fields_set:  # type: ignore[attr-defined]
            stored.pop("subtitle")
        if not on("a book that was added is not kept"):
            library.books[number] = stored
        if key is not None:
            library.answered[key] = stored
        return created(stored, request_id)


def with_defects(book: Row) -> Row:
    """A new book as a server with a defect keeps it."""
    if on("the tags of a new book are lost"):
        book["tags"] = []
    if on("the year of a new book is off by one"):
        book["year"] -= book["year"] > 1450
    if on("a default is not applied"):
        book["language"] = "de" if book["language"] == "en" else book["language"]
    return book


def created(book: Row, request_id: str) -> Response:
    """The response to a new book."""
    return shown(book, request_id, 201, Location=f"/books/{book['id']}")


def changing(router: APIRouter, library: Library) -> None:
    """One book: read, replaced, changed and removed."""
    Book, BookPatch = books()

    @router.get("/books/{bookId}")
    async def get_book(
        bookId: BookId, if_none_match: Annotated[str, Header(alias="If-None-Match", max_length=200)] = ""
    ) -> Response:
        book = library.book(bookId)
        if on("reading changes a book"):
            book["available"] = not book["available"]
        tag = entity_tag(book)
        if tag in if_none_match and not on("If-None-Match is ignored"):
            return Response(status_code=304, headers={"ETag": tag})
        return shown(book)

    def current(number: int, if_match: str | None) -> Row:
        book = library.book(number)
        if if_match is not None and if_match != entity_tag(book) and not on("If-Match is ignored"):
            raise HTTPException(412, "The book was changed")
        return book

    writes = Depends(librarian)

    @router.put("/books/{bookId}", dependencies=[writes, Depends(takes("application/json"))])
    async def replace_book(
        bookId: BookId,
        book: Book,  # type: ignore[valid-type]
        request_id: RequestId,
        if_match: IfMatch = None,
    ) -> Response:
        before = current(bookId, if_match)
        row: Row = book.model_dump()  # type: ignore[attr-defined]
        if "subtitle" not in book.model_fields_set:  # type: ignore[attr-defined]
            row.pop("subtitle")
        library.refuse_known_isbn(row["isbn"], bookId)
        kept: Any = {name: before[name] for name in ("id", "available", "createdAt")}
        after = {**kept, **row}
        if not on("a replaced book is not kept"):
            library.books[bookId] = after
        return shown(after, request_id)

    @router.patch("/books/{bookId}", dependencies=[writes, Depends(takes("application/merge-patch+json"))])
    async def change_book(
        bookId: BookId,
        patch: BookPatch,  # type: ignore[valid-type]
        request_id: RequestId,
        if_match: IfMatch = None,
    ) -> Response:
        book = current(bookId, if_match)
        changes: Row = patch.model_dump(exclude_unset=True)  # type: ignore[attr-defined]
        if not changes and not on("an empty change is accepted"):
            raise HTTPException(422, "Nothing to change")
        if on("a change resets what was not sent") and "tags" not in changes:
            changes["tags"] = []
        after = {**book, **changes}
        if changes.get("subtitle", "") is None:
            after.pop("subtitle")
        if on("null removes nothing") and "subtitle" in book and "subtitle" not in after:
            after["subtitle"] = book["subtitle"]
        if on("a change of the price is lost"):
            library.books[bookId] = {**after, "price": book["price"]}
        else:
            library.books[bookId] = after
        return shown(after, request_id)

    @router.delete("/books/{bookId}", dependencies=[writes])
    async def remove_book(bookId: BookId) -> Response:
        if bookId not in library.books and on("removing twice is no error"):
            return Response(status_code=204)
        library.book(bookId)
        if not on("a removed book is still there"):
            del library.books[bookId]
            library.copies.pop(bookId, None)
            library.covers.pop(bookId, None)
        return Response(status_code=204)
