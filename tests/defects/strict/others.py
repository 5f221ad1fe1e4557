"""Copies, covers, members, loans and what else the strict server has."""

import asyncio
import re
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Form, HTTPException, Path, Query, Request, Response
from pydantic import AfterValidator
from pydantic_core import PydanticUndefined

from tests.defects import stock
from tests.defects.parts import parts
from tests.defects.strict import models
from tests.defects.strict.books import BookId
from tests.defects.strict.keeping import Library, Row, new_id, today
from tests.defects.strict.models import Date, Number
from tests.defects.strict.refusing import StrictRoute, desk, json_response, librarian, takes
from tests.defects.switch import on

JSON = Depends(takes("application/json"))
GENRES = ("novel", "poetry", "science", "history")


def routes(library: Library) -> APIRouter:
    """All routes but those of books."""
    router = APIRouter(route_class=StrictRoute)
    for each in (tokens, copies, covers, members, member, loans, search, statistics):
        each(router, library)
    return router


def tokens(router: APIRouter, _: Library) -> None:
    """A librarian's token."""

    @router.post("/tokens", dependencies=[Depends(takes("application/x-www-form-urlencoded"))])
    async def issue_token(
        username: Annotated[str, Form(min_length=1, max_length=40)],
        password: Annotated[str, Form(min_length=1, max_length=40)],
    ) -> Response:
        if stock.USERS.get(username) != password:
            raise HTTPException(401, "Unknown user", {"WWW-Authenticate": "Form"})
        token = stock.TOKEN[::-1] if on("a token is not known afterwards") else stock.TOKEN
        return json_response({"token": token, "expiresIn": 3600})


def copies(router: APIRouter, library: Library) -> None:
    """The copies of a book."""
    Copy = models.others()[0]

    @router.get("/books/{bookId}/copies")
    async def list_copies(bookId: BookId) -> Response:
        if bookId not in library.books and on("a missing book has copies"):
            return json_response([])
        library.book(bookId)
        if on("copies of all books are listed"):
            return json_response([copy for rows in library.copies.values() for copy in rows])
        return json_response(library.copies.get(bookId, []))

    @router.post("/books/{bookId}/copies", dependencies=[Depends(librarian), JSON])
    async def add_copy(bookId: BookId, copy: Copy) -> Response:
        library.book(bookId)
        library.last_copy += 1
        row = {"id": f"c{library.last_copy}", **copy.model_dump(exclude_unset=True)}
        if on("the purchase of a copy is lost"):
            row.pop("boughtOn", None)
        library.copies.setdefault(bookId, []).append(row)
        place = "copy" if on("the location of a copy leads nowhere") else "copies"
        return json_response(row, 201, {"Location": f"/books/{bookId}/{place}/{row['id']}"})

    @router.get("/books/{bookId}/copies/{copyId}")
    async def get_copy(bookId: BookId, copyId: Annotated[str, Path(pattern="^c[0-9]{1,9}$")]) -> Response:
        library.book(bookId)
        numbers = library.copies if on("a copy is found under any book") else (bookId,)
        for copy in (copy for number in numbers for copy in library.copies.get(number, ())):
            if copy["id"] == copyId:
                return json_response(copy)
        raise HTTPException(404, "No such copy")


def covers(router: APIRouter, library: Library) -> None:
    """The covers of books."""

    @router.put("/books/{bookId}/cover", dependencies=[Depends(librarian), Depends(takes("multipart/form-data"))])
    async def put_cover(bookId: BookId, request: Request) -> Response:
        library.book(bookId)
        try:
            form = parts(request.headers["content-type"], await request.body())
            captions = [part.content.decode() for part in form if part.name == "caption"]
        except ValueError as error:
            raise HTTPException(400, f"This is no form: {error}") from error
        files = [part for part in form if part.name == "file"]
        if not files and on("a cover without a file is accepted"):
            return Response(status_code=204)
        if len(files) != 1 or files[0].media_type != "image/png":
            raise HTTPException(422, "One picture was expected")
        if len(captions) > 1 or not all(len(text) <= 80 for text in captions):
            raise HTTPException(422, "One short caption was expected")
        library.covers[bookId] = files[0].content[: -1 if on("a cover loses its last byte") else None]
        return Response(status_code=204)

    @router.get("/books/{bookId}/cover")
    async def get_cover(bookId: BookId) -> Response:
        library.book(bookId)
        if bookId not in library.covers:
            raise HTTPException(404, "No cover")
        return Response(library.covers[bookId], media_type="image/png")


