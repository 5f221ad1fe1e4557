"""Other values in place of those that a body has: as valid, and not the same."""

from __future__ import annotations

import random
import uuid
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from tallystick.examples.draws import Style
from tallystick.examples.samples import Unsatisfiable, generate
from tallystick.fuzz.variations import other_end
from tallystick.nouns.json_value import JSON
from tallystick.nouns.schema import Direction, Schema
from tallystick.resources.names import words_of
from tallystick.schemas.shapes import types_of

_REFERRING = frozenset("id ids uuid uid guid key ref reference token url uri href".split())
"""Last words of members that name another resource, which has to be there."""
_LONGEST = 40


def varied(
    members: Mapping[str, JSON], schemas: Mapping[str, Schema | None], draw: random.Random, only: str = ""
) -> dict[str, JSON]:
    """Members with other values, each as valid as before; with `only`, that one alone is changed."""
    changed = dict(members)
    for name, value in members.items():
        schema = schemas.get(name)
        if schema is None or (only and name != only) or not is_free(name, schema):
            continue
        other = other_value(value, schema, draw)
        if other is not None:
            changed[name] = other
    return changed


def is_free(name: str, schema: Schema) -> bool:
    """Whether a member may have any value that its schema allows: it names no other resource, and is not read-only."""
    return _REFERRING.isdisjoint(words_of(name)[-1:]) and schema.resolved.get("readOnly") is not True


def other_value(value: JSON, schema: Schema, draw: random.Random) -> JSON:
    """Another valid value; None where none was found."""
    for candidate in _candidates(value, schema, draw):
        if candidate != value and candidate is not None and schema.is_valid(candidate, Direction.REQUEST):
            return candidate
    return None


def _candidates(value: JSON, schema: Schema, draw: random.Random) -> Iterator[JSON]:
    said = schema.resolved
    values = said.get("enum")
    if isinstance(values, list):
        yield from draw.sample(values, len(values))
        return
    if isinstance(value, bool):
        yield not value
    elif isinstance(value, (int, float)):
        yield from (value + draw.randint(1, 9), value + 1, value - 1, value + 10, value - 10, value * 2)
    elif isinstance(value, str):
        yield from _texts(value, said, draw)
    elif value is None and "string" in types_of(schema):
        yield from _texts("", said, draw)
    try:
        yield generate(schema, Direction.REQUEST, Style(draw.getrandbits(32), fresh=True))
    except Unsatisfiable:
        return


def _texts(value: str, said: Mapping[str, JSON], draw: random.Random) -> Iterator[str]:
    value_format = str(said.get("format", ""))
    word = "".join(draw.choices("bcdfghklmnprstvz", k=6))
    if value_format == "uuid":
        yield str(uuid.UUID(int=draw.getrandbits(128), version=4))
    if value_format in ("date", "date-time"):
        yield from _moments(value, draw)
    if {"pattern", "format"} & said.keys() and len(value) > 1:
        yield other_end(value, draw)
    if "@" in value:
        yield f"{word}{value[value.index('@') :]}"
    yield f"{value[:_LONGEST].rstrip()} {word}".strip()
    yield f"{value[:_LONGEST].rstrip()}{word}"
    yield word
    if value and len(value) > 1:
        yield value[: -min(len(word), len(value) - 1)] + word[: min(len(word), len(value) - 1)]
    yield word[: max(1, len(value))]


def _moments(value: str, draw: random.Random) -> Iterator[str]:
    try:
        moment = datetime.fromisoformat(value) + timedelta(days=draw.randint(1, 300))
    except (ValueError, OverflowError):
        return
    yield moment.date().isoformat() if len(value) == len("2000-01-01") else moment.isoformat().replace("+00:00", "Z")
