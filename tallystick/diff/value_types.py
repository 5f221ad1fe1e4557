"""Which types the values of a schema may have, however that is written: as `type`, by its `enum`, or as branches."""

from __future__ import annotations

import json

from tallystick.diff.views import View, Views
from tallystick.nouns.json_value import JSON
from tallystick.nouns.keywords import OF_TYPE
from tallystick.schemas.formats import WHOLE_NUMBERS
from tallystick.schemas.shapes import type_of

_ALL_VALUES: dict[str, list[JSON]] = {"null": [None], "boolean": [False, True]}
"""The values of the types that have few."""


def effective_types(view: View) -> JSON:
    """The types that the values of a schema may have, None for any: an `enum` has only those of its values."""
    enum = view.keywords.get("enum")
    if not isinstance(enum, list):
        return view.keywords.get("type")
    types = {_schema_type_of(value) for value in enum}
    if view.types:
        types = {name for name in types if name in view.types or (name == "integer" and "number" in view.types)}
    return [*sorted(types)] if types else view.keywords.get("type")


def effective_keywords(view: View) -> dict[str, JSON]:
    """The keywords of a schema, with the types that its values may have."""
    if "enum" not in view.keywords:
        return view.keywords
    return {**view.keywords, "type": effective_types(view)}


def _schema_type_of(value: JSON) -> str:
    """The type that a schema sees in a value: `1.0` is an integer, too."""
    return "integer" if isinstance(value, float) and value.is_integer() else type_of(value)


def as_types(views: Views, view: View) -> View | None:
    """A view whose branches are of one type each, with a list of those types instead; None for any other."""
    groups = [group for of_keyword in view.branches.values() for group in of_keyword]
    if len(groups) != 1 or view.keywords or view.children or view.discriminators:
        return None
    flat = View(view.nodes, notes=view.notes)
    branches = [views.view(branch) for branch in groups[0]]
    types = [name for branch in branches for name in branch.types]
    if len({*types}) != len(types) or {"integer", "number"} <= {*types}:
        return None  # a value may be of two branches
    for branch in branches:
        if not _is_of_one_type(branch):
            return None
        flat.keywords |= branch.keywords
        flat.children |= branch.children
    if "enum" in flat.keywords:
        values = [_values(branch) for branch in branches]
        if not all(values):
            return None  # one is free where another is not
        every = [value for each in values for value in each]
        flat.keywords["enum"] = sorted(every, key=lambda item: json.dumps(item, sort_keys=True))
    flat.keywords["type"] = [*sorted(types)]
    return flat


def _is_of_one_type(branch: View) -> bool:
    """Whether all that a branch says is about the values of its one type."""
    kind = "number" if branch.types == ["integer"] else "".join(branch.types)
    own = {"type", "enum", *OF_TYPE.get(kind, ())}
    if kind == "string" or (kind == "number" and branch.keywords.get("format") in WHOLE_NUMBERS):
        own.add("format")
    names = {*branch.keywords, *(key[0] for key in branch.children)}
    if len(branch.types) != 1 or branch.branches or branch.notes or branch.discriminators:
        return False
    return own >= names and effective_types(branch) == branch.types


def _values(branch: View) -> list[JSON]:
    """All values of a branch; none where they are too many to be named."""
    enum = branch.keywords.get("enum")
    return enum if isinstance(enum, list) else _ALL_VALUES.get("".join(branch.types), [])
