"""A rule on members that a client may send and no response may show."""

from __future__ import annotations

from collections.abc import Iterator

from tallystick.nouns.rule import Rule, Scope
from tallystick.nouns.schema import Schema
from tallystick.nouns.violation import Severity
from tallystick.rules.sequence import declared
from tallystick.rules.sequence.history import History
from tallystick.rules.sequence.relation import Relation, SequenceCheck

WRITE_ONLY_SHOWN = Rule(
    "write-only-shown", Severity.ERROR, Scope.SEQUENCE, "A response does not show a member that is `writeOnly`."
)
_DEEPEST, _MOST_ROWS = 4, 20
_NOTHING = (None, "", False, 0)


def write_only(history: History) -> Iterator[Relation]:
    """Responses with a `writeOnly` member that has a value (OpenAPI, Schema Object; JSON Schema Validation, 9.4).

    A value that is blotted out (`***`) shows nothing.
    """
    for seen in history.seen:
        body_format = seen.reading.response_body.format if seen.exchange.response is not None else None
        if body_format is None or seen.status >= 400:
            continue
        for where, schema in _shown(seen.response_value, body_format.schema, "response.body", 0):
            fact = "it is writeOnly, so that no response has it"
            violation = WRITE_ONLY_SHOWN.violation(where, schema.place, fact)
            yield Relation(violation, seen.operation.label, (seen.index,))


def _shown(value: object, schema: Schema | None, where: str, depth: int) -> Iterator[tuple[str, Schema]]:
    """The members of a value that are `writeOnly`, and their schemas."""
    if depth > _DEEPEST or schema is None:
        return
    if isinstance(value, list):
        for row in value[:_MOST_ROWS]:
            yield from _shown(row, declared.items(schema), f"{where}/*", depth + 1)
    if isinstance(value, dict):
        own = declared.members(schema)
        for name, member in value.items():
            said = own.get(name)
            if said is not None and said.resolved.get("writeOnly") is True:
                if member not in _NOTHING and not (isinstance(member, str) and set(member) <= set("*•x")):
                    yield f"{where}/{name}", said
            else:
                yield from _shown(member, said, f"{where}/{name}", depth + 1)


CHECKS = (SequenceCheck(write_only, (WRITE_ONLY_SHOWN,), is_alone=True),)
