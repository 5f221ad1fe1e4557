"""Which named example a request means: that of the response with the same name as its own values in the contract.

A contract may give an example of a parameter or body and one of a response the same name: the one is answered with the
other.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass, field
from operator import attrgetter

from tallystick.nouns import budgets
from tallystick.nouns.contract import Example, Operation, Parameter
from tallystick.nouns.json_value import JSON
from tallystick.nouns.schema import Direction
from tallystick.schemas.compiled import ContractSchema
from tallystick.schemas.passing import as_sent
from tallystick.wire.reading import ParameterReader, Reading, reader_of
from tallystick.wire.values import MISSING

_PARTS = {"path": "path_values", "query": "request.query", "header": "request.headers", "cookie": "request.headers"}
"""The attribute of a reading that decides the value of a parameter, by where that is."""
_MATCHED = 64
"""How many requests an operation remembers the name for."""

Matcher = Callable[[Reading], str]
"""A function from a request to the name of the example that answers it, "" where no name is meant."""


@dataclass(frozen=True, slots=True)
class _Named:
    """What a request with a name sends: the values of some parameters, and a body that has these parts."""

    name: str
    parameters: list[tuple[ParameterReader, JSON]] = field(default_factory=list)
    bodies: list[JSON] = field(default_factory=list)

    def agreement(self, reading: Reading) -> int:
        """How many values of a request are those of the name; 0 where one of them is another.

        A parameter that is not sent says nothing; where the name has a body, it must be sent.
        """
        count = 0
        for read, expected in self.parameters:
            value, fault = read(reading)
            if value is MISSING:
                continue
            if fault or not is_same_value(expected, value):
                return 0
            count += 1
        if not self.bodies:
            return count
        sizes = [size_of(body) for body in self.bodies if is_part(body, reading.body.value)]
        return count + max(sizes) if sizes else 0


def matcher_of(operation: Operation) -> Matcher | None:
    """The matcher for the requests of an operation; None where its examples leave nothing to choose."""
    answers = [
        example.name
        for definition in operation.responses
        for body_format in definition.content
        for example in body_format.examples
        if _is_named(example)
    ]
    if len(set(answers)) < 2:
        return None
    by_name = {name: _Named(name) for name in answers}
    deciding: dict[str, None] = {}
    for parameter, read in reader_of(operation).parameters:
        for example in _examples_of(parameter):
            if example.name in by_name and _is_named(example) and example.serialized is None:
                by_name[example.name].parameters.append((read, example.value))
                deciding[_PARTS.get(parameter.location, "request")] = None
    for name, body in _bodies(operation):
        if name in by_name:
            by_name[name].bodies.append(body)
            deciding["request.headers"] = deciding["request.body"] = None
    named = [each for each in by_name.values() if each.parameters or each.bodies]

    if not named:
        return None
    facts_of: Callable[[Reading], Hashable] = attrgetter(*deciding)
    matched: dict[Hashable, str] = {}

    def name_of(reading: Reading) -> str:
        facts = facts_of(reading)
        name = matched.get(facts)
        if name is None:
            best = max(named, key=lambda each: each.agreement(reading))
            name = best.name if best.agreement(reading) else ""
            if len(reading.request.body) <= budgets.BYTES_AT_ONCE:
                if len(matched) >= _MATCHED:
                    matched.clear()
                matched[facts] = name
        return name

    return name_of


def _is_named(example: Example) -> bool:
    """Whether the author gave an example its name: a single `example`, or one in a list, has none."""
    return example.place.path[-3:-2] == ("examples",)


def _examples_of(parameter: Parameter) -> tuple[Example, ...]:
    return parameter.content.examples if parameter.content is not None else parameter.examples


def _bodies(operation: Operation) -> Iterator[tuple[str, JSON]]:
    """The named examples of an operation's body, without what is not sent."""
    for body_format in operation.request_body.content if operation.request_body is not None else ():
        for example in body_format.examples:
            if _is_named(example) and example.serialized is None:
                schema, value = body_format.schema, example.value
                if isinstance(schema, ContractSchema):
                    value = as_sent(schema.compiled_node, value, Direction.REQUEST)
                yield example.name, value


def is_same_value(expected: JSON, value: object) -> bool:
    """Whether a value of a parameter is the expected one, or its text."""
    return is_part(expected, value) or (isinstance(value, str) and value == str(expected))


def size_of(value: JSON) -> int:
    """How many parts a value has."""
    members = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return 1 + sum(map(size_of, members))


def is_part(expected: JSON, value: object) -> bool:
    """Whether a value has all that is expected; objects in it may have more members."""
    if isinstance(expected, dict):
        return isinstance(value, dict) and all(
            name in value and is_part(member, value[name]) for name, member in expected.items()
        )
    if isinstance(expected, list):
        return isinstance(value, list) and len(value) == len(expected) and all(map(is_part, expected, value))
    return isinstance(value, bool) == isinstance(expected, bool) and value == expected
