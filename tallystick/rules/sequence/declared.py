"""The members and items that schemas declare, looked up once for each schema: rules ask for them at every exchange."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from weakref import WeakKeyDictionary

from tallystick.nouns.schema import Schema
from tallystick.schemas.shapes import items_of, properties_of

_NONE: Mapping[str, Schema | None] = MappingProxyType({})
_MEMBERS: WeakKeyDictionary[Schema, Mapping[str, Schema | None]] = WeakKeyDictionary()
_ITEMS: WeakKeyDictionary[Schema, Schema | None] = WeakKeyDictionary()


def members(schema: Schema | None) -> Mapping[str, Schema | None]:
    """The members that a schema declares, by name."""
    if schema is None:
        return _NONE
    declared = _MEMBERS.get(schema)
    if declared is None:
        declared = _MEMBERS[schema] = properties_of(schema)
    return declared


def items(schema: Schema | None) -> Schema | None:
    """The schema of the items of an array."""
    if schema is None:
        return None
    if schema not in _ITEMS:
        _ITEMS[schema] = items_of(schema)
    return _ITEMS[schema]
