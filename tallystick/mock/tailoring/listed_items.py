"""An item of a documented list is served at its own id: `GET /pets/2` gives the row of `GET /pets` with the id 2."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from urllib.parse import unquote

from tallystick.examples.grafting import grafted
from tallystick.mock.off_loop import Slow, is_on_loop
from tallystick.mock.tailoring.edit import Base, Draft, Edit, operation_at
from tallystick.mock.tailoring.envelopes import envelopes
from tallystick.mock.tailoring.puts import Shapes
from tallystick.nouns.contract import Operation
from tallystick.nouns.json_value import JSON
from tallystick.nouns.schema import Direction, Schema
from tallystick.resources.names import names_row, path_names, spelled
from tallystick.schemas.compiled import is_same
from tallystick.schemas.shapes import items_of
from tallystick.wire.negotiation import preferred_format
from tallystick.wire.reading import Reading
from tallystick.wire.values import read_json

_METHODS = frozenset(("GET", "PUT", "PATCH"))
_DEEPEST = 3
"""How many keys lead to the rows of a list at most."""

Row = dict[str, JSON]


def listed_item_edit(base: Base) -> Edit[str] | None:
    """The edit that puts the row of a list in the place of the resource with its id."""
    names = path_names(base.operation.path)
    if (
        base.contract is None
        or base.operation.method not in _METHODS
        or not isinstance(base.value, dict)
        or not 200 <= base.reply.response.status < 300
        or not (names and names[-1].is_item and base.operation.path.rstrip("/").endswith("}"))
    ):
        return None
    listing = operation_at(base.contract, base.operation.path.rstrip("/").rpartition("/")[0])
    if listing is None:
        return None
    own_names = names[-1].own_names
    noun = names_row(base.operation.path)
    rows, row_schema = _rows(base, listing, noun)
    by_id: dict[str, Row] = {}
    for name in own_names:  # an id goes before a name, whichever row has it
        for row in rows:
            for identity in _identities(row, (name,)):
                by_id.setdefault(identity, row)
    place = _Place(base, own_names, noun)
    if base.body_format is not None and base.body_format.examples:
        for identity in place.identities:  # what its author wrote of it says more
            by_id.pop(identity, None)
    if not by_id or not place.is_there:
        return None
    is_summary = place.is_generated and not (
        row_schema is not None and place.schema is not None and is_same(row_schema, place.schema)
    )

    def facts(reading: Reading) -> str | None:
        value = unquote(reading.path_values[-1]) if reading.path_values else ""
        return value if value in by_id else None

    def apply(draft: Draft, identity: str) -> None:
        place.put(draft, by_id[identity], is_summary)

    return Edit(facts, apply, "the row of the list")


class _Place:
    """Where in the body of a reply the resource is that the path names."""

    def __init__(self, base: Base, own_names: tuple[str, ...], noun: str) -> None:
        self.base = base
        self.own_names = own_names
        self.noun = noun
        self.shapes = Shapes()
        self.is_generated = base.body_format is None or not base.body_format.examples
        holder, self.schema = self.find(base.value)
        self.is_there = holder is not None
        self.identities = _identities(holder, own_names) if holder is not None else []

    def find(self, body: JSON) -> tuple[Row | None, Schema | None]:
        """The resource in a body: the object that has, or declares, what identifies it."""
        for holder, schema in (
            envelopes(body, self.base.schema, self.shapes, self.noun) if isinstance(body, dict) else ()
        ):
            members = {spelled(name) for name in (*holder, *self.shapes.properties(schema))}
            if not members.isdisjoint(self.own_names):
                return holder, schema
        return None, None

    def put(self, draft: Draft, row: Row, is_summary: bool) -> None:
        """Put a row in the place of the resource; what it lacks by the schema stays as it was.

        So does everything that a row which is only a summary of the resource does not say.
        """
        changed = deepcopy(draft.value)
        holder, _ = self.find(changed)
        if holder is None:
            return
        kept = dict(holder) if is_summary else {}
        holder.clear()
        holder.update({**kept, **row})
        if self.fits(changed):
            draft.value = changed
        elif is_on_loop():
            raise Slow
        else:
            draft.value = grafted(draft.value, changed, self.fits, only_scion=not is_summary)

    def fits(self, value: JSON) -> bool:
        """Whether a body fits its schema."""
        return self.base.schema is None or self.base.schema.is_valid(value, Direction.RESPONSE)


def _rows(base: Base, listing: Operation, noun: str) -> tuple[list[Row], Schema | None]:
    """The rows of a list as the mock answers with it, and their schema."""
    from tallystick.mock.responders.writing import usual_reply
    from tallystick.wire.choosing import success  # its package imports this one

    if not listing.responses:
        return [], None
    status, definition = success(listing)
    body_format = preferred_format(definition.content) if definition.content and 200 <= status < 300 else None
    if body_format is None:
        return [], None
    reply = usual_reply(listing, definition, status, body_format, base.settings)
    value, fault = read_json(reply.response.body)
    if fault:
        return [], None
    lists = sorted(_lists(value, body_format.schema, noun), key=lambda each: not each[0])
    for _, rows, schema in lists:
        return rows, items_of(schema)
    return [], None


def _lists(
    value: object, schema: Schema | None, noun: str, name: str = "", depth: int = 0
) -> Iterator[tuple[bool, list[Row], Schema | None]]:
    """The lists of objects in a body, each with its schema, and whether it is called as its rows are."""
    if isinstance(value, list):
        rows = [row for row in value if isinstance(row, dict)]
        if rows:
            yield spelled(name).startswith(noun) and bool(noun), rows, schema
    elif isinstance(value, dict) and depth < _DEEPEST:
        shapes = Shapes()
        for key, member in value.items():
            yield from _lists(member, shapes.member(schema, key), noun, key, depth + 1)


def _identities(row: Row, own_names: tuple[str, ...]) -> list[str]:
    """The texts that may identify a row in a path, the likeliest first."""
    members = {spelled(name): member for name, member in row.items()}
    named = (members.get(name) for name in own_names)
    return [str(each) for each in named if isinstance(each, (str, int)) and not isinstance(each, bool) and each != ""]
