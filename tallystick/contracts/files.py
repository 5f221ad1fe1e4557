"""The contract files, and the contracts in them, that the PATHs of a command line or of the configuration name."""

from __future__ import annotations

import errno
import glob
import json
import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path

from tallystick.config import Configuration, shown_path
from tallystick.contracts.read import read_contract
from tallystick.documents.dialect import VERSION_FIELDS
from tallystick.documents.encoding import encoding_of
from tallystick.documents.sources import STANDARD_INPUT, is_address
from tallystick.files.kinds import real_path, reason
from tallystick.files.reading import is_pipe, read_head, read_whole
from tallystick.nouns.contract import Contract
from tallystick.nouns.errors import UnreadableError, UsageError
from tallystick.nouns.words import in_a_row, nearest, shortened, with_hint

DEFAULT_FOLDER = "openapi"
_USUAL_FOLDERS = ("api", "doc", "docs", "spec", "specs")
"""Where projects keep their only contract, if it is neither beside their code nor in the default folder."""
_HAS_KEY = "has `openapi` (or `swagger`) at its top"
_SUFFIXES = (".yaml", ".yml", ".json")
_IGNORED_FOLDERS = frozenset(("node_modules", "__pycache__"))
_HOST_AND_PORT = re.compile(r"[\w.-]+:\d{1,5}(?:/|$)")
_MOST_LOOKED_AT, _MOST_READ = 2_000, 5
"""How many files, and folders, are looked at for a file of a similar name, and how many of these files are read."""
_NOTHING: Mapping[str, Contract] = {}
_VERSION_KEY = re.compile(rf"""["']?(?:{"|".join(VERSION_FIELDS)})["']?\s*:""")
_LEADING = re.compile(r"(?:\ufeff|\s*(?:[#%][^\n]*|---[^\n]*)?\n)*")


def read_contracts(
    paths: Sequence[str],
    configuration: Configuration,
    allow: Sequence[str] = (),
    kept: Mapping[str, Contract] = _NOTHING,
) -> list[Contract]:
    """The contracts that the PATHs (or the configuration) name.

    `allow` names folders and hosts that references may reach, beside those of the configuration. Raises
    `UnreadableError` for the first that cannot be read, and `UsageError` where no contract is named. `kept` are
    contracts by their files that need not be read again.
    """
    contracts = []
    for contract in read_each(paths, configuration, allow, kept):
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
    (file,) = files
    if isinstance(file, UnreadableError):
        raise file
    return read_contract(file, allow)


