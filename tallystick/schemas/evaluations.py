"""How often the engine applies schemas to one value: where references double at each step, more often than it can.

The engine compiles a schema once, however many references lead to it, and applies it once for each way to it: ten
schemas that lead to the next one twice each are a thousand ways.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import chain
from typing import NamedTuple

from tallystick.nouns import budgets
from tallystick.nouns.json_value import JSON

_IN_PLACE = frozenset("not if then else".split())
_IN_PLACE_LISTS = frozenset("allOf anyOf oneOf".split())
COMPOSING = (*sorted(_IN_PLACE), *sorted(_IN_PLACE_LISTS), "dependentSchemas")
"""Keywords by which other schemas are applied to the same value."""
_OF_EVERY_MEMBER = frozenset("additionalProperties unevaluatedProperties propertyNames".split())
_OF_EVERY_ITEM = frozenset("items contains unevaluatedItems".split())
_NAMED = frozenset("properties patternProperties prefixItems".split())
_BELOW = _OF_EVERY_MEMBER | _OF_EVERY_ITEM | _NAMED
"""Keywords whose schemas are applied to the members or items of a value."""
UNEVALUATED = ("unevaluatedProperties", "unevaluatedItems")
"""Keywords for which the engine compiles and applies once more all that is applied to the value beside them."""
_APPLYING = frozenset(("$ref", *COMPOSING, *_BELOW))
"""Keywords by which a schema applies others."""
TOO_BRANCHED = (
    f"the branches and references of this schema apply more than {budgets.SCHEMA_EVALUATIONS:,} schemas to one value; "
    "no value is judged by it"
)
TOO_DEEP = (
    f"more than {budgets.SCHEMA_STEPS} schemas are applied to one value, each by the one before, and this is one too "
    "many; a value may be too much to judge by the first of them"
)
TOO_LARGE = (
    f"the branches and references of this schema apply more than {budgets.COMPILED_PARTS:,} schemas to one value, too "
    "many for its `unevaluatedProperties` or `unevaluatedItems`, which is not judged"
)
_DEEPEST = 250
"""How many schemas deep a bound is looked for at once; what is deeper is bounded by itself, and by the value."""


class _Bound(NamedTuple):
    """How often schemas are applied at most: to the value itself, and to any one part of it."""

    here: float
    below: float


_ONCE, _CIRCLE, _ENDLESS = _Bound(1, 0), _Bound(1, 0), _Bound(math.inf, 0)


class TooOftenError(Exception):
    """Schemas would be applied to the parts of a value more often than is allowed."""


class Evaluations:
    """Counts how often schemas are applied to a value: for any value at once, or for one at hand."""

    def __init__(self, schemas: Iterable[JSON], target_of: Callable[[Mapping[str, JSON]], JSON]) -> None:
        """`target_of` gives what the `$ref` of a schema leads to."""
        self.target_of = target_of
        self.beyond: dict[int, str] = {}
        """Why values cannot be judged by schemas, by the `id` of each; those around them are left out."""
        self.uncompilable: list[dict[str, JSON]] = []
        """The schemas with a keyword for unevaluated parts that lead to too many others for it."""
        self.is_circular = False
        """Whether a schema leads back to itself, so that only a value tells how often it is applied."""
        self.bounds: dict[int, _Bound] = {}
        self.ends: dict[int, JSON] = {}
        """What each reference leads to at last, by the `id` of its schema: a chain is followed once."""
        self.depth = 0
        self.most = max((sum(self.bound(schema, 0)) for schema in schemas), default=0)
        """How often schemas are applied to one part of a value at most, where no schema leads back to itself."""

    @property
    def is_many(self) -> bool:
        """Whether a value may be compared so often that it is counted before all reasons are told."""
        return self.is_circular or self.most > budgets.FEW_EVALUATIONS

    def bound(self, schema: JSON, steps: int) -> _Bound:
        """The bound of a schema that is `steps` steps away from the first one for the same value."""
        if isinstance(schema, dict) and "$ref" in schema:
            schema = self.behind_references(schema)
        if not isinstance(schema, dict) or schema.keys().isdisjoint(_APPLYING):
            return _ONCE
        known = self.bounds.get(id(schema))
        if known is None:
            self.bounds[id(schema)] = _CIRCLE
            self.depth += 1
            known = self.bounds[id(schema)] = self.new_bound(schema, steps)
            self.depth -= 1
        elif known is _CIRCLE:
            self.is_circular = True
        return known

    def behind_references(self, schema: JSON) -> JSON:
        """What a chain of references leads to, through schemas that apply nothing else; one of them in a circle."""
        chain: list[int] = []
        while isinstance(schema, dict) and id(schema) not in self.ends and schema.keys() & _APPLYING == {"$ref"}:
            chain.append(id(schema))
            self.ends[id(schema)] = schema
            schema = self.target_of(schema)
        end = self.ends.get(id(schema), schema)
        self.ends.update(dict.fromkeys(chain, end))
        return end

    def new_bound(self, schema: dict[str, JSON], steps: int) -> _Bound:
        repeats = not schema.keys().isdisjoint(UNEVALUATED)
        if steps > budgets.SCHEMA_STEPS:
            if TOO_DEEP not in self.beyond.values():
                self.beyond[id(schema)] = TOO_DEEP
            if repeats:
                self.uncompilable.append(schema)
            return _ENDLESS
        here, below = 1.0, 0.0
        most_inside = 0.0
        for part in self.in_place(schema):
            bound = self.bound(part, steps + 1)
            here += bound.here
            below += bound.below
            most_inside = max(most_inside, bound.here)
        deepest = 0.0
        for keyword in _BELOW.intersection(schema):
            item = schema[keyword]
            for child in _children(item) if keyword in _NAMED else (item,):
                if isinstance(child, dict) and child.keys().isdisjoint(_APPLYING):
                    deepest = deepest or 1.0  # most schemas apply nothing, and are not looked at further
                else:
                    deepest = max(deepest, sum(self.bound(child, 0)) if self.depth < _DEEPEST else math.inf)
        if repeats:
            here *= 2
            if here > budgets.COMPILED_PARTS:
                self.uncompilable.append(schema)
                self.beyond[id(schema)] = TOO_LARGE
        if here > budgets.SCHEMA_EVALUATIONS >= most_inside:
            self.beyond[id(schema)] = TOO_BRANCHED
        return _Bound(here, below + deepest)

    def in_place(self, schema: dict[str, JSON]) -> Iterator[JSON]:
        """The schemas that a schema applies to the same value."""
        for keyword, item in schema.items():
            if keyword == "$ref":
                yield self.target_of(schema)
            elif keyword in _IN_PLACE:
                yield item
            elif keyword in _IN_PLACE_LISTS or keyword == "dependentSchemas":
                yield from _children(item)

    def exceed(self, schema: JSON, value: object, most: int) -> bool:
        """Whether a schema and those inside it are applied to a value and its parts more often than so many times."""
        try:
            _Count(self, most).of(schema, value)
        except (TooOftenError, RecursionError):
            return True
        return False


class _Count:
    """Counts the applications of schemas to one value; raises `TooOftenError` beyond a limit."""

    def __init__(self, evaluations: Evaluations, most: int) -> None:
        self.evaluations = evaluations
        self.most = most
        self.counts: dict[tuple[int, int], int] = {}
        """The count of each schema with each part of the value, by the `id` of both."""

    def of(self, schema: JSON, value: object) -> int:
        """How often schemas are applied to a value and its parts, beginning with one schema."""
        if not isinstance(schema, dict):
            return 1
        key = id(schema), id(value)
        known = self.counts.get(key)
        if known is not None:
            return known
        self.counts[key] = total = 1
        here = ((part, value) for part in self.evaluations.in_place(schema))
        for inner, part in chain(here, _applied_to_parts(schema, value)):
            total += self.of(inner, part)
            if total > self.most:
                raise TooOftenError
        if not schema.keys().isdisjoint(UNEVALUATED):
            total *= 2
        self.counts[key] = total
        return total


def _applied_to_parts(schema: dict[str, JSON], value: object) -> Iterator[tuple[JSON, object]]:
    """The schemas that a schema applies to the members or items of a value, each with the part."""
    if isinstance(value, dict):
        for keyword in _BELOW.intersection(schema):
            yield from _applied_to_members(schema, keyword, schema[keyword], value)
    elif isinstance(value, list):
        yield from zip(_children(schema.get("prefixItems")), value, strict=False)
        for keyword in _OF_EVERY_ITEM.intersection(schema):
            for part in value:
                yield schema[keyword], part


def _applied_to_members(
    schema: dict[str, JSON], keyword: str, item: JSON, value: dict[str, object]
) -> Iterator[tuple[JSON, object]]:
    if keyword == "properties" and isinstance(item, dict):
        for name in item.keys() & value.keys():
            yield item[name], value[name]
    elif keyword == "patternProperties":
        for child in _children(item):
            for part in value.values():
                yield child, part
    elif keyword in _OF_EVERY_MEMBER:
        properties = schema.get("properties")
        described = properties if isinstance(properties, dict) and keyword == "additionalProperties" else {}
        for name, part in value.items():
            if name not in described:
                yield item, part


def _children(item: JSON) -> Iterable[JSON]:
    return item.values() if isinstance(item, dict) else item if isinstance(item, list) else ()
