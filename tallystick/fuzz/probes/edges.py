"""Requests near the edges of what a contract allows: each is like one that is accepted, and differs in one part."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import NamedTuple

from tallystick.examples.draws import Style
from tallystick.examples.neighbours import Neighbour, neighbours
from tallystick.examples.samples import Unsatisfiable, generate, parameter_sample
from tallystick.fuzz.clock import Clock
from tallystick.fuzz.probes.absent import absent_value, path_parameter
from tallystick.fuzz.probes.drafts import Drafts, format_of
from tallystick.fuzz.probes.odd import odd_requests
from tallystick.fuzz.probes.prober import Prober
from tallystick.fuzz.probes.variation import varied
from tallystick.nouns.contract import BodyFormat, Operation, Parameter
from tallystick.nouns.exchange import Exchange, Request
from tallystick.nouns.json_value import JSON
from tallystick.nouns.media_type import MediaKind
from tallystick.nouns.schema import Direction, Schema
from tallystick.rules.judge import judge
from tallystick.schemas.shapes import properties_of, type_of

_ATTEMPTS = 4
"""How many requests are tried to have one accepted."""
_HOPELESS = frozenset((401, 403, 404, 405))
"""Statuses after which no other body is tried."""
_LOOKED_AT = 4
"""How many requests are looked at for each that is sent."""
_LIKE = 2
"""How many requests break one part of the contract with values of one type."""
_LEFT_ALONE = frozenset(("accept", "authorization", "content-type", "if-match", "if-none-match", "content-encoding"))
"""Header fields whose values say how to answer, and which may be passed over."""


class _Edge(NamedTuple):
    """A request near an edge: where it differs from the one that was accepted, and by a value of which type."""

    request: Request
    where: str
    value: JSON


class Edges:
    """The requests near the edges of one operation; `draw` gives each body values of its own."""

    def __init__(self, prober: Prober, drafts: Drafts, operation: Operation, path_values: Sequence[str]) -> None:
        self.prober, self.drafts, self.operation, self.path_values = prober, drafts, operation, path_values
        self.draw = random.Random(f"{drafts.settings.seed} edges {operation.label}")
        self.format = format_of(operation)
        self.body: JSON = None
        """The value of a body that was accepted; None where none is sent."""
        self.is_fresh = False
        """Whether bodies with other values than the documented ones are accepted."""

    def send(self, most: int, clock: Clock) -> None:
        """Sends a request until one is accepted, then so many near it while there is time.

        Raises `OutOfProbesError`.
        """
        for request in self.of_nobody():
            self.prober.send(request)
        base = self.accepted()
        if base is None:
            return
        self.read_back(base)
        violated: Counter[tuple[object, ...]] = Counter()
        broken: list[Request] = []
        sound: list[Request] = []
        operation = self.drafts.without_security(self.operation)
        for edge in islice(self.edges(base), _LOOKED_AT * most):
            if clock.is_over:
                break
            places = frozenset((each.rule, each.contract) for each in judge(operation, Exchange(edge.request)))
            key = edge.where, type_of(edge.value), places
            violated[key] += 1
            if places and violated[key] <= _LIKE:
                broken.append(edge.request)
            elif not places and edge.request != base:
                sound.append(edge.request)
        odd = odd_requests(base, self.operation, self.format)
        for request in (*odd, *_in_turn(broken, sound, most)):
            if clock.is_over:
                return
            self.prober.send(self.drafts.with_own_key(self.operation, request))

    def accepted(self) -> Request | None:
        """A valid request that is accepted: by the documented body, and by a whole one with values of its own.

        The second one is better where both are accepted. None where none is.
        """
        accepted: Request | None = None
        for number in range(_ATTEMPTS):
            self.is_fresh = number > 0
            body = self.full_body(number) if self.is_fresh else self.drafts.body(self.operation, 0)
            request = self.request(body)
            response = self.prober.send(request).response if request is not None else None
            if response is not None and response.status < 300:
                accepted, self.body = request, body
                if self.is_fresh or not isinstance(body, dict):
                    return accepted
            elif response is None or response.status in _HOPELESS:
                break
        self.is_fresh = False
        return accepted

    def of_nobody(self) -> Iterator[Request]:
        """A valid request for something that is not there."""
        parameter = path_parameter(self.operation)
        value = absent_value(parameter, self.draw) if parameter is not None and self.path_values else None
        if parameter is not None and value is not None:
            request = self.request(self.drafts.body(self.operation, 0), {("path", parameter.name): value})
            if request is not None:
                yield request

    def read_back(self, base: Request) -> None:
        """Reads what was written, where that is at the same path; asks for a second one like what was created."""
        reader = next((each for each in self.prober.contract if each.label == f"GET {self.operation.path}"), None)
        if self.operation.method == "PUT" and reader is not None:
            request = self.drafts.request(reader, self.path_values)
            if request is not None:
                self.prober.send(request)
        elif self.operation.method == "POST":
            self.prober.send(self.drafts.with_own_key(self.operation, base))

    def full_body(self, number: int) -> JSON:
        """A valid body that has what its schema declares, as far as a client may send it."""
        if self.format is None:
            return None
        sample, schema = self.drafts.body(self.operation, number), self.format.schema
        if schema is None or not isinstance(sample, dict):
            return sample
        body: dict[str, JSON] = sample
        style = Style(self.drafts.settings.seed + number, fresh=True)
        for name, member in properties_of(schema).items():
            if name not in body and member is not None and member.resolved.get("readOnly") is not True:
                try:
                    candidate = {**body, name: generate(member, Direction.REQUEST, style, name)}
                except Unsatisfiable:
                    continue
                body = candidate if schema.is_valid(candidate, Direction.REQUEST) else body
        return self.fresh(body, schema)

    def fresh(self, body: JSON, schema: Schema | None, kept: str = "") -> JSON:
        """A body with other values, but for one member: what has to be there once only is not there yet."""
        if not isinstance(body, dict) or schema is None or not self.is_fresh or self.operation.method != "POST":
            return body
        members = {name: member for name, member in properties_of(schema).items() if name != kept}
        candidate: JSON = varied(body, members, self.draw)
        return candidate if schema.is_valid(candidate, Direction.REQUEST) else body

    def request(
        self,
        body: JSON,
        values: Mapping[tuple[str, str], JSON] | None = None,
        left_out: tuple[str, str] | None = None,
    ) -> Request | None:
        """A request with a body, whether it is valid or not, and with values of parameters."""
        return self.drafts.request(self.operation, self.path_values, body=body, others=values, without=left_out)

    def edges(self, base: Request) -> Iterator[_Edge]:
        """The requests near the edges, of parameters and bodies in turn."""
        parameters = [self.of_parameter(each) for each in self.operation.parameters if _is_asked(self.operation, each)]
        yield from _alternating([self.of_body(base), *parameters])

    def of_body(self, base: Request) -> Iterator[_Edge]:
        """Requests whose body differs in one part, or is none."""
        documented, body_format = self.operation.request_body, self.format
        if documented is None or body_format is None:
            return
        if documented.required:
            yield _Edge(base._replace(body=b"", headers=_without_type(base)), "", None)
        if body_format.schema is None:
            return
        is_json = body_format.media_type.kind is MediaKind.JSON
        for neighbour in neighbours(body_format.schema, self.body, Direction.REQUEST):
            body = self.fresh(self.body, body_format.schema, str(neighbour.way[0]) if neighbour.way else "")
            if not is_json and isinstance(neighbour.value, (dict, list)):
                continue  # a form has texts
            request = self.written(base, body_format, neighbour.of(body))
            if request is not None:
                yield _Edge(request, _where(neighbour), neighbour.value)

    def written(self, base: Request, body_format: BodyFormat, body: JSON) -> Request | None:
        """The request with another body; None for one that its media type cannot have."""
        if body_format.media_type.kind is MediaKind.JSON:
            return base._replace(body=json.dumps(body).encode())
        return self.request(body) if isinstance(body, dict) else None

    def of_parameter(self, parameter: Parameter) -> Iterator[_Edge]:
        """Requests in which one parameter has another value, or none where it is required."""
        key = parameter.location, parameter.name
        schema = parameter.described
        try:
            sample = parameter_sample(parameter, Style(self.drafts.settings.seed))
        except Unsatisfiable:
            return
        if parameter.required and parameter.location != "path":
            request = self.request(self.fresh_body(), left_out=key)
            if request is not None:
                yield _Edge(request, parameter.where, None)
        if schema is None or sample is None:
            return
        changes = [Neighbour((), sample.value), *neighbours(schema, sample.value, Direction.REQUEST)]
        for neighbour in changes:
            value = neighbour.of(sample.value)
            if value is None or not _is_sendable(parameter, value):
                continue
            request = self.request(self.fresh_body(), {key: value})
            if request is not None:
                yield _Edge(request, f"{parameter.where} {_where(neighbour)}", value)

    def fresh_body(self) -> JSON:
        """The accepted body with other values."""
        return self.fresh(self.body, self.format.schema if self.format is not None else None)


def _is_asked(operation: Operation, parameter: Parameter) -> bool:
    """Whether other values of a parameter are tried: of a path only where nothing is written there."""
    if parameter.location == "header":
        name = parameter.name.lower()
        return name not in _LEFT_ALONE and "idempot" not in name
    return parameter.location != "path" or operation.method == "GET"


def _is_sendable(parameter: Parameter, value: JSON) -> bool:
    """Whether a value can stand where a parameter is: in a header field only plain text, in a path not nothing."""
    if parameter.location == "path":
        return value not in ("", [], ".", "..")
    if parameter.location in ("header", "cookie"):
        texts = [text for text in (value if isinstance(value, list) else [value]) if isinstance(text, str)]
        return value not in ("", []) and all(
            text.isascii() and text.isprintable() and text == text.strip() for text in texts
        )
    return True


def _where(neighbour: Neighbour) -> str:
    return "/".join(map(str, neighbour.way))


def _without_type(request: Request) -> tuple[tuple[str, str], ...]:
    return tuple(field for field in request.headers if field[0] != "content-type")


def _alternating(sources: Sequence[Iterator[_Edge]]) -> Iterator[_Edge]:
    """One of each source after the other, to the end of all."""
    waiting = [*sources]
    while waiting:
        for source in [*waiting]:
            edge = next(source, None)
            if edge is None:
                waiting.remove(source)
            else:
                yield edge


def _in_turn(broken: Sequence[Request], sound: Sequence[Request], most: int) -> Iterator[Request]:
    """As many requests as may be sent: two invalid ones, then a valid one, so that both are sent when time is short."""
    of_sound = min(len(sound), max(most // 3, most - len(broken)))
    waiting = iter(sound[:of_sound])
    for number, request in enumerate(broken[: most - of_sound]):
        yield request
        if number % 2:
            yield from islice(waiting, 1)
    yield from waiting
