"""Models of a contract that was written to hurt are made in bounded time, or told as what cannot be made."""

from __future__ import annotations

import json
import signal
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from support.folders import CORPUS
from support.modelling import contract_of, document, loaded, module_from, operation, ref, run, things

from tallystick import models
from tallystick.models import datamodel_codegen_adapter, modules
from tallystick.models.definition_order import in_definition_order
from tallystick.models.keywords import Schema
from tallystick.models.named_schemas import named_schemas
from tallystick.models.nullable_fields import NullableFields
from tallystick.models.time_limit import TooSlowError, time_limit
from tallystick.nouns import budgets
from tallystick.nouns.node import Node

HOSTILE = CORPUS.parent / "cases" / "50-hostile"
LEVELS = 30
SECONDS = 60.0
"""More processor time than any of these documents takes on a busy machine, and less than one that doubles does."""


def doubling(*keywords: str) -> dict[str, Any]:
    """Schemas each of which refers to the next one twice, under some keywords."""
    last = {**things(t={"type": ["string", "null"], "readOnly": True}), "required": ["t"]}
    schemas: dict[str, Any] = {"Last": last}
    for level in reversed(range(LEVELS)):
        following = f"L{level + 1}" if level < LEVELS - 1 else "Last"
        schemas[f"L{level}"] = {keyword: [ref(following), ref(following)] for keyword in keywords}
    return schemas


def doubling_members() -> dict[str, Any]:
    """Schemas each of which has the next one as two of its members, of a dictionary's and of a list's."""
    schemas: dict[str, Any] = {"Last": {"type": "string", "writeOnly": True}}
    for level in reversed(range(LEVELS)):
        following = ref(f"L{level + 1}" if level < LEVELS - 1 else "Last")
        schemas[f"L{level}"] = {
            **things(a=following, b=following, c={"type": "array", "prefixItems": [following, following]}),
            "patternProperties": {"^x": following, "^y": following},
            "required": ["a", "b"],
        }
    return schemas


def diamonds() -> dict[str, Any]:
    """Classes each of which extends two that extend the same two, with a discriminator in the first."""
    schemas: dict[str, Any] = {
        "L0": {**things(t={"type": "string"}), "required": ["t"], "discriminator": {"propertyName": "t"}}
    }
    above = ["L0"]
    for level in range(LEVELS):
        names = [f"A{level}", f"B{level}"]
        for name in names:
            schemas[name] = {"allOf": [*map(ref, above), things(**{f"own{name}": {"type": "string"}})]}
        above = names
    return schemas


@pytest.mark.parametrize(
    "schemas",
    [doubling("allOf"), doubling("anyOf"), doubling("oneOf", "allOf"), doubling_members(), diamonds()],
    ids=["allOf", "anyOf", "oneOf and allOf", "members", "diamonds"],
)
def test_schemas_that_double_at_each_level_have_models(schemas: dict[str, Any], tmp_path: Path) -> None:
    """What would be a billion schemas if each reference were its target is a few dozen classes."""
    body = {"type": "object", "properties": {"first": ref("L0")}}
    paths = {"/a": {"post": operation(body, body), "get": operation(answer=ref("L0"))}}
    with time_limit(SECONDS):
        text = module_from(tmp_path, document(schemas, paths=paths)).text
    file = tmp_path / "things.py"
    file.write_text(text, encoding="utf-8")
    assert loaded(file).BODIES["GET /a"]["200"]["application/json"]


def test_a_reference_that_is_given_twice_is_given_once(tmp_path: Path) -> None:
    """Of equal references in an `allOf` or `anyOf` one says all; in a `oneOf` two of them exclude each other."""
    twice = [ref("A"), ref("A")]
    schemas = {"A": things(x={}), "Either": {"anyOf": [*twice, {"type": "string"}]}, "Both": {"allOf": twice}}
    named = named_schemas(contract_of(tmp_path, document({**schemas, "One": {"oneOf": twice}}))).schemas
    assert named["Either"]["anyOf"] == [ref("A"), {"type": "string"}]
    assert named["Both"] == ref("A")
    assert named["One"]["oneOf"] == twice


