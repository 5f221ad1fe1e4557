"""Shows a kept resource in a reply: in its place in the body, and in the addresses that lead to it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from jsonschema_rs.canonical.schema import clone

from tallystick.examples.choices import ValuePath
from tallystick.examples.grafting import grafted
from tallystick.mock.judging import violations_of_reply
from tallystick.mock.off_loop import Slow, is_on_loop
from tallystick.mock.roles import KEPT, Change, Reply
from tallystick.mock.settings import MockSettings
from tallystick.mock.state.order import in_order
from tallystick.mock.state.whole import Members, Whole, schema_at
from tallystick.mock.tailoring.addresses import target_of
from tallystick.mock.tailoring.edit import Draft, Edit
from tallystick.mock.tailoring.locations import kept_addresses_edit
from tallystick.mock.tailoring.picture_urls import kept_picture_urls_edit
from tallystick.mock.tailoring.tailoring import base_of, edits_of, value_of
from tallystick.nouns.contract import Contract, Operation
from tallystick.nouns.exchange import Exchange, Request, Response
from tallystick.nouns.json_value import JSON
from tallystick.nouns.media_type import parse_media_type
from tallystick.nouns.schema import Direction, Schema
from tallystick.nouns.violation import Violation
from tallystick.resources.resources import part_at
from tallystick.schemas.shapes import properties_of
from tallystick.wire.negotiation import documented_format
from tallystick.wire.reading import Reading
from tallystick.wire.write import write_json

_LOCATIONS = frozenset(("location", "content-location"))


@dataclass(frozen=True, eq=False)
class Frame:
    """One documented reply, and where a resource stands in it.

    `way` is None where its body shows none. `edits` are those of what stands around the resource.
    """

    operation: Operation
    schema: Schema | None
    has_value: bool
    way: ValuePath | None
    declared: Mapping[str, Schema | None]
    edits: Sequence[Edit[Any]]

    def with_resource(self, body: JSON, resource: JSON, whole: Whole) -> JSON:
        """A body with a resource in its place: what it says of one that the resource has, or has not, is replaced."""
        way = self.way or ()
        holder = part_at(body, way)
        if isinstance(holder, dict) and isinstance(resource, dict):
            resource = self.merged(holder, resource, whole)
        changed = _with_part(body, way, resource)
        if self.fits(changed):
            return changed
        if is_on_loop():
            raise Slow
        return grafted(body, changed, self.fits)

    def merged(self, holder: Members, resource: Members, whole: Whole) -> Members:
        """The resource as this reply has it."""
        if whole.operation is self.operation or not (whole.declared and self.declared):
            return resource if whole.operation is self.operation or not self.declared else {**holder, **resource}
        merged: Members = {}
        for name, member in holder.items():
            if name in resource:
                merged[name] = resource[name]
            elif name not in whole.declared:
                merged[name] = member
        merged.update((name, member) for name, member in resource.items() if name in self.declared)
        return merged if len(merged) <= len(holder) else in_order(merged, holder, self.declared)

    def fits(self, body: JSON) -> bool:
        """Whether a body fits its schema."""
        return self.schema is None or self.schema.is_valid(body, Direction.RESPONSE)


def frame_of(
    contract: Contract, operation: Operation, settings: MockSettings, reply: Reply, way: ValuePath | None
) -> Frame | None:
    """The frame of a reply with a resource at a way; None where the contract documents no such reply."""
    definition = operation.response_for(reply.response.status)
    if definition is None:
        return None
    content_type = next((value for name, value in reply.response.headers if name == "content-type"), "")
    body_format = documented_format(definition.content, parse_media_type(content_type)) if content_type else None
    base = base_of(contract, operation, definition, body_format, settings, reply)
    return Frame(
        operation,
        base.schema,
        base.has_value,
        way if base.has_value else None,
        properties_of(schema_at(base.schema, way)) if way is not None else {},
        edits_of(base, (kept_addresses_edit, kept_picture_urls_edit)) if base.has_value else (),
    )


def shown(
    frame: Frame,
    reading: Reading,
    reply: Reply,
    resource: JSON,
    whole: Whole,
    path: str,
    why: str,
    changed: Callable[[JSON], JSON] = lambda body: body,
) -> Reply:
    """A stateless reply to a request with a resource in it; `path` is that of the resource.

    `changed` changes what stands around it.

    Raises `Slow` where an event loop runs and the resource does not fit as it is.
    """
    before = reply.response
    draft = Draft(before.status, list(before.headers), value_of(before)[1] if frame.has_value else None)
    if frame.has_value:
        draft.value = changed(draft.value)
    if frame.way is not None:
        draft.value = frame.with_resource(draft.value, clone(resource) if frame.edits else resource, whole)
    for edit in frame.edits:
        if (facts := edit.facts(reading)) is not None:
            edit.apply(draft, facts)
    target = target_of(reading)
    headers = tuple(
        (name, f"{target.origin}{target.prefix}{path}" if path and name in _LOCATIONS else value)
        for name, value in draft.headers
    )
    response = Response(before.status, headers, write_json(draft.value) if frame.has_value else before.body)
    is_right = not reply.violations and frame.fits(draft.value)
    return replace(
        reply,
        response=response,
        why=f"{reply.why}; {why}",
        violations=() if is_right else _violations(frame, response),
        tailored=None,
        mended=() if frame.operation is whole.operation else reply.mended,
        changes=(*reply.changes, Change(KEPT, before, response)),
    )


def _violations(frame: Frame, response: Response) -> tuple[Violation, ...]:
    request = Request(frame.operation.method, frame.operation.path)
    return violations_of_reply(Reading(frame.operation, Exchange(request)), response)


def _with_part(body: JSON, way: ValuePath, part: JSON) -> JSON:
    """A body with another part at the end of a way."""
    if not way:
        return part
    key = way[0]
    if isinstance(body, list) and isinstance(key, int):
        inner = _with_part(body[key] if key < len(body) else None, way[1:], part)
        return [*body[:key], inner, *body[key + 1 :]]
    members = body if isinstance(body, dict) else {}
    return {**members, str(key): _with_part(members.get(str(key)), way[1:], part)}
