"""One document that has been read: its JSON value, its lines, and the URIs and anchors of its parts."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from functools import cached_property
from typing import Protocol

from tallystick.documents import text
from tallystick.documents.addresses import absolute
from tallystick.documents.contents import Holds, containers
from tallystick.nouns.json_value import JSON
from tallystick.nouns.node import Document, Node, Path

_LONG_LINE = 200
"""The average length of lines above which a text was not written to be read."""
_NAMING = re.compile(r"\$(?:id|self|anchor|dynamicAnchor)")
"""The keywords that name a part of a document."""
_NAMED = frozenset((Holds.OBJECT, Holds.SCHEMA))
"""The kinds of values that such a keyword can name; in all others it is a name, or data."""


class Neighbours(Protocol):
    """The documents that are read together, and can refer to one another."""

    @property
    def family(self) -> Collection[Document]: ...

    @property
    def reached(self) -> Collection[str]: ...

    def resolve(self, document: Document, path: Path, ref: str) -> Node:
        """The node that a reference at a path of a document names; raises `UnreadableError` if there is none."""
        ...

    def external(self, document: Document, path: Path, ref: str) -> bytes:
        """The bytes that a reference at a path of a document names; raises `UnreadableError` if there are none."""
        ...


class ReadDocument:
    """One file, or one page that was fetched (see `tallystick.nouns.node.Document`)."""

    def __init__(self, neighbours: Neighbours, uri: str, file: str, source: str) -> None:
        self.neighbours = neighbours
        self.uri = uri
        self.file = file
        self.source = source
        self.value: JSON
        self.line: text.Locate
        self.value, self.line = text.read(source, file)
        self.is_minified = len(source) > _LONG_LINE * (source.count("\n") + 1)
        self.root: Node = Node(self, (), self.value)

    @property
    def family(self) -> Collection[Document]:
        return self.neighbours.family

    @property
    def reached(self) -> Collection[str]:
        return self.neighbours.reached

    @cached_property
    def naming_keywords(self) -> frozenset[str]:
        """The naming keywords that occur anywhere in the text; most documents have none."""
        return frozenset(_NAMING.findall(self.source))

    @cached_property
    def hidden_flags(self) -> frozenset[str]:
        is_escaped = "\\u" in self.source or "\\x" in self.source  # an escape may stand for a letter of a flag
        return frozenset(flag for flag in ("readOnly", "writeOnly") if is_escaped or flag in self.source)

    @cached_property
    def resources(self) -> tuple[tuple[str, Path], ...]:
        if self.naming_keywords.isdisjoint(("$id", "$self")):
            return ()
        return tuple(_resources(self.value, (), self.uri))

    @cached_property
    def uris_by_path(self) -> dict[Path, str]:
        """The URI of each resource by its path; in most documents there is none."""
        return {path: uri for uri, path in self.resources}

    @cached_property
    def anchors(self) -> dict[tuple[Path, str], Path]:
        if self.naming_keywords.isdisjoint(("$anchor", "$dynamicAnchor")):
            return {}
        return {(self.resource_of(path)[1], name): path for name, path in _anchors(self.value, ())}

    @cached_property
    def dynamic_anchors(self) -> dict[Path, dict[str, Path]]:
        by_resource: dict[Path, dict[str, Path]] = {}
        for (resource, name), path in self.anchors.items() if "$dynamicAnchor" in self.naming_keywords else ():
            if self.root.raw(*path).string("$dynamicAnchor") == name:  # an `$anchor` may have the name too
                by_resource.setdefault(resource, {})[name] = path
        return by_resource

    def resource_of(self, path: Path) -> tuple[str, Path]:
        uris = self.uris_by_path
        for length in range(len(path), -1, -1) if uris else ():
            uri = uris.get(path[:length])
            if uri is not None:
                return uri, path[:length]
        return self.uri, ()

    def resolve(self, path: Path, ref: str) -> Node:
        return self.neighbours.resolve(self, path, ref)

    def external(self, path: Path, ref: str) -> bytes:
        return self.neighbours.external(self, path, ref)


def _resources(value: JSON, path: Path, base: str, holds: Holds = Holds.OBJECT) -> Iterator[tuple[str, Path]]:
    """The URI and path of each part of a value with a URI of its own; `base` is the base of relative URIs."""
    if isinstance(value, dict) and holds in _NAMED:
        identifier = value.get("$id" if path else "$self")
        if isinstance(identifier, str) and (uri := absolute(base, identifier)) is not None:
            base = uri
            yield base.removesuffix("#"), path
    for key, item, held in containers(value, holds):
        yield from _resources(item, (*path, key), base, held)


def _anchors(value: JSON, path: Path, holds: Holds = Holds.OBJECT) -> Iterator[tuple[str, Path]]:
    """The name and path of each part of a value that has an anchor."""
    if isinstance(value, dict) and holds in _NAMED:
        for keyword in ("$anchor", "$dynamicAnchor"):
            name = value.get(keyword)
            if isinstance(name, str):
                yield name, path
    for key, item, held in containers(value, holds):
        yield from _anchors(item, (*path, key), held)
