"""Generates a value that fits a schema: builds a value, lets the judge test it, and repairs what is wrong.

The value of each slot can be made in several variants: with one branch of a `oneOf` or another, with or without what
is optional. A slot whose value is wrong takes its next variant, until the whole value fits or no variant is left.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cached_property

from jsonschema_rs.canonical.schema import clone

from tallystick.examples import realistic_values, scalars
from tallystick.examples.arrays import generate_array
from tallystick.examples.branch_selection import select_branches
from tallystick.examples.choices import (
    MINIMAL,
    MODES,
    NO_ROW,
    Choices,
    DeadEnd,
    Generation,
    OutOfSteps,
    Row,
    Slot,
    TooMuch,
    ValuePath,
    Variant,
    path_text,
)
from tallystick.examples.combined_schema import CombinedSchema
from tallystick.examples.documented import documented_examples, for_row
from tallystick.examples.draws import Draw, Style, draw_for
from tallystick.examples.effort import Effort
from tallystick.examples.holders import kind_referred_to
from tallystick.examples.id_examples import id_example
from tallystick.examples.identifiers import kind_of_id
from tallystick.examples.media_files import text_of_file
from tallystick.examples.objects import generate_object
from tallystick.examples.plain_schemas import Schema
from tallystick.examples.repair import repair
from tallystick.nouns import budgets
from tallystick.nouns.json_pointer import to_keys
from tallystick.nouns.json_value import JSON
from tallystick.nouns.media_type import MediaKind, parse_media_type
from tallystick.nouns.schema import Direction
from tallystick.schemas.bundle import Bundle
from tallystick.schemas.passing import as_sent, has_meant_shape, hidden_flag
from tallystick.schemas.proof import contradictions, is_provable
from tallystick.wire.write import write_json

_MAX_ATTEMPTS = 100
_MAX_DEPTH = 48
_SHOWN_DEPTH = 4
"""How many keys of a path without an end a message shows."""
_MAX_SCALARS = 12
"""How many strings or numbers are tried where one must not fit a rival."""
_MAX_BRANCH_VARIANTS = 200
"""How many combinations of branches are tried for one slot."""
_CHOICES, _EXCLUSIONS, _PATTERN = 50, 3, 10
"""How many choices are forgotten, schemas excluded, and characters of patterns matched, at the price of one step."""
_ID = ("id", "ids")
_COORDINATES = ("longitude", "latitude")
_MOST_TEXTS = 3
"""How many texts that hold JSON are made, one inside the other."""
_BUDGET = 500
"""About how many slots a value has at most, beside what is required."""


class ValueGenerator:
    """The generator of one value. After `generate` either `value` fits the schema, or `reason` says why none does."""

    def __init__(
        self,
        bundle: Bundle,
        direction: Direction,
        style: Style,
        name: str,
        row: Row = NO_ROW,
        effort: Effort | None = None,
    ) -> None:
        self.bundle = bundle
        self.style = style
        self.name = name
        self.value: JSON = None
        self.reason = ""
        self.slots_filled = self.characters = 0
        """How many slots were filled in this attempt, and how many characters the texts in them have."""
        self.is_part = effort is not None
        """Whether the value is a part of another one, whose effort this is."""
        self.effort = effort or Effort(bundle.node.document, lambda: self.contradiction)
        self.choices = Choices()
        self.direction = direction
        self.texts_around = 0
        """How many texts that hold JSON the value is in, one inside the other."""
        flag = hidden_flag(direction)
        self.generation = Generation(bundle, self.choices, flag, self.value_of, self.enumerated_value, style, row)

    def generate(self) -> bool:
        """Whether a value that fits is found."""
        for _ in range(_MAX_ATTEMPTS):
            self.slots_filled = self.characters = 0
            try:
                self.value = self.value_of([self.bundle.references[0]], Slot(name=self.name, budget=_BUDGET))
            except OutOfSteps as end:
                self.choices.reason = str(end)
                break
            except DeadEnd as dead_end:
                self.choices.reason = str(dead_end)
                if self.choices.next_variant(()) is None:
                    break
            else:
                if self.bundle.is_valid(self.value):
                    return True
                if not self.repair():
                    break
        self.reason = self.contradiction or self.choices.reason
        if not self.is_part:
            self.effort.was_in_vain()
        return False

    def repair(self) -> bool:
        """Changes the choices because of the errors of the value; whether there is something left to change."""
        try:
            return repair(self.bundle, self.choices, self.value, self.effort)
        except OutOfSteps as end:
            self.choices.reason = str(end)
            return False

    @cached_property
    def contradiction(self) -> str:
        """Why no value at all fits, where the schema engine can show that; else ""."""
        if not is_provable(self.bundle):
            return ""
        pointers = contradictions(self.bundle.root)
        if not {"", "/$ref", self.bundle.pointers[0]} & set(pointers):
            return ""
        deepest = max((pointer for pointer in pointers if pointer.startswith("/$defs/")), key=len, default="")
        place = self.bundle.source(to_keys(deepest))
        return f"what {place.pointer or 'it'} says ({place}) leaves no value at all"

    def value_of(self, schemas: Sequence[Schema], slot: Slot) -> JSON:
        """A value for a slot that fits all of the schemas, from the first variant that gives one."""
        if len(slot.path) > _MAX_DEPTH:
            raise DeadEnd(f"what is required at {path_text(slot.path[:_SHOWN_DEPTH])}/… has no end")
        choices, path = self.choices, slot.path
        number, count = choices.variants.get(path, 0), choices.variant_counts.get(path, 0)
        while True:
            self.slots_filled += 1
            if self.slots_filled > budgets.VALUE_PARTS:
                raise DeadEnd(f"what is required up to {slot.where} has more than {budgets.VALUE_PARTS:,} parts")
            self.effort.take(1, slot)
            slot.variant, slot.discriminator_values = Variant(number), {}
            try:
                value = self.variant_of(schemas, slot)
            except DeadEnd as dead_end:
                count = max(count, slot.variant.count)
                is_smaller_left = isinstance(dead_end, TooMuch) and slot.variant.mode < MINIMAL
                number = number // MODES * MODES + (MINIMAL if is_smaller_left else MODES)
                if number >= min(count, _MAX_BRANCH_VARIANTS * MODES):
                    raise
                choices.forget_below(path)
                self.effort.take(len(choices.variants) // _CHOICES, slot)
            else:
                choices.variants[path], choices.variant_counts[path] = number, max(count, slot.variant.count)
                return value

    def variant_of(self, schemas: Sequence[Schema], slot: Slot) -> JSON:
        """The value of a slot in the variant that the slot has now."""
        combined = self.combine(schemas, slot)
        if slot.variant.mode == 0:
            origins = list(combined.origins())
            way = self.generation.row.way_from(slot.path)
            for value in self.documented_values(combined, slot):
                if way is not None:
                    value = self.generation.row.alone_in(value, way)
                    if value is None:
                        continue
                for node in origins:
                    value = as_sent(node, value, self.direction)
                if combined.allows(value) and all(has_meant_shape(node, value) for node in origins):
                    return value
        if combined.is_enumerated:
            return self.enumerated_value(combined, slot)
        types = combined.types()
        if not types:
            raise DeadEnd(f"no type is left at {slot.where}")
        if not combined.says_a_type and "object" in types and realistic_values.is_object(slot.name):
            types.sort(key=lambda each: each != "object")
        type_name = types[slot.variant.choose(len(types))]
        if type_name == "object":
            return generate_object(self.generation, combined, self.container_slot(combined, slot))
        if type_name == "array":
            return generate_array(self.generation, combined, self.container_slot(combined, slot))
        return self.scalar(combined, type_name, slot)

    def combine(self, schemas: Sequence[Schema], slot: Slot) -> CombinedSchema:
        """The schemas combined, with their branches selected and what the slot must not fit excluded."""
        combined = CombinedSchema(self.bundle, schemas)
        self.choices.branches[slot.path] = select_branches(self.bundle, combined, slot)
        self.choices.combined[slot.path] = combined
        exclusions = self.choices.exclusions.get(slot.path, ())
        self.effort.take(len(exclusions) // _EXCLUSIONS, slot)
        for exclusion in exclusions:
            combined.exclude(exclusion.schemas)
        if not combined.is_satisfiable:
            raise DeadEnd(f"nothing is allowed at {slot.where}")
        return combined

    def container_slot(self, combined: CombinedSchema, slot: Slot) -> Slot:
        """The slot for an object or array: what is in it knows the definitions around it."""
        is_recursive = not set(combined.refs).isdisjoint(slot.ancestors)
        budget = 0 if is_recursive or slot.variant.mode == MINIMAL else slot.budget
        ancestors = (*slot.ancestors, *combined.refs)
        return Slot(
            slot.path, slot.name, budget, ancestors, slot.variant, slot.discriminator_values, holder=slot.holder
        )

    def documented_values(self, combined: CombinedSchema, slot: Slot) -> Iterator[JSON]:
        """The values that the contract itself gives for a slot, varied for a later item of a list."""
        is_varied = self.style.fresh or self.generation.position(slot.path) > 0
        is_later_item = self.generation.position(slot.path) > 0 and isinstance(slot.path[-1], int)
        if is_later_item or self.choices.salt(slot.path):
            return
        draw = self.draw(combined, slot) if is_varied else None
        for node in combined.origins():
            members = node.members
            directive = members.get("x-faker")
            if directive is not None and draw is not None:
                yield from _faked(directive, draw)
            for value in documented_examples(node):
                for_slot = value if draw is None or isinstance(value, (dict, list)) else for_row(value, draw)
                if for_slot is not None or value is None:
                    yield clone(for_slot)
            if directive is not None and draw is None:
                yield from _faked(directive, self.draw(combined, slot))
            if "default" in members and members["default"] not in ("", [], {}):
                yield clone(members["default"])

    def enumerated_value(self, combined: CombinedSchema, slot: Slot) -> JSON:
        """One of the enumerated values: another one for each item of a list, seed and salt; null and "" are last."""
        enumerated = combined.enumerated() or ()
        allowed = [value for value in enumerated if combined.allows(value)]
        fitting = realistic_values.likeliest_first(allowed, slot.name)
        if not fitting:
            raise DeadEnd(f"no value of the enum fits at {slot.where}")
        turn = self.style.seed + self.generation.position(slot.path) + self.choices.salt(slot.path)
        turn += slot.variant.choose(len(fitting))
        return clone(fitting[turn % len(fitting)])

    def draw(self, combined: CombinedSchema, slot: Slot) -> Draw:
        """The draw of a scalar for a slot."""
        name, path = coordinate(slot) or (slot.name, slot.path)
        turn = self.generation.position(path) + (slot.variant.mode > 0) + self.choices.salt(slot.path)
        description = next((text for text in combined.annotations("description") if isinstance(text, str)), "")
        return draw_for(name, turn, self.style, slot.holder, description)

    def scalar(self, combined: CombinedSchema, type_name: str, slot: Slot) -> JSON:
        """A string, number, boolean or null: another one for each item of a list, seed and salt."""
        skip = 0
        for exclusion in self.choices.exclusions.get(slot.path, ()):  # exclude() ignores rivals that are not plain
            exclusion.attempts = max(exclusion.attempts, _MAX_SCALARS)
            skip += exclusion.attempt
        if type_name == "null" and combined.allows(None):
            return None
        least = combined.highest("minLength") if type_name == "string" else 0
        if self.characters + least > budgets.VALUE_CHARACTERS:
            fact = f"texts of more than {budgets.VALUE_CHARACTERS:,} characters in all are required"
            raise DeadEnd(f"{fact}, the last of them at {slot.where}")
        value = self.scalar_or_none(combined, type_name, slot, skip)
        if value is None:
            raise DeadEnd(f"no {type_name} was found that fits at {slot.where}")
        if isinstance(value, str):
            self.characters += len(value)
            self.effort.take(sum(map(len, combined.strings("pattern"))) // _PATTERN, slot)
        return value

    def scalar_or_none(
        self, combined: CombinedSchema, type_name: str, slot: Slot, skip: int
    ) -> str | int | float | None:
        """A string, number or boolean that fits, where one is found."""
        draw = self.draw(combined, slot)
        if type_name == "string":
            text = self.held_text(combined, slot)
            if text is not None:
                return text
            kind = kind_referred_to(self.bundle, combined)
            draw = replace(draw, name=f"{kind} id") if kind else draw
            if draw.name.endswith(_ID):
                example = id_example(self.bundle.node.document, kind_of_id(draw))
                draw = replace(draw, id_example=example) if example else draw
            return scalars.fitting_string(combined, draw, skip)
        if type_name in ("integer", "number"):
            return scalars.fitting_number(combined, draw, type_name == "integer", skip)
        if type_name == "boolean":
            usual = realistic_values.boolean(draw, self.choices.salt(slot.path) % 2 == 1)
            return next((value for value in (usual, not usual) if combined.allows(value)), None)
        return None

    def held_text(self, combined: CombinedSchema, slot: Slot) -> str | None:
        """The text of a JSON value or of a file, where the contract says that a string holds one; else None.

        JSON Schema 2020-12, validation, section 8: `contentMediaType` and `contentSchema`.
        """
        for node in combined.origins():
            name = node.string("contentMediaType")
            if not name:
                continue
            media_type = parse_media_type(name)
            if media_type.kind is not MediaKind.JSON:
                file_text = text_of_file(media_type.name, node.string("contentEncoding") or node.string("format") or "")
                if file_text and combined.allows(file_text):
                    return file_text
                continue
            if "contentSchema" not in node.members or self.texts_around >= _MOST_TEXTS:
                return "{}" if combined.allows("{}") else None
            content = Bundle(self.bundle.table, (node.raw("contentSchema"),))
            style = replace(self.style, seed=self.style.seed + self.generation.position(slot.path))
            generator = ValueGenerator(content, self.direction, style, slot.name, effort=self.effort)
            generator.texts_around = self.texts_around + 1
            if generator.generate():
                text = write_json(generator.value).decode()
                return text if combined.allows(text) else None
        return None


def _faked(directive: JSON, draw: Draw) -> Iterator[JSON]:
    """The values that an `x-faker` of the contract asks for."""
    from tallystick.examples.x_faker import faker_values  # few contracts have it

    return faker_values(directive, draw)


def coordinate(slot: Slot) -> tuple[str, ValuePath] | None:
    """The name of a number in a position of GeoJSON (RFC 7946), and the path of the position; None for other slots."""
    key = slot.path[-1] if slot.path else ""
    if slot.name in ("coordinate", "coordinates") and isinstance(key, int) and key < len(_COORDINATES):
        return _COORDINATES[key], slot.path[:-1]
    return None
