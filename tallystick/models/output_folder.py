"""The folder of generated modules: written, or compared with what would be written."""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from tallystick.models.modules import MARK, Module
from tallystick.models.python_names import module_name
from tallystick.nouns.contract import Contract
from tallystick.nouns.errors import UnreachableError, UsageError

INIT = "__init__.py"
_DOCSTRING = '"""Pydantic models, one module for each contract:'


@dataclass(frozen=True, slots=True)
class Change:
    """What is to be done to one file: None stands for a file that is not there."""

    file: Path
    before: str | None
    after: str | None

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
    """A contract's file as its module names it: from the folder on, so that it is the same for everybody."""
    return Path(os.path.relpath(Path(contract.file).resolve(), folder.resolve())).as_posix()


def check_names(contracts: Iterable[Contract]) -> None:
    """Raises `UsageError` where two contracts would have one module."""
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
    """What is to be done so that a folder holds these modules, and none whose contract is gone.

    A module of a contract that is still there, though it is not among these, stays as it is. Raises `UsageError`
    where a file that was not generated is in the way, `UnreachableError` where one cannot be read.
    """
    before = _read(folder)
    kept = {
        name: text
        for name, text in before.items()
        if text.startswith(MARK) and name != INIT and (folder / _origin_of(text)).is_file()
    }
    after = kept | {f"{module.name}.py": module.text for module in modules}
    after[INIT] = _init(after)
    for name, text in before.items():
        if name in after and text.strip() and not text.startswith((MARK, _DOCSTRING)):
            raise UsageError(f"{folder / name} was not generated and is in the way; move it, or give another -o")
    stale = [name for name, text in before.items() if text.startswith(MARK) and name not in after]
    wanted: dict[str, str | None] = {**after, **dict.fromkeys(stale)}
    return [
        Change(folder / name, before.get(name), text)
        for name, text in sorted(wanted.items())
        if before.get(name) != text
    ]


def write(found: Iterable[Change]) -> None:
    """Makes the changes. Raises `UnreachableError` where a file cannot be written."""
    for change in found:
        try:
            if change.after is None:
                change.file.unlink()
            else:
                change.file.parent.mkdir(parents=True, exist_ok=True)
                change.file.write_text(change.after, encoding="utf-8", newline="\n")
        except OSError as error:
            raise UnreachableError(f"{change.file}: cannot be written: {error.strerror or error}") from None


def _read(folder: Path) -> dict[str, str]:
    if not folder.exists():
        return {}
    try:
        return {file.name: file.read_text(encoding="utf-8", errors="replace") for file in sorted(folder.glob("*.py"))}
    except OSError as error:
        raise UnreachableError(f"{error.filename or folder}: cannot be read: {error.strerror or error}") from None


def _origin_of(text: str) -> str:
    return text.partition("\n")[0].removeprefix(MARK).partition(": change")[0]


def _init(modules: Mapping[str, str]) -> str:
    """The package's own module: a docstring that lists the others."""
    return "\n".join((_DOCSTRING, "", *_listed(modules), '"""', ""))


def _listed(modules: Mapping[str, str]) -> Iterator[str]:
    for name, text in sorted(modules.items()):
        if name != INIT:
            yield f"- `{name.removesuffix('.py')}` from {_origin_of(text)}"
