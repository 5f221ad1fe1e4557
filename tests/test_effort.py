"""How much is tried for a value that cannot be made: so much, and no more for a whole document."""

from __future__ import annotations

import time
from typing import Any

import pytest
from support.asking import contract, schema

from tallystick.examples import value_generator
from tallystick.examples.draws import PLAIN
from tallystick.examples.value_generator import ValueGenerator
from tallystick.nouns import budgets
from tallystick.nouns.contract import Contract
from tallystick.nouns.schema import Direction
from tallystick.schemas.bundle import Bundle
from tallystick.schemas.compiled import ContractSchema

NOTHING_FITS = {"oneOf": [{"$ref": "#/components/schemas/D0"}, {"$ref": "#/components/schemas/D0"}]}
UNPROVABLE = {"type": "object", "required": ["a"], "properties": {"a": {"format": "date", "pattern": "^[a-f]{40}$"}}}
TWICE = {"type": "object", "required": ["l", "r"]}


def doubled(end: Any, times: int = 12) -> Contract:
    """A contract with a schema that holds a schema twice, which holds one twice, and so on; two operations use it."""
    schemas: dict[str, Any] = {"D0": {"type": "object"}, "E0": end}
    for n in range(1, times + 1):
        inner = {"$ref": f"#/components/schemas/E{n - 1}"}
        schemas[f"E{n}"] = {**TWICE, "properties": {"l": inner, "r": inner}}
    content = {"application/json": {"schema": {"$ref": f"#/components/schemas/E{times}"}}}
    reply = {"responses": {"200": {"description": "d", "content": content}}}
    paths = {"/a": {"get": reply, "post": {"requestBody": {"content": content}, **reply}}}
    return contract({"paths": paths, "components": {"schemas": schemas}})


def bundles(described: Contract) -> list[Bundle]:
    """The bundles of each body."""
    schemas = []
    for operation in described:
        schemas += [(operation.responses[0].content[0].schema, Direction.RESPONSE)]
        if operation.request_body is not None:
            schemas += [(operation.request_body.content[0].schema, Direction.REQUEST)]
    assert all(isinstance(each, ContractSchema) for each, _ in schemas)
    return [each.bundle(direction) for each, direction in schemas if isinstance(each, ContractSchema)]


def tried(bundle: Bundle) -> ValueGenerator:
    """The generator after it found nothing."""
    generator = ValueGenerator(bundle, Direction.RESPONSE, PLAIN, "")
    assert not generator.generate()
    return generator


def test_little_is_tried_where_no_value_can_fit() -> None:
    """After some thousand steps it is asked whether any value fits; where none does, the reason says why."""
    (bundle, *_) = bundles(doubled(NOTHING_FITS))
    generator = tried(bundle)
    assert generator.effort.steps < budgets.VALUE_STEPS / 4
    assert "leaves no value at all" in generator.reason


def test_values_of_a_document_share_what_is_tried_in_vain() -> None:
    """Once a document has had its steps, its other values still get as many as a real one takes."""
    efforts = [tried(bundle).effort for bundle in bundles(doubled(UNPROVABLE))]
    assert efforts[0].steps > budgets.VALUE_STEPS / 2
    assert all(effort.most < budgets.VALUE_STEPS / 2 for effort in efforts[1:])
    assert all(effort.most >= 5_000 for effort in efforts)


def test_one_document_takes_nothing_from_another() -> None:
    """What was tried in vain counts for its own document only."""
    first, second = (bundles(doubled(UNPROVABLE))[0] for _ in range(2))
    assert tried(first).effort.most == tried(second).effort.most == budgets.VALUE_STEPS


def test_judging_a_large_value_again_and_again_counts() -> None:
    """Each error that is told of a large value is as much work as making some of its parts."""
    items = {"type": "array", "minItems": 4_000, "items": {"type": "integer"}, "uniqueItems": True}
    made = schema({**items, "not": {"contains": {"const": 7}}})
    assert isinstance(made, ContractSchema)
    generator = ValueGenerator(made.bundle(Direction.RESPONSE), Direction.RESPONSE, PLAIN, "")
    before = generator.effort.steps
    generator.value = list(range(4_000))
    generator.repair()
    assert generator.effort.steps - before >= 4_000 // 200


def test_what_is_judged_may_use_up_the_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """An attempt that ends in a large value which does not fit is followed by no other once the steps are used up."""
    monkeypatch.setattr(budgets, "VALUE_STEPS", 1_010)
    repairs = []

    def repair(*arguments: Any) -> bool:
        repairs.append(arguments)
        return original(*arguments)

    original = value_generator.repair
    monkeypatch.setattr(value_generator, "repair", repair)
    array = {"type": "array", "minItems": 1_000, "items": {"type": "integer", "minimum": 1, "maximum": 2}}
    made = schema({**array, "contains": {"const": 3}, "not": {"maxItems": 2_000}})
    assert isinstance(made, ContractSchema)
    generator = tried(made.bundle(Direction.RESPONSE))
    assert len(repairs) <= 1
    assert generator.effort.steps <= 1_100


@pytest.mark.parametrize("branches", [400, 3_000])
def test_branches_that_all_fit_take_few_attempts(branches: int) -> None:
    """Each schema that a value must not fit is some work in each attempt; of many branches nothing is proved."""
    overlapping = [{"maxLength": 5 + number} for number in range(branches)]
    made = schema({"oneOf": [*overlapping, overlapping[0]]})
    assert isinstance(made, ContractSchema)
    start = time.process_time()
    generator = tried(made.bundle(Direction.RESPONSE))
    assert "leaves no value at all" not in generator.reason
    assert time.process_time() - start < 8


def test_branches_are_ruled_out_for_one_slot_alone() -> None:
    """Where a reference leads to `false` beside a schema, the branches of that schema still fit elsewhere."""
    schemas = {"Never": False, "P": {"required": ["x"], "properties": {"x": {"oneOf": [{"const": 1}, {"const": 2}]}}}}
    never = {"patternProperties": {"^x": {"$ref": "#/components/schemas/Never"}}}
    part = {"$ref": "#/components/schemas/P"}
    whole = {"type": "object", "required": ["b"], "properties": {"a": {"allOf": [part, never]}, "b": part}}
    content = {"application/json": {"schema": whole}}
    reply = {"responses": {"200": {"description": "d", "content": content}}}
    document = {"openapi": "3.1.0", "paths": {"/": {"get": reply}}, "components": {"schemas": schemas}}
    (bundle,) = bundles(contract(document))
    generator = ValueGenerator(bundle, Direction.RESPONSE, PLAIN, "")
    assert generator.generate(), generator.reason
