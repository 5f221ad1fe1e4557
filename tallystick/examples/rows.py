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


def generate_rows(schema: Schema, direction: Direction, path: ValuePath, most: int, style: Style = PLAIN) -> list[JSON]:
    """Up to `most` rows for the list at a path in the values of a schema, no two of them alike.

    Each fits where it stands, whatever the others are. There are fewer where the schema does not allow so many
    different ones, and where so many would be larger than `budgets.LIST_BYTES`. Row n is the same however many there
    are.
    """
    if not isinstance(schema, ContractSchema):
        raise TypeError(f"a schema of a contract was expected, not {type(schema).__name__}")
    rows: dict[str, JSON] = {}
    size = 0
    for number in range(most):
        generator = ValueGenerator(schema.bundle(direction), direction, style, "", Row(path, number))
        items = part_at(generator.value, path) if generator.generate() else None
        if not isinstance(items, list) or not items:
            break
        size += len(json.dumps(items[0]))
        if rows and size > budgets.LIST_BYTES:
            break
        rows.setdefault(equality_key(items[0]), items[0])
    return [*rows.values()]


def part_at(value: JSON, path: ValuePath) -> JSON:
    """The part of a value at a path of keys; None where there is none."""
    for key in path:
        value = value.get(str(key)) if isinstance(value, dict) else None
    return value
