"""Schemas that lead to the same others share what is compiled of these, and are judged as each would be by itself."""

from __future__ import annotations

from threading import Thread
from typing import Any

import jsonschema_rs
import pytest
from support.asking import contract

from tallystick.nouns import budgets
from tallystick.nouns.contract import Contract
from tallystick.nouns.schema import Direction
from tallystick.schemas.compiled import ContractSchema
from tallystick.schemas.validators import SharedValidator

KNOT = 80
REF = "#/components/schemas/"


def knotted(lists: int, *, extra: dict[str, Any] | None = None) -> Contract:
    """A contract with schemas that lead to each other in a circle, and operations whose replies are lists of them."""
    schemas: dict[str, Any] = {
        f"S{number}": {
            "type": "object",
            "required": ["id"],
            "properties": {
                "id": {"type": "integer"},
                "secret": {"type": "string", "writeOnly": True},
                "next": {"$ref": f"{REF}S{(number + 1) % KNOT}"},
                "other": {"anyOf": [{"type": "string"}, {"$ref": f"{REF}S{(number + 7) % KNOT}"}]},
            },
            **(extra or {}),
        }
        for number in range(KNOT)
    }
    paths: dict[str, Any] = {}
    for number in range(lists):
        rows = {"type": "array", "items": {"$ref": f"{REF}S{number % KNOT}"}}
        page = {"type": "object", "required": ["rows"], "properties": {"rows": rows, f"n{number}": {"type": "integer"}}}
        content = {"application/json": {"schema": page}}
        paths[f"/l{number}"] = {"get": {"responses": {"200": {"description": "d", "content": content}}}}
    return contract({"openapi": "3.1.0", "paths": paths, "components": {"schemas": schemas}})


def pages(described: Contract) -> list[ContractSchema]:
    """The schema of the reply of each operation."""
    schemas = [operation.responses[0].content[0].schema for operation in described]
    return [schema for schema in schemas if isinstance(schema, ContractSchema)]


def nested(levels: int) -> Any:
    """A page with a row that holds others, so many levels deep."""
    row: Any = {"id": 0}
    for number in range(levels):
        row = {"id": number, "next": row}
    return {"rows": [row]}


VALUES: list[Any] = [
    {"rows": []},
    {"rows": [{"id": 1, "next": {"id": 2, "other": {"id": 3}}}]},
    {"rows": [{"id": 1, "next": {"id": "2", "other": {"id": 3, "next": 5}}}]},
    {"rows": [{"next": {"other": None}}], "n0": "x", "n1": "x", "n2": "x"},
    {"n1": 1},
    [],
    "rows",
    nested(90),
    nested(250),
    nested(251),
    nested(252),
    nested(253),
    nested(254),
    nested(300),
]


def test_schemas_of_one_knot_share_an_engine() -> None:
    """Few engines hold what many large schemas lead to, and each value is judged as by a validator of the schema."""
    schemas = pages(knotted(40))
    judged = [schema.bundle(Direction.RESPONSE) for schema in schemas]
    engines = {id(engine) for engine in schemas[0].compiler.tables[Direction.RESPONSE].validators.engines.values()}
    assert all(isinstance(bundle.validator, SharedValidator) for bundle in judged)
    assert len(engines) == 1
    for schema in schemas[:3]:
        bundle = schema.bundle(Direction.RESPONSE)
        alone = bundle.compile(bundle.root)
        verdicts = [_verdict(alone, value) for value in VALUES]
        assert [_verdict(schema, value) for value in VALUES] == verdicts
        assert {"fits", "does not fit"} <= set(verdicts)


def _verdict(judge: jsonschema_rs.Validator | ContractSchema, value: Any) -> str:
    if isinstance(judge, ContractSchema):
        errors = judge.errors(value, Direction.RESPONSE)
        is_judged = all("cannot be judged" not in error.message for error in errors)
        return ("does not fit" if errors else "fits") if is_judged else "too deep"
    try:
        return "fits" if judge.is_valid(value) else "does not fit"
    except ValueError:
        return "too deep"


def test_errors_of_a_shared_schema_have_their_place() -> None:
    """A value is told where it breaks which line of the contract, as ever."""
    schema = pages(knotted(3))[1]
    (error,) = schema.errors({"rows": [{"id": 1, "next": {"id": "2"}}]}, Direction.RESPONSE)
    assert error.path == ("rows", 0, "next", "id")
    assert error.place.pointer == "/components/schemas/S2/properties/id/type"


def test_few_schemas_have_a_validator_of_their_own_beside() -> None:
    """Validators of single schemas, which mend values, are few at a time, however many have mended some."""
    schemas = pages(knotted(12))
    for schema in schemas:
        assert list(schema.bundle(Direction.RESPONSE).engine_errors({}))
    single = schemas[0].compiler.tables[Direction.RESPONSE].validators.single
    last = schemas[-budgets.SINGLE_VALIDATORS :]
    assert list(single) == [schema.bundle(Direction.RESPONSE).names[0] for schema in last]


def test_an_engine_takes_on_only_what_it_has_much_of_already() -> None:
    """Schemas that have little in common have engines of their own."""
    both = contract(
        {
            "openapi": "3.1.0",
            "paths": {
                f"/{knot}{number}": {
                    "get": {
                        "responses": {
                            "200": {
                                "description": "d",
                                "content": {"application/json": {"schema": {"$ref": f"{REF}{knot}{number}"}}},
                            }
                        }
                    }
                }
                for knot in "AB"
                for number in range(3)
            },
            "components": {
                "schemas": {
                    f"{knot}{number}": {"properties": {"next": {"$ref": f"{REF}{knot}{(number + 1) % KNOT}"}}}
                    for knot in "AB"
                    for number in range(KNOT)
                }
            },
        }
    )
    schemas = pages(both)
    assert all(schema.is_valid({"next": {"next": {}}}, Direction.RESPONSE) for schema in schemas)
    engines = schemas[0].compiler.tables[Direction.RESPONSE].validators.engines
    assert sorted(len(engine.schemas) for engine in {id(one): one for one in engines.values()}.values()) == [KNOT, KNOT]


