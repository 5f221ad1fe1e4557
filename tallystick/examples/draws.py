"""What a value is drawn for: the name of its slot, the object around it, and which of these objects it is.

The values of one object agree with each other (a name with an e-mail address), since all are drawn by what the object
is and which one it is; for the same reason the third customer of a list is the same as the third customer elsewhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from hashlib import blake2b
from typing import TypeVar

from tallystick.examples.names import words

T = TypeVar("T")
DEFAULT_LOCALE = "en_US"
FEW = "en"
"""A locale with a few English names, for which Faker is not imported."""


@dataclass(frozen=True, slots=True)
class Style:
    """How values are to be made, whatever their schemas are.

    Another `seed` gives other values. A `locale` (`de_DE`) says of which country people, addresses and the like are.
    `fresh` values are new ones also where the contract documents some.
    """

    seed: int = 0
    locale: str = DEFAULT_LOCALE
    fresh: bool = False


PLAIN = Style()


@dataclass(frozen=True, slots=True)
class Holder:
    """The object around a slot: what it is called, the likeliest first, in words; and the words of its properties.

    `offset` tells those apart that have different roles in one object: an author and a reviewer are both users.
    """

    names: tuple[str, ...] = ()
    properties: frozenset[str] = frozenset()
    offset: int = 0

    @property
    def kind(self) -> str:
        """What it is called; "" where nothing says it."""
        return self.names[0] if self.names else ""


NOBODY = Holder()


@lru_cache(maxsize=8192)
def number_of(text: str) -> int:
    """A large number that is always the same for a text."""
    return int.from_bytes(blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest())


@dataclass(frozen=True, slots=True)
class Draw:
    """One value to be drawn: for a slot of this name, in words, inside a holder.

    `turn` counts the holders of one kind, from 0; where a value must be another one, it is advanced too.
    `owners` are the names of what the value belongs to: in `company_name` the company, then the holders.
    """

    name: str = ""
    holder: Holder = NOBODY
    turn: int = 0
    style: Style = PLAIN
    owners: tuple[str, ...] = ()
    description: str = ""
    id_example: str = ""
    """An id that the document shows, where the value is an id: of the same kind, or of others."""

    @property
    def which(self) -> int:
        """Which of all holders of its kind this one is."""
        return self.turn + self.holder.offset

    @property
    def owner(self) -> str:
        """What the value belongs to, in words; "" where nothing says it."""
        return next(filter(None, self.owners), "")

    def number(self, label: str = "") -> int:
        """A large number for the holder; another one for each label."""
        return number_of(f"{self.style.seed}/{self.holder.kind}/{self.which}/{label}")

    def pick(self, values: Sequence[T], label: str = "") -> T:
        """One of some values, by the number of a label."""
        return values[self.number(label or self.name) % len(values)]

    def next(self, values: Sequence[T], label: str = "") -> T:
        """One of some values, in turn: neighbours in a list get different ones."""
        shift = number_of(f"{self.style.seed}/{self.holder.kind}{label}")
        return values[(shift + self.which) % len(values)]

    def later(self, count: int) -> Draw:
        """The draw of another value in place of this one."""
        return replace(self, turn=self.turn + count) if count else self

    def has(self, *names: str) -> bool:
        """Whether the holder has a property whose words are one of these."""
        return not self.holder.properties.isdisjoint(names)


def draw_for(name: str, turn: int = 0, style: Style = PLAIN, holder: Holder = NOBODY, description: str = "") -> Draw:
    """The draw of a value for a slot of a name."""
    return Draw(words(name), holder, turn, style, holder.names, description)
