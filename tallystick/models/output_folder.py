"""The folder of generated modules: how it differs from what a run generates, and writing that."""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from tallystick.documents.sources import STDIN, is_address
from tallystick.files.folders import folder_writer
from tallystick.files.kinds import real_path, reason
from tallystick.files.reading import is_pipe, read_head, read_whole
from tallystick.models.headers import MARK, origin_of
from tallystick.models.modules import Module
from tallystick.models.python_names import module_name
from tallystick.models.source_text import comment, docstring_text
from tallystick.nouns.contract import Contract
from tallystick.nouns.errors import UnreachableError, UsageError

INIT = "__init__.py"
_DOCSTRING = '"""Pydantic models, one module for each contract:'
_GENERATED = (MARK.encode(), _DOCSTRING.encode())
"""How the files begin that a run has written."""
_UNREADABLE = "(unreadable)"
"""The text of what has the name of a module and cannot be read: a folder, a pipe."""


@dataclass(frozen=True, slots=True)
class Change:
    """How one file must change: its text before and after. None means that there is no such file."""

    file: Path
    before: str | None
    after: str | None

    @property
    def octets(self) -> bytes | None:
        """The bytes that the file is to have; None where there is to be none."""
        return None if self.after is None else self.after.encode("utf-8")

    def diff(self) -> list[str]:
        """The change as the lines of a unified diff."""
        name = self.file.as_posix()
        return list(
            difflib.unified_diff(
                (self.before or "").splitlines(),
                (self.after or "").splitlines(),
                "/dev/null" if self.before is None else name,
                "/dev/null" if self.after is None else name,
                lineterm="",
            )
        )


def origin(contract: Contract, folder: Path) -> str:
    """A contract's file as its module names it: relative to the folder, so that it is the same on every machine.

    A web address stays as it is, and so does standard input, for which a pipe counts.
    """
    if contract.file == STDIN or is_address(contract.file):
        return contract.file
    if is_pipe(Path(contract.file)):
        return STDIN
    return Path(os.path.relpath(real_path(Path(contract.file)), real_path(folder))).as_posix()


def check_names(contracts: Iterable[Contract]) -> None:
    """Raise `UsageError` where two contracts would have the same module."""
    files: dict[str, str] = {}
    for contract in contracts:
        name = module_name(contract.name)
        if name in files:
            raise UsageError(
                f"{files[name]} and {contract.file} would both be the module {name}; "
                "give one of the files another name, or generate them into two folders with -o"
            )
        files[name] = contract.file


def changes(folder: Path, modules: Iterable[Module]) -> list[Change]:
    """The changes after which a folder holds these modules, and no module whose contract is gone.

    A module that is not among these stays as it is while its contract exists. Raises `UsageError` where a file that
    was not generated is in the way, and `UnreachableError` where a file cannot be read.
    """
    before = _texts(folder)
    kept = {
        name: text
        for name, text in before.items()
        if text.startswith(MARK) and name != INIT and _is_there(folder, origin_of(text))
    }
    after = kept | {f"{module.name}.py": module.text for module in modules}
    after[INIT] = _init(after)
    for name, text in before.items():
        if name in after and text.strip() and not text.startswith((MARK, _DOCSTRING)):
            raise UsageError(f"{folder / name} was not generated and is in the way; move it, or give another -o")
    stale = [name for name, text in before.items() if text.startswith(MARK) and name not in after]
    goal: dict[str, str | None] = {**after, **dict.fromkeys(stale)}
    return [
        Change(folder / name, before.get(name), text) for name, text in sorted(goal.items()) if before.get(name) != text
    ]


def write(folder: Path, modules: Iterable[Module]) -> list[Change]:
    """Let a folder hold these modules, all of them or, where that fails, none; returns the changes that were made.

    Raises what `changes` raises, and `UnreachableError` where the folder cannot be written.
    """
    try:
        with folder_writer(folder, _is_generated) as change_files:
            made = changes(folder, modules)
            if made:
                change_files({change.file.name: change.octets for change in made})
            return made
    except (OSError, ValueError) as error:
        raise UnreachableError(f"{folder}: cannot be written: {reason(error)}") from None


def _is_generated(file: Path) -> bool:
    """Whether a file is one that a run has written."""
    return read_head(file).startswith(_GENERATED)


def _texts(folder: Path) -> dict[str, str]:
    """The text of each Python file in a folder, by name; of one that no run has written, its beginning."""
    try:
        return {file.name: _text(file) for file in sorted(folder.glob("*.py")) if os.path.exists(file)}
    except OSError as error:
        raise UnreachableError(f"{folder}: cannot be read: {reason(error)}") from None


def _text(file: Path) -> str:
    try:
        octets = read_head(file)
        if octets.startswith(_GENERATED) or not octets.strip():
            octets = read_whole(file)
    except OSError:
        return _UNREADABLE
    return octets.decode("utf-8", errors="replace")


def _is_there(folder: Path, origin: str) -> bool:
    """Whether a module's contract is still there; one that came from no file may be."""
    return origin == STDIN or is_address(origin) or os.path.isfile(folder / origin)


def _init(modules: Mapping[str, str]) -> str:
    """The text of `__init__.py`: a docstring that lists the modules."""
    entries = [
        f"- `{name.removesuffix('.py')}` from {docstring_text(comment(origin_of(text)))}"
        for name, text in sorted(modules.items())
        if name != INIT
    ]
    return "\n".join((_DOCSTRING, "", *entries, '"""', ""))
