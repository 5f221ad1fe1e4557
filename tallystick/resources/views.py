"""What a contract says of a body: its schema and its first example, read together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property

from tallystick.examples.choices import ValuePath
from tallystick.nouns.contract import BodyFormat, Operation
from tallystick.nouns.json_value import JSON
from tallystick.nouns.media_type import MediaKind, parse_media_type
from tallystick.nouns.schema import Schema
from tallystick.resources.names import spelled
from tallystick.schemas.compiled import is_same
from tallystick.schemas.shapes import ALL_TYPES, items_of, properties_of, types_of
from tallystick.wire.choosing import success
from tallystick.wire.negotiation import preferred_format

_JSON = parse_media_type("application/json")
_SCALARS = frozenset(("string", "integer", "number"))


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
        """The types that it may have by its schema, or else those of its example; all where nothing is known."""
        types = types_of(self.schema)
        if types != ALL_TYPES:
            return types
        if isinstance(self.example, dict) or (self.schema is not None and properties_of(self.schema)):
            return frozenset(("object",))
        if isinstance(self.example, list) or (self.schema is not None and items_of(self.schema) is not None):
            return frozenset(("array",))
        is_text = isinstance(self.example, str)
        is_number = isinstance(self.example, (int, float)) and not isinstance(self.example, bool)
        return frozenset(("string",)) if is_text else frozenset(("number",)) if is_number else ALL_TYPES

    @property
    def is_object(self) -> bool:
        """Whether it is an object, as far as the contract says."""
        return "object" in self.types and self.types != ALL_TYPES

    @property
    def is_bare(self) -> bool:
        """Whether it may be any object: the contract says of no member, and has no example."""
        is_closed = self.schema is not None and self.schema.resolved.get("additionalProperties") is False
        return "object" in self.types and not self.members and self.example is None and not is_closed

    @property
    def is_array(self) -> bool:
        """Whether it is an array, and cannot be an object."""
        return "array" in self.types and "object" not in self.types

    @property
    def is_scalar(self) -> bool:
        """Whether it may be a text or a number."""
        return not self.types.isdisjoint(_SCALARS)

    @property
    def is_number(self) -> bool:
        """Whether it may be a number."""
        return not self.types.isdisjoint(("integer", "number"))

    def at(self, way: ValuePath) -> View | None:
        """The part at the end of a way."""
        view: View | None = self
        for key in way:
            if view is not None:
                view = view.items if isinstance(key, int) else view.members.get(key)
        return view

    def is_like(self, other: View | None) -> bool:
        """Whether the contract describes both by one schema."""
        return (
            other is not None
            and self.schema is not None
            and other.schema is not None
            and is_same(self.schema, other.schema)
        )

    @cached_property
    def spellings(self) -> frozenset[str]:
        """The names of its members, each in the one spelling that stands for all."""
        return frozenset(map(spelled, self.members))

    def shared_with(self, other: View | None) -> int:
        """How many members both have, in any spelling."""
        return len(self.spellings & other.spellings) if other is not None else 0


def response_view(operation: Operation | None) -> View | None:
    """What a success of an operation answers with in JSON, None where that is nothing."""
    if operation is None or not operation.responses:
        return None
    status, definition = success(operation)
    if not 200 <= status < 300:
        return None
    return _view(each for each in definition.content if _is_json(each))


def request_view(operation: Operation | None) -> View | None:
    """What the body of a request is, in JSON or else as a form; None where it has none."""
    if operation is None or operation.request_body is None:
        return None
    content = operation.request_body.content
    kinds = (MediaKind.FORM, MediaKind.MULTIPART)
    by_kind = ([each for each in content if each.media_type.kind is kind] for kind in kinds)
    in_order = ([each for each in content if _is_json(each)], *by_kind)
    return next((view for formats in in_order if (view := _view(formats)) is not None), None)


def _is_json(body_format: BodyFormat) -> bool:
    """Whether a body may be JSON: it is documented as such, or as a range (`*/*`)."""
    media_type = body_format.media_type
    return media_type.kind is MediaKind.JSON or media_type.covers(_JSON)


def _view(formats: Iterable[BodyFormat]) -> View | None:
    described = [*_described(formats)]
    if not described:
        return None
    best = preferred_format(described)
    return View(best.schema, best.examples[0].value if best.examples else None)


def _described(formats: Iterable[BodyFormat]) -> Iterator[BodyFormat]:
    """The formats of which something is said; JSON Patch says how to change a resource, and not what it is."""
    for each in formats:
        is_patch = each.media_type.name == "application/json-patch+json"
        if (each.schema is not None or each.examples) and not is_patch:
            yield each
