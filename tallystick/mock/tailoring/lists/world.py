"""The rows behind a list: those that an author wrote, or as many as pages need; narrowed and sorted."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from copy import deepcopy
from typing import Protocol

from tallystick.examples.plain_schemas import equality_key
from tallystick.nouns.json_value import JSON
from tallystick.resources.lists.filters import Asks, Filters
from tallystick.resources.lists.vocabulary import IDENTITIES, spelled
from tallystick.resources.lists.wishes import ListWish

_OWN = IDENTITIES[:8]
_ANYTHING = frozenset(("all", "any", "*", ""))
"""Values of a filter that stand for every row, where they are no value of the member."""
_TIMES = ("createdat", "created", "date", "timestamp", "time", "updatedat", "id")
"""What rows are sorted by where a request says only the way."""

Make = Callable[[range], list[JSON]]
"""Makes the rows of some numbers."""
Fits = Callable[[list[JSON]], bool]
"""Whether a list of rows fits where it stands."""


class Rows(Protocol):
    """The rows behind one list, of which a request gets some."""

    @property
    def total(self) -> int:
        """How many there are, as far as is known."""
        ...

    @property
    def is_authored(self) -> bool:
        """Whether a list without rows is true: no others can be made."""
        ...

    def has(self, count: int) -> bool:
        """Whether so many rows are there already, or there are no more."""
        ...

    def span(self, start: int, count: int) -> list[JSON]:
        """Some rows from a place on."""
        ...

    def rows(self) -> list[JSON]:
        """All rows."""
        ...

    def unmatched(self, rows: list[JSON], path: Sequence[str], wanted: Sequence[str], fits: Fits) -> list[JSON]:
        """The rows that a request gets for values that none of some rows has in the member at a path."""
        ...

    def shown(self, rows: list[JSON]) -> list[JSON]:
        """Some of the rows as a reply shows them."""
        ...


class World:
    """The rows behind one list: made as they are needed, always the same.

    `total` is how many there are. `make` is None where an author wrote the rows: there are no others.
    """

    def __init__(self, rows: Sequence[JSON], total: int, make: Make | None) -> None:
        self.made = list(rows)
        self.make = make
        self.total = total if make is not None else len(self.made)

    @property
    def is_authored(self) -> bool:
        return self.make is None

    def has(self, count: int) -> bool:
        """Whether so many rows are there already, or there are no more."""
        return len(self.made) >= min(count, self.total)

    def first(self, count: int) -> list[JSON]:
        """The first rows, as many or all; where fewer can be made than were meant, the total is corrected."""
        count = min(count, self.total)
        if self.make is not None and len(self.made) < count:
            rows = {_key(row): row for row in self.made}
            for row in self.make(range(len(self.made), count)):
                rows.setdefault(_key(row), row)
            self.made = [*rows.values()]
            if len(self.made) < count:
                self.total = len(self.made)
        return self.made[:count]

    def span(self, start: int, count: int) -> list[JSON]:
        return self.first(start + count)[start:]

    def rows(self) -> list[JSON]:
        return self.first(self.total)

    def unmatched(self, rows: list[JSON], path: Sequence[str], wanted: Sequence[str], fits: Fits) -> list[JSON]:
        """None of those that an author wrote; others are made to have the values, as far as they fit then."""
        if self.is_authored:
            return []
        return made_to_match(rows, path, wanted, fits) or rows  # a value that no row may have narrows nothing

    def shown(self, rows: list[JSON]) -> list[JSON]:
        return rows


def _key(row: JSON) -> str:
    """What no two rows share: the identity, where they have one, else all that is in them."""
    by_name = {spelled(name): member for name, member in row.items()} if isinstance(row, dict) else {}
    own = next((by_name[name] for name in _OWN if isinstance(by_name.get(name), (str, int))), None)
    return equality_key(row) if own is None else str(own)


def identity(row: JSON) -> str:
    """The text by which a row is told from others; "" where it has none."""
    if isinstance(row, dict):
        by_name = {spelled(name): member for name, member in row.items()}
        for name in IDENTITIES:
            if isinstance(member := by_name.get(name), (str, int)):
                return str(member)
        return next((str(member) for name, member in by_name.items() if name.endswith("id") and member), "")
    return str(row) if isinstance(row, (str, int)) else ""


# Narrowing


def narrowed(world: Rows, wish: ListWish, filters: Filters, fits: Fits) -> list[JSON]:
    """All rows that have the wanted values, and what the world has instead where there are none.

    A search that finds none of the rows that were made up narrows nothing: they have no words that anybody knows.
    """
    rows = world.rows()
    for name, each in filters.items():
        wanted, path = wish.values.get(name), each.way
        if not wanted:
            continue
        if each.asks is not Asks.VALUE:
            within = each.matching(rows, wanted)
            rows = within if within or world.is_authored or each.asks is not Asks.WORDS else rows
            continue
        matching = _matching(rows, path, wanted)
        if not matching and len(wanted) == 1 and "," in wanted[0]:
            wanted = wanted[0].split(",")
            matching = _matching(rows, path, wanted)
        if not matching and _ANYTHING.issuperset(wanted):
            continue
        rows = matching or world.unmatched(rows, path, wanted, fits)
    return rows


def _matching(rows: Sequence[JSON], path: Sequence[str], wanted: Sequence[str]) -> list[JSON]:
    return [row for row in rows if _has(row, path, wanted)]


def _has(row: JSON, path: Sequence[str], wanted: Sequence[str]) -> bool:
    return any(text in wanted for text in _texts(_member(row, path)))


def _member(row: JSON, path: Sequence[str]) -> JSON:
    for name in path:
        row = row.get(name) if isinstance(row, dict) else None
    return row


def _texts(value: JSON) -> Iterable[str]:
    """The texts that a filter may say for a value: of a list those of each item, of an object its identity."""
    if isinstance(value, list):
        return [text for item in value for text in _texts(item)]
    if isinstance(value, dict):
        return [identity(value), str(value.get("name", ""))]
    return [] if value is None else [str(value).lower() if isinstance(value, bool) else str(value)]


def made_to_match(rows: Sequence[JSON], path: Sequence[str], wanted: Sequence[str], fits: Fits) -> list[JSON]:
    """Rows with the wanted values put in: one for each value that identifies a row, else all of them."""
    is_identity = spelled(path[-1]) in _OWN or spelled(path[-1]) in ("email", "username", "login")
    count = min(len(wanted), len(rows)) if is_identity else len(rows)
    matching: list[JSON] = []
    for number, row in enumerate(rows[:count]):
        for value in _typed(wanted[number % len(wanted)], _member(row, path)):
            changed = _with(row, path, value)
            if changed is not None and fits([changed]):
                matching.append(changed)
                break
    return matching


def _typed(text: str, before: JSON) -> list[JSON]:
    """The values that a text may stand for, that of the type of the value before first."""
    values: list[JSON] = []
    for convert in (int, float):
        try:
            values.append(convert(text))
            break
        except ValueError:
            continue
    if text in ("true", "false"):
        values.append(text == "true")
    values = [*values, text] if not isinstance(before, str) else [text, *values]
    if isinstance(before, list):
        return [[value] for value in _typed(text, before[0] if before else None)]
    if isinstance(before, dict):
        names = sorted(
            (name for name in before if spelled(name) in IDENTITIES), key=lambda name: spelled(name) != "name"
        )
        return [{**before, name: value} for name in names for value in _typed(text, before[name])] or values
    return values


def _with(row: JSON, path: Sequence[str], value: JSON) -> JSON:
    """A copy of a row with another value in it; None where it has no such place."""
    changed = deepcopy(row)
    inner = _member(changed, path[:-1])
    if not isinstance(inner, dict):
        return None
    inner[path[-1]] = value
    return changed


# Sorting


def sorted_rows(rows: list[JSON], wish: ListWish) -> list[JSON]:
    """Rows in the wanted order; a member that no row has is passed over."""
    for name, downwards in reversed(wish.sorts):
        path = _sorted_by(rows, name)
        if path is not None:
            rows = sorted(rows, key=lambda row, path=path: _order(_member(row, path)), reverse=downwards)  # type: ignore[misc]
            rows.sort(key=lambda row, path=path: _member(row, path) is None)  # type: ignore[misc]
    return rows


def _sorted_by(rows: Sequence[JSON], name: str) -> Sequence[str] | None:
    """The way to the member that rows are sorted by: by its own name, with `At`, or a member of a member."""
    row = next((row for row in rows if isinstance(row, dict)), {})
    by_name: dict[str, tuple[str, ...]] = {}
    for key, member in row.items() if isinstance(row, dict) else ():
        by_name.setdefault(spelled(key), (key,))
        for inner in member if isinstance(member, dict) else ():
            by_name.setdefault(spelled(key) + spelled(inner), (key, inner))
    names = (name, f"{name}at", f"{name}date", f"date{name}", f"{name}on") if name else _TIMES
    return next((by_name[each] for each in names if each in by_name), None)


def _order(value: JSON) -> tuple[int, float, str]:
    """A key to compare values of any type by."""
    if isinstance(value, (bool, int, float)):
        return 0, float(value), ""
    return 1, 0.0, value.casefold() if isinstance(value, str) else str(value)
