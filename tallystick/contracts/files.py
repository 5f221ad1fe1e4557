"""The contract files, and the contracts in them, that the PATHs of a command line or of the configuration name."""

from __future__ import annotations

import glob
import json
import os
import re
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

from tallystick.config import Configuration, shown_path
from tallystick.contracts.read import read_contract
from tallystick.documents.dialect import VERSION_FIELDS
from tallystick.documents.encoding import encoding_of
from tallystick.documents.sources import STANDARD_INPUT, is_address
from tallystick.nouns.contract import Contract
from tallystick.nouns.errors import UnreadableError, UsageError
from tallystick.nouns.words import nearest, shortened, with_hint

DEFAULT_FOLDER = "openapi"
_HAS_KEY = "has `openapi` (or `swagger`) at its top"
_SUFFIXES = (".yaml", ".yml", ".json")
_IGNORED_FOLDERS = frozenset(("node_modules", "__pycache__"))
_HOST_AND_PORT = re.compile(r"[\w.-]+:\d{1,5}(?:/|$)")
_MOST_LOOKED_AT, _MOST_READ = 2_000, 5
"""How many files, and folders, are looked at for a file of a similar name, and how many of these files are read."""
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


def read_only(path: str, allow: Sequence[str] = ()) -> Contract:
    """The one contract that a PATH names; raises `UnreadableError` where it cannot be read, or there are several."""
    files = files_at(path)
    if len(files) != 1:
        names = shortened([str(file) for file in files], _MOST_READ)
        raise UnreadableError(path, 0, f"one contract was expected, and there are {len(files)}: {names}")
    return read_contract(files[0], allow)


def read_each(
    paths: Sequence[str], configuration: Configuration, allow: Sequence[str] = ()
) -> Iterator[Contract | UnreadableError]:
    """Each contract that the PATHs (or the configuration) name, once; for one that cannot be read, the error instead.

    A PATH without a contract gives an error too. Raises `UsageError` where no contract is named.
    """
    allowed = (*configuration.allow_refs, *allow)
    seen: set[Path | str] = set()
    for path in contract_paths(paths, configuration):
        try:
            files = files_at(path)
        except UnreadableError as error:
            yield error
            continue
        for file in files:
            key = file.resolve() if isinstance(file, Path) else file
            if key in seen:
                continue
            seen.add(key)
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
        folder = configuration.folder
        return tuple(name if is_address(name) else str(shown_path(folder / name)) for name in configuration.contracts)
    default = configuration.folder / DEFAULT_FOLDER
    if default.is_dir():
        return (str(shown_path(default)),)
    raise UsageError(
        f"no contract to read: give a PATH, put contracts into {DEFAULT_FOLDER}/, or name them with "
        'contracts = ["..."] under [tool.tallystick] in pyproject.toml'
    )


def files_at(path: str) -> Sequence[Path | str]:
    """The contract files that one PATH names: a file, a folder (with all folders below it), or a glob.

    A web address, and the dash that means standard input, stay as they are. Raises `UnreadableError` where there is
    no file.
    """
    if path == STANDARD_INPUT or is_address(path):
        return [path]
    file_or_folder = Path(path)
    if file_or_folder.is_dir():
        files = sorted(_contracts_below(file_or_folder))
        if not files:
            raise UnreadableError(path, 0, f"no contract in this folder: no .yaml, .yml or .json file here {_HAS_KEY}")
        return files
    if os.path.exists(path):
        return [file_or_folder]
    if not glob.has_magic(path):
        raise _no_such_file(path)
    matches = [Path(match) for match in sorted(glob.glob(path, recursive=True))]
    files = [match for match in matches if match.is_file() and looks_like_contract(match)]
    if not files:
        raise UnreadableError(path, 0, f"no file that matches {_HAS_KEY}" if matches else "no file matches")
    return files


def _no_such_file(path: str) -> UnreadableError:
    if "://" in path:
        return UnreadableError(path, 0, "neither a file nor a web address (http:// or https://)")
    return UnreadableError(path, 0, with_hint("there is no such file", _meant_instead(path)))


def _meant_instead(path: str) -> str:
    """The question whether a contract of a similar name was meant by a PATH that is not there; "" if none is near.

    It looks beside the PATH, then below the working folder.
    """
    if _HOST_AND_PORT.match(path):
        return f"did you mean http://{path}?"
    missing = Path(path)
    for files in (_beside(missing), islice(_documents_below(Path(), _MOST_LOOKED_AT), _MOST_LOOKED_AT)):
        by_stem: dict[str, Path] = {}
        for file in files:
            by_stem.setdefault(file.stem.lower(), file)
        for stem in nearest(missing.stem.lower(), by_stem, 0.75, _MOST_READ):
            if looks_like_contract(by_stem[stem]):
                return f"did you mean {by_stem[stem]}?"
    return ""


def _beside(missing: Path) -> Iterator[Path]:
    """The documents in the folder of a file that is not there."""
    try:
        files = sorted(missing.parent.iterdir())
    except OSError:
        return
    yield from (file for file in files if file.suffix.lower() in _SUFFIXES and file.is_file())


def _contracts_below(folder: Path) -> Iterator[Path]:
    return (file for file in _documents_below(folder) if looks_like_contract(file))


def _documents_below(folder: Path, most_folders: int | None = None) -> Iterator[Path]:
    """The YAML and JSON files in a folder and the folders below it: in all, or in so many."""
    for parent, folders, files in islice(os.walk(folder), most_folders):
        folders[:] = sorted(name for name in folders if not name.startswith(".") and name not in _IGNORED_FOLDERS)
        for name in files:
            file = Path(parent, name)
            if file.suffix.lower() in _SUFFIXES and not name.startswith(".") and file.is_file():
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
