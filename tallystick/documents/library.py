"""The library of the documents of one contract: it reads files and follows references between them.

A reference may lead to files under the folder of the contract. It may lead elsewhere only if the user has allowed that
folder or host by name.
"""

from __future__ import annotations

import os
import shlex
from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, unquote, urlsplit

from tallystick.config import path_from_here, shown_path
from tallystick.documents.addresses import (
    PORTS,
    Host,
    absolute,
    absolute_from_file,
    host_named,
    hosts_of,
    is_beside,
)
from tallystick.documents.document import ReadDocument
from tallystick.documents.sources import (
    STANDARD_INPUT,
    STDIN,
    fetch_named,
    is_address,
    read_file,
    read_octets,
    read_standard_input,
)
from tallystick.files.kinds import real_path
from tallystick.files.reading import is_pipe
from tallystick.nouns import budgets
from tallystick.nouns.errors import NotFollowedError, UnreadableError, UsageError, WrongReferenceError
from tallystick.nouns.json_pointer import part_at, to_keys
from tallystick.nouns.node import Document, Node
from tallystick.nouns.node import Path as Keys

if TYPE_CHECKING:
    from tallystick.documents.fetch import Page

_SHOWN = 60
"""How many characters of a reference are shown that is too long."""


class Library:
    """The documents read so far, by URI, and the folders and hosts that references may reach."""

    def __init__(self, home: Path | None, allow: Sequence[str] = ()) -> None:
        self.folders = [home.resolve()] if home is not None else []
        self.page = ""
        """The address of the contract if it was fetched: references may reach what is in its folder, or below it."""
        self.hosts: set[Host] = set()
        """The hosts that references may reach."""
        self.documents: dict[str, Document] = {}
        self._family: tuple[Document, ...] = ()
        self.embedded: dict[str, tuple[Document, Keys]] = {}
        """The document and path of each embedded resource (`$id`), by its URI."""
        self.resolved: dict[tuple[str, str], Node] = {}
        """The targets of references, by the URI of the schema resource around the reference and its text."""
        self.failures: dict[str, OSError | UnreadableError] = {}
        """Why documents that references lead to could not be read, by URI; none is tried twice."""
        self.externals: dict[str, bytes | OSError | UnreadableError] = {}
        """The values of external examples, or why they could not be read, by URI; each is read once."""
        for name in allow:
            if name and Path(name).is_dir():
                self.folders.append(Path(name).resolve())
            elif os.sep in name and not name.startswith(("http://", "https://")):
                raise UsageError(f"--allow-ref {name}: there is no such folder")
            else:
                self.hosts.add(host_named(name))

    def may_ask(self, uri: str) -> bool:
        """Whether a reference may reach a web address; raises ValueError for an invalid URI."""
        return not self.hosts.isdisjoint(hosts_of(uri)) or (bool(self.page) and is_beside(uri, self.page))

    @property
    def family(self) -> Collection[Document]:
        """The documents that have been read so far; another thread may read more meanwhile."""
        if len(self._family) != len(self.documents):
            self._family = tuple(self.documents.values())
        return self._family

    @property
    def reached(self) -> Collection[str]:
        """The URI of each document and external example that was read, or that could not be."""
        return {*self.documents, *self.failures, *self.externals}

    def open(self, path: Path, shown: str | None = None) -> Document:
        """The document in a file; `shown` is the path as messages show it."""
        return self._open(real_path(path), path, shown)

    def _open(self, resolved: Path, path: Path, shown: str | None = None) -> Document:
        uri = resolved.as_uri()
        if uri not in self.documents:
            file = shown or str(shown_path(resolved))
            self.add(uri, file, read_file(path, file))
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
        _refuse_long(document, ref)
        address, _, fragment = ref.partition("#")
        target = document
        if address:
            target, root = self._resource(document, self._uri(document, base, address), ref)
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

    def external(self, document: Document, path: Keys, ref: str) -> bytes:
        """The bytes that a reference at a path of a document names, which need not be a document (`externalValue`).

        Raises an `UnreadableError` without a line.
        """
        _refuse_long(document, ref)
        uri = self._uri(document, document.resource_of(path)[0], ref.partition("#")[0])
        file = self._allowed_file(document, uri, ref)
        key = file.as_uri() if file is not None else uri
        if key not in self.externals:
            try:
                self.externals[key] = (
                    read_octets(file, str(shown_path(file))) if file is not None else _page(uri, self.may_ask).octets
                )
            except (OSError, UnreadableError) as error:
                self.externals[key] = error
        octets = self.externals[key]
        if isinstance(octets, bytes):
            return octets
        raise _behind(octets, document.file, f"the externalValue {ref} cannot be read")

    def _uri(self, document: Document, base: str, address: str) -> str:
        uri = absolute_from_file(base, address) if base == document.uri else absolute(base, address)
        if uri is None:
            raise WrongReferenceError(document.file, 0, f"the reference {address!r} is no URI")
        return uri

    def _resource(self, source: Document, uri: str, ref: str) -> tuple[Document, Keys]:
        """The document that a reference leads into, and the path in it that a fragment starts from."""
        if uri in self.documents:
            return self.documents[uri], ()
        return self.embedded.get(uri) or (self._fetch(source, uri, ref), ())

    def _fetch(self, source: Document, uri: str, ref: str) -> Document:
        file = self._allowed_file(source, uri, ref)
        key = file.as_uri() if file is not None else uri
        if key not in self.failures:
            try:
                if file is not None:
                    return self._open(file, file)
                return self.add(uri, uri, _page(uri, self.may_ask).text())
            except (OSError, UnreadableError) as error:
                self.failures[key] = error
        verb = "read" if file is not None else "fetched"
        raise _behind(self.failures[key], source.file, f"the reference {ref} cannot be {verb}")

    def _allowed_file(self, source: Document, uri: str, ref: str) -> Path | None:
        """The file that a reference names; None for a web address. Raises `UnreadableError` where it may not go."""
        address = urlsplit(uri)
        file = source.file
        if address.scheme == "file":
            return self._file(source, address, ref)
        if address.scheme not in PORTS:
            raise UnreadableError(file, 0, f"the reference {ref} is neither a file nor a web address")
        if not self.may_ask(uri):
            fact = f"the reference {ref} is remote and was not fetched; allow it with --allow-ref {address.hostname}"
            raise NotFollowedError(file, 0, fact)
        return None

    def _file(self, source: Document, address: SplitResult, ref: str) -> Path:
        file, path = source.file, Path(unquote(address.path, errors="surrogateescape"))
        if address.netloc.lower() not in ("", "localhost"):
            fact = f"the reference {ref} names a file of the host {address.netloc}; expected a file, or a web address"
            raise UnreadableError(file, 0, f"{fact} such as https:{ref.removeprefix('file:')}")
        try:
            resolved = path.resolve()
        except (ValueError, RuntimeError) as error:  # a zero byte; a symbolic link that leads back to itself
            raise WrongReferenceError(file, 0, f"the reference {ref!r} names no file: {error}") from None
        if not any(resolved.is_relative_to(folder) for folder in self.folders):
            raise NotFollowedError(file, 0, f"the reference {ref} leaves the contract's folder{_hint(resolved)}")
        return resolved


