"""The grades that the user gives to rules, applied to the defects of a run."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from tallystick.fuzz.defects import Defect
from tallystick.nouns.contract import Contract, Operation
from tallystick.nouns.grades import Grades


class Graded:
    """Gives each defect the severity that the user wants for its rule, and leaves out those of rules that are off."""

    def __init__(self, grades: Grades, contract: Contract) -> None:
        self.grades = grades
        self.operations: dict[str, Operation] = {}
        for operation in contract:
            self.operations[operation.label] = operation
            self.operations.setdefault(operation.path, operation)  # what is about undocumented methods has a path

    def __call__(self, defects: Iterable[Defect]) -> list[Defect]:
        """The defects that are left."""
        if not self.grades:
            return list(defects)
        return [graded for defect in defects if (graded := self._graded(defect)) is not None]

    def _graded(self, defect: Defect) -> Defect | None:
        grades = self.grades.for_operation(self.operations.get(defect.subject))
        severity = grades.get(defect.rule, defect.severity)
        if severity is not None and defect.broken_rule:
            severity = grades.get(defect.broken_rule, severity)
        return replace(defect, severity=severity) if severity is not None else None