@pytest.mark.parametrize(
    "schema",
    [
        things(**{f"p{number}": {"type": ["string", "null"]} for number in range(3000)}),
        {"oneOf": [{**things(**{f"p{number}": {}}), "required": [f"p{number}"]} for number in range(300)]},
        things(**{f"p{number}": {"title": "same", **things(**{f"q{number}": {}})} for number in range(300)}),
    ],
    ids=["properties", "branches", "titles"],
)
def test_a_schema_may_have_many_members(schema: Schema, tmp_path: Path) -> None:
    """Many properties, branches and equal titles cost what each of them costs, times their number."""
    with time_limit(SECONDS):
        assert "class Many" in module_from(tmp_path, document({"Many": schema, "Other": {}})).text


def test_a_long_chain_of_classes_is_put_in_order(tmp_path: Path) -> None:
    """Classes that refer to each other for long are given in the order that the generator needs; others as they are."""
    chain: dict[str, Schema] = {f"C{number}": things(next=ref(f"C{number + 1}")) for number in range(300)}
    chain["C300"] = things(first=ref("C0"))
    assert [*in_definition_order(chain)] == [*reversed(chain)]
    usual = {name: chain[name] for name in ("C0", "C1", "C2")}
    assert in_definition_order(usual) is usual
    assert "class C0(BaseModel)" in module_from(tmp_path, document(chain)).text


@pytest.mark.parametrize("is_circle", [False, True], ids=["chain", "circle"])
def test_a_long_chain_of_references_is_followed_once(is_circle: bool, tmp_path: Path) -> None:
    """Schemas that are references to each other have models, or are told as what leads back to itself."""
    length = budgets.REFERENCE_CHAIN - 5
    links = {f"C{number}": ref(f"C{number + 1}") for number in range(length)}
    schemas = {**links, f"C{length}": ref("C0") if is_circle else things(x={})}
    contract = contract_of(tmp_path, document(schemas))
    steps = 0
    real_target = Node.target

    def counted_target(node: Node, reference: str) -> Node:
        nonlocal steps
        steps += 1
        return real_target(node, reference)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Node, "target", counted_target)
        left_out = named_schemas(contract).left_out
    assert steps < 10 * length
    assert len(left_out) == (len(schemas) if is_circle else 0)


def test_what_may_be_null_is_found_once_for_each_schema() -> None:
    """A schema that leads back to itself is nullable as far as all that it leads to is."""
    pair = {"anyOf": [ref("Loop"), {"type": "null"}]}
    schemas: Mapping[str, Any] = {
        "Loop": {"allOf": [ref("Inner"), {"type": ["object", "null"]}]},
        "Inner": {"allOf": [ref("Loop")]},
        "Not": {"allOf": [ref("Turn"), {"type": "object"}]},
        "Turn": {"anyOf": [ref("Not")]},
        "All": things(loop=ref("Loop"), inner=ref("Inner"), no=ref("Not"), turn=ref("Turn"), pair=pair),
    }
    fields = NullableFields(schemas)
    assert fields.of("All") == {"loop", "inner", "pair"}
    assert fields.of("All") == {"loop", "inner", "pair"}


def test_an_enumeration_of_too_many_values_keeps_its_type(tmp_path: Path) -> None:
    """Python has no use for a class of a hundred thousand members: it is told, and the values are of their type."""
    values = [f"v{number}" for number in range(100_000)]
    module = module_from(tmp_path, document({"Many": {"type": "string", "enum": values}}))
    assert ["100,000 values are left out" in part.message for part in module.left_out] == [True]
    assert 'Many = TypeAliasType("Many", str)' in module.text


