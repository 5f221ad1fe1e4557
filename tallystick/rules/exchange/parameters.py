"""Rules on parameters: a required one is there, and each is written in its style and fits its schema."""

from __future__ import annotations

from collections.abc import Sequence

from tallystick.nouns.rule import Check, Rule, Scope
from tallystick.nouns.schema import Direction, SchemaError
from tallystick.nouns.violation import Severity, Violation
from tallystick.wire.reading import Reading, reader_of
from tallystick.wire.values import MISSING

PARAMETER_MISSING = Rule(
    "parameter-missing", Severity.ERROR, Scope.REQUEST, "A request has every parameter that is required."
)
PARAMETER_MALFORMED = Rule(
    "parameter-malformed", Severity.ERROR, Scope.REQUEST, "A parameter is written as its style and explode say."
)
PARAMETER_SCHEMA = Rule("parameter-schema", Severity.ERROR, Scope.REQUEST, "A parameter's value fits its schema.")

_REQUEST = Direction.REQUEST
_PLACES = {
    "path": "path",
    "query": "query string",
    "querystring": "query string",
    "header": "headers",
    "cookie": "cookies",
}


def parameters(reading: Reading) -> Sequence[Violation]:
    """Violations in the parameters of a request."""
    if not reading.operation.parameters:
        return ()
    violations: list[Violation] = []
    for parameter, read in reader_of(reading.operation).parameters:
        value, fault = read(reading)
        if fault:
            message = f"the parameter cannot be read: {fault}"
            violations.append(PARAMETER_MALFORMED.violation(parameter.where, parameter.place, message))
        elif value is MISSING:
            if parameter.required:
                place = _PLACES.get(parameter.location, parameter.location)
                message = f"the parameter is missing; it is required in the {place}"
                violations.append(PARAMETER_MISSING.violation(parameter.where, parameter.place, message))
        elif not (parameter.allow_empty and value in ("", [])):
            schema = parameter.schema or parameter.described  # most have a schema: the property is not called
            if schema is not None and (errors := schema.errors(value, _REQUEST)):
                violations += unfit(errors, PARAMETER_SCHEMA, parameter.where)
    return violations


def unfit(errors: Sequence[SchemaError], rule: Rule, where: str) -> list[Violation]:
    """A violation for each schema error of the value at `where`; its own `where` adds the path to the part at fault."""
    name, severity = rule.id, rule.severity
    return [Violation(name, severity, where + pointer(path), place, message) for _, path, place, message in errors]


def pointer(path: Sequence[str | int]) -> str:
    """A path into a value, as the `where` of a violation has it after the name of the value: `/items/0`."""
    return "/" + "/".join(map(str, path)) if path else ""


CHECKS = (Check(parameters, (PARAMETER_MISSING, PARAMETER_MALFORMED, PARAMETER_SCHEMA)),)
