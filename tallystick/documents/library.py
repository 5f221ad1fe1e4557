"""The library of the documents of one contract: it reads files and follows references between them.

A reference may lead to files under the folder of the contract. It may lead elsewhere only if the user has allowed that
folder or host by name.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Sequence
from pathlib import Path
from urllib.parse import SplitResult, unquote, urlsplit

from tallystick.config import shown_path
from tallystick.documents.addresses import PORTS, Host, absolute, absolute_from_file, host_named, hosts_of
from tallystick.documents.document import ReadDocument
from tallystick.documents.encoding import encoding_of
from tallystick.nouns.errors import NotFollowedError, UnreadableError, UsageError, WrongReferenceError
from tallystick.nouns.json_pointer import part_at, to_keys
from tallystick.nouns.node import Document, Node
from tallystick.nouns.node import Path as Keys


class Library:
    """The documents read so far, by URI, and the folders and hosts that references may reach."""

    def __init__(self, home: Path, allow: Sequence[str] = ()) -> None:
        self.folders = [home.resolve()]
        self.hosts: set[Host] = set()
        """The hosts that references may reach."""
        self.documents: dict[str, Document] = {}
        self.embedded: dict[str, tuple[Document, Keys]] = {}
        """The document and path of each embedded resource (`$id`), by its URI."""
        self.resolved: dict[tuple[str, str], Node] = {}
        """The targets of references, by the URI of the schema resource around the reference and its text."""
        self.fetch_errors: dict[str, OSError | UnreadableError] = {}
        """Why fetches of web addresses failed, by URI; none is tried twice."""
        for name in allow:
            if name and Path(name).is_dir():
                self.folders.append(Path(name).resolve())
            elif os.sep in name and not name.startswith(("http://", "https://")):
                raise UsageError(f"--allow-ref {name}: there is no such folder")
            else:
                self.hosts.add(host_named(name))

    def may_ask(self, uri: str) -> bool:
        """Whether the user has allowed the host and port of a web address; raises ValueError for an invalid URI."""
        return not self.hosts.isdisjoint(hosts_of(uri))

    @property
    def family(self) -> Collection[Document]:
        """The documents that have been read."""
        return self.documents.values()

    def open(self, path: Path, shown: str | None = None) -> Document:
        """The document in a file; `shown` is the path as messages show it."""
        return self._open(path.resolve(), path, shown)

    def _open(self, resolved: Path, path: Path, shown: str | None = None) -> Document:
        uri = resolved.as_uri()
        if uri not in self.documents:
            file = shown or str(shown_path(resolved))
            self.add(uri, file, _read(path, file))
        return self.documents[uri]

    def add(self, uri: str, file: str, source: str) -> Document:
        """Add the document with this text and its embedded resources."""
        document = self.documents[uri] = ReadDocument(self, uri, file, source)
        for resource, path in document.resources:
            self.embedded.setdefault(resource, (document, path))
        return document

    def resolve(self, document: Document, path: Keys, ref: str) -> Node:
        """The node that a reference at a path of a document names.

        RFC 3986, section 5; RFC 6901; JSON Schema 2020-12, section 8.2. Raises an `UnreadableError` without a line.
        """
        base, root = document.resource_of(path)
        node = self.resolved.get((base, ref))
        if node is not None:
            return node
        address, _, fragment = ref.partition("#")
        target = document
        if address:
            uri = absolute_from_file(base, address) if base == document.uri else absolute(base, address)
            if uri is None:
                raise WrongReferenceError(document.file, 0, f"the reference {ref!r} is no URI")
            target, root = self._resource(document, uri, ref)
        keys = _keys_of(fragment, target, root)
        try:
            if keys is None:
                raise KeyError(fragment)
            value = part_at(target.value, keys)
        except KeyError:
            fact = f"the reference {ref} leads nowhere; there is no {fragment!r} in {target.file}"
            raise (UnreadableError if address else WrongReferenceError)(document.file, 0, fact) from None
        node = self.resolved[base, ref] = Node(target, keys, value)
        return node

    def _resource(self, source: Document, uri: str, ref: str) -> tuple[Document, Keys]:
        """The document that a reference leads into, and the path in it that a fragment starts from."""
        if uri in self.documents:
            return self.documents[uri], ()
        return self.embedded.get(uri) or (self._fetch(source, uri, ref), ())

    def _fetch(self, source: Document, uri: str, ref: str) -> Document:
        address = urlsplit(uri)
        file = source.file
        if address.scheme == "file":
            return self._file(source, address, ref)
        if address.scheme not in PORTS:
            raise UnreadableError(file, 0, f"the reference {ref} is neither a file nor a web address")
        if not self.may_ask(uri):
            fact = f"the reference {ref} is remote and was not fetched; allow it with --allow-ref {address.hostname}"
            raise NotFollowedError(file, 0, fact)
        try:
            if uri in self.fetch_errors:
                raise self.fetch_errors[uri]
            from tallystick.documents.fetch import fetch  # imports an HTTP client, which few documents need

            return self.add(uri, uri, fetch(uri, self.may_ask))
        except OSError as error:
            self.fetch_errors[uri] = error
            raise UnreadableError(file, 0, f"the reference {ref} cannot be fetched: {error}") from None
        except UnreadableError as error:
            self.fetch_errors[uri] = error
            raise

    def _file(self, source: Document, address: SplitResult, ref: str) -> Document:
        file, path = source.file, Path(unquote(address.path))
        if address.netloc.lower() not in ("", "localhost"):
            fact = f"the reference {ref} names a file of the host {address.netloc}; expected a file, or a web address"
            raise UnreadableError(file, 0, f"{fact} such as https:{ref.removeprefix('file:')}")
        try:
            resolved = path.resolve()
        except (ValueError, RuntimeError) as error:  # a zero byte; a symbolic link that leads back to itself
            raise WrongReferenceError(file, 0, f"the reference {ref!r} names no file: {error}") from None
        if not any(resolved.is_relative_to(folder) for folder in self.folders):
            hint = f"allow it with --allow-ref {shown_path(resolved.parent)}"
            raise NotFollowedError(file, 0, f"the reference {ref} leaves the contract's folder; {hint}")
        try:
            return self._open(resolved, path)
        except UnreadableError as error:
            if error.line:
                raise
            raise UnreadableError(file, 0, f"the reference {ref} cannot be read: {error}") from None


def _keys_of(fragment: str, document: Document, root: Keys) -> Keys | None:
    """The path in a document that a fragment (a JSON Pointer or an anchor) means; None for an unknown anchor.

    `root` is the path of the schema resource that the reference names; the fragment starts from it.
    """
    if not fragment:
        return root
    if fragment.startswith("/"):
        return root + to_keys(unquote(fragment))
    return document.anchors.get((root, fragment))


def load(path: Path | str, allow: Sequence[str] = ()) -> Node:
    """The root of the document in a file, ready to follow its references.

    Raises `UnreadableError` where it cannot be read or is not one YAML or JSON object.
    """
    library = Library(Path(path).resolve().parent, allow)
    document = library.open(Path(path), str(path))
    if not isinstance(document.value, dict):
        raise UnreadableError(str(path), 1, "not an OpenAPI document: an object was expected at the top")
    return document.root


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
    encoding = encoding_of(raw)
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        name = "UTF-16" if encoding == "utf-16" else "UTF-8"
        fact = f"not text in {name}: byte 0x{raw[error.start]:02x} at offset {error.start}"
        raise UnreadableError(file, line, fact) from None
