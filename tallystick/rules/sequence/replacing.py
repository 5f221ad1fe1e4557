"""A rule on replacements: PUT says all that is to be, so that nothing stays that it does not name."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tallystick.nouns.rule import Rule, Scope
from tallystick.nouns.violation import Severity
from tallystick.resources.resources import Role
from tallystick.rules.sequence.history import History
from tallystick.rules.sequence.members import settable
from tallystick.rules.sequence.relation import Relation, SequenceCheck
from tallystick.rules.sequence.seen import Seen
from tallystick.schemas.messages import shown as shown_value

_WHOLE = re.compile(r"\b(?:replac|overwrit|whole|entire|full)", re.I)
"""Words for a change that says all that is to be."""
_PART = re.compile(
    r"partial|merg|unchanged|left alone|leaves? alone|keeps?\b|kept|\bonly\b|omitted|not sent|upsert", re.I
)
"""Words for a change that may say less."""

REPLACEMENT_MERGES = Rule(
    "replacement-merges", Severity.ERROR, Scope.SEQUENCE, "A replacement (PUT) keeps nothing that it does not name."
)


def replacements(history: History) -> Iterator[Relation]:
    """Members that a client had set, and that are read as before though a replacement did not name them.

    Some servers take PUT for an update, and their contracts do not say otherwise (RFC 9110, section 9.3.4, does). So
    the contract has to say of the PUT that it replaces: a PATCH beside it is not enough.
    """
    for key, timeline in history.by_key.items():
        for at, replace in enumerate(timeline):
            if replace.role is not Role.REPLACE or not replace.is_done or replace.sent is None or not replace.is_valid:
                continue
            read = next((each for each in timeline[at + 1 :] if each.role is Role.READ and each.shown), None)
            if read is None or read.is_broken or not history.is_quiet(replace, read, key):
                continue
            if _is_whole(history, replace):
                yield from _kept(history, timeline[:at], replace, read)


def _is_whole(history: History, replace: Seen) -> bool:
    """Whether the contract says that an operation replaces what is there."""
    operation = replace.operation
    text = f"{operation.operation_id or ''} {operation.summary} {history.promises.description(operation.place)}"
    return operation.method == "PUT" and _WHOLE.search(text) is not None and _PART.search(text) is None


def _kept(history: History, earlier: list[Seen], replace: Seen, read: Seen) -> Iterator[Relation]:
    """The members that a replacement left out, and that are still as an earlier request has set them."""
    for name, schema, _ in settable(history.promises, replace, read.shown_schema):
        shown = (read.shown or {}).get(name)
        if name in (replace.sent or {}) or shown in (None, "", [], {}):
            continue
        if schema.resolved.get("default") is not None:
            continue  # that it is not applied is another rule's
        writer = next((each for each in reversed(earlier) if name in (each.sent or {}) and each.is_done), None)
        if writer is None or (writer.sent or {})[name] != shown:
            continue
        message = f"it was not sent, and is still {shown_value(shown)}, as it was set before"
        violation = REPLACEMENT_MERGES.violation(f"body/{name}", replace.operation.place, message)
        yield Relation(violation, replace.operation.label, (writer.index, replace.index, read.index))


CHECKS = (SequenceCheck(replacements, (REPLACEMENT_MERGES,)),)
