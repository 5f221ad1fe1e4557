"""Schemas: what callers can ask of a schema, and the reasons why a value does not fit it."""

from __future__ import annotations

import enum
from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol

from tallystick.nouns.json_value import JSON
from tallystick.nouns.node import Node
from tallystick.nouns.violation import Place


class Direction(enum.StrEnum):
    """The direction in which a value goes; `readOnly` and `writeOnly` depend on it."""

    REQUEST = "request"
    RESPONSE = "response"


class SchemaError(NamedTuple):
    """One reason why a value does not fit a schema: the keyword and its place, and the path into the value."""

    keyword: str
    path: tuple[str | int, ...]
    place: Place
    message: str


class SchemaCompiler(Protocol):
    """Makes the schemas of one contract, and keeps the compiled ones."""

    def schema(self, node: Node) -> SchemaOfNode:
        """The schema at a node, its own `$ref` not followed."""
        ...

    def errors_of_each(
        self, rows: Sequence[tuple[SchemaOfNode, object]], direction: Direction
    ) -> list[Sequence[SchemaError]]:
        """The errors of many values, each judged by its own schema; parts that the schemas share are compiled once."""
        ...


class Schema(Protocol):
    """A schema at a place in a contract: written in the dialect of its document, judged as JSON Schema 2020-12."""

    @property
    def place(self) -> Place: ...

    @property
    def value(self) -> JSON:
        """The schema as its document has it, its own `$ref` not followed."""
        ...

    @property
    def resolved(self) -> Mapping[str, JSON]:
        """The schema in JSON Schema 2020-12 with its own `$ref` followed; a boolean schema as `{}` or `{"not": {}}`."""
        ...

    def child(self, *keys: str) -> Schema | None:
        """The schema inside this one, under some keys (`"properties", "id"`); each `$ref` on the way is followed."""
        ...

    def is_valid(self, value: object, direction: Direction) -> bool: ...

    def errors(self, value: object, direction: Direction) -> Sequence[SchemaError]:
        """Every reason why the value does not fit, none if it does."""
        ...


class SchemaOfNode(Schema, Protocol):
    """A schema that a node of a contract holds; other schemas are combined from several."""

    @property
    def compiled_node(self) -> Node:
        """The node to compile: where this schema is only a `$ref`, its target, which other references share."""
        ...
