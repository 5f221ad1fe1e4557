"""Creations of several resources by one request: an array of them is sent, and one is answered with."""

from __future__ import annotations

from dataclasses import dataclass

from tallystick.examples.choices import ValuePath
from tallystick.resources.views import View
from tallystick.resources.ways import Subject, rows_way

_MUCH = 0.5
"""The share of a row's members that the resource has where the rows of an answer are what was created."""


@dataclass(frozen=True, slots=True)
class Many:
    """Where the resources stand that one request creates: in its body, and in that of the response."""

    sent: ValuePath
    answered: ValuePath | None
    """None where the response does not show them."""


def many_of(sent: View | None, answered: View | None, subject: Subject, is_sure: bool = False) -> Many | None:
    """The ways to the several resources that a request creates; None where it creates no more than one.

    An array that is sent holds them; one inside of another body does where the answer has such rows, too, or where it
    `is_sure` that the request creates several.
    """
    whole = subject.whole
    may_be_array = sent is not None and "array" in sent.types and sent.items is not None
    way = () if may_be_array else _only_rows(sent, whole)
    part = sent.at(way) if sent is not None and way is not None else None
    row = part.items if part is not None else None
    if row is None or way is None or whole is None or not row.shared_with(whole):
        return None
    shown = rows_way(answered, subject)
    rows = answered.at(shown) if answered is not None and shown is not None else None
    told = rows.items if rows is not None else None
    is_shown = told is not None and told.shared_with(whole) > _MUCH * len(told.members)
    return Many(way, shown) if is_shown else Many(way, None) if may_be_array or is_sure else None


def _only_rows(sent: View | None, whole: View | None) -> ValuePath | None:
    """The way to the only member of a body that holds rows with members of the resource."""
    if sent is None or whole is None or sent.shared_with(whole):
        return None
    rows = [(key, member.items) for key, member in sent.members.items() if member.is_array]
    ways = [(key,) for key, row in rows if row is not None and row.is_object and row.shared_with(whole)]
    return ways[0] if len(ways) == 1 else None
