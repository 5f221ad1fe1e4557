"""Puts values into the members of a reply's body, and takes back those that break its schema."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from tallystick.nouns import budgets
from tallystick.nouns.json_value import JSON
from tallystick.nouns.schema import Direction, Schema
from tallystick.schemas.shapes import items_of, properties_of, type_of, types_of
from tallystick.wire.values import MISSING

_BOUNDING = frozenset("enum const format pattern minLength maxLength minimum maximum multipleOf anyOf oneOf".split())
"""Keywords of a plain value's schema that say more than its type."""
_NUMBER = re.compile(r"-?\d{1,15}", re.ASCII)


@dataclass(slots=True)
class Put:
    """A value for a member of an object in a body; MISSING to remove the member."""

    holder: dict[str, JSON]
    member: str
    value: object

    def swap(self) -> None:
        """Exchange the value with that of the member, so that a second call undoes the first."""
        before: object = self.holder.get(self.member, MISSING)
        if self.value is MISSING:
            self.holder.pop(self.member, None)
        else:
            self.holder[self.member] = self.value  # type: ignore[assignment]  # a JSON value where it is not MISSING
        self.value = before


def put_all(puts: Sequence[Put], body: JSON, schema: Schema | None) -> None:
    """Put all values into a body that fits its schema, but for those with which it would not fit.

    Where they do not all fit together, so many are tried one by one as there is a budget for.
    """
    for put in puts:
        put.swap()
    if schema is None or schema.is_valid(body, Direction.RESPONSE):
        return
    for put in reversed(puts):
        put.swap()
    if not schema.is_valid(body, Direction.RESPONSE):  # what is broken before cannot tell what breaks it
        return
    for put in puts[: budgets.VALUES_TRIED]:
        put.swap()
        if not schema.is_valid(body, Direction.RESPONSE):
            put.swap()


class Shapes:
    """What the schemas of one body say of members and items; each is asked once."""

    def __init__(self) -> None:
        self._properties: dict[int, tuple[Schema, dict[str, Schema | None]]] = {}

    def properties(self, schema: Schema | None) -> dict[str, Schema | None]:
        """The declared properties of a schema, by name."""
        if schema is None:
            return {}
        known = self._properties.get(id(schema))
        if known is None:
            known = self._properties[id(schema)] = (schema, properties_of(schema))
        return known[1]

    def member(self, schema: Schema | None, name: str) -> Schema | None:
        """The schema of a member, if it is declared."""
        return self.properties(schema).get(name)

    @staticmethod
    def items(schema: Schema | None) -> Schema | None:
        """The schema of a list's items."""
        return items_of(schema) if schema is not None else None


def fitting(value: JSON, present: object, schema: Schema | None, converts: bool = True) -> JSON | object:
    """A value in the type that a member has or may have: a number as a text, and a text as a number if it `converts`.

    MISSING where the member takes no such value. One of which nothing is declared takes any; a text that it has a
    number for is one of a form.
    """
    if schema is None:
        fit = _in_type(value, (type_of(present),) if present is not MISSING else (), converts)
        return fit if isinstance(fit, int) and isinstance(value, str) else value
    fit = _in_type(value, types_of(schema), converts)
    if fit is MISSING or _BOUNDING.isdisjoint(schema.resolved):
        return fit
    return fit if schema.is_valid(fit, Direction.RESPONSE) else MISSING


def _in_type(value: JSON, types: Collection[str], converts: bool) -> JSON | object:
    if not types or type_of(value) in types or (type_of(value) == "integer" and "number" in types):
        return value
    if isinstance(value, bool):
        return ("true" if value else "false") if "string" in types else MISSING
    if isinstance(value, (int, float)) and "string" in types:
        return str(value)
    is_number = converts and isinstance(value, str) and _NUMBER.fullmatch(value) and "integer" in types
    return int(str(value)) if is_number else MISSING


def objects_in(
    value: JSON, schema: Schema | None, shapes: Shapes
) -> Iterable[tuple[dict[str, JSON], Schema | None, bool]]:
    """The objects inside a value, not the value itself: each with its schema, and whether it is an item of a list."""
    waiting: list[tuple[JSON, Schema | None, bool, int]] = [(value, schema, False, 0)]
    count = 0
    while waiting and count < budgets.OBJECTS_EDITED:
        part, schema, is_item, depth = waiting.pop(0)
        if isinstance(part, dict):
            if depth:
                count += 1
                yield part, schema, is_item
            for name, member in part.items():
                if isinstance(member, (dict, list)) and depth < 6:
                    waiting.append((member, shapes.member(schema, name), False, depth + 1))
        elif isinstance(part, list):
            items = shapes.items(schema)
            waiting += ((item, items, True, depth + 1) for item in part if isinstance(item, (dict, list)))
