"""Every operation of a document's paths with its parameters, as the rules on operations see them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tallystick.documents.dialect import Dialect
from tallystick.nouns.errors import UnreadableError
from tallystick.nouns.node import Node
from tallystick.schemas.compiled import references


@dataclass(frozen=True, slots=True)
class PathOperation:
    """A method on a path template with its parameters, as far as they can be read: `label` is `GET /pets/{id}`."""

    method: str
    template: str
    node: Node
    parameters: Sequence[Node]

    @property
    def label(self) -> str:
        return f"{self.method} {self.template}"

    @property
    def operation_id(self) -> str:
        return self.node.string("operationId")


def path_operations(root: Node, dialect: Dialect) -> Iterator[PathOperation]:
    """Every operation of the document's paths, those too that could not be brought to the nouns."""
    for template, listed in _raw(root, "paths"):
        if template.startswith("x-"):
            continue
        items = list(references(listed))
        shared = [node for item in items for _, node in readable(item, "parameters")]
        met: set[str] = set()
        for key, node in (
            row for item in items for row in (*item.raw_items(), *_members(item, "additionalOperations", dialect))
        ):
            if key not in met and (key in dialect.methods or node.path[-2:-1] == ("additionalOperations",)):
                met.add(key)
                try:
                    operation = node.follow()
                except UnreadableError:
                    continue
                if isinstance(operation.value, dict):
                    own = [parameter for _, parameter in readable(operation, "parameters")]
                    method = key.upper() if key in dialect.methods else key
                    yield PathOperation(method, template, operation, [*own, *shared])


def _members(item: Node, key: str, dialect: Dialect) -> Iterator[tuple[str, Node]]:
    return readable(item, key) if dialect.version >= "3.2" else iter(())


def _raw(node: Node, key: str) -> Iterator[tuple[str, Node]]:
    """The members of a member as they stand."""
    try:
        holder = node.get(key)
    except UnreadableError:
        return
    if holder is not None:
        yield from holder.raw_items()


def readable(node: Node, key: str) -> Iterator[tuple[str, Node]]:
    """The members of a member, references followed; those that cannot be read are left to the rule on references."""
    for name, child in _raw(node, key):
        try:
            yield name, child.follow()
        except UnreadableError:
            continue
