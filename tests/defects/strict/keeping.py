"""What the strict server keeps, in memory."""

from __future__ import annotations

import hashlib
import json
import uuid
from datetime import UTC, datetime
from typing import Any

from fastapi import HTTPException

from tests.defects import stock
from tests.defects.switch import on

Row = dict[str, Any]


class Library:
    """The books, copies, covers, members and loans of one server."""

    def __init__(self) -> None:
        self.books = {book["id"]: book for book in stock.books()}
        self.copies = stock.copies()
        self.covers = {1: stock.PNG}
        self.members = {member["id"]: member for member in stock.members()}
        self.loans = {loan["id"]: loan for loan in stock.loans()}
        self.answered: dict[str, Row] = {}
        """The book that was added under each idempotency key."""
        self.lists = 0
        self.last_book, self.last_copy, self.last_loan = 24, 3, 3

    def book(self, number: int) -> Row:
        """A book; raises a 404 if there is none."""
        if number not in self.books:
            if on("a missing book is a server error"):
                raise KeyError(number)
            raise HTTPException(404, "No such book")
        return self.books[number]

    def member(self, name: str) -> Row:
        """A member; raises a 404 if there is none."""
        if name.lower() not in self.members:
            raise HTTPException(404, "No such member")
        return self.members[name.lower()]

    def refuse_known_isbn(self, isbn: str, number: int = 0) -> None:
        """Raises a 409 if another book has the ISBN."""
        if any(book["isbn"] == isbn and book["id"] != number for book in self.books.values()):
            raise HTTPException(409, "There is a book with this ISBN")


def entity_tag(row: Row) -> str:
    """The entity tag of a row as it is now."""
    shown = {name: row[name] for name in ("id",)} if on("an update keeps the entity tag") else row
    return f'"{hashlib.sha1(json.dumps(shown, sort_keys=True).encode()).hexdigest()[:16]}"'


def now() -> str:
    """This second."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def today() -> str:
    """This day."""
    return datetime.now(UTC).date().isoformat()


def new_id() -> str:
    """An id that nobody has."""
    return str(uuid.uuid4())
