"""The settings of a project that hold for every command: `[tool.tallystick]` in pyproject.toml, or tallystick.toml."""

from __future__ import annotations

import fnmatch
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, TypeGuard

from tallystick.files.kinds import real_path, reason
from tallystick.files.reading import read_whole
from tallystick.nouns.errors import UsageError
from tallystick.nouns.grades import GRADES, Grades, Grading
from tallystick.nouns.timeouts import DEFAULTS, Timeouts
from tallystick.nouns.violation import Severity, Violation
from tallystick.nouns.words import unknown

if TYPE_CHECKING:
    from tallystick.nouns.expectation import Expectation

DEFAULT_MODELS = "generated"
_KEYS = ("contracts", "models", "baseline", "allow-refs", "expect", "mock", "diff", "fuzz", "rules", "overrides")
_OVERRIDE_KEYS = ("paths", "operations", "rules")
TIMEOUT_KEYS = ("head-seconds", "body-idle-seconds", "keep-alive-seconds", "write-idle-seconds")
"""The keys of the table `mock` that are fields of `Timeouts`."""
_MOST_SECONDS = 24 * 3600


@dataclass(frozen=True, slots=True)
class Override:
    """Other grades of rules, for the files that one of the globs matches, or for the exchanges of some operations."""

    paths: tuple[str, ...]
    rules: Mapping[str, str]
    """The grade of each rule by its id: one of `GRADES`."""
    operations: tuple[str, ...] = ()
    """Patterns of operations; none means that the grades hold for whole files."""

    def is_for(self, relative: str) -> bool:
        """Whether it is about a file, by its path from the folder of the configuration."""
        return not self.paths or any(fnmatch.fnmatch(relative, pattern) for pattern in self.paths)


@dataclass(frozen=True, slots=True)
class Configuration:
    """The settings of one project; `folder` is the folder of its file; its paths are relative to that folder."""

    folder: Path = field(default_factory=Path.cwd)
    file: Path | None = None
    contracts: tuple[str, ...] = ()
    models: str = DEFAULT_MODELS
    baseline: str = ""
    allow_refs: tuple[str, ...] = ()
    expect: tuple[Expectation, ...] = ()
    """The refusals and server errors that are no finding of a fuzz run."""
    timeouts: Timeouts = DEFAULTS
    """How long the mock waits for its clients."""
    mock: Mapping[str, object] = field(default_factory=dict)
    """The settings of the mock as they were read; `tallystick mock` judges them as it does its flags."""
    fuzz: Mapping[str, object] = field(default_factory=dict)
    """The settings of fuzz runs as they were read; `tallystick fuzz` judges them as it does its flags."""
    diff: Mapping[str, object] = field(default_factory=dict)
    """The settings of a diff as they were read."""
    rules: Mapping[str, str] = field(default_factory=dict)
    overrides: tuple[Override, ...] = ()

    @property
    def models_folder(self) -> Path:
        """The folder that generated models are written to, as the user sees it from the working folder."""
        return shown_path(self.folder / self.models)

    @property
    def baseline_file(self) -> Path | None:
        """The file of known violations, as the user sees it from the working folder; None if none is named."""
        return shown_path(self.folder / self.baseline) if self.baseline else None

    @property
    def rule_ids(self) -> frozenset[str]:
        """Every rule id that the configuration names."""
        return frozenset(self.rules).union(*(override.rules for override in self.overrides))

    def grade(self, rule: str, file: str, severity: Severity) -> Severity | None:
        """The severity of a rule in a file, None if it is switched off; the last override that fits decides."""
        setting = self.rules.get(rule)
        if self.overrides:
            relative = file if "://" in file else os.path.relpath(file, self.folder)
            for override in self.overrides:
                if rule in override.rules and not override.operations and override.is_for(relative):
                    setting = override.rules[rule]
        if setting is None:
            return severity
        return None if setting == "off" else Severity(setting)

    @property
    def grades_of_exchanges(self) -> Grades:
        """The grades of rules for exchanges: those of all, then those of some files or operations."""
        rows = [Grading("", rule, grade) for rule, grade in self.rules.items()]
        for override in self.overrides:
            for pattern in override.operations or ("",):
                paths, folder = override.paths, str(self.folder)
                rows += [Grading(pattern, rule, grade, paths, folder) for rule, grade in override.rules.items()]
        return Grades(tuple(rows))

    def graded(self, violations: Sequence[Violation]) -> Sequence[Violation]:
        """The violations, each of the severity that the configuration gives its rule; those of rules that are off are
        left out."""
        if not self.rules and not self.overrides:
            return violations
        grades = [self.grade(each.rule, each.contract.file, each.severity) for each in violations]
        return [
            violation._replace(severity=grade)
            for violation, grade in zip(violations, grades, strict=True)
            if grade is not None
        ]


def load_configuration(start: Path | None = None) -> Configuration:
    """The configuration of the nearest folder, upward from `start`, that has one; the defaults if none has.

    Raises `UsageError` if the file is not TOML, or if a key or a value in it is not known.
    """
    folder = (start or Path.cwd()).resolve()
    for candidate in (folder, *folder.parents):
        own, shared = candidate / "tallystick.toml", candidate / "pyproject.toml"
        if os.path.lexists(own):
            return _configuration(own, _toml(own, _bytes(own)))
        if os.path.lexists(shared) and b"tallystick" in (octets := _bytes(shared)):
            tool = _toml(shared, octets).get("tool")
            if isinstance(tool, dict) and "tallystick" in tool:
                return _configuration(shared, tool["tallystick"])
    return Configuration(folder)


