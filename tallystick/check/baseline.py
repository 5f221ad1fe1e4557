"""Known violations, each with the reason why it stays: a check does not fail for them, and says when one is gone.

A baseline is a TOML file of `[[known]]` tables: `rule`, `file` (relative to the baseline), `pointer` and `reason`. The
line is left out, so that a known violation stays known when the lines above it move.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path

from tallystick.files.kinds import reason
from tallystick.files.reading import read_whole
from tallystick.files.writing import write_whole
from tallystick.nouns.errors import UnreadableError, UsageError
from tallystick.nouns.printing import visible
from tallystick.nouns.rule import Rule, Scope
from tallystick.nouns.violation import Place, Severity, Violation
from tallystick.rules.contract.document import UNREADABLE_DOCUMENT

KNOWN_VIOLATION_GONE = Rule(
    "known-violation-gone", Severity.WARNING, Scope.CONTRACT, "A known violation is still there."
)
KNOWN_VIOLATION_WITHOUT_REASON = Rule(
    "known-violation-without-reason", Severity.WARNING, Scope.CONTRACT, "A known violation has a reason to stay."
)

Key = tuple[str, str, str]
"""What tells a known violation from every other one: rule, file and JSON Pointer."""

_KEYS = ("rule", "file", "pointer", "reason")
_HEAD = re.compile(r"^\s*\[\[\s*known\s*\]\]", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Entry:
    """One known violation of a baseline; `line` is where its table begins."""

    rule: str
    file: str
    pointer: str
    reason: str = ""
    line: int = 0

    @property
    def key(self) -> Key:
        return self.rule, self.file, self.pointer


def read_baseline(path: Path) -> list[Entry]:
    """The entries of a baseline; none if there is no such file yet.

    Raises `UsageError` if it is not TOML or has something else than entries, `UnreadableError` if it cannot be read.
    """
    import tomllib  # imported only where there is a baseline

    try:
        octets = read_whole(path, is_named=True)
    except FileNotFoundError:
        return []
    except (OSError, ValueError) as error:
        raise UnreadableError(str(path), 0, f"cannot be read: {reason(error)}") from None
    try:
        text = octets.decode("utf-8-sig")
        tables: object = tomllib.loads(text).get("known", [])
    except ValueError as error:
        raise UsageError(f"{path}: not TOML: {error}") from None
    except RecursionError:
        raise UsageError(f"{path}: not TOML: nested too deeply") from None
    lines = [text.count("\n", 0, head.end()) + 1 for head in _HEAD.finditer(text)]
    rows = tables if isinstance(tables, list) else [None]
    return [_entry(path, row, line) for row, line in zip_longest(rows, lines[: len(rows)], fillvalue=0)]


def _entry(path: Path, table: object, line: int) -> Entry:
    if not isinstance(table, dict) or not {"rule", "file"} <= set(table) <= set(_KEYS):
        raise UsageError(f"{path}:{line}: a [[known]] table was expected, with {', '.join(_KEYS)}")
    if not all(isinstance(value, str) for value in table.values()):
        raise UsageError(f"{path}:{line}: every value of a [[known]] table is a string")
    return Entry(table["rule"], table["file"], table.get("pointer", ""), table.get("reason", ""), line)


def without_known(violations: Iterable[Violation], entries: Sequence[Entry], path: Path) -> list[Violation]:
    """The violations that a baseline does not know, and a warning for each entry that is stale or has no reason."""
    known = {entry.key for entry in entries}
    seen: set[Key] = set()
    new: list[Violation] = []
    for violation in violations:
        key = _key(violation, path)
        if key in known and violation.rule != UNREADABLE_DOCUMENT.id:
            seen.add(key)
        else:
            new.append(violation)
    return [*new, *_of_entries(entries, seen, path)]


def _of_entries(entries: Sequence[Entry], seen: set[Key], path: Path) -> Iterator[Violation]:
    for entry in entries:
        place = Place(str(path), (str(entry.line),), lambda keys: int(keys[0]))
        subject = f"{entry.rule} at {entry.file}#{entry.pointer}"
        if entry.key not in seen:
            yield KNOWN_VIOLATION_GONE.at(place, f"{subject} is no longer there; take it out of the baseline")
        elif not entry.reason.strip():
            fact = f"{subject} is known, and the baseline does not say why"
            yield KNOWN_VIOLATION_WITHOUT_REASON.at(place, fact)


def write_baseline(path: Path, violations: Iterable[Violation], entries: Sequence[Entry]) -> int:
    """Write the baseline of some violations, with the reasons that it had; returns how many entries it has now.

    Raises `UnreadableError` if it cannot be written.
    """
    reasons = {entry.key: entry.reason for entry in entries}
    keys = sorted({_key(violation, path) for violation in violations if violation.rule != UNREADABLE_DOCUMENT.id})
    tables = [
        "\n".join(f"{name} = {_toml(value)}" for name, value in zip(_KEYS, (*key, reasons.get(key, "")), strict=True))
        for key in keys
    ]
    head = "# Violations that are known, and why they stay. `tallystick check --update-baseline` keeps the reasons.\n"
    text = head + "".join(f"\n[[known]]\n{table}\n" for table in tables)
    try:
        write_whole(path, text.encode("utf-8"))
    except (OSError, ValueError) as error:
        raise UnreadableError(str(path), 0, f"cannot be written: {reason(error)}") from None
    return len(keys)


def _key(violation: Violation, path: Path) -> Key:
    file = violation.contract.file
    relative = file if "://" in file else Path(os.path.relpath(file, path.parent)).as_posix()
    return violation.rule, visible(relative), violation.contract.pointer


def _toml(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


BASELINE_RULES = (KNOWN_VIOLATION_GONE, KNOWN_VIOLATION_WITHOUT_REASON)
"""The rules on baselines."""
