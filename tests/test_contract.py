"""A document becomes a contract: operations with all that is theirs, and what could not be read beside them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from support import asking

from tallystick.contracts.read import read_contract
from tallystick.nouns.contract import Contract, Operation
from tallystick.nouns.errors import UnreadableError
from tallystick.nouns.schema import Direction

DONE = {"200": {"description": "Done"}}


def contract(folder: Path, name: str = "api.json", openapi: str = "3.1.0", **fields: Any) -> Contract:
    """The contract that a document with these fields is."""
    file = folder / name
    file.write_text(json.dumps({"openapi": openapi, "info": {"title": "T", "version": "1"}, **fields}))
    return read_contract(file)


def operation(folder: Path, path: str = "/a", item: dict[str, Any] | None = None, **fields: Any) -> Operation:
    """The operation `GET` of a document that has no other; what is no field of it is one of the document."""
    own = {key: value for key, value in fields.items() if key in ("parameters", "requestBody", "responses", "security")}
    rest = {key: value for key, value in fields.items() if key not in own}
    paths = {path: {**(item or {}), "get": {"responses": DONE, **own, **rest.pop("operation", {})}}}
    (only,) = contract(folder, paths=paths, **rest)
    return only


def test_a_contract_has_a_name_a_version_and_its_operations(tmp_path: Path) -> None:
    """The name is the file's in lower case with dashes, and operations are in the document's order."""
    known = contract(
        tmp_path, "My API_v2.json", paths={"/b": {"post": {"operationId": "x"}, "get": {}}, "/a": {"get": {}}}
    )
    assert (known.name, known.version, known.title) == ("my-api-v2", "3.1.0", "T")
    assert [one.label for one in known] == ["POST /b", "GET /b", "GET /a"]
    assert [one.operation_id for one in known] == ["x", None, None]
    assert contract(tmp_path, "§.json").name == "contract"


def test_an_operation_is_where_its_key_is(tmp_path: Path) -> None:
    """The place of an operation has the line and the pointer of its method."""
    file = tmp_path / "x.yaml"
    file.write_text("openapi: 3.0.0\ninfo: {}\npaths:\n  /a/{b}:\n    get:\n      responses: {}\n")
    (only,) = read_contract(file)
    assert (only.place.line, only.place.pointer) == (5, "/paths/~1a~1{b}/get")


def test_the_own_parameter_goes_before_the_shared_one(tmp_path: Path) -> None:
    """Name and location tell parameters apart, header names in any case; some headers are to be ignored."""
    shared = [
        {"name": "id", "in": "query", "schema": {"type": "string"}},
        {"name": "X-Key", "in": "header"},
        {"name": "only", "in": "cookie"},
        {"name": "Authorization", "in": "header"},
    ]
    own = [
        {"name": "id", "in": "query", "schema": {"type": "integer"}},
        {"name": "x-key", "in": "header", "required": True},
        {"name": "id", "in": "path"},
        {"name": "Accept", "in": "header"},
    ]
    one = operation(tmp_path, "/a/{id}", {"parameters": shared}, parameters=own)
    assert [(each.where, each.required) for each in one.parameters] == [
        ("query.id", False),
        ("header.x-key", True),
        ("path.id", True),
        ("cookie.only", False),
    ]
    schema = one.parameters[0].schema
    assert schema is not None
    assert schema.value == {"type": "integer"}


@pytest.mark.parametrize(
    ("written", "style", "explode"),
    [
        ({"in": "query"}, "form", True),
        ({"in": "cookie"}, "form", True),
        ({"in": "path"}, "simple", False),
        ({"in": "header"}, "simple", False),
        ({"in": "query", "style": "pipeDelimited"}, "pipeDelimited", False),
        ({"in": "query", "explode": False}, "form", False),
        ({"in": "path", "style": "matrix", "explode": True}, "matrix", True),
    ],
)
def test_style_and_explode_have_their_defaults(written: Any, style: str, explode: bool, tmp_path: Path) -> None:
    """The default style is the location's, and the default of explode the style's."""
    (only,) = operation(tmp_path, "/{x}", parameters=[{"name": "x", **written}]).parameters
    assert (only.style, only.explode) == (style, explode)


def test_names_that_begin_with_x_are_names(tmp_path: Path) -> None:
    """Headers, schemes and examples may be called x-something; only paths and responses have extensions."""
    known = contract(
        tmp_path,
        paths={
            "/a": {
                "get": {
                    "security": [{"x-key": []}],
                    "responses": {
                        "200": {
                            "description": "",
                            "headers": {"x-rate": {}, "Content-Type": {}},
                            "content": {"a/b": {"examples": {"x-one": {"value": 1}}}},
                        },
                        "x-other": {"description": "none"},
                    },
                }
            },
            "x-paths": {"get": {}},
        },
        components={"securitySchemes": {"x-key": {"type": "apiKey", "name": "k", "in": "query"}}},
    )
    (only,) = known
    (response,) = only.responses
    assert [header.name for header in response.headers] == ["x-rate"]
    assert [example.name for example in response.content[0].examples] == ["x-one"]
    assert [[scheme.id for scheme in one] for one in only.security] == [["x-key"]]
    assert known.unreadable_parts == ()


def test_responses_are_chosen_from_the_narrowest(tmp_path: Path) -> None:
    """The status itself goes before its range, and that before the default; what is no status is no response."""
    listed = {key: {"description": key} for key in ("default", "4xx", "404", "2XX", "99", "600")}
    one = operation(tmp_path, responses=listed)
    chosen = {status: found.status if (found := one.response_for(status)) else None for status in (200, 404, 418, 500)}
    assert chosen == {200: "2XX", 404: "404", 418: "4XX", 500: "default"}
    assert operation(tmp_path, responses={"200": {"description": ""}}).response_for(404) is None


def test_security_is_the_operations_or_the_documents(tmp_path: Path) -> None:
    """An empty list means none; an alternative without schemes means that none is needed."""
    schemes = {"a": {"type": "http", "scheme": "Bearer"}, "b": {"type": "apiKey", "name": "k", "in": "header"}}
    common = {"components": {"securitySchemes": schemes}, "security": [{"a": [], "b": []}]}
    paths = {"/a": {"get": {}, "put": {"security": []}, "post": {"security": [{"b": []}, {}, {"unknown": []}]}}}
    get, put, post = contract(tmp_path, paths=paths, **common)
    ids = [[[scheme.id for scheme in one] for one in each.security] for each in (get, put, post)]
    assert ids == [[["a", "b"]], [], [["b"], [], []]]
    assert get.security[0][0].scheme == "bearer"


def test_the_nearest_servers_count(tmp_path: Path) -> None:
    """The operation's servers go before the path item's, and these before the document's; variables are filled in."""
    variables = {"v": {"default": "v2"}, "n": {"default": 7}}
    paths = {
        "/a": {"get": {}, "put": {"servers": [{"url": "https://put.example.com:8443/x/?q#f"}]}},
        "/b": {"servers": [{"url": "/b"}], "get": {}},
    }
    known = contract(
        tmp_path, paths=paths, servers=[{"url": "https://API.example.com/{v}/{n}/{w}", "variables": variables}]
    )
    servers = {one.label: [(server.host, server.base_path) for server in one.servers] for one in known}
    assert servers == {
        "GET /a": [("api.example.com", "/v2/7/{w}")],
        "PUT /a": [("put.example.com:8443", "/x")],
        "GET /b": [("", "/b")],
    }


