"""Values judged together by the schemas of one document are judged as each is by itself."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from tallystick.contracts.read import read_contract
from tallystick.nouns.schema import Direction
from tallystick.rules.contract.parts import Parts
from tallystick.schemas.batch import Row, errors_of

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


def rows(folder: Path, schemas: dict[str, Any], values: tuple[Any, ...] = VALUES) -> list[Row]:
    """Every value by every schema of a document."""
    document = {"openapi": "3.1.0", "info": {"title": "t", "version": "1"}, "components": {"schemas": schemas}}
    file = folder / "openapi.yaml"
    file.write_text(yaml.safe_dump(document, sort_keys=False), encoding="utf-8")
    parts = Parts(read_contract(file))
    named = parts.root.raw("components", "schemas").raw_items()
    return [(parts.compiler.schema(node), value) for _, node in named for value in values]


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
    listed = rows(tmp_path, {**SCHEMAS, **more})
    together = [list(errors) for errors in errors_of(listed, direction)]
    assert together == [list(schema.errors(value, direction)) for schema, value in listed]
    assert [] in together
    assert sum(map(len, together)) > 20


def test_a_value_that_cannot_be_judged_hides_no_other(tmp_path: Path) -> None:
    """A string with half a surrogate pair, which no error can hold, is told of, and what is beside it is judged."""
    listed = rows(tmp_path, {"number": {"type": "integer"}}, (5, "\ud800", "five"))
    five, half, text = errors_of(listed, Direction.RESPONSE)
    assert (list(five), [error.keyword for error in half], [error.keyword for error in text]) == ([], [""], ["type"])


def test_nothing_is_nothing() -> None:
    """A document without values has no errors."""
    assert errors_of([], Direction.REQUEST) == []