@pytest.mark.parametrize("keyword", ["anyOf", "oneOf", "allOf"])
def test_a_composition_of_too_many_branches_is_left_out(keyword: str, tmp_path: Path) -> None:
    """The generator needs the square of the number of branches: a thousand are told, and the rest has its models."""
    branches = [things(**{f"b{number}": ref("Many")}) for number in range(1_000)]
    module = module_from(tmp_path, document({"Many": {keyword: branches}, "Other": things(x={"type": "string"})}))
    assert [
        "1,000 branches are left out of the model; 500 are the most" in part.message for part in module.left_out
    ] == [True]
    assert "class Other(" in module.text


def test_a_class_of_too_many_members_is_left_out(tmp_path: Path) -> None:
    """Ten thousand members take seconds for each schema: they are told, and any are allowed instead."""
    names = [f"p{number}" for number in range(10_000)]
    many = {**things(**{name: {"type": "string"} for name in names}), "required": names, "additionalProperties": False}
    module = module_from(tmp_path, document({"Many": many, "Other": things(x={"type": "string"})}))
    assert [
        "10,000 members are left out of the model; 3,000 are the most" in part.message for part in module.left_out
    ] == [True, True]
    assert "class Other(" in module.text
    many_class = module.text.partition("class Many(")[2].partition("\nclass ")[0]
    assert "p17" not in module.text
    assert "forbid" not in many_class


def test_what_takes_too_long_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Models that take more processor time than a contract of its size may are told, in one line."""

    def endless(*_: object) -> None:
        while True:
            try:
                time.sleep(0 if time.process_time() else 1)
            except Exception:  # as the generator does
                continue

    contract_of(tmp_path, document({"A": things(x={})}), "slow.json")
    monkeypatch.setattr(budgets, "MODEL_SECONDS", 0.1)
    monkeypatch.setattr(modules, "named_schemas", endless)
    result = run(tmp_path / "slow.json", "-o", tmp_path / "models")
    assert result.exit_code == 3
    assert result.stderr.count("\n") == 1
    assert "slow.json: its models take more than 0 s of processor time" in result.stderr
    assert not (tmp_path / "models").exists()


def test_the_generator_is_loaded_before_the_time_of_a_contract_begins(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """What Python takes to load the generator, and to compile it once, is not counted against a contract."""
    load, remaining = datamodel_codegen_adapter.load_generator, list[float]()

    def noted() -> Any:
        remaining.append(signal.getitimer(signal.ITIMER_PROF)[0])
        return load()

    monkeypatch.setattr(models, "load_generator", noted)
    (tmp_path / "api.json").write_text(json.dumps(document({"A": things(a={"type": "string"})})))
    assert run(tmp_path / "api.json", "-o", tmp_path / "models").exit_code == 0
    assert remaining == [0]


def test_the_limit_of_time_ends_with_its_block() -> None:
    """A block that ends in time is not interrupted, and neither is what comes after it."""
    with time_limit(0.05):
        pass
    end = time.process_time() + 0.2
    while time.process_time() < end:
        pass
    with pytest.raises(TooSlowError), time_limit(0.05):
        _never_end()


def _never_end() -> None:
    while True:
        pass


@pytest.mark.skipif(not HOSTILE.exists(), reason=f"no cases at {HOSTILE}")
@pytest.mark.parametrize("name", ["expo_allOf_40.json", "yaml_schema_alias_20x2.yaml"])
def test_small_files_that_grow_are_bounded(name: str, tmp_path: Path) -> None:
    """A kilobyte of doubling references or aliases has models, or is told as too large, in the usual time."""
    with time_limit(SECONDS):
        result = run(HOSTILE / name, "-o", tmp_path / "models")
    assert result.exit_code in (0, 3)
    assert result.exit_code == 0 or len(result.stderr.splitlines()) <= 3
    assert json.dumps(result.stderr).isascii()
