"""Which parts of a document are schemas or other objects, and which are data: an example, or the values of an enum.

A keyword such as `$id` means something in a schema only, and not in data or as the name of a property.
"""

from __future__ import annotations

import enum
from collections.abc import Iterator

from tallystick.nouns.json_value import JSON
from tallystick.nouns.keywords import DEFINITIONS, SUBSCHEMA, SUBSCHEMA_MAP, SUBSCHEMAS


class Holds(enum.Enum):
    """What stands at a place of a document, as far as the keys around it tell."""

    SCHEMA = enum.auto()
    SCHEMAS_BY_NAME = enum.auto()
    OBJECT = enum.auto()
    """An object of OpenAPI, or the root of a file that may hold anything; its keys may be those of a schema too."""
    OBJECTS_BY_NAME = enum.auto()


_HOLDS = {
    **dict.fromkeys((*SUBSCHEMA, *SUBSCHEMAS, "schema", "itemSchema", "contentSchema"), Holds.SCHEMA),
    **dict.fromkeys((*SUBSCHEMA_MAP, *DEFINITIONS, "dependencies", "schemas"), Holds.SCHEMAS_BY_NAME),
    **dict.fromkeys(
        "callbacks content encoding headers links mediaTypes parameters pathItems paths requestBodies responses "
        "securitySchemes webhooks".split(),
        Holds.OBJECTS_BY_NAME,
    ),
}
_DATA = frozenset("const default enum example examples".split())
_INSIDE_NAMES = {Holds.SCHEMAS_BY_NAME: Holds.SCHEMA, Holds.OBJECTS_BY_NAME: Holds.OBJECT}


def containers(value: JSON, holds: Holds) -> Iterator[tuple[str, JSON, Holds]]:
    """The objects and lists among the members or items of a value, with what each of them holds; data is left out."""
    if isinstance(value, list):
        inner = _INSIDE_NAMES.get(holds, holds)
        yield from ((str(index), item, inner) for index, item in enumerate(value) if isinstance(item, (dict, list)))
    elif isinstance(value, dict):
        for key, item in value.items():
            if isinstance(item, (dict, list)):
                held = _held(key, holds)
                if held is not None:
                    yield key, item, held


def _held(key: str, holds: Holds) -> Holds | None:
    """What stands under a key; None for data."""
    if holds in _INSIDE_NAMES:
        return _INSIDE_NAMES[holds]
    if key in _HOLDS:
        return _HOLDS[key]
    return None if holds is Holds.SCHEMA or key in _DATA else Holds.OBJECT
