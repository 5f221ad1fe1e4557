"""Large values in pieces: the containers of a piece hold only what leads to a few neighbours.

What is said inside of these neighbours is true of the whole value too; what is said of the containers is not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import repeat
from typing import NamedTuple

Path = tuple[str | int, ...]

_CHARACTERS = 100
"""So many characters of a text, or of a name in the path of an error, count as one part of a value."""
_OF_NEIGHBOURS = frozenset(("then", "else", "dependentSchemas", "unevaluatedItems", "unevaluatedProperties"))
"""Keywords that apply a schema to a part of a value because of other parts, which a piece lacks."""


class Piece(NamedTuple):
    """A piece of a value, with the key of each of its containers' first members or items in the whole value."""

    value: object
    firsts: Path

    def tells(self, path: Sequence[str | int], schema_path: Sequence[str | int]) -> bool:
        """Whether an error is true of the whole value: it is inside of the neighbours, and only because of them."""
        return len(path) >= len(self.firsts) and _OF_NEIGHBOURS.isdisjoint(map(str, schema_path))

    def path_in_value(self, path: Path) -> Path:
        """The path in the whole value of a path in this piece."""
        pairs = zip(path, self.firsts, strict=False)
        return (
            *(key + first if isinstance(key, int) and isinstance(first, int) else key for key, first in pairs),
            *path[len(self.firsts) :],
        )


def size(value: object, most: int) -> int:
    """How many parts a value has, which is how many errors it may have; for more than `most`, some larger number."""
    if isinstance(value, str):
        return 1 + len(value) // _CHARACTERS
    if not isinstance(value, (dict, list)):
        return 1
    parts = 1
    names, members = (value, value.values()) if isinstance(value, dict) else (repeat(""), value)
    for name, member in zip(names, members, strict=False):
        # Most members are texts, so that a call for each would take twice as long.
        own = 1 + len(member) // _CHARACTERS if isinstance(member, str) else size(member, most - parts)
        parts += own * (1 + len(name) // _CHARACTERS)
        if parts > most:
            break
    return parts


def pieces(value: object, most: int) -> Iterator[Piece]:
    """The pieces of a value, each of at most `most` parts; what is larger and cannot be cut is in none of them."""
    if isinstance(value, dict):
        yield from _pieces(value.items(), most, dict)
    elif isinstance(value, list):
        yield from _pieces(enumerate(value), most, lambda members: [item for _, item in members])


Members = Sequence[tuple[str | int, object]]


def _pieces(
    members: Iterable[tuple[str | int, object]], most: int, container: Callable[[Members], object]
) -> Iterator[Piece]:
    """The pieces of an object or array: of members that are too large, and of neighbours that together are not."""
    neighbours: list[tuple[str | int, object]] = []
    room = most
    for key, member in members:
        factor = 1 + len(key) // _CHARACTERS if isinstance(key, str) else 1
        parts = size(member, most) * factor
        if parts > room and neighbours:
            yield Piece(container(neighbours), (neighbours[0][0],))
            neighbours, room = [], most
        if parts <= most:
            neighbours.append((key, member))
            room -= parts
        else:
            for piece in pieces(member, most // factor):
                yield Piece(container([(key, piece.value)]), (key, *piece.firsts))
    if neighbours:
        yield Piece(container(neighbours), (neighbours[0][0],))
