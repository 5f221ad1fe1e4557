"""The rows of a long list, made one by one: each is the first item of the list in a value of its own."""

from __future__ import annotations

import json

from tallystick.examples.choices import Row, ValuePath
from tallystick.examples.draws import PLAIN, Style
from tallystick.examples.plain_schemas import equality_key
from tallystick.examples.value_generator import ValueGenerator
from tallystick.nouns import budgets
from tallystick.nouns.json_value import JSON
from tallystick.nouns.schema import Direction, Schema
from tallystick.schemas.compiled import ContractSchema

_ATTEMPTS = 3
"""How often a row that is like another one is made anew."""


def generate_rows(
    schema: Schema, direction: Direction, path: ValuePath, numbers: range, style: Style = PLAIN
) -> list[JSON]:
    """The rows of some numbers (from 0) for the list at a path in the values of a schema, no two of them alike.

    Each fits where it stands, whatever the others are. There are fewer where the schema does not allow so many
    different ones, where so many would be larger than `budgets.LIST_BYTES`, and where more work than
    `budgets.LIST_STEPS` would go into them.
    """
    if not isinstance(schema, ContractSchema):
        raise TypeError(f"a schema of a contract was expected, not {type(schema).__name__}")
    rows: dict[str, JSON] = {}
    room, steps = budgets.LIST_BYTES, budgets.LIST_STEPS
    for number in numbers:
        for attempt in range(_ATTEMPTS):
            generator = _with_row(schema, direction, Row(path, number), style, attempt)
            items = part_at(generator.value, path)
            steps -= generator.effort.steps
            key = equality_key(items[0]) if isinstance(items, list) and items else ""
            if key not in rows or steps < 0:
                break
        if not (isinstance(items, list) and items) or (rows and steps < 0):
            break
        room -= len(json.dumps(items[0]))
        if rows and room < 0:
            break
        rows.setdefault(key, items[0])
    return [*rows.values()]


def _with_row(schema: ContractSchema, direction: Direction, row: Row, style: Style, attempt: int) -> ValueGenerator:
    """The generator of a value with one row in its list; a later attempt takes none of the documented values.

    Its value is None where there is none.
    """
    generator = ValueGenerator(schema.bundle(direction), direction, style, "", row)
    if attempt:
        generator.choices.salts[(*row.path, 0)] = attempt
    if not generator.generate():
        generator.value = None
    return generator


def part_at(value: JSON, path: ValuePath) -> JSON:
    """The part of a value at a path of keys; None where there is none."""
    for key in path:
        value = value.get(str(key)) if isinstance(value, dict) else None
    return value
