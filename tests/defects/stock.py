"""What both servers have at their start, and the credentials that they know."""

from __future__ import annotations

from typing import Any

TOKEN = "shelf-4c1d9e07"
"""A librarian's token."""
DESK_KEY = "desk-52f0ab13"
GUEST_KEY = "desk-guest-8d21"
"""A key that is known, and may do nothing."""
USERS = {"ada": "difference-engine"}
CREATED = "2024-05-06T07:08:09Z"
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c6360606060000000050001a5f64540"
    "0000000049454e44ae426082"
)

_GENRES = ("novel", "poetry", "science", "history")
_AUTHORS = ("Jane Austen", "Emily Brontë", "Mary Shelley", "Anna Seghers", "Ursula K. Le Guin")
_NOUNS = ("sea", "garden", "winter", "city", "moon", "letter")


def books() -> list[dict[str, Any]]:
    """Twenty-four books."""
    return [
        {
            "id": number,
            "title": f"The {_NOUNS[number % 6]} of {number}",
            "author": _AUTHORS[number % 5],
            "isbn": f"978000000{number:04d}",
            "genre": _GENRES[number % 4],
            "year": 1800 + number * 37 % 200,
            "price": 5 + number % 7 / 2,
            "tags": [] if number % 3 else ["classic", _NOUNS[number % 6]],
            "language": "en",
            "available": number % 2 == 1,
            "createdAt": CREATED,
        }
        for number in range(1, 25)
    ]


def copies() -> dict[int, list[dict[str, Any]]]:
    """The copies of the first two books."""
    return {
        1: [{"id": "c1", "shelf": "A1", "condition": "good"}, {"id": "c2", "shelf": "A1", "condition": "worn"}],
        2: [{"id": "c3", "shelf": "B7", "condition": "new", "boughtOn": "2021-03-04"}],
    }


def members() -> list[dict[str, Any]]:
    """Twelve members, with their passwords."""
    return [
        {
            "id": f"6f9619ff-8b86-4011-b42d-00cf4fc964{number:02d}",
            "name": f"Member {number}",
            "email": f"member{number}@example.org",
            "password": f"secret-of-{number}",
            "phone": None if number % 2 else f"+4930{number:06d}",
            "city": ("Berlin", "Paris", "Oslo")[number % 3],
            "joined": f"2023-{number:02d}-17",
        }
        for number in range(1, 13)
    ]


def loans() -> list[dict[str, Any]]:
    """Three loans."""
    return [
        {"id": 1, "kind": "copy", "bookId": 1, "shelf": "A1", "until": "2030-01-31"},
        {"id": 2, "kind": "online", "bookId": 1, "device": "phone", "until": "2030-02-28"},
        {"id": 3, "kind": "copy", "bookId": 2, "shelf": "B7", "until": "2030-03-31"},
    ]
