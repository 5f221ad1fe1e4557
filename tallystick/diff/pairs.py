"""The contracts that OLD and NEW name, in pairs, and the changes between them."""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import date

from tallystick.contracts.files import files_at, read_only
from tallystick.contracts.read import read_contract
from tallystick.diff.run import compare
from tallystick.diff.table import TABLE
from tallystick.nouns.change import Change, Grade
from tallystick.nouns.contract import Contract
from tallystick.nouns.errors import UnreadableError, UsageError
from tallystick.nouns.violation import Place


def changes_between(old: str, new: str, allow: Sequence[str], today: date) -> list[Change]:
    """The changes between the contracts of two PATHs; those of folders are compared by the names of their files.

    Raises `UnreadableError` for the first that cannot be read, and `UsageError` for a folder beside a file.
    """
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
