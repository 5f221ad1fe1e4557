"""Arrays that fit a combined schema."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from jsonschema_rs.canonical.schema import clone

from tallystick.examples.branch_selection import leads_to_ancestor
from tallystick.examples.choices import MODES, DeadEnd, Generation, Slot
from tallystick.examples.combined_schema import CombinedSchema, is_scalar
from tallystick.examples.exclusions import Rival, delegate, exclude_rivals_of_array
from tallystick.examples.names import singular
from tallystick.examples.plain_schemas import Schema, as_schema, equality_key
from tallystick.nouns import budgets
from tallystick.nouns.json_value import JSON

_MAX_ATTEMPTS = 80
_ATTEMPTS_TO_DIFFER = 4
"""How often an item that need not differ from the others is made anew so that it does."""
_REQUIRED_TO_DIFFER = 10
"""Where more items than these are required, they may be alike."""
_BUDGET_FOR_TWO_ITEMS = 20
_BUDGET_OF_A_ROW = 150
"""About how many slots a row of a long list has, beside what is required."""


def generate_array(generation: Generation, combined: CombinedSchema, slot: Slot) -> list[JSON]:
    """An array that fits: two items where the budget allows it, else one; a minimal one has required items only.

    No two items are the same, unless so many are required. Of an array whose rows are made one by one, a single row.
    """
    least, contained = _contained(generation, combined, slot)
    unlike = exclude_rivals_of_array(generation, combined, slot)
    least = max(least, unlike.least)
    if least > budgets.VALUE_PARTS:
        raise DeadEnd(f"more than {budgets.VALUE_PARTS:,} items are required at {slot.where}")
    count = _count(generation, combined, slot, least, unlike.most)
    used_items = set[str]()
    items: list[JSON] = []
    generation.choices.contained[slot.path] = [(index, each) for index in contained for each in contained[index]]
    generation.choices.optional[slot.path] = lambda index: isinstance(index, int) and index >= least
    for index in range(count):
        if unlike.repeats and index == 1:
            items.append(clone(items[0]))
            continue
        schemas = combined.item_schemas(index, contained.get(index, ()))
        if False in schemas and (others := combined.schemas("contains")):
            schemas = combined.item_schemas(index, others[:1])  # what `contains` evaluates is not unevaluated
        share = min(slot.budget, _BUDGET_OF_A_ROW) if generation.row.is_at(slot.path) else slot.budget / count
        item_slot = slot.below(index, singular(slot.name), share)
        if rivals := _item_rivals(combined, schemas) + (unlike.first_item if index == 0 else []):
            delegate(generation.choices, item_slot, rivals)
        try:
            items.append(
                _item(generation, schemas, item_slot, used_items, _sameness(generation, combined, index, least))
            )
        except DeadEnd:
            if index < least:
                raise
            break
    return items


def _contained(generation: Generation, combined: CombinedSchema, slot: Slot) -> tuple[int, dict[int, list[Schema]]]:
    """How many items there must be, and by index the schemas of `contains` that the item must fit."""
    contained: dict[int, list[Schema]] = {}
    sources = [source for source in combined.sources if "contains" in source]
    if len(sources) > 1 and slot.variant.choose(2):
        sources.reverse()
    for source in sources:
        schema, min_contains, index = as_schema(source["contains"]), source.get("minContains", 1), 0
        count = min_contains if isinstance(min_contains, (int, float)) else 1
        if count > budgets.VALUE_PARTS:
            raise DeadEnd(f"more than {budgets.VALUE_PARTS:,} items are required at {slot.where}")
        for _ in range(int(count)):
            while index < _MAX_ATTEMPTS:
                if _can_be_item(generation, combined, slot, index, [*contained.get(index, ()), schema]):
                    break
                index += 1
            contained.setdefault(index, []).append(schema)
            index += 1
    return max([combined.highest("minItems"), *(index + 1 for index in contained)]), contained


def _can_be_item(
    generation: Generation, combined: CombinedSchema, slot: Slot, index: int, schemas: Sequence[Schema]
) -> bool:
    """Whether the item at an index can fit some schemas too.

    One that has to fit them anyway is not made for that: arrays inside arrays would double the work with each level.
    """
    of_items = combined.item_schemas(index)
    if all(schema in of_items for schema in schemas):
        return True
    try:
        generation.value_of(combined.item_schemas(index, schemas), slot.below(index, slot.name, 0))
    except DeadEnd:
        return False
    return True


def _count(generation: Generation, combined: CombinedSchema, slot: Slot, least: int, wanted: int | None) -> int:
    """How many items the array gets: no more than `wanted`."""
    most, prefix_length = combined.lowest("maxItems"), _prefix_length(combined)
    others = combined.item_schemas(prefix_length)
    count = prefix_length or _usual_count(generation, others, slot)
    if not others and generation.choices.salt(slot.path):
        count = max(count, 1)  # an empty array would be the same value as before
    elif slot.is_minimal:
        count = 0
    elif not others or False in others or leads_to_ancestor(generation.bundle, others, slot.ancestors):
        count = prefix_length
    if most is not None and least > most:
        raise DeadEnd(f"more items are required at {slot.where} than may be there")
    limits = (most, wanted, generation.choices.item_limits.get(slot.path))
    return max(least, min([count, *(limit for limit in limits if limit is not None)]))


def _usual_count(generation: Generation, schemas: Sequence[Schema], slot: Slot) -> int:
    """How many items an array gets of which nothing is said; one where it is a row of a longer one."""
    if generation.row.is_at(slot.path):
        return 1
    least_budget = 1 if is_scalar(generation.bundle, schemas) else _BUDGET_FOR_TWO_ITEMS
    return 2 if slot.budget >= least_budget else 1


def _prefix_length(combined: CombinedSchema) -> int:
    """How many items have a schema of their own."""
    return max((len(prefix) for prefix in combined.values("prefixItems") if isinstance(prefix, list)), default=0)


def _item_rivals(combined: CombinedSchema, schemas: Sequence[Schema]) -> list[Rival]:
    """What an item must not fit: each limited `contains` that is meant for other items."""
    limited = [source["contains"] for source in combined.sources if {"contains", "maxContains"} <= source.keys()]
    return [Rival([as_schema(schema)], 0) for schema in limited if schema not in schemas]


class _Sameness(NamedTuple):
    """How often it is tried to make an item that differs from those before, and whether it may be like one at last."""

    attempts: int
    may_repeat: bool


def _sameness(generation: Generation, combined: CombinedSchema, index: int, least: int) -> _Sameness:
    """How an item differs from those before it: always, if it can, or not at all where it has a place of its own."""
    if True in combined.values("uniqueItems"):
        return _Sameness(_MAX_ATTEMPTS, False)
    if index < _prefix_length(combined) or least > _REQUIRED_TO_DIFFER:
        return _Sameness(1, True)
    is_needed = index < least or not is_scalar(generation.bundle, combined.item_schemas(index))
    return _Sameness(_ATTEMPTS_TO_DIFFER, is_needed)


def _item(
    generation: Generation, schemas: Sequence[Schema], slot: Slot, used_items: set[str], sameness: _Sameness
) -> JSON:
    """An item that differs from the others: another variant is tried for it, then another salt."""
    choices = generation.choices
    for attempt in range(sameness.attempts):
        item = generation.value_of(schemas, slot)
        key = equality_key(item)
        if key not in used_items:
            used_items.add(key)
            return item
        if MODES < choices.variants[slot.path] + MODES < choices.variant_counts[slot.path]:
            choices.variants[slot.path] += MODES  # another branch
        else:
            choices.variants[slot.path] = 1
            choices.salts[slot.path] = attempt + 1
    if sameness.may_repeat:
        return item
    raise DeadEnd(f"no item was found for {slot.where} that differs from the others")
