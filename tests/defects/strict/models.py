"""What the strict server takes: Pydantic's models, which refuse whatever the contract does."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Any, Literal, Union

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from tests.defects.formats import is_email
from tests.defects.switch import on


def _whole(value: object) -> object:
    """JSON Schema's integers: 3.0 is one, and neither true nor a text is."""
    if on("a number is taken from a string") and isinstance(value, str) and value.isdigit():
        return int(value)
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value


def _plain_number(text: object) -> object:
    """An integer in a path or a query: digits, and nothing that Python alone reads as a number."""
    if isinstance(text, str) and not re.fullmatch(r"-?(0|[1-9][0-9]*)", text, re.ASCII):
        raise ValueError("a whole number was expected")
    return int(text) if isinstance(text, str) else text


def _date(text: str) -> str:
    if not re.fullmatch(r"\d{4}-\d\d-\d\d", text, re.ASCII):
        raise ValueError("a date was expected, such as 2030-01-31")
    date.fromisoformat(text)
    return text


def _email(text: str) -> str:
    if on("a wrong email address is accepted"):
        return text
    if not is_email(text):
        raise ValueError("an email address was expected")
    return text


def _unique(values: list[str]) -> list[str]:
    if len(set(values)) < len(values) and not on("equal tags are accepted"):
        raise ValueError("each tag may stand there once")
    return values


def unless(name: str, bound: Any) -> Any:
    """A bound of the contract, which a server with a defect does not have."""
    return None if on(name) else bound


def books() -> tuple[type[BaseModel], type[BaseModel]]:
    """The models of a book, and of a change of one."""
    Whole = Annotated[int, BeforeValidator(_whole)]
    Title = Annotated[str, Field(min_length=1, max_length=unless("a long title is accepted", 120))]
    Subtitle = Annotated[str | None, Field(max_length=120)]
    Author = Annotated[str, Field(min_length=1, max_length=60)]
    Genre = str if on("an unknown genre is accepted") else Literal["novel", "poetry", "science", "history"]
    Year = Annotated[Whole, Field(ge=1450, le=unless("a year to come is accepted", 2100))]
    lowest = unless("a negative price is accepted", 0)
    Price = Annotated[float, Field(ge=lowest, lt=10000, multiple_of=unless("any price is accepted", 0.5))]
    Tag = Annotated[str, Field(min_length=1, max_length=20)]
    most = unless("many tags are accepted", 5)
    Tags = Annotated[list[Tag], Field(max_length=most), AfterValidator(_unique)]
    Language = Annotated[str, Field(pattern="^[a-z]{2}$")]
    extra: Any = "ignore" if on("an unknown member of a book is accepted") else "forbid"

    class Book(BaseModel):
        model_config = ConfigDict(strict=True, extra=extra)
        title: Title if not on("a book without a title is accepted") else Title | None = (  # type: ignore[valid-type]
            ... if not on("a book without a title is accepted") else "Untitled"
        )
        subtitle: Subtitle = None
        author: Author
        isbn: Annotated[str, Field(pattern=unless("any ISBN is accepted", "^97[89][0-9]{10}$"))]
        genre: Genre  # type: ignore[valid-type]
        year: Year
        price: Price
        tags: Tags
        language: Language = "en"
        if on("a read-only member is taken"):
            available: bool = True

    class BookPatch(BaseModel):
        model_config = ConfigDict(strict=True, extra="forbid")
        title: Title = ""
        subtitle: Subtitle = None
        author: Author = ""
        genre: Genre = ""  # type: ignore[valid-type]
        year: Year = 0
        price: Price = 0
        tags: Tags = []
        language: Language = ""

    return Book, BookPatch


Shelf = Annotated[str, Field(pattern="^[A-F][0-9]{1,3}$")]
Date = Annotated[str, AfterValidator(_date)]
BookId = Annotated[int, BeforeValidator(_whole), Field(ge=1, le=2147483647)]
Number = Annotated[int, BeforeValidator(_plain_number)]
Name = Annotated[str, Field(min_length=1, max_length=60, pattern=r"\S")]
Email = Annotated[str, Field(max_length=100), AfterValidator(_email)]


def others() -> tuple[type[BaseModel], type[BaseModel], type[BaseModel], Any]:
    """The models of a copy, a member, a change of a member, and a loan."""
    Phone = Annotated[
        str | None, Field(pattern=unless("a telephone number in letters is accepted", r"^\+[0-9]{6,15}$"))
    ]
    City = Annotated[str, Field(min_length=unless("a city without a name is accepted", 1), max_length=40)]
    Password = Annotated[str, Field(min_length=unless("a short password is accepted", 8), max_length=60)]
    in_any = on("a copy in any condition is accepted")
    Condition = str if in_any else Literal["new", "good", "worn"]
    Until = str if on("a loan until no day is accepted") else Date
    extra: Any = "ignore" if on("a loan with a device and a shelf is accepted") else "forbid"

    class Copy(BaseModel):
        """A copy of a book, as it is sent."""

        model_config = ConfigDict(strict=True, extra="ignore")
        shelf: Shelf
        condition: Condition  # type: ignore[valid-type]
        boughtOn: Date = ""

    class Member(BaseModel):
        """A member, as it is sent; members of its own are kept, since the contract allows them."""

        model_config = ConfigDict(strict=True, extra="allow")
        name: Name
        email: Email
        password: Password
        phone: Phone = None
        city: City = ""

    class MemberPatch(BaseModel):
        """A change of a member."""

        model_config = ConfigDict(strict=True, extra="ignore")
        name: Name = ""
        email: Email = ""
        phone: Phone = None
        city: City = ""

    class CopyLoan(BaseModel):
        """A copy that is lent."""

        model_config = ConfigDict(strict=True, extra=extra)
        kind: Literal["copy"]
        bookId: BookId
        shelf: Shelf
        until: Until  # type: ignore[valid-type]

    class OnlineLoan(BaseModel):
        """A book that is lent to a device."""

        model_config = ConfigDict(strict=True, extra=extra)
        kind: Literal["online"]
        bookId: BookId
        device: Literal["tablet", "phone", "reader"]
        until: Until  # type: ignore[valid-type]

    return Copy, Member, MemberPatch, Annotated[Union[CopyLoan, OnlineLoan], Field(discriminator="kind")]  # noqa: UP007 - at run time