def test_examples_come_from_the_nearest_place(tmp_path: Path) -> None:
    """Named ones go before a single one, and these before those of the schema, which may be a reference."""
    components = {
        "schemas": {"S": {"type": "integer", "examples": [1, 2]}, "T": {"example": 3}},
        "examples": {"shared": {"value": 9, "summary": "Nine"}},
    }
    named = {"a": {"$ref": "#/components/examples/shared"}, "b": {"value": None}, "c": {"externalValue": "x"}}
    content = {
        "a/named": {"schema": {"$ref": "#/components/schemas/S"}, "example": 5, "examples": named},
        "a/single": {"schema": {"$ref": "#/components/schemas/S"}, "example": None},
        "a/schema": {"schema": {"$ref": "#/components/schemas/S"}},
        "a/old": {"schema": {"$ref": "#/components/schemas/T"}},
        "a/none": {"schema": {}},
    }
    one = operation(tmp_path, responses={"200": {"description": "", "content": content}}, components=components)
    found = {
        body_format.media_type.text: [(example.name, example.value) for example in body_format.examples]
        for body_format in one.responses[0].content
    }
    assert found == {
        "a/named": [("a", 9), ("b", None)],
        "a/single": [("example", None)],
        "a/schema": [("example-1", 1), ("example-2", 2)],
        "a/old": [("example", 3)],
        "a/none": [],
    }


