"""`x-examples`: named examples of a schema, or of a parameter of Swagger 2.0, as Stoplight's tools have them."""

from __future__ import annotations

from collections.abc import Iterator

from tallystick.nouns.contract import Example
from tallystick.nouns.node import Node

_EXAMPLE_OBJECT = frozenset(("value", "summary", "description"))


def x_examples(node: Node) -> Iterator[Example]:
    """The examples under `x-examples`: values as they are, or Example Objects."""
    for name, value in node.members_of("x-examples").items():
        place = node.place.at("x-examples", name)
        if isinstance(value, dict) and "value" in value and _EXAMPLE_OBJECT.issuperset(value):
            yield Example(name, value["value"], place.at("value"))
        else:
            yield Example(name, value, place)
