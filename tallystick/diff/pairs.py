"""The contracts that OLD and NEW name, in pairs, and the changes between them."""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from tallystick.config import Configuration, path_from_here
from tallystick.contracts.files import files_at, read_contracts, read_only
from tallystick.contracts.read import contract_name, index, read_contract
from tallystick.diff.run import compare
from tallystick.diff.table import TABLE
from tallystick.documents.revision import has_file, is_in_revision, is_revision, load_from_revision
from tallystick.documents.sources import is_address
from tallystick.nouns.change import Change, Grade
from tallystick.nouns.contract import Contract
from tallystick.nouns.errors import UnreadableError, UsageError
from tallystick.nouns.violation import Place


def changes_between(old: str, new: str, allow: Sequence[str], today: date) -> list[Change]:
    """The changes between the contracts of two PATHs; those of folders are compared by the names of their files.

    A PATH may name a file of a git revision (`main:openapi/api.yaml`).

    Raises `UnreadableError` for the first that cannot be read, and `UsageError` for a folder beside a file.
    """
    if is_in_revision(old) or is_in_revision(new):
        return compare(_read(old, allow), _read(new, allow), today)
    if os.path.isdir(old) is not os.path.isdir(new):
        folder, file = (old, new) if os.path.isdir(old) else (new, old)
        raise UsageError(f"{folder} is a folder and {file} is not; give two files, or two folders")
    if not os.path.isdir(old):
        return compare(read_only(old, allow), read_only(new, allow), today)
    old_contracts, new_contracts = _by_name(old, allow), _by_name(new, allow)
    changes: list[Change] = []
    for name in sorted({**old_contracts, **new_contracts}):
        before, after = old_contracts.get(name), new_contracts.get(name)
        if before is not None and after is not None:
            changes += compare(before, after, today)
        else:
            changes.append(_whole(name, before.place if before else None, after.place if after else None))
    return _sorted(changes)


def changes_since(base: str, paths: Sequence[str], configuration: Configuration, today: date) -> list[Change]:
    """The changes of the contracts that the PATHs (or the configuration) name since a git revision.

    Each is compared with the file of the same path in that revision; one that is not there was added.
    """
    if not is_revision(base):
        raise UsageError(f"--base {base}: git knows no such revision here")
    allow = configuration.allow_refs
    changes: list[Change] = []
    for contract in read_contracts(paths, configuration):
        if is_address(contract.file):
            raise UsageError(f"{contract.file}: a web address has no git revisions; give OLD and NEW")
        name = f"{base}:./{path_from_here(Path(contract.file))}"
        if has_file(name):
            changes += compare(_read(name, allow), contract, today)
        else:
            changes.append(_whole(contract.name, None, contract.place))
    return _sorted(changes)


def _read(path: str, allow: Sequence[str]) -> Contract:
    """The contract that a PATH names, be it of a git revision."""
    if not is_in_revision(path):
        return read_only(path, allow)
    return index(load_from_revision(path, allow), contract_name(Path(path.partition(":")[2])))


def _sorted(changes: Sequence[Change]) -> list[Change]:
    order = list(Grade)
    return sorted(changes, key=lambda change: order.index(change.grade))


def _by_name(folder: str, allow: Sequence[str]) -> dict[str, Contract]:
    """The contracts of a folder by their paths in it, without the ending."""
    contracts: dict[str, Contract] = {}
    for file in files_at(folder):
        if isinstance(file, UnreadableError):
            raise file
        contracts[os.path.splitext(os.path.relpath(file, folder))[0]] = read_contract(file, allow)
    return contracts


def _whole(name: str, old: Place | None, new: Place | None) -> Change:
    """The change where a contract was removed or added."""
    row = TABLE["contract-removed" if new is None else "contract-added"]
    message = f"the contract {name} was {'removed' if new is None else 'added'}"
    return Change(row.id, row.grade, "", "", message, old, new)
