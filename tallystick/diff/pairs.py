"""The contracts that OLD and NEW name, compared in pairs."""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from tallystick.config import Configuration, path_from_here
from tallystick.contracts.files import files_at, holds_contract, read_contracts, read_only
from tallystick.contracts.read import contract_name, index, read_contract
from tallystick.diff.run import compare
from tallystick.diff.table import TABLE
from tallystick.documents.revision import (
    files_in,
    has_file,
    is_folder,
    is_in_revision,
    is_revision,
    load_from_revision,
    octets_of,
)
from tallystick.documents.sources import is_address
from tallystick.nouns.change import Change
from tallystick.nouns.contract import Contract
from tallystick.nouns.errors import UnreadableError, UsageError
from tallystick.reports.results import Compared


def compared_between(old: str, new: str, allow: Sequence[str], today: date) -> list[Compared]:
    """The contracts of two PATHs compared; those of folders are paired by the names of their files.

    A PATH may name a file or a folder of a git revision (`main:openapi/api.yaml`).

    Raises `UnreadableError` for the first that cannot be read, and `UsageError` for a folder beside a file.
    """
    if _is_folder(old) is not _is_folder(new):
        folder, file = (old, new) if _is_folder(old) else (new, old)
        raise UsageError(f"{folder} is a folder and {file} is not; give two files, or two folders")
    if not _is_folder(old):
        return [_compared(_read(old, allow), _read(new, allow), today)]
    old_contracts, new_contracts = _by_name(old, allow), _by_name(new, allow)
    pairs: list[Compared] = []
    for name in sorted({**old_contracts, **new_contracts}):
        before, after = old_contracts.get(name), new_contracts.get(name)
        if before is not None and after is not None:
            pairs.append(_compared(before, after, today))
        else:
            pairs.append(_whole(name, before, after))
    return pairs


def compared_since(base: str, paths: Sequence[str], configuration: Configuration, today: date) -> list[Compared]:
    """The contracts that the PATHs (or the configuration) name, compared with what they were in a git revision.

    Each is compared with the file of the same path in that revision; one that is not there was added.
    """
    if not is_revision(base):
        raise UsageError(f"--base {base}: git knows no such revision here")
    allow = configuration.allow_refs
    pairs: list[Compared] = []
    for contract in read_contracts(paths, configuration):
        if is_address(contract.file):
            raise UsageError(f"{contract.file}: a web address has no git revisions; give OLD and NEW")
        name = f"{base}:./{path_from_here(Path(contract.file))}"
        if has_file(name):
            pairs.append(_compared(_read(name, allow), contract, today))
        else:
            pairs.append(_whole(contract.name, None, contract))
    return pairs


def _compared(old: Contract, new: Contract, today: date) -> Compared:
    return Compared(new.name, old, new, compare(old, new, today))


def _is_folder(path: str) -> bool:
    return is_folder(path) if is_in_revision(path) else os.path.isdir(path)


def _read(path: str, allow: Sequence[str]) -> Contract:
    """The contract that a PATH names, be it of a git revision."""
    if not is_in_revision(path):
        return read_only(path, allow)
    return index(load_from_revision(path, allow), contract_name(Path(path.partition(":")[2])))


def _by_name(folder: str, allow: Sequence[str]) -> dict[str, Contract]:
    """The contracts of a folder by their paths in it, without the ending."""
    contracts: dict[str, Contract] = {}
    if is_in_revision(folder):
        for name in filter(lambda file: holds_contract(octets_of(file)), files_in(folder)):
            contracts[os.path.splitext(os.path.relpath(name, folder))[0]] = _read(name, allow)
        return contracts
    for file in files_at(folder):
        if isinstance(file, UnreadableError):
            raise file
        contracts[os.path.splitext(os.path.relpath(file, folder))[0]] = read_contract(file, allow)
    return contracts


def _whole(name: str, old: Contract | None, new: Contract | None) -> Compared:
    """A contract that was removed or added."""
    row = TABLE["contract-removed" if new is None else "contract-added"]
    message = f"the contract {name} was {'removed' if new is None else 'added'}"
    places = (old.place if old is not None else None), (new.place if new is not None else None)
    return Compared(name, old, new, [Change(row.id, row.grade, "", "", message, *places)])
