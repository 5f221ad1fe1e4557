"""Swagger 2.0 documents become the nouns of OpenAPI 3, and a violation names the place in the document as it is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from support.asking import contract

from tallystick.contracts.read import read_contract
from tallystick.nouns.contract import Contract, Encoding, Operation, Parameter
from tallystick.nouns.schema import Direction


def swagger(**fields: Any) -> Contract:
    """A Swagger 2.0 contract with some fields."""
    return contract({"swagger": "2.0", "info": {"title": "Test", "version": "1"}, "paths": {}, **fields})


def operation(described: dict[str, Any], **fields: Any) -> Operation:
    """The one operation of a Swagger 2.0 contract."""
    (found,) = swagger(paths={"/": {"post": {"responses": {}, **described}}}, **fields)
    return found


def parameter(**fields: Any) -> Parameter:
    """A parameter of Swagger 2.0."""
    (found,) = operation({"parameters": [{"name": "p", "in": "query", "type": "string", **fields}]}).parameters
    return found


def content_of(found: Operation) -> list[str]:
    """The media types of an operation's body."""
    return (
        [body_format.media_type.text for body_format in found.request_body.content]
        if found.request_body is not None
        else []
    )


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"host": "a.example.com", "basePath": "/v1", "schemes": ["http", "https"]}, ["http", "https"]),
        ({"host": "a.example.com", "basePath": "/v1"}, ["https"]),
        ({"host": "a.example.com", "basePath": "/v1", "schemes": "http"}, ["https"]),
    ],
)
def test_host_and_base_path_are_servers(fields: dict[str, Any], expected: list[str]) -> None:
    """A server is a scheme, the host and the base path; without schemes it is reached by https."""
    assert [server.url for server in swagger(**fields).servers] == [f"{one}://a.example.com/v1" for one in expected]


def test_a_base_path_alone_is_a_relative_server() -> None:
    """Without a host the document is served where its base path is."""
    assert [server.url for server in swagger(basePath="/v1").servers] == ["/v1"]
    assert swagger().servers == ()
    (found,) = swagger(basePath="/v1", paths={"/": {"get": {"responses": {}}}})
    assert [server.base_path for server in found.servers] == ["/v1"]


@pytest.mark.parametrize(
    ("collection", "location", "style", "explode"),
    [
        (None, "query", "form", False),
        ("csv", "query", "form", False),
        ("ssv", "query", "spaceDelimited", False),
        ("tsv", "query", "tabDelimited", False),
        ("pipes", "query", "pipeDelimited", False),
        ("multi", "query", "form", True),
        ("csv", "path", "simple", False),
        ("multi", "header", "simple", False),
    ],
)
def test_a_collection_format_is_a_style(collection: str | None, location: str, style: str, explode: bool) -> None:
    """The collection format of a parameter says how its items are written."""
    fields = {"collectionFormat": collection} if collection is not None else {}
    found = parameter(**{"in": location, "type": "array", "items": {"type": "string"}, **fields})
    assert (found.style, found.explode) == (style, explode)


def test_a_parameter_is_its_own_schema() -> None:
    """Its keywords are judged, and its `required` is no keyword of a schema."""
    found = parameter(type="integer", maximum=5, exclusiveMaximum=True, required=True)
    assert found.required
    assert found.schema is not None
    assert [error.place.pointer for error in found.schema.errors(5, Direction.REQUEST)] == [
        "/paths/~1/post/parameters/0/exclusiveMaximum"
    ]
    assert getattr(found.schema, "faults") == ()  # noqa: B009 - the protocol of schemas has no faults


@pytest.mark.parametrize(
    ("fields", "expected"),
    [({"x-example": 1}, [1]), ({"example": 2}, [2]), ({"x-example": 1, "example": 2}, [1]), ({}, [])],
)
def test_examples_of_parameters(fields: dict[str, Any], expected: list[Any]) -> None:
    """A parameter has the example that Swagger's own tools read, or the one that the specification lacks."""
    assert [example.value for example in parameter(**fields).examples] == expected


def test_a_body_is_a_parameter() -> None:
    """The parameter in the body is the request body, in each media type that is consumed."""
    body = {"name": "b", "in": "body", "required": True, "schema": {"type": "object", "example": {"a": 1}}}
    found = operation(
        {"parameters": [body, {"name": "q", "in": "query", "type": "string"}]}, consumes=["text/json", "a/xml"]
    )
    assert content_of(found) == ["text/json", "a/xml"]
    assert found.request_body is not None
    assert found.request_body.required
    assert [example.value for example in found.request_body.content[0].examples] == [{"a": 1}]
    assert [one.name for one in found.parameters] == ["q"]


def test_a_body_may_have_an_example_of_its_own() -> None:
    """The body parameter's `x-example` is the example of the body."""
    found = operation({"parameters": [{"name": "b", "in": "body", "schema": {}, "x-example": [1]}]}).request_body
    assert found is not None
    assert [example.value for example in found.content[0].examples] == [[1]]


@pytest.mark.parametrize(
    ("own", "shared", "expected"),
    [
        (None, None, ["application/json"]),
        (None, ["a/b"], ["a/b"]),
        (["c/d"], ["a/b"], ["c/d"]),
        ([], ["a/b"], ["a/b"]),
        ("c/d", ["a/b"], ["a/b"]),
        ([1], None, ["application/json"]),
    ],
)
def test_what_is_consumed(own: Any, shared: Any, expected: list[str]) -> None:
    """An operation consumes what it says, else what the document says, else JSON."""
    described: dict[str, Any] = {"parameters": [{"name": "b", "in": "body", "schema": {}}]}
    if own is not None:
        described["consumes"] = own
    assert content_of(operation(described, **({"consumes": shared} if shared is not None else {}))) == expected


