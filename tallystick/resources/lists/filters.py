"""Filters of lists: what a parameter of the query asks of the rows, as its name says."""

from __future__ import annotations

import enum
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import NamedTuple

from tallystick.nouns.contract import Operation
from tallystick.nouns.json_value import JSON
from tallystick.nouns.schema import Schema
from tallystick.resources.lists.vocabulary import spelled
from tallystick.resources.lists.wishes import PageParameters, expanded
from tallystick.schemas.shapes import properties_of, types_of

_MOST_WORDS, _MOST_DEPTH = 20, 3
"""How many words of a search are looked for, and how deep in a row."""
_MILLISECONDS = 100_000_000_000
"""A moment as a number beyond this counts milliseconds, and not seconds."""
_DAY_SECONDS = 86_400


_NUMBER = re.compile(r"[-+]?\d+(?:\.\d+)?")


class Asks(enum.Enum):
    """What a parameter asks of the member that it is about."""

    VALUE = enum.auto()
    ABOVE = enum.auto()
    FROM = enum.auto()
    BELOW = enum.auto()
    TO = enum.auto()
    WORDS = enum.auto()
    """That its words are in the row, wherever."""


class Filter(NamedTuple):
    """What a parameter asks, and the way to the member of a row that it is about."""

    way: tuple[str, ...]
    asks: Asks = Asks.VALUE

    def matching(self, rows: Sequence[JSON], wanted: Sequence[str]) -> list[JSON]:
        """The rows that have what is asked for in a range, or the words."""
        if self.asks is Asks.WORDS:
            words = " ".join(wanted).casefold().split()[:_MOST_WORDS]
            return [row for row in rows if _has_words(row, words)]
        return [row for row in rows if all(self._is_within(row, text) for text in wanted)]

    def _is_within(self, row: JSON, text: str) -> bool:
        for name in self.way:
            row = row.get(name) if isinstance(row, dict) else None
        value, bound = _place_of(row), _place_of(text, is_end=self.asks in (Asks.TO, Asks.ABOVE))
        if value is None or bound is None:
            return value is not None  # what is no bound narrows nothing
        match self.asks:
            case Asks.ABOVE:
                return value > bound
            case Asks.FROM:
                return value >= bound
            case Asks.BELOW:
                return value < bound
            case _:
                return value <= bound


Filters = Mapping[str, Filter]
"""The filters of a list, by the names of their parameters."""

_BEHIND = {
    **dict.fromkeys(("gt",), Asks.ABOVE),
    **dict.fromkeys(("gte", "ge", "from", "after", "since", "min", "start"), Asks.FROM),
    **dict.fromkeys(("lt", "before"), Asks.BELOW),
    **dict.fromkeys(("lte", "le", "to", "until", "max", "end"), Asks.TO),
}
_IN_FRONT = {word: _BEHIND[word] for word in ("min", "from", "after", "since", "start", "max", "to", "until", "before")}
_IN_FRONT["end"] = Asks.TO
"""What a word behind, or in front of, the name of a member asks: `created[gte]`, `created_after`, `minPrice`."""
_SEARCHES = frozenset("q query search searchterm searchquery searchtext searchstring term keyword keywords".split())
_ORDERED_TYPES = frozenset(("integer", "number", "null"))
_MOMENTS = ("", "at", "date", "on", "time")
"""What the name of a moment may have behind what a parameter calls it: `created` is `created_at`."""
_USUAL_MOMENTS = ("updatedat", "updated", "createdat", "created", "date", "timestamp", "time")
"""What a bound is about that names no member (`since`)."""


def filters_of(
    operation: Operation, parameters: PageParameters, row_schema: Schema | None, rows: Sequence[JSON]
) -> Filters:
    """The filters of a list whose rows have a schema, and of which some are known."""
    members = _Members(row_schema, next((row for row in rows if isinstance(row, dict)), None))
    filters: dict[str, Filter] = {}
    for parameter in operation.parameters:
        for name, _ in expanded(parameter):
            if name not in parameters.names.values() and (each := members.filter_named(name)) is not None:
                filters[name] = each
    return filters


