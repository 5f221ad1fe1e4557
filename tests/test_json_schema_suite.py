"""The JSON Schema Test Suite (draft 2020-12), asked through contracts: the verdicts of the judge, and generated values.

Left out are `format.json`, which wants formats to be annotations (the judge asserts them on purpose), and groups that
need a document from outside.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from typing import Any, NamedTuple

import pytest
from support.asking import asker, contract
from support.folders import CORPUS
from support.values import REQUEST, RESPONSE

from tallystick.examples.requests import example_request
from tallystick.examples.samples import Unsatisfiable, generate
from tallystick.nouns.contract import Contract, Operation
from tallystick.nouns.exchange import Exchange, Request, Response
from tallystick.rules.contract.document import judge_document
from tallystick.rules.judge import judge

SUITE = CORPUS.parent / "json-schema-suite" / "draft2020-12"
JSON_FIELDS = (("content-type", "application/json"),)
RULES_OF_REMOTE_GROUPS = {"reference-not-followed", "schema-dialect-unknown"}
WRONG_VERDICTS = {
    ("optional/bignum.json", "minimum integer comparison", "comparison works for very negative numbers"): (
        "the engine compares integers below the 64-bit range as doubles"
    ),
}
"""The verdicts that are not right, each with its reason."""

pytestmark = pytest.mark.skipif(not SUITE.is_dir(), reason=f"no JSON Schema Test Suite at {SUITE}")


class Group(NamedTuple):
    """A schema of the suite, its tests, and a contract with the schema as that of a request and of a response."""

    file: str
    name: str
    tests: list[dict[str, Any]]
    contract: Contract

    @property
    def operation(self) -> Operation:
        (operation,) = self.contract
        return operation

    @property
    def is_satisfiable(self) -> bool:
        return any(test["valid"] for test in self.tests)


def with_own_uri(schema: Any, number: int) -> Any:
    """A schema with an `$id`, so that its references mean itself and not the document around it."""
    if isinstance(schema, dict) and "$id" not in schema:
        return {"$id": f"https://suite.example/{number}", **schema}
    return schema


def body_of(schema: Any) -> dict[str, Any]:
    """A request or response with a JSON body of a schema."""
    return {"description": "Any.", "required": True, "content": {"application/json": {"schema": schema}}}


def read_groups() -> Iterator[Group]:
    number = 0
    for path in sorted(SUITE.rglob("*.json")):
        file = path.relative_to(SUITE).as_posix()
        for group in json.loads(path.read_text()) if file != "format.json" else ():
            number += 1
            body = body_of(with_own_uri(group["schema"], number))
            response = {key: value for key, value in body.items() if key != "required"}
            operation = {"operationId": "ask", "requestBody": body, "responses": {"200": response}}
            yield Group(file, group["description"], group["tests"], contract({"paths": {"/": {"post": operation}}}))


@cache
def groups() -> list[Group]:
    """The groups of the suite that need no document from outside."""
    return [
        group
        for group in read_groups()
        if RULES_OF_REMOTE_GROUPS.isdisjoint(violation.rule for violation in judge_document(group.contract))
    ]


def is_valid(operation: Operation, value: Any, direction: object) -> bool:
    """Whether the judge finds no violation in an exchange with a value as the body of one direction."""
    body = json.dumps(value).encode()
    request = Request("POST", "/", "", JSON_FIELDS, body)
    response = Response(200, JSON_FIELDS, body) if direction is RESPONSE else None
    violations = judge(operation, Exchange(request, response))
    return not [
        violation for violation in violations if violation.where.startswith("response") == (response is not None)
    ]


@pytest.mark.parametrize("direction", [REQUEST, RESPONSE])
def test_the_verdicts_are_those_of_the_suite(direction: object) -> None:
    """At least 99.8 % of the suite's verdicts are right, and each other one is known with its reason."""
    wrong: list[tuple[str, str, str]] = []
    count = 0
    for group in groups():
        for test in group.tests:
            count += 1
            if is_valid(group.operation, test["data"], direction) != test["valid"]:
                wrong.append((group.file, group.name, test["description"]))
    print(f"{count - len(wrong)} of {count} verdicts are right; not right: {wrong}")
    assert count > 2000
    assert len(wrong) <= 0.002 * count
    assert set(wrong) == set(WRONG_VERDICTS)


@pytest.mark.parametrize("direction", [REQUEST, RESPONSE])
def test_a_value_is_made_for_each_satisfiable_schema_of_the_suite(direction: Any) -> None:
    """For each schema that a value of the suite fits, a value is made, and it fits; for the others there is none."""
    not_made: list[tuple[str, str]] = []
    for group in groups():
        schema = group.operation.responses[0].content[0].schema
        assert schema is not None
        try:
            value = generate(schema, direction)
        except Unsatisfiable:
            if group.is_satisfiable:
                not_made.append((group.file, group.name))
        else:
            assert schema.is_valid(value, direction), group
    assert not_made == []


def test_requests_and_replies_of_the_suite_are_valid_or_told() -> None:
    """For each schema a request can be composed, and the mock gives a valid reply, unless no value fits."""
    for group in groups():
        try:
            request = example_request(group.operation)
        except Unsatisfiable:
            assert not group.is_satisfiable, group
            continue
        assert judge(group.operation, Exchange(request)) == [], group


@pytest.mark.slow
def test_the_mock_answers_with_each_schema_of_the_suite() -> None:
    """A mock starts with each schema of the suite, and its reply to a valid request is valid, or says what is wrong."""
    for group in groups():
        ask = asker(group.contract)
        try:
            request = example_request(group.operation)
        except Unsatisfiable:
            assert ask("POST /", {"Content-Type": "application/json"}, b"1").status >= 400
            continue
        response = ask(request)
        assert response.status == 200, group
        assert judge(group.operation, Exchange(request, response)) == [], group
