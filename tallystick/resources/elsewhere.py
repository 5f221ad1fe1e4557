"""Operations on resources whose items are at another path: `POST /orgs/{org}/repos` and `GET /repos/{owner}/{repo}`.

So are creations of many below their collection: `POST /users/bulk`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from tallystick.examples.choices import ValuePath
from tallystick.nouns.contract import Operation
from tallystick.nouns.path_templates import template_names, template_shape
from tallystick.resources.many import many_of
from tallystick.resources.names import path_names, words_of
from tallystick.resources.path_sets import PathSet, last_literal, plain_template
from tallystick.resources.references import reference_of
from tallystick.resources.resources import Resource, Role
from tallystick.resources.said import moved
from tallystick.resources.views import View, request_view, response_view
from tallystick.resources.ways import Subject, item_way, request_way, rows_way
from tallystick.wire.choosing import success

_ROLES = {"POST": Role.CREATE, "GET": Role.LIST}
_FINDING = frozenset("find search filter query list by".split())
"""What the last segment begins with of a list that has no path of its own: `/pets/findByStatus?status=sold`."""
_MANY = frozenset("bulk batch many multiple list array import".split())
_NOT_CREATING = frozenset(
    "delete remove destroy update edit modify patch upsert replace get fetch search query find read lookup validate "
    "check export download move cancel archive".split()
)
"""Words of what does something else to many than to create them."""


def items_elsewhere(operation: Operation, sets: Iterable[PathSet]) -> Sequence[PathSet]:
    """The sets whose items an operation may create or list at its own path, by their last literal segments."""
    path = plain_template(operation)
    last = path.rpartition("/")[2]
    if operation.method not in _ROLES or "{" in last or not last:
        return []
    items = [each for each in sets if not each.is_single and each.has_items]
    if operation.method == "GET" and not _FINDING.isdisjoint(words_of(last)[:1]) and _is_narrowed(operation):
        above = template_shape(path.rpartition("/")[0])
        return [each for each in items if template_shape(each.collection) == above]
    named = (each for each in items if last_literal(each.collection) == last)
    return [each for each in named if template_shape(each.collection) != template_shape(path)]


def _is_narrowed(operation: Operation) -> bool:
    """Whether no request is for all rows: a parameter of the query must be there, or has a default."""
    return any(
        each.location == "query" and (each.required or (each.schema is not None and "default" in each.schema.resolved))
        for each in operation.parameters
    )


def role_elsewhere(
    operation: Operation, resource: Resource, may_be_summary: bool = True
) -> tuple[Resource, Role] | None:
    """The resource with an operation at another path, and its role; None where it is not sure that it has one.

    It is sure where the contract describes both by one schema, or a link of the response leads to the item; and where
    the path has a value for each name above the item. The rows of a list may be summaries of the items. Where its path
    has one name more, it is a list of some of them: those that have a member which refers to what the name stands for.
    """
    role = _ROLES[operation.method]
    body, whole = response_view(operation), _whole(resource)
    if body is None:
        return None
    names = _path_names(operation, resource, whole)
    indices = moved(operation, resource.item, names)
    if indices is None:
        return None
    reference = reference_of(operation, indices, whole)
    if role in resource.operations and reference is None:
        return None
    subject = Subject(path_names(resource.item)[-1], whole)
    way = item_way(body, subject) if role is Role.CREATE else rows_way(body, subject)
    part = body.at(way) if way is not None else None
    part = part.items if part is not None and role is Role.LIST else part
    if part is None or way is None or 0 in way:
        return None
    is_summary = (
        may_be_summary
        and role is Role.LIST
        and subject.is_identified(part)
        and part.shared_with(whole) > len(part.members) / 2
    )
    if not (part.is_like(whole) or is_summary or _is_linked(operation, resource)):
        return None
    if role is Role.LIST and reference is None and len(set(indices)) != len(template_names(operation.path)):
        return None
    return replace(_with(resource, role, operation, way, indices, subject), reference=reference), role


def created_in_bulk(operation: Operation, resource: Resource) -> Resource | None:
    """The resource with a POST one segment below its collection that creates many; None where that is not sure.

    It is sure where the segment says that they are many, and the contract describes each by the schema of the item, or
    by no other members than those of what is sent to create one.
    """
    words = {*words_of(plain_template(operation).rpartition("/")[2])}
    said = {*words, *words_of(operation.operation_id or "")}
    sent, whole = request_view(operation), _whole(resource)
    if operation.method != "POST" or words.isdisjoint(_MANY) or not said.isdisjoint(_NOT_CREATING) or sent is None:
        return None
    subject = Subject(path_names(resource.item)[-1], whole)
    many = many_of(sent, response_view(operation), subject, is_sure=True)
    rows = sent.at(many.sent) if many is not None else None
    row = rows.items if rows is not None else None
    created = request_view(resource.operations.get(Role.CREATE))
    one = created.at(resource.request_ways.get(Role.CREATE, ())) if created is not None else None
    is_one = one is not None and row is not None and bool(row.spellings) and row.spellings <= one.spellings
    if row is None or not (row.is_like(whole) or is_one):
        return None
    return replace(
        resource,
        operations={**resource.operations, Role.CREATE: operation},
        many=many,
        request_ways=_but_creation(resource.request_ways),
        response_ways=_but_creation(resource.response_ways),
        id_ways=_but_creation(resource.id_ways),
    )


def _but_creation(ways: Mapping[Role, ValuePath]) -> Mapping[Role, ValuePath]:
    """The ways of all roles but that of a creation, whose bodies hold no single resource."""
    return {role: way for role, way in ways.items() if role is not Role.CREATE}


def _with(
    resource: Resource, role: Role, operation: Operation, way: ValuePath, indices: Sequence[int], subject: Subject
) -> Resource:
    """A resource with one operation more."""
    sent = request_view(operation) if role is Role.CREATE else None
    request_ways = dict(resource.request_ways)
    if sent is not None and not sent.is_array:
        request_ways[role] = request_way(sent, subject)
    return replace(
        resource,
        operations={**resource.operations, role: operation},
        response_ways={**resource.response_ways, role: way},
        request_ways=request_ways,
        id_ways={**resource.id_ways, role: resource.id_way} if resource.id_way else resource.id_ways,
        moved={operation: indices},
    )


def _whole(resource: Resource) -> View | None:
    """The resource as its item's operations show it."""
    for role in (Role.READ, Role.REPLACE, Role.UPDATE):
        body = response_view(resource.operations.get(role))
        if body is not None and role in resource.response_ways:
            return body.at(resource.response_ways[role])
    return None


def _path_names(operation: Operation, resource: Resource, whole: View | None) -> Mapping[str, str]:
    """What a name above the item is called in the path of the operation.

    The only name of each that the other lacks are the same where the resource has a member of that name: its owner.
    """
    above, own = template_names(resource.item)[:-1], template_names(operation.path)
    lacking, left = [each for each in above if each not in own], [each for each in own if each not in above]
    is_member = whole is not None and len(lacking) == 1 and lacking[0] in whole.members
    return {lacking[0]: left[0]} if is_member and len(left) == 1 else {}


def _is_linked(operation: Operation, resource: Resource) -> bool:
    """Whether a link of the response leads to an operation of the item."""
    ids = {each.operation_id for each in resource.operations.values() if each.operation_id}
    return any(link.operation_id in ids for link in success(operation)[1].links)
