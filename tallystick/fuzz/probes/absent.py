"""What is not there: values of paths that the contract allows, and that nothing is likely to have."""

from __future__ import annotations

import random
import uuid
from collections.abc import Sequence

from tallystick.fuzz.probes.variation import other_value
from tallystick.nouns.contract import Operation, Parameter
from tallystick.nouns.json_value import JSON
from tallystick.nouns.path_templates import template_names
from tallystick.nouns.schema import Direction


def path_parameter(operation: Operation) -> Parameter | None:
    """The last parameter in the path of an operation; None where it has none."""
    names = template_names(operation.path)
    wanted = f"path.{names[-1]}" if names else ""
    return next((each for each in operation.parameters if each.where == wanted), None)


def absent_value(parameter: Parameter, draw: random.Random) -> JSON:
    """A value of a path that the contract allows and that nothing is likely to have; None where there is none."""
    schema = parameter.described
    if schema is None or "enum" in schema.resolved or "const" in schema.resolved:
        return None
    numbers = (draw.randint(10**8, 2 * 10**9), draw.randint(10**5, 10**6))
    values: tuple[JSON, ...] = (*numbers, str(uuid.UUID(int=draw.getrandbits(128), version=4)))
    fitting = next((value for value in values if schema.is_valid(value, Direction.REQUEST)), None)
    return fitting if fitting is not None else other_value(None, schema, draw)


def absent_values(operation: Operation, values: Sequence[str], draw: random.Random) -> Sequence[str] | None:
    """The values in the path of an operation, the last one of which nothing has; None where none is known."""
    parameter = path_parameter(operation)
    value = absent_value(parameter, draw) if parameter is not None else None
    above = values[: len(template_names(operation.path)) - 1]
    is_whole = value is not None and len(above) == len(template_names(operation.path)) - 1
    return (*above, str(value)) if is_whole else None
