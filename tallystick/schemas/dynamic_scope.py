"""Dynamic scopes: where a `$dynamicRef` leads depends on the schema resources that were entered on the way to it."""

from __future__ import annotations

from collections.abc import Mapping

from tallystick.nouns.node import Key, Node, Path


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
    if not document.anchors:
        return scope
    resource = document.resource_of(node.path)[1]
    added = {
        name: anchored
        for (root, name), path in document.anchors.items()
        if root == resource and name not in scope.anchors and (anchored := _dynamic(node, path, name)) is not None
    }
    return DynamicScope({**scope.anchors, **added}) if added else scope


def _dynamic(node: Node, path: Path, name: str) -> Node | None:
    """The node at a path of a node's document, if its `$dynamicAnchor` has the name; an `$anchor` may have it too."""
    anchored = node.document.root.raw(*path)
    return anchored if anchored.string("$dynamicAnchor") == name else None
