"""Known findings of fuzz runs, each with the reason why it stays, and until when: they do not fail a run.

A baseline is a TOML file of `[[known]]` tables: `rule`, `operation`, `pointer` (into the contract), `status` where the
finding is about one, `reason`, `since` and, if it is to be looked at again, `until` (a date such as 2027-01-31).
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tallystick.files.kinds import reason
from tallystick.files.reading import read_whole
from tallystick.files.writing import write_whole
from tallystick.fuzz.causes import all_of
from tallystick.fuzz.findings import Finding
from tallystick.nouns.errors import UnreadableError, UsageError

Key = tuple[str, str, str, str]
"""What tells a known finding from every other one: rule, operation, JSON Pointer, and a status or ""."""

_TEXTS = ("rule", "operation", "pointer", "status", "reason")
_DATES = ("since", "until")


@dataclass(frozen=True, slots=True)
class Known:
    """One known finding."""

    rule: str
    operation: str
    pointer: str = ""
    status: str = ""
    reason: str = ""
    since: datetime.date | None = None
    until: datetime.date | None = None

    @property
    def key(self) -> Key:
        return self.rule, self.operation, self.pointer, self.status


def read_known(path: Path) -> list[Known]:
    """The entries of a baseline; none if there is no such file yet.

    Raises `UsageError` if it is not TOML or has something else than entries, `UnreadableError` if it cannot be read.
    """
    import tomllib  # imported only where there is a baseline

    try:
        tables: object = tomllib.loads(read_whole(path, is_named=True).decode("utf-8-sig")).get("known", [])
    except FileNotFoundError:
        return []
    except OSError as error:
        raise UnreadableError(str(path), 0, f"cannot be read: {reason(error)}") from None
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{path}: not TOML: {error}") from None
    return [_known(path, table, number) for number, table in enumerate(tables if isinstance(tables, list) else [None])]


def _known(path: Path, table: object, number: int) -> Known:
    where = f"{path}: [[known]] table {number + 1}"
    if not isinstance(table, dict) or not {"rule", "operation"} <= set(table) <= {*_TEXTS, *_DATES}:
        raise UsageError(f"{where}: expected rule and operation, and {', '.join((*_TEXTS[2:], *_DATES))} if wanted")
    texts = {name: table[name] for name in _TEXTS if name in table}
    dates = {name: table[name] for name in _DATES if name in table}
    if not all(isinstance(text, str) for text in texts.values()):
        raise UsageError(f"{where}: {', '.join(_TEXTS)} are strings")
    if not all(type(date) is datetime.date for date in dates.values()):
        raise UsageError(f"{where}: since and until are dates, as in until = 2027-01-31")
    return Known(**texts, **dates)


def mark_known(findings: Iterable[Finding], entries: Sequence[Known], today: datetime.date) -> list[str]:
    """Marks the findings that a baseline knows; what a reader has to know of the baseline, one sentence each."""
    notes: list[str] = []
    seen: set[Key] = set()
    by_key = {entry.key: entry for entry in entries}
    for finding in findings:
        keys = [_key(each) for each in all_of([finding])]
        entry = next((by_key[key] for key in keys if key in by_key), None)
        seen |= set(keys)
        if entry is None:
            continue
        if entry.until is not None and entry.until < today:
            notes.append(f"{_named(entry)} was known until {entry.until}, and is still there")
            continue
        since = f" since {entry.since}" if entry.since is not None else ""
        finding.known = f"known{since}: {entry.reason.strip() or 'the baseline does not say why'}"
        if not entry.reason.strip():
            notes.append(f"{_named(entry)} is known, and the baseline does not say why")
    gone = [entry for entry in entries if entry.key not in seen]
    return notes + [f"{_named(entry)} was not found any more; take it out of the baseline" for entry in gone]


def write_known(path: Path, findings: Iterable[Finding], entries: Sequence[Known], today: datetime.date) -> int:
    """Writes the baseline of some findings, with the reasons and dates that it had; how many entries it has now.

    Raises `UnreadableError` if it cannot be written.
    """
    before = {entry.key: entry for entry in entries}
    keys = sorted({_key(finding) for finding in all_of(findings)})
    kept = [before.get(key, Known(*key, since=today)) for key in keys]
    head = "# Findings that are known, and why they stay. `--update-baseline` keeps reasons and dates.\n"
    text = head + "".join(f"\n[[known]]\n{_table(entry)}\n" for entry in kept)
    try:
        write_whole(path, text.encode("utf-8"))
    except (OSError, ValueError) as error:
        raise UnreadableError(str(path), 0, f"cannot be written: {reason(error)}") from None
    return len(kept)


def _table(entry: Known) -> str:
    texts = {"rule": entry.rule, "operation": entry.operation, "pointer": entry.pointer, "status": entry.status}
    lines = [f"{name} = {_toml(text)}" for name, text in texts.items() if text]
    lines.append(f"reason = {_toml(entry.reason)}")
    lines += [f"{name} = {date}" for name, date in (("since", entry.since), ("until", entry.until)) if date is not None]
    return "\n".join(lines)


def _key(finding: Finding) -> Key:
    status = finding.detail.split(" ")[0]
    return finding.rule, finding.subject, finding.place.pointer, status if status.isdecimal() else ""


def _named(entry: Known) -> str:
    return f"{entry.rule} of {entry.operation}" + (f" ({entry.status})" if entry.status else "")


def _toml(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
