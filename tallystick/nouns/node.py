"""Nodes: places in a document, with the value there and the ways to other nodes, references included."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from tallystick.nouns import budgets
from tallystick.nouns.errors import UnreadableError, WrongReferenceError
from tallystick.nouns.json_pointer import part_at
from tallystick.nouns.json_value import JSON
from tallystick.nouns.violation import Place

Path = tuple[str, ...]
"""The keys and indexes from the root of a document to a part of it."""

Key = tuple[str, Path]
"""The identity of a node: the URI of its document, and its path."""

TOO_LONG_A_CHAIN = (
    f"leads to more than {budgets.REFERENCE_CHAIN} others, one after the other, and is not followed; "
    "let it name what stands at their end"
)
"""The end of the fact for a reference that begins such a chain."""

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
    def is_minified(self) -> bool:
        """Whether the lines of the text are so long that a line alone does not lead to a part."""
        ...

    @property
    def line(self) -> Callable[[Path], int]:
        """A function from a path to its line, from 1; for a path that is not there, of its nearest ancestor."""
        ...

    @property
    def root(self) -> Node:
        """The document as a whole."""
        ...

    @property
    def family(self) -> Collection[Document]:
        """All documents that were read together: the first one, and each that a reference led to."""
        ...

    @property
    def reached(self) -> Collection[str]:
        """The URI of each document of the family, and of all that a reference led to and that could not be read."""
        ...

    @property
    def source(self) -> str:
        """The text of the document."""
        ...

    @property
    def hidden_flags(self) -> frozenset[str]:
        """Those of `readOnly` and `writeOnly` that may be in the document; most documents have none."""
        ...

    @property
    def resources(self) -> Sequence[tuple[str, Path]]:
        """The absolute URI and the path of each embedded schema resource (`$id`), the outermost first."""
        ...

    @property
    def anchors(self) -> Mapping[tuple[Path, str], Path]:
        """The path of each `$anchor` and `$dynamicAnchor`, by the path of its resource and its name."""
        ...

    @property
    def dynamic_anchors(self) -> Mapping[Path, Mapping[str, Path]]:
        """The path of each `$dynamicAnchor` by its name, by the path of its resource."""
        ...

    def resource_of(self, path: Path) -> tuple[str, Path]:
        """The URI and path of the schema resource around a part: the nearest with an `$id`, else the document."""
        ...

    def resolve(self, path: Path, ref: str) -> Node:
        """The node that a reference at a path names; raises `UnreadableError`, without a line, if there is none."""
        ...

    def external(self, path: Path, ref: str) -> bytes:
        """The bytes of the file that a reference at a path names; raises `UnreadableError`, without a line."""
        ...


@dataclass(slots=True, eq=False)
class Node:
    """A place in a document: the document, the path from its root, and the value there.

    Do not change a node. It is not frozen because a large document has a million nodes, and to make a frozen one takes
    four times as long.
    """

    document: Document
    path: Path
    value: JSON

    @property
    def place(self) -> Place:
        document = self.document
        return Place(document.file, self.path, document.line, document.is_minified)

    @property
    def key(self) -> Key:
        """The identity of this node."""
        return self.document.uri, self.path

    @property
    def members(self) -> dict[str, JSON]:
        """The members of an object, references not followed; empty for any other value."""
        value = self.value
        return value if isinstance(value, dict) else _NO_MEMBERS

    def get(self, key: str) -> Node | None:
        """The member of an object under a key, its `$ref` followed; None where there is none."""
        value = self.value
        if not isinstance(value, dict) or key not in value:
            return None
        return Node(self.document, (*self.path, key), value[key]).follow()

    def raw(self, *keys: str) -> Node:
        """The node under some keys, references not followed; raises KeyError where there is none."""
        return Node(self.document, self.path + keys, part_at(self.value, keys))

    def raw_items(self) -> Iterator[tuple[str, Node]]:
        """The members of an object or the items of a list, references not followed; nothing for any other value."""
        value = self.value
        if isinstance(value, dict):
            for key, item in value.items():
                yield key, Node(self.document, (*self.path, key), item)
        elif isinstance(value, list):
            for index, item in enumerate(value):
                yield str(index), Node(self.document, (*self.path, str(index)), item)

    def readable(self, key: str) -> Iterator[tuple[str, Node]]:
        """The readable members or items of the member under a key, references followed; others are left out."""
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
        """The members of the object under a key, references not followed; empty if there is no object."""
        value = self.members.get(key)
        return value if isinstance(value, dict) else _NO_MEMBERS

    def items_of(self, key: str) -> Sequence[JSON]:
        """The items of the list under a key, references not followed; empty if there is no list."""
        value = self.members.get(key)
        return value if isinstance(value, list) else ()

    def string(self, key: str, default: str = "") -> str:
        """The string under a key; the default if there is no string."""
        value = self.value
        member = value.get(key) if isinstance(value, dict) else None
        return member if isinstance(member, str) else default

    def flag(self, key: str, default: bool = False) -> bool:
        """The boolean under a key; the default if there is no boolean."""
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
        """The node at the end of the chain of `$ref`s that begins here: this node itself if it has none.

        Raises `UnreadableError` if a reference leads nowhere, or the chain back to itself or over too many references.
        """
        ref = self.reference
        if ref is None:
            return self
        node = self.target(ref)
        passed = {self.key}
        while (onward := node.reference) is not None:
            if node.key in passed:
                error = WrongReferenceError if ref.startswith("#") else UnreadableError
                raise error(self.document.file, self.place.line, f"the reference {ref} leads back to itself")
            if len(passed) >= budgets.REFERENCE_CHAIN:
                fact = f"the reference {self.reference} {TOO_LONG_A_CHAIN}"
                raise WrongReferenceError(self.document.file, self.place.line, fact)
            passed.add(node.key)
            node, ref = node.target(onward), onward
        return node

    def target(self, ref: str) -> Node:
        """The node that a reference in this node names; raises `UnreadableError`, with the line, if there is none."""
        document = self.document
        try:
            return document.resolve(self.path, ref)
        except UnreadableError as error:
            if error.file != document.file or error.line:
                raise
            raise type(error)(error.file, self.place.line, error.fact) from None

    def chain(self) -> Iterator[Node]:
        """This node and all nodes in the chain of its `$ref`s, each once, up to the first that cannot be read.

        A chain that is too long ends at its budget.
        """
        node, passed = self, set[Key]()
        while node.key not in passed and len(passed) <= budgets.REFERENCE_CHAIN:
            passed.add(node.key)
            yield node
            ref = node.reference
            if ref is None:
                return
            try:
                node = node.target(ref)
            except UnreadableError:
                return
