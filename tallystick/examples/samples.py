"""Samples of bodies and parameters: the documented example where that fits its schema, else a generated value."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal, cast

from tallystick.examples.draws import PLAIN, Style
from tallystick.examples.value_generator import ValueGenerator
from tallystick.nouns.contract import BodyFormat, Example, Parameter
from tallystick.nouns.errors import TallystickError
from tallystick.nouns.json_value import JSON
from tallystick.nouns.media_type import MediaKind
from tallystick.nouns.schema import Direction, Schema, SchemaError
from tallystick.nouns.violation import Place
from tallystick.schemas.compiled import ContractSchema
from tallystick.schemas.passing import as_sent, has_meant_shape
from tallystick.schemas.shapes import shape_of
from tallystick.wire.bodies import UNJUDGED, judged_items, read_body
from tallystick.wire.xml import read_xml

ExampleUse = Literal["mend", "as-is", "valid-only"]
"""What is done with an example that breaks its schema: it is mended, used as it is, or passed over."""

GENERATED = "generated"
_SEQUENCE_LENGTH = 3


class Unsatisfiable(TallystickError):
    """No value was found that fits a schema; `place` says which schema and `reason` why.

    `value` is the last one that was tried.
    """

    def __init__(self, place: Place, reason: str, value: JSON = None) -> None:
        self.place = place
        self.reason = reason
        self.value = value
        super().__init__(f"{place}: no value could be made for {place.pointer or 'the schema'}: {reason}")


@dataclass(frozen=True, slots=True)
class Sample:
    """A value and its origin: the name of the documented example, or `generated`.

    `serialized` holds the bytes of the value in a body, where the contract gives these themselves. `mended` holds the
    errors of the documented example that are mended in the value.
    """

    value: JSON
    origin: str
    place: Place
    serialized: bytes | None = None
    mended: Sequence[SchemaError] = ()


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
    raise Unsatisfiable(schema.place, generator.reason, generator.value)


def documented_sample(
    body_format: BodyFormat, direction: Direction, use: ExampleUse = "mend", name: str = "", style: Style = PLAIN
) -> Sample | None:
    """The sample of the example with a name; without a name, of the first that fits, else of the first that is mended.

    An example that cannot be mended is used as it is. None where `use` allows none of the examples.
    """
    examples = [example for example in body_format.examples if name in ("", example.name)]
    if use == "as-is":
        return _as_it_is(examples[0], body_format) if examples else None
    fitting = next(_fitting(examples, body_format, direction), None)
    if fitting is not None or use == "valid-only":
        return fitting
    mended = (_mended(example, body_format, direction, style) for example in examples)
    return next(filter(None, mended), None) or (_as_it_is(examples[0], body_format) if name and examples else None)


def _as_it_is(example: Example, body_format: BodyFormat) -> Sample:
    value, serialized = example.value, example.serialized
    if serialized is None and _is_text(body_format) and isinstance(value, str):
        serialized = value.encode()
    elif serialized is not None:
        value = serialized.decode("utf-8", "replace")
    return Sample(value, example.name, example.place, serialized)


def _mended(example: Example, body_format: BodyFormat, direction: Direction, style: Style) -> Sample | None:
    """The sample of an example that breaks its schema, mended; as it is where nothing is found that fits.

    None for one that cannot be judged: a text that is not read, or what is no object though the schema speaks of one.
    """
    value, fault = _value_of(example, body_format)
    schema = body_format.schema
    if fault or body_format.media_type.is_sequence or not isinstance(schema, ContractSchema):
        return None
    errors = schema.errors(value, direction)
    if not errors and isinstance(value, str):
        value = _parsed(value)
    from tallystick.examples.mending import Mending  # most examples are right

    mending = Mending(schema.bundle(direction), value, direction, style)
    if not mending.mend():
        return _as_it_is(example, body_format)
    if not has_meant_shape(schema.compiled_node, mending.value):
        return None
    sent = as_sent(schema.compiled_node, mending.value, direction)
    value = sent if schema.is_valid(sent, direction) else mending.value
    return Sample(value, example.name, example.place, None, errors)


def _value_of(example: Example, body_format: BodyFormat) -> tuple[JSON, str]:
    """The value of an example, and the fault of one that is a text which cannot be read."""
    value, kind = example.value, body_format.media_type.kind
    octets = example.serialized
    if kind is MediaKind.XML and body_format.schema is not None and (octets is not None or isinstance(value, str)):
        content, fault = read_xml(octets if octets is not None else str(value).encode(), body_format.schema)
        return cast("JSON", content), fault  # read_xml() makes JSON values only
    if octets is None:
        return value, ""
    return (_parsed(octets.decode("utf-8", "replace")), "") if kind is MediaKind.JSON else (None, "not read")


def _parsed(text: str) -> JSON:
    """The value of a text in JSON; the text itself where it is none."""
    try:
        return cast("JSON", json.loads(text))
    except (ValueError, RecursionError):
        return text


def _is_text(body_format: BodyFormat) -> bool:
    """Whether an example that is a string may be the text of a body, which stands for another value."""
    return not body_format.media_type.is_structured and shape_of(body_format.schema) != "scalar"


def valid_examples(body_format: BodyFormat, direction: Direction) -> Iterator[Sample]:
    """The documented examples of a body that fit its schema, in order.

    In a format like XML or CSV, an example that is a string may be the text of the body.
    """
    return _fitting(body_format.examples, body_format, direction)


def _fitting(examples: Iterable[Example], body_format: BodyFormat, direction: Direction) -> Iterator[Sample]:
    is_text = _is_text(body_format)
    for example in examples:
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

    Raises `Unsatisfiable`.
    """
    documented = None if style.fresh else documented_sample(body_format, direction, "valid-only")
    return documented or generated_sample(body_format, direction, style)


def generated_sample(body_format: BodyFormat, direction: Direction, style: Style = PLAIN) -> Sample | None:
    """A generated value of a body; where it has no schema the first example, None where there is none either.

    Where a format has only an `itemSchema`, or is a sequence whose schema is that of an object, the value is a list of
    items. Raises `Unsatisfiable`.
    """
    schema, item_schema = body_format.schema, body_format.item_schema
    if schema is not None and body_format.media_type.is_sequence and shape_of(schema) == "object":
        schema, item_schema = None, schema
    if schema is not None:
        return Sample(generate(schema, direction, style), GENERATED, schema.place)
    if item_schema is not None:
        seeds = range(style.seed, style.seed + _SEQUENCE_LENGTH)
        items = [generate(item_schema, direction, replace(style, seed=seed)) for seed in seeds]
        return Sample(items, GENERATED, item_schema.place)
    return documented_sample(body_format, direction, "valid-only")


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
        value = _parsed(serialized.decode("utf-8", "replace"))
    if schema is not None and not schema.is_valid(value, direction):
        return None
    if isinstance(schema, ContractSchema):
        if not has_meant_shape(schema.compiled_node, value):
            return None
        sent = as_sent(schema.compiled_node, value, direction)
        if sent != value and schema.is_valid(sent, direction):
            value, serialized = sent, None
    return Sample(value, example.name, example.place, serialized)
