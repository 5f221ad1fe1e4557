"""Values that one version of a schema allows and the other refuses: found at a spot, put into a whole value, judged."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from tallystick.diff.edges import edges
from tallystick.diff.making import Maker
from tallystick.diff.spots import Level, Spot
from tallystick.diff.views import Conjunction
from tallystick.nouns import budgets
from tallystick.nouns.json_value import JSON
from tallystick.nouns.keywords import PLAIN
from tallystick.nouns.node import Node
from tallystick.nouns.schema import Direction, Schema, SchemaError

_ALIASES = {
    "enum": ("enum", "const"),
    "dependentRequired": ("dependentRequired", "required"),
    "minimum": ("minimum", "exclusiveMinimum"),
    "maximum": ("maximum", "exclusiveMaximum"),
    "format": ("format", "minimum", "maximum"),
}
_COMPOSED = frozenset(
    ("anyOf", "oneOf", "not", "if", "", "contains", "unevaluatedProperties", "unevaluatedItems", "dependentSchemas")
)
"""The keywords of errors that do not tell what inside of them a value does not fit."""
_LONGEST_LIST = 200
_WIDE = 60
"""More members than an object usually has."""


@dataclass(frozen=True, slots=True)
class Side:
    """One version of a schema, and what makes values for it; `samples` are values that its contract documents."""

    schema: Schema
    maker: Maker
    samples: Sequence[JSON] = ()


@dataclass(frozen=True, slots=True)
class Separation:
    """Finds values that a schema allows and its other version refuses, at one spot.

    `is_old` says that the old side is the one that allows.
    """

    allows: Side
    refuses: Side
    direction: Direction
    is_old: bool

    def values(self, spot: Spot) -> Iterator[JSON]:
        """Whole values that both schemas were asked about: first those that are refused for the spot alone."""
        old, new = spot.old_view, spot.new_view
        views = (old, new) if self.is_old else (new, old)
        around = spot.old if self.is_old else spot.new
        candidates = edges(spot, *views, around, self.allows.maker.make)
        is_wide = any(self.is_wide(level) for level in spot.levels)
        passed: set[str] = set()
        mixed: list[JSON] = []
        for candidate in islice(candidates, budgets.DIFF_CANDIDATES):
            text = json.dumps(candidate, sort_keys=True)
            if text in passed:
                continue
            passed.add(text)
            for whole in self.placed(spot, candidate, is_wide):
                errors = self.errors(whole)
                concerned = sum(_concerns(error, spot) for error in errors)
                if concerned == len(errors) > 0:
                    yield whole
                elif concerned:
                    mixed.append(whole)
        yield from mixed

    def errors(self, value: JSON) -> Sequence[SchemaError]:
        """Why one side refuses a value that the other allows; none where both sides say the same of it."""
        if not self.allows.schema.is_valid(value, self.direction):
            return ()
        if self.refuses.schema.is_valid(value, self.direction):
            return ()
        return self.refuses.schema.errors(value, self.direction)

    def placed(self, spot: Spot, value: JSON, is_wide: bool) -> Iterator[JSON]:
        """Whole values with a value at a spot: within made ones, and within those that the contract documents."""
        if not spot.levels:
            yield value
            return
        if is_wide:  # else each of a thousand properties is judged within a thousand
            least = self.least(spot, value)
            yield least
            if self.allows.schema.is_valid(least, self.direction):
                return
        made = value
        for level in reversed(spot.levels):
            made = self.around(level, made)
        yield made
        for sample in self.allows.samples[:2]:
            steps = [level.step for level in spot.levels]
            if (whole := _replaced(sample, steps, value)) is not None:
                yield whole
        shared = value
        for level in reversed(spot.levels):
            shared = self.around(level, shared, of_other=True)
        yield shared
        if not is_wide:
            yield self.least(spot, value)

    def least(self, spot: Spot, value: JSON) -> JSON:
        """A whole value with a value at a spot, and with as little beside it as may be."""
        for level in reversed(spot.levels):
            value = self.around(level, value, least=True)
        return value

    def is_wide(self, level: Level) -> bool:
        """Whether the object that is made for a level has a great many members."""
        made = self.allows.maker.make(level.old if self.is_old else level.new)
        return isinstance(made, dict) and len(made) > _WIDE

    def around(self, level: Level, value: JSON, least: bool = False, of_other: bool = False) -> JSON:
        """The object or array of a level with a value at its step: with as little as may be, or of the other side."""
        schemas = level.old if self.is_old is not of_other else level.new
        container = (self.refuses if of_other else self.allows).maker.make(schemas)
        step = level.step
        if isinstance(step, str):
            name = self.name(level, schemas)
            members = container if isinstance(container, dict) else {}
            if least:
                needed = dict.fromkeys(key for node in schemas for key in node.items_of("required"))
                members = {key: members[key] for key in needed if isinstance(key, str) and key in members}
            return {**members, name: value}
        items = list(container) if isinstance(container, list) else []
        if len(items) <= step:
            items += [value] * min(step + 1 - len(items), _LONGEST_LIST)
        items[step] = value
        return items[: step + 1] if least else items

    def name(self, level: Level, schemas: Conjunction) -> str:
        """The name of the member that a level leads to."""
        if not level.name_pattern or not schemas:
            return str(level.step)
        node = schemas[0]
        named = Node(node.document, (*node.path, "name"), {"type": "string", "pattern": level.name_pattern})
        name = self.allows.maker.make((named,))
        return name if isinstance(name, str) else str(level.step)


def _concerns(error: SchemaError, spot: Spot) -> bool:
    """Whether an error may come from what has changed at a spot."""
    path = [str(step) for step in error.path]
    steps = [str(level.step) for level in spot.levels]
    if any(level.name_pattern for level in spot.levels):
        return True
    shorter = min(len(path), len(steps))
    if path[:shorter] != steps[:shorter]:
        return False
    if spot.keyword not in PLAIN or error.keyword in _COMPOSED:
        return True
    return error.keyword in _ALIASES.get(spot.keyword, (spot.keyword,))


def _replaced(value: JSON, steps: Sequence[str | int], part: JSON) -> JSON:
    """A copy of a value with another part at the end of some steps; None where they lead nowhere."""
    if not steps:
        return part
    step = steps[0]
    if isinstance(value, dict) and isinstance(step, str):
        if step not in value and len(steps) > 1:
            return None
        inner = _replaced(value.get(step), steps[1:], part)
        return None if inner is None and len(steps) > 1 else {**value, step: inner}
    if isinstance(value, list) and isinstance(step, int) and step < len(value):
        inner = _replaced(value[step], steps[1:], part)
        return [*value[:step], inner, *value[step + 1 :]]
    return None
