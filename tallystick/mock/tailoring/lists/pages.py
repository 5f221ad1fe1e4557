"""A page of rows: which rows a request gets, and the cursors that lead to others."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from tallystick.mock.tailoring.lists.world import identity
from tallystick.nouns.json_value import JSON
from tallystick.resources.lists.wishes import ListWish, PageParameters

_TOKEN = re.compile(r"row:(\d{1,9})")
_UUID = UUID("00000000-0000-4000-8000-000000000000")
"""The first of the cursors that must be UUIDs; the place of a row is in the last digits."""


@dataclass(frozen=True, slots=True)
class Page:
    """Some rows of a list: those from `start` on, of `total` rows that there are.

    `size` is how many of them there are at most.
    """

    rows: list[JSON]
    start: int
    size: int
    total: int
    first_page: int

    @property
    def end(self) -> int:
        return self.start + len(self.rows)

    @property
    def has_next(self) -> bool:
        return bool(self.rows) and self.end < self.total

    @property
    def has_previous(self) -> bool:
        return self.start > 0

    @property
    def pages(self) -> int:
        """How many pages there are; none of an empty list."""
        return -(-self.total // max(self.size, 1))

    @property
    def number(self) -> int:
        return self.start // max(self.size, 1) + self.first_page

    @property
    def previous_start(self) -> int:
        return max(min(self.start, self.total) - self.size, 0)

    @property
    def last_start(self) -> int:
        return max(self.pages - 1, 0) * self.size


def span_of(
    wish: ListWish, parameters: PageParameters, size: int, most: int | None, rows: Sequence[JSON], total: int
) -> tuple[int, int]:
    """Where the page begins that a request asks for, and how many rows it has at most.

    `size` is taken where the request does not say, `most` is never exceeded; `rows` are those that a cursor may name,
    of `total` that there are.
    """
    size = wish.size if wish.size is not None else size
    size = size if most is None else min(size, most)
    if wish.offset is not None:
        return wish.offset, size
    if wish.page is not None:
        return max(wish.page - parameters.first_page, 0) * size, size
    if wish.after is not None:
        return _place_after(rows, wish.after, total), size
    return _span_before(rows, wish.before, size) if wish.before is not None else (0, size)


def cursors(place: int) -> list[JSON]:
    """What may stand for a place between rows, the usual form first; each is understood when it comes back."""
    token = base64.urlsafe_b64encode(f"row:{place}".encode()).decode().rstrip("=")
    return [token, place, str(UUID(int=_UUID.int + place)), str(place)]


def is_place(cursor: str) -> bool:
    """Whether a cursor is one of ours, and cannot be what identifies a row."""
    return _place_in_token(cursor) is not None


def _place_in_token(cursor: str) -> int | None:
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
    except (binascii.Error, ValueError):
        return None
    match = _TOKEN.fullmatch(text)
    return int(match[1]) if match is not None else None


def _place_of(cursor: str) -> int | None:
    """The place that a cursor of ours stands for."""
    place = _place_in_token(cursor)
    if place is not None:
        return place
    if cursor.startswith(str(_UUID)[:24]):
        return int(cursor[24:], 16) if re.fullmatch("[0-9a-f]{12}", cursor[24:]) else None
    return int(cursor) if cursor.isascii() and cursor.isdecimal() and len(cursor) < 10 else None


def _index(rows: Sequence[JSON], cursor: str) -> int | None:
    """The index of the row that a cursor identifies."""
    return next((index for index, row in enumerate(rows) if identity(row) == cursor), None)


def _place_after(rows: Sequence[JSON], cursor: str, total: int) -> int:
    """Where the rows after a cursor begin: behind the row that it names, else at the place that it says, else 0."""
    index = _index(rows, cursor)
    if index is not None:
        return index + 1
    place = _place_of(cursor)
    return place if place is not None and place <= total else 0


def _span_before(rows: Sequence[JSON], cursor: str, size: int) -> tuple[int, int]:
    """Where the rows before a cursor begin, and how many there are at most."""
    index = _index(rows, cursor)
    if index is None:
        return _place_of(cursor) or 0, size
    start = max(index - size, 0)
    return start, index - start
