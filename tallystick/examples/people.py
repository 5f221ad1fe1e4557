"""People: their names, addresses for mail and numbers for the phone, which agree with each other in one object."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

from tallystick.examples.draws import DEFAULT_LOCALE, FEW, Draw
from tallystick.examples.fake import fake

_FAMILY_NAME_FIRST = frozenset(("hu", "ja", "ko", "vi", "zh"))
_NO_HANDLE = re.compile(r"[^a-z0-9]+")


class Person(NamedTuple):
    """A person's names."""

    given: str
    family: str
    locale: str

    @property
    def full(self) -> str:
        """Both names, in the order of the person's language."""
        order = (self.family, self.given) if self.locale[:2] in _FAMILY_NAME_FIRST else (self.given, self.family)
        return " ".join(order)


@lru_cache(maxsize=4096)
def _person(locale: str, number: int) -> Person:
    return Person(fake(locale, "first_name", number), fake(locale, "last_name", number), locale)


def person(draw: Draw) -> Person:
    """The person that a name speaks of: the same one for `customer_name` and `customer_email` of one object."""
    of_prefix = draw.owners[: len(draw.owners) - len(draw.holder.names)]
    return _person(draw.style.locale, draw.number(f"person {''.join(of_prefix)}"))


def person_called(part: Callable[[Person], str]) -> Callable[[Draw], str]:
    """A maker of a part of a person's name."""
    return lambda draw: part(person(draw))


def bare_person(draw: Draw) -> str:
    """The full name of the person that a name like `author` is."""
    return _person(draw.style.locale, draw.number(f"person {draw.name}")).full


def _handle(draw: Draw, separator: str) -> str:
    """A person's names in the letters of addresses."""
    names = (each for each in person(draw)[:2])
    plain = (unicodedata.normalize("NFKD", each).encode("ascii", "ignore").decode().lower() for each in names)
    handle = separator.join(filter(None, (_NO_HANDLE.sub("", each) for each in plain)))
    return handle if len(handle) > 2 else fake(draw.style.locale, "user_name", draw.number("person"))


def email(draw: Draw) -> str:
    """An e-mail address of the person, in the domain that RFC 2606 reserves."""
    return f"{_handle(draw, '.')}@example.com"


def user_name(draw: Draw) -> str:
    """A name to log in with."""
    return _handle(draw, "")


def initials(draw: Draw) -> str:
    """The first letters of a person's names."""
    return "".join(name[:1] for name in person(draw)[:2])


def phone(draw: Draw) -> str:
    """A phone number: of a range that is reserved for fiction in English, else as the locale writes them."""
    number = draw.number(f"phone {draw.owner}")
    if draw.style.locale in (DEFAULT_LOCALE, FEW):
        return f"+1202555{100 + number % 100:04}"
    return fake(draw.style.locale, "phone_number", number)
