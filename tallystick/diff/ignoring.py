"""Changes that a project ignores, each with its reason and the day on which that ends.

They stand in a TOML file of `[[ignored]]` tables: `rule` (an id, or a pattern such as `request-*`), `path` (a pattern
for the operation, `/pets/*` or `GET /pets`; all where it is left out), `reason`, and `until`, a day.
"""

from __future__ import annotations

import fnmatch
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from tallystick.files.kinds import reason
from tallystick.files.reading import read_whole
from tallystick.nouns.change import Change
from tallystick.nouns.errors import UnreadableError, UsageError

_KEYS = ("rule", "path", "reason", "until")


@dataclass(frozen=True, slots=True)
class Ignored:
    """Which changes are ignored, why, and until which day (that day too); None for ever."""

    rule: str
    path: str
    reason: str
    until: date | None

    def covers(self, change: Change) -> bool:
        if not fnmatch.fnmatchcase(change.rule, self.rule):
            return False
        labels = (change.operation, *change.others)
        return not self.path or all(
            fnmatch.fnmatchcase(label, self.path) or fnmatch.fnmatchcase(label.partition(" ")[2], self.path)
            for label in labels
        )

    def __str__(self) -> str:
        return f"{self.rule}{f' at {self.path}' if self.path else ''}"


def read_ignored(path: Path) -> list[Ignored]:
    """The entries of a file.

    Raises `UsageError` where it is not TOML of this form, `UnreadableError` where it cannot be read.
    """
    import tomllib  # imported only where there is such a file

    try:
        text = read_whole(path, is_named=True).decode("utf-8-sig")
        tables: object = tomllib.loads(text).get("ignored", [])
    except OSError as error:
        raise UnreadableError(str(path), 0, f"cannot be read: {reason(error)}") from None
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{path}: not TOML: {error}") from None
    if not isinstance(tables, list):
        raise UsageError(f"{path}: [[ignored]] tables were expected, with {', '.join(_KEYS)}")
    return [_entry(path, number, table) for number, table in enumerate(tables, 1)]


def _entry(path: Path, number: int, table: object) -> Ignored:
    shown = f"{path}: ignored (number {number})"
    if not isinstance(table, dict) or "rule" not in table or not set(table) <= set(_KEYS):
        raise UsageError(f"{shown}: a table was expected, with {', '.join(_KEYS)}; `rule` is needed")
    texts = {key: table.get(key, "") for key in ("rule", "path", "reason")}
    if not all(isinstance(text, str) for text in texts.values()):
        raise UsageError(f"{shown}: rule, path and reason are strings")
    until = table.get("until")
    try:
        day = until.date() if isinstance(until, datetime) else until
        day = date.fromisoformat(day) if isinstance(day, str) else day
    except ValueError:
        raise UsageError(f"{shown}: until: a day was expected, such as 2030-01-31; not {until!r}") from None
    if day is not None and not isinstance(day, date):
        raise UsageError(f"{shown}: until: a day was expected, such as 2030-01-31; not {until!r}")
    return Ignored(**texts, until=day)


def without_ignored(changes: Iterable[Change], entries: Sequence[Ignored], today: date) -> list[Change]:
    """The changes that no entry covers whose day has not passed."""
    valid = [entry for entry in entries if entry.until is None or today <= entry.until]
    return [change for change in changes if not any(entry.covers(change) for entry in valid)]


def notes_on(entries: Sequence[Ignored], count: int, today: date) -> list[str]:
    """What whoever runs the diff has to know: how many changes were ignored, what has expired, what has no reason."""
    notes = [f"{count} change{'' if count == 1 else 's'} ignored"] if count else []
    for entry in entries:
        if entry.until is not None and today > entry.until:
            notes.append(f"{entry} was ignored until {entry.until}, and is not any more")
        elif not entry.reason.strip():
            notes.append(f"{entry} is ignored, and nothing says why; give it a reason")
    return notes
