"""The outcome of a diff: what was found, graded, without what is ignored, and with what fails."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from tallystick.diff.felt import is_felt
from tallystick.diff.ignoring import Ignored, notes_on, without_ignored
from tallystick.diff.run import is_same_text
from tallystick.diff.settings import DiffSettings
from tallystick.diff.versions import advice
from tallystick.nouns.change import Change, Grade
from tallystick.nouns.contract import Contract
from tallystick.reports.results import Compared


@dataclass(frozen=True, slots=True)
class Judging:
    """How the changes of a diff are judged."""

    settings: DiffSettings
    ignored: Sequence[Ignored]
    today: date
    checks_version: bool = False
    consumers_only: bool = False


def outcome(pairs: Sequence[Compared], judging: Judging) -> tuple[list[Compared], list[str]]:
    """The contracts with their changes graded, and the notes for whoever runs the diff."""
    count = 0
    judged: list[Compared] = []
    for pair in pairs:
        graded = _graded(pair.changes, judging.settings)
        left = without_ignored(graded, judging.ignored, judging.today)
        count += len(graded) - len(left)
        changes = [replace(change, is_failing=_fails(change, judging)) for change in left]
        text, is_wrong = _advice(pair, changes)
        wrong = is_wrong and judging.checks_version
        judged.append(replace(pair, changes=changes, advice=text, is_wrong_version=wrong))
    return judged, notes_on(judging.ignored, count, judging.today)


def _graded(changes: Sequence[Change], settings: DiffSettings) -> list[Change]:
    grades = settings.rules
    return [
        change if change.rule not in grades else replace(change, grade=grade)
        for change in changes
        if (grade := grades.get(change.rule, change.grade)) is not None
    ]


def _fails(change: Change, judging: Judging) -> bool:
    fail_on = judging.settings.fail_on
    if fail_on == "never" or change.grade is Grade.INFO:
        return False
    if change.grade is Grade.WARNING and fail_on != "warning":
        return False
    return not judging.consumers_only or is_felt(change)


def _advice(pair: Compared, changes: Sequence[Change]) -> tuple[str, bool]:
    if pair.old is None or pair.new is None:
        return "", False
    is_same = is_same_text(pair.old, pair.new) or (not changes and not pair.changes)
    return advice(_version(pair.old), _version(pair.new), changes, is_same)


def _version(contract: Contract) -> str:
    return str(contract.root.members_of("info").get("version", ""))
