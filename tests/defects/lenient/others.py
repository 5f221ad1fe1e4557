"""Copies, covers, members, loans and what else the lenient server has."""

from __future__ import annotations

import json
import random
import re
import time
import uuid
from datetime import UTC, datetime
from urllib.parse import urlencode

from flask import Flask, Response, request

from tests.defects import stock
from tests.defects.lenient import checks
from tests.defects.lenient.checks import Refusal, Row, either, number_in, text, text_in
from tests.defects.lenient.guarding import body, desk, librarian
from tests.defects.lenient.keeping import Database
from tests.defects.parts import parts
from tests.defects.switch import on

SECONDS_BEHIND = 0.3
"""How far the list of loans is behind."""


def answer(value: object, status: int = 200, **headers: str) -> Response:
    """A response in JSON."""
    return Response(json.dumps(value), status, headers, content_type="application/json")


def routes(app: Flask, database: Database) -> None:
    """All routes but those of books."""
    for each in (tokens, copies, covers, members, member, loans, search, statistics):
        each(app, database)


def tokens(app: Flask, _: Database) -> None:
    """A librarian's token."""

    @app.post("/tokens")
    def issue_token() -> Response:
        if request.mimetype != "application/x-www-form-urlencoded":
            raise Refusal(415, "Expected a form")
        names = [request.form.getlist(name) for name in ("username", "password")]
        if not all(len(values) == 1 and 1 <= len(values[0]) <= 40 for values in names):
            raise Refusal(422, "A name and a password were expected")
        if stock.USERS.get(names[0][0]) != names[1][0]:
            raise Refusal(401, "Unknown user", {"WWW-Authenticate": "Form"})
        token = stock.TOKEN[::-1] if on("a token is not known afterwards") else stock.TOKEN
        return answer({"token": token, "expiresIn": 600})


def copies(app: Flask, database: Database) -> None:
    """The copies of a book."""

    def require(number: int) -> None:
        if database.book(number) is None:
            raise Refusal(404, "No such book")

    @app.get("/books/<number:book_id>/copies")
    def list_copies(book_id: int) -> Response:
        if not on("a missing book has copies"):
            require(book_id)
        if on("copies of all books are listed"):
            return answer(database.bodies("SELECT body FROM copy"))
        return answer(database.bodies("SELECT body FROM copy WHERE book = ?", book_id))

    @app.post("/books/<number:book_id>/copies")
    def add_copy(book_id: int) -> Response:
        librarian()
        require(book_id)
        sent = checks.json_object(body("application/json"))
        copy = checks.checked(sent, checks.copy_checks(), ("shelf", "condition"), None)
        if on("the purchase of a copy is lost"):
            copy.pop("boughtOn", None)
        number = database.inserted("INSERT INTO copy (book, body) VALUES (?, '{}')", book_id)
        copy["id"] = f"c{number}"
        database.run("UPDATE copy SET body = ? WHERE id = ?", json.dumps(copy), number)
        place = "copy" if on("the location of a copy leads nowhere") else "copies"
        return answer(copy, 201, Location=f"{place}/c{number}" if place == "copy" else f"./copies/c{number}")

    @app.get("/books/<number:book_id>/copies/<copy_id>")
    def get_copy(book_id: int, copy_id: str) -> Response:
        require(book_id)
        if not re.fullmatch("c[0-9]{1,9}", copy_id, re.ASCII):
            raise Refusal(422, "Wrong: copyId")
        where = "id = ?2" if on("a copy is found under any book") else "book = ?1 AND id = ?2"
        rows = database.bodies(f"SELECT body, ?1 FROM copy WHERE {where}", book_id, int(copy_id[1:]))
        if not rows:
            raise Refusal(404, "No such copy")
        return answer(rows[0])


def covers(app: Flask, database: Database) -> None:
    """The covers of books."""

    @app.put("/books/<number:book_id>/cover")
    def put_cover(book_id: int) -> Response:
        librarian()
        if database.book(book_id) is None:
            raise Refusal(404, "No such book")
        content = body("multipart/form-data")
        try:
            form = parts(request.headers["Content-Type"], content)
            captions = [part.content.decode() for part in form if part.name == "caption"]
        except ValueError as error:
            raise Refusal(400, f"This is no form: {error}") from error
        files = [part for part in form if part.name == "file"]
        if not files and on("a cover without a file is accepted"):
            return Response(status=204)
        is_right = len(files) == 1 and files[0].media_type == "image/png" and len(captions) < 2
        if not is_right or not all(len(caption) <= 80 for caption in captions):
            raise Refusal(422, "One picture was expected")
        cover = files[0].content[: -1 if on("a cover loses its last byte") else None]
        database.run("UPDATE book SET cover = ? WHERE id = ?", cover, book_id)
        return Response(status=204)

    @app.get("/books/<number:book_id>/cover")
    def get_cover(book_id: int) -> Response:
        rows = database.run("SELECT cover FROM book WHERE id = ? AND cover IS NOT NULL", book_id)
        if not rows:
            raise Refusal(404, "No cover")
        return Response(rows[0][0], content_type="image/png")


