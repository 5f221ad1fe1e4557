"""Whatever stands in a place of a document, the rest of it is read."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import pytest
from support import asking

from tallystick.nouns.errors import UnreadableError
from tallystick.wire.forms import form_fields
from tallystick.wire.reading import reader_of

DONE = {"200": {"description": "Done"}}


JUNK: tuple[Any, ...] = (None, True, 5, "junk", [], [5], {}, {"a": 5}, {"$ref": "#/nowhere"}, {"$ref": "http://[x"})


def everything(version: str) -> dict[str, Any]:
    """A document of OpenAPI 3: `POST /a/{i}` has something of each kind that is indexed, and `GET /b` little."""
    key: dict[str, list[str]] = {"k": []}
    referred = {"$ref": "#/components/schemas/S"}
    encoded = {"f": {"contentType": "text/plain", "style": "form", "explode": True}}
    form = {"schema": {"type": "object", "properties": {"f": {"type": "string"}}}, "encoding": encoded}
    answer = {
        "description": "Done",
        "headers": {"X-A": {"schema": {"type": "string"}, "example": "x"}},
        "content": {"application/json": {"schema": {"allOf": [referred]}, "example": {}}},
        "links": {"again": {"operationId": "one", "parameters": {"i": 1}}},
    }
    post = {
        "operationId": "one",
        "parameters": [
            {"name": "q", "in": "query", "style": "form", "schema": {"example": "x"}, "examples": {"e": {"value": 1}}},
            {"name": "h", "in": "header", "content": {"application/json": {"schema": {}}}},
        ],
        "security": [key],
        "requestBody": {"required": True, "content": {"application/json": {"schema": referred}, "multipart/*": form}},
        "responses": {"200": answer, "default": {"description": "Else"}},
    }
    shared = {"name": "i", "in": "path", "required": True, "schema": {"type": "integer"}}
    item = {"parameters": [shared], "servers": [{"url": "/x"}], "post": post}
    return {
        "openapi": version,
        "info": {"title": "T", "version": "1"},
        "servers": [{"url": "/{v}", "variables": {"v": {"default": "v1"}}}],
        "security": [key],
        "paths": {"/a/{i}": item, "/b": {"get": {"responses": DONE}, "additionalOperations": {"COPY": {}}}},
        "components": {
            "schemas": {"S": {"type": "object", "required": ["n"], "properties": {"n": {"enum": ["a"]}}}},
            "securitySchemes": {"k": {"type": "apiKey", "in": "header", "name": "X-K"}},
        },
    }


def everything_of_swagger() -> dict[str, Any]:
    """The same of Swagger 2.0; `PUT /a/{i}` has a form."""
    post = {
        "consumes": ["application/json"],
        "produces": ["text/plain"],
        "security": [{"k": []}],
        "parameters": [
            {"name": "q", "in": "query", "type": "array", "items": {}, "collectionFormat": "csv", "x-example": ["a"]},
            {"name": "b", "in": "body", "required": True, "schema": {"$ref": "#/definitions/S"}},
        ],
        "responses": {
            "200": {
                "description": "Done",
                "schema": {"type": "file"},
                "headers": {"X-A": {"type": "string"}},
                "examples": {"text/plain": "x"},
            }
        },
    }
    form = [{"name": "f", "in": "formData", "type": "file"}, {"name": "g", "in": "formData", "required": True}]
    put = {"consumes": ["multipart/form-data"], "parameters": form, "responses": DONE}
    shared = {"name": "i", "in": "path", "required": True, "type": "integer"}
    return {
        "swagger": "2.0",
        "info": {"title": "T", "version": "1"},
        "host": "h",
        "basePath": "/v",
        "schemes": ["http"],
        "consumes": ["application/json"],
        "security": [{"k": []}],
        "securityDefinitions": {"k": {"type": "apiKey", "in": "header", "name": "X-K"}, "b": {"type": "basic"}},
        "paths": {"/a/{i}": {"parameters": [shared], "post": post, "put": put}, "/b": {"get": {"responses": DONE}}},
        "definitions": {"S": {"type": "object", "properties": {"n": {"type": "string"}}}},
    }


def parts(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path of every part of a value, and not of the whole."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield (*path, key)
        yield from parts(item, (*path, key))


@pytest.mark.parametrize(
    "document",
    [everything_of_swagger(), *map(everything, ("3.0.0", "3.1.0", "3.2.0"))],
    ids=["2.0", "3.0", "3.1", "3.2"],
)
def test_junk_in_one_place_is_no_fault_and_takes_no_other_operation_with_it(document: dict[str, Any]) -> None:
    """Whatever stands in a part of a document, it is read or there is an error, and the other operations are there."""
    for path in parts(document):
        for junk in JUNK:
            changed = deepcopy(document)
            holder = changed
            for key in path[:-1]:
                holder = holder[key]
            holder[path[-1]] = junk
            try:
                known = asking.contract(changed)
            except UnreadableError:
                assert path[0] != "paths" or len(path) < 2, (path, junk)
                continue
            for operation in known:
                reader_of(operation)
                for body_format in operation.request_body.content if operation.request_body is not None else ():
                    form_fields(body_format)
            labels = {one.label for one in known}
            if path[0] == "paths" and len(path) > 1:
                assert ("POST /a/{i}" if path[1] == "/b" else "GET /b") in labels, (path, junk)
                assert known.unreadable_parts or "POST /a/{i}" in labels or path[1:] in HOLDERS, (path, junk)


HOLDERS = (("/a/{i}",), ("/a/{i}", "post"), ("/b",), ("/b", "get"))
"""Parts in whose place something else can stand that has no operation, and is sound as far as the indexer looks."""
