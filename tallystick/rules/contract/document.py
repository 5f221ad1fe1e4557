"""The table of all rules on documents, and `judge_document()`, which finds the violations in a contract itself."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from operator import attrgetter

from tallystick.contracts.unreadable import UNREADABLE_PART
from tallystick.nouns.contract import Contract
from tallystick.nouns.errors import UnreadableError
from tallystick.nouns.rule import Check, Rule, Scope
from tallystick.nouns.violation import Place, Severity, Violation
from tallystick.nouns.words import bounded_comparisons
from tallystick.rules.contract import (
    components,
    examples,
    links,
    operations,
    parameters,
    recursion,
    references,
    schemas,
    structure,
    unfit,
)
from tallystick.rules.contract.objects import Objects
from tallystick.rules.contract.references import REFERENCE_TO_OTHER_KIND
from tallystick.rules.contract.structure import REFERENCE_NOT_ALLOWED

UNREADABLE_DOCUMENT = Rule("unreadable-document", Severity.ERROR, Scope.CONTRACT, "A document can be read.")


def unreadable_document(error: UnreadableError) -> Violation:
    """The violation for a document that cannot be read; no check makes it, since there is no contract to check."""
    return UNREADABLE_DOCUMENT.at(Place(error.file, (), lambda _: error.line), error.fact)


def unreadable_parts(objects: Objects) -> Iterator[Violation]:
    """Parts of the document that could not be read into operations."""
    yield from objects.contract.unreadable_parts


DOCUMENT_CHECKS: tuple[Check[Objects], ...] = (
    *structure.CHECKS,
    *schemas.CHECKS,
    *references.CHECKS,
    *recursion.CHECKS,
    *unfit.CHECKS,
    *operations.CHECKS,
    *parameters.CHECKS,
    *links.CHECKS,
    *components.CHECKS,
    *examples.CHECKS,
    Check(unreadable_parts, (UNREADABLE_PART,)),
)
DOCUMENT_RULES: tuple[Rule, ...] = (*(rule for check in DOCUMENT_CHECKS for rule in check.rules), UNREADABLE_DOCUMENT)
"""Every rule on documents."""


def judge_document(contract: Contract) -> list[Violation]:
    """Every violation in a contract itself, in the order of lines."""
    objects = Objects(contract)
    with bounded_comparisons():
        distinct = {violation for check in DOCUMENT_CHECKS for violation in check.find(objects)}
    return without_explained(sorted(distinct, key=attrgetter("sort_key")))


def without_explained(violations: Sequence[Violation]) -> list[Violation]:
    """The violations without those that another one explains.

    Each unreadable part is explained by another violation at the part or inside it, and the kind of what a reference
    leads to by the fact that no reference may stand there.
    """
    misplaced = {violation.contract for violation in violations if violation.rule == REFERENCE_NOT_ALLOWED.id}
    others = [violation for violation in violations if violation.rule != UNREADABLE_PART.id]
    explained = {(violation.contract.file, path) for violation in others for path in _paths_around(violation)}
    return [
        violation
        for violation in violations
        if not (
            (violation.rule == UNREADABLE_PART.id and (violation.contract.file, violation.contract.path) in explained)
            or (violation.rule == REFERENCE_TO_OTHER_KIND.id and violation.contract in misplaced)
        )
    ]


def _paths_around(violation: Violation) -> Iterator[tuple[str, ...]]:
    """The path of a violation, and the paths of all objects and lists around it."""
    path = violation.contract.path
    return (path[:length] for length in range(len(path) + 1))
