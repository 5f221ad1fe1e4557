"""Values of parameters and of members of bodies that nobody can guess: those that the user gives, and documented ones.

`--set NAME=VALUE` gives one for every request, `--set OPERATION:NAME=VALUE` for the operations of a pattern. NAME may
say where it stands: `header.X-Tenant`, `path.id`, `query.region`, `cookie.session`, `body.customer.id`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from tallystick.exchanges.recorded import Recording
from tallystick.exchanges.secrets import MASK
from tallystick.exchanges.traffic import traffic_of
from tallystick.nouns.contract import Contract, Operation, Parameter
from tallystick.nouns.errors import UsageError
from tallystick.nouns.operation_patterns import is_named
from tallystick.nouns.words import did_you_mean
from tallystick.wire.reading import Reading, reader_of

_LOCATIONS = ("path", "query", "header", "cookie", "body")
_EXPECTED = "expected [OPERATION:]NAME=VALUE, as in X-Tenant=acme, path.id=7 or 'createOrder:body.customer.id=7'"
_MEMBERS = re.compile(r"[\w-]+(\[\*\])?(\.[\w-]+(\[\*\])?)*")
_MOST_RECORDED = 20
Scalar = str | int | float
RecordedValues = Mapping[str, Mapping[str, Sequence[Scalar]]]
"""Values of parameters by the label of their operation, and by where they are."""


class GivenValue(NamedTuple):
    """A value that the user gives to a parameter, or to a member of a body; `location` is "" for wherever it stands."""

    pattern: str
    """Which operations are meant; "" for all."""
    location: str
    name: str
    """The name of the parameter; the members that lead to the value of a body, with dots between them."""
    value: str

    def is_for(self, operation: Operation) -> bool:
        """Whether the requests to an operation have this value, if they have what it is for."""
        return not self.pattern or is_named(operation, self.pattern)

    def fits(self, parameter: Parameter) -> bool:
        """Whether it is the value of a parameter."""
        return self.location in ("", parameter.location) and _names(parameter, self.name)


def _names(parameter: Parameter, name: str) -> bool:
    if parameter.location == "header":
        return parameter.name.lower() == name.lower()
    return parameter.name == name


def given_values(contract: Contract, where: str, texts: Iterable[str], is_general: bool = False) -> list[GivenValue]:
    """The values in texts such as `X-Tenant=acme`; `UsageError`, which names `where`, for what says none.

    Where the texts are general, they may be about operations and names of other contracts, and are left out then.
    """
    return [value for text in texts for value in _values(contract, where, text, is_general)]


def _values(contract: Contract, where: str, text: str, is_general: bool) -> Iterator[GivenValue]:
    left, equals, value = text.partition("=")
    pattern, _, name = left.rpartition(":")
    location, dot, rest = name.partition(".")
    if not dot or location not in _LOCATIONS:
        location, rest = "", name
    if not equals or not rest.strip():
        raise UsageError(f"{where} {text!r}: {_EXPECTED}")
    if location == "body" and not _MEMBERS.fullmatch(rest):
        raise UsageError(f"{where} {text!r}: body.{rest} names no member of a body; {_EXPECTED}")
    given = GivenValue(pattern.strip(), location, rest.strip(), value)
    operations = [operation for operation in contract if given.is_for(operation)]
    if not operations and not is_general:
        raise UsageError(f"{where} {text!r}: no operation matches {given.pattern!r}")
    if given.location != "body" and not any(given.fits(each) for op in operations for each in op.parameters):
        if not given.location and _MEMBERS.fullmatch(given.name) and any(_has(op, given.name) for op in operations):
            given = given._replace(location="body")
        elif is_general:
            return
        else:
            names = sorted({each.name for operation in operations for each in operation.parameters})
            hint = did_you_mean(given.name, names) or f"there are {', '.join(names[:8]) or 'no parameters'}"
            raise UsageError(f"{where} {text!r}: nothing that is sent has the name {given.name!r}; {hint}")
    yield given


def _has(operation: Operation, name: str) -> bool:
    """Whether a body of an operation documents a member of its own."""
    formats = operation.request_body.content if operation.request_body is not None else ()
    first = name.partition(".")[0].partition("[")[0]
    return any(each.schema is not None and _has_member(each.schema.resolved, first) for each in formats)


def _has_member(schema: object, name: str) -> bool:
    if not isinstance(schema, dict):
        return False
    properties = schema.get("properties")
    if isinstance(properties, dict) and name in properties:
        return True
    branches = (schema.get(keyword) for keyword in ("allOf", "oneOf", "anyOf"))
    return any(_has_member(part, name) for parts in branches if isinstance(parts, list) for part in parts)


def value_for(values: Sequence[GivenValue], operation: Operation, parameter: Parameter) -> str | None:
    """The value that the user gave to a parameter of an operation, None for none; the last one counts."""
    fitting = (each.value for each in reversed(values) if each.is_for(operation) and each.fits(parameter))
    return next(fitting, None)


def documented_values(parameter: Parameter) -> list[Scalar]:
    """The texts and numbers that the contract gives as examples of a parameter, or as its default."""
    schema = parameter.described
    resolved = schema.resolved if schema is not None else {}
    listed = resolved.get("examples")
    candidates: list[object] = [example.value for example in parameter.examples]
    candidates += [resolved.get("example"), *(listed if isinstance(listed, list) else ()), resolved.get("default")]
    scalars: list[Scalar] = []
    for value in candidates:
        if isinstance(value, str | int | float) and not isinstance(value, bool) and value not in scalars:
            scalars.append(value)
    return scalars


def recorded_values(contract: Contract, recordings: Sequence[Recording]) -> RecordedValues:
    """The texts and numbers that parameters have in recorded requests which were accepted, at most a few of each."""
    recorded: dict[str, dict[str, list[Scalar]]] = {}
    for own in traffic_of(contract, recordings).own:
        response = own.exchange.response
        if response is None or response.status >= 300:
            continue
        reading = Reading(own.operation, own.exchange)
        for parameter, read in reader_of(own.operation).parameters:
            value, fault = read(reading)
            is_scalar = isinstance(value, str | int | float) and not isinstance(value, bool)
            if fault or not is_scalar or value in ("", MASK):
                continue
            values = recorded.setdefault(own.operation.label, {}).setdefault(parameter.where, [])
            if len(values) < _MOST_RECORDED and value not in values:
                values.append(value)  # type: ignore[arg-type] # a scalar
    return recorded


def is_enumerated(parameter: Parameter) -> bool:
    """Whether the contract lists the values of a parameter."""
    schema = parameter.described
    return schema is not None and ("enum" in schema.resolved or "const" in schema.resolved)
