"""Tailors a reply: applies the edits that its request asks for, judges the result, and keeps it for the next time."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, cast

from tallystick.mock.judging import violations_of_reply
from tallystick.mock.off_loop import Slow, is_on_loop
from tallystick.mock.roles import Change, Reply
from tallystick.mock.room import ROOM, Kept
from tallystick.mock.settings import MockSettings
from tallystick.mock.tailoring.edit import Base, Draft, Edit, Editor
from tallystick.mock.tailoring.listed_items import listed_item_edit
from tallystick.mock.tailoring.lists.edit import lists_edit
from tallystick.mock.tailoring.locations import addresses_edit, location_edit
from tallystick.mock.tailoring.picture_urls import picture_urls_edit
from tallystick.mock.tailoring.request_body import request_body_edit
from tallystick.mock.tailoring.request_values import request_values_edit
from tallystick.nouns import budgets
from tallystick.nouns.contract import BodyFormat, Contract, Operation, ResponseDefinition
from tallystick.nouns.exchange import Exchange, Request, Response
from tallystick.nouns.json_value import JSON
from tallystick.nouns.media_type import MediaKind, parse_media_type
from tallystick.wire.reading import Reading
from tallystick.wire.values import read_json
from tallystick.wire.write import write_json

EDITORS: tuple[Editor, ...] = (
    listed_item_edit,
    lists_edit,
    request_body_edit,
    request_values_edit,
    addresses_edit,
    location_edit,
    picture_urls_edit,
)
"""What edits a reply, in order: a later edit sees what an earlier one has changed."""

_OVERHEAD = 1_000
"""About how many bytes a kept reply takes beside its body and its request."""

_SHARES = 16
"""A reply that takes more than one of so many shares of the room for kept replies is made anew each time."""


def tailored_by(
    contract: Contract | None,
    operation: Operation,
    definition: ResponseDefinition,
    body_format: BodyFormat | None,
    settings: MockSettings,
    reply: Reply,
) -> Callable[[Reading], Reply] | None:
    """A function from a request to its tailored reply; None where each request gets the reply as it is."""
    base = base_of(contract, operation, definition, body_format, settings, reply)
    edits = edits_of(base)
    return Tailoring(reply, base.has_value, edits, operation).of if edits else None


def base_of(
    contract: Contract | None,
    operation: Operation,
    definition: ResponseDefinition,
    body_format: BodyFormat | None,
    settings: MockSettings,
    reply: Reply,
) -> Base:
    """A documented reply, and where it comes from."""
    has_value, value = value_of(reply.response)
    return Base(contract, operation, definition, body_format, settings, reply, has_value, value)


def edits_of(base: Base, editors: Sequence[Editor] = EDITORS) -> list[Edit[Any]]:
    """The edits of a reply, in order."""
    return [edit for editor in editors if (edit := editor(base)) is not None]


def edited_by(
    edits: Iterable[tuple[Edit[Any], Hashable]], operation: Operation, reply: Reply, has_value: bool
) -> Reply:
    """A reply with edits, each with what of a request decides it (None: it leaves the reply as it is).

    One that would add violations is left out.
    """
    for edit, facts in edits:
        if facts is not None:
            reply = edited(operation, reply, has_value, partial(_apply, edit, facts), edit.by)
    return reply


class Tailoring:
    """The edits of one base reply, and the tailored replies that are kept, by the facts of their requests."""

    def __init__(self, reply: Reply, has_value: bool, edits: Sequence[Edit[Any]], operation: Operation) -> None:
        self.reply = reply
        self.has_value = has_value
        self.edits = edits
        self.operation = operation
        self.facts_of = tuple(edit.facts for edit in edits)
        self.only = self.facts_of[0] if len(edits) == 1 else None
        """The facts of the only edit, as most replies have it: each call here is in the way of every request."""
        self.kept: Kept[Hashable, Reply] = Kept()
        self.kept[None if self.only is not None else (None,) * len(edits)] = reply

    def of(self, reading: Reading) -> Reply:
        """The reply to a request; one that is not kept raises `Slow` where an event loop runs and it is large."""
        facts: Hashable
        if self.only is not None:
            facts = self.only(reading)
            return self.kept.get(facts) or self.make(reading.request, facts, (facts,))
        facts = tuple([facts_of_edit(reading) for facts_of_edit in self.facts_of])
        return self.kept.get(facts) or self.make(reading.request, facts, facts)

    def make(self, request: Request, key: Hashable, facts: tuple[Hashable, ...]) -> Reply:
        """Apply the edits one after the other."""
        size = len(self.reply.response.body) + len(request.body)
        if size > budgets.BYTES_AT_ONCE and is_on_loop():
            raise Slow
        reply = edited_by(zip(self.edits, facts, strict=True), self.operation, self.reply, self.has_value)
        size = len(reply.response.body) + len(request.body) + len(request.path) + len(request.query) + _OVERHEAD
        size += sum(len(change.after.body) for change in reply.changes[:-1])
        if size <= budgets.TAILORED_BYTES // _SHARES:
            ROOM.keep(self.kept, key, reply, size)
        return reply


def _apply(edit: Edit[Any], facts: Hashable, draft: Draft) -> None:
    edit.apply(draft, facts)


def edited(operation: Operation, reply: Reply, has_value: bool, change: Callable[[Draft], None], by: str) -> Reply:
    """A judged reply with a change, judged too; the reply as it is where the change would add violations to it.

    `by` is what the change comes from.
    """
    before = reply.response
    draft = Draft(before.status, list(before.headers), value_of(before)[1] if has_value else None)
    change(draft)
    body = write_json(draft.value) if has_value and draft.value != value_of(before)[1] else before.body
    response = Response(draft.status, tuple(draft.headers), body)
    if response == before:
        return reply
    request = Request(operation.method, operation.path)
    violations = violations_of_reply(Reading(operation, Exchange(request)), response)
    is_worse = len(violations) > len(reply.violations or ())
    if is_worse:
        return reply
    changes = (*reply.changes, Change(by, before, response))
    return replace(reply, response=response, violations=violations, tailored=None, changes=changes)


def value_of(response: Response) -> tuple[bool, JSON]:
    """Whether a response has a body of JSON, and its value."""
    content_type = next((value for name, value in response.headers if name == "content-type"), "")
    is_coded = any(name == "content-encoding" for name, _ in response.headers)
    if is_coded or not response.body or parse_media_type(content_type).kind is not MediaKind.JSON:
        return False, None
    value, fault = read_json(response.body)
    return (False, None) if fault else (True, cast("JSON", value))  # read_json() makes JSON values only
