"""A place in a document: what stands there, and how to go on from it, through references too."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from tallystick.nouns.errors import UnreadableError
from tallystick.nouns.json_pointer import part_at
from tallystick.nouns.json_value import JSON
from tallystick.nouns.violation import Place

Path = tuple[str, ...]
"""The keys and indexes from the root of a document to a part of it."""

Key = tuple[str, Path]
"""What tells a node from every other one: the URI of its document, and its path."""

_NO_MEMBERS: dict[str, JSON] = {}


class Document(Protocol):
    """One file, or one page that was fetched, as its nodes see it."""

    @property
    def uri(self) -> str: ...

    @property
    def file(self) -> str:
        """The file as messages name it."""
        ...

    @property
    def value(self) -> JSON: ...

    @property
    def line(self) -> Callable[[Path], int]:
        """From a path to its line, from 1; for a path that is not there the line of its nearest ancestor."""
        ...

    @property
    def root(self) -> Node:
        """The document as a whole."""
        ...

    @property
    def family(self) -> Collection[Document]:
        """All documents that were read together: this one, and those that references have led to."""
        ...

    @property
    def size(self) -> int:
        """How many characters the document has."""
        ...

    @property
    def resources(self) -> Sequence[tuple[str, Path]]:
        """The absolute URI and the path of each embedded schema resource (`$id`), the outermost first."""
        ...

    @property
    def anchors(self) -> Mapping[tuple[Path, str], Path]:
        """The path of each `$anchor` and `$dynamicAnchor`, by the path of its resource and its name."""
        ...

    def resource_of(self, path: Path) -> tuple[str, Path]:
        """The URI and path of the schema resource that a part stands in: the document itself where it has no `$id`."""
        ...

    def resolve(self, path: Path, ref: str) -> Node:
        """What a reference names that stands at a path; an `UnreadableError` without a line where that is nothing."""
        ...


@dataclass(slots=True, eq=False)
class Node:
    """A place in a document: the document, the path from its root, and the value there.

    Nobody changes one; it is not frozen since a large document has a million, and each would take four times as long.
    """

    document: Document
    path: Path
    value: JSON

    @property
    def place(self) -> Place:
        return Place(self.document.file, self.path, self.document.line)

    @property
    def key(self) -> Key:
        """What tells this node from every other one."""
        return self.document.uri, self.path

    @property
    def members(self) -> dict[str, JSON]:
        """The members of an object as they stand; none for any other value."""
        value = self.value
        return value if isinstance(value, dict) else _NO_MEMBERS

    def get(self, key: str) -> Node | None:
        """The member of an object, with the references on the way followed; None where there is none."""
        value = self.value
        if not isinstance(value, dict) or key not in value:
            return None
        return Node(self.document, (*self.path, key), value[key]).follow()

    def raw(self, *keys: str) -> Node:
        """The node under these keys as it stands; raises KeyError where there is none."""
        return Node(self.document, self.path + keys, part_at(self.value, keys))

    def items(self) -> Iterator[tuple[str, Node]]:
        """The members of an object or the items of a list, references followed; nothing for any other value."""
        for key, child in self.raw_items():
            yield key, child.follow()

    def raw_items(self) -> Iterator[tuple[str, Node]]:
        """The members of an object or the items of a list as they stand."""
        value = self.value
        if isinstance(value, dict):
            for key, item in value.items():
                yield key, Node(self.document, (*self.path, key), item)
        elif isinstance(value, list):
            for index, item in enumerate(value):
                yield str(index), Node(self.document, (*self.path, str(index)), item)

    def readable(self, key: str) -> Iterator[tuple[str, Node]]:
        """What a member holds, references followed, as far as it can be read."""
        try:
            holder = self.get(key)
        except UnreadableError:
            return
        for name, node in holder.raw_items() if holder is not None else ():
            try:
                yield name, node.follow()
            except UnreadableError:
                continue

    def members_of(self, key: str) -> dict[str, JSON]:
        """The members of a member that is an object, as they stand; none for any other one."""
        value = self.members.get(key)
        return value if isinstance(value, dict) else _NO_MEMBERS

    def items_of(self, key: str) -> Sequence[JSON]:
        """The items of a member that is a list, as they stand; none for any other one."""
        value = self.members.get(key)
        return value if isinstance(value, list) else ()

    def string(self, key: str, default: str = "") -> str:
        """A member that is a string; the default where there is none, or it is something else."""
        value = self.value
        member = value.get(key) if isinstance(value, dict) else None
        return member if isinstance(member, str) else default

    def flag(self, key: str, default: bool = False) -> bool:
        """A member that is a boolean; the default where there is none, or it is something else."""
        value = self.value
        member = value.get(key) if isinstance(value, dict) else None
        return member if isinstance(member, bool) else default

    @property
    def reference(self) -> str | None:
        """The `$ref` of this node, if it is a reference."""
        value = self.value
        if isinstance(value, dict):
            ref = value.get("$ref")
            if isinstance(ref, str):
                return ref
        return None

    def follow(self) -> Node:
        """This node, or what its `$ref` (and that one's, and so on) leads to."""
        ref = self.reference
        if ref is None:
            return self
        node = self.target(ref)
        passed = {self.key}
        while (onward := node.reference) is not None:
            if node.key in passed:
                raise UnreadableError(self.document.file, self.place.line, f"the reference {ref} leads back to itself")
            passed.add(node.key)
            node, ref = node.target(onward), onward
        return node

    def target(self, ref: str) -> Node:
        """What a reference standing in this node names; an `UnreadableError` at its line where that is nothing."""
        document = self.document
        try:
            return document.resolve(self.path, ref)
        except UnreadableError as error:
            if error.file != document.file or error.line:
                raise
            raise type(error)(error.file, self.place.line, error.fact) from None

    def chain(self) -> Iterator[Node]:
        """This node, what its `$ref` leads to, what that one's does, and so on; each once, as far as can be read."""
        node, passed = self, set[Key]()
        while node.key not in passed:
            passed.add(node.key)
            yield node
            ref = node.reference
            if ref is None:
                return
            try:
                node = node.target(ref)
            except UnreadableError:
                return
