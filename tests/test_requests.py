"""A request that is made from a contract is judged clean, whatever the contract asks for."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.asking import contract
from support.asking import operation as operation_of
from support.folders import CORPUS, OPENAPI

from tallystick.contracts.read import read_contract
from tallystick.examples.requests import example_request
from tallystick.examples.samples import Unsatisfiable
from tallystick.nouns.contract import Operation
from tallystick.nouns.exchange import Exchange, Request
from tallystick.rules.judge import judge


def header(request: Request, name: str) -> str | None:
    """The value of a header of a request."""
    return next((value for field_name, value in request.headers if field_name == name), None)


@pytest.mark.parametrize("every", [False, True])
@pytest.mark.parametrize("seed", [0, 1, 7])
@pytest.mark.parametrize("file", sorted(OPENAPI.glob("*.yaml")), ids=lambda file: file.stem)
def test_a_request_for_our_own_contracts_is_judged_clean(file: Path, seed: int, every: bool) -> None:
    """For every operation, with what is required and with everything, from any seed."""
    for operation in read_contract(file):
        assert judge(operation, Exchange(example_request(operation, every, seed))) == []


EVERYTHING = """
    components:
      schemas:
        Ids: {type: array, items: {type: string, format: uuid}, minItems: 2}
        Point: {type: object, required: [x], properties: {x: {type: integer}}}
      securitySchemes:
        key: {type: apiKey, in: header, name: X-Key}
        query: {type: apiKey, in: query, name: api key}
        cookie: {type: apiKey, in: cookie, name: sid}
        token: {type: oauth2, flows: {}}
        login: {type: http, scheme: basic}
        digest: {type: http, scheme: digest}
    paths:
      /{id}/{name}.{kind}/{ids}/{point}:
        post:
          security: [{key: [], query: [], cookie: [], token: []}]
          parameters:
            - {name: id, in: path, required: true, schema: {type: integer, minimum: 5}}
            - {name: name, in: path, required: true, schema: {type: string, maxLength: 3}, example: a b}
            - {name: kind, in: path, required: true, schema: {enum: [json]}}
            - {name: ids, in: path, required: true, style: label, schema: {$ref: '#/components/schemas/Ids'}}
            - {name: point, in: path, required: true, style: matrix, schema: {$ref: '#/components/schemas/Point'}}
            - {name: q, in: query, required: true, schema: {$ref: '#/components/schemas/Ids'}}
            - {name: deep, in: query, required: true, style: deepObject, schema: {$ref: '#/components/schemas/Point'}}
            - {name: json, in: query, required: true, content: {a/json: {schema: {$ref: '#/components/schemas/Ids'}}}}
            - {name: X-When, in: header, required: true, schema: {type: string, format: date-time}}
            - {name: X-Free, in: header, required: true}
            - {name: theme, in: cookie, required: true, schema: {enum: [dark, light]}}
            - {name: optional, in: query, schema: {type: integer}}
            - {name: shown, in: query, schema: {type: integer}, example: 3}
          requestBody:
            required: true
            content:
              text/plain: {schema: {type: string}}
              application/json: {schema: {type: object, required: [at], properties: {at: {format: date-time}}}}
          responses: {}
