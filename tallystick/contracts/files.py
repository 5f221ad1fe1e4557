"""The contract files, and the contracts in them, that the PATHs of a command line or of the configuration name."""

from __future__ import annotations

import glob
import json
import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from tallystick.config import Configuration, shown_path
from tallystick.contracts.read import read_contract
from tallystick.documents.dialect import VERSION_FIELDS
from tallystick.documents.encoding import encoding_of
from tallystick.nouns.contract import Contract
from tallystick.nouns.errors import UnreadableError, UsageError

DEFAULT_FOLDER = "openapi"
_HAS_KEY = "has `openapi` (or `swagger`) at its top"
_SUFFIXES = (".yaml", ".yml", ".json")
_IGNORED_FOLDERS = frozenset(("node_modules", "__pycache__"))
_VERSION_KEY = re.compile(rf"""["']?(?:{"|".join(VERSION_FIELDS)})["']?\s*:""")
_LEADING = re.compile(r"(?:\ufeff|\s*(?:[#%][^\n]*|---[^\n]*)?\n)*")


def read_contracts(paths: Sequence[str], configuration: Configuration, allow: Sequence[str] = ()) -> list[Contract]:
    """The contracts that the PATHs (or the configuration) name.

    `allow` names folders and hosts that references may reach, beside those of the configuration. Raises
    `UnreadableError` for the first that cannot be read, and `UsageError` where no contract is named.
    """
    contracts = []
    for contract in read_each(paths, configuration, allow):
        if isinstance(contract, UnreadableError):
            raise contract
        contracts.append(contract)
    return contracts


def read_each(
    paths: Sequence[str], configuration: Configuration, allow: Sequence[str] = ()
) -> Iterator[Contract | UnreadableError]:
    """Each contract that the PATHs (or the configuration) name, once; for one that cannot be read, the error instead.

    A PATH without a contract gives an error too. Raises `UsageError` where no contract is named.
    """
    allowed = (*configuration.allow_refs, *allow)
    seen: set[Path] = set()
    for path in contract_paths(paths, configuration):
        try:
            files = files_at(path)
        except UnreadableError as error:
            yield error
            continue
        for file in files:
            if file.resolve() in seen:
                continue
            seen.add(file.resolve())
            try:
                contract = read_contract(file, allowed)
            except UnreadableError as error:
                yield error
            else:
                yield contract


def contract_paths(paths: Sequence[str], configuration: Configuration) -> tuple[str, ...]:
    """The PATHs to read: those of the command line, else those of the configuration, else `openapi/`.

    Raises `UsageError` where none of the three is there.
    """
    if paths:
        return tuple(paths)
    if configuration.contracts:
        return tuple(str(shown_path(configuration.folder / path)) for path in configuration.contracts)
    default = configuration.folder / DEFAULT_FOLDER
    if default.is_dir():
        return (str(shown_path(default)),)
    raise UsageError(
        f"no contract to read: give a PATH, put contracts into {DEFAULT_FOLDER}/, or name them with "
        'contracts = ["..."] under [tool.tallystick] in pyproject.toml'
    )


def files_at(path: str) -> list[Path]:
    """The contract files that one PATH names: a file, a folder (with all folders below it), or a glob.

    Raises `UnreadableError` where there is none.
    """
    file_or_folder = Path(path)
    if file_or_folder.is_dir():
        files = sorted(_contracts_below(file_or_folder))
        if not files:
            raise UnreadableError(path, 0, f"no contract in this folder: no .yaml, .yml or .json file here {_HAS_KEY}")
        return files
    if file_or_folder.exists() or not glob.has_magic(path):
        return [file_or_folder]
    matches = [Path(match) for match in sorted(glob.glob(path, recursive=True))]
    files = [match for match in matches if match.is_file() and looks_like_contract(match)]
    if not files:
        raise UnreadableError(path, 0, f"no file that matches {_HAS_KEY}" if matches else "no file matches")
    return files


def _contracts_below(folder: Path) -> Iterator[Path]:
    for parent, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith(".") and name not in _IGNORED_FOLDERS)
        for name in files:
            file = Path(parent, name)
            if file.suffix.lower() not in _SUFFIXES or name.startswith(".") or not file.is_file():
                continue
            if looks_like_contract(file):
                yield file


def looks_like_contract(file: Path) -> bool:
    """Whether a file seems to have `openapi` or `swagger` at its top level; it is not read as YAML to find out.

    A broken file with that word in the right place counts, so that a later read says what is wrong with it.
    """
    try:
        raw = file.read_bytes()
    except OSError:
        return True  # so that a later read says why it cannot be read
    text = raw.decode(encoding_of(raw), errors="replace").replace("\r\n", "\n").replace("\r", "\n")
    if not _VERSION_KEY.search(text):
        return False
    start = _LEADING.match(text)
    body = text[start.end() :] if start else text
    stripped = body.lstrip(" \t")
    if stripped[:1] in ("{", "["):
        try:
            value = json.loads(body)
        except (ValueError, RecursionError):
            return True
        return isinstance(value, dict) and not value.keys().isdisjoint(VERSION_FIELDS)
    indent = re.escape(body[: len(body) - len(stripped)])
    return re.search(f"^{indent}{_VERSION_KEY.pattern}", body, re.MULTILINE) is not None
