"""Schemas: what is asked of one, and why a value does not fit."""

from __future__ import annotations

import enum
from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol

from tallystick.nouns.json_value import JSON as JSON
from tallystick.nouns.node import Node
from tallystick.nouns.violation import Place


class Direction(enum.StrEnum):
    """Which way a value goes: `readOnly` and `writeOnly` mean something else in each."""

    REQUEST = "request"
    RESPONSE = "response"


class SchemaError(NamedTuple):
    """One reason why a value does not fit a schema: the keyword, the path into the value, and the place."""

    keyword: str
    path: tuple[str | int, ...]
    place: Place
    message: str


class SchemaCompiler(Protocol):
    """Makes the schemas of one contract, and keeps what was compiled for them."""

    def schema(self, node: Node) -> Schema:
        """The schema at a node, its own `$ref` not followed."""
        ...

    def errors_of_each(
        self, rows: Sequence[tuple[Schema, object]], direction: Direction
    ) -> list[Sequence[SchemaError]]:
        """The errors of many values, each by its own schema: what these share is compiled once."""
        ...


class Schema(Protocol):
    """A schema at a place in a contract. Its keywords are those of its document, its meaning JSON Schema 2020-12."""

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
        """The schema under these keys of this one (`"properties", "id"`), its `$ref` followed on the way."""
        ...

    def is_valid(self, value: object, direction: Direction) -> bool: ...

    def errors(self, value: object, direction: Direction) -> Sequence[SchemaError]:
        """Every reason why the value does not fit, none if it does."""
        ...