def _public(row: Row) -> Row:
    """A member without what only a client may say."""
    return {name: value for name, value in row.items() if name != "password"}


def members(router: APIRouter, library: Library) -> None:
    """The list of members, and a new one."""
    Member = models.others()[1]

    @router.get("/members", dependencies=[Depends(desk)])
    async def list_members(
        page: Annotated[Number, Query(ge=1, le=10000)] = 1,
        per_page: Annotated[Number, Query(ge=1, le=20)] = 5,
        city: Annotated[str | None, Query(min_length=1, max_length=40)] = None,
    ) -> Response:
        rows = list(library.members.values())
        if city is not None and not on("the filter by city is ignored"):
            rows = [row for row in rows if row.get("city") == city]
        first = (page - 1) * per_page - (on("a page repeats a row") and page > 1)
        first += on("a page skips a row") and page > 1
        headers = {"X-Total-Count": str(len(rows))}
        if first + per_page < len(rows):
            following = page if on("the next page is the same one") else page + 1
            path = "/member" if on("the next page is nowhere") else "/members"
            more = f"&city={city}" if city is not None and city.isascii() and city.isalnum() else ""
            if city is None or more:
                headers["Link"] = f'<{path}?page={following}&per_page={per_page}{more}>; rel="next"'
        return json_response([_public(row) for row in rows[first : first + per_page]], headers=headers)

    @router.post("/members", dependencies=[Depends(desk), JSON])
    async def add_member(sent: Member) -> Response:
        row = sent.model_dump(exclude_unset=True)
        if on("what nobody declared is passed over"):
            row = {name: value for name, value in row.items() if name in Member.model_fields}
        if on("names are tidied"):
            row["name"] = " ".join(row["name"].split())
        fixed = {"id": new_id(), "joined": today()}
        if on("the day of joining is taken from a client") and isinstance(row.get("joined"), str):
            fixed["joined"] = row["joined"]
        stored = {**row, **fixed}
        library.members[stored["id"]] = stored
        told = {**stored, "id": new_id()} if on("the id in the response is another one") else stored
        return json_response(_public(told), 201, {"Location": f"/members/{told['id']}"})


def member(router: APIRouter, library: Library) -> None:
    """One member: read, changed and removed."""
    MemberPatch = models.others()[2]
    MemberId = Annotated[str, Path(), AfterValidator(_uuid)]

    @router.get("/members/{memberId}", dependencies=[Depends(desk)])
    async def get_member(memberId: MemberId) -> Response:
        row = library.member(memberId)
        if on("a member counts how often it is read"):
            row["reads"] = row.get("reads", 0) + 1
        return json_response(_public(row))

    @router.patch("/members/{memberId}", dependencies=[Depends(desk), Depends(takes("application/merge-patch+json"))])
    async def change_member(memberId: MemberId, patch: MemberPatch, request: Request) -> Response:
        row = library.member(memberId)
        if not await request.json():
            raise HTTPException(422, "Nothing to change")
        changes = patch.model_dump(exclude_unset=True)
        if on("names are tidied") and "name" in changes:
            changes["name"] = " ".join(changes["name"].split())
        after = {**row, **changes}
        if changes.get("phone", "") is None:
            after.pop("phone")
        if on("a change is made to another member"):
            others = [name for name in library.members if name != row["id"]]
            library.members[others[0]] = {**after, "id": others[0]}
        else:
            library.members[row["id"]] = after
        return json_response(_public(after))

    @router.delete("/members/{memberId}", dependencies=[Depends(desk)])
    async def remove_member(memberId: MemberId) -> Response:
        row = library.member(memberId)
        if on("a removed member is still in the list"):
            library.members["-" + row["id"]] = row
        del library.members[row["id"]]
        return Response(status_code=204)


