"""Samples of bodies and parameters: the documented example where that fits its schema, else a generated value."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import cast

from tallystick.examples.draws import PLAIN, Style
from tallystick.examples.value_generator import ValueGenerator
from tallystick.nouns.contract import BodyFormat, Example, Parameter
from tallystick.nouns.errors import TallystickError
from tallystick.nouns.json_value import JSON
from tallystick.nouns.media_type import MediaKind
from tallystick.nouns.schema import Direction, Schema
from tallystick.nouns.violation import Place
from tallystick.schemas.compiled import ContractSchema
from tallystick.schemas.passing import as_sent, has_meant_shape
from tallystick.schemas.shapes import shape_of
from tallystick.wire.bodies import UNJUDGED, judged_items, read_body
from tallystick.wire.xml import read_xml

GENERATED = "generated"
_SEQUENCE_LENGTH = 2


class Unsatisfiable(TallystickError):
    """No value was found that fits a schema; `place` says which schema and `reason` why."""

    def __init__(self, place: Place, reason: str) -> None:
        self.place = place
        self.reason = reason
        super().__init__(f"{place}: no value could be made for {place.pointer or 'the schema'}: {reason}")


@dataclass(frozen=True, slots=True)
class Sample:
    """A value and its origin: the name of the documented example, or `generated`.

    `serialized` holds the bytes of the value in a body, where the contract gives these themselves.
    """

    value: JSON
    origin: str
    place: Place
    serialized: bytes | None = None


def generate(schema: Schema, direction: Direction, style: Style = PLAIN, name: str = "") -> JSON:
    """A value that fits a schema: always the same for the same document and style.

    A `name` (that of a parameter) makes the value more realistic. Raises `Unsatisfiable` where no value is found
    within a bounded number of attempts.
    """
    if not isinstance(schema, ContractSchema):
        raise TypeError(f"a schema of a contract was expected, not {type(schema).__name__}")
    generator = ValueGenerator(schema.bundle(direction), direction, style, name)
    if generator.generate():
        return generator.value
    raise Unsatisfiable(schema.place, generator.reason)


def valid_examples(body_format: BodyFormat, direction: Direction) -> Iterator[Sample]:
    """The documented examples of a body that fit its schema, in order.

    In a format like XML or CSV, an example that is a string may be the text of the body.
    """
    is_text = not body_format.media_type.is_structured and shape_of(body_format.schema) != "scalar"
    for example in body_format.examples:
        if example.serialized is not None and body_format.media_type.kind is not MediaKind.JSON:
            sample = _sample_of_octets(example, example.serialized, body_format, direction)
        else:
            sample = _sample_of_example(example, body_format.schema, direction)
        if sample is None and is_text and isinstance(example.value, str):
            sample = _sample_of_text(example, example.value, body_format, direction)
        if sample is not None:
            yield sample


def _sample_of_text(example: Example, text: str, body_format: BodyFormat, direction: Direction) -> Sample | None:
    """The sample of an example that is the text of a body; None for XML that does not fit the schema."""
    value: JSON = text
    if body_format.media_type.kind is MediaKind.XML and body_format.schema is not None:
        content, fault = read_xml(text.encode(), body_format.schema)
        if fault or not body_format.schema.is_valid(content, direction):
            return None
        value = cast("JSON", content)  # read_xml() makes JSON values only
    return Sample(value, example.name, example.place, text.encode())


def _sample_of_octets(example: Example, octets: bytes, body_format: BodyFormat, direction: Direction) -> Sample | None:
    """The sample of an example that is given as the bytes of a body; None where these do not fit the format."""
    value, fault = read_body(octets, body_format, body_format.media_type)
    if fault:
        return None
    if value is not UNJUDGED:
        judged = judged_items(value, body_format, body_format.media_type)
        if not all(schema.is_valid(item, direction) for _, item, schema in judged):
            return None
    return Sample(octets.decode("utf-8", "replace"), example.name, example.place, octets)


def body_sample(body_format: BodyFormat, direction: Direction, style: Style = PLAIN) -> Sample | None:
    """The first valid example of a body, else a generated value; None where there is neither example nor schema.

    Where a format has only an `itemSchema`, the value is a list of items. Raises `Unsatisfiable`.
    """
    is_made = style.fresh and (body_format.schema is not None or body_format.item_schema is not None)
    documented = None if is_made else next(valid_examples(body_format, direction), None)
    if documented is not None:
        return documented
    if body_format.schema is not None:
        return Sample(generate(body_format.schema, direction, style), GENERATED, body_format.schema.place)
    if body_format.item_schema is not None:
        seeds = range(style.seed, style.seed + _SEQUENCE_LENGTH)
        items = [generate(body_format.item_schema, direction, replace(style, seed=seed)) for seed in seeds]
        return Sample(items, GENERATED, body_format.item_schema.place)
    return None


def parameter_sample(
    parameter: Parameter, style: Style = PLAIN, direction: Direction = Direction.REQUEST
) -> Sample | None:
    """The first valid example of a parameter or header, else a generated value.

    None where the contract gives no example, schema or content. Raises `Unsatisfiable`.
    """
    if parameter.content is not None:
        return body_sample(parameter.content, direction, style)
    for example in parameter.examples:
        sample = _sample_of_example(example, parameter.schema, direction)
        if sample is not None and not (parameter.location == "path" and sample.value in ("", None, [], {})):
            return sample
    if parameter.schema is None:
        return None
    value = generate(parameter.schema, direction, style, parameter.name)
    return Sample(value, GENERATED, parameter.schema.place)


def _sample_of_example(example: Example, schema: Schema | None, direction: Direction) -> Sample | None:
    """The sample of an example, without what is not sent in the direction.

    None where the example does not fit the schema, or is no object though the schema speaks of one.
    """
    value, serialized = example.value, example.serialized
    if serialized is not None:
        try:
            value = json.loads(serialized)
        except ValueError:
            value = serialized.decode("utf-8", "replace")
    if schema is not None and not schema.is_valid(value, direction):
        return None
    if isinstance(schema, ContractSchema):
        if not has_meant_shape(schema.compiled_node, value):
            return None
        sent = as_sent(schema.compiled_node, value, direction)
        if sent != value and schema.is_valid(sent, direction):
            value, serialized = sent, None
    return Sample(value, example.name, example.place, serialized)
