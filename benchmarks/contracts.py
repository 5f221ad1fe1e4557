"""The documents that are served: ours, their twins in OpenAPI 3.0, all of them in one, and generated ones."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from benchmarks.results import ROOT, WORK
from tallystick.documents.library import load

Json = Any
DOCUMENTS = WORK / "documents"
OPENAPI = sorted((ROOT / "openapi").glob("*.yaml"))
BEARER = ("Authorization", "Bearer benchmark")
JSON_BODY = ("Content-Type", "application/json")


@dataclass(frozen=True)
class HttpRequest:
    """A request to send."""

    method: str
    path: str
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""


@dataclass(frozen=True)
class Task:
    """One document, the request that is measured on it, its documented reply, and requests that must be refused.

    `twin` is the document in OpenAPI 3.0, without ranges of status codes, for servers that do not read 3.1.
    `bad_requests` are pairs of what is wrong (credentials, parameter, body) and the request. `schema` is that of the
    body alone.
    """

    name: str
    document: Path
    twin: Path
    request: HttpRequest
    reply: bytes
    bad_requests: tuple[tuple[str, HttpRequest], ...] = ()
    schema: Path | None = None


def read_document(file: Path) -> Json:
    """The value of a document."""
    return load(file).value


def write_document(name: str, value: Json) -> Path:
    """Write a value as JSON into the folder of documents."""
    DOCUMENTS.mkdir(parents=True, exist_ok=True)
    path = DOCUMENTS / f"{name}.json"
    path.write_text(json.dumps(value, indent=1))
    return path


def as_openapi_3_0(value: Json) -> Json:
    """A document of 3.1 as one of 3.0: null and const written the older way, no ranges of status codes."""
    document = _older(value)
    document["openapi"] = "3.0.3"
    document["info"].pop("summary", None)
    for item in document["paths"].values():
        for operation in item.values():
            if isinstance(operation, dict) and "responses" in operation:
                operation["responses"] = _numbered(operation["responses"])
    return document


def _numbered(responses: Json) -> Json:
    named = {"2XX": "200", "4XX": "400"}
    return {named.get(status, status): response for status, response in responses.items()}


def _older(value: Json) -> Json:
    if isinstance(value, list):
        return [_older(item) for item in value]
    if not isinstance(value, dict):
        return value
    copy = {key: item if key in ("example", "value") else _older(item) for key, item in value.items()}
    if isinstance(types := copy.get("type"), list):
        rest = [name for name in types if name != "null"]
        copy["type"] = rest[0]
        if len(rest) < len(types):
            copy["nullable"] = True
    if "const" in copy and "properties" not in copy:
        copy["enum"] = [copy.pop("const")]
    return copy


def merge(files: Iterable[Path]) -> Json:
    """Several documents as one, for servers that take only one. The names of components get a prefix per document."""
    paths: dict[str, Json] = {}
    components: dict[str, dict[str, Json]] = {}
    for number, file in enumerate(files):
        value = _renamed(read_document(file), f"D{number}")
        for path, item in value["paths"].items():
            for operation in item.values():
                if isinstance(operation, dict):
                    operation.setdefault("security", value.get("security", []))
            key = path
            while key in paths or _like(key) in map(_like, paths):
                key = f"/d{number}{key}"
            paths[key] = item
        for family, members in value.get("components", {}).items():
            components.setdefault(family, {}).update(members)
    return {"openapi": "3.1.0", "info": {"title": "All", "version": "1"}, "paths": paths, "components": components}


def _like(path: str) -> str:
    return "/".join("{}" if part.startswith("{") else part for part in path.split("/"))


def _renamed(document: Json, prefix: str) -> Json:
    def walk(value: Json) -> Json:
        if isinstance(value, list):
            return [walk(item) for item in value]
        if not isinstance(value, dict):
            return value
        copy = {key: walk(item) for key, item in value.items()}
        reference = copy.get("$ref")
        if isinstance(reference, str) and reference.startswith("#/components/"):
            head, _, name = reference.rpartition("/")
            copy["$ref"] = f"{head}/{prefix}{name}"
        if isinstance(required := copy.get("security"), list):
            copy["security"] = [
                {prefix + name: scopes for name, scopes in requirement.items()} for requirement in required
            ]
        return copy

    copy = walk(document)
    copy["components"] = {
        family: {prefix + name: member for name, member in members.items()}
        for family, members in copy.get("components", {}).items()
    }
    return copy


def detection_tasks() -> tuple[Task, Task]:
    """The GET and the POST of openapi/detection-sessions.yaml."""
    file = ROOT / "openapi" / "detection-sessions.yaml"
    value = read_document(file)
    older = write_document("detection-sessions-3.0", as_openapi_3_0(value))
    path = "/api/detection/sessions"
    get_operation, post_operation = value["paths"][path + "/{session_id}"]["get"], value["paths"][path]["post"]
    reply = next(iter(_examples(get_operation["responses"]["2XX"])))
    created = next(iter(_examples(post_operation["responses"]["2XX"])))
    body = next(iter(_examples(post_operation["requestBody"])))
    by_id = f"{path}/{reply['session_id']}"
    broken = {**body, "mode": "neither", "project_id": 7}
    get = Task(
        "get",
        file,
        older,
        HttpRequest("GET", by_id, (BEARER,)),
        _bytes(reply),
        (
            ("credentials", HttpRequest("GET", by_id)),
            ("parameter", HttpRequest("GET", f"{path}/not-a-uuid", (BEARER,))),
        ),
    )
    post = Task(
        "post",
        file,
        older,
        HttpRequest("POST", path, (BEARER, JSON_BODY), _bytes(body)),
        _bytes(created),
        (
            ("credentials", HttpRequest("POST", path, (JSON_BODY,), _bytes(body))),
            ("body", HttpRequest("POST", path, (BEARER, JSON_BODY), _bytes(broken))),
        ),
    )
    return get, post


def _examples(holder: Json) -> list[Json]:
    return [example["value"] for example in holder["content"]["application/json"]["examples"].values()]


def _bytes(value: Json) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


def task_with_operations(operations: int) -> Task:
    """A generated document with so many operations, two on each path, and the GET in its middle."""
    reply = {"id": str(UUID(int=1)), "name": "One", "state": "new"}
    thing = {
        "type": "object",
        "required": ["id", "name", "state"],
        "properties": {
            "id": {"type": "string", "format": "uuid"},
            "name": {"type": "string", "minLength": 1},
            "state": {"type": "string", "enum": ["new", "used"]},
        },
    }
    paths = {}
    for number in range(operations // 2):
        media = {"application/json": {"schema": {"$ref": f"#/components/schemas/Thing{number}"}, "example": reply}}
        shared: Json = {"security": [{"bearerAuth": []}], "responses": {"200": {"description": "It", "content": media}}}
        identity = {"name": "id", "in": "path", "required": True, "schema": {"type": "string", "format": "uuid"}}
        paths[f"/api/group{number % 20}/things{number}/{{id}}"] = {
            "parameters": [identity],
            "get": {"operationId": f"get{number}", **shared},
            "put": {"operationId": f"put{number}", "requestBody": {"required": True, "content": media}, **shared},
        }
    document = _document(paths, {f"Thing{number}": thing for number in range(operations // 2)})
    file = write_document(f"operations-{operations}", document)
    middle = operations // 4
    request = HttpRequest("GET", f"/api/group{middle % 20}/things{middle}/{UUID(int=1)}", (BEARER,))
    return Task(f"{operations:,} operations", file, file, request, _bytes(reply))


def list_task() -> Task:
    """A generated document of things that are created, read, and listed page by page."""
    thing = {
        "type": "object",
        "required": ["id", "name", "state"],
        "properties": {
            "id": {"type": "integer", "readOnly": True},
            "name": {"type": "string"},
            "state": {"type": "string", "enum": ["new", "used"]},
        },
    }
    media = {"application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}}
    listed = {
        "type": "object",
        "required": ["data", "total"],
        "properties": {
            "data": {"type": "array", "items": {"$ref": "#/components/schemas/Thing"}},
            "total": {"type": "integer"},
        },
    }
    limit = {"name": "limit", "in": "query", "schema": {"type": "integer", "maximum": 100}}
    identity = {"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}
    paths = {
        "/things": {
            "get": {
                "parameters": [limit],
                "responses": {"200": {"description": "All", "content": {"application/json": {"schema": listed}}}},
            },
            "post": {
                "requestBody": {"required": True, "content": media},
                "responses": {"201": {"description": "Created", "content": media}},
            },
        },
        "/things/{id}": {
            "parameters": [identity],
            "get": {"responses": {"200": {"description": "One", "content": media}}},
        },
    }
    file = write_document("things", _document(paths, {"Thing": thing}))
    return Task("things", file, file, HttpRequest("GET", "/things"), _bytes({"data": [], "total": 0}))


def _document(paths: Json, schemas: Json) -> Json:
    return {
        "openapi": "3.0.3",
        "info": {"title": "Generated", "version": "1"},
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {"bearerAuth": {"type": "http", "scheme": "bearer"}},
        },
    }


def orders() -> tuple[Path, Path]:
    """A generated document with one POST of a list of orders, and the schema of that list in a file of its own."""
    order = {
        "type": "object",
        "required": ["id", "name", "price", "state", "tags"],
        "properties": {
            "id": {"type": "integer", "minimum": 1},
            "name": {"type": "string", "minLength": 1, "maxLength": 80},
            "price": {"type": "number", "minimum": 0},
            "state": {"type": "string", "enum": ["open", "paid"]},
            "tags": {"type": "array", "maxItems": 8, "items": {"type": "string"}},
        },
    }
    schema = {"type": "array", "items": order}
    reply = {"description": "Taken", "content": {"application/json": {"example": {"accepted": True}}}}
    body = {"required": True, "content": {"application/json": {"schema": schema}}}
    post = {
        "operationId": "createOrders",
        "security": [{"bearerAuth": []}],
        "requestBody": body,
        "responses": {"200": reply},
    }
    return write_document("orders", _document({"/api/orders": {"post": post}}, {})), write_document(
        "orders-schema", schema
    )


def order_list(count: int, broken: int = 0) -> bytes:
    """A body of so many orders; the ids of the first `broken` ones are strings, which the schema does not allow."""
    return _bytes(
        [
            {
                "id": str(1000 + number) if number < broken else 100000 + number,
                "name": f"Order number {number}",
                "price": number / 4,
                "state": "open",
                "tags": ["first", "second"],
            }
            for number in range(count)
        ]
    )


def post_orders(name: str, body: bytes) -> Task:
    """The POST of a list of orders with a body."""
    file, schema = orders()
    request = HttpRequest("POST", "/api/orders", (BEARER, JSON_BODY), body)
    return Task(name, file, file, request, _bytes({"accepted": True}), schema=schema)
