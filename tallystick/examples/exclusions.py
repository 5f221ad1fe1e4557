"""Values that do not fit a rival: what must be absent, present or different for that in an object or an array."""

from __future__ import annotations

import enum
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from tallystick.examples.choices import Choices, Exclusion, Generation, Slot
from tallystick.examples.combined_schema import CombinedSchema
from tallystick.examples.plain_schemas import Schema

_ATTEMPTS_PER_WAY = 3
"""How often each way to exclude a rival is tried, with another way inside the property each time."""


class Rival(NamedTuple):
    """Schemas that a value must not fit all at once, and the number of the way to achieve that."""

    schemas: Sequence[Schema]
    attempt: int


class _Action(enum.Enum):
    """What is done with a property or item so that the object or array does not fit the rival."""

    OMIT = enum.auto()
    INCLUDE = enum.auto()
    """Include a declared property that the rival does not allow."""
    CHANGE = enum.auto()
    """Include a declared property, with a value that does not fit the rival."""
    ADD = enum.auto()
    """Add a property that is not declared, with a value that does not fit the rival; add items."""
    REPEAT = enum.auto()
    """Put an item into the array twice."""


def delegate(choices: Choices, slot: Slot, rivals: Sequence[Rival]) -> None:
    """Exclude the rivals by the value of a slot inside the value that must not fit them."""
    own = [exclusion for exclusion in choices.exclusions.get(slot.path, ()) if not exclusion.is_inherited]
    inherited = [Exclusion(rival.schemas, rival.attempt, is_inherited=True) for rival in rivals if rival.schemas]
    choices.exclusions[slot.path] = own + inherited


def exclude_rivals(generation: Generation, combined: CombinedSchema, slot: Slot) -> list[str]:
    """Prepare the slot of an object so that the object fits none of its rivals; return the properties to add."""
    names_to_add: list[str] = []
    delegated: dict[str, list[Rival]] = {}
    pending = [(exclusion, exclusion.schemas) for exclusion in generation.choices.exclusions.get(slot.path, ())]
    while pending:
        exclusion, schemas = pending.pop(0)
        rival = CombinedSchema(generation.bundle, schemas)
        ways = list(_ways_to_exclude(combined, rival))
        if not ways:
            if rival.alternatives:
                pending += [(exclusion, option) for option in rival.alternatives[0].options]
            continue
        exclusion.attempts = max(exclusion.attempts, len(ways) * _ATTEMPTS_PER_WAY)
        action, name = ways[exclusion.attempt % len(ways)]
        if action is _Action.OMIT:
            slot.omitted.add(name)
        elif action is _Action.INCLUDE:
            slot.added.add(name)
        else:
            inner_attempt = exclusion.attempt // len(ways)
            delegated.setdefault(name, []).append(Rival(rival.property_schemas(name), inner_attempt))
            if action is _Action.CHANGE:
                slot.added.add(name)
            else:
                names_to_add.append(name)
    for name, rivals in delegated.items():
        delegate(generation.choices, slot.below(name, name, 0), rivals)
    return names_to_add


def _ways_to_exclude(combined: CombinedSchema, rival: CombinedSchema) -> Iterator[tuple[_Action, str]]:
    """The ways to make an object that does not fit a rival, the most natural first."""
    required = set(combined.required_names())
    declared, declared_by_rival = combined.property_names(), rival.property_names()
    for name in rival.required_names():
        if name not in required:
            yield _Action.OMIT, name
    rival_is_closed = (
        rival.is_closed("additionalProperties") or rival.is_closed("unevaluatedProperties") or rival.is_enumerated
    )
    for name in declared:
        if name not in declared_by_rival and rival_is_closed:
            yield _Action.INCLUDE, name
    for name in declared:
        if name in declared_by_rival and rival.property_schemas(name) != combined.property_schemas(name):
            yield _Action.CHANGE, name
    for name in [*declared_by_rival, "extra"] if rival_is_closed else declared_by_rival:
        if name not in declared and False not in combined.property_schemas(name):
            yield _Action.ADD, name


@dataclass(slots=True)
class UnlikeArray:
    """How an array is made so that it fits none of its rivals: how many items it has, and which."""

    least: int = 0
    most: int | None = None
    repeats: bool = False
    """Whether the second item is the first one again."""
    first_item: list[Rival] = field(default_factory=list)
    """What the first item must not fit."""


def exclude_rivals_of_array(generation: Generation, combined: CombinedSchema, slot: Slot) -> UnlikeArray:
    """How an array differs from each of its rivals; the first way is another first item."""
    unlike = UnlikeArray()
    for exclusion in generation.choices.exclusions.get(slot.path, ()):
        rival = CombinedSchema(generation.bundle, exclusion.schemas)
        most, least = rival.lowest("maxItems"), rival.highest("minItems")
        is_distinct = True in rival.values("uniqueItems") and True not in combined.values("uniqueItems")
        ways = [_Action.CHANGE, *([_Action.ADD] if most is not None else []), *([_Action.OMIT] if least else [])]
        ways += [_Action.REPEAT] if is_distinct else []
        exclusion.attempts = max(exclusion.attempts, len(ways) * _ATTEMPTS_PER_WAY)
        match ways[exclusion.attempt % len(ways)]:
            case _Action.ADD:
                unlike.least = max(unlike.least, (most or 0) + 1)
            case _Action.OMIT:
                unlike.most = least - 1
            case _Action.REPEAT:
                unlike.least, unlike.repeats = max(unlike.least, 2), True
            case _:
                unlike.least = max(unlike.least, 1)
                unlike.first_item.append(Rival(rival.item_schemas(0), exclusion.attempt // len(ways)))
    return unlike
