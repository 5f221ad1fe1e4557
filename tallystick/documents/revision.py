"""Documents of a git revision: read from git's store, so that the work tree is neither read nor touched.

A PATH of this kind is `REVISION:FILE`, as git has it: `main:openapi/api.yaml`. FILE is relative to the top of the
repository, or with `./` to the working folder. References lead to files of the same revision.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

from tallystick.documents.library import Library
from tallystick.documents.sources import decoded, is_address
from tallystick.nouns import budgets
from tallystick.nouns.errors import UnreachableError, UnreadableError
from tallystick.nouns.node import Document, Node
from tallystick.nouns.node import Path as Keys


def is_in_revision(name: str) -> bool:
    """Whether a PATH names a file of a git revision: it is no file, and git knows what stands before its colon."""
    revision, colon, file = name.partition(":")
    if not colon or not revision or not file or is_address(name) or os.path.lexists(name):
        return False
    return is_revision(revision)


def is_revision(name: str) -> bool:
    """Whether git knows a revision by a name."""
    return not name.startswith("-") and _git("rev-parse", "-q", "--verify", f"{name}^{{commit}}") is not None


def has_file(name: str) -> bool:
    """Whether a revision has a file (`main:./openapi/api.yaml`)."""
    return _git("cat-file", "-e", name) is not None


def is_folder(name: str) -> bool:
    """Whether a PATH of a revision names a folder there (`main:openapi`)."""
    return _git("cat-file", "-t", _in_git(name)) == b"tree\n"


def files_in(name: str) -> list[str]:
    """The YAML and JSON files of a folder of a revision, each as `REVISION:FILE`, sorted."""
    listed = _git("ls-tree", "-r", "-z", "--name-only", _in_git(name)) or b""
    files = [os.fsdecode(file) for file in listed.split(b"\0") if file.endswith((b".yaml", b".yml", b".json"))]
    return [f"{name.rstrip('/')}/{file}" for file in sorted(files)]


def octets_of(name: str) -> bytes:
    """The bytes of a file of a revision; raises `UnreadableError` where there is none."""
    return _blob(_in_git(name))


def _in_git(name: str) -> str:
    """A PATH of a revision as git takes it: without a slash at its end."""
    revision, _, file = name.partition(":")
    return f"{revision}:{file.rstrip('/')}"


def top_folder() -> Path:
    """The top of the git repository around the working folder; raises `UnreachableError` where there is none."""
    top = _git("rev-parse", "--show-toplevel")
    if top is None:
        raise UnreachableError("a git revision was asked for, and the working folder is in no git repository")
    return Path(os.fsdecode(top).rstrip("\n")).resolve()


def load_from_revision(name: str, allow: Sequence[str] = ()) -> Node:
    """The root of a document of a git revision (`main:openapi/api.yaml`), ready to follow its references.

    Raises `UnreadableError` where the revision has no such file, or it is not one YAML or JSON object.
    """
    revision, _, file = name.partition(":")
    top = top_folder()
    path = (Path.cwd() if file.startswith(("./", "../")) else top) / file
    resolved = Path(os.path.normpath(path))
    document = RevisionLibrary(revision, top, resolved.parent, allow).open(resolved)
    if not isinstance(document.value, dict):
        raise UnreadableError(document.file, 1, "not an OpenAPI document: an object was expected at the top")
    return document.root


class RevisionLibrary(Library):
    """The documents of one contract in a git revision (see `tallystick.documents.library`)."""

    def __init__(self, revision: str, top: Path, home: Path, allow: Sequence[str]) -> None:
        super().__init__(home, allow)
        self.revision = revision
        self.top = top

    def open(self, path: Path, shown: str | None = None) -> Document:
        return self._open(path, path, shown)

    def _open(self, resolved: Path, path: Path, shown: str | None = None) -> Document:  # noqa: ARG002 - Library's
        uri = resolved.as_uri()
        if uri in self.documents:
            return self.documents[uri]
        file = self.name_of(resolved)
        return self.add(uri, file, decoded(_blob(file), file))

    def external(self, document: Document, path: Keys, ref: str) -> bytes:
        uri = self._uri(document, document.resource_of(path)[0], ref.partition("#")[0])
        file = self._allowed_file(document, uri, ref)
        return super().external(document, path, ref) if file is None else _blob(self.name_of(file))

    def name_of(self, file: Path) -> str:
        """A file of the revision as git names it."""
        try:
            return f"{self.revision}:{file.relative_to(self.top).as_posix()}"
        except ValueError:
            raise UnreadableError(str(file), 0, f"is in no revision: it is outside of {self.top}") from None


def _blob(file: str) -> bytes:
    """The bytes of a file of a revision."""
    size = _git("cat-file", "-s", file)
    if size is None:
        raise UnreadableError(file, 0, "the revision has no such file")
    if int(size) > budgets.DOCUMENT_BYTES:
        raise UnreadableError(file, 0, f"is larger than {budgets.DOCUMENT_BYTES:,} bytes")
    octets = _git("cat-file", "blob", file)
    if octets is None:
        raise UnreadableError(file, 0, "is no file; an OpenAPI document (.yaml or .json) was expected")
    return octets


def _git(*arguments: str) -> bytes | None:
    """What git says, None where it fails; raises `UnreachableError` where there is no git."""
    try:
        done = subprocess.run(("git", *arguments), capture_output=True, timeout=budgets.GIT_SECONDS, check=False)
    except FileNotFoundError:
        raise UnreachableError("a git revision was asked for, and the command git is not here") from None
    except subprocess.TimeoutExpired:
        raise UnreachableError(f"git {arguments[0]} took more than {budgets.GIT_SECONDS:.0f} s") from None
    return done.stdout if done.returncode == 0 else None