def _bytes(file: Path) -> bytes:
    try:
        return read_whole(file)
    except OSError as error:
        raise UsageError(f"{shown_path(file)}: cannot be read: {reason(error)}") from None


def _toml(file: Path, octets: bytes) -> dict[str, object]:
    import tomllib  # imported only where there is a configuration

    try:
        return tomllib.loads(octets.decode("utf-8-sig"))
    except ValueError as error:
        raise UsageError(f"{shown_path(file)}: not TOML: {error}") from None
    except RecursionError:
        raise UsageError(f"{shown_path(file)}: not TOML: nested too deeply") from None


def _configuration(file: Path, value: object) -> Configuration:
    shown = str(shown_path(file))
    table = _table(shown, "tallystick", value)
    for key in table:
        if key not in _KEYS:
            raise UsageError(f"{shown}: {unknown('key', key, _KEYS)}")
    mock = _table(shown, "mock", table.get("mock", {}))
    allow_refs = _strings(shown, "allow-refs", table.get("allow-refs", []))
    return Configuration(
        folder=file.parent,
        file=file,
        contracts=_strings(shown, "contracts", table.get("contracts", [])),
        models=_string(shown, "models", table.get("models", DEFAULT_MODELS)),
        baseline=_string(shown, "baseline", table["baseline"]) if "baseline" in table else "",
        allow_refs=tuple(_allowed_ref(file.parent, name) for name in allow_refs),
        expect=_expectations(shown, _strings(shown, "expect", table["expect"])) if "expect" in table else (),
        timeouts=_timeouts(shown, mock),
        mock={key: setting for key, setting in mock.items() if key not in TIMEOUT_KEYS},
        fuzz=_table(shown, "fuzz", table.get("fuzz", {})),
        diff=_table(shown, "diff", table.get("diff", {})),
        rules=_rules(shown, "rules", table.get("rules", {})),
        overrides=tuple(_overrides(shown, table.get("overrides", []))),
    )


def _expectations(shown: str, texts: Sequence[str]) -> tuple[Expectation, ...]:
    from tallystick.nouns.expectation import parse_expectation  # imported only where there are any

    return tuple(parse_expectation(f"{shown}: expect:", text) for text in texts)


def _timeouts(shown: str, mock: Mapping[str, object]) -> Timeouts:
    seconds: dict[str, float] = {}
    for key, number in mock.items():
        if key not in TIMEOUT_KEYS:
            continue
        if not isinstance(number, int | float) or isinstance(number, bool) or not 0 < number <= _MOST_SECONDS:
            expected = f"a number of seconds was expected, above 0 and at most {_MOST_SECONDS:,}"
            raise UsageError(f"{shown}: mock: {key}: {expected}; not {number!r}")
        seconds[key.replace("-", "_")] = number
    return Timeouts(**seconds)


def _allowed_ref(folder: Path, name: str) -> str:
    """A folder that references may reach, found from the configuration's folder; a host stays as it is."""
    if "://" in name:
        return name
    return str(folder / name) if os.sep in name or os.path.isdir(folder / name) else name


def _overrides(shown: str, value: object) -> Iterator[Override]:
    if not isinstance(value, list):
        raise UsageError(f"{shown}: overrides: a list of tables was expected, each with `paths` and `rules`")
    for index, item in enumerate(value, 1):
        name = f"overrides (number {index})"
        table = _table(shown, name, item)
        for key in table:
            if key not in _OVERRIDE_KEYS:
                raise UsageError(f"{shown}: {name}: {unknown('key', key, _OVERRIDE_KEYS)}")
        if not ("paths" in table or "operations" in table) or "rules" not in table:
            raise UsageError(f"{shown}: {name}: `rules` are needed, and `paths` or `operations` that they are for")
        paths = _strings(shown, f"{name}: paths", table.get("paths", []))
        operations = _strings(shown, f"{name}: operations", table.get("operations", []))
        yield Override(paths, _rules(shown, f"{name}: rules", table["rules"]), operations)


def _table(shown: str, name: str, value: object) -> dict[str, object]:
    if not isinstance(value, dict):
        raise UsageError(f"{shown}: {name}: a table was expected, not {value!r}")
    return value


def _string(shown: str, name: str, value: object) -> str:
    if not _is_string(value):
        raise UsageError(f"{shown}: {name}: a string was expected, not {value!r}")
    return value


def _is_string(value: object) -> TypeGuard[str]:
    """Whether a value is a string that a file, a folder or a host can have for its name."""
    return isinstance(value, str) and bool(value) and "\0" not in value


def _strings(shown: str, name: str, value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(map(_is_string, value)):
        raise UsageError(f"{shown}: {name}: a list of strings was expected, not {value!r}")
    return tuple(value)


def _rules(shown: str, name: str, value: object) -> dict[str, str]:
    grades: dict[str, str] = {}
    for rule, grade in _table(shown, name, value).items():
        if not isinstance(grade, str) or grade not in GRADES:
            raise UsageError(f"{shown}: {name}: {rule}: expected {', '.join(GRADES)}; not {grade!r}")
        grades[rule] = grade
    return grades


def path_from_here(path: Path) -> str:
    """A path as a user would write it in the working folder: relative (`../shared`), absolute where that is shorter."""
    absolute = str(path)
    try:
        return min(os.path.relpath(absolute), absolute, key=len)
    except ValueError:  # on another drive
        return absolute


def shown_path(path: Path) -> Path:
    """A path as the user sees it from the working folder: relative where it is below it."""
    try:
        return real_path(path).relative_to(Path.cwd())
    except ValueError:
        return path
