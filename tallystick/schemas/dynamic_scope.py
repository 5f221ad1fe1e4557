"""Dynamic scopes: where a `$dynamicRef` leads depends on the schema resources that were entered on the way to it."""

from __future__ import annotations

from collections.abc import Mapping

from tallystick.nouns.node import Key, Node


class DynamicScope:
    """The outermost node of each `$dynamicAnchor`, of all schema resources that have been entered, by its name.

    Scopes with the same nodes are equal.
    """

    def __init__(self, anchors: Mapping[str, Node]) -> None:
        self.anchors = anchors
        self.keys: frozenset[tuple[str, Key]] = frozenset((name, node.key) for name, node in anchors.items())
        self.hash = hash(self.keys)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, DynamicScope) and self.keys == other.keys

    def __hash__(self) -> int:
        return self.hash


NO_SCOPE = DynamicScope({})


def scope_within(scope: DynamicScope, node: Node) -> DynamicScope:
    """The scope inside the schema resource that a node belongs to, which is entered from `scope`."""
    document = node.document
    if not document.dynamic_anchors:
        return scope
    anchors = document.dynamic_anchors.get(document.resource_of(node.path)[1], {})
    if anchors.keys() <= scope.anchors.keys():
        return scope
    return DynamicScope({**{name: document.root.raw(*path) for name, path in anchors.items()}, **scope.anchors})
