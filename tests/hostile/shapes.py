"""Documents of a hostile shape: deep, wide, long, doubling and circular."""

from __future__ import annotations

from random import Random
from typing import Any

from tests.hostile.places import put, some_places

Schema = Any


def with_schema(document: Any, schema: Schema, **schemas: Schema) -> Any:
    """A document whose request, response and parameter have a schema, among further named ones."""
    is_swagger = "swagger" in document
    place = "definitions" if is_swagger else "schemas"
    body = {"name": "body", "in": "body", "schema": schema} if is_swagger else {}
    content = {"application/json": {"schema": schema}}
    responses = {
        "200": {"description": "d", "schema": schema} if is_swagger else {"description": "d", "content": content}
    }
    query = {"name": "q", "in": "query", **({"type": "string"} if is_swagger else {"schema": schema})}
    operation = {"parameters": [query, *([body] if is_swagger else [])], "responses": responses}
    document["paths"] = {"/a": {"get": {"responses": responses}, "post": operation}}
    if not is_swagger:
        operation["requestBody"] = {"content": content}
    home = document if is_swagger else document.setdefault("components", {})
    home.setdefault(place, {}).update(schemas)
    return document


def _at(document: Any, name: str) -> Schema:
    return {"$ref": f"#/{'definitions' if 'swagger' in document else 'components/schemas'}/{name}"}


def deep(draw: Random, document: Any) -> Any:
    """A schema, an example or a path of great depth."""
    depth = draw.choice((30, 100, 300, 900, 3000, 20_000))
    kind = draw.choice(("items", "properties", "allOf", "not", "example", "enum", "path", "pointer", "if", "extension"))
    if kind == "path":
        document["paths"] = {"/a" * depth: {"get": {"responses": {"200": {"description": "d"}}}}}
        return document
    if kind == "pointer":
        return with_schema(document, {"$ref": "#/components" + "/schemas" * depth})
    inner: Any = {"type": "string"} if kind not in ("example", "enum", "extension") else 1
    for _ in range(depth):
        if kind == "properties":
            inner = {"type": "object", "required": ["a"], "properties": {"a": inner}}
        elif kind == "allOf":
            inner = {draw.choice(("allOf", "oneOf", "anyOf")): [inner]}
        elif kind in ("example", "enum", "extension"):
            inner = draw.choice(([inner], {"a": inner}))
        elif kind == "if":
            inner = {"if": inner, "then": {}, "else": {}}
        else:
            inner = {"type": "array", "minItems": 1, kind: inner} if kind == "items" else {kind: inner}
    if kind == "extension":
        document["x-deep"] = inner
        return document
    return with_schema(
        document, {"example": inner} if kind == "example" else {"enum": [inner]} if kind == "enum" else inner
    )


