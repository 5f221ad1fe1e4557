"""The values that Schemathesis makes of responses: none that is so deep or so large that it could not walk through it.

It walks through them by recursion, and dies of one that is too deep. The judge reads the bodies by itself, and says so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from schemathesis.core import deserialization

from tallystick.nouns import budgets

if TYPE_CHECKING:
    from schemathesis import Response
    from schemathesis.core.deserialization import DeserializationContext

    Deserializer = Callable[[DeserializationContext, Response], object]


@contextmanager
def bounded_values() -> Iterator[None]:
    """Has Schemathesis refuse values that are too deep or too large, as it refuses malformed ones."""
    registry: dict[str, Deserializer] = getattr(deserialization, "_DESERIALIZERS", {})  # another release may have none
    before = dict(registry)
    registry.update({media_type: _bounded(read) for media_type, read in before.items()})
    try:
        yield
    finally:
        registry.clear()
        registry.update(before)


def _bounded(read: Deserializer) -> Deserializer:
    def read_within_bounds(context: DeserializationContext, response: Response) -> object:
        try:
            value = read(context, response)
        except RecursionError:
            raise ValueError("the value is too deep") from None
        if not is_walkable(value):
            raise ValueError("the value is too deep or too large")
        return value

    return read_within_bounds


def is_walkable(value: object) -> bool:
    """Whether a value is neither too deep nor too large; what stands in it twice (an alias of YAML) counts twice."""
    level, size = [value], 1
    for _ in range(budgets.FUZZ_VALUE_DEPTH):
        below: list[object] = []
        for node in level:
            if isinstance(node, dict):
                below.extend(node.values())
            elif isinstance(node, list):
                below.extend(node)
            if size + len(below) > budgets.FUZZ_VALUE_NODES:
                return False
        if not below:
            return True
        level, size = below, size + len(below)
    return False
