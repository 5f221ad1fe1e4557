"""What is no change to a diff: what is only written in another way."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest
from support.asking import contract
from support.folders import CORPUS

from tallystick.contracts.read import index, read_contract
from tallystick.diff import run
from tallystick.diff.run import compare
from tallystick.documents.library import Library
from tallystick.nouns.contract import Contract
from tallystick.nouns.json_value import JSON

TODAY = date(2026, 1, 1)


def with_schemas(**schemas: Any) -> dict[str, Any]:
    """A contract whose request and response are of the first of some schemas."""
    content = {"application/json": {"schema": {"$ref": f"#/components/schemas/{next(iter(schemas))}"}}}
    operation = {
        "requestBody": {"content": content},
        "responses": {"200": {"description": "Done", "content": content}},
    }
    return {"paths": {"/things": {"post": operation}}, "components": {"schemas": schemas}}


PET = {"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}}}
PETS = {"type": "array", "items": {"$ref": "#/components/schemas/Pet"}}
TREE = {"type": "object", "properties": {"inner": {"$ref": "#/components/schemas/Tree"}}}
TYPES: dict[str, Any] = {"type": ["string", "integer", "null"], "maxLength": 5, "minimum": 2}
BRANCHES: list[Any] = [{"type": "integer", "minimum": 2}, {"type": "null"}, {"type": "string", "maxLength": 5}]
SAME = {
    "types as oneOf": (with_schemas(Value=TYPES), with_schemas(Value={"oneOf": BRANCHES})),
    "anyOf as types": (with_schemas(Value={"anyOf": BRANCHES}), with_schemas(Value=TYPES)),
    "nullable as a branch": (
        with_schemas(Value={**PET, "type": ["object", "null"]}),
        with_schemas(Value={"oneOf": [{"$ref": "#/components/schemas/Pet"}, {"type": "null"}]}, Pet=PET),
    ),
    "enum as oneOf": (
        with_schemas(Value={"type": ["string", "null"], "enum": ["a", None, "b"]}),
        with_schemas(Value={"oneOf": [{"type": "null"}, {"type": "string", "enum": ["b", "a"]}]}),
    ),
    "format as anyOf": (
        with_schemas(Value={"type": ["integer", "string"], "format": "date-time", "minimum": 1}),
        with_schemas(Value={"anyOf": [{"type": "string", "format": "date-time"}, {"type": "integer", "minimum": 1}]}),
    ),
    "oneOf of types that exclude each other as anyOf": (
        with_schemas(Value={"oneOf": BRANCHES}),
        with_schemas(Value={"anyOf": BRANCHES}),
    ),
    "a type beside an enum that has no other": (
        with_schemas(Value={"type": ["string", "null"], "enum": ["a", "b"]}),
        with_schemas(Value={"enum": ["a", "b"]}),
    ),
    "renamed": (
        with_schemas(Pets=PETS, Pet=PET),
        with_schemas(All={"type": "array", "items": {"$ref": "#/components/schemas/One"}}, One=PET),
    ),
    "inlined": (with_schemas(Pets=PETS, Pet=PET), with_schemas(Pets={"type": "array", "items": PET})),
    "inlined-cycle": (with_schemas(Tree=TREE), with_schemas(Root={**TREE, "title": "Root"}, Tree=TREE)),
    "flattened-all-of": (
        with_schemas(Pet={"allOf": [{"required": ["name"]}, {"type": "object", "properties": PET["properties"]}]}),
        with_schemas(Pet=PET),
    ),
    "description": (with_schemas(Pet=PET), with_schemas(Pet={**PET, "description": "A pet"})),
    "order-of-branches": (
        with_schemas(Any={"oneOf": [{"type": "string"}, {"type": "integer"}]}),
        with_schemas(Any={"oneOf": [{"type": "integer"}, {"type": "string"}]}),
    ),
    "nullable": (
        {"openapi": "3.0.4", "info": {"title": "T", "version": "1"}}
        | with_schemas(Pet={"type": "object", "properties": {"name": {"type": "string", "nullable": True}}}),
        with_schemas(Pet={"type": "object", "properties": {"name": {"type": ["string", "null"]}}}),
    ),
    "exclusive-bounds": (
        {"openapi": "3.0.4", "info": {"title": "T", "version": "1"}}
        | with_schemas(Number={"type": "integer", "minimum": 0, "exclusiveMinimum": True}),
        with_schemas(Number={"type": "integer", "exclusiveMinimum": 0}),
    ),
}


@pytest.mark.parametrize("name", SAME)
def test_another_way_of_writing_is_no_change(name: str) -> None:
    """Nothing is told of two contracts that mean the same."""
    old, new = SAME[name]
    assert compare(contract(old, "old"), contract(new, "new"), TODAY) == []


@pytest.mark.parametrize(
    "branches",
    [
        BRANCHES[:2],
        [*BRANCHES[:2], {"type": "string", "maxLength": 6}],
        [*BRANCHES, {"type": "integer"}],
        [{"type": "integer", "minimum": 2, "maxLength": 5}, {"type": "null"}, {"type": "string"}],
        [*BRANCHES[:2], {"type": "string", "maxLength": 5, "enum": ["a"]}],
        [*BRANCHES[:2], {"type": "string", "maxLength": 5, "format": "date"}],
    ],
    ids=["one less", "another bound", "a type twice", "the bound of another type", "an enum", "a format"],
)
def test_branches_that_mean_another_thing_than_a_list_of_types(branches: list[Any]) -> None:
    """A list of types that became branches which allow something else, or overlap, is a change."""
    old, new = with_schemas(Value=TYPES), with_schemas(Value={"oneOf": branches})
    assert compare(contract(old, "old"), contract(new, "new"), TODAY) != []


def test_operations_whose_paths_differ_in_names_alone() -> None:
    """Two operations whose paths have the same shape are each compared with the one of the same names."""
    text = """
        paths:
          /pets/{id}: {get: {operationId: a, responses: {'200': {description: By id}}}}
          /pets/{name}: {get: {operationId: b, responses: {'200': {description: By name}}}}
        """
    assert compare(contract(text, "old"), contract(f"{text}\n", "new"), TODAY) == []


@pytest.mark.parametrize(("length", "is_told"), [(10, True), (900, False)])
def test_schemas_that_lead_to_schemas_many_times(length: int, is_told: bool) -> None:
    """What is at the end of a chain of schemas is compared; of a chain without measure only the beginning is."""
    chain = {
        f"S{number}": {"allOf": [{"$ref": f"#/components/schemas/S{number + 1}"}, {"minProperties": 1}]}
        for number in range(length)
    }
    end = f"S{length}"
    old, new = (with_schemas(**chain, **{end: {"type": "object", "required": [name]}}) for name in "ab")
    assert (compare(contract(old, "old"), contract(new, "new"), TODAY) != []) is is_told


def test_swagger_2_and_openapi_3_1_that_mean_the_same() -> None:
    """Swagger 2.0 and OpenAPI 3.1 are brought to one form before they are compared."""
    old = """
        swagger: '2.0'
        info: {title: Pets, version: '1'}
        basePath: /v1
        paths:
          /pets/{id}:
            put:
              consumes: [application/json]
              produces: [application/json]
              parameters:
                - {name: id, in: path, required: true, type: integer, minimum: 1}
                - {name: tags, in: query, type: array, items: {type: string}, collectionFormat: multi}
                - {name: pet, in: body, required: true, schema: {$ref: '#/definitions/Pet'}}
              responses:
                200: {description: A pet, schema: {$ref: '#/definitions/Pet'}}
        definitions:
          Pet: {type: object, properties: {name: {type: string, x-nullable: true}}}
        """
    new = """
        openapi: 3.1.0
        info: {title: Pets, version: '1'}
        servers: [{url: /v1}]
        paths:
          /pets/{petId}:
            put:
              parameters:
                - {name: petId, in: path, required: true, schema: {type: integer, minimum: 1}}
                - {name: tags, in: query, schema: {type: array, items: {type: string}}}
              requestBody:
                required: true
                content: {application/json: {schema: {$ref: '#/components/schemas/Animal'}}}
              responses:
                '200':
                  description: A pet
                  content: {application/json: {schema: {$ref: '#/components/schemas/Animal'}}}
        components:
          schemas:
            Animal: {type: object, properties: {name: {type: [string, 'null']}}}
        """
    assert compare(contract(old, "old"), contract(new, "new"), TODAY) == []


def reordered(value: JSON) -> JSON:
    """A value with the members of each object in the other order."""
    if isinstance(value, dict):
        return {key: reordered(value[key]) for key in reversed(list(value))}
    return [reordered(item) for item in value] if isinstance(value, list) else value


def rewritten(old: Contract) -> Contract:
    """A contract of the corpus as JSON, its keys in the other order."""
    file = (CORPUS / "reordered.json").as_uri()
    document = Library(CORPUS).add(file, "reordered.json", json.dumps(reordered(old.root.value)))
    return index(document.root, old.name)


@pytest.mark.parametrize(
    "name", ["museum.yaml", "petstore3-swagger.yaml", "burgershop-31.yaml", "cafe-3.2.yaml", "docker-engine.yaml"]
)
def test_a_real_document_as_json_in_another_order(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A document of the corpus is the same as JSON with its keys in another order."""
    if not (CORPUS / name).exists():
        pytest.skip(f"{CORPUS / name} is not here")
    monkeypatch.setattr(run, "is_same_text", lambda *_: False)
    old = read_contract(CORPUS / name)
    assert compare(old, rewritten(old), TODAY) == []
