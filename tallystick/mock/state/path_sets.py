"""Path templates in sets: the path of a collection and that of its items, whatever the operations on them do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tallystick.nouns.contract import Contract, Operation
from tallystick.nouns.path_templates import template_shape

_ENDS = (".json", ".xml")
"""How paths may end that name a media type."""


@dataclass(frozen=True, eq=False)
class PathSet:
    """A collection and its items, as their paths have it, and the operations at these."""

    collection: str
    item: str
    on_collection: Sequence[Operation]
    on_item: Sequence[Operation]


def plain_template(operation: Operation) -> str:
    """The path template of an operation without a slash or a media type at its end."""
    path = operation.path.rstrip("/")
    for end in _ENDS:
        path = path.removesuffix(end)
    return path


def path_sets(contract: Contract) -> Mapping[str, PathSet]:
    """The sets of a contract by the shapes of their item paths."""
    by_shape: dict[str, list[Operation]] = {}
    templates: dict[str, str] = {}
    for operation in contract:
        template = plain_template(operation)
        shape = template_shape(template)
        templates.setdefault(shape, template)
        by_shape.setdefault(shape, []).append(operation)
    sets: dict[str, PathSet] = {}
    for shape, operations in by_shape.items():
        above, _, last = shape.rpartition("/")
        if last == "{}":
            template = templates[shape]
            sets[shape] = PathSet(template.rpartition("/")[0], template, by_shape.get(above, ()), operations)
    return sets
