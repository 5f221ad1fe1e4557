"""Members of a resource that tell its version: `version`, `revision`, `etag`; they change with each change of it."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from zlib import crc32

from tallystick.nouns.json_value import JSON
from tallystick.nouns.schema import Direction, Schema
from tallystick.resources.names import spelled
from tallystick.resources.resources import part_at
from tallystick.schemas.shapes import properties_of, types_of
from tallystick.wire.write import write_json

_CLEAR = frozenset("etag rowversion lockversion resourceversion concurrencytoken optimisticlock".split())
"""What is called so says nothing else."""
_MAYBE = frozenset("version revision rev".split())
"""What is called so may also be the version of something that a client describes: of a program, say."""
_HOLDERS = frozenset("metadata meta".split())
_SAYS_SO = re.compile(
    r"concurren|optimistic|\block|etag|if-match|(each|every|any) (change|update|modif|write)|increment", re.I
)

Members = dict[str, JSON]
Way = tuple[str, ...]


def version_members(schema: Schema | None, sent: Mapping[str, Schema | None]) -> list[Way]:
    """The ways to the members of a resource that tell its version; `sent` are those that a request may have.

    A member that may mean something else is one where no request sets it, or where its schema says so.
    """
    return [way for way, name, inner in _named(schema) if _is_version(name, inner, sent if len(way) == 1 else {})]


def _named(schema: Schema | None) -> Iterator[tuple[Way, str, Schema | None]]:
    for name, inner in properties_of(schema).items():
        if spelled(name) in _CLEAR | _MAYBE:
            yield (name,), spelled(name), inner
        elif spelled(name) in _HOLDERS:
            for own, innermost in properties_of(inner).items():
                if spelled(own) in _CLEAR:
                    yield (name, own), spelled(own), innermost


def _is_version(name: str, schema: Schema | None, sent: Mapping[str, Schema | None]) -> bool:
    said = schema.resolved if schema is not None else {}
    if types_of(schema).isdisjoint(("integer", "string")) or "enum" in said or "const" in said:
        return False
    if name in _CLEAR or said.get("readOnly") is True:
        return True
    text = said.get("description")
    if isinstance(text, str) and _SAYS_SO.search(text):
        return True
    return types_of(schema) <= {"integer", "null"} and bool(sent) and name not in map(spelled, sent)


def set_version(
    resource: Members, before: Members | None, schema: Schema | None, ways: Sequence[Way], names: Collection[str]
) -> None:
    """Let the members of a resource that tell its version say another one than `before`, None where it is created.

    A number counts from 1; a text that is no number depends on the content. What was sent, by the `names` of members in
    one spelling, stays, but for the number of the version that is changed: clients send that to say which they mean.
    """
    for way in ways:
        number = part_at(resource, way)
        is_meant = isinstance(number, int) and before is not None and number == part_at(before, way)
        if spelled(way[0]) in names and not (is_meant and len(way) == 1):
            continue
        holder, declared = part_at(resource, way[:-1]), schema
        for key in way[:-1]:
            declared = properties_of(declared).get(key)
        if not isinstance(holder, dict):
            continue
        inner = properties_of(declared).get(way[-1])
        for value in _versions(part_at(before, way), holder.get(way[-1]), resource):
            if inner is None or inner.is_valid(value, Direction.RESPONSE):
                holder[way[-1]] = value
                break


def _versions(before: JSON, shown: JSON, resource: Members) -> Iterator[JSON]:
    """The values that tell the version after another one, in the form that is shown first."""
    text = str(before)
    number = int(text) + 1 if text.isdecimal() and len(text) < 16 else 1
    tag = f"{crc32(write_json([before, resource])):08x}"
    if isinstance(shown, str):
        yield from (str(number),) if shown.isdecimal() else ()
        yield from (f'"{tag}"',) if shown.startswith(('"', "W/")) else ()
        yield tag
    yield number
    yield str(number)
    yield tag


def tags_in(value: JSON, ways: Sequence[Way]) -> Iterator[str]:
    """What a client may take for the ETag of a resource, since a member of it tells the version."""
    for way in ways:
        member = part_at(value, way)
        if isinstance(member, (str, int)) and not isinstance(member, bool):
            yield member if isinstance(member, str) and member.startswith(('"', "W/")) else f'"{member}"'
