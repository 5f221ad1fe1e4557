"""Every example and default of a contract, each with its schema and the rule that it has to keep."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import NamedTuple

from tallystick.contracts.openapi3 import encodings_of
from tallystick.nouns.contract import BodyFormat
from tallystick.nouns.json_value import JSON
from tallystick.nouns.media_type import MediaKind, parse_media_type
from tallystick.nouns.node import Node
from tallystick.nouns.rule import Rule, Scope
from tallystick.nouns.schema import Direction, SchemaOfNode
from tallystick.nouns.violation import Severity
from tallystick.rules.contract.objects import Objects, SpecObject
from tallystick.schemas.shapes import shape_of, types_of

EXAMPLE_NOT_VALID = Rule("example-not-valid", Severity.ERROR, Scope.CONTRACT, "An example fits its schema.")
DEFAULT_NOT_VALID = Rule("default-not-valid", Severity.ERROR, Scope.CONTRACT, "A default fits its schema.")

_LINES = (MediaKind.JSON_LINES, MediaKind.JSON_SEQUENCE)


@dataclass(frozen=True, slots=True)
class DocumentedValue:
    """An example or a default with its schema.

    `direction` is None for a value that may go in either. `body_format` is that of a body, None for any other value.
    `is_serialized` is true where the contract says that the value is a text as it is sent.
    """

    rule: Rule
    name: str
    node: Node
    schema: SchemaOfNode
    direction: Direction | None
    body_format: BodyFormat | None = None
    is_serialized: bool = False

    @property
    def value(self) -> JSON:
        return self.node.value

    @property
    def is_of_json_body(self) -> bool:
        return self.body_format is not None and self.body_format.media_type.kind is MediaKind.JSON

    @property
    def is_body_text(self) -> bool:
        """Whether the value is the text of a body as it is sent, and not the value that the text stands for."""
        if self.body_format is None or not isinstance(self.value, str):
            return False
        return self.is_serialized or not (self.is_of_json_body or types_of(self.schema) == {"string"})


class _Named(NamedTuple):
    """An example of a media type, parameter or header: its name and the node of its value."""

    name: str
    node: Node
    is_serialized: bool = False


def documented_values(objects: Objects) -> Iterator[DocumentedValue]:
    """The examples of media types, parameters and headers; then the examples and defaults of schemas."""
    for owner in objects.of("media-type"):
        yield from _of_body(objects, owner)
    for owner in objects.of("parameter", "header"):
        schema = _schema_in(objects, owner.node, "schema")
        if schema is not None:
            for named in _named(owner.node):
                if not named.is_serialized:
                    yield DocumentedValue(EXAMPLE_NOT_VALID, named.name, named.node, schema, owner.direction)
    for spec_object in objects.schemas_with("example", "examples", "default"):
        yield from _of_schema(objects, spec_object.node)
    if objects.dialect.parameters_are_schemas:
        yield from _of_parameters(objects)
        yield from _of_responses(objects)


def _schema_in(objects: Objects, node: Node, key: str) -> SchemaOfNode | None:
    return objects.compiler.schema(node.raw(key)) if key in node.members else None


def _of_body(objects: Objects, owner: SpecObject) -> Iterator[DocumentedValue]:
    node = owner.node
    schema, item_schema = _schema_in(objects, node, "schema"), _schema_in(objects, node, "itemSchema")
    own = schema or item_schema
    if own is None:
        return
    body_format = None
    for name, example, is_serialized in _named(node):
        if body_format is None:
            media_type = parse_media_type(node.path[-1] if node.path else "")
            body_format = BodyFormat(
                media_type, node.place, schema, item_schema, encoding=encodings_of(node.members_of("encoding"))
            )
        documented = DocumentedValue(EXAMPLE_NOT_VALID, name, example, own, owner.direction, body_format, is_serialized)
        if documented.is_body_text or body_format.media_type.kind not in _LINES:
            yield documented
        else:
            yield from _of_lines(documented, schema, item_schema)


def _of_lines(
    documented: DocumentedValue, schema: SchemaOfNode | None, item_schema: SchemaOfNode | None
) -> Iterator[DocumentedValue]:
    """A sequence as a whole and each of its items; a schema that is not that of an array is that of each item."""
    if schema is not None and shape_of(schema) == "array":
        yield documented
    elif item_schema is None:
        item_schema = schema
    if item_schema is not None and isinstance(documented.value, list):
        for index, item in documented.node.raw_items():
            name = f"{documented.name}, item {int(index) + 1}"
            yield replace(documented, name=name, node=item, schema=item_schema)
    elif item_schema is not None:
        yield replace(documented, schema=item_schema)


def _named(node: Node) -> Iterator[_Named]:
    if "example" in node.members:
        yield _Named("the example", node.raw("example"))
    if node.members_of("examples"):
        for name, example in node.readable("examples"):
            for key in ("value", "dataValue", "serializedValue"):
                if key in example.members:
                    yield _Named(f"the example {name!r}", example.raw(key), key == "serializedValue")


def _of_schema(objects: Objects, node: Node) -> Iterator[DocumentedValue]:
    members = node.members
    if "example" in members:
        own = objects.compiler.schema(node)
        yield DocumentedValue(EXAMPLE_NOT_VALID, "the example", node.raw("example"), own, None)
    if objects.dialect.ref_siblings and node.items_of("examples"):
        for key, example in node.raw("examples").raw_items():
            own = objects.compiler.schema(node)
            yield DocumentedValue(EXAMPLE_NOT_VALID, f"example {int(key) + 1}", example, own, None)
    if "default" in members:
        own = objects.compiler.schema(node)
        yield DocumentedValue(DEFAULT_NOT_VALID, "the default", node.raw("default"), own, None)


def _of_parameters(objects: Objects) -> Iterator[DocumentedValue]:
    """The defaults of parameters, headers and items that are their own schemas."""
    for owner in objects.of("parameter", "header", "items"):
        node = owner.node
        if "default" in node.members and "schema" not in node.members:
            own = objects.compiler.schema(node)
            yield DocumentedValue(DEFAULT_NOT_VALID, "the default", node.raw("default"), own, owner.direction)


def _of_responses(objects: Objects) -> Iterator[DocumentedValue]:
    """The examples that a response has by media type."""
    for node in objects.nodes("response"):
        schema = _schema_in(objects, node, "schema")
        if schema is not None and node.members_of("examples"):
            for key, example in node.raw("examples").raw_items():
                body_format = BodyFormat(parse_media_type(key), node.place, schema)
                name = f"the example of {key}"
                yield DocumentedValue(EXAMPLE_NOT_VALID, name, example, schema, Direction.RESPONSE, body_format)
