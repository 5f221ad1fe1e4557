"""Resources of several kinds (`oneOf`, `anyOf`): one that is created is of the kind that was sent."""

from __future__ import annotations

from copy import deepcopy

from tallystick.mock.state.sent import Sent, unsent, without
from tallystick.mock.state.whole import Members, Whole
from tallystick.resources.names import spelled


def of_its_kind(resource: Members, sent: Sent, whole: Whole) -> Members:
    """The resource of the first kind that keeps all that was sent, where the resource as it is does not.

    What both kinds have stays. Raises `Slow` where an event loop runs and no resource of each kind is made yet.
    """
    if not whole.is_of_kinds or not sent.not_kept(resource, whole):
        return resource
    for kind, example in whole.kinds():
        other = deepcopy(example)
        for name, member in resource.items():
            if name in other and spelled(name) not in sent.names:
                before = other[name]
                other[name] = member
                if not whole.fits(other):
                    other[name] = before
        sent.put(other, whole, is_patch=False, kind=kind)
        if not sent.not_kept(other, whole):
            without(other, unsent(whole, sent), whole)
            return other
    return resource
