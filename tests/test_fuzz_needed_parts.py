"""What Schemathesis is given of a contract of which some operations are tested: those alone, and what they need."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from support.asking import contract
from support.fuzzing import fuzz

from tallystick.contracts.self_contained import self_contained
from tallystick.fuzz.credentials import GivenCredentials

OK = {"200": {"description": "OK"}}


def response(schema: dict[str, Any]) -> dict[str, Any]:
    """The responses of an operation that answers 200 with JSON of a schema."""
    return {"200": {"description": "OK", "content": {"application/json": {"schema": schema}}}}


def reference(name: str) -> dict[str, Any]:
    return {"$ref": f"#/components/schemas/{name}"}


def test_a_document_for_some_operations_has_only_what_they_refer_to() -> None:
    """Schemas that are referred to over several steps, and round in a circle, come along; others do not."""
    cat = {"type": "object", "properties": {"owner": reference("Owner"), "tag": {"$ref": "#/x-tags/short"}}}
    known = contract(
        {
            "paths": {
                "/cats": {"get": {"responses": response(reference("Cat")), "security": [{"key": []}]}},
                "/dogs": {"get": {"responses": response(reference("Dog"))}},
            },
            "components": {
                "schemas": {
                    "Dog": {"type": "object"},
                    "Cat": cat,
                    "Owner": {"type": "object", "properties": {"cats": {"type": "array", "items": reference("Cat")}}},
                },
                "securitySchemes": {"key": {"type": "apiKey", "in": "header", "name": "key"}},
            },
            "x-tags": {"short": {"type": "string"}},
            "x-notes": {"long": "text"},
        }
    )
    document = self_contained(known, ["GET /cats"])
    assert list(document["paths"]) == ["/cats"]
    assert sorted(document["components"]["schemas"]) == ["Cat", "Owner"]
    assert document["components"]["schemas"]["Cat"] == cat
    assert list(document["components"]["securitySchemes"]) == ["key"]
    assert document["x-tags"] == {"short": {"type": "string"}}
    assert "x-notes" not in document
    assert self_contained(known, ["GET /cats", "GET /dogs"]) == self_contained(known)


def test_a_schema_that_a_mapping_names_comes_along() -> None:
    """The mapping of a discriminator refers to schemas by their names too."""
    schema = {
        "oneOf": [reference("Cat")],
        "discriminator": {"propertyName": "kind", "mapping": {"cat": "Cat", "dog": "Dog"}},
    }
    kinds = {"type": "object", "required": ["kind"], "properties": {"kind": {"type": "string"}}}
    schemas = {"Cat": kinds, "Dog": kinds, "Bird": kinds}
    paths = {"/pets": {"get": {"responses": response(schema)}}, "/birds": {"get": {"responses": OK}}}
    document = self_contained(contract({"paths": paths, "components": {"schemas": schemas}}), ["GET /pets"])
    assert sorted(document["components"]["schemas"]) == ["Cat", "Dog"]


def test_a_document_for_some_operations_has_others_that_their_requests_or_links_lead_to() -> None:
    """A path whose template a request may fit as well, and one that a link leads to, are known too."""
    link = {"next": {"operationId": "getShop", "parameters": {"id": "1"}}}
    pointed = {"next": {"operationRef": "#/paths/~1clubs/get"}}
    identifier = {"parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}]}
    known = contract(
        {
            "paths": {
                "/pets/mine": {"get": {"responses": {"200": {**OK["200"], "links": {**link}}}}},
                "/pets/{id}": {**identifier, "get": {"responses": OK}},
                "/shops/{id}": {**identifier, "get": {"operationId": "getShop", "responses": OK}},
                "/clubs": {"get": {"responses": OK}},
                "/pets": {"get": {"responses": {"200": {**OK["200"], "links": {**pointed}}}}},
            }
        }
    )
    assert sorted(self_contained(known, ["GET /pets/mine"])["paths"]) == ["/pets/mine", "/pets/{id}", "/shops/{id}"]
    assert sorted(self_contained(known, ["GET /pets"])["paths"]) == ["/clubs", "/pets"]


def test_only_selected_operations_are_tested_where_parameters_have_documented_values(tmp_path: Path) -> None:
    """An operation that is not selected is not called, though the contract documents values for another one."""
    kind = {"name": "kind", "in": "query", "required": True, "schema": {"type": "string"}, "example": "cat"}
    paths = {"/pets": {"get": {"parameters": [kind], "responses": OK}}, "/shops": {"get": {"responses": OK}}}
    path = tmp_path / "api.json"
    path.write_text(json.dumps({"openapi": "3.1.0", "info": {"title": "T", "version": "1"}, "paths": paths}))
    called: set[str] = set()

    async def application(scope: Any, _: Any, send: Any) -> None:
        if scope["type"] != "http":
            raise RuntimeError("no lifespan")
        called.add(scope["path"])
        await send({"type": "http.response.start", "status": 200 if scope["method"] == "GET" else 405, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    outcome = fuzz(application, path, GivenCredentials(), include=["/pets"], max_examples=2)
    assert outcome.requests
    assert "/shops" not in called
