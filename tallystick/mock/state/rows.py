"""The rows of a list with state: what is kept, newest first, and then the documented rows as they are by now."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import orjson

from tallystick.examples.choices import ValuePath
from tallystick.examples.grafting import grafted
from tallystick.mock.off_loop import Slow, is_on_loop
from tallystick.mock.tailoring.lists.world import Fits, identity, made_to_match
from tallystick.nouns import budgets
from tallystick.nouns.json_value import JSON
from tallystick.nouns.schema import Direction, Schema
from tallystick.resources.resources import part_at
from tallystick.schemas.compiled import is_same
from tallystick.schemas.shapes import properties_of, types_of
from tallystick.wire.write import text_of


def id_in(value: JSON, way: ValuePath) -> str:
    """The text of the id in a resource or a row: what stands at a way, else what tells it from others; "" for none."""
    part = part_at(value, way)
    if isinstance(part, (str, int, float)) and not isinstance(part, bool) and part != "":
        return text_of(part)
    return identity(value)


class RowShape:
    """How a resource looks as a row of a list: without what only the whole resource has, and as the schema asks.

    `id_way` leads to the id in the resource, and `row_way` to that in a row. `sample` gives a row that fits, from which
    one that lacks something takes it; None where there is none.
    """

    def __init__(
        self,
        schema: Schema | None,
        whole: Schema | None,
        id_way: ValuePath,
        row_way: ValuePath,
        sample: Callable[[], JSON],
    ) -> None:
        self.schema = schema
        self.id_way = id_way
        self.row_way = row_way
        self.sample = sample
        declared = properties_of(schema) if schema is not None else {}
        only_whole = {} if not declared or whole is None or is_same(schema, whole) else properties_of(whole)
        hidden = {name for name, inner in declared.items() if inner and inner.resolved.get("writeOnly") is True}
        self.left_out = frozenset(hidden.union(only_whole.keys() - declared.keys()))
        self.id_member = str(row_way[0]) if len(row_way) == 1 and row_way != id_way else ""
        """The member that holds the id in a row alone."""
        self.is_object = "object" in types_of(schema)

    def row(self, value: JSON) -> JSON:
        """A resource as a row; None where it cannot be one.

        Raises `Slow` where an event loop runs and the row lacks something.
        """
        if isinstance(value, (dict, str)) and not self.is_object:
            return self.id_alone(value)
        id = id_in(value, self.id_way)
        if isinstance(value, dict) and (self.left_out or self.id_member):
            own = {self.id_member: part_at(value, self.id_way)} if self.id_member else {}
            value = {name: member for name, member in value.items() if name not in self.left_out} | own
        if self.fits(value):
            return value
        if is_on_loop():
            raise Slow
        sample = self.sample()
        row = grafted(sample, value, self.fits) if sample is not None else None
        return row if row is not None and id_in(row, self.row_way) == id else None

    def told_by(self, id: str, value: JSON) -> JSON:
        """What tells a row of a resource: its id, where that is in the path alone and the rows are ids."""
        return id if isinstance(value, dict) and not (self.is_object or self.id_way) else value

    def id_alone(self, value: JSON) -> JSON:
        """The row of a list of ids."""
        text = id_in(value, self.id_way)
        candidates: tuple[JSON, ...] = (text, int(text)) if text.isdecimal() and len(text) < 16 else (text,)
        return next((each for each in candidates if self.fits(each)), None)

    def fits(self, value: JSON) -> bool:
        """Whether a row fits its schema."""
        return self.schema is None or self.schema.is_valid(value, Direction.RESPONSE)


@dataclass(frozen=True, slots=True)
class KeptSpan:
    """What is kept of a list: some of the resources, those from `start` on, of `total` that there are, newest first."""

    values: Sequence[JSON]
    start: int
    total: int


class KeptRows:
    """The rows behind a list with state (see `tallystick.mock.tailoring.lists.world.Rows`).

    `documented` are the rows of the contract, each as it is by now; they come after those that are kept. Where the
    schema asks for `least` rows and a page has fewer, it takes some of the contract's own rows, which `fillers` gives.
    """

    is_authored = True

    def __init__(
        self,
        shape: RowShape,
        kept: KeptSpan,
        documented: Sequence[JSON],
        fillers: Callable[[], Sequence[JSON]],
        least: int,
    ) -> None:
        self.shape = shape
        self.kept = kept
        self.documented = documented
        self.fillers = fillers
        self.least = least
        self.total = kept.total + len(documented)
        self.in_shape = {id(row) for row in documented}
        """Which rows need no other shape."""
        self.page: Sequence[JSON] = ()
        """The rows that were shown last."""
        self.filled = 0
        """How many of them are the contract's own, since its schema asks for so many."""

    def has(self, count: int) -> bool:  # noqa: ARG002 - they are always there
        return True

    def span(self, start: int, count: int) -> list[JSON]:
        kept, end = self.kept, start + count
        rows = [*kept.values[max(start - kept.start, 0) : max(min(end, kept.total) - kept.start, 0)]]
        behind = start - kept.total
        return [*rows, *self.documented[max(behind, 0) : max(end - kept.total, 0)]]

    def rows(self) -> list[JSON]:
        return [*self.kept.values, *self.documented]

    def unmatched(self, rows: list[JSON], path: Sequence[str], wanted: Sequence[str], fits: Fits) -> list[JSON]:
        """None; but a value that no row may have narrows nothing."""
        can_match = not rows or made_to_match(self._shaped(rows[:1]), path, wanted[:1], fits)
        return [] if can_match else rows

    def shown(self, rows: list[JSON]) -> list[JSON]:
        """The rows in their shape: as many as have room, and as the schema asks for at least."""
        shown: list[JSON] = []
        room = budgets.LIST_BYTES
        for row in self._shaped(rows):
            room -= len(orjson.dumps(row, default=str))
            if shown and room < 0:
                break
            shown.append(row)
        if len(shown) < self.least:
            way = self.shape.row_way
            ids = {id_in(row, way) for row in shown}
            more = [row for row in self.fillers() if id_in(row, way) not in ids][: self.least - len(shown)]
            shown += more
            self.filled = len(more)
        self.page = shown
        return shown

    @property
    def shows_kept(self) -> bool:
        """Whether rows that were shown last are of resources that are kept."""
        return any(id(row) not in self.in_shape for row in self.page[: len(self.page) - self.filled])

    def restored(self, rows: JSON) -> None:
        """Put back what is kept, as it was shown, where it is taken for another resource by now."""
        for index, (row, now) in enumerate(zip(self.page, rows, strict=False) if isinstance(rows, list) else ()):
            if id(row) not in self.in_shape and id_in(row, self.shape.row_way) != id_in(now, self.shape.row_way):
                rows[index] = row  # type: ignore[index]  # a list, or nothing is looped over

    def _shaped(self, rows: Sequence[JSON]) -> list[JSON]:
        shaped = (row if id(row) in self.in_shape else self.shape.row(row) for row in rows)
        return [row for row in shaped if row is not None]
