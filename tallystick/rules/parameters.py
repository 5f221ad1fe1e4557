"""Rules on parameters: required ones are there, written in their style, and fit their schema."""

from __future__ import annotations

from collections.abc import Iterator

from tallystick.model import Direction, Parameter, Rule, Severity, Violation
from tallystick.reading import Reading
from tallystick.values import MISSING

_PLACES = {
    "path": "path",
    "query": "query string",
    "querystring": "query string",
    "header": "headers",
    "cookie": "cookies",
}


def parameters(reading: Reading) -> Iterator[Violation]:
    """What is wrong with each parameter of the operation."""
    for parameter, value, problem in reading.parameters:
        if value is MISSING and not problem:
            if parameter.required:
                place = _PLACES.get(parameter.location, parameter.location)
                message = f"the parameter is missing; it is required in the {place}"
                yield Violation("parameter-missing", Severity.ERROR, parameter.where, parameter.place, message)
        elif problem:
            message = f"the parameter cannot be read: {problem}"
            yield Violation("parameter-malformed", Severity.ERROR, parameter.where, parameter.place, message)
        elif not (parameter.allow_empty and value in ("", [])):
            yield from fit(parameter, value, "parameter-schema", parameter.where)


def fit(parameter: Parameter, value: object, rule: str, where: str) -> Iterator[Violation]:
    """What of a parameter's or header's value does not fit its schema."""
    schema = parameter.schema or (parameter.content.schema if parameter.content is not None else None)
    if schema is None:
        return
    direction = Direction.RESPONSE if where.startswith("response.") else Direction.REQUEST
    for error in schema.errors(value, direction):
        at = "".join(f"/{key}" for key in error.path)
        yield Violation(rule, Severity.ERROR, where + at, error.place, error.message)


RULES = (
    Rule(
        "parameter-missing",
        Severity.ERROR,
        "request",
        "A request has every parameter that is required.",
        parameters,
    ),
    Rule(
        "parameter-malformed",
        Severity.ERROR,
        "request",
        "A parameter is written as its style and explode say.",
        parameters,
    ),
    Rule(
        "parameter-schema",
        Severity.ERROR,
        "request",
        "A parameter's value fits its schema.",
        parameters,
    ),
)