def _uuid(text: str) -> str:
    if not re.fullmatch("[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}", text):
        raise ValueError("a UUID was expected")
    return str(UUID(text))


def loans(router: APIRouter, library: Library) -> None:
    """The loans."""
    reads = Depends(librarian)
    NewLoan = models.others()[3]

    @router.get("/loans", dependencies=[reads])
    async def list_loans(bookId: Annotated[Number | None, Query(ge=1, le=2147483647)] = None) -> Response:
        rows = [loan for loan in library.loans.values() if bookId is None or loan["bookId"] == bookId]
        return json_response(rows)

    @router.post("/loans", dependencies=[reads, JSON])
    async def lend(loan: NewLoan) -> Response:  # type: ignore[valid-type]
        sent: Row = loan.model_dump()  # type: ignore[attr-defined]
        if not on("a missing book is lent"):
            library.book(sent["bookId"])
        library.last_loan += 1
        row = {"id": library.last_loan, **sent}
        if on("the end of a loan is another day"):
            row["until"] = row["until"][:8] + "01"
        library.loans[row["id"]] = row
        return json_response(row, 201, {"Location": f"/loans/{row['id']}"})

    @router.get("/loans/{loanId}", dependencies=[reads])
    async def get_loan(loanId: Annotated[Number, Path(ge=1, le=2147483647)]) -> Response:
        if loanId not in library.loans:
            raise HTTPException(404, "No such loan")
        return json_response(library.loans[loanId])


def search(router: APIRouter, library: Library) -> None:
    """Books that are like a question, the most similar ones first."""
    default = "sea" if on("a search for nothing is accepted") else PydanticUndefined
    question = Query(default, min_length=1, max_length=60)

    @router.get("/search")
    async def find(
        q: str = question,
        limit: Annotated[Number, Query(ge=1, le=20)] = 5,
    ) -> Response:
        if on("a search takes its time"):
            await asyncio.sleep(2)
        if on("a question that is no ASCII is a server error"):
            q.encode("ascii")
        words = q.lower().split() or [q]
        hits = [
            (sum(word in book["title"].lower() for word in words) / len(words), book) for book in library.books.values()
        ]
        hits = sorted((hit for hit in hits if hit[0]), key=lambda hit: -hit[0])[:limit]
        return json_response({"hits": [{"book": book, "score": score} for score, book in hits]})


def statistics(router: APIRouter, library: Library) -> None:
    """How many books there are, and their price."""

    @router.get("/statistics")
    async def count(
        request: Request,
        genres: Annotated[str | None, Query()] = None,
        since: Annotated[Date | None, Query(alias="period[from]")] = None,
        until: Annotated[Date | None, Query(alias="period[to]")] = None,
    ) -> Response:
        query = request.query_params
        names = [name for name in query if re.match(r"period(\[|$)", name)]
        if set(names) - {"period[from]", "period[to]"} or (
            until is not None and since is None and not on("a period without a beginning is accepted")
        ):
            raise HTTPException(422, "A period has a beginning, and perhaps an end")
        wanted = genres.split("|") if genres is not None else list(GENRES)
        if not 1 <= len(wanted) <= 4 or (set(wanted) - set(GENRES) and not on("unknown genres are counted")):
            raise HTTPException(422, "Unknown genres")
        currency = request.cookies.get("currency", "EUR")
        if currency not in ("EUR", "USD") and on("any currency is accepted"):
            currency = "EUR"
        if currency not in ("EUR", "USD"):
            raise HTTPException(422, "Unknown currency")
        rows = [
            book
            for book in library.books.values()
            if since is None or since <= book["createdAt"][:10] <= (until or "9999-12-31")
        ]
        counts = {genre: sum(book["genre"] == genre for book in rows) for genre in wanted if genre in GENRES}
        if on("the price of no books is a server error"):
            sum(book["price"] for book in rows) / len(rows)
        return json_response({"books": counts, "price": sum(book["price"] for book in rows), "currency": currency})
