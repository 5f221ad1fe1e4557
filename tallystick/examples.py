"""Values made from schemas: what is documented where it is valid, else one that is made, and always one that fits."""

from __future__ import annotations

import json
from typing import NamedTuple

from tallystick.errors import TallystickError
from tallystick.growth import Growth
from tallystick.model import JSON, Direction, Example, MediaType, Parameter, Schema
from tallystick.realistic import strings
from tallystick.schema import ContractSchema

GENERATED = "generated"
_ITEMS = 2


class Unsatisfiable(TallystickError):
    """No value could be made for a schema; the message has its place and why."""


class Sample(NamedTuple):
    """A value, and the name of the documented example that it is, or `generated`."""

    value: JSON
    origin: str


def generate(schema: Schema, direction: Direction, seed: int = 0, name: str = "") -> JSON:
    """A value that fits a schema, the same for the same document and seed.

    `name` is what the value is called (a parameter's name), which makes it more lifelike. Raises `Unsatisfiable`
    where no value was found, within bounded work.
    """
    if not isinstance(schema, ContractSchema):
        raise TypeError(f"a schema of a contract was expected, not {type(schema).__name__}")
    growth = Growth(schema.bundle(direction), direction, seed, name)
    if growth.grow():
        return growth.value
    raise Unsatisfiable(f"no value could be made for the schema {schema.place.pointer} ({schema.place}): {growth.reason}")


def fitting(media_type: MediaType, example: Example, direction: Direction) -> bool:
    """Whether a documented example of a media type fits its schema, so that it may be used."""
    return _fits(example, media_type.schema, direction)


def sample(media_type: MediaType, direction: Direction, seed: int = 0) -> Sample:
    """The first documented example that fits its schema, else a generated value.

    For a media type with only an `itemSchema` the value is a list of items; where there is no schema at all, anything
    does. Raises `Unsatisfiable`.
    """
    for example in media_type.examples:
        if fitting(media_type, example, direction):
            return Sample(_value(example), example.name)
    if media_type.schema is not None:
        return Sample(generate(media_type.schema, direction, seed), GENERATED)
    if media_type.item_schema is not None:
        items = [generate(media_type.item_schema, direction, seed + index) for index in range(_ITEMS)]
        return Sample(items, GENERATED)
    return Sample({} if "json" in media_type.name else next(strings(None, "", seed)), GENERATED)


def sample_parameter(parameter: Parameter, seed: int = 0, direction: Direction = Direction.REQUEST) -> JSON:
    """A value for a parameter or header: the first documented one that fits, else a generated one.

    Raises `Unsatisfiable`.
    """
    if parameter.content is not None:
        return sample(parameter.content, direction, seed).value
    for example in parameter.examples:
        value = _value(example)
        empty_in_path = parameter.location == "path" and value in ("", None, [], {})
        if not empty_in_path and _fits(example, parameter.schema, direction):
            return value
    if parameter.schema is None:
        return next(strings(None, parameter.name, seed))
    return generate(parameter.schema, direction, seed, parameter.name)


def _fits(example: Example, schema: Schema | None, direction: Direction) -> bool:
    return schema is None or schema.is_valid(_value(example), direction)


def _value(example: Example) -> JSON:
    """The value of an example; where the contract gives its text on the wire, what that says as JSON, or the text."""
    if example.serialized is None:
        return example.value
    try:
        return json.loads(example.serialized)
    except ValueError:
        return example.serialized