"""


def test_every_part_of_a_request_is_made() -> None:
    """Parameters in every place and style, credentials of several schemes together, and a body, JSON before others."""
    operation = operation_of(EVERYTHING)
    request = example_request(operation)
    assert judge(operation, Exchange(request)) == []
    assert request.method == "POST"
    assert "/a%20b.json/" in request.path
    assert header(request, "content-type") == "application/json"
    assert header(request, "x-key") == "key"
    assert header(request, "authorization") == "Bearer token"
    assert "sid=key" in (header(request, "cookie") or "")
    assert "api%20key=key" in request.query
    assert "shown=3" in request.query
    assert "optional=" not in request.query
    assert "optional=" in example_request(operation, every=True).query


def test_the_same_request_is_made_again() -> None:
    """One contract and one seed make one request."""
    assert example_request(operation_of(EVERYTHING), seed=3) == example_request(operation_of(EVERYTHING), seed=3)


@pytest.mark.parametrize(
    ("scheme", "expected"),
    [("login", "Basic dXNlcjpwYXNzd29yZA=="), ("digest", "Digest token"), ("token", "Bearer token")],
)
def test_credentials_of_each_scheme(scheme: str, expected: str) -> None:
    """Credentials are well formed, and no more than that."""
    operation = operation_of(EVERYTHING.replace("{key: [], query: [], cookie: [], token: []}", f"{{{scheme}: []}}"))
    request = example_request(operation)
    assert header(request, "authorization") == expected
    assert judge(operation, Exchange(request)) == []


def test_a_parameter_of_a_keys_name_is_the_key() -> None:
    """A contract that describes its key as a parameter too has it sent once."""
    operation = operation_of(
        """
        components:
          securitySchemes:
            key: {type: apiKey, in: header, name: X-Key}
            q: {type: apiKey, in: query, name: k}
        paths:
          /:
            get:
              security: [{key: [], q: []}]
              parameters:
                - {name: x-key, in: header, required: true, schema: {enum: [abc]}}
                - {name: k, in: query, required: true, schema: {enum: [def]}}
              responses: {}
        """
    )
    request = example_request(operation)
    assert (request.headers, request.query) == ((("x-key", "abc"),), "k=def")
    assert judge(operation, Exchange(request)) == []


@pytest.mark.parametrize(
    "name",
    (
        "image/* */* text/* application/*+json multipart/* application/x-www-form-urlencoded text/csv "
        "multipart/form-data application/octet-stream application/xml application/x-ndjson text/event-stream"
    ).split(),
)
def test_a_body_of_any_media_type_is_made(name: str) -> None:
    """A range is sent as one of its types, and a body of a type that is not known is written too."""
    described = {
        "type": "object",
        "required": ["a", "b"],
        "properties": {"a": {"type": "integer"}, "b": {"type": "array", "items": {"type": "string"}}},
    }
    for schema in (described, {"type": "string"}, None):
        content = {name: {"schema": schema} if schema is not None else {}}
        body = {"required": True, "content": content}
        operation = operation_of({"paths": {"/": {"post": {"requestBody": body, "responses": {}}}}})
        request = example_request(operation)
        assert "*" not in (header(request, "content-type") or "*")
        assert judge(operation, Exchange(request)) == []


@pytest.mark.parametrize("name", ["application/x-www-form-urlencoded", "application/json", "text/plain"])
def test_a_whole_query_is_made(name: str) -> None:
    """A query that is described as a body is written as one."""
    described = (
        {"type": "string"} if name == "text/plain" else {"type": "object", "required": ["a"], "properties": {"a": {}}}
    )
    whole = {"name": "q", "in": "querystring", "required": True, "content": {name: {"schema": described}}}
    operation = operation_of(
        {
            "openapi": "3.2.0",
            "info": {"title": "Test", "version": "1"},
            "paths": {"/": {"get": {"parameters": [whole], "responses": {}}}},
        }
    )
    assert example_request(operation).query
    assert judge(operation, Exchange(example_request(operation))) == []


def test_what_is_not_required_and_cannot_be_is_left_out() -> None:
    """A parameter or body that no value fits is left out where it may be; another media type is tried before."""
    operation = operation_of(
        """
        paths:
          /:
            post:
              parameters: [{name: q, in: query, example: 1, schema: false}]
              requestBody: {content: {application/json: {schema: false}}}
              responses: {}
        """
    )
    assert example_request(operation) == Request("POST", "/")
    other = operation_of(
        """
        paths:
          /:
            post:
              requestBody:
                required: true
                content: {application/json: {schema: false}, text/plain: {schema: {const: yes}}}
              responses: {}
        """
    )
    request = example_request(other)
    assert (request.body, header(request, "content-type")) == (b"yes", "text/plain")


@pytest.mark.parametrize(
    "described",
    [
        {"parameters": [{"name": "q", "in": "query", "required": True, "schema": False}]},
        {"requestBody": {"required": True, "content": {"application/json": {"schema": False}}}},
    ],
)
def test_what_is_required_and_cannot_be_is_told(described: dict[str, object]) -> None:
    """Where no valid request is possible the place that makes it so is named."""
    operation = operation_of({"paths": {"/": {"post": {**described, "responses": {}}}}})
    with pytest.raises(Unsatisfiable, match=r"^test\.yaml:1: no value could be made for .*schema"):
        example_request(operation)


def test_a_template_without_a_parameter_is_filled_in() -> None:
    """A name of the path that no parameter describes stands for itself."""
    operation = operation_of({"paths": {"/{a b}": {"get": {"responses": {}}}}})
    assert example_request(operation).path == "/a%20b"


def test_an_operation_of_each_version() -> None:
    """Forms, files and bodies of Swagger 2.0 are written as those of later versions are."""
    parameters = [
        {"name": "photo", "in": "formData", "type": "file", "required": True},
        {"name": "ids", "in": "formData", "type": "array", "items": {"type": "integer"}, "collectionFormat": "ssv"},
    ]
    documented = contract(
        {
            "swagger": "2.0",
            "info": {"title": "Test", "version": "1"},
            "paths": {
                "/files": {"post": {"parameters": parameters, "responses": {}}},
                "/forms": {"post": {"parameters": parameters[1:], "responses": {}}},
                "/body": {
                    "post": {"parameters": [{"name": "b", "in": "body", "schema": {"type": "array"}}], "responses": {}}
                },
            },
        }
    )
    assert [judge(operation, Exchange(example_request(operation))) for operation in documented] == [[], [], []]


def faults(operation: Operation) -> list[str]:
    """The violations of the request for an operation; none where the contract allows no request."""
    try:
        return [str(violation) for violation in judge(operation, Exchange(example_request(operation)))]
    except Unsatisfiable:
        return []


@pytest.mark.slow
@pytest.mark.parametrize("file", sorted(CORPUS.glob("*.[yj]*")), ids=lambda file: file.name)
def test_a_request_for_real_documents_is_judged_clean(file: Path) -> None:
    """For every operation of documents as they are, where a request is possible at all."""
    documented = read_contract(file)
    wrong = {operation.label: messages for operation in documented if (messages := faults(operation))}
    assert wrong == {}


@pytest.mark.slow
def test_the_real_documents_are_there() -> None:
    """Where there are no real documents the tests on them are skipped, with the reason."""
    if not CORPUS.is_dir():
        pytest.skip(f"no real documents in {CORPUS}; name their folder with TALLYSTICK_CORPUS")