def public(row: Row) -> Row:
    """A member without what only a client may say."""
    return {name: value for name, value in row.items() if name != "password"}


def sent_member(required: tuple[str, ...]) -> Row:
    """What the body says of a member, tidied up: the contract says nothing of blanks, nor of capitals in a domain."""
    media_type = "application/json" if required else "application/merge-patch+json"
    sent = checks.json_object(body(media_type))
    allowed = (
        checks.member_checks() if required else {n: c for n, c in checks.member_checks().items() if n != "password"}
    )
    if not sent:
        raise Refusal(422, "Nothing is said")
    row = checks.checked(sent, allowed, required, None)
    if "name" in row:
        row["name"] = " ".join(row["name"].split())
    if "email" in row:
        name, _, domain = row["email"].rpartition("@")
        row["email"] = f"{name}@{domain.lower()}"
    if on("the day of joining is taken from a client") and checks.is_date(sent.get("joined")):
        row["joined"] = sent["joined"]
    return row


def members(app: Flask, database: Database) -> None:
    """The list of members, and a new one."""

    @app.get("/members")
    def list_members() -> Response:
        desk()
        query = request.args
        page = number_in("page", query.getlist("page"), 1, 10000, 1) or 1
        size = number_in("per_page", query.getlist("per_page"), 1, 20, 5) or 5
        city = text_in("city", query.getlist("city"), text(1, 40))
        rows = database.bodies("SELECT body FROM member ORDER BY id")
        if city is not None and not on("the filter by city is ignored"):
            rows = [row for row in rows if row.get("city") == city]
        first = (page - 1) * size - (on("a page repeats a row") and page > 1) + (on("a page skips a row") and page > 1)
        headers = {"X-Total-Count": str(len(rows))}
        if first + size < len(rows):
            following = {"page": page if on("the next page is the same one") else page + 1, "per_page": size}
            path = "/member" if on("the next page is nowhere") else "/members"
            more = urlencode(following | ({"city": city} if city is not None else {}), errors="replace")
            headers["Link"] = f'<{path}?{more}>; rel="next"'
        return answer([public(row) for row in rows[first : first + size]], **headers)

    @app.post("/members")
    def add_member() -> Response:
        desk()
        row = {"joined": datetime.now(UTC).date().isoformat(), **sent_member(("name", "email", "password"))}
        name = str(uuid.uuid4())
        database.run("INSERT INTO member VALUES (?, ?)", name, json.dumps({**row, "id": name}))
        told = str(uuid.uuid4()) if on("the id in the response is another one") else name
        return answer(public({**row, "id": told}), 201, Location=f"{request.host_url}members/{told}")


def member(app: Flask, database: Database) -> None:
    """One member: read, changed and removed."""

    def existing(name: str) -> Row:
        desk()
        if not re.fullmatch("[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}", name):
            raise Refusal(422, "Wrong: memberId")
        rows = database.bodies("SELECT body FROM member WHERE id = ?", name.lower())
        if not rows:
            raise Refusal(404, "No such member")
        return rows[0]

    @app.get("/members/<name>")
    def get_member(name: str) -> Response:
        row = existing(name)
        if on("a member counts how often it is read"):
            row["reads"] = row.get("reads", 0) + 1
            database.run("UPDATE member SET body = ? WHERE id = ?", json.dumps(row), row["id"])
        return answer(public(row))

    @app.patch("/members/<name>")
    def change_member(name: str) -> Response:
        row = existing(name)
        after = {**row, **sent_member(())}
        changed = after["id"]
        if on("a change is made to another member"):
            changed = database.run("SELECT id FROM member WHERE id <> ?", changed)[0][0]
        database.run("UPDATE member SET body = ? WHERE id = ?", json.dumps({**after, "id": changed}), changed)
        return answer(public(after))

    @app.delete("/members/<name>")
    def remove_member(name: str) -> Response:
        row = existing(name)
        if on("a removed member is still in the list"):
            database.run("INSERT OR REPLACE INTO member VALUES (?, ?)", "-" + row["id"], json.dumps(row))
        database.run("DELETE FROM member WHERE id = ?", row["id"])
        return Response(status=204)


