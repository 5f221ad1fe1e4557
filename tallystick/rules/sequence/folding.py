"""Several members that one rule is broken for are one relation: what loses all members is one fault, not many."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from tallystick.nouns.contract import Contract
from tallystick.nouns.words import in_a_row
from tallystick.rules.sequence.echo import ECHO_DIFFERS
from tallystick.rules.sequence.lives import (
    ENSURE_RESOURCE_AVAILABILITY,
    ID_NOT_UNIQUE,
    UPDATE_RESETS,
    WRITTEN_VALUE_LOST,
)
from tallystick.rules.sequence.relation import Relation
from tallystick.rules.sequence.replacing import REPLACEMENT_MERGES

_FACTS: Mapping[str, str] = {
    ECHO_DIFFERS.id: "members are not shown as they were sent",
    WRITTEN_VALUE_LOST.id: "members are not read as they were set",
    UPDATE_RESETS.id: "members are changed that were not sent",
    REPLACEMENT_MERGES.id: "members stay that were not sent",
}
"""What is said of several members, by the rule."""
_LISTED = 5
CAUSES: Mapping[str, tuple[str, ...]] = {
    ID_NOT_UNIQUE.id: (ENSURE_RESOURCE_AVAILABILITY.id,),
    ECHO_DIFFERS.id: (ID_NOT_UNIQUE.id,),
    WRITTEN_VALUE_LOST.id: (ID_NOT_UNIQUE.id, ENSURE_RESOURCE_AVAILABILITY.id),
}
"""Of which rules a broken rule is a consequence, for the same operation."""


def folded(contract: Contract, relations: Sequence[Relation]) -> list[Relation]:
    """The relations, those on several members of one operation as one, in the order of the first of each."""
    if len(relations) < 2:
        return [*relations]
    relations = [each for each in relations if not _follows(each, relations)]
    groups: dict[tuple[str, str, object], list[Relation]] = {}
    for index, relation in enumerate(relations):
        rule = relation.violation.rule
        groups.setdefault((rule, relation.subject, None if rule in _FACTS else index), []).append(relation)
    return [relation for group in groups.values() for relation in _one(contract, group)]


def _follows(relation: Relation, relations: Sequence[Relation]) -> bool:
    """Whether a relation follows from another one: what is not there, or not alone, is not as it was written either."""
    causes = CAUSES.get(relation.violation.rule, ())
    if any(each.violation.rule in causes and each.subject == relation.subject for each in relations):
        return True
    is_of_creation = relation.violation.rule == WRITTEN_VALUE_LOST.id and relation.subject.startswith("POST ")
    path = relation.subject.partition(" ")[2]
    return is_of_creation and any(
        each.violation.rule == WRITTEN_VALUE_LOST.id and each.subject.partition(" ")[2].startswith(f"{path}/{{")
        for each in relations
    )


def _one(contract: Contract, group: Sequence[Relation]) -> Iterator[Relation]:
    """A group as one relation, which is shown by the fewest steps; those on one member stay as they are."""
    names = [*dict.fromkeys(each.violation.where.rpartition("/")[2] for each in group)]
    if len(names) == 1:
        yield from group
        return
    violation = group[0].violation
    shortest = min(group, key=lambda each: len(each.steps))
    operation = next((each for each in contract if each.label == shortest.subject), None)
    more = f" and {len(names) - _LISTED} more" if len(names) > _LISTED else ""
    listed = ", ".join(names[:_LISTED]) + more if more else in_a_row(names)
    yield Relation(
        violation._replace(
            where=violation.where.rpartition("/")[0],
            contract=operation.place if operation is not None else violation.contract,
            message=f"{len(names)} {_FACTS[violation.rule]}: {listed}",
        ),
        shortest.subject,
        shortest.steps,
    )
