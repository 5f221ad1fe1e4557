"""Answers from a recording (`--replay`): a request gets what was recorded for it, in the order of the recording.

A request is meant by a recorded one with the same path values, query and kinds of credentials, and with a body that has
at most what its own has (see `tallystick.mock.responders.matching`); the one with the most parts is chosen. What was
masked agrees with everything. Each session begins at the first reply, and stays at the last.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from tallystick.exchanges.bases import Bases
from tallystick.exchanges.reading import read_traffic
from tallystick.exchanges.recorded import Recorded
from tallystick.exchanges.secrets import MASK, Secrets
from tallystick.mock.memory import Memory, Positions
from tallystick.mock.problem import Problem
from tallystick.mock.responders.examples import generated
from tallystick.mock.responders.matching import is_part, is_same_value, size_of
from tallystick.mock.roles import OperationRoles, Reply, ReplySource
from tallystick.mock.settings import MockSettings
from tallystick.nouns.contract import Operation
from tallystick.nouns.exchange import Exchange, Headers, Response
from tallystick.nouns.media_type import parse_media_type
from tallystick.nouns.words import counted, nearest, shortened
from tallystick.wire.negotiation import weight
from tallystick.wire.reading import Reading, reader_of
from tallystick.wire.values import MISSING, decode, decode_field, pairs

_MOST_NAMED = 3
"""How many recorded requests a problem names."""

_OF_SENDING = frozenset(("connection", "content-length", "date", "keep-alive", "tallystick-mock", "transfer-encoding"))
"""Header fields that are made anew whenever a response is sent."""

_Target = tuple[str, tuple[str, ...], tuple[tuple[str, str], ...]]
"""The method, the path values and the fields of the query, decoded and sorted."""


class _Answer(NamedTuple):
    """A recorded response, the file that it stands in, and how often it came in a row."""

    response: Response
    file: str
    times: int


@dataclass(slots=True)
class _Asked:
    """A recorded request, and what was answered to it."""

    reading: Reading
    body: object
    """The value of its body without what is masked; MISSING where it has none that is documented."""
    credentials: frozenset[str]
    number: int
    """Its place among all that were recorded."""
    answers: list[_Answer] = field(default_factory=list)

    def agreement(self, reading: Reading, credentials: frozenset[str]) -> int:
        """How many parts of a request with the same target are as recorded; 0 where one of them is another."""
        if credentials != self.credentials or not self._has_headers(reading):
            return 0
        expected, octets = self.reading.request.body, reading.request.body
        if not (expected and octets and self.body is not MISSING):
            return int(expected == octets)
        value = reading.body.value
        is_meant = is_part(self.body, value) if self.body else value == self.body  # type: ignore[arg-type] # as read
        return 1 + size_of(self.body) if is_meant else 0  # type: ignore[arg-type] # as read

    def _has_headers(self, reading: Reading) -> bool:
        """Whether the documented header fields and cookies of a request are as recorded, where both have them."""
        for parameter, read in reader_of(reading.operation).parameters:
            if parameter.location in ("header", "cookie"):
                expected, value = read(self.reading)[0], read(reading)[0]
                is_known = expected is not MISSING and value is not MISSING and MASK not in str(expected)
                if is_known and not is_same_value(expected, value):  # type: ignore[arg-type] # as read
                    return False
        return True

    def is_accepted(self, accept: str) -> bool:
        """Whether a request accepts the media type of the answers."""
        content_type = _value(self.answers[0].response.headers, "content-type")
        return not accept or not content_type or weight(accept, parse_media_type(content_type)) > 0

    def answer(self, already: int) -> _Answer:
        """The answer after so many requests."""
        for answer in self.answers:
            already -= answer.times
            if already < 0:
                return answer
        return self.answers[-1]


class Replayed:
    """The responder of one operation: answers with what was recorded of it.

    `positions` says how many of the replies to each recorded request a session was given. With `is_only`, what was not
    recorded is answered with a problem.
    """

    def __init__(self, operation: Operation, where: str, secrets: Secrets, positions: Positions, is_only: bool) -> None:
        self.operation = operation
        self.where = where
        self.secrets = secrets
        self.is_only = is_only
        self.masked: frozenset[str] = frozenset()
        """The names of query fields whose values are masked, and so are not compared."""
        self.by_target: dict[_Target, dict[object, _Asked]] = {}
        self.positions = positions

    def add(self, exchanges: Sequence[tuple[Recorded, str]], first: int) -> None:
        """Add the recorded exchanges of the operation, each with its path as the contract has it, in their order."""
        queries = [pairs(recorded.exchange.request.query) for recorded, _ in exchanges]
        self.masked = frozenset(name for query in queries for name, raw in query if raw == MASK)
        for number, (recorded, path) in enumerate(exchanges, first):
            request, response = recorded.exchange
            assert response is not None  # what was not answered is not recorded
            fields = tuple(each for each in response.headers if each[0] not in _OF_SENDING)
            response = response._replace(headers=fields)
            reading = Reading(self.operation, Exchange(request._replace(path=path)))
            by_identity = self.by_target.setdefault(self._target(reading), {})
            asked = by_identity.get(identity := self._identity(reading))
            if asked is None:
                body = self._unmasked(reading.body.value) if reading.body.value is not MISSING else MISSING
                asked = by_identity[identity] = _Asked(reading, body, self._credentials(reading), number)
            asked.answers.append(_Answer(response, recorded.place, recorded.count))

    async def __call__(self, reading: Reading) -> Reply | None:
        asked = self._find(reading)
        if asked is None:
            return generated(self._problem(reading)) if self.is_only else None
        positions = self.positions[reading.session]
        already = positions.get(asked.number, 0)
        positions[asked.number] = already + 1
        response, file, _ = asked.answer(already)
        return Reply(response, f"recorded in {file}", recording=file)

    def _find(self, reading: Reading) -> _Asked | None:
        """The recorded request that means a request best; None where there is none."""
        target = self._target(reading)
        by_identity = self.by_target.get(target)
        if by_identity is None and target[0] == "HEAD":
            by_identity = self.by_target.get(("GET", *target[1:]))
        if by_identity is None:
            return None
        asked = by_identity.get(self._identity(reading))
        if asked is not None:
            return asked
        credentials, accept = self._credentials(reading), reading.headers.get("accept", "")
        accepted = [each for each in by_identity.values() if each.is_accepted(accept)]
        best = max(accepted, key=lambda each: each.agreement(reading, credentials), default=None)
        return best if best is not None and best.agreement(reading, credentials) else None

    def _target(self, reading: Reading) -> _Target:
        values = tuple(decode(self.secrets.in_path(raw))[0] for raw in reading.path_values or ())
        fields = [
            (name, "" if name in self.masked else decode_field(raw)[0]) for name, raw in pairs(reading.request.query)
        ]
        return reading.request.method, values, tuple(sorted(fields))

    def _identity(self, reading: Reading) -> object:
        """What two requests with one target have in common, if nothing that counts differs."""
        body = reading.body
        headers = [
            repr(read(reading)[0])
            for parameter, read in reader_of(self.operation).parameters
            if parameter.location in ("header", "cookie")
        ]
        value = body.octets if body.value is MISSING else repr(body.value)
        return value, self._credentials(reading), reading.headers.get("accept", "*/*"), *headers

    def _credentials(self, reading: Reading) -> frozenset[str]:
        """The header fields of a request that have credentials."""
        known, is_secret = self.secrets.headers, self.secrets.is_secret
        return frozenset(name for name in reading.headers if name in known or is_secret(name))

    def _unmasked(self, value: object) -> object:
        """A value without the members that are masked."""
        if isinstance(value, dict):
            kept = {name: member for name, member in value.items() if not _is_masked(member)}
            return {
                name: self._unmasked(member)
                for name, member in kept.items()
                if not (isinstance(member, int | float) and member == 0 and self.secrets.is_secret(name))
            }
        return [self._unmasked(item) for item in value] if isinstance(value, list) else value

    def _problem(self, reading: Reading) -> Problem:
        """The problem that nothing recorded answers a request; it names what would be answered."""
        asked = [each for by_identity in self.by_target.values() for each in by_identity.values()]
        if not asked:
            return Problem(404, f"{self.where} has no exchange of {self.operation.label}")
        files = {_line(each.reading): each.answers[0].file for each in asked}
        line = _line(reading)
        if line in files:
            fact = f"{self.where} has {line} with another body, type or kind of credentials only ({files[line]})"
            return Problem(404, fact)
        names = [*dict.fromkeys((*nearest(line, files), *files))]
        return Problem(404, f"{self.where} has no {line}; it has {shortened(names, _MOST_NAMED)}")


def prepare(memory: Memory) -> ReplySource | None:
    """Reads the recording, and finds the operation of each of its exchanges."""
    settings = memory.settings
    if not settings.replay:
        return None
    recording = read_traffic(settings.replay)
    if recording.broken:
        raise recording.broken[0]
    bases = [Bases(contract, [f"/{contract.name}"]) for contract in memory.contracts]
    by_operation: dict[Operation, list[tuple[Recorded, str]]] = {}
    left = 0
    for recorded in recording.exchanges:
        place = _place_of(recorded, bases)
        if place is None or not recorded.has_whole_response:
            left += 1
        else:
            by_operation.setdefault(place[0], []).append((recorded, place[1]))
    secrets = Secrets(memory.contracts, settings.record_mask)
    roles: dict[Operation, OperationRoles] = {}
    number = 0
    for operation in (operation for contract in memory.contracts for operation in contract):
        exchanges = by_operation.get(operation, [])
        if exchanges or settings.replay_only:
            replayed = Replayed(operation, settings.replay, secrets, memory.replayed, settings.replay_only)
            replayed.add(exchanges, number)
            number += len(exchanges)
            roles[operation] = OperationRoles(replayed, answers_invalid=True)
    return ReplySource(roles.get, _summary(settings, number, len(by_operation), left))


def _place_of(recorded: Recorded, bases: Sequence[Bases]) -> tuple[Operation, str] | None:
    """The operation of a recorded exchange, and its path as the contract has it; None where no contract has it."""
    request = recorded.exchange.request
    for method in (request.method, "GET") if request.method == "HEAD" else (request.method,):
        for each in bases:
            place = each.find(method, request.path)
            if place is not None:
                return place
    return None


def _summary(settings: MockSettings, replayed: int, operations: int, left: int) -> str:
    others = "everything else is a 404" if settings.replay_only else "everything else is mocked"
    of = f"{counted(replayed, 'exchange', ',')} of {counted(operations, 'operation', ',')}"
    unused = f"; {left:,} more are of no operation, or not whole" if left else ""
    return f"{settings.replay} answers with {of}{unused}; {others}"


def _is_masked(value: object) -> bool:
    return any(map(_is_masked, value)) if isinstance(value, list) else isinstance(value, str) and MASK in value


def _line(reading: Reading) -> str:
    method, path, query = reading.request[:3]
    return f"{method} {path}{f'?{query}' if query else ''}"


def _value(headers: Headers, name: str) -> str:
    return next((value for key, value in headers if key == name), "")
