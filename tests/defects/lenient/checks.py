"""What the lenient server looks at in a request, by hand; each check raises a `Refusal`."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from tests.defects.formats import is_email
from tests.defects.switch import on

Row = dict[str, Any]
Check = Callable[[Any], bool]
GENRES = ("novel", "poetry", "science", "history")


class Refusal(Exception):
    """A refusal: its status, its title, and headers of its own."""

    def __init__(self, status: int, title: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(title)
        self.status, self.title, self.headers = status, title, dict(headers or {})


def text(least: int, most: int, pattern: str = "") -> Check:
    """A text of a length, in which a pattern is found."""
    return lambda value: isinstance(value, str) and least <= len(value) <= most and bool(re.search(pattern, value))


def fits(pattern: str) -> Check:
    """A text that is a pattern's from its beginning to its end."""
    return lambda value: isinstance(value, str) and bool(re.fullmatch(pattern, value, re.ASCII))


def either(*values: str) -> Check:
    """One of some texts."""
    return lambda value: isinstance(value, str) and value in values


def null_or(check: Check) -> Check:
    """What a check lets through, or null."""
    return lambda value: value is None or check(value)


def is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def whole(least: int, most: float) -> Check:
    """A whole number between bounds; 3.0 is one."""

    def check(value: object) -> bool:
        if on("a number is taken from a string") and isinstance(value, str) and value.isdecimal():
            value = int(value)
        return is_number(value) and value == value // 1 and least <= value <= most  # type: ignore[operator]

    return check


def is_date(value: object) -> bool:
    """A day, such as 2030-01-31."""
    if not isinstance(value, str) or not re.fullmatch(r"\d{4}-\d\d-\d\d", value, re.ASCII):
        return False
    try:
        date.fromisoformat(value)
    except ValueError:
        return False
    return True


def email(value: object) -> bool:
    """An email address."""
    if on("a wrong email address is accepted"):
        return isinstance(value, str)
    return is_email(value) and len(str(value)) <= 100


def _price(value: object) -> bool:
    if not is_number(value) or not value < 10000:  # type: ignore[operator]
        return False
    is_positive = value >= 0 or on("a negative price is accepted")  # type: ignore[operator]
    return is_positive and (value * 2 == value * 2 // 1 or on("any price is accepted"))  # type: ignore[operator]


def _tags(value: object) -> bool:
    if not isinstance(value, list) or not all(map(text(1, 20), value)):
        return False
    is_short = len(value) <= 5 or on("many tags are accepted")
    return is_short and (len(set(value)) == len(value) or on("equal tags are accepted"))


def book_checks() -> dict[str, Check]:
    """What the members of a book have to be."""
    any_text: Check = lambda value: isinstance(value, str)  # noqa: E731 - a check among checks
    return {
        "title": text(1, 10**9 if on("a long title is accepted") else 120),
        "subtitle": null_or(text(0, 120)),
        "author": text(1, 60),
        "isbn": any_text if on("any ISBN is accepted") else fits("97[89][0-9]{10}"),
        "genre": any_text if on("an unknown genre is accepted") else either(*GENRES),
        "year": whole(1450, 1e9 if on("a year to come is accepted") else 2100),
        "price": _price,
        "tags": _tags,
        "language": fits("[a-z]{2}"),
    }


BOOK_REQUIRED = ("title", "author", "isbn", "genre", "year", "price", "tags")
BOOK_READ_ONLY = ("id", "available", "createdAt")


def member_checks() -> dict[str, Check]:
    """What the members of a member have to be."""
    phone = text(0, 99) if on("a telephone number in letters is accepted") else fits(r"\+[0-9]{6,15}")
    return {
        "name": text(1, 60, r"\S"),
        "email": email,
        "password": text(0 if on("a short password is accepted") else 8, 60),
        "phone": null_or(phone),
        "city": text(0 if on("a city without a name is accepted") else 1, 40),
    }


def copy_checks() -> dict[str, Check]:
    """What the members of a copy have to be."""
    condition = text(0, 99) if on("a copy in any condition is accepted") else either("new", "good", "worn")
    return {"shelf": fits("[A-F][0-9]{1,3}"), "condition": condition, "boughtOn": is_date}


def loan_checks() -> dict[str, Check]:
    """What the members of a loan have to be."""
    return {
        "kind": either("copy", "online"),
        "bookId": whole(1, 2147483647),
        "shelf": fits("[A-F][0-9]{1,3}"),
        "device": either("tablet", "phone", "reader"),
        "until": text(0, 99) if on("a loan until no day is accepted") else is_date,
    }


def json_object(body: bytes) -> Row:
    """The object that a body is; refuses what is no JSON, or no object."""

    def refuse(name: str) -> None:
        raise ValueError(name)

    try:
        value = json.loads(body.decode(), parse_constant=refuse)
    except RecursionError as error:
        if on("deeply nested JSON is a server error"):
            raise
        raise Refusal(400, "Too deep") from error
    except ValueError as error:
        if on("a body that is not JSON is a server error"):
            raise
        raise Refusal(400, "No JSON") from error
    if not isinstance(value, dict):
        raise Refusal(422, "Expected an object")
    return value


def checked(sent: Row, checks: Mapping[str, Check], required: tuple[str, ...], ignored: tuple[str, ...] | None) -> Row:
    """The members that are known; `ignored` are those that may be sent besides, None for any."""
    missing = [name for name in required if name not in sent]
    if missing:
        raise Refusal(422, f"Missing: {', '.join(missing)}")
    if ignored is not None and (unknown := set(sent) - set(checks) - set(ignored)):
        raise Refusal(422, f"Unknown: {', '.join(sorted(unknown))}"[:200])
    for name, check in checks.items():
        if name in sent and not check(sent[name]):
            raise Refusal(422, f"Wrong: {name}")
    return {name: _tidied(sent[name]) for name in checks if name in sent}


def _tidied(value: object) -> object:
    """Whole numbers without a fraction."""
    if on("a number is taken from a string") and isinstance(value, str) and value.isdecimal() and len(value) < 5:
        return int(value)
    return int(value) if isinstance(value, float) and value.is_integer() else value


def number_in(name: str, given: list[str], least: int, most: int, default: int | None) -> int | None:
    """A whole number of a query; refuses what is none, or is out of bounds."""
    if not given:
        return default
    if not re.fullmatch(r"-?(0|[1-9][0-9]*)", given[-1], re.ASCII) or not least <= int(given[-1][:12]) <= most:
        raise Refusal(422, f"Wrong: {name}")
    return int(given[-1])


def text_in(name: str, given: list[str], check: Check) -> str | None:
    """A text of a query."""
    if not given:
        return None
    if not check(given[-1]):
        raise Refusal(422, f"Wrong: {name}")
    return given[-1]
