"""From a file to a `Contract`: load the document, recognise its version, and index its operations."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from tallystick.contracts.openapi3 import Indexer
from tallystick.contracts.swagger2 import SwaggerIndexer
from tallystick.documents.dialect import dialect_of
from tallystick.documents.garbage_collection import uncollected
from tallystick.documents.library import load
from tallystick.documents.sources import is_address
from tallystick.files.reading import is_pipe
from tallystick.nouns import progress
from tallystick.nouns.contract import Contract
from tallystick.nouns.node import Node


@uncollected()
def read_contract(path: Path | str, allow: Sequence[str] = ()) -> Contract:
    """The contract in a file, at a web address (a string that begins with `http://` or `https://`), in standard
    input (`"-"`), or from a pipe that a string names.

    `allow` names the folders and hosts beyond the file's own folder that references may reach. Raises
    `UnreadableError` where the document as a whole cannot be read; an operation that cannot
    be read is left out, and `Contract.unreadable_parts` says why.
    """
    progress.tell(f"reading {path}")
    root = load(path, allow)
    is_file = root.document.file == str(path) and not is_address(root.document.file) and not is_pipe(Path(path))
    return index(root, contract_name(Path(path)) if is_file else name_of_title(root))


def version_warning(contract: Contract) -> str:
    """The warning for a contract whose version is unknown and read as another one; "" for a known version.

    The rules on documents give it as a violation, and `fuzz` and `models` print it once for each contract.
    """
    dialect = contract.dialect
    if dialect.covers(contract.version):
        return ""
    return f"the OpenAPI version {contract.version} is not known yet; it is read as {dialect.name}, the newest known"


def contract_name(path: Path, folder: bool = False) -> str:
    """The name of the contract in a file: its stem in lower case with dashes; `folder` puts the folder's name first."""
    return _slug(f"{path.resolve().parent.name} {path.stem}" if folder else path.stem)


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-") or "contract"


def name_of_title(root: Node) -> str:
    """The name of a contract that is in no file, after its title."""
    title = root.members_of("info").get("title")
    return _slug(title if isinstance(title, str) else "")


def index(root: Node, name: str) -> Contract:
    """The contract with this name that a document's root node holds."""
    dialect = dialect_of(root.members, root.document.file)
    indexer = SwaggerIndexer if dialect.parameters_are_schemas else Indexer
    return indexer(root, name, dialect).contract()
