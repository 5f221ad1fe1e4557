"""Values at the edge of what a schema allows: as little, as short or as long as it may be, and at its bounds.

A value that fits is changed part by part. A part keeps what it has where the schema wants no other; where the value as
a whole does not fit any more, its members are changed one by one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from tallystick.nouns import budgets
from tallystick.nouns.json_value import JSON
from tallystick.nouns.schema import Direction, Schema

Kind = Literal["empty", "shortest", "longest", "boundary"]

_ROWS, _ROWS_WITHIN, _CHARACTERS = 100, 3, 255
"""How many rows the longest list has, and one inside its rows, and how many characters the longest text where the
schema sets no bound."""
_MOST_DEPTH = 40
_MOST_REPAIRS = 100
"""How many members are changed one by one where not all can be changed."""
_AWKWARD = "Żółć & <b>naïve</b> 'quoted' \"text\" 👩‍👩‍👧 العربية"
"""A text that a page has to show as it is: beyond ASCII, from right to left, and with what HTML and SQL read."""
_ID = re.compile(r"(?:^|_)(?:u?u?id|key|token|slug)$|[a-z](?:Id|ID|Key|Token|Uuid)$", re.IGNORECASE)
_MORE = re.compile(r"^has_?(?:more|next|prev)", re.IGNORECASE)
_COUNT = re.compile(r"total|count|size", re.IGNORECASE)
_LARGE = {"int32": 2**31 - 1, "int64": 2**53 - 1}
_DATES = {
    "date": ("1970-01-01", "9999-12-31", "2024-02-29"),
    "date-time": ("1970-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "2024-02-29T23:59:59.999999+14:00"),
    "time": ("00:00:00Z", "23:59:59Z"),
}


def extreme(schema: Schema, value: JSON, kind: Kind, direction: Direction) -> JSON:
    """A value of some kind that fits a schema as well as the value does that it is made of."""
    change = _Change(kind, direction)
    changed = change.of([schema], value)
    if schema.is_valid(changed, direction) or not schema.is_valid(value, direction):
        return changed
    return _one_by_one(value, changed, lambda candidate: schema.is_valid(candidate, direction))


def _one_by_one(value: JSON, changed: JSON, fits: Callable[[JSON], bool]) -> JSON:
    """The value with those of its changed members, one after the other, that it may have."""
    if not isinstance(value, dict) or not isinstance(changed, dict):
        return value
    best = value
    for name in list(value)[:_MOST_REPAIRS]:
        if name in changed and changed[name] is value[name]:
            continue
        candidate = {**best, name: changed[name]} if name in changed else {k: v for k, v in best.items() if k != name}
        if fits(candidate):
            best = candidate
    return best


@dataclass
class _Change:
    """One change of a value; `turn` counts its parts, so that neighbours meet different bounds."""

    kind: Kind
    direction: Direction
    turn: int = 0
    characters: int = 0
    """How many characters its texts have got already."""
    lists: int = 0
    """How many lists there are around the part."""

    def of(self, schemas: Sequence[Schema], value: JSON, name: str = "", depth: int = 0) -> JSON:
        """A part that all of some schemas describe, changed."""
        if depth > _MOST_DEPTH:
            return value
        schemas = list(self._applied(schemas, value))
        keywords = [schema.resolved for schema in schemas]
        if self.kind == "empty" and name and value is not None and self._fits(schemas, None):
            return None
        if isinstance(value, dict):
            return self._object(schemas, keywords, value, depth)
        if isinstance(value, list):
            return self._list(schemas, keywords, value, depth)
        if isinstance(value, bool) and self.kind == "empty" and _MORE.search(name) and self._fits(schemas, False):
            return False
        if isinstance(value, bool) or value is None or any("const" in each for each in keywords):
            return value
        for candidate in self._candidates(keywords, value, name):
            if candidate == value or self._fits(schemas, candidate):
                return candidate
        return value

    def _applied(self, schemas: Sequence[Schema], value: JSON) -> Iterator[Schema]:
        """The schemas, and those inside them that hold for the same value."""
        waiting, seen = list(schemas), 0
        while waiting and seen < budgets.SCHEMA_STEPS:
            schema = waiting.pop()
            seen += 1
            yield schema
            for keyword in ("allOf", "anyOf", "oneOf"):
                branches = schema.resolved.get(keyword)
                if isinstance(branches, list):
                    children = [schema.child(keyword, str(index)) for index in range(len(branches))]
                    waiting += [
                        child
                        for child in children
                        if child is not None and (keyword == "allOf" or child.is_valid(value, self.direction))
                    ]

    def _fits(self, schemas: Sequence[Schema], value: JSON) -> bool:
        return all(schema.is_valid(value, self.direction) for schema in schemas)

    def _object(
        self, schemas: Sequence[Schema], keywords: Sequence[Mapping[str, JSON]], value: dict[str, JSON], depth: int
    ) -> JSON:
        required = {name for each in keywords for name in _strings(each.get("required"))}
        result: dict[str, JSON] = {}
        for name, part in value.items():
            if self.kind == "empty" and depth and name not in required:
                continue
            own = [child for schema in schemas if (child := _member(schema, name)) is not None]
            result[name] = self.of(own, part, name, depth + 1) if own else part
        return result if self.kind != "empty" or self._fits(schemas, result) else value

    def _list(
        self, schemas: Sequence[Schema], keywords: Sequence[Mapping[str, JSON]], value: list[JSON], depth: int
    ) -> JSON:
        own = [child for schema in schemas if (child := schema.child("items")) is not None]
        least = int(max([_number(each.get("minItems"), 0) for each in keywords], default=0))
        most = int(min([_number(each.get("maxItems"), _ROWS) for each in keywords], default=_ROWS))
        rows = value
        if self.kind in ("empty", "shortest"):
            rows = value[: least if self.kind == "empty" else max(least, 1)]
        elif self.kind == "longest" and value and not any(each.get("uniqueItems") for each in keywords):
            most = min(most, _ROWS_WITHIN if self.lists else _ROWS)
            rows = [value[index % len(value)] for index in range(max(most, len(value)))]
        self.lists += 1
        changed = [self.of(own, row, "", depth + 1) if own else row for row in rows]
        self.lists -= 1
        return changed

    def _candidates(self, keywords: Sequence[Mapping[str, JSON]], value: JSON, name: str) -> Iterator[JSON]:
        """What may take the place of a text or a number, the best first."""
        self.turn += 1
        enums = [each["enum"] for each in keywords if isinstance(each.get("enum"), list)]
        if enums:
            yield from self._of_enum(enums[0], value)
        elif isinstance(value, str):
            if not _ID.search(name) and self.characters < budgets.EXTREME_CHARACTERS:
                for text in self._texts(keywords, value):
                    self.characters += len(text)
                    yield text
        elif isinstance(value, int | float) and not _ID.search(name):
            yield from self._numbers(keywords, value, name)

    def _of_enum(self, enum: JSON, value: JSON) -> Iterator[JSON]:
        values = [each for each in enum if type(each) is type(value)] if isinstance(enum, list) else []
        if not values:
            return
        if self.kind == "boundary":
            yield values[0 if self.turn % 2 else -1]
        elif isinstance(value, str):
            yield sorted(values, key=lambda each: len(str(each)), reverse=self.kind == "longest")[0]

    def _texts(self, keywords: Sequence[Mapping[str, JSON]], value: str) -> Iterator[str]:
        least = int(max([_number(each.get("minLength"), 0) for each in keywords], default=0))
        bounds = [int(_number(each["maxLength"], _CHARACTERS)) for each in keywords if "maxLength" in each]
        most = min([*bounds, _CHARACTERS * 8]) if bounds else _CHARACTERS
        text_format = next((str(each["format"]) for each in keywords if "format" in each), "")
        if text_format and text_format not in ("password", "string"):
            yield from self._formatted(text_format, value, most)
        elif self.kind == "empty":
            yield _cut(value, least)
        elif self.kind == "shortest":
            yield _cut(value, max(least, 1))
        elif self.kind == "longest":
            yield _long(value, most)
            yield (value or "x")[-1] * most
        elif self.turn % 3 == 1:
            yield _cut(_AWKWARD * (1 + least // len(_AWKWARD)), max(least, min(most, len(_AWKWARD))))
        elif self.turn % 3 == 2:
            yield _cut(value, max(least, 1))
        else:
            yield _long(value, most)

    def _formatted(self, text_format: str, value: str, most: int) -> Iterator[str]:
        if self.kind == "boundary" and text_format in _DATES:
            dates = _DATES[text_format]
            yield dates[self.turn % len(dates)]
        elif self.kind == "longest" and text_format in ("uri", "url", "uri-reference", "iri") and "?" not in value:
            yield value.rstrip("/") + "/" + "a-long-segment-" * max((most - len(value) - 1) // 15, 0)
        elif self.kind == "longest" and text_format == "email" and "@" in value:
            local, _, host = value.partition("@")
            yield _long(local.replace(" ", ""), 64).replace(" ", ".") + "@" + host

    def _numbers(self, keywords: Sequence[Mapping[str, JSON]], value: float, name: str) -> Iterator[float]:
        least, most = _bounds(keywords)
        is_whole = isinstance(value, int)
        large = next((_LARGE[str(each["format"])] for each in keywords if each.get("format") in _LARGE), 10**9)
        if self.kind == "empty":
            if _COUNT.search(name):
                yield 0
            return
        wants_most = self.kind == "longest" or (self.kind == "boundary" and self.turn % 2 == 0)
        step = next((_number(each["multipleOf"], 1) for each in keywords if "multipleOf" in each), 1)
        for bound in (most if most is not None else large,) if wants_most else (least if least is not None else 0,):
            nearest = bound // step * step
            for candidate in (bound, nearest, nearest + step, bound - step, bound + step):
                yield int(candidate) if is_whole and candidate == int(candidate) else candidate


def _member(schema: Schema, name: str) -> Schema | None:
    properties = schema.resolved.get("properties")
    if isinstance(properties, dict) and name in properties:
        return schema.child("properties", name)
    return (
        schema.child("additionalProperties") if isinstance(schema.resolved.get("additionalProperties"), dict) else None
    )


def _bounds(keywords: Sequence[Mapping[str, JSON]]) -> tuple[float | None, float | None]:
    lows = [_number(each[key], 0) for each in keywords for key in ("minimum", "exclusiveMinimum") if key in each]
    highs = [_number(each[key], 0) for each in keywords for key in ("maximum", "exclusiveMaximum") if key in each]
    return max(lows, default=None), min(highs, default=None)


def _number(value: JSON, otherwise: float) -> float:
    return value if isinstance(value, int | float) and not isinstance(value, bool) else otherwise


def _strings(value: JSON) -> list[str]:
    return [each for each in value if isinstance(each, str)] if isinstance(value, list) else []


def _cut(text: str, length: int) -> str:
    """A text of exactly so many characters: its beginning, or more of the same."""
    return (text or "x")[:length].rstrip().ljust(length, (text or "x")[-1] if text.strip() else "x")


def _long(text: str, length: int) -> str:
    """A text of exactly so many characters: its words again and again."""
    words = text.strip() or "x"
    return ((words + " ") * (length // (len(words) + 1) + 1))[:length].rstrip().ljust(length, words[-1])
