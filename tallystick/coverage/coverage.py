"""The coverage of one contract: which of its parts some exchanges touched."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cached_property
from typing import NamedTuple

from tallystick.coverage.links import Links
from tallystick.coverage.members import Members, Shape
from tallystick.coverage.parts import Kind, Part
from tallystick.nouns.contract import BodyFormat, Contract, Example, Operation, Parameter, ResponseDefinition
from tallystick.nouns.errors import UsageError
from tallystick.nouns.exchange import Exchange
from tallystick.nouns.json_value import JSON
from tallystick.nouns.schema import Direction
from tallystick.nouns.violation import Place
from tallystick.wire.bodies import UNJUDGED, judged_items
from tallystick.wire.reading import Body, ParameterReader, Reading, reader_of
from tallystick.wire.values import MISSING

_FIRST_REFUSAL = 400
"""The first status that says that a request was not accepted."""


class Coverage:
    """The parts of a contract that exchanges touched.

    What a response has counts as it comes. An operation, and what a request has, counts once such a request is
    accepted, which is to say answered with a status below 400: who is refused at the door has tested the door alone.
    `selected` has the labels of the operations that count, None for all. Several threads may add at the same time.
    """

    def __init__(self, contract: Contract, selected: Collection[str] | None = None) -> None:
        self.contract = contract
        self.operations = [each for each in contract if selected is None or each.label in selected]
        """The operations that count."""
        self.exchanges = 0
        self.seen: set[Part] = set()
        self._operations: dict[int, _Operation] = {}
        self._requests = Members(contract, Direction.REQUEST)
        self._responses = Members(contract, Direction.RESPONSE)
        self._links = Links(contract)

    def add(self, operation: Operation, exchange: Exchange) -> None:
        """Take in an exchange of an operation, whose path is as the contract has it."""
        if exchange.response is None:
            return
        self.exchanges += 1
        parts = self._operations.get(id(operation))
        if parts is None:
            parts = self._operations.setdefault(id(operation), self._parts_of(operation))
        reading = Reading(operation, exchange)
        if exchange.response.status < _FIRST_REFUSAL or parts.only_refuses:
            parts.touch_request(reading, self.seen)
        if reading.definition is not None:
            parts.responses[reading.definition.status].touch(reading, self.seen)

    def _parts_of(self, operation: Operation) -> _Operation:
        return _Operation(operation, self._requests, self._responses, self._links)

    def merge(self, other: Coverage) -> None:
        """Take in what another one has seen of the same contract."""
        self.seen |= other.seen
        self.exchanges += other.exchanges

    @cached_property
    def parts(self) -> Mapping[Part, Place]:
        """Every part of the operations that count, and where it is, in their order."""
        parts: dict[Part, Place] = {}
        passed: set[Shape] = set()
        for operation in self.operations:
            for part, place in self._parts_of(operation).all(passed):
                parts.setdefault(part, place)
        return parts

    def never_seen(self) -> list[Part]:
        """The parts that no exchange touched, in the order of the operations."""
        return [part for part in self.parts if part not in self.seen]

    def to_json(self) -> dict[str, JSON]:
        """What was seen, as it is kept in a file."""
        seen: dict[str, JSON] = {}
        for kind in Kind:
            names: dict[str, list[JSON]] = {}
            for part in sorted(part for part in self.seen if part.kind is kind):
                names.setdefault(part.subject, []).append(part.name)
            if names:
                seen[kind] = dict(names)
        return {"contract": self.contract.name, "exchanges": self.exchanges, "seen": seen}

    @classmethod
    def from_json(cls, contract: Contract, value: JSON) -> Coverage:
        """The coverage that `to_json` wrote; raises `UsageError` for what it did not."""
        coverage = cls(contract)
        try:
            coverage.exchanges = _count(value)
            coverage.seen = set(_parts_in(value))
        except (KeyError, TypeError, ValueError, AttributeError):
            raise UsageError("it holds no coverage that tallystick wrote") from None
        return coverage


class _Operation:
    """The parts of one operation, ready to be looked for in its exchanges."""

    def __init__(self, operation: Operation, requests: Members, responses: Members, links: Links) -> None:
        label = operation.label
        self.operation = operation
        self.part = Part(Kind.OPERATION, label)
        self.only_refuses = bool(operation.responses) and not any(map(_is_acceptance, operation.responses))
        self.parameters = [
            _Parameter(parameter, read, Part(Kind.PARAMETER, label, parameter.where), _examples(label, parameter))
            for parameter, read in reader_of(operation).parameters
        ]
        content = operation.request_body.content if operation.request_body is not None else ()
        self.body = _Content(label, "", content, requests)
        self.responses = {
            definition.status: _Response(label, definition, responses, links) for definition in operation.responses
        }

        self.links = links

    def touch_request(self, reading: Reading, seen: set[Part]) -> None:
        """Add what an accepted request has."""
        seen.add(self.part)
        for parameter in self.parameters:
            parameter.touch(reading, seen)
        if reading.request.body:
            self.body.touch(reading.body, seen)
        self.links.follow(reading, seen)

    def all(self, passed: set[Shape]) -> Iterator[tuple[Part, Place]]:
        """Every part, and where it is; without the members of schemas that were passed before."""
        yield self.part, self.operation.place
        for parameter in self.parameters:
            yield parameter.part, parameter.parameter.place
            yield from ((part, example.place) for part, example in parameter.examples)
        yield from self.body.all(passed)
        for response in self.responses.values():
            yield from response.all(passed)


class _Parameter(NamedTuple):
    """A parameter, its reader, and its examples."""

    parameter: Parameter
    read: ParameterReader
    part: Part
    examples: Sequence[tuple[Part, Example]]

    def touch(self, reading: Reading, seen: set[Part]) -> None:
        if self.part in seen and all(part in seen for part, _ in self.examples):
            return
        value, _ = self.read(reading)
        if value is not MISSING:
            seen.add(self.part)
            seen.update(part for part, example in self.examples if example.value == value)


class _Response:
    """A documented response: its status, header fields, media types and links."""

    def __init__(self, label: str, definition: ResponseDefinition, members: Members, links: Links) -> None:
        status = definition.status
        self.definition = definition
        self.part = Part(Kind.STATUS, label, status)
        self.headers = [
            (header.name.lower(), Part(Kind.HEADER, label, f"{status} {header.name}"), header.place)
            for header in definition.headers
        ]
        self.content = _Content(label, status, definition.content, members)
        self.known_links = links
        self.links = [
            (link, Part(Kind.LINK, label, f"{status} {link.name}"))
            for link in definition.links
            if links.target(link) is not None
        ]

    def touch(self, reading: Reading, seen: set[Part]) -> None:
        seen.add(self.part)
        for name, part, _ in self.headers:
            if part not in seen and any(name == field.lower() for field, _ in reading.response.headers):
                seen.add(part)
        if self.content.formats and reading.response.body and reading.response_may_have_body:
            self.content.touch(reading.response_body, seen)
        for link, part in self.links:
            if part not in seen:
                self.known_links.offer(part, link, reading)

    def all(self, passed: set[Shape]) -> Iterator[tuple[Part, Place]]:
        yield self.part, self.definition.place
        yield from ((part, place) for _, part, place in self.headers)
        yield from ((part, link.place) for link, part in self.links)
        yield from self.content.all(passed)


class _Content:
    """The body formats of a request (`status` is "" then) or of a documented response."""

    def __init__(self, label: str, status: str, content: Sequence[BodyFormat], members: Members) -> None:
        kind = Kind.RESPONSE_TYPE if status else Kind.REQUEST_TYPE
        self.members = members
        self.formats = [
            _Format(
                body_format,
                Part(kind, label, f"{status} {body_format.media_type.text}".lstrip()),
                () if status else _examples(label, body_format),
            )
            for body_format in content
        ]

    def touch(self, body: Body, seen: set[Part]) -> None:
        """Add what a body has."""
        known = next((each for each in self.formats if each.body_format is body.format), None)
        if known is None:
            return
        seen.add(known.part)
        value = body.value
        for part, example in known.examples:
            if part not in seen and example.value == value:
                seen.add(part)
        if value is MISSING or value is UNJUDGED:
            return
        for _, item, schema in judged_items(value, known.body_format, body.media_type):
            if (shape := self.members.shape(schema)) is not None:
                self.members.touch(shape, item, seen)

    def all(self, passed: set[Shape]) -> Iterator[tuple[Part, Place]]:
        for body_format, part, examples in self.formats:
            yield part, body_format.place
            yield from ((part, example.place) for part, example in examples)
            for schema in (body_format.schema, body_format.item_schema):
                yield from self.members.declared(schema, passed)


class _Format(NamedTuple):
    """A body format, and the examples of it that a request may send."""

    body_format: BodyFormat
    part: Part
    examples: Sequence[tuple[Part, Example]]


def _is_acceptance(response: ResponseDefinition) -> bool:
    return response.status == "default" or response.status[:1] in ("1", "2", "3")


def _examples(label: str, holder: Parameter | BodyFormat) -> list[tuple[Part, Example]]:
    """The examples of a parameter or of a body of a request."""
    where = holder.where if isinstance(holder, Parameter) else f"body {holder.media_type.text}"
    return [(Part(Kind.EXAMPLE, label, f"{where} {example.name}".rstrip()), example) for example in holder.examples]


def _count(value: JSON) -> int:
    count = _object(value)["exchanges"]
    if not isinstance(count, int):
        raise TypeError
    return count


def _parts_in(value: JSON) -> Iterator[Part]:
    for name_of_kind, subjects in _object(_object(value)["seen"]).items():
        kind = Kind(name_of_kind)
        for subject, names in _object(subjects).items():
            if not isinstance(names, list):
                raise TypeError
            for name in names:
                if not isinstance(name, str):
                    raise TypeError
                yield Part(kind, subject, name)


def _object(value: JSON) -> Mapping[str, JSON]:
    if not isinstance(value, dict):
        raise TypeError
    return value
