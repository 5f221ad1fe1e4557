"""The operations that a contract's owner sends itself: those of webhooks, and those of an operation's callbacks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from tallystick.contracts.openapi3 import Indexer
from tallystick.contracts.paths import documented_operations
from tallystick.contracts.swagger2 import SwaggerIndexer
from tallystick.nouns.contract import Contract, Operation
from tallystick.nouns.errors import UnreadableError
from tallystick.nouns.node import Node

Hooks = dict[tuple[str, str], Operation]
"""Operations that are sent to a client, by name and method; their path is `/`, since the client chooses it."""


def webhooks_of(contract: Contract) -> Hooks:
    """The webhooks of a contract; before OpenAPI 3.1 they stand in `x-webhooks`."""
    root = contract.root
    key = next((key for key in ("webhooks", "x-webhooks") if isinstance(root.members.get(key), dict)), "")
    return _operations(contract, root.raw(key)) if key else {}


def callbacks_of(contract: Contract, operation: Node) -> Hooks:
    """The callbacks of an operation; the name has the expression of the address beside it."""
    hooks: Hooks = {}
    for name, callback in _readable(operation, "callbacks"):
        for (expression, method), hook in _operations(contract, callback).items():
            hooks[f"{name} {expression}", method] = hook
    return hooks


def _readable(owner: Node, key: str) -> Iterator[tuple[str, Node]]:
    if not isinstance(owner.members.get(key), dict):
        return
    for name, node in owner.raw(key).raw_items():
        try:
            followed = node.follow()
        except UnreadableError:
            continue  # `check` tells it
        if isinstance(followed.value, dict):
            yield name, followed


def _operations(contract: Contract, items: Node) -> Hooks:
    kind = SwaggerIndexer if contract.dialect.parameters_are_schemas else Indexer
    indexer = kind(contract.root, contract.name, contract.dialect)
    return {
        (documented.template, documented.method): replace(
            indexer.operation(documented, ()), path="/", mark="", security=()
        )
        for documented in documented_operations(items, contract.dialect, indexer.note)
    }
