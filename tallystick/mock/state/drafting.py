"""What is created by a request: the resource, and the reply that shows it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from functools import partial
from typing import cast
from urllib.parse import unquote

from tallystick.mock.roles import Reply
from tallystick.mock.state.kinds import of_its_kind
from tallystick.mock.state.naming import renamed, set_other_ids, with_id
from tallystick.mock.state.order import in_order
from tallystick.mock.state.sent import Sent, sent_by, unsent, without
from tallystick.mock.state.server_set import set_defaults, set_times
from tallystick.mock.state.shelf import Shelf
from tallystick.mock.state.showing import shown
from tallystick.mock.state.versions import set_version
from tallystick.mock.state.whole import Members, schema_at
from tallystick.mock.tailoring.addresses import target_of
from tallystick.nouns.json_value import JSON
from tallystick.nouns.schema import Direction
from tallystick.nouns.violation import Violation
from tallystick.resources.references import Reference
from tallystick.resources.resources import part_at
from tallystick.wire.reading import Reading
from tallystick.wire.write import text_of, write_json


@dataclass(frozen=True)
class Draft:
    """A resource that is to be created. It says the id `old` until it gets its own; `own` is the one that the client
    has named, None where it has named none."""

    resource: Members
    old: JSON
    own: JSON
    not_kept: Sequence[Violation]
    sent: Collection[str]
    """The names of the members that were sent, in one spelling."""


def draft_of(shelf: Shelf, reading: Reading, now: float, sent: Sent | None = None) -> Draft:
    """The resource that a request creates: the example of one, what the reply says of it, and what was sent.

    Where a request creates several, `sent` says what is sent of this one.
    """
    whole = shelf.whole
    if sent is None:
        sent = sent_by(shelf, reading)
    body = whole.body(whole.canonical(shelf.operation, reading.request, reading.path_values or ()))
    way = shelf.resource.response_ways.get(shelf.role)
    answer = part_at(body, way) if way is not None else None
    answered = answer if isinstance(answer, dict) else {}
    own = _own_id(shelf, sent)
    old = own if own is not None else whole.id_in(answered if way is not None else body, shelf.role)
    if old is None:
        old = whole.id_example
    base = whole.example(whole.parents(reading), text_of(old)) or deepcopy(answered)
    resource = {**base, **{name: member for name, member in answered.items() if whole.has(name, base)}}
    before = deepcopy(resource)
    without(resource, unsent(whole, sent), whole)
    set_defaults(resource, whole.declared, sent.documented, sent.names)
    set_times(resource, whole.schema, now, True, sent.names)
    set_version(resource, None, whole.schema, shelf.versions, sent.names)
    with_id(resource, shelf.resource.id_way, old)
    if shelf.resource.reference is not None:
        _refer(resource, shelf, reading, shelf.resource.reference)
    resource = whole.fitted(before, resource)
    sent.put(resource, whole, is_patch=False)
    resource = of_its_kind(resource, sent, whole)
    resource = in_order(resource, before, whole.declared)
    return Draft(resource, old, own, sent.not_kept(resource, whole), sent.names)


def _refer(resource: Members, shelf: Shelf, reading: Reading, reference: Reference) -> None:
    """Have what is created say what it belongs to, by the path of its creation."""
    value = unquote((reading.path_values or ())[reference.index])
    schema = shelf.whole.declared.get(reference.member)
    members = reference.members(value, resource)
    fitting = (each for each in members if schema is None or schema.is_valid(each, Direction.RESPONSE))
    resource[reference.member] = next(fitting, resource.get(reference.member))


def created(shelf: Shelf, reading: Reading, reply: Reply, draft: Draft, id: JSON) -> Reply:
    """The stateless reply with what was created, of which that says the id."""
    resource = _with_id(shelf, draft, id)
    path = shelf.whole.path(shelf.whole.parents(reading), text_of(id))
    told = (*(reply.violations or ()), *draft.not_kept)
    frame = shelf.frame(reply)
    if frame is None:
        return _located(replace(reply, violations=told), shelf, reading, path)
    why = f"{path} is kept as it was created"
    address = path if shelf.resource.has_items else ""
    reply = shown(frame, reading, reply, resource, shelf.whole, address, why, partial(_answered, shelf, draft, id))
    if draft.not_kept:
        reply = replace(reply, violations=(*(reply.violations or ()), *draft.not_kept))
    return _located(reply, shelf, reading, path)


def _located(reply: Reply, shelf: Shelf, reading: Reading, path: str) -> Reply:
    """A 201 with the address of what was created, where nothing else in it says which that is.

    Without one, a 201 says that what was created is where the request was sent (RFC 9110, section 15.3.2).
    """
    resource, response = shelf.resource, reply.response
    is_shown = shelf.role in resource.response_ways and bool(resource.id_way)
    is_told = is_shown or shelf.role in resource.id_ways or not resource.has_items
    if response.status != 201 or is_told or any(name == "location" for name, _ in response.headers):
        return reply
    target = target_of(reading)
    headers = (*response.headers, ("location", f"{target.origin}{target.prefix}{path}"))
    return replace(reply, response=response._replace(headers=headers))


def text_with_id(shelf: Shelf, draft: Draft, id: JSON) -> bytes:
    """The JSON text of what is created, with its id."""
    return write_json(_with_id(shelf, draft, id))


def _own_id(shelf: Shelf, sent: Sent) -> JSON:
    """The id that a request names, where it may name one; None where the server has to."""
    whole = shelf.whole
    way = shelf.resource.sent_id_way or shelf.resource.id_way or (whole.name.name,)
    schema = schema_at(sent.schema, way)
    if sent.documented and schema is None and not sent.is_shown(way):
        return None
    id = part_at(sent.members, way)
    if isinstance(id, bool) or not isinstance(id, (str, int)) or id == "" or not whole.may_be_id(id):
        return None
    schemas = [each for each in (schema, whole.id_schema) if each is not None]
    return None if any(each.resolved.get("readOnly") is True for each in schemas) else id


def _renamed(shelf: Shelf, draft: Draft, id: JSON, value: JSON) -> JSON:
    """A value with the id of what is created in each place that says the one of the draft."""
    return renamed(value, shelf.whole.name.unmistakable_names, draft.old, id)


def _answered(shelf: Shelf, draft: Draft, id: JSON, body: JSON) -> JSON:
    """The body of a reply with the id of what is created, also where it says the id and does not show the resource."""
    body = _renamed(shelf, draft, id, body)
    if shelf.role not in shelf.resource.response_ways:
        way = shelf.resource.id_ways.get(shelf.role) or shelf.resource.id_way
        if part_at(body, way) is not None:
            with_id(body, way, id)
    return body


def _with_id(shelf: Shelf, draft: Draft, id: JSON) -> Members:
    names = shelf.whole.name.unmistakable_names
    resource = {**cast("Members", renamed(draft.resource, names, draft.old, id, draft.sent))}
    with_id(resource, shelf.resource.id_way, id)
    set_other_ids(resource, shelf.resource.id_way, id, shelf.whole.declared, draft.sent)
    return resource
