"""Rules on requests under conditions: entity tags, and keys that make a creation idempotent."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from tallystick.nouns.contract import Operation
from tallystick.nouns.rule import Rule, Scope
from tallystick.nouns.violation import Place, Severity
from tallystick.resources.resources import Role
from tallystick.rules.sequence.echo import WRITING
from tallystick.rules.sequence.history import History
from tallystick.rules.sequence.relation import Relation, SequenceCheck
from tallystick.rules.sequence.seen import Seen
from tallystick.schemas.messages import shown as shown_value

_REPETITION = re.compile(r"\b(second|same|again|once|twice|repeat|retr[iy]|duplicate|replay|idempotent)", re.I)
"""Words that say what comes of a request that is sent again."""
_REFUSAL = re.compile(r"\b(?:refus|reject|conflict|denied|fail|error|409|400|422)", re.I)
"""Words that say that a request which is sent again is refused."""
_NOT_MODIFIED, _PRECONDITION_FAILED = 304, 412

CONDITION_IGNORED = Rule(
    "condition-ignored", Severity.ERROR, Scope.SEQUENCE, "A conditional request is answered as its condition says."
)
ENTITY_TAG_KEPT = Rule(
    "entity-tag-kept", Severity.ERROR, Scope.SEQUENCE, "A strong entity tag changes when what it is of changes."
)
IDEMPOTENCY_KEY_IGNORED = Rule(
    "idempotency-key-ignored",
    Severity.ERROR,
    Scope.SEQUENCE,
    "A creation that is sent twice with one idempotency key is done once.",
)


def conditions(history: History) -> Iterator[Relation]:
    """Conditional requests that are answered as if they had no condition, or another one (RFC 9110, section 13.1)."""
    for key, timeline in history.by_key.items():
        tagged: Seen | None = None
        for seen in timeline:
            if tagged is not None and history.is_quiet(tagged, seen, key):
                yield from _unmet(tagged, seen)
            if _tag(seen):
                tagged = seen
            elif not seen.is_safe and not seen.is_refused:
                tagged = None


def _tag(seen: Seen) -> str:
    """The entity tag that a resource has after an exchange; "" where that does not say."""
    is_shown = seen.is_done and seen.role in (Role.READ, *WRITING)
    return seen.reading.response_headers.get("etag", "") if is_shown else ""


def _unmet(tagged: Seen, seen: Seen) -> Iterator[Relation]:
    """What is wrong with the answer to a condition on a resource whose entity tag is known."""
    tag, headers = _tag(tagged), seen.reading.headers
    if seen.role is Role.READ and seen.status == 200 and _plain(headers.get("if-none-match", "")) == _plain(tag):
        place = _place_of_condition(seen.operation, "if-none-match", _NOT_MODIFIED)
        if place is not None and _plain(_tag(seen)) == _plain(tag):
            message = f"the resource is still {tag}, and was sent again with 200; expected 304"
            yield _relation("header.If-None-Match", place, message, tagged, seen)
    offered = [_plain(each.strip()) for each in headers.get("if-none-match", "").split(",")]
    if seen.role is Role.READ and seen.status == _NOT_MODIFIED and not {"", "*", _plain(tag)}.intersection(offered):
        place = _place_of_condition(seen.operation, "if-none-match", _NOT_MODIFIED)
        if place is not None:
            message = f"the resource is {tag}, and {shown_value(headers['if-none-match'])} was offered; yet it was"
            yield _relation("header.If-None-Match", place, f"{message} answered with 304", tagged, seen)
    wanted = headers.get("if-match", "")
    place = _place_of_condition(seen.operation, "if-match", _PRECONDITION_FAILED)
    if not wanted or wanted == "*" or place is None or seen.role not in (*WRITING, Role.DELETE):
        return
    is_met = tag in [each.strip() for each in wanted.split(",")]
    if seen.is_done and not is_met:
        message = f"{shown_value(wanted)} was wanted, and the resource was {tag}; it was changed all the same"
        yield _relation("header.If-Match", place, message, tagged, seen)
    elif seen.status == _PRECONDITION_FAILED and is_met and not tag.startswith("W/"):
        message = f"{shown_value(wanted)} was wanted, which the resource is; yet it was refused with 412"
        yield _relation("header.If-Match", place, message, tagged, seen)


def _plain(tag: str) -> str:
    """A tag as it is compared weakly."""
    return tag.removeprefix("W/")


def _place_of_condition(operation: Operation, header: str, status: int) -> Place | None:
    """Where the contract says that an operation knows a condition; None where it does not."""
    for parameter in operation.parameters:
        if parameter.location == "header" and parameter.name.lower() == header:
            return parameter.place
    documented = next((each for each in operation.responses if each.status == str(status)), None)
    return documented.place if documented is not None else None


def _relation(where: str, place: Place, message: str, tagged: Seen, seen: Seen) -> Relation:
    return Relation(
        CONDITION_IGNORED.violation(where, place, message), seen.operation.label, (tagged.index, seen.index)
    )


def tags_kept(history: History) -> Iterator[Relation]:
    """A strong entity tag that stays the same though what it is of has changed (RFC 9110, section 8.8.1)."""
    for timeline in history.by_key.values():
        reads = [each for each in timeline if each.role is Role.READ and each.is_done and each.shown and _tag(each)]
        for first, last in pairwise(reads):
            tag = _tag(first)
            is_same_request = first.exchange.request == last.exchange.request
            if tag != _tag(last) or tag.startswith("W/") or not is_same_request or first.resource is None:
                continue
            before, after = first.shown or {}, last.shown or {}
            names = history.promises.settable(first.shown_schema, first.resource)
            changed = next((name for name in names if before.get(name) != after.get(name)), None)
            if changed is not None:
                definition = last.reading.definition
                headers = definition.headers if definition is not None else ()
                place = next((each.place for each in headers if each.name.lower() == "etag"), None)
                message = f"it is {tag} as before, and {changed} has changed"
                violation = ENTITY_TAG_KEPT.violation("response.header.ETag", place or last.operation.place, message)
                yield Relation(violation, last.operation.label, (first.index, last.index))
                break


def idempotency_keys(history: History) -> Iterator[Relation]:
    """One creation that was sent twice with one key, and made two resources."""
    first: dict[tuple[Operation, str, str, bytes], Seen] = {}
    for seen in history.seen:
        if seen.role is not Role.CREATE:
            continue
        for parameter in seen.operation.parameters:
            value = seen.reading.headers.get(parameter.name.lower(), "")
            if parameter.location != "header" or "idempot" not in parameter.name.lower() or not value:
                continue
            said = history.promises.description(parameter.place)
            if _REPETITION.search(said) is None:
                continue  # the contract does not say what a key does
            request = seen.exchange.request
            key = seen.operation, request.path, value, request.body
            before = first.get(key)
            if before is None:
                first.update({key: seen} if seen.is_done and seen.created_id else {})
                continue
            is_refused = seen.status in (400, 409, 422) and _REFUSAL.search(said) is None
            is_other = seen.is_done and seen.created_id not in ("", before.created_id)
            if (is_refused or is_other) and before.has_caller_of(seen) and seen.is_valid:
                what = f"{seen.created_id} was made" if is_other else f"it was refused with {seen.status}"
                message = f"{before.created_id} was made, and when the same came again with the same key, {what}"
                violation = IDEMPOTENCY_KEY_IGNORED.violation(parameter.where, parameter.place, message)
                yield Relation(violation, seen.operation.label, (before.index, seen.index))


CHECKS = (
    SequenceCheck(conditions, (CONDITION_IGNORED,)),
    SequenceCheck(tags_kept, (ENTITY_TAG_KEPT,)),
    SequenceCheck(idempotency_keys, (IDEMPOTENCY_KEY_IGNORED,)),
)
