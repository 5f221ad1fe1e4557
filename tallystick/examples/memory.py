"""What was found out about the schemas of a table: each row of a list asks the same of them."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import Generic, TypeVar
from weakref import WeakKeyDictionary

from tallystick.examples.plain_schemas import Schema
from tallystick.schemas.bundle import Bundle
from tallystick.schemas.table import SchemaTable

T = TypeVar("T")
_MOST = 10_000
"""How many answers are kept for one table."""


class Memory(Generic[T]):
    """The answers to one question about some schemas of a table; they go with the table.

    A schema is known by its `id`, so nothing is kept for one that is not part of the table: it may be gone soon.
    """

    def __init__(self) -> None:
        self.answers: WeakKeyDictionary[SchemaTable, dict[Hashable, T]] = WeakKeyDictionary()

    def recall(self, bundle: Bundle, schemas: Sequence[Schema], others: Hashable, answer: Callable[[], T]) -> T:
        """The answer for some schemas, and for `others` that decide it too; asked for where it is not known."""
        key = (tuple(map(id, schemas)), others)
        answers = self.answers.get(bundle.table)
        if answers is None:
            answers = self.answers[bundle.table] = {}
        if key in answers:
            return answers[key]
        value = answer()
        if all(isinstance(schema, bool) or id(schema) in bundle.origins for schema in schemas):
            if len(answers) >= _MOST:
                answers.clear()
            answers[key] = value
        return value
