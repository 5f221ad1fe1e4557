"""Values judged together by the schemas of one document are judged as each is by itself."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from tallystick.contracts.read import read_contract
from tallystick.nouns.contract import Contract
from tallystick.nouns.json_value import JSON
from tallystick.nouns.schema import Direction, Schema

PET = {
    "type": "object",
    "required": ["id", "name", "secret"],
    "properties": {
        "id": {"type": "integer", "readOnly": True},
        "name": {"type": "string", "minLength": 2},
        "secret": {"type": "string", "writeOnly": True},
        "friend": {"$ref": "#/components/schemas/pet"},
        "home": {"oneOf": [{"type": "string", "format": "uuid"}, {"$ref": "#/components/schemas/place"}]},
    },
}
PLACE = {"type": "array", "prefixItems": [{"type": "number"}, {"type": "number"}], "minItems": 2, "uniqueItems": True}
SCHEMAS = {"pet": PET, "place": PLACE, "alias": {"$ref": "#/components/schemas/pet"}, "no": False, "any": {}}
VALUES = (
    {"id": 1, "name": "Ada", "secret": "x"},
    {"name": "A", "friend": {"name": 1}, "home": [1, 1]},
    {"id": "1", "home": "nowhere"},
    [1, 2],
    ["1"],
    None,
)


Rows = list[tuple[Schema, JSON]]


def rows(folder: Path, schemas: dict[str, Any], values: tuple[Any, ...] = VALUES) -> tuple[Contract, Rows]:
    """A contract with some schemas, and every value with every one of them."""
    document = {"openapi": "3.1.0", "info": {"title": "t", "version": "1"}, "components": {"schemas": schemas}}
    file = folder / "openapi.yaml"
    file.write_text(yaml.safe_dump(document, sort_keys=False), encoding="utf-8")
    known = read_contract(file)
    named = known.root.raw("components", "schemas").raw_items()
    return known, [(known.compiler.schema(node), value) for _, node in named for value in values]


@pytest.mark.parametrize("direction", list(Direction))
@pytest.mark.parametrize(
    "more",
    [
        {},
        {"bad": {"type": "string", "minLength": "two"}, "worse": {"pattern": "(", "type": "array"}},
        {f"bad{number}": {"type": "nothing", "minItems": number} for number in range(30)},
        {"tree": {"$dynamicAnchor": "node", "properties": {"friend": {"$dynamicRef": "#node"}}}},
    ],
    ids=["sound", "faulty", "very faulty", "dynamic"],
)
def test_together_is_as_each_by_itself(tmp_path: Path, direction: Direction, more: dict[str, Any]) -> None:
    """The errors of each value are the same, in the same order, whatever else is judged beside it."""
    known, listed = rows(tmp_path, {**SCHEMAS, **more})
    together = [list(errors) for errors in known.compiler.errors_of_each(listed, direction)]
    assert together == [list(schema.errors(value, direction)) for schema, value in listed]
    assert [] in together
    assert sum(map(len, together)) > 20


def test_a_value_that_cannot_be_judged_hides_no_other(tmp_path: Path) -> None:
    """A string with half a surrogate pair, which no error can hold, is told of, and what is beside it is judged."""
    known, listed = rows(tmp_path, {"number": {"type": "integer"}}, (5, "\ud800", "five"))
    five, half, text = known.compiler.errors_of_each(listed, Direction.RESPONSE)
    assert (list(five), [error.keyword for error in half], [error.keyword for error in text]) == ([], [""], ["type"])


def test_nothing_is_nothing(tmp_path: Path) -> None:
    """A document without values has no errors."""
    known, _ = rows(tmp_path, {})
    assert known.compiler.errors_of_each([], Direction.REQUEST) == []
