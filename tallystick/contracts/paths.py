"""The documented operations of a document's paths; references of path items and operations are followed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from tallystick.nouns.contract import DocumentedOperation, UnreadableNode
from tallystick.nouns.dialect import Dialect
from tallystick.nouns.errors import UnreadableError
from tallystick.nouns.node import Node

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
"""What a method may be (RFC 9110, section 9.1)."""

Note = Callable[[Node, UnreadableError | str], None]
"""A function that is called with each node that cannot be read, and the reason."""


def documented_operations(paths: Node, dialect: Dialect, note: Note) -> Iterator[DocumentedOperation]:
    """Every operation below `paths`, path by path.

    A path has the operations of its path item, and of those that the `$ref` of the path item leads to. If two have the
    same method, the nearer one counts.
    """
    for template, node in paths.raw_items():
        if template.startswith("x-"):
            continue
        chain = tuple(node.chain())
        if chain[-1].reference is not None:
            try:
                node.follow()
            except UnreadableError as error:
                note(node, error)
        items = tuple(item for item in chain if isinstance(item.value, dict))
        methods: set[str] = set()
        for item in items:
            for method, operation in _operations_of(item, dialect, note):
                if method in methods:
                    continue
                methods.add(method)
                try:
                    followed = operation.follow()  # no `$ref` is specified here, but real documents have one
                except UnreadableError as error:
                    note(operation, error)
                    continue
                if isinstance(followed.value, dict):
                    yield DocumentedOperation(method, template, followed, items, *_parameters(followed, items))
                else:
                    note(followed, f"an operation must be an object; {method} {template} is not")


def _parameters(operation: Node, items: Sequence[Node]) -> tuple[tuple[Node, ...], tuple[UnreadableNode, ...]]:
    """The readable parameters of an operation and its path items, and those (or whole lists) that cannot be read."""
    nodes: list[Node] = []
    unreadable: list[UnreadableNode] = []
    for owner in (operation, *items):
        if "parameters" not in owner.members:
            continue
        holder = owner.raw("parameters")
        try:
            items_of_list = holder.follow().raw_items()
        except UnreadableError as error:
            unreadable.append((holder, error))
            continue
        for _, node in items_of_list:
            try:
                parameter = node.follow()
            except UnreadableError as error:
                unreadable.append((node, error))
            else:
                if parameter.string("name") and parameter.string("in"):
                    nodes.append(parameter)
                else:
                    unreadable.append((node, "a parameter needs a `name` and an `in`"))
    return tuple(nodes), tuple(unreadable)


def _operations_of(item: Node, dialect: Dialect, note: Note) -> Iterator[tuple[str, Node]]:
    """The method and node of each operation of a path item; only methods in `additionalOperations` keep their case."""
    for key, node in item.raw_items():
        if key in dialect.methods:
            yield key.upper(), node
        elif key == "additionalOperations" and dialect.has_additional_operations:
            try:
                operations = node.follow().raw_items()
            except UnreadableError as error:
                note(node, error)
                continue
            for method, operation in operations:
                if _TOKEN.fullmatch(method):
                    yield method, operation
                else:
                    note(operation, f"{method!r} is no HTTP method; expected letters, as in COPY")
