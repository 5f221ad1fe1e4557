"""Resources of several kinds (`oneOf`, `anyOf`): one that is created is of the kind that was sent."""

from __future__ import annotations

from copy import deepcopy

from tallystick.mock.state.sent import Sent, unsent, without
from tallystick.mock.state.whole import Members, Whole
from tallystick.nouns.json_value import JSON
from tallystick.resources.names import spelled


def of_its_kind(resource: Members, sent: Sent, whole: Whole) -> Members:
    """The resource of the kind that keeps most of what was sent, where the resource as it is does not keep it.

    What both kinds have stays. Raises `Slow` where an event loop runs and no resource of each kind is made yet.
    """
    if not whole.is_of_kinds or not sent.not_kept(resource, whole):
        return resource
    best, most = resource, _count_kept(resource, sent.members)
    for kind, example in whole.kinds():
        other = deepcopy(example)
        for name, member in resource.items():
            if name in other and spelled(name) not in sent.names:
                before = other[name]
                other[name] = member
                if not whole.fits(other):
                    other[name] = before
        sent.put(other, whole, is_patch=False, kind=kind)
        without(other, unsent(whole, sent), whole)
        if (count := _count_kept(other, sent.members)) > most and whole.fits(other):
            best, most = other, count
    return best


def _count_kept(value: JSON, sent: JSON) -> int:
    """How many of the plain values that were sent a value has in the same places."""
    if isinstance(value, dict) and isinstance(sent, dict):
        return sum(_count_kept(value[name], member) for name, member in sent.items() if name in value)
    if isinstance(value, list) and isinstance(sent, list):
        return sum(map(_count_kept, value, sent))
    return int(value == sent)
