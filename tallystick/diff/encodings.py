"""The parts of a form compared: how each is written, and what becomes of one that is written as before."""

from __future__ import annotations

from tallystick.diff.changes import Changes
from tallystick.diff.exchanges import Pair, errors_of, request_witness
from tallystick.diff.schemas import SchemaComparison
from tallystick.examples.requests import Given, example_request
from tallystick.examples.samples import Unsatisfiable
from tallystick.nouns.change import Witness
from tallystick.nouns.contract import NO_ENCODING, BodyFormat, Encoding
from tallystick.nouns.exchange import Exchange
from tallystick.nouns.json_value import JSON
from tallystick.nouns.schema import Direction
from tallystick.wire.negotiation import concrete_type
from tallystick.wire.reading import Reading
from tallystick.wire.write import write_body

_VALUES: tuple[JSON, ...] = (["a", "b"], [1, 2], {"a": "b"}, "text", 1)


class Encodings:
    """Compares the encodings of a form in the requests of one operation."""

    def __init__(self, pair: Pair, schemas: SchemaComparison, changes: Changes) -> None:
        self.pair = pair
        self.schemas = schemas
        self.changes = changes

    def compare(self, old: BodyFormat, new: BodyFormat) -> None:
        for name in {**old.encoding, **new.encoding}:
            one, other = old.encoding.get(name, NO_ENCODING), new.encoding.get(name, NO_ENCODING)
            if _encoding(one) != _encoding(other):
                where = f"body/{name}"
                message = f"{where}: the part was written as {_told(one)} and is as {_told(other)}"
                witness = self.witness(old, name)
                rule = "request-encoding-replaced" if witness is not None else "request-encoding-changed"
                self.changes.add(rule, self.pair.label, where, message, old.place, new.place, witness)

    def witness(self, old: BodyFormat, name: str) -> Witness | None:
        """A form that was sent before, and that is refused now, or read as another value."""
        schema = self.schemas.schema(old.schema, old.place, False)
        made = self.schemas.makers[Direction.REQUEST][0].make((schema.node,))
        members = made if isinstance(made, dict) else {}
        for value in (*([members[name]] if name in members else []), *_VALUES):
            whole: JSON = {**members, name: value}
            if not schema.is_valid(whole, Direction.REQUEST):
                continue
            try:
                given = Given(body=write_body(whole, old, concrete_type(old.media_type)))
            except (ValueError, TypeError):
                continue
            if witness := request_witness(self.pair, given, "body") or self.misread(given, name):
                return witness
        return None

    def misread(self, given: Given, name: str) -> Witness | None:
        try:
            exchange = Exchange(example_request(self.pair.old, given=given))
        except (Unsatisfiable, ValueError, RecursionError):
            return None
        if errors_of(self.pair.old, exchange, False):
            return None
        before, after = (Reading(each, exchange).body.value for each in (self.pair.old, self.pair.new))
        if before == after:
            return None
        one, other = (body.get(name) if isinstance(body, dict) else body for body in (before, after))
        return Witness(exchange, f"body/{name}: what was read as {one!r} is read as {other!r}")


def _encoding(encoding: Encoding) -> tuple[object, ...]:
    style = encoding.style or "form"
    explode = encoding.explode if encoding.explode is not None else style == "form"
    return encoding.content_type, style, explode, encoding.part_style, encoding.item_styles


def _told(encoding: Encoding) -> str:
    content_type, style, explode, *_ = _encoding(encoding)
    return f"{content_type or style}{', exploded' if explode and not content_type else ''}"
