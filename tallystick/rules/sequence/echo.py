"""Rules on what a response shows of its own request: what was sent, what was left to its default, what is read-only."""

from __future__ import annotations

from collections.abc import Iterator

from tallystick.nouns.json_value import JSON
from tallystick.nouns.rule import Rule, Scope
from tallystick.nouns.schema import Direction, Schema
from tallystick.nouns.violation import Severity
from tallystick.resources.resources import Role
from tallystick.rules.sequence import declared
from tallystick.rules.sequence.history import History
from tallystick.rules.sequence.likeness import Likeness, likeness
from tallystick.rules.sequence.members import pairs, settable
from tallystick.rules.sequence.relation import Relation, SequenceCheck
from tallystick.rules.sequence.seen import Seen
from tallystick.schemas.messages import shown as shown_value

WRITING = frozenset((Role.CREATE, Role.REPLACE, Role.UPDATE))

_RARE_LENGTH, _RARE_NUMBER = 8, 1000
"""From what length a text, and from what size a number is not there by chance."""

ECHO_DIFFERS = Rule(
    "echo-differs", Severity.ERROR, Scope.SEQUENCE, "A response shows what its request sets as it was sent."
)
VALUE_NORMALISED = Rule(
    "value-normalised",
    Severity.WARNING,
    Scope.SEQUENCE,
    "A value that the contract allows is kept in the form in which it was sent.",
)
DEFAULT_NOT_APPLIED = Rule(
    "default-not-applied",
    Severity.ERROR,
    Scope.SEQUENCE,
    "A member that a request leaves out has the default that the contract documents for it.",
)
READ_ONLY_TAKEN = Rule(
    "read-only-taken",
    Severity.ERROR,
    Scope.SEQUENCE,
    "A read-only member that is sent anyway is refused or ignored, and not taken.",
)


def echoes(history: History) -> Iterator[Relation]:
    """What a response shows in another way than its own request sets it."""
    for seen in history.seen:
        if seen.role not in WRITING or not seen.is_done or not seen.sent or not seen.shown:
            continue
        for pair in pairs(history.promises, seen, seen.shown, seen.shown_schema):
            if not seen.is_valid or seen.is_broken:
                break
            sent, shown = shown_value(pair.sent), shown_value(pair.shown)
            if pair.likeness is Likeness.DIFFERENT:
                rule, message = ECHO_DIFFERS, f"{sent} was sent, and {shown} is shown"
            else:
                rule, message = VALUE_NORMALISED, f"{sent} was sent, and {shown} is kept; the contract does not say so"
            where = f"response.body/{pair.name}"
            yield Relation(rule.violation(where, pair.shown_schema.place, message), seen.operation.label, (seen.index,))


def defaults(history: History) -> Iterator[Relation]:
    """What was left out of a creation, and has not its documented default."""
    for seen in history.seen:
        if seen.role is not Role.CREATE or not seen.is_done or seen.sent is None or not seen.shown:
            continue
        for name, schema, other in settable(history.promises, seen, seen.shown_schema):
            if name in seen.sent or name not in seen.shown or not _breaks_default(schema, other, seen.shown[name]):
                continue
            if seen.is_valid and not seen.is_broken:
                shown, default = shown_value(seen.shown[name]), shown_value(schema.resolved["default"])
                message = f"it was not sent, and {shown} is shown; expected the default {default}"
                violation = DEFAULT_NOT_APPLIED.violation(f"response.body/{name}", schema.place, message)
                yield Relation(violation, seen.operation.label, (seen.index,))


def _breaks_default(schema: Schema, shown_schema: Schema, shown: JSON) -> bool:
    """Whether what is shown is not the default of what is sent, though a response may show that."""
    default = schema.resolved.get("default")
    if default is None or likeness(default, shown) is not Likeness.DIFFERENT:
        return False
    return shown_schema.is_valid(default, Direction.RESPONSE)


def read_only_taken(history: History) -> Iterator[Relation]:
    """A read-only member that is shown as it was sent, where the server itself sets another value."""
    for seen in history.seen:
        if seen.role not in WRITING or not seen.is_done or not seen.sent:
            continue
        for name, schema in declared.members(seen.sent_schema).items():
            if schema is None or name not in seen.sent or schema.resolved.get("readOnly") is not True:
                continue
            taken = next((each for each in _showing(history, seen) if _shows(each, name, seen.sent[name])), None)
            other = _own_value(history, seen, name) if taken is not None else None
            if taken is not None and other is not None and not taken.is_broken:
                sent, own = shown_value(seen.sent[name]), shown_value((other.shown or {})[name])
                message = f"it is read-only, and {sent} was sent and taken; without it the server says {own}"
                violation = READ_ONLY_TAKEN.violation(f"body/{name}", schema.place, message)
                steps = sorted({other.index, seen.index, taken.index})
                yield Relation(violation, seen.operation.label, tuple(steps))


def _showing(history: History, writer: Seen) -> Iterator[Seen]:
    """The responses that show what a request wrote: its own, and those that read it before it was written again."""
    yield writer
    if writer.key is None:
        return
    for seen in history.by_key[writer.key]:
        if seen.index > writer.index and seen.role is Role.READ and history.is_quiet(writer, seen, writer.key):
            yield seen


def _shows(seen: Seen, name: str, value: JSON) -> bool:
    return seen.shown is not None and name in seen.shown and seen.shown[name] == value


def _own_value(history: History, writer: Seen, name: str) -> Seen | None:
    """An earlier exchange that shows what the server sets by itself: another value than the one that was sent."""
    sent = (writer.sent or {})[name]
    for seen in history.seen[: writer.index]:
        shown = seen.shown or {}
        is_like = seen.resource is writer.resource and name in shown and name not in (seen.sent or {})
        if is_like and shown[name] != sent and (_is_rare(sent) or _is_usual(history, seen, writer, name)):
            return seen
    return None


def _is_rare(value: JSON) -> bool:
    """Whether a server would not set a value by chance, as it does a small number or one of an enum."""
    if isinstance(value, str):
        return len(value) >= _RARE_LENGTH
    return isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) >= _RARE_NUMBER


def _is_usual(history: History, seen: Seen, writer: Seen, name: str) -> bool:
    """Whether the server gives all that it creates the same value, which it does not count up."""
    value = (seen.shown or {})[name]
    if (isinstance(value, (int, float)) and not isinstance(value, bool)) or writer.role is not Role.CREATE:
        return False
    creations = [
        each.shown or {}
        for each in history.seen[: writer.index]
        if each.role is Role.CREATE and each.resource is writer.resource and name in (each.shown or {})
    ]
    return len(creations) > 1 and all(each[name] == value for each in creations)


CHECKS = (
    SequenceCheck(echoes, (ECHO_DIFFERS, VALUE_NORMALISED), is_alone=True),
    SequenceCheck(defaults, (DEFAULT_NOT_APPLIED,), is_alone=True),
    SequenceCheck(read_only_taken, (READ_ONLY_TAKEN,)),
)
