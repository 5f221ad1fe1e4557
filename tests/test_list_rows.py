"""The items of lists: they differ from each other, and a long list is made row by row."""

from __future__ import annotations

import gc
import json
from typing import Any

import pytest
from support.values import RESPONSE, TEXT, WHOLE, generated, ref, schema

from tallystick.examples.draws import PLAIN
from tallystick.examples.memory import Memory
from tallystick.examples.rows import generate_rows
from tallystick.examples.value_generator import ValueGenerator
from tallystick.nouns import budgets
from tallystick.nouns.json_value import JSON
from tallystick.schemas.compiled import ContractSchema

USER = {
    "type": "object",
    "required": ["id", "name", "tags"],
    "properties": {"id": WHOLE, "name": TEXT, "tags": {"type": "array", "items": TEXT}},
}
PAGE = {"type": "object", "properties": {"data": {"type": "array", "items": USER}, "total": WHOLE}}


def rows(value: Any, path: tuple[str, ...] = (), most: int = 10, **components: Any) -> list[JSON]:
    return generate_rows(schema(value, **components), RESPONSE, path, range(most))


def test_the_items_of_a_nested_list_differ() -> None:
    """A list of few possible values has each of them once at most, unless more are required."""
    assert generated({"type": "array", "items": {"enum": ["only"]}}) == ["only"]
    assert generated({"type": "array", "minItems": 3, "items": {"enum": ["only"]}}) == ["only"] * 3
    assert generated({"type": "array", "items": {"type": "boolean"}}) in ([True, False], [False, True])


def test_a_position_may_have_the_value_of_another() -> None:
    """Items with a schema of their own each are not compared."""
    point = {"type": "array", "prefixItems": [{"const": 0}, {"const": 0}], "items": False}
    assert generated(point) == [0, 0]


def test_an_example_of_an_item_is_that_of_one_item() -> None:
    """Where the contract gives an example of a whole item, the others are made, so that no two are the same."""
    items = generated({"type": "array", "items": {**USER, "example": {"id": 7, "name": "Ada", "tags": []}}})
    assert items[0] == {"id": 7, "name": "Ada", "tags": []}
    assert items[1] != items[0]


@pytest.mark.parametrize(("path", "value"), [((), {"type": "array", "items": USER}), (("data",), PAGE)])
def test_the_rows_of_a_list_have_ids_that_differ(path: tuple[str, ...], value: Any) -> None:
    """As many rows are made as are asked for; each fits, and no two have one id."""
    made = rows(value, path, 25)
    assert len({row["id"] for row in made if isinstance(row, dict)}) == 25
    assert all(schema(USER).is_valid(row, RESPONSE) for row in made)


def test_a_row_does_not_depend_on_their_number() -> None:
    """The first rows of a long list are those of a short one, the same in each run."""
    assert rows(PAGE, ("data",), 3) == rows(PAGE, ("data",), 12)[:3]


def test_a_row_is_made_where_the_list_may_be_short() -> None:
    """The most items of one reply do not bound the rows behind it."""
    page = {"type": "array", "maxItems": 2, "items": USER}
    assert len(rows(page, (), 7)) == 7


def test_there_are_no_more_rows_than_can_differ() -> None:
    """A list of a flag has two rows, and a list without items has none."""
    assert len(rows({"type": "array", "items": {"type": "boolean"}})) == 2
    assert rows({"type": "array", "maxItems": 0}) == []
    assert rows(WHOLE) == []


def test_nested_lists_differ_from_row_to_row() -> None:
    """The items in a list of one row are others than those in the next row."""
    order = {"type": "object", "required": ["id", "lines"], "properties": {"id": WHOLE, "lines": {"type": "array"}}}
    order["properties"]["lines"]["items"] = ref("Line")  # type: ignore[index]
    made = rows({"type": "array", "items": order}, (), 10, Line={"type": "object", "properties": {"id": WHOLE}})
    ids = [line["id"] for row in made for line in row["lines"]]  # type: ignore[call-overload,index]
    assert len(ids) == len(set(ids)) == 20


def test_the_rows_of_a_list_are_bounded_in_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows are made as long as they are not too large together; one is made in any case."""
    monkeypatch.setattr(budgets, "LIST_BYTES", 300)
    made = rows({"type": "array", "items": USER}, (), 100)
    assert 1 < len(made) < 10
    assert len(json.dumps(made)) < 400
    monkeypatch.setattr(budgets, "LIST_BYTES", 3)
    assert len(rows({"type": "array", "items": USER}, (), 100)) == 1


def test_what_is_known_of_a_schema_goes_with_its_bundle() -> None:
    """What was found out about the schemas of one bundle is kept as long as that, and is bounded."""
    value = schema(USER)
    assert isinstance(value, ContractSchema)
    memory: Memory[int] = Memory()
    bundle = value.bundle(RESPONSE)
    part = next(part for part in bundle.definitions.values() if isinstance(part, dict))
    assert (memory.recall(bundle, [part], "", lambda: 1), memory.recall(bundle, [part], "", lambda: 2)) == (1, 1)
    assert (memory.recall(bundle, [{}], "", lambda: 1), memory.recall(bundle, [{}], "", lambda: 2)) == (1, 2)
    for number in range(20_000):
        memory.recall(bundle, [part], number, lambda: 0)
    assert sum(map(len, memory.answers.values())) <= 10_000
    del value, bundle, part
    gc.collect()
    assert not memory.answers


def test_no_more_work_goes_into_a_list_than_its_budget(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows that take much work are fewer; the first one is made in any case."""
    wide = {"type": "object", "properties": {f"p{number}": WHOLE for number in range(40)}}
    whole = {"type": "array", "items": {**wide, "required": [*wide["properties"]]}}
    assert len(rows(whole)) == 10
    monkeypatch.setattr(budgets, "LIST_STEPS", 100)
    assert len(rows(whole)) == 2
    monkeypatch.setattr(budgets, "LIST_STEPS", 1)
    assert len(rows(whole)) == 1


def test_what_an_array_contains_is_not_made_twice_where_its_items_are_that() -> None:
    """Lists in lists whose `contains` is their `items` take as many steps as they have parts."""
    inner: dict[str, Any] = TEXT
    for _ in range(8):
        inner = {"type": "array", "minItems": 2, "items": inner, "contains": inner}
    made = schema(inner)
    assert isinstance(made, ContractSchema)
    generator = ValueGenerator(made.bundle(RESPONSE), RESPONSE, PLAIN, "")
    assert generator.generate()
    assert generator.effort.steps < 2 * 2**9
