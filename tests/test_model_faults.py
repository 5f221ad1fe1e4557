"""Whatever the document, its models are importable, and a fault costs no more than itself."""

from __future__ import annotations

import ast
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError
from support.modelling import document, loaded, module_from, operation, ref, things

from tallystick.models import datamodel_codegen_adapter
from tallystick.models.keywords import Schema
from tallystick.nouns.errors import UnreachableError, UsageError


def test_references_beyond_the_components_and_files_are_followed(tmp_path: Path) -> None:
    """A schema in another file, and a part of a schema, have a class each wherever they are referred to."""
    folder = tmp_path / "schemas"
    folder.mkdir()
    (folder / "pet.yaml").write_text("type: object\nproperties:\n  owner: {$ref: 'people.yaml#/Owner'}\n")
    (folder / "people.yaml").write_text(
        "Owner: {type: object, properties: {pets: {type: array, items: {$ref: pet.yaml}}}}\n"
    )
    whole = things(part=things(x={"type": "integer"}))
    contract = document(
        {"Whole": whole, "User": things(part=ref("Whole/properties/part"))},
        paths={"/pet": {"get": operation(answer={"$ref": "schemas/pet.yaml"})}},
    )
    text = module_from(tmp_path, contract).text
    assert "owner: Owner | None" in text
    assert "pets: list[Pet] | None" in text
    assert text.count("part: Part | None") == 2
    assert '{"application/json": Pet}' in text


def test_swagger_2_has_models_too(tmp_path: Path) -> None:
    """Definitions and bodies of Swagger 2.0 become what components and bodies of OpenAPI 3 do."""
    contract = {
        "swagger": "2.0",
        "info": {"title": "Things", "version": "1"},
        "paths": {
            "/pets": {
                "post": {
                    "parameters": [{"name": "pet", "in": "body", "schema": {"$ref": "#/definitions/Pet"}}],
                    "responses": {"201": {"description": "Done.", "schema": {"$ref": "#/definitions/Pet"}}},
                }
            }
        },
        "definitions": {"Pet": things(name={"type": "string", "x-nullable": True})},
    }
    text = module_from(tmp_path, contract).text
    assert "class Pet(BaseModel):\n    name: str | None = None" in text
    assert text.count('{"application/json": Pet}') == 2


def test_a_contract_without_a_schema_has_a_module(tmp_path: Path) -> None:
    """A document that has nothing to model gives a module that imports and is empty but for its docstring."""
    module = module_from(tmp_path, document({}))
    assert module.left_out == ()
    assert [type(node) for node in ast.parse(module.text).body] == [ast.Expr]


@pytest.mark.parametrize(
    ("schema", "fact"),
    [
        (ref("Nowhere"), "leads nowhere"),
        (ref("Faulty"), "leads back to itself"),
        ({"type": "strng"}, "type must be one of"),
        ({"type": "string", "minLength": "3"}, "minLength must be a whole number"),
        ({"type": "string", "pattern": "("}, 'the pattern "(" is left out'),
        ({"type": "object", "required": True}, "required must be a list of strings"),
        ("text", "a schema must be an object or a boolean"),
    ],
    ids=str,
)
def test_a_fault_costs_no_more_than_itself(tmp_path: Path, schema: Any, fact: str) -> None:
    """A schema with a fault loses what is wrong with it, named with its line, and the others are as they would be."""
    module = module_from(tmp_path, document({"Faulty": schema, "Sound": things(x={"type": "integer"})}))
    assert [fact in violation.message for violation in module.left_out] == [True]
    assert module.left_out[0].contract.line == 1
    assert "class Sound(BaseModel):\n    x: StrictInteger | None = None" in module.text
    assert "Faulty = TypeAliasType(" in module.text


def test_each_pattern_has_an_engine_that_takes_it(tmp_path: Path) -> None:
    """A pattern that only Rust's engine takes stands beside one that only Python's takes, and both are checked."""
    word, look = {"type": "string", "pattern": r"^\p{L}+$"}, {"type": "string", "pattern": "^(?!x)"}
    module = module_from(tmp_path, document({"A": things(word=word, look=look)}))
    assert module.left_out == ()
    file = tmp_path / "things.py"
    file.write_text(module.text, encoding="utf-8")
    model = loaded(file).A
    assert model(look="y", word="é").word == "é"
    for members in ({"look": "x"}, {"word": "1"}):
        with pytest.raises(ValidationError):
            model(**members)


def test_a_schema_that_the_generator_fails_on_is_found(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Where the generator fails, the schemas that make it fail are named and are Any, and the others are models."""
    real = datamodel_codegen_adapter.load_generator()

    def touchy(schemas: Mapping[str, Schema]) -> str:
        for name in ("Bad", "Worse"):
            if schemas[name]:
                raise RuntimeError(f"no idea what {name} is")
        return real(schemas)

    monkeypatch.setattr(datamodel_codegen_adapter, "load_generator", lambda: touchy)
    names = [f"Good{number}" for number in range(9)]
    schemas = {name: things(x={"type": "integer"}) for name in (*names[:4], "Bad", *names[4:], "Worse")}
    module = module_from(tmp_path, document(schemas))
    assert [violation.message.partition("generator ")[2] for violation in module.left_out] == [
        "fails on it: no idea what Bad is",
        "fails on it: no idea what Worse is",
    ]
    assert all(f"class {name}(BaseModel)" in module.text for name in names)
    assert 'Bad = TypeAliasType("Bad", Any)' in module.text


def test_a_generator_that_makes_nothing_is_one_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A generator that fails on anything is not blamed on the contract."""

    def broken(_: Mapping[str, Schema]) -> str:
        raise RuntimeError("out of order")

    monkeypatch.setattr(datamodel_codegen_adapter, "load_generator", lambda: broken)
    with pytest.raises(UsageError, match="makes no models at all: out of order"):
        module_from(tmp_path, document({"A": {"type": "string"}}))


def test_a_contract_cannot_have_code_run(tmp_path: Path) -> None:
    """Names, texts and extensions of a hostile contract end up as names and texts: nothing is imported but types."""
    evil = '"""\\n\\"\\"\\"\nimport os; os.system("true")\n"""'
    schema = {
        **things(a={"type": "string", "description": evil, "default": evil, "x-python-type": "os.system"}),
        "description": evil,
        "customTypePath": "os.system",
        "customBasePath": "subprocess.Popen",
        "x-python-import": {"module": "os", "name": "system"},
    }
    contract = document({"A": schema, evil: {"enum": [evil, "b"]}})
    contract["info"]["title"] = evil
    contract["paths"] = {f"/{evil}": {"get": operation(answer=ref("A"), operationId=evil)}}
    harmless = json.loads(json.dumps(contract).replace(json.dumps(evil)[1:-1], "b2"))
    hostile_tree, harmless_tree = (ast.parse(module_from(tmp_path, value).text) for value in (contract, harmless))
    assert _reach(hostile_tree) == _reach(harmless_tree)


def _reach(tree: ast.Module) -> set[str]:
    """What a module imports and calls."""
    imported = {ast.unparse(node) for node in ast.walk(tree) if isinstance(node, (ast.Import, ast.ImportFrom))}
    return imported | {ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}


@pytest.mark.parametrize(("name", "tool"), [("datamodel_code_generator", "datamodel-code-generator"), ("ruff", "ruff")])
def test_a_missing_tool_is_one_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str, tool: str) -> None:
    """A tool that is not installed is named, with how to install it."""
    monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(UnreachableError, match=rf"{tool}.*pip install 'tallystick\[models\]'"):
        module_from(tmp_path, document({"A": {"type": "string"}}))
