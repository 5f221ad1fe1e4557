"""Errors of many values at once, each judged by its own schema: parts that the schemas share are compiled once.

The values become the items of one list, and the schemas the `prefixItems` of its schema.
"""

from __future__ import annotations

from collections.abc import Sequence

from tallystick.nouns import budgets
from tallystick.nouns.json_value import JSON
from tallystick.nouns.node import Node
from tallystick.nouns.schema import SchemaError
from tallystick.schemas.bundle import Bundle
from tallystick.schemas.table import SchemaTable
from tallystick.schemas.validators import Validator

_MOST_FAULTS = 10
"""The most invalid keywords that are removed; after each, everything is compiled again."""


def errors_together(
    table: SchemaTable, schemas: Sequence[Node], values: Sequence[object]
) -> list[Sequence[SchemaError]] | None:
    """The errors of each value by the schema at the same index; None if they cannot be judged together.

    They cannot if the schemas have many invalid keywords, if a value cannot be judged, or if a document has anchors,
    which may mean something else beside other schemas.
    """
    if not schemas:
        return []
    if any(document.anchors for document in schemas[0].document.family):
        return None
    try:
        return _ListBundle(table, schemas).errors_of_each(values)
    except ValueError:
        return None


class _ListBundle(Bundle):
    """A bundle that judges the items of a list, each by the schema at its index."""

    removed = 0

    def applied(self) -> dict[str, JSON]:
        return {"prefixItems": [*self.references]}

    def new_validator(self) -> Validator:
        return self.compile(self.root)

    def exceeds(self, index: int, value: object) -> bool:
        """Whether the schema at an index is applied to a value too often for all reasons to be told."""
        return self.evaluations.exceed(self.references[index], value, budgets.REASON_EVALUATIONS)

    def remove(self, root: dict[str, JSON], path: list[str]) -> None:
        """Remove an invalid keyword; raises `ValueError` after too many."""
        self.removed += 1
        if self.removed > _MOST_FAULTS:
            raise ValueError("too many faults")
        super().remove(root, path)

    def errors_of_each(self, values: Sequence[object]) -> list[Sequence[SchemaError]]:
        """The errors of each value; raises `ValueError` where schemas are applied to one of them too often."""
        if self.evaluations.is_many and any(map(self.exceeds, range(len(values)), values)):
            raise ValueError("schemas are applied too often")
        errors: list[list[SchemaError]] = [[] for _ in values]
        for engine_error in self.validator.iter_errors(list(values)):
            for error in self.told(engine_error):
                errors[int(error.path[0])].append(error._replace(path=error.path[1:]))
        return list(errors)
