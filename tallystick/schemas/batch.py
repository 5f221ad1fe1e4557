"""Many values judged at once, each by its own schema: what the schemas share is compiled once, not for each of them.

The values are judged as the items of one list, and each schema as that of one item.
"""

from __future__ import annotations

from collections.abc import Sequence

from tallystick.nouns.dialect import Dialect
from tallystick.nouns.json_value import JSON
from tallystick.nouns.node import Node
from tallystick.nouns.schema import Direction, SchemaError
from tallystick.schemas.bundle import Bundle, Validators

_MOST_FAULTS = 10
"""How many keywords that are no JSON Schema are taken out: all is compiled again after each."""


def errors_together(
    dialect: Dialect, validators: Validators, schemas: Sequence[Node], values: Sequence[object], direction: Direction
) -> list[Sequence[SchemaError]] | None:
    """The errors of each value by the schema beside it; None where these cannot be judged together.

    That is so where many schemas are none, where a value cannot be judged, and where a schema may mean something else
    among others because of its anchors.
    """
    if not schemas:
        return []
    if any(document.anchors for document in schemas[0].document.family):
        return None
    try:
        return _ListBundle(dialect, validators, schemas, direction).errors_of_each(values)
    except ValueError:
        return None


class _ListBundle(Bundle):
    """Schemas compiled as those of the items of one list."""

    removed = 0

    def applied(self, roots: list[JSON]) -> dict[str, JSON]:
        return {"prefixItems": roots}

    def remove(self, root: dict[str, JSON], path: list[str]) -> None:
        """Takes out a keyword at fault; a `ValueError` where there are many."""
        self.removed += 1
        if self.removed > _MOST_FAULTS:
            raise ValueError("too many faults")
        super().remove(root, path)

    def errors_of_each(self, values: Sequence[object]) -> list[Sequence[SchemaError]]:
        errors: list[list[SchemaError]] = [[] for _ in values]
        for each in self.validator.iter_errors(list(values)):
            error = self.error(each)
            errors[int(error.path[0])].append(error._replace(path=error.path[1:]))
        return list(errors)
