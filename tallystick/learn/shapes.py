"""Shapes: what many values of one place have in common, and the schema that says so.

A schema is as narrow as the values and as wide as the evidence: a member is required where every object has it, null is
allowed where it was seen, a format is named where every text has it, and values are listed where few come often.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlsplit

from tallystick.exchanges.secrets import MASK
from tallystick.learn.segments import is_value
from tallystick.nouns import budgets
from tallystick.nouns.json_value import JSON

_LISTED_TIMES, _LISTED_VALUES, _TIMES_EACH = 20, 8, 4
"""How often a text must come for its values to be listed, how many there may be, and how often each on average."""
_TEXTS, _TEXT_CHARACTERS = 20, 60
"""How many texts of a place are remembered, and how long they may be."""
_SYMBOL = re.compile(r"[A-Za-z][A-Za-z0-9_.:/+-]*")
_MAP_NAMES = 3
"""From how many members on an object whose names are values is a map."""
_WIDE_NAMES = 30
"""From how many members on an object is a map if most of its members are in few of the objects."""

_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)")
_EMAIL = re.compile(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9](?:[A-Za-z0-9-]*\.)+[A-Za-z]{2,}")
_IPV4 = re.compile(r"(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?=\d)|$)){4}")
_URI_CHARACTERS = re.compile(r"[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=%-]+")


def _is_date(text: str) -> bool:
    try:
        return _DATE.fullmatch(text) is not None and datetime.fromisoformat(text) is not None
    except ValueError:
        return False


def _is_moment(text: str) -> bool:
    try:
        is_real = datetime.fromisoformat(text[:19].upper()) is not None
    except ValueError:
        return False
    return is_real and _MOMENT.fullmatch(text) is not None


def _is_uri(text: str) -> bool:
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    is_plain = _URI_CHARACTERS.fullmatch(text) is not None and re.search(r"%(?![0-9A-Fa-f]{2})|[\[\]]", text) is None
    return parts.scheme in ("http", "https", "ftp", "ws", "wss") and bool(parts.netloc) and is_plain


FORMATS: Mapping[str, Callable[[str], bool]] = {
    "date-time": _is_moment,
    "date": _is_date,
    "uuid": lambda text: _UUID.fullmatch(text) is not None,
    "email": lambda text: _EMAIL.fullmatch(text) is not None and ".." not in text,
    "uri": _is_uri,
    "ipv4": lambda text: _IPV4.fullmatch(text) is not None,
}


@dataclass(slots=True)
class Members:
    """The objects of a place: how many there were, how many of them had each member, and the shapes of the members."""

    count: int = 0
    present: Counter[str] = field(default_factory=Counter)
    shapes: dict[str, Shape] = field(default_factory=dict)

    @property
    def is_map(self) -> bool:
        """Whether the objects are maps: their members are named by values, or too many to be declared."""
        names = list(self.shapes)
        if len(names) >= budgets.LEARNED_MEMBERS or (len(names) >= _MAP_NAMES and all(map(is_value, names))):
            return True
        rare = sum(self.present[name] * 3 <= self.count for name in names)
        kinds = {frozenset(shape.types) for shape in self.shapes.values()}
        return len(names) >= _WIDE_NAMES and rare * 10 >= len(names) * 9 and len(kinds) == 1

    @property
    def required(self) -> list[str]:
        """The names of the members that every object has."""
        return [name for name in self.shapes if self.present[name] == self.count]

    def merged(self, other: Members) -> Members:
        """The objects of two places in one."""
        both = Members(self.count + other.count, self.present + other.present)
        for name in {**self.shapes, **other.shapes}:
            both.shapes[name] = Shape()
            for each in (self, other):
                if name in each.shapes:
                    both.shapes[name].merge(each.shapes[name])
        return both


Named = Callable[[Members], str]
"""A function from objects to the reference of the schema that they have elsewhere, "" for none."""


@dataclass(slots=True)
class Shape:
    """What values of one place are: how often each type came, and the shapes of their members and items."""

    types: Counter[str] = field(default_factory=Counter)
    objects: Members | None = None
    items: Shape | None = None
    texts: Counter[str] = field(default_factory=Counter)
    has_more_texts: bool = False
    formats: set[str] | None = None
    """The formats that every text has had so far; None before the first text."""

    def add(self, value: object, times: int = 1, level: int = 0) -> None:
        """Add a value that came so often."""
        if isinstance(value, dict):
            self.types["object"] += times
            self._add_object(value, times, level)
        elif isinstance(value, list):
            self.types["array"] += times
            if self.items is None and value:
                self.items = Shape()
            for item in value:
                if self.items is not None and level < budgets.LEARNED_LEVELS:
                    self.items.add(item, times, level + 1)
        elif isinstance(value, str):
            self.types["string"] += times
            self._add_text(value, times)
        elif isinstance(value, bool) or value is None:
            self.types["null" if value is None else "boolean"] += times
        else:
            self.types["integer" if isinstance(value, int) else "number"] += times

    def _add_object(self, value: Mapping[str, object], times: int, level: int) -> None:
        objects = self.objects = self.objects or Members()
        objects.count += times
        for name, member in value.items():
            shape = objects.shapes.get(name)
            if shape is None:
                if level >= budgets.LEARNED_LEVELS or len(objects.shapes) >= budgets.LEARNED_MEMBERS:
                    continue
                shape = objects.shapes[name] = Shape()
            objects.present[name] += times
            shape.add(member, times, level + 1)

    def _add_text(self, text: str, times: int) -> None:
        if len(text) > _TEXT_CHARACTERS or (len(self.texts) >= _TEXTS and text not in self.texts):
            self.has_more_texts = True
        else:
            self.texts[text] += times
        candidates = FORMATS if self.formats is None else self.formats
        self.formats = {name for name in candidates if text != MASK and FORMATS[name](text)}

    def merge(self, other: Shape) -> None:
        """Add all values of another shape."""
        self.types += other.types
        if self.objects is None or other.objects is None:
            self.objects = self.objects or other.objects
        elif self.objects is not other.objects:
            self.objects = self.objects.merged(other.objects)
        if other.items is not None:
            items, self.items = self.items, Shape()
            for each in (items, other.items):
                if each is not None:
                    self.items.merge(each)
        self.has_more_texts |= other.has_more_texts
        for text, times in other.texts.items():
            if len(self.texts) >= _TEXTS and text not in self.texts:
                self.has_more_texts = True
            else:
                self.texts[text] += times
        if other.formats is not None:
            self.formats = other.formats if self.formats is None else self.formats & other.formats

    def inside(self) -> Iterator[tuple[str, Shape]]:
        """The shapes inside this one that have objects, with the names of their members, the inner ones first."""
        members = self.objects.shapes if self.objects is not None else {}
        for name, shape in members.items():
            for inner, each in shape.inside():
                yield inner or name, each
        if self.items is not None:
            yield from self.items.inside()
        if self.objects is not None:
            yield "", self

    def schema(self, named: Named = lambda _: "") -> dict[str, JSON]:
        """The schema; `named` gives the reference to objects that stand elsewhere."""
        types = [each for each in _ORDER if self.types[each] and not (each == "integer" and self.types["number"])]
        reference = named(self.objects) if self.objects is not None else ""
        if reference:
            others = [each for each in types if each != "object"]
            if not others:
                return {"$ref": reference}
            return {"anyOf": [{"$ref": reference}, self._of(others, named)]}
        return self._of(types, named)

    def _of(self, types: Sequence[str], named: Named) -> dict[str, JSON]:
        schema: dict[str, JSON] = {}
        if types:
            schema["type"] = types[0] if len(types) == 1 else [*types]
        if "object" in types and self.objects is not None:
            schema.update(_of_objects(self.objects, named))
        if "array" in types:
            schema["items"] = self.items.schema(named) if self.items is not None else {}
        if "string" in types:
            schema.update(self._of_texts(types))
        return schema

    def _of_texts(self, types: Sequence[str]) -> dict[str, JSON]:
        if self.formats:
            return {"format": next(name for name in FORMATS if name in self.formats)}
        texts, times = self.texts, self.texts.total()
        is_listed = not self.has_more_texts and times >= max(_LISTED_TIMES, _TIMES_EACH * len(texts))
        is_listed = is_listed and 1 < len(texts) <= _LISTED_VALUES and {*types} <= {"string", "null"}
        if not is_listed or not all(map(_SYMBOL.fullmatch, texts)):
            return {}
        return {"enum": [*sorted(texts), *([None] if "null" in types else [])]}


_ORDER = ("object", "array", "string", "integer", "number", "boolean", "null")


def _of_objects(objects: Members, named: Named) -> dict[str, JSON]:
    if len(objects.shapes) >= budgets.LEARNED_MEMBERS:
        return {}
    if objects.is_map:
        values = Shape()
        for shape in objects.shapes.values():
            values.merge(shape)
        return {"additionalProperties": values.schema(named)}
    schema: dict[str, JSON] = {}
    if objects.required:
        schema["required"] = [*objects.required]
    if objects.shapes:
        schema["properties"] = {name: shape.schema(named) for name, shape in objects.shapes.items()}
    return schema
