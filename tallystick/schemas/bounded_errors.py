"""The errors of a value, as many as can be told.

The engine makes all errors of a value at once, and each holds copies of what is wrong and of what its keyword expects:
ten thousand wrong items beside an `enum` of ten thousand values would take all memory. So a value that could have too
many is judged in pieces.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

import jsonschema_rs

from tallystick.nouns import budgets
from tallystick.nouns.json_value import JSON
from tallystick.nouns.schema import SchemaError
from tallystick.nouns.violation import Place
from tallystick.schemas.pieces import Piece, pieces, size

Told = Callable[[jsonschema_rs.ValidationError], Sequence[SchemaError]]
"""A function from an error of the engine to what is told of it."""


class BoundedErrors:
    """The errors of values by one compiled schema; `place` is that of the schema.

    `at_once` tells all errors of a value, `errors_of` makes those of a piece of one, for `told`. Both raise
    `ValueError` where they cannot.
    """

    def __init__(
        self,
        at_once: Callable[[object], Iterator[Sequence[SchemaError]]],
        errors_of: Callable[[object], Iterator[jsonschema_rs.ValidationError]],
        is_valid: Callable[[object], bool],
        definitions: Mapping[str, JSON],
        told: Told,
        place: Place,
    ) -> None:
        self.at_once, self.errors_of, self.is_valid, self.told, self.place = at_once, errors_of, is_valid, told, place
        objects_and_lists = list(_containers(definitions))
        weight = max((len(each) for each in objects_and_lists if isinstance(each, list)), default=1) or 1
        self.has_positions = any(isinstance(each, dict) and "prefixItems" in each for each in objects_and_lists)
        self.most_parts = max(min(budgets.ERROR_PARTS, budgets.ERROR_COPIES // weight), 1)
        """The size of a value whose errors may be made all at once; each may hold a copy of the longest list."""
        self.most = max(min(budgets.VIOLATIONS, budgets.ERROR_COPIES // weight), 1)

    def of(self, value: object) -> Sequence[SchemaError]:
        """The errors of an invalid value; where there are too many, the last one says so."""
        errors: list[SchemaError] = []
        for each in self.at_once(value) if self.can_be_made(value) else self._in_pieces(value):
            errors += each
            if len(errors) > self.most:
                return [*errors[: self.most], SchemaError("", (), self.place, f"only the first {self.most:,} are told")]
        if not errors:
            fact = f"the value does not fit; it is too large to say where (more than {self.most_parts:,} parts)"
            return [SchemaError("", (), self.place, fact)]
        return errors

    def can_be_made(self, value: object) -> bool:
        """Whether a value is so small that the engine may make all its errors at once."""
        return size(value, self.most_parts) <= self.most_parts

    def _in_pieces(self, value: object) -> Iterator[Sequence[SchemaError]]:
        for piece in pieces(value, self.most_parts):
            if (self.has_positions and _is_shifted(piece)) or self.is_valid(piece.value):
                continue
            for error in self.errors_of(piece.value):
                if piece.tells(error.instance_path, error.schema_path):
                    yield [each._replace(path=piece.path_in_value(each.path)) for each in self.told(error)]


def _is_shifted(piece: Piece) -> bool:
    """Whether an item of a piece has another index than in the whole value."""
    return any(isinstance(first, int) and first > 0 for first in piece.firsts)


def _containers(schema: object) -> Iterator[dict[str, object] | list[object]]:
    """All objects and arrays in a schema."""
    waiting = [schema]
    while waiting:
        part = waiting.pop()
        if isinstance(part, dict):
            yield part
            waiting += part.values()
        elif isinstance(part, list):
            yield part
            waiting += part
