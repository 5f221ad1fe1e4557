"""The schemas of a contract, each compiled as JSON Schema 2020-12 on its first use."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property

from tallystick.nouns import budgets
from tallystick.nouns.dialect import Dialect
from tallystick.nouns.errors import UnreadableError
from tallystick.nouns.json_value import JSON
from tallystick.nouns.node import Key, Node
from tallystick.nouns.schema import Direction, Schema, SchemaError, SchemaOfNode
from tallystick.nouns.violation import Place
from tallystick.schemas.batch import errors_together
from tallystick.schemas.bundle import Bundle
from tallystick.schemas.pieces import size
from tallystick.schemas.table import SchemaTable
from tallystick.schemas.validators import Validator

_REQUEST = Direction.REQUEST


class Compiler:
    """Makes the schemas of one contract, and keeps the compiled ones."""

    def __init__(self, dialect: Dialect) -> None:
        self.dialect = dialect
        self.bundles: dict[tuple[Key, Direction], Bundle] = {}
        self.by_text: dict[str, Validator] = {}
        self.tables = {direction: SchemaTable(dialect, direction, self.by_text) for direction in Direction}

    def schema(self, node: Node) -> ContractSchema:
        """The schema at a node, whose own `$ref` is not followed yet."""
        return ContractSchema(self, node)

    def bundle(self, node: Node, direction: Direction) -> Bundle:
        """The compiled schema of a node, for values of one direction."""
        key = node.key, direction
        if key not in self.bundles:
            self.bundles[key] = Bundle(self.table(node, direction), (node,))
        return self.bundles[key]

    def table(self, node: Node, direction: Direction) -> SchemaTable:
        """The table for the schema of a node; one of its own where what it means depends on a dynamic scope."""
        if any(document.dynamic_anchors for document in node.document.family):
            return SchemaTable(self.dialect, direction, self.by_text)
        return self.tables[direction]

    def errors_of_each(
        self, rows: Sequence[tuple[SchemaOfNode, object]], direction: Direction
    ) -> list[Sequence[SchemaError]]:
        """The errors of many values, each judged by its own schema; empty for a value that fits."""
        schemas = [schema.compiled_node for schema, _ in rows]
        values = [value for _, value in rows]
        are_small = all(size(value, budgets.ERROR_PARTS) <= budgets.ERROR_PARTS for value in values)
        errors = errors_together(self.tables[direction], schemas, values) if are_small else None
        return [schema.errors(value, direction) for schema, value in rows] if errors is None else errors


class ContractSchema:
    """A schema at a place in a contract (see `tallystick.nouns.schema.Schema`)."""

    def __init__(self, compiler: Compiler, node: Node) -> None:
        self.compiler = compiler
        self.node = node

    def __repr__(self) -> str:
        return f"ContractSchema({self.place.file}#{self.place.pointer})"

    @property
    def place(self) -> Place:
        return self.node.place

    @property
    def value(self) -> JSON:
        return self.node.value

    @cached_property
    def followed(self) -> Node:
        """The node that the schema's own `$ref` leads to; the node itself where it leads nowhere."""
        try:
            return self.node.follow()
        except UnreadableError:
            return self.node

    @cached_property
    def resolved(self) -> Mapping[str, JSON]:
        modern = self._modern(self.followed.value)
        if self.followed is not self.node and self.compiler.dialect.ref_siblings and isinstance(self.value, dict):
            modern = {**modern, **self._modern({k: v for k, v in self.value.items() if k != "$ref"})}
        return modern

    def _modern(self, value: JSON) -> dict[str, JSON]:
        if isinstance(value, dict):
            return self.compiler.dialect.modern(value)
        return {"not": {}} if value is False else {}

    def child(self, *keys: str) -> ContractSchema | None:
        node = self.followed
        for key in keys:
            try:
                if isinstance(node.value, dict):
                    child = node.get(self.compiler.dialect.written(node.value, key))
                else:
                    child = node.raw(key).follow()
            except (KeyError, UnreadableError):
                return None
            if child is None:
                return None
            node = child
        return ContractSchema(self.compiler, node)

    def is_valid(self, value: object, direction: Direction) -> bool:
        return (self._of_requests if direction is _REQUEST else self._of_responses).is_valid(value)

    def errors(self, value: object, direction: Direction) -> Sequence[SchemaError]:
        return (self._of_requests if direction is _REQUEST else self._of_responses).errors(value)

    @property
    def faults(self) -> tuple[SchemaError, ...]:
        """The invalid keywords of the schema itself, which are left out so that the rest can be judged."""
        return tuple(self.bundle(Direction.RESPONSE).faults)

    def bundle(self, direction: Direction) -> Bundle:
        """The compiled schema, for values of one direction."""
        return self._of_requests if direction is _REQUEST else self._of_responses

    @cached_property
    def _of_requests(self) -> Bundle:
        return self.compiler.bundle(self.compiled_node, Direction.REQUEST)

    @cached_property
    def _of_responses(self) -> Bundle:
        return self.compiler.bundle(self.compiled_node, Direction.RESPONSE)

    @cached_property
    def compiled_node(self) -> Node:
        """The node to compile: where this schema is only a `$ref`, its target, which other references share."""
        node, passed = self.node, {self.node.key}
        if node.document.anchors:  # a schema with anchors may mean something else where it is referred to
            return node
        while (ref := node.reference) is not None and (
            len(node.members) == 1 or not self.compiler.dialect.ref_siblings
        ):
            try:
                node = node.target(ref)
            except UnreadableError:
                return self.node
            if node.key in passed:
                return self.node
            passed.add(node.key)
        return node


def is_same(schema: Schema | None, other: Schema) -> bool:
    """Whether two schemas are one and the same in their document."""
    if isinstance(schema, ContractSchema) and isinstance(other, ContractSchema):
        return schema.followed.key == other.followed.key
    return False
