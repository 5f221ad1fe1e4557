"""The places of a value of JSON, and what can be done at one of them."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from random import Random
from typing import Any

from tests.hostile.texts import hostile_text

Place = tuple[Any, Any]
"""A list or object, and the index or key in it."""


def places(value: Any, depth: int = 0) -> Iterator[Place]:
    """Every place in a value, however deep (within reason)."""
    if depth > 60:
        return
    if isinstance(value, dict):
        for key in value:
            yield value, key
            yield from places(value[key], depth + 1)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield value, index
            yield from places(item, depth + 1)


def some_places(draw: Random, value: Any, count: int, wanted: Callable[[Any], bool] = lambda _: True) -> list[Place]:
    """A few places whose value is wanted; those of the document's own version are left alone."""
    fit = [place for place in places(value) if place[1] not in ("openapi", "swagger") and wanted(place[0][place[1]])]
    return draw.sample(fit, min(count, len(fit)))


def is_text(value: Any) -> bool:
    return isinstance(value, str)


def put(place: Place, value: Any) -> None:
    """Set the value of a place to a copy of a value, if it is still there."""
    holder, key = place
    if isinstance(holder, dict) or key < len(holder):
        holder[key] = copy.deepcopy(value)


def rename(place: Place, name: str) -> None:
    """Give a member another key, where it stands."""
    holder, key = place
    if isinstance(holder, dict) and key in holder:
        members = [(name if other == key else other, value) for other, value in holder.items()]
        holder.clear()
        holder.update(members)


def put_texts(draw: Random, value: Any) -> None:
    """Hostile texts in place of some texts."""
    for place in some_places(draw, value, draw.choice((1, 3, 10, 200)), is_text):
        put(place, hostile_text(draw))


def put_keys(draw: Random, value: Any) -> None:
    """Hostile keys in place of some keys."""
    for place in some_places(draw, value, draw.choice((1, 3, 10, 40))):
        if place[1] not in ("paths", "info", "components"):
            rename(place, hostile_text(draw))


def put_same_name(draw: Random, value: Any) -> None:
    """One hostile name for a schema and for all that refers to it, a parameter in its template, a property."""
    name = hostile_text(draw)
    pointer = name.replace("~", "~0").replace("/", "~1")
    old = draw.choice(("Pet", "id", "name", "Cat", "kind"))
    for place in list(places(value)):
        holder, key = place
        text = holder[key] if key in holder or isinstance(holder, list) else None
        if isinstance(text, str) and text.endswith("/" + old):
            holder[key] = text[: -len(old)] + pointer
        elif text == old:
            holder[key] = name
    for place in list(places(value)):
        if place[1] == old:
            rename(place, name)
        elif isinstance(place[1], str) and f"{{{old}}}" in place[1]:
            rename(place, place[1].replace(f"{{{old}}}", f"{{{name}}}"))


OTHERS: tuple[Any, ...] = (
    None, True, False, 0, 1, -1, 1.5, "", "x", "true", "1", [], {}, [[]], [{}], [None], {"": {}}, {"a": None},
    {"$ref": 1}, {"$ref": None}, {"$ref": {}}, {"$ref": "#"}, {"$ref": ""}, [[[[]]]], ["x", "x"], {"$ref": "#/info"},
)  # fmt: skip
"""A value of each type, right nearly nowhere."""


def put_types(draw: Random, value: Any) -> None:
    """Values of another type at some places."""
    for place in some_places(draw, value, draw.choice((1, 1, 3, 10, 50))):
        put(place, draw.choice(OTHERS))


def leave_out(draw: Random, value: Any) -> None:
    """Some members and items are missing."""
    for holder, key in some_places(draw, value, draw.choice((1, 1, 2, 5, 20))):
        if isinstance(holder, dict):
            holder.pop(key, None)
        elif key < len(holder):
            del holder[key]


def swap(draw: Random, value: Any) -> None:
    """Parts of the document stand in place of others."""
    for place in some_places(draw, value, draw.choice((1, 2, 5))):
        holder, key = draw.choice(list(places(value)))
        part = holder[key] if isinstance(holder, dict) or key < len(holder) else None
        put(place, part if _size(part) < 200 else None)
        if _size(value) > 20_000:
            return


def _size(value: Any) -> int:
    return sum(1 for _ in places(value))


NUMBERS: tuple[Any, ...] = (
    0, -1, 1, 2**31, 2**53 + 1, 2**63, 2**64, 10**9, 10**30, 10**400, -(10**400), 1e308, -1e308, 1e-320, 0.1, 0.5, -0.0,
    float("inf"), float("-inf"), float("nan"), 1.0, 3.0000000001, 10**5000,
)  # fmt: skip
BOUNDS = (
    "minLength maxLength minItems maxItems minProperties maxProperties minimum maximum exclusiveMinimum"
    " exclusiveMaximum multipleOf minContains maxContains example default const"
).split()


def put_numbers(draw: Random, value: Any) -> None:
    """Numbers beyond what is usual, as bounds of schemas and in place of other numbers."""
    schemas = some_places(draw, value, draw.choice((1, 2, 5)), lambda part: isinstance(part, dict) and "type" in part)
    for holder, key in schemas:
        schema = holder[key]
        if draw.random() < 0.4:
            schema["type"] = draw.choice(("string", "array", "object", "integer", "number"))
        if schema["type"] == "array":
            schema.setdefault("items", {"type": draw.choice(("integer", "boolean", "object"))})
        for _ in range(draw.choice((1, 1, 2, 4))):
            schema[draw.choice(BOUNDS)] = draw.choice(NUMBERS)
        schema.update({"uniqueItems": True} if draw.random() < 0.2 else {})
    for place in some_places(draw, value, 2, lambda part: isinstance(part, (int, float))):
        put(place, draw.choice(NUMBERS))
