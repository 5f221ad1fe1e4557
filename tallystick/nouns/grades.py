"""The grades that a user gives to rules: off, warning or error, for all operations or for some."""

from __future__ import annotations

import fnmatch
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from tallystick.nouns.errors import UsageError
from tallystick.nouns.violation import Severity, Violation

if TYPE_CHECKING:
    from tallystick.nouns.contract import Operation

GRADES = ("off", "warning", "error")


class Grading(NamedTuple):
    """The grade of one rule, for the operations of a pattern; for all where it is ""."""

    pattern: str
    rule: str
    grade: str
    """One of `GRADES`."""
    paths: tuple[str, ...] = ()
    """Globs of files, seen from `folder`: only the operations of these are meant; of all where there is none."""
    folder: str = ""

    def is_for(self, operation: Operation | None) -> bool:
        """Whether an operation is meant; None is none that a pattern or a file could name."""
        if not self.pattern and not self.paths:
            return True
        if operation is None or not (not self.pattern or _is_named(operation, self.pattern)):
            return False
        file = operation.place.file
        relative = file if "://" in file else os.path.relpath(file, self.folder)
        return not self.paths or any(fnmatch.fnmatch(relative, path) for path in self.paths)


def _is_named(operation: Operation, pattern: str) -> bool:
    from tallystick.nouns.operation_patterns import is_named  # the configuration is read where no contract is

    return is_named(operation, pattern)


@dataclass(frozen=True, slots=True)
class Grades:
    """Grades of rules; the last one that fits decides."""

    rows: tuple[Grading, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.rows)

    def for_operation(self, operation: Operation | None) -> Mapping[str, Severity | None]:
        """The severity of each rule that is graded for an operation, None where it is off."""
        fitting = [row for row in self.rows if row.is_for(operation)]
        return {row.rule: None if row.grade == "off" else Severity(row.grade) for row in fitting}

    def of(self, rule: str, operation: Operation | None, severity: Severity) -> Severity | None:
        """The severity of a rule that has one without any grade; None where it is off."""
        return self.for_operation(operation).get(rule, severity) if self.rows else severity


NO_GRADES = Grades()


def graded(violations: Iterable[Violation], grades: Mapping[str, Severity | None]) -> list[Violation]:
    """The violations, each of the severity that is given to its rule; those of rules that are off are left out."""
    kept: list[Violation] = []
    for violation in violations:
        severity = grades.get(violation.rule, violation.severity)
        if severity is not None:
            kept.append(violation._replace(severity=severity))
    return kept


def parse_grading(where: str, text: str) -> Grading:
    """The grading in a text such as `use-after-free=off`; raises `UsageError`, which names `where`, for another."""
    left, equals, grade = (part.strip() for part in text.rpartition("="))
    pattern, _, rule = (part.strip() for part in left.rpartition(":"))
    if not equals or not rule or grade not in GRADES:
        expected = f"expected [OPERATION:]RULE={'|'.join(GRADES)}, as in 'DELETE /pets/*:use-after-free=off'"
        raise UsageError(f"{where} {text!r}: {expected}")
    return Grading(pattern, rule, grade)
