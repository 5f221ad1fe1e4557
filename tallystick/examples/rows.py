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
    different ones, and where so many would be larger than `budgets.LIST_BYTES`.
    """
    if not isinstance(schema, ContractSchema):
        raise TypeError(f"a schema of a contract was expected, not {type(schema).__name__}")
    rows: dict[str, JSON] = {}
    room = budgets.LIST_BYTES
    for number in numbers:
        for attempt in range(_ATTEMPTS):
            items = _with_row(schema, direction, Row(path, number), style, attempt)
            key = equality_key(items[0]) if items else ""
            if key not in rows:
                break
        if not items:
            break
        room -= len(json.dumps(items[0]))
        if rows and room < 0:
            break
        rows.setdefault(key, items[0])
    return [*rows.values()]


def _with_row(schema: ContractSchema, direction: Direction, row: Row, style: Style, attempt: int) -> list[JSON]:
    """The list with one row in it, empty where there is none; a later attempt takes none of the documented values."""
    generator = ValueGenerator(schema.bundle(direction), direction, style, "", row)
    if attempt:
        generator.choices.salts[(*row.path, 0)] = attempt
    items = part_at(generator.value, row.path) if generator.generate() else None
    return items if isinstance(items, list) else []


def part_at(value: JSON, path: ValuePath) -> JSON:
    """The part of a value at a path of keys; None where there is none."""
    for key in path:
        value = value.get(str(key)) if isinstance(value, dict) else None
    return value