def test_links_and_bodies_are_read(tmp_path: Path) -> None:
    """A body has its media types in order, and a link what it feeds."""
    body = {"required": True, "content": {"b/b": {}, "a/a": {"itemSchema": {"type": "string"}}}}
    link = {"operationId": "other", "parameters": {"id": "$response.body#/id"}, "requestBody": 5}
    responses = {"200": {"description": "", "links": {"next": link, "ref": {"operationRef": "#/x"}}}}
    one = operation(tmp_path, requestBody=body, responses=responses)
    assert one.request_body is not None
    assert (one.request_body.required, [each.media_type.text for each in one.request_body.content]) == (
        True,
        ["b/b", "a/a"],
    )
    first, second = one.responses[0].links
    assert (first.operation_id, dict(first.parameters), first.request_body) == (
        "other",
        {"id": "$response.body#/id"},
        5,
    )
    assert (second.operation_id, second.operation_ref) == (None, "#/x")


def test_a_fault_loses_no_more_than_its_part_and_says_why(tmp_path: Path) -> None:
    """What is around it stays, and each fault has the place at which it can be mended."""
    file = tmp_path / "x.yaml"
    file.write_text(
        "openapi: 3.1.0\ninfo: {}\npaths:\n"
        "  /lost:\n    $ref: '#/nowhere'\n"
        "  /bad:\n    get:\n      parameters:\n        - {name: x, in: nowhere}\n"
        "    put: text\n    post: {responses: {'200': {$ref: '#/none'}, '201': {description: Made}}}\n"
        "  /good: {get: {}}\n"
    )
    known = read_contract(file)
    assert [(one.label, one.parameters) for one in known] == [("GET /bad", ()), ("POST /bad", ()), ("GET /good", ())]
    assert [one.status for one in known.operations[1].responses] == ["200", "201"]
    assert [(problem.contract.line, problem.message) for problem in known.unreadable_parts] == [
        (4, "the reference #/nowhere leads nowhere; there is no '/nowhere' in " + str(file)),
        (9, "a parameter needs an `in` of path, query, header or cookie"),
        (10, "an operation must be an object; PUT /bad is not"),
        (11, "the reference #/none leads nowhere; there is no '/none' in " + str(file)),
    ]


def test_each_version_has_its_methods(tmp_path: Path) -> None:
    """`QUERY` and methods of one's own are those of OpenAPI 3.2."""
    item = {"get": {}, "query": {}, "trace": {}, "additionalOperations": {"Purge": {}}}
    for version, expected in (("3.1.0", ["GET", "TRACE"]), ("3.2.0", ["GET", "QUERY", "TRACE", "Purge"])):
        assert [one.method for one in contract(tmp_path, openapi=version, paths={"/a": item})] == expected


@pytest.mark.parametrize("paths", [None, {}, [], "text", {"/a": None}, {"/a": {"get": None}}, {"a": {"get": {}}}])
def test_a_document_without_operations_has_none(paths: Any, tmp_path: Path) -> None:
    """Whatever stands for the paths, reading the document does not break down."""
    assert contract(tmp_path, paths=paths).operations == ()


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ("name: x\n", "there is no `openapi` (or `swagger`) field; known versions: 2.0, 3.0, 3.1, 3.2"),
        ("openapi: 4.0.0\n", "the OpenAPI version '4.0.0' is not known; known versions: 2.0, 3.0, 3.1, 3.2"),
        ("swagger: '1.2'\n", "the OpenAPI version '1.2' is not known; known versions: 2.0, 3.0, 3.1, 3.2"),
    ],
)
def test_a_version_that_is_not_known_is_no_contract(document: str, said: str, tmp_path: Path) -> None:
    """The message names the versions that are."""
    file = tmp_path / "x.yaml"
    file.write_text(document)
    with pytest.raises(UnreadableError) as error:
        read_contract(file)
    assert said in str(error.value)


