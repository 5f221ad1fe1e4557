"""A rule for a closed world: a response has no members but those that are declared, though its schema is open."""

from __future__ import annotations

from collections.abc import Iterator

from tallystick.nouns.rule import Rule, Scope
from tallystick.nouns.schema import Schema
from tallystick.nouns.violation import Place, Severity
from tallystick.rules.sequence import declared
from tallystick.rules.sequence.history import History
from tallystick.rules.sequence.relation import Relation, SequenceCheck

MEMBER_UNDECLARED = Rule(
    "member-undeclared",
    Severity.ERROR,
    Scope.SEQUENCE,
    "A response has no members but those that its schema declares (asked for with --closed-world).",
)

_DEEPEST, _MOST_ROWS = 6, 20


def undeclared(history: History) -> Iterator[Relation]:
    """Responses with members that their schemas do not declare; the judge says so where the schema is closed."""
    for seen in history.seen:
        body_format = seen.reading.response_body.format if seen.exchange.response is not None else None
        if body_format is None or body_format.schema is None or seen.is_broken:
            continue
        names = set[tuple[str, ...]]()
        for where, name, place in _undeclared(seen.response_value, body_format.schema, "response.body", 0):
            if (*place.path, name) in names:
                continue
            names.add((*place.path, name))
            violation = MEMBER_UNDECLARED.violation(f"{where}/{name}", place, "the contract does not declare it")
            yield Relation(violation, seen.operation.label, (seen.index,))


def _undeclared(value: object, schema: Schema | None, where: str, depth: int) -> Iterator[tuple[str, str, Place]]:
    if schema is None or depth > _DEEPEST:
        return
    if isinstance(value, list):
        for index, row in enumerate(value[:_MOST_ROWS]):
            yield from _undeclared(row, declared.items(schema), f"{where}/{index}", depth + 1)
    if isinstance(value, dict):
        own = declared.members(schema)
        for name, member in value.items():
            if name in own:
                yield from _undeclared(member, own[name], f"{where}/{name}", depth + 1)
            elif own and not _is_map(schema):
                yield where, name, schema.place


def _is_map(schema: Schema) -> bool:
    """Whether a schema says what members of other names are."""
    others = schema.resolved.get("additionalProperties"), schema.resolved.get("unevaluatedProperties")
    return "patternProperties" in schema.resolved or any(isinstance(each, dict) and each for each in others)


CHECKS = (SequenceCheck(undeclared, (MEMBER_UNDECLARED,), is_alone=True),)
