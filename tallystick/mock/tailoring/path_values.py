"""The values of a request's path come back in the resource that is answered with."""

from __future__ import annotations

import re
from operator import attrgetter

from tallystick.mock.tailoring.edit import Base, Draft, Edit
from tallystick.nouns.contract import Parameter
from tallystick.nouns.exchange import Exchange, Request
from tallystick.nouns.json_value import JSON
from tallystick.nouns.path_templates import PathValues
from tallystick.nouns.schema import Direction
from tallystick.schemas.shapes import properties_of
from tallystick.wire.reading import ParameterReader, Reading, reader_of

_NO_WORD = re.compile(r"[^0-9a-z]+")


def spelled(name: str) -> str:
    """A name as all its spellings have it: `petId`, `pet_id` and `Pet-ID` are `petid`."""
    return _NO_WORD.sub("", name.lower())


def path_values_edit(base: Base) -> Edit[PathValues] | None:
    """The edit that puts each path value into the member of the reply that it names."""
    if not isinstance(base.value, dict) or not 200 <= base.reply.response.status < 300:
        return None
    members = {spelled(name): name for name in (*base.value, *properties_of(base.schema))}
    readers = [(each, read) for each, read in reader_of(base.operation).parameters if each.location == "path"]
    places: list[tuple[str, ParameterReader]] = []
    for parameter, read in readers:
        member = members.get(spelled(parameter.name)) or (members.get("id") if _is_last(base, parameter) else None)
        if member is not None:
            places.append((member, read))
    if not places:
        return None

    def apply(draft: Draft, path_values: PathValues) -> None:
        request = Request(base.operation.method, base.operation.path)
        reading = Reading(base.operation, Exchange(request), path_values)
        for member, read in places:
            value, fault = read(reading)
            if not fault:
                _put(base, draft, member, value)

    return Edit(attrgetter("path_values"), apply)


def _is_last(base: Base, parameter: Parameter) -> bool:
    return base.operation.path.rstrip("/").endswith(f"{{{parameter.name}}}")


def _put(base: Base, draft: Draft, member: str, value: object) -> None:
    """Put a value into a member, as a text where the schema wants that; not at all where it does not fit."""
    if not isinstance(draft.value, dict):
        return
    candidates: list[JSON] = [value] if isinstance(value, (str, int, float, bool)) else []
    candidates += [str(each) for each in candidates if not isinstance(each, str)]
    for candidate in candidates:
        changed = {**draft.value, member: candidate}
        if base.schema is None or base.schema.is_valid(changed, Direction.RESPONSE):
            draft.value = changed
            return
