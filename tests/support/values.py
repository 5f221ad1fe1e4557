"""Builders for the tests of generated values: schemas, and what is made from them."""

from __future__ import annotations

from typing import Any

from support.asking import contract

from tallystick.examples.draws import Style
from tallystick.examples.samples import generate
from tallystick.nouns.contract import BodyFormat, Parameter
from tallystick.nouns.schema import Direction, Schema

REQUEST, RESPONSE = Direction.REQUEST, Direction.RESPONSE


def body_format(version: str = "3.1.0", components: dict[str, Any] | None = None, **fields: Any) -> BodyFormat:
    """The format of a JSON response, with these fields."""
    response = {"description": "found", "content": {"application/json": fields}}
    (operation,) = contract(
        {
            "openapi": version,
            "info": {"title": "Test", "version": "1"},
            "paths": {"/": {"get": {"responses": {"200": response}}}},
            "components": {"schemas": components or {}},
        }
    )
    return operation.responses[0].content[0]


def schema(value: Any, version: str = "3.1.0", **components: Any) -> Schema:
    """A schema beside other ones, which it may refer to by `ref`."""
    compiled = body_format(version, components, schema=value).schema
    assert compiled is not None
    return compiled


def ref(name: str) -> dict[str, str]:
    """A reference to one of the components."""
    return {"$ref": f"#/components/schemas/{name}"}


def generated(value: Any, direction: Direction = RESPONSE, seed: int = 0, name: str = "", **components: Any) -> Any:
    """A value generated from a schema."""
    return generate(schema(value, **components), direction, Style(seed), name)


def parameter(**fields: Any) -> Parameter:
    """A parameter with these fields."""
    operation = {"parameters": [{"required": fields.get("in") == "path", **fields}], "responses": {}}
    (operation_read,) = contract({"paths": {"/{id}": {"get": operation}}})
    return operation_read.parameters[0]


def closed(**properties: Any) -> dict[str, Any]:
    """An object schema with these properties, all of them required, and no others."""
    return {
        "type": "object",
        "required": list(properties),
        "properties": properties,
        "additionalProperties": False,
    }


TEXT, WHOLE = {"type": "string"}, {"type": "integer"}