def read_each(
    paths: Sequence[str],
    configuration: Configuration,
    allow: Sequence[str] = (),
    kept: Mapping[str, Contract] = _NOTHING,
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
            if isinstance(file, UnreadableError):
                yield file
                continue
            key = real_path(file) if isinstance(file, Path) else file
            if key in seen:
                continue
            seen.add(key)
            try:
                contract = kept.get(str(file)) or read_contract(file, allowed)
            except UnreadableError as error:
                yield error
            else:
                yield contract


def contract_paths(paths: Sequence[str], configuration: Configuration) -> tuple[str, ...]:
    """The PATHs to read: those of the command line, else those of the configuration, else `openapi/`, else the only
    contract here.

    Raises `UsageError` where none of these is there, or several contracts are.
    """
    if paths:
        return tuple(paths)
    if configuration.contracts:
        folder = configuration.folder
        return tuple(name if is_address(name) else str(shown_path(folder / name)) for name in configuration.contracts)
    default = configuration.folder / DEFAULT_FOLDER
    if os.path.isdir(default) and any(_contracts_below(str(default))):
        return (str(shown_path(default)),)
    return (str(shown_path(_only_contract(configuration.folder))),)


def _only_contract(folder: Path) -> Path:
    """The only contract in a project's folder or in one of those below it where contracts are kept."""
    here = {file for file in _beside(folder / "any") if os.path.isfile(file) and looks_like_contract(file)}
    below = (_documents_below(folder / name, _MOST_LOOKED_AT) for name in _USUAL_FOLDERS)
    contracts = sorted({*here, *(file for files in below for file in files if looks_like_contract(file))})
    if not contracts:
        raise UsageError(
            f"no contract to read: give a PATH, put contracts into {DEFAULT_FOLDER}/, or name them with "
            'contracts = ["..."] under [tool.tallystick] in pyproject.toml'
        )
    if len(contracts) > 1:
        names = in_a_row([str(shown_path(contract)) for contract in contracts[:_MOST_READ]], "and")
        others = f", and {len(contracts) - _MOST_READ} more" if len(contracts) > _MOST_READ else ""
        raise UsageError(f"{len(contracts)} contracts are here: {names}{others}; give the PATH of one, or of several")
    return contracts[0]


def files_at(path: str) -> Sequence[Path | str | UnreadableError]:
    """The contract files that one PATH names: a file, a folder (with all folders below it), or a glob.

    A web address, a pipe, and the dash that means standard input stay as they are. An error stands for a folder below
    that cannot be listed. Raises `UnreadableError` where there is no file.
    """
    if path == STANDARD_INPUT or is_address(path) or is_pipe(Path(path)):
        return [path]
    if os.path.isdir(path):
        files, unlisted = _contracts_below(path)
        if not files and not unlisted:
            raise UnreadableError(path, 0, f"no contract in this folder: no .yaml, .yml or .json file here {_HAS_KEY}")
        return [*unlisted, *files]
    if _is_there(path):
        return [Path(path)]
    if not glob.has_magic(path):
        raise _no_such_file(path)
    matches = [Path(match) for match in sorted(glob.glob(path, recursive=True))]
    files = [match for match in matches if not os.path.isdir(match) and looks_like_contract(match)]
    if not files:
        raise UnreadableError(path, 0, f"no file that matches {_HAS_KEY}" if matches else "no file matches")
    return files


def _is_there(path: str) -> bool:
    """Whether something may be read at a path, be it a link that leads nowhere: the reading says what is wrong."""
    try:
        os.lstat(path)
    except (FileNotFoundError, NotADirectoryError, ValueError):  # ValueError: a zero byte, in a configuration
        return False
    except OSError:
        return True
    return True


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
            if os.path.isfile(by_stem[stem]) and looks_like_contract(by_stem[stem]):
                return f"did you mean {by_stem[stem]}?"
    return ""


def _beside(missing: Path) -> Iterator[Path]:
    """The documents in the folder of a file that is not there."""
    try:
        files = sorted(missing.parent.iterdir())
    except (OSError, ValueError):
        return
    yield from (file for file in files if file.suffix.lower() in _SUFFIXES)


def documents_named(paths: Sequence[str]) -> set[Path]:
    """What may be a contract in the folders among some PATHs: each has the name of a YAML or JSON file."""
    folders = [Path(path) for path in paths if not is_address(path) and os.path.isdir(path)]
    return {file for folder in folders for file in _documents_below(folder, _MOST_LOOKED_AT)}


def _contracts_below(folder: str) -> tuple[list[Path], list[UnreadableError]]:
    """The contracts in a folder and the folders below it, and an error for each of these that cannot be listed."""
    unlisted: list[UnreadableError] = []

    def keep(error: OSError) -> None:
        unlisted.append(UnreadableError(str(error.filename), 0, f"cannot be listed: {reason(error)}"))

    return sorted(filter(looks_like_contract, _documents_below(Path(folder), on_error=keep))), unlisted


def _documents_below(
    folder: Path, most_folders: int | None = None, on_error: Callable[[OSError], None] | None = None
) -> Iterator[Path]:
    """What has the name of a YAML or JSON file in a folder and the folders below it: in all, or in so many.

    A pipe or a link that leads nowhere is among these: it is not passed over in silence.
    """
    for parent, folders, files in islice(os.walk(folder, onerror=on_error), most_folders):
        folders[:] = sorted(name for name in folders if not name.startswith(".") and name not in _IGNORED_FOLDERS)
        for name in files:
            file = Path(parent, name)
            if file.suffix.lower() in _SUFFIXES and not name.startswith("."):
                yield file


def _whole_or_beginning(file: Path) -> bytes:
    """The bytes of a file, only its beginning where it is too large to be read whole."""
    try:
        return read_whole(file)
    except OSError as error:
        if error.errno != errno.EFBIG:
            raise
        return read_head(file)


def looks_like_contract(file: Path) -> bool:
    """Whether a file seems to have `openapi` or `swagger` at its top level; it is not read as YAML to find out.

    A broken file with that word in the right place counts, so that a later read says what is wrong with it.
    """
    try:
        raw = _whole_or_beginning(file)
    except OSError:
        return True  # so that a later read says why it cannot be read
    return holds_contract(raw)


def holds_contract(raw: bytes) -> bool:
    """Whether the bytes of a file seem to have `openapi` or `swagger` at their top level."""
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
