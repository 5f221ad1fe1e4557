"""What a contract says of a body: its schema and its first example, read together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property

from tallystick.mock.responders.choosing import success
from tallystick.nouns.contract import BodyFormat, Operation
from tallystick.nouns.json_value import JSON
from tallystick.nouns.media_type import MediaKind
from tallystick.nouns.schema import Schema
from tallystick.schemas.shapes import items_of, properties_of, types_of
from tallystick.wire.negotiation import preferred_format

_OBJECTS, _ARRAYS = frozenset(("object", "null")), frozenset(("array", "null"))


class View:
    """A value as a contract documents it: by a schema, by an example, or by both."""

    def __init__(self, schema: Schema | None, example: JSON) -> None:
        self.schema = schema
        self.example = example

    @cached_property
    def members(self) -> Mapping[str, View]:
        """The members that an object of it has or may have, by name."""
        example = self.example if isinstance(self.example, dict) else {}
        declared = properties_of(self.schema)
        names = dict.fromkeys((*declared, *example))
        return {name: View(declared.get(name), example.get(name)) for name in names}

    @cached_property
    def items(self) -> View | None:
        """The items of an array, None where nothing is known of them."""
        schema = items_of(self.schema)
        example = self.example[0] if isinstance(self.example, list) and self.example else None
        return View(schema, example) if schema is not None or example is not None else None

    @cached_property
    def types(self) -> frozenset[str]:
        return types_of(self.schema)

    @property
    def is_object(self) -> bool:
        """Whether it is an object, as far as can be told."""
        if self.schema is None or len(self.types) > len(_OBJECTS):
            return isinstance(self.example, dict) or bool(self.members)
        return "object" in self.types

    @property
    def is_array(self) -> bool:
        if self.schema is None or len(self.types) > len(_ARRAYS):
            return isinstance(self.example, list) or (self.schema is not None and "items" in self.schema.resolved)
        return "array" in self.types

    @property
    def is_scalar(self) -> bool:
        """Whether it may be a text or a number."""
        if self.schema is None:
            return isinstance(self.example, (str, int)) and not isinstance(self.example, bool)
        return not self.types.isdisjoint(("string", "integer", "number"))

    def at(self, way: Sequence[str | int]) -> View | None:
        """The part at the end of a way."""
        view: View | None = self
        for key in way:
            view = view.members.get(str(key)) if view is not None else None
        return view


def response_view(operation: Operation | None) -> View | None:
    """What a success of an operation answers with in JSON, None where that is nothing."""
    if operation is None or not operation.responses:
        return None
    status, definition = success(operation)
    if not 200 <= status < 300:
        return None
    return _view(each for each in definition.content if each.media_type.kind is MediaKind.JSON)


def request_view(operation: Operation | None) -> View | None:
    """What the body of a request is, in JSON or else as a form; None where it has none."""
    if operation is None or operation.request_body is None:
        return None
    content = operation.request_body.content
    kinds = (MediaKind.JSON, MediaKind.FORM, MediaKind.MULTIPART)
    by_kind = ([each for each in content if each.media_type.kind is kind] for kind in kinds)
    return next((view for formats in by_kind if (view := _view(formats)) is not None), None)


def _view(formats: Iterable[BodyFormat]) -> View | None:
    known = [each for each in formats if each.schema is not None or each.examples]
    if not known:
        return None
    best = preferred_format(known)
    return View(best.schema, best.examples[0].value if best.examples else None)