class _Members:
    """The members of the rows of a list, by their names in one spelling."""

    def __init__(self, schema: Schema | None, row: JSON) -> None:
        self.ways: dict[str, tuple[str, ...]] = {}
        self.ordered: set[tuple[str, ...]] = set()
        """The ways to numbers and moments."""
        for name, member, value in _members(schema, row):
            self.add(spelled(name), (name,), member, value)
            for inner, inner_member, inner_value in _members(member, value):
                self.add(spelled(name) + spelled(inner), (name, inner), inner_member, inner_value)

    def add(self, spelling: str, way: tuple[str, ...], schema: Schema | None, value: JSON) -> None:
        """Add a member, unless another has the name already."""
        if spelling in self.ways:
            return
        self.ways[spelling] = way
        is_declared = schema is not None and (
            types_of(schema) <= _ORDERED_TYPES or str(schema.resolved.get("format")).startswith("date")
        )
        if is_declared or _place_of(value) is not None:
            self.ordered.add(way)

    def filter_named(self, written: str) -> Filter | None:
        """The filter that a parameter of a name is; None where it is about no member."""
        name = spelled(written)
        if written.endswith(("<", ">")):  # `DateSent>`, as Twilio has it
            way = self.ordered_way(name)
            return Filter(way, Asks.TO if written.endswith("<") else Asks.FROM) if way is not None else None
        way = self.way(name)
        if way is not None:
            return Filter(way)
        if name in _SEARCHES:
            return Filter((), Asks.WORDS)
        for word, asks in _BEHIND.items():
            if name.endswith(word) and (way := self.ordered_way(name.removesuffix(word))) is not None:
                return Filter(way, asks)
        for word, asks in _IN_FRONT.items():
            if name.startswith(word) and (way := self.ordered_way(name.removeprefix(word))) is not None:
                return Filter(way, asks)
        return None

    def way(self, name: str) -> tuple[str, ...] | None:
        """The member that a parameter is named after: in the singular or plural, maybe as `filter[name]`."""
        for spelling in (name, name.removeprefix("filter"), name.removeprefix("where")):
            for each in (spelling, spelling.removesuffix("s"), spelling.removesuffix("es"), f"{spelling}s"):
                if each in self.ways:
                    return self.ways[each]
        return None

    def ordered_way(self, name: str) -> tuple[str, ...] | None:
        """The way to the number or moment that a bound is about; a bound without a name is about the usual moment."""
        names = [f"{name}{end}" for end in _MOMENTS] if name else _USUAL_MOMENTS
        return next((way for each in names if (way := self.way(each)) in self.ordered), None)


def _members(schema: Schema | None, value: JSON) -> Iterator[tuple[str, Schema | None, JSON]]:
    declared = properties_of(schema) if schema is not None else {}
    present = value if isinstance(value, dict) else {}
    for name in (*declared, *(each for each in present if each not in declared)):
        yield name, declared.get(name), present.get(name)


def _place_of(value: JSON, is_end: bool = False) -> float | None:
    """Where a number or a moment stands among others of its kind; None for what is neither.

    A moment (of ISO 8601 or RFC 5322) is in seconds; a day alone is its first moment, or with `is_end` its last one.
    """
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return value / 1000 if value > _MILLISECONDS else float(value)
    if not isinstance(value, str) or not value[:1].isascii() or len(value) > 40:
        return None
    try:
        if value[:1].isalpha():
            moment = parsedate_to_datetime(value)
        elif _NUMBER.fullmatch(value):
            return _place_of(float(value))
        else:
            moment = datetime.fromisoformat(value)
    except (ValueError, OverflowError):
        return None
    seconds = (moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)).timestamp()
    return seconds + (_DAY_SECONDS - 0.001 if is_end and len(value) == len("2000-01-01") else 0)


def _has_words(row: JSON, words: Sequence[str]) -> bool:
    text = "\n".join(_texts_in(row, 0)).casefold()
    return all(word in text for word in words)


def _texts_in(value: JSON, depth: int) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, (dict, list)) and depth < _MOST_DEPTH:
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _texts_in(inner, depth + 1)
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        yield str(value)
