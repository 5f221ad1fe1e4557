"""The places in a resource that say its id: its own member, references to it inside, and addresses that lead to it.

Members that tell it from others beside that id (`id` beside `number`) follow it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from tallystick.examples.choices import ValuePath
from tallystick.examples.identifiers import digits, is_random, varied
from tallystick.mock.tailoring.addresses import raw
from tallystick.nouns.json_value import JSON
from tallystick.nouns.schema import Direction, Schema
from tallystick.resources.names import spelled
from tallystick.resources.resources import part_at
from tallystick.schemas.shapes import type_of

_OTHER_IDS = frozenset(("id", "uuid", "guid", "uid", "nodeid", "gid"))
"""Members that tell a resource from others beside the id in its path, in one spelling."""
_DISTINCTIVE = 8
"""From how many characters on a text that is an id is so by itself, whatever the member is called."""


def renamed(value: JSON, names: Collection[str], old: JSON, new: JSON, sent: Collection[str] = ()) -> JSON:
    """A value with a new id in each place that says the old one.

    `names` are those, in one spelling, of members that say it whatever it looks like; members that were `sent` stay.
    """
    if old is None or old == new:
        return value
    is_distinctive = isinstance(old, str) and len(old) >= _DISTINCTIVE
    before, after = f"/{raw(old)}", f"/{raw(new)}"

    def inside(part: JSON, name: str) -> JSON:
        if isinstance(part, dict):
            return {key: inside(member, key) for key, member in part.items()}
        if isinstance(part, list):
            return [inside(item, name) for item in part]
        if part == old and type(part) is type(old) and (is_distinctive or spelled(name) in names):
            return new
        if isinstance(part, str) and "/" in part:
            return _with_segment(part, before, after)
        return part

    if sent and isinstance(value, dict):
        return {key: member if spelled(key) in sent else inside(member, key) for key, member in value.items()}
    return inside(value, "")


def _with_segment(text: str, before: str, after: str) -> str:
    """An address with another segment in the place of the last one of a text."""
    start = text.rfind(before)
    while start >= 0:
        end = start + len(before)
        if end == len(text) or text[end] in "/?#.":
            return text[:start] + after + text[end:]
        start = text.rfind(before, 0, end - 1)
    return text


def with_id(value: JSON, way: ValuePath, id: JSON) -> JSON:
    """A resource with an id at a way, in the type that it has there."""
    holder = part_at(value, way[:-1])
    if way and isinstance(holder, dict):
        before = holder.get(str(way[-1]))
        is_number = type_of(before) == "integer" and isinstance(id, str) and id.isdecimal()
        holder[str(way[-1])] = int(str(id)) if is_number else str(id) if isinstance(before, str) else id
    return value


def set_other_ids(
    resource: dict[str, JSON],
    way: ValuePath,
    id: JSON,
    declared: Mapping[str, Schema | None],
    sent: Collection[str],
) -> None:
    """Have the other members that tell a resource from others be of its own, as its id in the path is.

    What was `sent` stays, by names in one spelling.
    """
    for name, before in resource.items():
        if spelled(name) in _OTHER_IDS and way != (name,) and spelled(name) not in sent:
            schema = declared.get(name)
            own = _other_id(before, id)
            if schema is None or schema.is_valid(own, Direction.RESPONSE):
                resource[name] = own


def _other_id(before: JSON, id: JSON) -> JSON:
    """An id like the one before, that goes with another id; the same one where it has no shape."""
    if isinstance(before, int) and not isinstance(before, bool):
        return id if isinstance(id, int) else before + int(digits(f"{id}", "0123456789", 6))
    return varied(before, f"{id}") if isinstance(before, str) and is_random(before) else before
