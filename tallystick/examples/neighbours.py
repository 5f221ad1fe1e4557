"""Values beside a valid one: each differs from it in one part, and lies near an edge of what the schema allows there.

Some of them are valid and some are not; which is for the judge to say.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, islice, zip_longest
from typing import NamedTuple

from tallystick.nouns import budgets
from tallystick.nouns.json_value import JSON
from tallystick.nouns.schema import Direction, Schema
from tallystick.schemas.shapes import properties_of

Way = tuple[str | int, ...]

_MOST_DEPTH = 3
_MOST_MEMBERS = 40
_MOST_ITEMS, _MOST_CHARACTERS = 300, 5_000
"""How many items the longest list has, and how many characters the longest text."""
_UNKNOWN = "tallystick"
"""The name of a member that no schema knows, and a text that no list of values has."""
_TEXTS = ("é", "\x00", "\U0001f40d" * 3, "\u202edlrow\u202c \u05e9\u05dc\u05d5\u05dd", "' OR 1=1 --", "%", " ")
"""Beyond ASCII, NUL, beyond the basic plane, from right to left, for a database, and what a path or a filter reads."""
_NUMBERS = (0, -1, 2**31, 2**53 + 1, 2**63)
_FRACTIONS = (1e308, -1e308)
_OF_FORMAT: Mapping[str, tuple[JSON, ...]] = {
    "date": ("2030-02-30", "0001-01-01", "9999-12-31", "2024-02-29"),
    "date-time": ("2030-01-31", "2030-01-31T25:00:00Z", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"),
    "email": ("a b", "nobody"),
    "uuid": ("4f1c9e0b7a", "00000000-0000-0000-0000-000000000000"),
    "uri": ("a b", "//"),
    "ipv4": ("1.2.3.400",),
}


class Neighbour(NamedTuple):
    """One change of a value: what stands at the end of a way instead; with `is_removed`, nothing does."""

    way: Way
    value: JSON = None
    is_removed: bool = False

    def of(self, value: JSON) -> JSON:
        """A copy of a value with this change; as it is where it has no such part."""
        return _changed(value, self.way, self)


def _changed(value: JSON, way: Way, change: Neighbour) -> JSON:
    if not way:
        return change.value
    key, rest = way[0], way[1:]
    if isinstance(value, dict) and isinstance(key, str):
        if not rest and change.is_removed:
            return {name: member for name, member in value.items() if name != key}
        return {**value, key: _changed(value.get(key), rest, change)}
    if isinstance(value, list) and isinstance(key, int) and key < len(value):
        return [*value[:key], _changed(value[key], rest, change), *value[key + 1 :]]
    return value


def neighbours(schema: Schema, value: JSON, direction: Direction) -> Iterator[Neighbour]:
    """The changes of a value that fits a schema, a few of each part before more of any."""
    parts = islice(_parts([schema], value, direction, ()), budgets.NEIGHBOUR_PARTS)
    changes_of_parts = [_of_part(schemas, part, way) for way, schemas, part in parts]
    return (change for changes in zip_longest(*changes_of_parts) for change in changes if change is not None)


def _parts(
    schemas: Sequence[Schema], value: JSON, direction: Direction, way: Way
) -> Iterator[tuple[Way, Sequence[Schema], JSON]]:
    """The parts of a value, each with the schemas that it fits; of a list its first item."""
    applied = [*_applied(schemas, value, direction)]
    yield way, applied, value
    if len(way) >= _MOST_DEPTH:
        return
    if isinstance(value, dict):
        for name, member in [*value.items()][:_MOST_MEMBERS]:
            inner = [child for each in applied if (child := each.child("properties", name)) is not None]
            if inner and not any(each.resolved.get("readOnly") is True for each in inner):
                yield from _parts(inner, member, direction, (*way, name))
    elif isinstance(value, list) and value:
        inner = [child for each in applied if (child := each.child("items")) is not None]
        if inner:
            yield from _parts(inner, value[0], direction, (*way, 0))


def _applied(schemas: Sequence[Schema], value: JSON, direction: Direction) -> Iterator[Schema]:
    """Schemas, and those in their `allOf`, and in their `anyOf` and `oneOf` that the value fits."""
    waiting, places = [*schemas], set[object]()
    while waiting:
        schema = waiting.pop(0)
        if schema.place in places:
            continue
        places.add(schema.place)
        yield schema
        for keyword in ("allOf", "anyOf", "oneOf"):
            branches = schema.resolved.get(keyword)
            for index in range(len(branches) if isinstance(branches, list) else 0):
                branch = schema.child(keyword, str(index))
                if branch is not None and (keyword == "allOf" or branch.is_valid(value, direction)):
                    waiting.append(branch)


def _of_part(schemas: Sequence[Schema], value: JSON, way: Way) -> Iterator[Neighbour]:
    """The changes of one part."""
    keywords = [schema.resolved for schema in schemas]
    candidates: Iterator[JSON]
    if isinstance(value, dict):
        yield from _of_object(schemas, keywords, value, way)
        candidates = iter(([], "text"))
    elif isinstance(value, list):
        candidates = chain(_lists(keywords, value), ({}, "text"))
    elif isinstance(value, bool):
        candidates = iter((str(value).lower(), int(value), not value))
    elif isinstance(value, (int, float)):
        candidates = chain(_numbers(keywords, value), (str(value), value + 0.5, True, [value]))
    elif isinstance(value, str):
        candidates = chain(_texts(keywords, value), (4711, True, [value], {}))
    else:
        candidates = iter(("text", 0))
    other_types = (None,) if value is not None and way else ()
    for candidate in chain(candidates, other_types):
        yield Neighbour(way, candidate)


def _of_object(
    schemas: Sequence[Schema], keywords: Sequence[Mapping[str, JSON]], value: Mapping[str, JSON], way: Way
) -> Iterator[Neighbour]:
    yield from (Neighbour((*way, name), is_removed=True) for name in [*value][:_MOST_MEMBERS])
    if any(each.get(name) not in (None, True) for each in keywords for name in _CLOSING):
        yield Neighbour((*way, _UNKNOWN), _UNKNOWN)
    for name, member in _with_branches(schemas):
        if name not in value and member.resolved.get("readOnly") is not True:
            yield Neighbour((*way, name), _UNKNOWN)
    if value:
        yield Neighbour(way, {})


_CLOSING = ("additionalProperties", "unevaluatedProperties", "propertyNames", "maxProperties")


def _with_branches(schemas: Sequence[Schema]) -> Iterator[tuple[str, Schema]]:
    """The members that schemas declare, in branches too that the value does not fit."""
    declared = {name: member for schema in schemas for name, member in properties_of(schema).items()}
    return ((name, member) for name, member in [*declared.items()][:_MOST_MEMBERS] if member is not None)


def _bounds(keywords: Sequence[Mapping[str, JSON]], *names: str) -> Iterator[int | float]:
    for each in keywords:
        for name in names:
            bound = each.get(name)
            if isinstance(bound, (int, float)) and not isinstance(bound, bool):
                yield bound


def _lists(keywords: Sequence[Mapping[str, JSON]], value: list[JSON]) -> Iterator[JSON]:
    item = value[0] if value else _UNKNOWN
    for bound in _bounds(keywords, "maxItems", "minItems"):
        for length in (int(bound) + 1, int(bound) - 1, int(bound)):
            if 0 <= length <= _MOST_ITEMS:
                yield [_numbered(item, index) for index in range(length)]
    if any(each.get("uniqueItems") is True for each in keywords):
        yield [item, item]
    yield []
    if not any(isinstance(each.get("items"), bool) for each in keywords):
        yield [*value, None]


def _numbered(item: JSON, index: int) -> JSON:
    """An item that is like another one, and differs from all of other numbers where it may."""
    if isinstance(item, str) and index:
        return f"{item[: -len(str(index))]}{index}" if len(item) > len(str(index)) else f"{index}"
    if isinstance(item, (int, float)) and not isinstance(item, bool):
        return item + index
    return item


def _numbers(keywords: Sequence[Mapping[str, JSON]], value: int | float) -> Iterator[JSON]:
    steps = [*_bounds(keywords, "multipleOf")]
    step = max(steps, default=1) or 1
    for bound in _bounds(keywords, "minimum", "exclusiveMinimum"):
        yield from (bound - step, bound)
    for bound in _bounds(keywords, "maximum", "exclusiveMaximum"):
        yield from (bound + step, bound)
    yield from (value + each / 2 for each in steps)
    yield from _others(keywords)
    yield from _NUMBERS
    if any(each.get("type") == "number" for each in keywords):
        yield from _FRACTIONS


def _others(keywords: Sequence[Mapping[str, JSON]]) -> Iterator[JSON]:
    """The values of a list of them, and one that it has not."""
    for each in keywords:
        values = each.get("enum")
        if isinstance(values, list):
            first = next((value for value in values if value is not None), "")
            yield f"{first}{_UNKNOWN}" if isinstance(first, str) else 987_654_321
            yield from values[:10]
        elif "const" in each:
            yield _UNKNOWN


def _texts(keywords: Sequence[Mapping[str, JSON]], value: str) -> Iterator[JSON]:
    yield from _others(keywords)
    if any("enum" in each or "const" in each for each in keywords):
        return
    for bound in _bounds(keywords, "maxLength"):
        yield from (_of_length(value, length) for length in (int(bound) + 1, int(bound)) if length <= _MOST_CHARACTERS)
    for bound in _bounds(keywords, "minLength"):
        yield from (_of_length(value, length) for length in (int(bound) - 1, int(bound)) if length >= 0)
    for each in keywords:
        if isinstance(each.get("pattern"), str):
            yield from (f"{value}!", value[:-1], _UNKNOWN)
        yield from _OF_FORMAT.get(str(each.get("format", "")), ())
    yield ""
    if not any({"pattern", "format"} & each.keys() for each in keywords):
        yield from _TEXTS
        yield _of_length(value, _MOST_CHARACTERS)


def _of_length(value: str, length: int) -> str:
    """A text of a length that begins as another one does."""
    text = value or "x"
    return text[:length] if len(text) >= length else text + text[-1] * (length - len(text))