def test_a_fault_of_a_shared_schema_is_told_by_each_that_leads_to_it() -> None:
    """A keyword that is not JSON Schema is left out once, and every schema that leads to it says so."""
    schemas = pages(knotted(3, extra={"pattern": "("}))
    told = [{fault.place.pointer for fault in schema.faults} for schema in schemas]
    assert told[0] == {f"{REF[1:]}S{number}/pattern" for number in range(KNOT)}
    assert told[1:] == told[:1] * 2


def replies(schemas: dict[str, Any], *names: str) -> list[ContractSchema]:
    """The schemas of replies that are some named schemas."""
    paths = {}
    for name in names:
        content = {"application/json": {"schema": {"$ref": REF + name}}}
        paths[f"/{name}"] = {"get": {"responses": {"200": {"description": "d", "content": content}}}}
    return pages(contract({"openapi": "3.1.0", "paths": paths, "components": {"schemas": schemas}}))


@pytest.mark.parametrize("order", [(0, 1), (1, 0), (1,)])
def test_what_one_schema_is_too_large_for_is_judged_by_another(order: tuple[int, ...]) -> None:
    """What cannot be compiled for a schema is left out of that alone, whichever is asked first."""
    schemas: dict[str, Any] = {f"S{number}": {"allOf": [{"$ref": f"{REF}S{number + 1}"}]} for number in range(101)}
    schemas["S101"] = {"allOf": [{"properties": {"b": True}}], "unevaluatedProperties": False}
    far_and_near = replies(schemas, "S0", "S41")
    for index in order:
        assert far_and_near[index].is_valid({"z": 1}, Direction.RESPONSE) is (index == 0)
        assert len(far_and_near[index].faults) == (1 if index == 0 else 0)


def test_an_alias_is_told_at_the_place_that_leads_to_it() -> None:
    """A part of a document that stands at two places is told where the schema has it, whatever was asked before."""
    shared = "&shared {type: object, properties: {n: {type: integer}}}"
    reply = "get: {responses: {'200': {description: d, content: {application/json: {schema: {%s}}}}}}"
    first = reply % f"properties: {{x: {shared}, y: {{$ref: '{REF}S'}}}}"
    second = reply % f"$ref: '{REF}S'"
    described = contract(f"""
openapi: 3.1.0
info: {{title: t, version: '1'}}
paths:
  /one: {{{first}}}
  /two: {{{second}}}
components: {{schemas: {{S: {{properties: {{part: *shared}}}}}}}}
""")
    one, two = pages(described)
    assert one.is_valid({}, Direction.RESPONSE)
    (error,) = two.errors({"part": {"n": "x"}}, Direction.RESPONSE)
    assert error.place.pointer == "/components/schemas/S/properties/part/properties/n/type"


def test_a_fault_behind_references_is_told_once() -> None:
    """A keyword that is not JSON Schema is left out where it stands, also where references lead to it in a circle."""
    schemas = {
        "S0": {"properties": {"b": {"$ref": f"{REF}S1"}}, "additionalProperties": {"pattern": "("}},
        "S1": {"allOf": [{"$ref": f"{REF}S0"}], "unevaluatedProperties": False},
    }
    for schema in replies(schemas, "S0", "S1", "S0"):
        assert schema.is_valid({"x": "y"}, Direction.RESPONSE)
        assert [fault.place.pointer for fault in schema.faults] == [
            "/components/schemas/S0/additionalProperties/pattern"
        ]


def test_errors_of_many_large_schemas_compile_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """The engine that schemas share tells why a value does not fit, so each new error costs no compiled form."""
    schemas = pages(knotted(12))
    assert all(schema.is_valid({"rows": []}, Direction.RESPONSE) for schema in schemas)
    monkeypatch.setattr(jsonschema_rs, "Draft202012Validator", None)
    for schema in schemas:
        (error,) = schema.errors({"rows": [{"id": "x"}]}, Direction.RESPONSE)
        assert error.path == ("rows", 0, "id")


def test_equal_small_schemas_share_a_validator() -> None:
    """Schemas of properties that are equal in text are compiled once; errors name the place of each."""
    properties = {"a": {"type": "integer"}, "b": {"type": "integer"}, "c": {"type": "string"}}
    content = {"application/json": {"schema": {"properties": properties}}}
    reply = {"responses": {"200": {"description": "d", "content": content}}}
    (schema,) = pages(contract({"openapi": "3.1.0", "paths": {"/": {"get": reply}}}))
    a, b, c = (schema.child("properties", name) for name in properties)
    bundles = [each.bundle(Direction.RESPONSE) for each in (a, b, c) if each is not None]
    assert bundles[0].validator is bundles[1].validator is not bundles[2].validator
    assert b is not None
    (error,) = b.errors("x", Direction.RESPONSE)
    assert error.place.pointer.endswith("/properties/b/type")


def test_threads_convert_schemas_at_once() -> None:
    """Schemas that several threads ask for first are all judged."""
    schemas = pages(knotted(16))
    verdicts: list[bool] = []

    def judge(schema: ContractSchema) -> None:
        verdicts.append(schema.is_valid({"rows": [{"id": 1}]}, Direction.RESPONSE))
        verdicts.append(not schema.is_valid({"rows": [{}]}, Direction.RESPONSE))

    threads = [Thread(target=judge, args=[schema]) for schema in schemas]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert verdicts == [True] * 32
