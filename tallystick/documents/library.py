"""Files to documents with line numbers, and `$ref` from one part to another; references stay home.

A reference is read under the folder of the contract that is loaded, and beyond it only where the user has allowed
a folder or a host by name. Nothing is fetched unasked.
"""

from __future__ import annotations

import os
import posixpath
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, unquote, urljoin, urlsplit

from tallystick.documents import text
from tallystick.nouns.errors import NotFollowedError, UnreadableError, UsageError
from tallystick.nouns.json_pointer import part_at, to_keys
from tallystick.nouns.violation import Place

_HOST = re.compile(r"(?P<name>[\w.-]+|\[[0-9a-f:.]+\])(?::(?P<port>\d{1,5}))?", re.IGNORECASE)
_PORTS = {"http": 80, "https": 443}
_MARK = re.compile(r"\$(?:id|self|anchor|dynamicAnchor)")
_BELOW = re.compile(r"(?:[\w.-]+/)*[\w.-]*\w")
"""A reference that is the path of a file from the folder of another, and nothing more."""


class Document:
    """One file or fetched page: its JSON value, and the line of each part of it on demand."""

    def __init__(self, uri: str, file: str, source: str) -> None:
        self.uri = uri
        self.file = file
        self.source = source
        self.value: Any
        self.line: text.Locate
        self.value, self.line = text.read(source, file)
        self.root = Place(file, (), self.line)

    @cached_property
    def marks(self) -> frozenset[str]:
        """The keywords that give parts a name, those that its text has anywhere: most documents have none."""
        return frozenset(_MARK.findall(self.source))

    @cached_property
    def resources(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """The absolute URI and the path of each embedded schema resource (`$id`), the outermost first."""
        if self.marks.isdisjoint(("$id", "$self")):
            return ()
        found: list[tuple[str, tuple[str, ...]]] = []

        def walk(value: Any, path: tuple[str, ...], base: str) -> None:
            if isinstance(value, dict):
                identifier = value.get("$self" if not path else "$id")
                if isinstance(identifier, str) and (joined := _joined(base, identifier)) is not None:
                    base = joined
                    found.append((base.removesuffix("#"), path))
                for key, item in value.items():
                    walk(item, (*path, key), base)
            elif isinstance(value, list):
                for index, item in enumerate(value):
                    walk(item, (*path, str(index)), base)

        walk(self.value, (), self.uri)
        return tuple(found)

    def resource_of(self, path: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
        """The URI and path of the schema resource that a part stands in: the document itself where it has no `$id`."""
        best: tuple[str, tuple[str, ...]] = (self.uri, ())
        for uri, root in self.resources:
            if path[: len(root)] == root and len(root) >= len(best[1]):
                best = (uri, root)
        return best

    @cached_property
    def anchors(self) -> dict[tuple[tuple[str, ...], str], tuple[str, ...]]:
        """The path of each `$anchor` and `$dynamicAnchor`, by the path of its resource and its name."""
        if self.marks.isdisjoint(("$anchor", "$dynamicAnchor")):
            return {}
        found: dict[tuple[tuple[str, ...], str], tuple[str, ...]] = {}

        def walk(value: Any, path: tuple[str, ...]) -> None:
            if isinstance(value, dict):
                for key in ("$anchor", "$dynamicAnchor"):
                    if isinstance(value.get(key), str):
                        found[self.resource_of(path)[1], value[key]] = path
                for key, item in value.items():
                    walk(item, (*path, key))
            elif isinstance(value, list):
                for index, item in enumerate(value):
                    walk(item, (*path, str(index)))

        walk(self.value, ())
        return found


@dataclass(slots=True, eq=False)
class Node:
    """A part of a document: where it is, what it is, and how to go on from it.

    Nobody changes one; it is not frozen since a large document has a million, and each would take four times as long.
    """

    library: Library
    document: Document
    path: tuple[str, ...]
    value: Any

    @property
    def place(self) -> Place:
        return Place(self.document.file, self.path, self.document.line)

    @property
    def key(self) -> tuple[str, tuple[str, ...]]:
        """What tells this part from every other one: the document's URI and the path."""
        return self.document.uri, self.path

    def get(self, key: str) -> Node | None:
        """The member of an object, with the references on the way followed; None where there is none."""
        value = self.value
        if not isinstance(value, dict) or key not in value:
            return None
        return Node(self.library, self.document, (*self.path, key), value[key]).follow()

    def raw(self, *keys: str) -> Node:
        """The part under these keys as it stands; raises KeyError where it is not there."""
        return Node(self.library, self.document, self.path + keys, part_at(self.value, keys))

    def items(self) -> Iterator[tuple[str, Node]]:
        """The members of an object or the items of a list, references followed; nothing for any other value."""
        for key, child in self.raw_items():
            yield key, child.follow()

    def raw_items(self) -> Iterator[tuple[str, Node]]:
        """The members of an object or the items of a list as they stand."""
        value = self.value
        if isinstance(value, dict):
            for key, item in value.items():
                yield key, Node(self.library, self.document, (*self.path, key), item)
        elif isinstance(value, list):
            for index, item in enumerate(value):
                yield str(index), Node(self.library, self.document, (*self.path, str(index)), item)

    def string(self, key: str, default: str = "") -> str:
        """A member that is a string; the default where there is none, or it is something else."""
        value = self.value.get(key) if isinstance(self.value, dict) else None
        return value if isinstance(value, str) else default

    def flag(self, key: str, default: bool = False) -> bool:
        """A member that is a boolean; the default where there is none, or it is something else."""
        value = self.value.get(key) if isinstance(self.value, dict) else None
        return value if isinstance(value, bool) else default

    @property
    def reference(self) -> str | None:
        """The `$ref` of this part, if it is a reference."""
        value = self.value
        if isinstance(value, dict):
            ref = value.get("$ref")
            if isinstance(ref, str):
                return ref
        return None

    def follow(self) -> Node:
        """This part, or what its `$ref` (and that one's, and so on) leads to."""
        ref = self.reference
        if ref is None:
            return self
        node = self.target(ref)
        seen = {self.key}
        while (onward := node.reference) is not None:
            if node.key in seen:
                raise UnreadableError(self.document.file, self.place.line, f"the reference {ref} leads back to itself")
            seen.add(node.key)
            node, ref = node.target(onward), onward
        return node

    def target(self, ref: str) -> Node:
        """The part that a reference standing in this part names; an `UnreadableError` at its line if there is none."""
        try:
            return self.library.resolve(self, ref)
        except UnreadableError as error:
            if error.file != self.document.file or error.line:
                raise
            raise type(error)(error.file, self.place.line, error.fact) from None


class Library:
    """The documents read so far, by URI, and what references may reach: folders, and hosts by name."""

    def __init__(self, home: Path, allow: Sequence[str] = ()) -> None:
        self.folders = [home.resolve()]
        self.hosts: set[tuple[str, int | None]] = set()
        """The hosts that may be asked, each with the one port that is allowed, or None for all."""
        self.documents: dict[str, Document] = {}
        self.embedded: dict[str, tuple[Document, tuple[str, ...]]] = {}
        """Where the embedded resources (`$id`) of these documents are, by their URIs."""
        self.resolved: dict[tuple[str, str], Node] = {}
        self.unfetched: dict[str, OSError | UnreadableError] = {}
        """Why web addresses that were asked gave no document; none is asked twice."""
        for name in allow:
            if name and Path(name).is_dir():
                self.folders.append(Path(name).resolve())
            elif os.sep in name and not name.startswith(("http://", "https://")):
                raise UsageError(f"--allow-ref {name}: there is no such folder")
            else:
                self.hosts.add(_host(name))

    def may_ask(self, uri: str) -> bool:
        """Whether the user has allowed the host of a web address, and its port; a ValueError where it is no URI."""
        parts = urlsplit(uri)
        host, port = (parts.hostname or "").lower(), parts.port or _PORTS.get(parts.scheme)
        return not self.hosts.isdisjoint({(host, None), (host, port)})

    def open(self, path: Path, shown: str | None = None) -> Document:
        """The document in a file; `shown` is the path as messages have it."""
        return self._open(path.resolve(), path, shown)

    def _open(self, resolved: Path, path: Path, shown: str | None = None) -> Document:
        uri = resolved.as_uri()
        if uri not in self.documents:
            file = shown or _shown(resolved)
            self.add(Document(uri, file, _read(path, file)))
        return self.documents[uri]

    def add(self, document: Document) -> Document:
        """Keeps a document that was read elsewhere, and what is embedded in it."""
        self.documents[document.uri] = document
        for uri, path in document.resources:
            self.embedded.setdefault(uri, (document, path))
        return document

    def resolve(self, node: Node, ref: str) -> Node:
        """The part that `ref`, standing in `node`, names (RFC 3986, section 5; RFC 6901; JSON Schema 2020-12, 8.2)."""
        document, (base, root) = node.document, node.document.resource_of(node.path)
        known = self.resolved.get((base, ref))
        if known is not None:
            return known
        address, _, fragment = ref.partition("#")
        if address:
            absolute = _beside(base, address) if base == document.uri else _joined(base, address)
            if absolute is None:
                raise UnreadableError(node.document.file, 0, f"the reference {ref!r} is no URI")
            document, root = self._resource(node, absolute, ref)
        path = self._fragment(document, root, fragment)
        try:
            if path is None:
                raise KeyError(fragment)
            value = part_at(document.value, path)
        except KeyError:
            fact = f"the reference {ref} leads nowhere; there is no {fragment!r} in {document.file}"
            raise UnreadableError(node.document.file, 0, fact) from None
        found = self.resolved[base, ref] = Node(self, document, path, value)
        return found

    @staticmethod
    def _fragment(document: Document, root: tuple[str, ...], fragment: str) -> tuple[str, ...] | None:
        if not fragment:
            return root
        if fragment.startswith("/"):
            return root + to_keys(unquote(fragment))
        return document.anchors.get((root, fragment))

    def _resource(self, node: Node, uri: str, ref: str) -> tuple[Document, tuple[str, ...]]:
        if uri in self.documents:
            return self.documents[uri], ()
        return self.embedded.get(uri) or (self._fetch(node, uri, ref), ())

    def _fetch(self, node: Node, uri: str, ref: str) -> Document:
        parts = urlsplit(uri)
        file = node.document.file
        if parts.scheme == "file":
            return self._file(node, parts, ref)
        if parts.scheme not in _PORTS:
            raise UnreadableError(file, 0, f"the reference {ref} is neither a file nor a web address")
        if not self.may_ask(uri):
            fact = f"the reference {ref} is remote and was not fetched; allow it with --allow-ref {parts.hostname}"
            raise NotFollowedError(file, 0, fact)
        try:
            if uri in self.unfetched:
                raise self.unfetched[uri]
            from tallystick.documents.fetch import fetch  # brings an HTTP client with it, which few documents need

            return self.add(Document(uri, uri, fetch(uri, self.may_ask)))
        except OSError as error:
            self.unfetched[uri] = error
            raise UnreadableError(file, 0, f"the reference {ref} cannot be fetched: {error}") from None
        except UnreadableError as error:
            self.unfetched[uri] = error
            raise

    def _file(self, node: Node, parts: SplitResult, ref: str) -> Document:
        file, path = node.document.file, Path(unquote(parts.path))
        if parts.netloc.lower() not in ("", "localhost"):
            fact = f"the reference {ref} names a file of the host {parts.netloc}; expected a file, or a web address"
            raise UnreadableError(file, 0, f"{fact} such as https:{ref.removeprefix('file:')}")
        try:
            resolved = path.resolve()
        except (ValueError, RuntimeError) as error:  # a zero byte; a symbolic link that leads back to itself
            raise UnreadableError(file, 0, f"the reference {ref!r} names no file: {error}") from None
        if not any(resolved.is_relative_to(folder) for folder in self.folders):
            hint = f"allow it with --allow-ref {_shown(resolved.parent)}"
            raise NotFollowedError(file, 0, f"the reference {ref} leaves the contract's folder; {hint}")
        try:
            return self._open(resolved, path)
        except UnreadableError as error:
            if error.line:
                raise
            raise UnreadableError(file, 0, f"the reference {ref} cannot be read: {error}") from None


def _beside(base: str, address: str) -> str | None:
    """The absolute URI of a reference from the document at `base`; that of a file is told at a tenth of the cost."""
    if base.startswith("file:///") and _BELOW.fullmatch(address):
        return "file://" + posixpath.normpath(base[len("file://") : base.rindex("/") + 1] + address)
    return _joined(base, address)


def _joined(base: str, reference: str) -> str | None:
    """The absolute URI of a reference (RFC 3986, section 5); None where it is no URI."""
    try:
        joined = urljoin(base, reference)
        _ = urlsplit(joined).port  # which is looked at only when it is asked for
    except ValueError:
        return None
    return joined


def _host(name: str) -> tuple[str, int | None]:
    """A host as the user names it (`example.com`, `127.0.0.1:8080`, `https://example.com/`), and its port, if any.

    Raises `UsageError` where it is none.
    """
    found = _HOST.fullmatch(name.partition("://")[2].removesuffix("/") if "://" in name else name)
    if found is None or int(found["port"] or 0) > 65535:
        expected = "expected a folder that is there, or a host such as example.com or 127.0.0.1:8080"
        raise UsageError(f"--allow-ref {name}: neither a folder nor a host; {expected}")
    return found["name"].strip("[]").lower(), int(found["port"]) if found["port"] else None


def load(path: Path | str, allow: Sequence[str] = ()) -> Node:
    """The root of the document in a file, ready to follow its references.

    Raises `UnreadableError` where it cannot be read or is not one YAML or JSON object.
    """
    library = Library(Path(path).resolve().parent, allow)
    document = library.open(Path(path), str(path))
    if not isinstance(document.value, dict):
        raise UnreadableError(str(path), 1, "not an OpenAPI document: an object was expected at the top")
    return Node(library, document, (), document.value)


def _read(path: Path, file: str) -> str:
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        raise UnreadableError(file, 0, "there is no such file") from None
    except IsADirectoryError:
        raise UnreadableError(
            file, 0, "this is a directory; an OpenAPI document (.yaml or .json) was expected"
        ) from None
    except OSError as error:
        raise UnreadableError(file, 0, f"cannot be read: {error.strerror or error}") from None
    encoding = "utf-16" if raw[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        name = "UTF-16" if encoding == "utf-16" else "UTF-8"
        fact = f"not text in {name}: byte 0x{raw[error.start]:02x} at offset {error.start}"
        raise UnreadableError(file, line, fact) from None


def _shown(path: Path) -> str:
    """A path as messages have it: relative to the working folder where it is below it."""
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)
