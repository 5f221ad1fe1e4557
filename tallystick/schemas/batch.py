"""Many values judged at once, each by its schema: what their schemas share is compiled once, not for each of them."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from tallystick.nouns.schema import Direction, SchemaError
from tallystick.schemas.compiled import Bundle, ContractSchema

_MOST_FAULTS = 10
"""How often all is compiled again without what was at fault."""

Row = tuple[ContractSchema, Any]


def errors_of(rows: Sequence[Row], direction: Direction) -> list[Sequence[SchemaError]]:
    """What is wrong with the value of each row by its schema, for values going one way; nothing where it fits."""
    if not rows:
        return []
    first = rows[0][0]
    documents = first.node.document.family
    if not any(document.anchors for document in documents):  # else a schema may mean something else among others
        with suppress(ValueError):  # too many schemas are none, or a value cannot be judged
            joint = _Joint(first.compiler, [schema.named for schema, _ in rows], direction)
            return joint.errors_of_each([value for _, value in rows])
    return [schema.errors(value, direction) for schema, value in rows]


class _Joint(Bundle):
    """Schemas compiled as those of the items of one list."""

    removed = 0

    def applied(self, roots: list[dict[str, str]]) -> dict[str, Any]:
        return {"prefixItems": roots}

    def remove(self, root: dict[str, Any], path: list[str]) -> None:
        """Takes out a keyword at fault; a `ValueError` where there are many, since all is compiled again after each."""
        self.removed += 1
        if self.removed > _MOST_FAULTS:
            raise ValueError("too many faults")
        super().remove(root, path)

    def errors_of_each(self, values: list[Any]) -> list[Sequence[SchemaError]]:
        found: list[list[SchemaError]] = [[] for _ in values]
        for each in self.validator.iter_errors(values):
            error = self.error(each)
            found[int(error.path[0])].append(error._replace(path=error.path[1:]))
        return list(found)