def loans(app: Flask, database: Database) -> None:
    """The loans; their list is a little behind."""

    @app.get("/loans")
    def list_loans() -> Response:
        librarian()
        number = number_in("bookId", request.args.getlist("bookId"), 1, 2147483647, None)
        return answer(database.recent_loans_left_out(SECONDS_BEHIND, number))

    @app.post("/loans")
    def lend() -> Response:
        librarian()
        sent = checks.json_object(body("application/json"))
        kind = "shelf" if sent.get("kind") == "copy" else "device"
        allowed = {
            name: check for name, check in checks.loan_checks().items() if name in ("kind", "bookId", "until", kind)
        }
        loan = checks.checked(
            sent, allowed, tuple(allowed), None if on("a loan with a device and a shelf is accepted") else ()
        )
        if database.book(loan["bookId"]) is None and not on("a missing book is lent"):
            raise Refusal(404, "No such book")
        if on("the end of a loan is another day"):
            loan["until"] = loan["until"][:8] + "01"
        made = "INSERT INTO loan (book, made, body) VALUES (?, ?, '{}')"
        number = database.inserted(made, loan["bookId"], time.time())
        database.run("UPDATE loan SET body = ? WHERE id = ?", json.dumps({"id": number, **loan}), number)
        return answer({"id": number, **loan}, 201, Location=f"{request.host_url}loans/{number}")

    @app.get("/loans/<number:loan_id>")
    def get_loan(loan_id: int) -> Response:
        librarian()
        rows = database.bodies("SELECT body FROM loan WHERE id = ?", loan_id)
        if not rows:
            raise Refusal(404, "No such loan")
        return answer(rows[0])


def search(app: Flask, database: Database) -> None:
    """Books that are like a question; equally similar ones in any order."""

    @app.get("/search")
    def find() -> Response:
        if on("a search takes its time"):
            time.sleep(2)
        question = text_in("q", request.args.getlist("q"), text(1, 60))
        limit = number_in("limit", request.args.getlist("limit"), 1, 20, 5) or 5
        if question is None and on("a search for nothing is accepted"):
            question = "sea"
        if question is None:
            raise Refusal(422, "Missing: q")
        if on("a question that is no ASCII is a server error"):
            question.encode("ascii")
        words = question.lower().split() or [question]
        hits = [(sum(word in book["title"].lower() for word in words) / len(words), book) for book in database.books()]
        random.shuffle(hits)
        hits.sort(key=lambda hit: -hit[0])
        return answer({"hits": [{"book": book, "score": score} for score, book in hits[:limit] if score]})


def statistics(app: Flask, database: Database) -> None:
    """How many books there are, and their price."""

    @app.get("/statistics")
    def count() -> Response:
        period = {name: value for name, value in request.args.items() if re.match(r"period(\[|$)", name)}
        is_known = set(period) <= {"period[from]", "period[to]"} and all(map(checks.is_date, period.values()))
        is_begun = "period[from]" in period or on("a period without a beginning is accepted")
        if not is_known or (period and not is_begun):
            raise Refusal(422, "A period has a beginning, and perhaps an end")
        names = text_in("genres", request.args.getlist("genres"), text(0, 100))
        genres = names.split("|") if names is not None else list(checks.GENRES)
        is_known = set(genres) <= set(checks.GENRES) or on("unknown genres are counted")
        if not is_known or not 1 <= len(genres) <= 4:
            raise Refusal(422, "Unknown genres")
        currency = request.cookies.get("currency", "EUR")
        if on("any currency is accepted") and currency != "USD":
            currency = "EUR"
        if not either("EUR", "USD")(currency):
            raise Refusal(422, "Unknown currency")
        first, last = period.get("period[from]", "0001-01-01"), period.get("period[to]", "9999-12-31")
        rows = [book for book in database.books() if first <= book["createdAt"][:10] <= last]
        if on("the price of no books is a server error"):
            sum(book["price"] for book in rows) / len(rows)
        counts = {g: sum(book["genre"] == g for book in rows) for g in genres if g in checks.GENRES}
        return answer({"books": counts, "price": sum(book["price"] for book in rows), "currency": currency})
