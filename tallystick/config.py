"""What a project has settled once for every command: `[tool.tallystick]` in pyproject.toml, or tallystick.toml.

Also the one place that turns the PATHs of a command line, or the configuration's own, into contract files.
"""

from __future__ import annotations

import fnmatch
import glob
import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from tallystick.nouns.errors import UnreadableError, UsageError
from tallystick.nouns.words import did_you_mean

DEFAULT_FOLDER = "openapi"
GRADES = ("off", "warning", "error")
_HAS_KEY = "has `openapi` (or `swagger`) at its top"
_SUFFIXES = (".yaml", ".yml", ".json")
_PASSED_OVER = frozenset(("node_modules", "__pycache__"))
_VERSION_KEY = re.compile(r"""["']?(?:openapi|swagger)["']?\s*:""")
_LEADING = re.compile(r"(?:\ufeff|\s*(?:[#%][^\n]*|---[^\n]*)?\n)*")


@dataclass(frozen=True, slots=True)
class Override:
    """Rules that are graded otherwise in the files that one of the globs matches."""

    paths: tuple[str, ...]
    rules: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Configuration:
    """The settings of one project; `folder` is where its file stands, and what its paths are relative to."""

    folder: Path = field(default_factory=Path.cwd)
    file: Path | None = None
    contracts: tuple[str, ...] = ()
    models: str = "generated"
    baseline: str = ""
    allow_refs: tuple[str, ...] = ()
    rules: Mapping[str, str] = field(default_factory=dict)
    overrides: tuple[Override, ...] = ()

    @property
    def models_folder(self) -> Path:
        """The folder that generated models are written to, as the user sees it from the working folder."""
        return shown_path(self.folder / self.models)

    @property
    def baseline_file(self) -> Path | None:
        """The file of known violations, as the user sees it from the working folder; None where none is named."""
        return shown_path(self.folder / self.baseline) if self.baseline else None

    @property
    def rule_ids(self) -> frozenset[str]:
        """Every rule id that the configuration names."""
        return frozenset(self.rules).union(*(override.rules for override in self.overrides))

    def grade(self, rule: str, file: str, severity: str) -> str | None:
        """The severity of a rule in a file, None where it is switched off; the last override that fits decides."""
        setting = self.rules.get(rule)
        if self.overrides:
            relative = os.path.relpath(file, self.folder)
            for override in self.overrides:
                if rule in override.rules and any(fnmatch.fnmatch(relative, pattern) for pattern in override.paths):
                    setting = override.rules[rule]
        return None if setting == "off" else setting or severity


def load_configuration(start: Path | None = None) -> Configuration:
    """The configuration of the nearest folder, upward from `start`, that has one; the defaults where none has.

    Raises `UsageError` where the file is no TOML, or a key or a value in it is not known.
    """
    folder = (start or Path.cwd()).resolve()
    for candidate in (folder, *folder.parents):
        own, shared = candidate / "tallystick.toml", candidate / "pyproject.toml"
        if own.is_file():
            return _configuration(own, _toml(own))
        if shared.is_file() and b"tallystick" in _bytes(shared):
            tool = _toml(shared).get("tool")
            if isinstance(tool, dict) and "tallystick" in tool:
                return _configuration(shared, tool["tallystick"])
    return Configuration(folder)


