"""Tables from names to makers: what a name means depends on what it belongs to.

A row has names and owners, each in words and separated by `|`, and a maker. A name is looked up whole, then without its
first words, which become an owner: a `company_name` is the `name` of a `company`. An owner is looked up likewise. The
first owner that has a row decides; without one, the row without owners.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Generic, TypeVar

from tallystick.examples.draws import Draw

T = TypeVar("T")
Maker = Callable[[Draw], T]
Entry = tuple[str, str, Maker[T]]


_UNITS = frozenset("cm mm m km kg g lb lbs px inches usd eur gbp celsius kmh mph ml".split())
"""What a name may end in that no row has, which is left out then."""


class NameTable(Generic[T]):
    """A table that finds the maker for a draw, and what the name belongs to."""

    def __init__(self, rows: Sequence[Entry[T]]) -> None:
        self.makers: dict[str, dict[str, Maker[T]]] = {}
        for names, owners, maker in rows:
            for name in names.split("|"):
                by_owner = self.makers.setdefault(name, {})
                for owner in owners.split("|"):
                    by_owner.setdefault(owner, maker)
        self._find = lru_cache(maxsize=8192)(self._looked_up)

    def find(self, draw: Draw) -> tuple[Maker[T], Draw] | None:
        """The maker for a draw, and the draw with what the name belongs to; None where no row fits."""
        row = self._find(draw.name, draw.owners)
        if row is None:
            return None
        maker, owners = row
        return maker, draw if owners == draw.owners else replace(draw, owners=owners)

    def _looked_up(self, name: str, owners: tuple[str, ...]) -> tuple[Maker[T], tuple[str, ...]] | None:
        parts = name.split()
        while parts:
            for start in range(len(parts)):
                by_owner = self.makers.get(" ".join(parts[start:]))
                if by_owner is None:
                    continue
                nearest = (" ".join(parts[:start]), *owners) if start else owners
                maker = next(filter(None, (_of_owner(by_owner, owner) for owner in nearest)), by_owner.get(""))
                if maker is not None:
                    return maker, nearest
            if not parts[-1].isdecimal() and parts[-1] not in _UNITS:
                break
            parts.pop()
        return None


def _of_owner(by_owner: dict[str, Maker[T]], owner: str) -> Maker[T] | None:
    """The maker for an owner, looked up whole and then without its first words."""
    parts = owner.split()
    return next(filter(None, (by_owner.get(" ".join(parts[start:])) for start in range(len(parts)))), None)
