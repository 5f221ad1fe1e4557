"""What the lenient server keeps, in SQLite."""

from __future__ import annotations

import hashlib
import json
import sqlite3
import threading
import time
import weakref
from collections.abc import Iterable
from typing import Any

from tests.defects import stock
from tests.defects.switch import on

Row = dict[str, Any]
_TABLES = """
CREATE TABLE book (id INTEGER PRIMARY KEY AUTOINCREMENT, isbn TEXT UNIQUE, body TEXT, cover BLOB);
CREATE TABLE copy (id INTEGER PRIMARY KEY AUTOINCREMENT, book INTEGER, body TEXT);
CREATE TABLE member (id TEXT PRIMARY KEY, body TEXT);
CREATE TABLE loan (id INTEGER PRIMARY KEY AUTOINCREMENT, book INTEGER, made REAL, body TEXT);
CREATE TABLE answered (key TEXT PRIMARY KEY, book INTEGER);
"""


class Database:
    """The database of one server, in memory; one statement at a time."""

    def __init__(self) -> None:
        self.connection = sqlite3.connect(":memory:", check_same_thread=False, isolation_level=None)
        weakref.finalize(self, self.connection.close)
        self.connection.executescript(_TABLES)
        self.lock = threading.RLock()
        for book in stock.books():
            self.run("INSERT INTO book VALUES (?, ?, ?, NULL)", book["id"], book["isbn"], json.dumps(book))
        self.run("UPDATE book SET cover = ? WHERE id = 1", stock.PNG)
        for number, copies in stock.copies().items():
            for copy in copies:
                self.run("INSERT INTO copy VALUES (?, ?, ?)", int(copy["id"][1:]), number, json.dumps(copy))
        for member in stock.members():
            self.run("INSERT INTO member VALUES (?, ?)", member["id"], json.dumps(member))
        for loan in stock.loans():
            self.run("INSERT INTO loan VALUES (?, ?, 0, ?)", loan["id"], loan["bookId"], json.dumps(loan))

    def run(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        """The rows of a statement."""
        with self.lock:
            return self.connection.execute(statement, values).fetchall()

    def inserted(self, statement: str, *values: object) -> int:
        """The id of a new row."""
        with self.lock:
            return int(self.connection.execute(statement, values).lastrowid or 0)

    def bodies(self, statement: str, *values: object) -> list[Row]:
        """The first column of each row, read as JSON."""
        return [json.loads(row[0]) for row in self.run(statement, *values)]

    def books(self, filters: Iterable[tuple[str, object]] = ()) -> list[Row]:
        """The books that conditions let through."""
        conditions = " AND ".join(condition for condition, _ in filters) or "1"
        return self.bodies(f"SELECT body FROM book WHERE {conditions}", *(value for _, value in filters))

    def book(self, number: int) -> Row | None:
        """A book, if there is one."""
        rows = self.bodies("SELECT body FROM book WHERE id = ?", number)
        return rows[0] if rows else None

    def add_book(self, book: Row) -> int:
        """The id of a new book; raises `sqlite3.IntegrityError` if another one has its ISBN."""
        if on("two at once get one id"):
            number = self.run("SELECT MAX(id) + 1 FROM book")[0][0]
            time.sleep(0.05)  # another request comes in between
            self.run("INSERT OR REPLACE INTO book VALUES (?, ?, '{}', NULL)", number, book["isbn"])
        else:
            number = self.inserted("INSERT INTO book (isbn, body) VALUES (?, '{}')", book["isbn"])
        self.keep_book({"id": number, **book})
        return int(number)

    def keep_book(self, book: Row) -> None:
        """Keeps a book as it is now; raises `sqlite3.IntegrityError` if another one has its ISBN."""
        self.run("UPDATE book SET isbn = ?, body = ? WHERE id = ?", book["isbn"], json.dumps(book), book["id"])

    def recent_loans_left_out(self, seconds: float, number: int | None) -> list[Row]:
        """The loans that were made some time ago: the list is behind."""
        before = time.time() - seconds
        if number is None:
            return self.bodies("SELECT body FROM loan WHERE made < ?", before)
        return self.bodies("SELECT body FROM loan WHERE made < ? AND book = ?", before, number)


def entity_tag(row: Row) -> str:
    """The entity tag of a row as it is now."""
    shown = {"id": row["id"]} if on("an update keeps the entity tag") else row
    return f'"{hashlib.md5(json.dumps(shown, sort_keys=True).encode()).hexdigest()}"'