def _bytes(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise UsageError(f"{shown_path(file)}: cannot be read: {error.strerror or error}") from None


def _toml(file: Path) -> dict[str, Any]:
    import tomllib  # only a command that looks for a configuration pays for it

    try:
        return tomllib.loads(_bytes(file).decode("utf-8"))
    except ValueError as error:
        raise UsageError(f"{shown_path(file)}: not TOML: {error}") from None


def _configuration(file: Path, table: Any) -> Configuration:
    shown = str(shown_path(file))
    keys = {field.name.replace("_", "-") for field in fields(Configuration)} - {"folder", "file"}
    settings: dict[str, Any] = {}
    for key, value in _table(shown, "tallystick", table).items():
        if key not in keys:
            raise UsageError(f"{shown}: {unknown('key', key, keys)}")
        match key:
            case "models" | "baseline":
                settings[key] = _string(shown, key, value)
            case "rules":
                settings[key] = _rules(shown, key, value)
            case "overrides":
                settings[key] = tuple(_overrides(shown, value))
            case "allow-refs":
                settings["allow_refs"] = tuple(_from(file.parent, name) for name in _strings(shown, key, value))
            case _:
                settings[key] = _strings(shown, key, value)
    return Configuration(folder=file.parent, file=file, **settings)


def _from(folder: Path, name: str) -> str:
    """A folder that references may reach, from where the configuration stands; a host as it is."""
    if "://" in name:
        return name
    return str(folder / name) if os.sep in name or (folder / name).is_dir() else name


def _overrides(shown: str, value: Any) -> Iterator[Override]:
    if not isinstance(value, list):
        raise UsageError(f"{shown}: overrides: a list of tables was expected, each with `paths` and `rules`")
    for index, item in enumerate(value, 1):
        name = f"overrides (number {index})"
        table = _table(shown, name, item)
        for key in table:
            if key not in ("paths", "rules"):
                raise UsageError(f"{shown}: {name}: {unknown('key', key, ('paths', 'rules'))}")
        if "paths" not in table or "rules" not in table:
            raise UsageError(f"{shown}: {name}: both `paths` and `rules` are needed")
        paths = _strings(shown, f"{name}: paths", table["paths"])
        yield Override(paths, _rules(shown, f"{name}: rules", table["rules"]))


def _table(shown: str, name: str, value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise UsageError(f"{shown}: {name}: a table was expected, not {value!r}")
    return value


def _string(shown: str, name: str, value: Any) -> str:
    if not isinstance(value, str) or not value:
        raise UsageError(f"{shown}: {name}: a string was expected, not {value!r}")
    return value


def _strings(shown: str, name: str, value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(item, str) and item for item in value):
        raise UsageError(f"{shown}: {name}: a list of strings was expected, not {value!r}")
    return tuple(value)


def _rules(shown: str, name: str, value: Any) -> dict[str, str]:
    for rule, grade in _table(shown, name, value).items():
        if grade not in GRADES:
            raise UsageError(f"{shown}: {name}: {rule}: expected {', '.join(GRADES)}; not {grade!r}")
    return dict(value)


def unknown(kind: str, name: str, known: Iterable[str]) -> str:
    """The message for a name that is not known: the nearest one that is, or all of them where none is near."""
    known = sorted(known)
    hint = did_you_mean(name, known, 0.5) or f"known: {', '.join(known)}"
    return f"unknown {kind} {name!r}; {hint}"


def contract_paths(paths: Sequence[str], configuration: Configuration) -> tuple[str, ...]:
    """The PATHs that a command is about: those given, else those that the configuration names, else `openapi/`.

    Raises `UsageError` where that leaves none.
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


def contract_files(paths: Sequence[str], configuration: Configuration) -> list[Path]:
    """The files that a command is about, each once, in the order of `contract_paths` and sorted within each.

    Raises `UnreadableError` for a path where there is no contract, `UsageError` where none is named at all.
    """
    found: dict[Path, Path] = {}
    for path in contract_paths(paths, configuration):
        for file in files_at(path):
            found.setdefault(file.resolve(), file)
    return list(found.values())


def files_at(path: str) -> list[Path]:
    """The contract files that one PATH names: a file, a folder (all the way down), or a glob.

    Raises `UnreadableError` where there is none.
    """
    here = Path(path)
    if here.is_dir():
        files = sorted(_contracts_below(here))
        if not files:
            raise UnreadableError(path, 0, f"no contract in this folder: no .yaml, .yml or .json file here {_HAS_KEY}")
        return files
    if here.exists() or not glob.has_magic(path):
        return [here]
    matches = [Path(match) for match in sorted(glob.glob(path, recursive=True))]
    files = [match for match in matches if match.is_file() and looks_like_contract(match)]
    if not files:
        raise UnreadableError(path, 0, f"no file that matches {_HAS_KEY}" if matches else "no file matches")
    return files


def _contracts_below(folder: Path) -> Iterator[Path]:
    for parent, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith(".") and name not in _PASSED_OVER)
        for name in files:
            file = Path(parent, name)
            if file.suffix.lower() not in _SUFFIXES or name.startswith(".") or not file.is_file():
                continue
            if looks_like_contract(file):
                yield file


def looks_like_contract(file: Path) -> bool:
    """Whether a file has `openapi` or `swagger` at its top, as far as can be told without reading it as YAML.

    A broken file that has the word where the key would stand counts: reading it says what is wrong.
    """
    try:
        text = file.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return True  # and whoever reads it says why it cannot be read
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
        return isinstance(value, dict) and ("openapi" in value or "swagger" in value)
    indent = re.escape(body[: len(body) - len(stripped)])
    return re.search(f"^{indent}{_VERSION_KEY.pattern}", body, re.MULTILINE) is not None


def shown_path(path: Path) -> Path:
    """A path as the user sees it from the working folder: relative where it is below it."""
    try:
        return path.resolve().relative_to(Path.cwd())
    except ValueError:
        return path
