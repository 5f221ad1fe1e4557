"""Objects that fit a combined schema."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from tallystick.examples import scalars
from tallystick.examples.branch_selection import leads_to_ancestor, select_branches
from tallystick.examples.choices import DeadEnd, Generation, Slot, TooMuch
from tallystick.examples.combined_schema import CombinedSchema, is_scalar
from tallystick.examples.draws import draw_for
from tallystick.examples.exclusions import exclude_rivals
from tallystick.examples.holders import holder_of
from tallystick.examples.names import thing
from tallystick.examples.plain_schemas import Schema
from tallystick.nouns import budgets
from tallystick.nouns.errors import UnreadableError
from tallystick.nouns.json_value import JSON
from tallystick.nouns.node import Node

_MAX_ATTEMPTS = 80
_UNLIKE_WORDS = 6
"""After how many likely names for a property its letters are taken at random."""
_MOST_OPTIONAL = 1_000
"""The most optional properties of one object."""


def generate_object(generation: Generation, combined: CombinedSchema, slot: Slot) -> JSON:
    """An object that fits: all declared properties that can be sent; a minimal one has required properties only."""
    names_to_add = exclude_rivals(generation, combined, slot)
    try:
        names = _names(generation, combined, slot)
        while _apply_dependent_schemas(generation, combined, names, slot):
            names = _names(generation, combined, slot)
        if combined.is_enumerated:  # by a dependent schema
            return generation.enumerated_value(combined, slot)
    except DeadEnd as dead_end:
        raise TooMuch(str(dead_end)) from None
    required = _required(generation, combined, slot)
    way = generation.row.way_from(slot.path)
    if way:  # a value that is made for the sake of one row has little else
        names = [name for name in names if name in required or name == way[0]]
    schemas = {name: _property(generation, combined, name, slot) for name in names}
    nested = sum(1 for name in names if not is_scalar(generation.bundle, schemas[name]))
    share = (slot.budget - len(names)) / (max(nested, 1) if not way else 1)
    value: dict[str, JSON] = {}
    holder = holder_of(generation.bundle, combined, slot)
    generation.choices.optional[slot.path] = lambda name: name in names and name not in required
    for name in names:
        try:
            budget = share if not way or name == way[0] else 0
            value[name] = generation.value_of(schemas[name], slot.below(name, name, budget, holder))
        except DeadEnd as dead_end:
            if name in required and combined.maps("dependentSchemas"):  # one of an optional property may forbid it
                raise TooMuch(str(dead_end)) from None
            if name in required:
                raise
    for name in names_to_add:
        value[name] = generation.value_of(combined.property_schemas(name), slot.below(name, name, share, holder))
    _add_undeclared(generation, combined, value, slot, share)
    return value


# Which properties it has


def _required(generation: Generation, combined: CombinedSchema, slot: Slot) -> dict[str, None]:
    """The names that must be present, in order."""
    names = dict.fromkeys(combined.required_names())
    names.update(dict.fromkeys(sorted({*generation.choices.required_names.get(slot.path, ()), *slot.added})))
    forbidden = {*generation.choices.forbidden_names.get(slot.path, ()), *slot.omitted}
    for name in slot.discriminator_values:  # it names the branch, be it required or declared or not
        if name not in forbidden and False not in combined.property_schemas(name):
            names[name] = None
    return _with_needed(names, combined.dependent_names())


def _with_needed(names: dict[str, None], dependent: Sequence[Mapping[str, Sequence[str]]]) -> dict[str, None]:
    """Some names, in order, and those that they need by `dependentRequired`, directly or not."""
    names = dict(names)
    count_before = -1
    while dependent and len(names) > count_before:
        count_before = len(names)
        for needed_by in dependent:
            names.update(dict.fromkeys(other for name in list(names) for other in needed_by.get(name, ())))
    return names


def _names(generation: Generation, combined: CombinedSchema, slot: Slot) -> list[str]:
    """The names that the object gets, in the order in which they are declared."""
    required = _required(generation, combined, slot)
    declared = combined.property_names()
    optional = list(_optional(generation, combined, slot, required, declared))
    most, least = combined.lowest("maxProperties"), combined.highest("minProperties")
    room = min(len(optional), _MOST_OPTIONAL if most is None else most - len(required))
    if room < 0 or (most is not None and least > most):
        raise DeadEnd(f"more properties are required at {slot.where} than may be there")
    if max(least, len(required)) > budgets.VALUE_PARTS:
        raise DeadEnd(f"more than {budgets.VALUE_PARTS:,} properties are required at {slot.where}")
    if slot.is_minimal:
        room = min(room, max(least - len(required), 0))
    dependent = combined.dependent_names()
    chosen, can_be_chosen = {*required}, {*optional}
    for name in optional if room > 0 else ():
        together = {*_with_needed({name: None}, dependent)} - chosen
        if len(together) <= room and together <= can_be_chosen:
            chosen |= together
            room -= len(together)
    undeclared = dict.fromkeys(required).keys() - declared
    return [name for name in declared if name in chosen] + [name for name in required if name in undeclared]


def _optional(
    generation: Generation, combined: CombinedSchema, slot: Slot, required: dict[str, None], declared: Sequence[str]
) -> Iterator[str]:
    """The declared names that may be present or absent."""
    forbidden = {*generation.choices.forbidden_names.get(slot.path, ()), *slot.omitted}
    optional = [name for name in declared if name not in required and name not in forbidden]
    for group in combined.exclusive_names():
        if group <= {*required, *optional}:
            forbidden.update([name for name in reversed(optional) if name in group][:1])
    name_schemas = combined.schemas("propertyNames")
    allowed = CombinedSchema(generation.bundle, name_schemas) if name_schemas else None
    forbidden.update(
        name for brought in combined.maps("dependentSchemas") for name in brought if brought[name] is False
    )
    for name in optional:
        if name in forbidden or (allowed is not None and not allowed.allows(name)):
            continue
        schemas = combined.property_schemas(name)
        if any(_is_never_sent(generation, schema) for schema in schemas):
            continue
        if not leads_to_ancestor(generation.bundle, schemas, slot.ancestors):
            yield name


def _is_never_sent(generation: Generation, schema: Schema) -> bool:
    """Whether a schema is `false`, or describes what is only sent in the other direction."""
    node = generation.bundle.origins.get(id(schema))
    return schema is False or (node is not None and _has_flag(node, generation.hidden_flag))


def _has_flag(node: Node, flag: str) -> bool:
    """Whether a schema, or the one that it refers to, has a flag."""
    try:
        return node.flag(flag) or (node.reference is not None and node.follow().flag(flag))
    except UnreadableError:
        return False


def _apply_dependent_schemas(
    generation: Generation, combined: CombinedSchema, names: Sequence[str], slot: Slot
) -> bool:
    """Apply the schemas that depend on the presence of these properties; whether one of them is new."""
    count_before = len(combined.sources)
    for schemas in combined.maps("dependentSchemas"):
        for name in names:
            if name in schemas:
                combined.add(schemas[name])
    generation.choices.branches[slot.path] += select_branches(generation.bundle, combined, slot)
    if not combined.is_satisfiable:
        raise DeadEnd(f"a property at {slot.where} brings a schema that nothing fits")
    return len(combined.sources) > count_before


# The values of properties


def _property(generation: Generation, combined: CombinedSchema, name: str, slot: Slot) -> list[Schema]:
    """The schemas of a property; if it is a discriminator, its value is the one that selects the chosen branch."""
    schemas = combined.property_schemas(name)
    if name in slot.discriminator_values:
        value = slot.discriminator_values[name]
        discriminator = CombinedSchema(generation.bundle, schemas)
        enumerated = discriminator.enumerated()
        if discriminator.allows(value) and (enumerated is None or value in enumerated):
            schemas.append({"const": value})
    return schemas


# Properties that are not declared


def _add_undeclared(
    generation: Generation, combined: CombinedSchema, value: dict[str, JSON], slot: Slot, share: float
) -> None:
    """Add properties that are not declared: as many as required, and one where the object is a map."""
    patterns = [pattern for schemas in combined.maps("patternProperties") for pattern in schemas]
    count = _property_count(generation, combined, slot, patterns)
    forbidden = {*generation.choices.forbidden_names.get(slot.path, ()), *slot.omitted}
    for turn in range(_MAX_ATTEMPTS + count):
        if len(value) >= count:
            return
        name = _undeclared_name(generation, combined, patterns, turn, value)
        if name is None or name in value or name in forbidden:
            continue
        schemas = combined.property_schemas(name)
        if False not in schemas:
            value[name] = generation.value_of(schemas, slot.below(name, thing(slot.name) or "value", share))
    if len(value) < combined.highest("minProperties"):
        raise TooMuch(f"no more properties can be added at {slot.where}")


def _property_count(generation: Generation, combined: CombinedSchema, slot: Slot, patterns: Sequence[str]) -> int:
    """How many properties the object needs in all, so that undeclared ones are added if it has fewer."""
    least, most = combined.highest("minProperties"), combined.lowest("maxProperties")
    if generation.choices.salt(slot.path) and not combined.property_names():
        least = max(least, 1)  # an empty object would be the same value as before
    map_schemas = [schema for schema in combined.schemas("additionalProperties") if isinstance(schema, dict) and schema]
    if not slot.is_minimal and not combined.property_names() and (map_schemas or patterns):
        least = least if leads_to_ancestor(generation.bundle, map_schemas, slot.ancestors) else max(least, 1)
    return least if most is None else min(least, most)


def _undeclared_name(
    generation: Generation, combined: CombinedSchema, patterns: Sequence[str], turn: int, taken: Collection[str]
) -> str | None:
    """A name that is not declared and fits `propertyNames`, and where necessary `patternProperties`.

    A name that is taken gets a number where that fits too.
    """
    name_schema = CombinedSchema(generation.bundle, combined.schemas("propertyNames"))
    enumerated = name_schema.enumerated()
    if enumerated:
        return str(enumerated[turn % len(enumerated)])
    is_closed = combined.is_closed("additionalProperties") or combined.is_closed("unevaluatedProperties")
    if patterns and (is_closed or not combined.values("additionalProperties")):
        name_schema.add({"pattern": patterns[turn % len(patterns)]})
    draw = draw_for("undeclared", turn)
    name = scalars.fitting_string(name_schema, draw)
    if name not in taken:
        return name
    numbered = f"{name}{turn}"
    return numbered if name_schema.allows(numbered) else scalars.fitting_string(name_schema, draw, _UNLIKE_WORDS)
