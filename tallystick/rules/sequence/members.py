"""The members of a resource that are compared: sent by one exchange and shown by another, or by the same."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from tallystick.nouns.json_value import JSON
from tallystick.nouns.schema import Direction, Schema
from tallystick.resources.names import words_of
from tallystick.rules.sequence import declared
from tallystick.rules.sequence.history import Promises
from tallystick.rules.sequence.likeness import Likeness, likeness
from tallystick.rules.sequence.seen import Seen
from tallystick.schemas.compiled import is_same

_STATES = frozenset(
    "status state phase stage progress owner role verified enabled active object kind type href self url uri".split()
)
"""Last words of members that a server may set itself where one schema is both for what is sent and what is read."""


class Pair(NamedTuple):
    """A member as it was sent, and as it is shown."""

    name: str
    schema: Schema
    """The schema of the member in the request."""
    shown_schema: Schema
    """The schema of the member in the response."""
    sent: JSON
    shown: JSON
    likeness: Likeness


def settable(promises: Promises, writer: Seen, reader_schema: Schema | None) -> Iterator[tuple[str, Schema, Schema]]:
    """The members that a request may set and a response shows: name, schema in the one and in the other."""
    if writer.resource is None or writer.sent_schema is None or reader_schema is None:
        return
    shown = declared.members(reader_schema)
    is_shared = is_same(writer.sent_schema, reader_schema)
    for name, schema in promises.settable(writer.sent_schema, writer.resource).items():
        other = shown.get(name)
        if other is None or other.resolved.get("writeOnly") is True:
            continue
        if not (is_shared and _STATES.intersection(words_of(name)[-1:])):
            yield name, schema, other


def pairs(promises: Promises, writer: Seen, shown: Mapping[str, JSON], shown_schema: Schema | None) -> Iterator[Pair]:
    """The members that a request sent and a response shows; those that the response may not show so are passed over."""
    sent = writer.sent or {}
    for name, schema, other in settable(promises, writer, shown_schema):
        if name in sent and name in shown:
            how = likeness(sent[name], shown[name], str(schema.resolved.get("format", "")))
            if how is Likeness.OTHER_FORM and _is_coarser(schema, sent[name], shown[name]):
                how = Likeness.DIFFERENT
            if how is not Likeness.SAME and other.is_valid(sent[name], Direction.RESPONSE):
                yield Pair(name, schema, other, sent[name], shown[name], how)


def _is_coarser(schema: Schema, sent: JSON, shown: JSON) -> bool:
    """Whether a number was rounded by the step of its schema (`multipleOf`) or more, so that it is another one."""
    step = schema.resolved.get("multipleOf")
    numbers = [each for each in (step, sent, shown) if isinstance(each, (int, float)) and not isinstance(each, bool)]
    return len(numbers) == 3 and abs(numbers[1] - numbers[2]) > 0.99 * numbers[0]
