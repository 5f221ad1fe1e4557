"""The rules on documents, as one table: what `check` finds wrong with a contract before any exchange."""

from __future__ import annotations

from collections.abc import Iterator
from operator import attrgetter

from tallystick.nouns.contract import Contract
from tallystick.nouns.violation import Rule, Severity, Violation
from tallystick.rules.contract import components, examples, operations, references, schemas, structure
from tallystick.rules.contract.parts import Parts

UNREADABLE_DOCUMENT = "unreadable-document"
_UNREADABLE = "unreadable-part"


def unreadable(parts: Parts) -> Iterator[Violation]:
    """What of the document could not be brought to operations."""
    yield from parts.contract.problems


def unreadable_document(parts: Parts) -> Iterator[Violation]:  # noqa: ARG001 - the signature of every rule
    """Nothing: a document that has parts has been read; whoever reads it says so where it cannot be."""
    return iter(())


DOCUMENT_RULES: tuple[Rule, ...] = (
    *structure.RULES,
    *schemas.RULES,
    *references.RULES,
    *operations.RULES,
    *components.RULES,
    *examples.RULES,
    Rule(UNREADABLE_DOCUMENT, Severity.ERROR, "contract", "A document can be read.", unreadable_document),
    Rule(_UNREADABLE, Severity.ERROR, "contract", "Every operation can be read.", unreadable),
)
"""Every rule on documents; a check that stands in several rows yields the violations of all of them."""

_CHECKS = tuple(dict.fromkeys(rule.check for rule in DOCUMENT_RULES))


def judge_document(contract: Contract) -> list[Violation]:
    """Every violation of a contract by itself, in the order of its lines; each fault once."""
    parts = Parts(contract)
    found = sorted({violation for check in _CHECKS for violation in check(parts)}, key=attrgetter("sort_key"))
    told = {(one.contract.file, path) for one in found if one.rule != _UNREADABLE for path in _around(one)}
    return [one for one in found if one.rule != _UNREADABLE or (one.contract.file, one.contract.path) not in told]


def _around(violation: Violation) -> Iterator[tuple[str, ...]]:
    """The paths of all parts that a violation lies in."""
    path = violation.contract.path
    return (path[:length] for length in range(len(path) + 1))
