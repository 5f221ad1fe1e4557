"""Several members that one rule is broken for are one relation: what loses all members is one fault, not many."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from tallystick.nouns.contract import Contract
from tallystick.nouns.words import in_a_row
from tallystick.rules.sequence.echo import ECHO_DIFFERS
from tallystick.rules.sequence.lives import UPDATE_RESETS, WRITTEN_VALUE_LOST
from tallystick.rules.sequence.relation import Relation

_FACTS: Mapping[str, str] = {
    ECHO_DIFFERS.id: "members are not shown as they were sent",
    WRITTEN_VALUE_LOST.id: "members are not read as they were set",
    UPDATE_RESETS.id: "members are changed that were not sent",
}
"""What is said of several members, by the rule."""
_LISTED = 5


def folded(contract: Contract, relations: Sequence[Relation]) -> list[Relation]:
    """The relations, those on several members of one operation as one, in the order of the first of each."""
    if len(relations) < 2:
        return [*relations]
    groups: dict[tuple[str, str, object], list[Relation]] = {}
    for index, relation in enumerate(relations):
        rule = relation.violation.rule
        groups.setdefault((rule, relation.subject, None if rule in _FACTS else index), []).append(relation)
    return [relation for group in groups.values() for relation in _one(contract, group)]


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
