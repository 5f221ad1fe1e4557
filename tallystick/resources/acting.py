"""Actions: operations below an item's path that change the item and answer with it (`POST /orders/{id}/cancel`)."""

from __future__ import annotations

from dataclasses import replace

from tallystick.examples.choices import ValuePath
from tallystick.nouns.contract import Contract, Operation
from tallystick.nouns.path_templates import template_shape
from tallystick.resources.names import path_names, spelled, words_of
from tallystick.resources.path_sets import plain_template
from tallystick.resources.resources import Resource, Role
from tallystick.resources.views import View, request_view, response_view
from tallystick.resources.ways import Subject, item_way, request_way
from tallystick.wire.choosing import success

_METHODS = frozenset(("POST", "PUT", "PATCH"))
_MAKING = frozenset("copy clone duplicate fork remix split import instantiate create new".split())
"""Words of what makes another resource out of one, and leaves that as it is."""


def acted_on(operation: Operation, resource: Resource, contract: Contract) -> Resource | None:
    """The resource with an operation one segment below its item's path; None where that is no action on it.

    It is one where the contract shows the item and the answer by one schema, or what is sent is the member that the
    segment names (`PUT /orders/{id}/status`); and nothing is read or created there, and the segment is a word.
    """
    word = plain_template(operation).rpartition("/")[2]
    read = response_view(resource.operations.get(Role.READ))
    way = resource.response_ways.get(Role.READ)
    whole = read.at(way) if read is not None and way is not None else None
    if operation.method not in _METHODS or "{" in word or whole is None or _is_read(operation.path, contract):
        return None
    if success(operation)[0] == 201 or not _MAKING.isdisjoint(words_of(word)):
        return None
    subject, sent = Subject(path_names(resource.item)[-1], whole), request_view(operation)
    answer = _answer_way(operation, subject)
    if answer is None and not _sends_member(sent, word, whole):
        return None
    request_ways = dict(resource.request_ways)
    if sent is not None and not sent.is_array:
        request_ways[Role.ACT] = request_way(sent, subject)
    answered = {} if answer is None else {Role.ACT: answer}
    return replace(
        resource,
        operations={**resource.operations, Role.ACT: operation},
        request_ways=request_ways,
        response_ways={**resource.response_ways, **answered},
    )


def _answer_way(operation: Operation, subject: Subject) -> ValuePath | None:
    """The way to the item in the answer to an action; None where it does not show that."""
    body = response_view(operation)
    way = item_way(body, subject) if body is not None else None
    part = body.at(way) if body is not None and way is not None else None
    return way if part is not None and part.is_like(subject.whole) else None


def _sends_member(sent: View | None, word: str, whole: View) -> bool:
    """Whether a body has a plain member of the item that is called as the last segment of the path."""
    parts = [_named(view, word) for view in (sent, whole) if view is not None]
    return len(parts) == 2 and all(part is not None and not part.members and not part.is_array for part in parts)


def _named(view: View, word: str) -> View | None:
    """The member of a view that is called as a word."""
    return next((member for name, member in view.members.items() if spelled(name) == spelled(word)), None)


def _is_read(path: str, contract: Contract) -> bool:
    """Whether a path can be read."""
    shape = template_shape(path)
    return any(each.method == "GET" and template_shape(each.path) == shape for each in contract)
