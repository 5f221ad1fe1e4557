"""The rules on documents, as one table: what `check` finds wrong with a contract before any exchange."""

from __future__ import annotations

from collections.abc import Iterator
from operator import attrgetter

from tallystick.contracts.problems import UNREADABLE_PART
from tallystick.nouns.contract import Contract
from tallystick.nouns.errors import UnreadableError
from tallystick.nouns.rule import Check, Rule, Scope
from tallystick.nouns.violation import Place, Severity, Violation
from tallystick.rules.contract import components, examples, operations, references, schemas, structure
from tallystick.rules.contract.objects import Objects

UNREADABLE_DOCUMENT = Rule("unreadable-document", Severity.ERROR, Scope.CONTRACT, "A document can be read.")


def unreadable_document(error: UnreadableError) -> Violation:
    """The violation for a document that cannot be read: whoever reads it makes it, since there is nothing to check."""
    return UNREADABLE_DOCUMENT.at(Place(error.file, (), lambda _: error.line), error.fact)


def unreadable_parts(objects: Objects) -> Iterator[Violation]:
    """What of the document could not be brought to operations."""
    yield from objects.contract.problems


DOCUMENT_CHECKS: tuple[Check[Objects], ...] = (
    *structure.CHECKS,
    *schemas.CHECKS,
    *references.CHECKS,
    *operations.CHECKS,
    *components.CHECKS,
    *examples.CHECKS,
    Check(unreadable_parts, (UNREADABLE_PART,)),
)
DOCUMENT_RULES: tuple[Rule, ...] = (*(rule for check in DOCUMENT_CHECKS for rule in check.rules), UNREADABLE_DOCUMENT)
"""Every rule on documents."""


def judge_document(contract: Contract) -> list[Violation]:
    """Every violation of a contract by itself, in the order of its lines; each fault once."""
    objects = Objects(contract)
    violations = sorted({each for check in DOCUMENT_CHECKS for each in check.find(objects)}, key=attrgetter("sort_key"))
    explained = {
        (each.contract.file, path) for each in violations if each.rule != UNREADABLE_PART.id for path in _around(each)
    }
    return [
        each
        for each in violations
        if each.rule != UNREADABLE_PART.id or (each.contract.file, each.contract.path) not in explained
    ]


def _around(violation: Violation) -> Iterator[tuple[str, ...]]:
    """The path of a violation, and those of all objects and lists around it."""
    path = violation.contract.path
    return (path[:length] for length in range(len(path) + 1))
