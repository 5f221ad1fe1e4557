"""Known violations, each with the reason why it stays: a check does not fail for them, and says when one is gone.

A baseline is a TOML file of `[[known]]` tables: `rule`, `file` (relative to the baseline), `pointer` and `reason`. The
line is left out, so that a known violation stays known when the lines above it move.
"""

from __future__ import annotations

import json
import os
import re
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tallystick.nouns.errors import UnreadableError, UsageError
from tallystick.nouns.rule import Rule, Scope
from tallystick.nouns.violation import Place, Severity, Violation
from tallystick.rules.contract.document import UNREADABLE_DOCUMENT

KNOWN_VIOLATION_GONE = Rule(
    "known-violation-gone", Severity.WARNING, Scope.CONTRACT, "A known violation is still there."
)
KNOWN_VIOLATION_WITHOUT_REASON = Rule(
    "known-violation-without-reason", Severity.WARNING, Scope.CONTRACT, "A known violation has a reason to stay."
)

_KEYS = ("rule", "file", "pointer", "reason")
_HEAD = re.compile(r"^\s*\[\[\s*known\s*\]\]", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Known:
    """One entry of a baseline; `line` is where it begins."""

    rule: str
    file: str
    pointer: str
    reason: str = ""
    line: int = 0

    @property
    def key(self) -> tuple[str, str, str]:
        return self.rule, self.file, self.pointer


def read_baseline(path: Path) -> list[Known]:
    """The entries of a baseline; none where there is no such file yet.

    Raises `UsageError` where it is no TOML, or an entry is not one; `UnreadableError` where it cannot be read.
    """
    try:
        text = path.read_bytes().decode("utf-8")
        entries = tomllib.loads(text).get("known", [])
    except FileNotFoundError:
        return []
    except OSError as error:
        raise UnreadableError(str(path), 0, f"cannot be read: {error.strerror or error}") from None
    except ValueError as error:
        raise UsageError(f"{path}: not TOML: {error}") from None
    lines = [text.count("\n", 0, found.end()) + 1 for found in _HEAD.finditer(text)]
    known = []
    for number, entry in enumerate(entries if isinstance(entries, list) else [None]):
        line = lines[number] if number < len(lines) else 0
        if not isinstance(entry, dict) or not {"rule", "file"} <= set(entry) <= set(_KEYS):
            raise UsageError(f"{path}:{line}: a [[known]] table was expected, with {', '.join(_KEYS)}")
        if not all(isinstance(value, str) for value in entry.values()):
            raise UsageError(f"{path}:{line}: every value of a [[known]] table is a string")
        known.append(Known(entry["rule"], entry["file"], entry.get("pointer", ""), entry.get("reason", ""), line))
    return known


def without_known(violations: Iterable[Violation], known: Sequence[Known], path: Path) -> list[Violation]:
    """The violations that a baseline does not know, and warnings for its entries that are stale or give no reason."""
    keys = {entry.key for entry in known}
    met: set[tuple[str, str, str]] = set()
    left: list[Violation] = []
    for violation in violations:
        key = _key(violation, path)
        if key in keys and violation.rule != UNREADABLE_DOCUMENT.id:
            met.add(key)
        else:
            left.append(violation)
    return [*left, *_of_entries(known, met, path)]


def _of_entries(known: Sequence[Known], met: set[tuple[str, str, str]], path: Path) -> Iterator[Violation]:
    for entry in known:
        place = Place(str(path), (str(entry.line),), lambda keys: int(keys[0]))
        what = f"{entry.rule} at {entry.file}#{entry.pointer}"
        if entry.key not in met:
            message = f"{what} is no longer there; take it out of the baseline"
            yield KNOWN_VIOLATION_GONE.at(place, message)
        elif not entry.reason.strip():
            yield KNOWN_VIOLATION_WITHOUT_REASON.at(place, f"{what} is known, and the baseline does not say why")


def write_baseline(path: Path, violations: Iterable[Violation], known: Sequence[Known]) -> int:
    """Writes the baseline of some violations, with the reasons that it had; how many entries it has now.

    Raises `UnreadableError` where it cannot be written.
    """
    reasons = {entry.key: entry.reason for entry in known}
    keys = sorted({_key(violation, path) for violation in violations if violation.rule != UNREADABLE_DOCUMENT.id})
    tables = [
        "\n".join(
            f"{name} = {json.dumps(value, ensure_ascii=False)}"
            for name, value in zip(_KEYS, (*key, reasons.get(key, "")), strict=True)
        )
        for key in keys
    ]
    head = "# Violations that are known, and why they stay. `tallystick check --update-baseline` keeps the reasons.\n"
    try:
        path.write_text(head + "".join(f"\n[[known]]\n{table}\n" for table in tables), encoding="utf-8")
    except OSError as error:
        raise UnreadableError(str(path), 0, f"cannot be written: {error.strerror or error}") from None
    return len(keys)


def _key(violation: Violation, path: Path) -> tuple[str, str, str]:
    file = violation.contract.file
    relative = file if "://" in file else Path(os.path.relpath(file, path.parent)).as_posix()
    return violation.rule, relative, violation.contract.pointer


BASELINE_RULES = (KNOWN_VIOLATION_GONE, KNOWN_VIOLATION_WITHOUT_REASON)
"""The rules on baselines."""