def wide(draw: Random, document: Any) -> Any:
    """Very many parts of one kind."""
    count = draw.choice((300, 1000, 3000, 10_000))
    numbers = range(count)
    reply = {"200": {"description": "d"}}
    match draw.randrange(13):
        case 0:
            document["paths"] = {f"/p{n}": {"get": {"responses": reply}} for n in range(count // 3)}
        case 1:
            document["paths"] = {"/" + "/".join(f"{{p{n}}}" for n in range(count // 10)): {"get": {"responses": reply}}}
        case 2:
            queries = [
                {"name": f"q{n}", "in": "query", "required": n % 2 == 0, "schema": {"type": "string"}} for n in numbers
            ]
            document["paths"] = {"/a": {"get": {"parameters": queries, "responses": reply}}}
        case 3:
            with_schema(document, {"type": "object", "properties": {f"p{n}": {"type": "string"} for n in numbers}})
        case 4:
            with_schema(document, {"enum": [f"v{n}" for n in numbers]})
        case 5:
            with_schema(document, {draw.choice(("allOf", "anyOf", "oneOf")): [{"maxLength": n + 5} for n in numbers]})
        case 6:
            with_schema(document, {"type": "object", "required": [f"p{n}" for n in numbers]})
        case 7:
            document["tags"] = [{"name": f"t{n % 500}"} for n in numbers]
            document["servers"] = [{"url": f"/{n}"} for n in numbers]
        case 8:
            statuses = {str(100 + n % 500): {"description": "d"} for n in numbers}
            document["paths"] = {"/a": {"get": {"responses": statuses}}}
        case 9:
            content = {f"application/x{n}": {"schema": {"type": "string"}} for n in numbers}
            document["paths"] = {"/a": {"get": {"responses": {"200": {"description": "d", "content": content}}}}}
        case 10:
            headers = {f"X-{n}": {"schema": {"type": "string"}, "required": True} for n in range(count // 4)}
            document["paths"] = {"/a": {"get": {"responses": {"200": {"description": "d", "headers": headers}}}}}
        case 11:
            document["security"] = [{"key": [f"s{n}"]} for n in numbers]
        case _:
            with_schema(
                document, _at(document, "S0"), **{f"S{n}": {"type": "object", "title": f"T{n % 7}"} for n in numbers}
            )
    return document


def long(draw: Random, document: Any) -> Any:
    """A very long text at some place."""
    text = draw.choice(("a", "a ", "{a}", "/", "é", "🙂", "\\", '"', "%41", "(a|", "a\n", "- ", "'''", "&a;", ".*"))
    for place in some_places(draw, document, draw.choice((1, 2)), lambda value: isinstance(value, str)):
        put(place, text * (draw.choice((1000, 20_000, 300_000)) // len(text)))
    if draw.random() < 0.3:
        document["paths"]["/" + text * (20_000 // len(text))] = {"get": {"responses": {"200": {"description": "d"}}}}
    return document


def doubling(draw: Random, document: Any) -> Any:
    """References, each of which leads to two more, so that the whole is exponential."""
    levels = draw.choice((8, 16, 25, 40, 100))
    combiner = draw.choice(("allOf", "anyOf", "oneOf", "properties", "items", "prefixItems", "mixed", "discriminator"))
    schemas: dict[str, Any] = {
        f"D{levels}": draw.choice(({"type": "string"}, {"type": "object", "properties": {"a": {}}}))
    }
    for level in range(levels):
        below = _at(document, f"D{level + 1}")
        name = draw.choice(("allOf", "anyOf", "oneOf", "properties", "items")) if combiner == "mixed" else combiner
        if name == "properties":
            schemas[f"D{level}"] = {"type": "object", "required": ["l", "r"], "properties": {"l": below, "r": below}}
        elif name == "items":
            schemas[f"D{level}"] = {"type": "array", "minItems": 2, "items": below, "contains": below}
        elif name == "prefixItems":
            schemas[f"D{level}"] = {"type": "array", "prefixItems": [below, below], "minItems": 2}
        elif name == "discriminator":
            schemas[f"D{level}"] = {"oneOf": [below, below], "discriminator": {"propertyName": "a"}}
        else:
            schemas[f"D{level}"] = {name: [below, {**below, "description": "b"} if draw.random() < 0.5 else below]}
    return with_schema(document, _at(document, "D0"), **schemas)


def circular(draw: Random, document: Any) -> Any:
    """References that lead back, in every kind of part; and long chains of them."""
    self_ = _at(document, "A")
    forms: list[Any] = [
        self_,
        {"allOf": [self_]},
        {"allOf": [self_, self_]},
        {"not": self_},
        {"oneOf": [self_, {"type": "null"}]},
        {"type": "object", "required": ["a"], "properties": {"a": self_}},
        {"type": "array", "items": self_, "minItems": 1},
        {"if": self_, "then": self_},
        {"additionalProperties": self_, "minProperties": 1},
        {"$dynamicRef": "#x", "$dynamicAnchor": "x"},
        {"anyOf": [self_, _at(document, "B")]},
        {"properties": {"a": {"allOf": [self_]}}, "type": "object", "required": ["a"]},
        {"unevaluatedProperties": self_},
        {"propertyNames": self_, "minProperties": 2},
        {"contains": self_},
        {"$ref": "#/"},
        {"$ref": "#"},
        {"$id": "http://x/", "$ref": "http://x/"},
        {"$defs": {"a": {"$ref": "#/$defs/a"}}, "$ref": "#/$defs/a"},
        {"patternProperties": {".": self_}},
        {"dependentSchemas": {"a": self_}},
        {"$ref": "main.yaml#/components/schemas/A"},
    ]
    chance = draw.random()
    if chance < 0.2:
        length = draw.choice((50, 500, 3000, 10_000))
        chain: dict[str, Any] = {f"C{n}": _at(document, f"C{n + 1}") for n in range(length)}
        chain[f"C{length}"] = draw.choice(({"type": "string"}, _at(document, "C0")))
        return with_schema(document, _at(document, "C0"), **chain)
    with_schema(document, self_, A=draw.choice(forms), B=draw.choice(forms))
    if "components" not in document:
        return document
    components = document["components"]
    for section in draw.sample(
        (
            "parameters",
            "responses",
            "headers",
            "examples",
            "requestBodies",
            "links",
            "callbacks",
            "pathItems",
            "securitySchemes",
        ),
        3,
    ):
        components[section] = {
            "A": {"$ref": f"#/components/{section}/B"},
            "B": {"$ref": f"#/components/{section}/{draw.choice('ABA')}"},
        }
    operation = document["paths"]["/a"]["post"]
    operation["parameters"].append({"$ref": "#/components/parameters/A"})
    operation["responses"]["400"] = {"$ref": "#/components/responses/A"}
    operation["callbacks"] = {"a": {"{$request.body}": {"$ref": "#/paths/~1a"}}}
    document["paths"]["/b"] = {
        "$ref": draw.choice(("#/paths/~1b", "#/paths/~1a", "#/components/pathItems/A", "#/paths/~1c"))
    }
    document["paths"]["/c"] = {"$ref": "#/paths/~1b"}
    return document