NAME = {"name": "name", "in": "formData", "type": "string", "maxLength": 3, "required": True}
IDS = {"name": "ids", "in": "formData", "type": "array", "items": {"type": "integer"}, "collectionFormat": "ssv"}
PHOTO = {"name": "photo", "in": "formData", "type": "file"}


@pytest.mark.parametrize(
    ("fields", "consumes", "expected"),
    [
        ([NAME, IDS], None, ["application/x-www-form-urlencoded"]),
        ([NAME, PHOTO], None, ["multipart/form-data"]),
        ([NAME], ["application/json", "multipart/form-data"], ["multipart/form-data"]),
        ([NAME], ["application/json"], ["application/x-www-form-urlencoded"]),
    ],
)
def test_form_fields_are_a_form(fields: list[Any], consumes: list[str] | None, expected: list[str]) -> None:
    """Form fields are one object in a form, or in parts where one of them is a file."""
    found = operation({"parameters": fields, **({"consumes": consumes} if consumes is not None else {})})
    assert content_of(found) == expected
    assert found.request_body is not None
    assert found.request_body.required
    assert found.request_body.content[0].encoding["name"] == Encoding(style="form", explode=False)
    assert found.parameters == ()


def test_a_form_field_is_judged_at_its_own_place(tmp_path: Path) -> None:
    """A field that stands elsewhere, or in another file, is named with the place where it stands."""
    (tmp_path / "shared.yaml").write_text("a b:\n  c/d: {name: far, in: formData, type: integer, required: true}\n")
    file = tmp_path / "pets.yaml"
    file.write_text(
        "swagger: '2.0'\n"
        "info: {title: Pets, version: '1'}\n"
        "parameters:\n"
        "  Near: {name: near, in: formData, type: integer}\n"
        "paths:\n"
        "  /:\n"
        "    parameters:\n"
        "      - {name: own, in: formData, type: integer}\n"
        "    post:\n"
        "      parameters:\n"
        "        - {$ref: '#/parameters/Near'}\n"
        "        - {$ref: 'shared.yaml#/a%20b/c~1d'}\n"
        "      responses: {}\n"
    )
    (found,) = read_contract(file)
    assert found.request_body is not None
    schema = found.request_body.content[0].schema
    assert schema is not None
    errors = list(schema.errors({"own": "x", "near": "x", "far": "x"}, Direction.REQUEST))
    assert {(Path(error.place.file).name, error.place.line, error.place.pointer) for error in errors} == {
        ("pets.yaml", 8, "/paths/~1/parameters/0/type"),
        ("pets.yaml", 4, "/parameters/Near/type"),
        ("shared.yaml", 2, "/a b/c~1d/type"),
    }
    assert not schema.is_valid({}, Direction.REQUEST)


def test_responses() -> None:
    """A response has its schema in each media type that is produced, with the example of that type or of the schema."""
    responses = {
        "200": {
            "description": "Pet",
            "headers": {"X-Ids": {"type": "array", "items": {"type": "integer"}}, "Content-Type": {"type": "string"}},
            "schema": {"type": "object", "example": {"a": 1}},
            "examples": {"application/xml": "<a/>"},
        },
        "201": {"description": "Nothing"},
        "202": {"description": "File", "schema": {"type": "file"}},
    }
    found = operation({"responses": responses, "produces": ["application/json", "application/xml"]})
    pet, nothing, file = found.responses
    assert [(one.media_type.text, [example.value for example in one.examples]) for one in pet.content] == [
        ("application/json", [{"a": 1}]),
        ("application/xml", ["<a/>"]),
    ]
    assert [(header.name, header.style, header.required) for header in pet.headers] == [("X-Ids", "simple", False)]
    assert (nothing.content, nothing.description) == ((), "Nothing")
    assert [one.schema for one in file.content] == [None, None]


def test_security_schemes() -> None:
    """Basic credentials are those of an HTTP scheme; the others are as in later versions."""
    found = swagger(
        securityDefinitions={
            "login": {"type": "basic"},
            "key": {"type": "apiKey", "in": "query", "name": "k"},
            "oauth": {"type": "oauth2", "flow": "implicit"},
        },
        security=[{"login": []}, {"key": [], "oauth": []}],
        paths={"/": {"get": {"responses": {}}}},
    )
    assert [(scheme.kind, scheme.scheme) for scheme in found.security_schemes.values()] == [
        ("http", "basic"),
        ("apiKey", ""),
        ("oauth2", ""),
    ]
    (known,) = found
    assert [[scheme.id for scheme in schemes] for schemes in known.security] == [["login"], ["key", "oauth"]]


def test_a_parameter_that_is_none_loses_no_operation() -> None:
    """A parameter without a place is told, and its operation stays without it."""
    found = swagger(
        paths={
            "/a": {"get": {"parameters": [{"name": "x", "type": "string"}], "responses": {}}},
            "/b": {"get": {"parameters": [{"name": "Accept", "in": "header", "type": "string"}], "responses": {}}},
        }
    )
    assert [(known.path, known.parameters) for known in found] == [("/a", ()), ("/b", ())]
    assert [violation.rule for violation in found.unreadable_parts] == ["unreadable-part"]
