"""An operation as connexion's decorators need it: the names of its arguments; their values are the judge's.

connexion's own readers know only OpenAPI 3.0 and some styles, so they get the values that the judge has read.
"""

from __future__ import annotations

from connexion.uri_parsing import OpenAPIURIParser

from tallystick.nouns.contract import Operation, Parameter
from tallystick.nouns.media_type import MediaKind
from tallystick.nouns.schema import Direction, Schema
from tallystick.schemas.shapes import properties_of, shape_of
from tallystick.wire.reading import Reading, reader_of
from tallystick.wire.values import MISSING

Stub = dict[str, object]

_AS_IT_IS = {"type": "string", "format": "binary"}
"""The one schema under which connexion does not convert a value."""
_CONTROLLERS = ("x-openapi-router-controller", "x-swagger-router-controller")
_QUERY = ("query", "querystring")


def stub_of(operation: Operation, top: str) -> Stub:
    """The operation as an Operation Object of OpenAPI 3.0; a controller outside the package `top` is left out."""
    stub: Stub = {"responses": {}, "parameters": [_parameter(each) for each in operation.parameters if _is_given(each)]}
    if operation.operation_id:
        stub["operationId"] = operation.operation_id
    for name in _CONTROLLERS:
        controller = operation.extensions.get(name)
        if isinstance(controller, str) and controller.partition(".")[0] == top:
            stub["x-openapi-router-controller"] = controller
    if operation.request_body is not None:
        stub["requestBody"] = {"content": {"*/*": {"schema": _body_schema(operation)}}}
    return stub


def _is_given(parameter: Parameter) -> bool:
    """Whether connexion gives a parameter to a function; header fields and cookies are in `connexion.request`."""
    return parameter.location == "path" or parameter.location in _QUERY


def _parameter(parameter: Parameter) -> Stub:
    location = "path" if parameter.location == "path" else "query"
    schema: Stub = dict(_AS_IT_IS)
    described = parameter.described
    if described is not None and "default" in described.resolved:
        schema["default"] = described.resolved["default"]
    return {"name": parameter.name, "in": location, "required": parameter.required, "schema": schema}


def _body_schema(operation: Operation) -> Stub:
    """What connexion asks of a body's schema: its default, whether it may be null, and which files may be several."""
    schema: Stub = {}
    content = operation.request_body.content if operation.request_body is not None else ()
    schemas = [each.schema for each in content if each.schema is not None]
    if schemas:
        if "default" in schemas[0].resolved:
            schema["default"] = schemas[0].resolved["default"]
        schema["nullable"] = schemas[0].is_valid(None, Direction.REQUEST)
    lists = {name for each in schemas for name, child in properties_of(each).items() if _is_list(child)}
    schema["properties"] = {name: {"type": "array", "items": _AS_IT_IS} for name in sorted(lists)}
    return schema


def _is_list(schema: Schema | None) -> bool:
    return shape_of(schema) == "array"


class ReadArguments(OpenAPIURIParser):  # type: ignore[misc]  # connexion has no types
    """Gives connexion the values of one request's parameters and form fields, as the judge has read them."""

    def __init__(self, reading: Reading, parameters: list[Stub], body: Stub) -> None:
        super().__init__(parameters, body)
        self.reading = reading

    def resolve_path(self, _: object) -> dict[str, object]:
        return self._values("path")

    def resolve_query(self, _: object) -> dict[str, object]:
        return self._values(*_QUERY)

    def resolve_form(self, fields: dict[str, object]) -> dict[str, object]:
        """The fields of a form; a file is no field, and connexion gives it by itself."""
        body = self.reading.body
        if not isinstance(body.value, dict):
            return fields
        is_multipart = body.media_type.kind is MediaKind.MULTIPART
        return {name: value for name, value in body.value.items() if not is_multipart or name in fields}

    def _values(self, *locations: str) -> dict[str, object]:
        values: dict[str, object] = {}
        for parameter, read in reader_of(self.reading.operation).parameters:
            if parameter.location in locations:
                value, _ = read(self.reading)
                if value is not MISSING:
                    values[parameter.name] = value
        return values
