"""The settings of a diff: the table `diff` of the configuration, and the flags, which go before it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tallystick.config import Configuration, shown_path
from tallystick.diff.table import TABLE
from tallystick.nouns.change import Grade
from tallystick.nouns.errors import UsageError
from tallystick.nouns.words import did_you_mean, unknown

FAILING = ("breaking", "warning", "never")
GRADES = ("off", *Grade)
_KEYS = ("rules", "ignored", "fail-on", "consumers")


@dataclass(frozen=True, slots=True)
class DiffSettings:
    """What a project says of its diffs; `rules` has the grade of a rule by its id, None for one that is off."""

    rules: Mapping[str, Grade | None] = field(default_factory=dict)
    ignored: Path | None = None
    """The file of the changes that are ignored."""
    fail_on: str = "breaking"
    consumers: tuple[str, ...] = ()


def settings_of(configuration: Configuration) -> DiffSettings:
    """The settings in a configuration; raises `UsageError` for a key or value that is not known."""
    table = configuration.diff
    shown = f"{configuration.file and shown_path(configuration.file)}: diff"
    for key in table:
        if key not in _KEYS:
            raise UsageError(f"{shown}: {unknown('key', key, _KEYS)}")
    fail_on = table.get("fail-on", "breaking")
    if fail_on not in FAILING:
        raise UsageError(f"{shown}: fail-on: expected {', '.join(FAILING)}; not {fail_on!r}")
    ignored, consumers = table.get("ignored"), table.get("consumers", [])
    if ignored is not None and (not isinstance(ignored, str) or not ignored):
        raise UsageError(f"{shown}: ignored: the name of a file was expected, not {ignored!r}")
    if not isinstance(consumers, list) or not all(isinstance(each, str) and each for each in consumers):
        raise UsageError(f"{shown}: consumers: a list of files and folders was expected, not {consumers!r}")
    return DiffSettings(
        rules=_rules(shown, table.get("rules", {})),
        ignored=shown_path(configuration.folder / ignored) if ignored is not None else None,
        fail_on=str(fail_on),
        consumers=tuple(str(configuration.folder / each) for each in consumers),
    )


def _rules(shown: str, value: object) -> dict[str, Grade | None]:
    if not isinstance(value, dict):
        raise UsageError(f"{shown}: rules: a table was expected, not {value!r}")
    grades: dict[str, Grade | None] = {}
    for rule, grade in value.items():
        if rule not in TABLE:
            hint = did_you_mean(str(rule), TABLE, 0.6) or "the table of changes in docs/rules.md has them all"
            raise UsageError(f"{shown}: rules: unknown rule {rule!r}; {hint}")
        if grade not in GRADES:
            raise UsageError(f"{shown}: rules: {rule}: expected {', '.join(GRADES)}; not {grade!r}")
        grades[rule] = None if grade == "off" else Grade(grade)
    return grades