def _refuse_long(document: Document, ref: str) -> None:
    """Raises `WrongReferenceError` for a reference that is too long to be one."""
    if len(ref) > budgets.REFERENCE_CHARACTERS:
        most = f"at most {budgets.REFERENCE_CHARACTERS:,} are followed"
        raise WrongReferenceError(
            document.file, 0, f"the reference {ref[:_SHOWN]!r}… has {len(ref):,} characters; {most}"
        )


def _page(uri: str, may_ask: Callable[[str], bool]) -> Page:
    """The page at a web address."""
    from tallystick.documents.fetch import fetch  # imports an HTTP client, which few documents need

    return fetch(uri, may_ask)


def _behind(error: OSError | UnreadableError, file: str, fact: str) -> UnreadableError:
    """The error of a reference to a document that cannot be read: that of the document where it tells a line of it."""
    if isinstance(error, UnreadableError) and error.line:
        return UnreadableError(error.file, error.line, error.fact)
    return UnreadableError(file, 0, f"{fact}: {error}")


def _hint(file: Path) -> str:
    """What a user can do about a reference to a file outside of the contract's folder."""
    if not os.path.isfile(file):
        return ", and leads to no file"
    return f"; allow it with --allow-ref {shlex.quote(path_from_here(file.parent))}"


def _keys_of(fragment: str, document: Document, root: Keys) -> Keys | None:
    """The path in a document that a fragment (a JSON Pointer or an anchor) means; None for an unknown anchor.

    `root` is the path of the schema resource that the reference names; the fragment starts from it.
    """
    if not fragment:
        return root
    if fragment.startswith("/"):
        return root + to_keys(unquote(fragment))
    return document.anchors.get((root, fragment))


def load(name: Path | str, allow: Sequence[str] = ()) -> Node:
    """The root of a document, ready to follow its references: of a file, a web address, or standard input (`-`).

    A string may also name a pipe (`<(command)` of a shell). References of standard input, and of a pipe, are relative
    to the working folder. Raises `UnreadableError` where the document
    cannot be read or is not one YAML or JSON object.
    """
    file = str(name)
    if file == STANDARD_INPUT:
        home = Path.cwd()
        library = Library(home, allow)
        document = library.add((home / STDIN).as_uri(), STDIN, read_standard_input())
    elif isinstance(name, str) and is_address(name):
        library = Library(None, allow)
        page = fetch_named(name, library.may_ask)
        library.page = page.uri
        document = library.add(page.uri, name, page.text())
    elif isinstance(name, str) and is_pipe(Path(name)):
        home = Path.cwd()
        library = Library(home, allow)
        document = library.add((home / f"<{Path(name).name}>").as_uri(), file, read_file(Path(name), file, True))
    else:
        library = Library(real_path(Path(name)).parent, allow)
        document = library.open(Path(name), file)
    if not isinstance(document.value, dict):
        raise UnreadableError(document.file, 1, "not an OpenAPI document: an object was expected at the top")
    return document.root
