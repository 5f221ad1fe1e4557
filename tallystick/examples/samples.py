"""Values made from schemas: what is documented where it is valid, else one that is made, and always one that fits."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

from tallystick.examples.value_generator import ValueGenerator
from tallystick.nouns.contract import BodyFormat, Example, Parameter
from tallystick.nouns.errors import TallystickError
from tallystick.nouns.media_type import MediaKind
from tallystick.nouns.schema import JSON, Direction, Schema
from tallystick.nouns.violation import Place
from tallystick.schemas.compiled import ContractSchema
from tallystick.schemas.shapes import shape_of
from tallystick.wire.xml import read_xml

GENERATED = "generated"
_ITEMS = 2


class Unsatisfiable(TallystickError):
    """A schema for which no value could be made, with its place and why."""

    def __init__(self, place: Place, reason: str) -> None:
        self.place = place
        self.reason = reason
        super().__init__(f"{place}: no value could be made for {place.pointer or 'the schema'}: {reason}")


@dataclass(frozen=True, slots=True)
class Sample:
    """A value and where it is from: `origin` is the name of the documented example, or `generated`.

    `serialized` is the text on the wire where the contract gives that itself.
    """

    value: JSON
    origin: str
    place: Place
    serialized: str | None = None


def generate(schema: Schema, direction: Direction, seed: int = 0, name: str = "") -> JSON:
    """A value that fits a schema, the same for the same document and seed.

    `name` is what the value is called (a parameter's name), which makes it more lifelike. Raises `Unsatisfiable`
    where no value was found, within bounded work.
    """
    if not isinstance(schema, ContractSchema):
        raise TypeError(f"a schema of a contract was expected, not {type(schema).__name__}")
    generator = ValueGenerator(schema.bundle(direction), direction, seed, name)
    if generator.generate():
        return generator.value
    raise Unsatisfiable(schema.place, generator.reason)


def valid_examples(body_format: BodyFormat, direction: Direction) -> Iterator[Sample]:
    """The documented examples of a body that fit its schema, in order.

    A string is the body itself where the schema wants an object and the media type is no JSON: XML, or CSV.
    """
    is_text = not body_format.media_type.is_structured and shape_of(body_format.schema) != "scalar"
    for example in body_format.examples:
        found = _sample(example, body_format.schema, direction)
        if found is None and is_text and isinstance(example.value, str):
            found = _text_sample(example, example.value, body_format, direction)
        if found is not None:
            yield found


def _text_sample(example: Example, text: str, body_format: BodyFormat, direction: Direction) -> Sample | None:
    """An example that is the text of a body, if what can be read of it fits."""
    value: JSON = text
    if body_format.media_type.kind is MediaKind.XML and body_format.schema is not None:
        value, problem = read_xml(text.encode(), body_format.schema)
        if problem or not body_format.schema.is_valid(value, direction):
            return None
    return Sample(value, example.name, example.place, text)


def body_sample(body_format: BodyFormat, direction: Direction, seed: int = 0) -> Sample | None:
    """The first documented example that fits, else a generated value; None where there is neither example nor schema.

    For a format with only an `itemSchema` the value is a list of items. Raises `Unsatisfiable`.
    """
    documented = next(valid_examples(body_format, direction), None)
    if documented is not None:
        return documented
    if body_format.schema is not None:
        return Sample(generate(body_format.schema, direction, seed), GENERATED, body_format.schema.place)
    if body_format.item_schema is not None:
        items = [generate(body_format.item_schema, direction, seed + index) for index in range(_ITEMS)]
        return Sample(items, GENERATED, body_format.item_schema.place)
    return None


def parameter_sample(parameter: Parameter, seed: int = 0, direction: Direction = Direction.REQUEST) -> Sample | None:
    """The same for a parameter or header; None where it has neither example, schema nor content."""
    if parameter.content is not None:
        return body_sample(parameter.content, direction, seed)
    for example in parameter.examples:
        found = _sample(example, parameter.schema, direction)
        if found is not None and not (parameter.location == "path" and found.value in ("", None, [], {})):
            return found
    if parameter.schema is None:
        return None
    value = generate(parameter.schema, direction, seed, parameter.name)
    return Sample(value, GENERATED, parameter.schema.place)


def _sample(example: Example, schema: Schema | None, direction: Direction) -> Sample | None:
    """An example as a sample, if it fits; a text on the wire that is JSON is judged as what it says."""
    value = example.value
    if example.serialized is not None:
        try:
            value = json.loads(example.serialized)
        except ValueError:
            value = example.serialized
    if schema is not None and not schema.is_valid(value, direction):
        return None
    return Sample(value, example.name, example.place, example.serialized)
