"""Actions: operations below an item's path that change the item and answer with it (`POST /orders/{id}/cancel`)."""

from __future__ import annotations

from dataclasses import replace

from tallystick.nouns.contract import Contract, Operation
from tallystick.nouns.path_templates import template_shape
from tallystick.resources.names import path_names, words_of
from tallystick.resources.path_sets import plain_template
from tallystick.resources.resources import Resource, Role
from tallystick.resources.views import request_view, response_view
from tallystick.resources.ways import Subject, item_way, request_way
from tallystick.wire.choosing import success

_METHODS = frozenset(("POST", "PUT"))
_MAKING = frozenset("copy clone duplicate fork remix split import instantiate create new".split())
"""Words of what makes another resource out of one, and leaves that as it is."""


def acted_on(operation: Operation, resource: Resource, contract: Contract) -> Resource | None:
    """The resource with an operation one segment below its item's path; None where that is no action on it.

    It is one where the contract shows the item and the answer by one schema, nothing is read or created there, and the
    segment is a word.
    """
    path = plain_template(operation)
    word = path.rpartition("/")[2]
    read = response_view(resource.operations.get(Role.READ))
    body = response_view(operation)
    way = resource.response_ways.get(Role.READ)
    whole = read.at(way) if read is not None and way is not None else None
    if operation.method not in _METHODS or "{" in word or body is None or whole is None:
        return None
    if success(operation)[0] == 201 or not _MAKING.isdisjoint(words_of(word)):
        return None
    subject = Subject(path_names(resource.item)[-1], whole)
    answer = item_way(body, subject)
    part = body.at(answer) if answer is not None else None
    if part is None or answer is None or not part.is_like(whole) or _is_read(operation.path, contract):
        return None
    sent = request_view(operation)
    request_ways = dict(resource.request_ways)
    if sent is not None and not sent.is_array:
        request_ways[Role.ACT] = request_way(sent, subject)
    return replace(
        resource,
        operations={**resource.operations, Role.ACT: operation},
        request_ways=request_ways,
        response_ways={**resource.response_ways, Role.ACT: answer},
    )


def _is_read(path: str, contract: Contract) -> bool:
    """Whether a path can be read."""
    shape = template_shape(path)
    return any(each.method == "GET" and template_shape(each.path) == shape for each in contract)