def test_a_request_finds_its_operation(tmp_path: Path) -> None:
    """By method and path, literal segments first; the methods of a path are all that some template gives it."""
    paths = {"/pets/{id}": {"get": {}, "put": {}}, "/pets/mine": {"get": {}}, "/pets/{name}": {"delete": {}}}
    known = contract(tmp_path, paths=paths)

    def found(method: str, path: str) -> tuple[str, tuple[str, ...]] | None:
        match = known.find(method, path)
        return (match[0].label, match[1]) if match else None

    assert found("GET", "/pets/mine") == ("GET /pets/mine", ())
    assert found("PUT", "/pets/mine") == ("PUT /pets/{id}", ("mine",))
    assert found("DELETE", "/pets/a%2Fb") == ("DELETE /pets/{name}", ("a%2Fb",))
    assert found("POST", "/pets/1") is None
    assert found("GET", "/pets/") is None
    assert known.methods("/pets/mine") == ("GET", "PUT", "DELETE")
    assert known.methods("/") == ()


def test_a_schema_is_judged_in_its_direction(tmp_path: Path) -> None:
    """What is only read need not be sent, and what is only written need not come back."""
    schema = {
        "type": "object",
        "required": ["id", "secret"],
        "properties": {"id": {"readOnly": True}, "secret": {"writeOnly": True}},
    }
    (only,) = operation(tmp_path, parameters=[{"name": "x", "in": "query", "schema": schema}]).parameters
    assert only.schema is not None
    verdicts = {(key, way): only.schema.is_valid({key: 1}, way) for key in ("id", "secret") for way in Direction}
    assert verdicts == {
        ("id", Direction.REQUEST): False,
        ("id", Direction.RESPONSE): True,
        ("secret", Direction.REQUEST): True,
        ("secret", Direction.RESPONSE): False,
    }


def test_a_path_item_beside_its_reference_counts(tmp_path: Path) -> None:
    """What stands beside a `$ref` goes before what that leads to; parameters and servers of both are those of each."""
    shared = {"name": "i", "in": "path", "required": True}
    (tmp_path / "item.json").write_text(
        json.dumps({"get": {"operationId": "theirs"}, "put": {"operationId": "put"}, "servers": [{"url": "/x"}]})
    )
    item = {"$ref": "item.json", "parameters": [shared], "get": {"operationId": "ours"}, "post": {}}
    known = contract(tmp_path, paths={"/a/{i}": item})
    assert [(one.method, one.operation_id) for one in known] == [("GET", "ours"), ("POST", None), ("PUT", "put")]
    assert {tuple(parameter.name for parameter in one.parameters) for one in known} == {("i",)}
    assert {one.servers[0].url for one in known} == {"/x"}
    assert known.unreadable_parts == ()


def test_a_path_item_beside_a_reference_to_nothing_counts(tmp_path: Path) -> None:
    """The reference is a problem, and the operations beside it are there."""
    known = contract(tmp_path, paths={"/a": {"$ref": "nothing.json", "get": {}}})
    assert [one.label for one in known] == ["GET /a"]
    assert [one.rule for one in known.unreadable_parts] == ["unreadable-part"]


@pytest.mark.parametrize(
    ("described", "value"),
    [
        ({"pattern": "x{1}" * 1000}, "a"),
        ({"enum": ["y" * 5000] * 50}, "a"),
        ({"const": ["y" * 5000]}, "a"),
        ({"required": ["z" * 5000]}, {}),
        ({"properties": {"a": {}}, "additionalProperties": False}, {"z" * 5000: 1, "y": 2}),
        ({"contains": {"const": 1}}, ["z" * 5000]),
    ],
)
def test_a_message_is_short_whatever_the_schema_and_the_value(described: dict[str, Any], value: Any) -> None:
    """A long pattern, name or value is cut."""
    (error,) = asking.schema(described).errors(value, Direction.REQUEST)
    assert len(error.message) < 1200
    assert "…" in error.message
