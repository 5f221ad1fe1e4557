"""The members that a server sets when a resource is created or changed: its times, and defaults."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import UTC, datetime
from functools import lru_cache

from tallystick.mock.state.whole import Members
from tallystick.nouns.json_value import JSON
from tallystick.nouns.schema import Direction, Schema
from tallystick.resources.names import spelled
from tallystick.resources.server_set import CHANGE, CREATION, is_time
from tallystick.schemas.shapes import properties_of, types_of

_HOLDERS = frozenset("metadata meta attributes system sys audit timestamps dates info".split())
"""Members of a resource that may hold its times."""
_IN_MILLISECONDS = 10**11
"""From what number on a time is in milliseconds."""


def set_times(resource: Members, schema: Schema | None, now: float, is_new: bool, sent: Collection[str]) -> None:
    """Set the times of a change to now, and those of a creation where it `is_new`.

    What was `sent` stays, by names in one spelling.
    """
    for holder, declared, name in _times(resource, schema, is_new):
        if holder is resource and spelled(name) in sent:
            continue
        inner = declared.get(name)
        for value in _moments(now, holder.get(name)):
            if inner is None or inner.is_valid(value, Direction.RESPONSE):
                holder[name] = value
                break


def _times(
    resource: Members, schema: Schema | None, is_new: bool
) -> Iterator[tuple[Members, Mapping[str, Schema | None], str]]:
    """The objects with times in a resource, what they declare, and the names of the times."""
    wanted = CREATION | CHANGE if is_new else CHANGE
    declared = properties_of(schema)
    holders = [(resource, declared)]
    for name, member in resource.items():
        if isinstance(member, dict) and spelled(name) in _HOLDERS:
            holders.append((member, properties_of(declared.get(name))))
    for holder, inner in holders:
        for name in [*holder]:
            is_moment = is_time(name, wanted) or (is_new and spelled(name) == "timestamp")
            if is_moment and _may_be_time(holder[name], inner.get(name)):
                yield holder, inner, name


def _may_be_time(value: JSON, schema: Schema | None) -> bool:
    """Whether a member is a moment: a text in the form of one, a number of seconds, or nothing yet."""
    if isinstance(value, (bool, dict, list)):
        return False
    if isinstance(value, (int, float)):
        return value > 10**8
    if value is None:
        return schema is not None and not types_of(schema).isdisjoint(("string", "integer", "number"))
    return value[:4].isdecimal() and value[4:5] == "-"


def in_milliseconds(now: float) -> str:
    """A moment in the format of RFC 3339, in UTC."""
    milliseconds = int(now * 1000)
    return f"{to_the_second(milliseconds // 1000)}.{milliseconds % 1000:03}Z"


@lru_cache(maxsize=4)
def to_the_second(seconds: int) -> str:
    """A moment without its zone: in UTC, with four digits for the year, which `strftime` may have fewer of."""
    return datetime.fromtimestamp(seconds, UTC).isoformat()[:19]


def _moments(now: float, before: JSON) -> Iterator[JSON]:
    """A moment in the forms that it may have, that of the moment before first."""
    moment = to_the_second(int(now // 1))
    texts: list[JSON] = [in_milliseconds(now), f"{moment}Z", moment[:10], moment.replace("T", " ")]
    if isinstance(before, float):
        yield round(now * (1000 if before > _IN_MILLISECONDS else 1), 3)
    elif isinstance(before, int):
        yield int(now * 1000) if before > _IN_MILLISECONDS else int(now)
    elif isinstance(before, str):
        if len(before) == len("2026-01-01"):
            yield texts[2]
        elif before[10:11] == " ":
            yield texts[3]
    yield from texts
    yield int(now)


def set_defaults(
    resource: Members, declared: Mapping[str, Schema | None], sent: Mapping[str, Schema | None], names: Collection[str]
) -> None:
    """Give each member its default that could have been sent and was not; `names` are those that were sent."""
    for name, schema in declared.items():
        request = sent.get(name)
        if request is None or spelled(name) in names:
            continue
        for resolved in (request.resolved, schema.resolved if schema is not None else {}):
            default = resolved.get("default")
            if default is not None and (schema is None or schema.is_valid(default, Direction.RESPONSE)):
                resource[name] = default
                break
