"""The judge's verdict on an exchange of a fuzz run."""

from __future__ import annotations

from dataclasses import dataclass

from tallystick.fuzz.body_faults import BodyFault
from tallystick.fuzz.raised import Raised
from tallystick.nouns.contract import Contract, Operation
from tallystick.nouns.exchange import Exchange
from tallystick.nouns.path_templates import template_names
from tallystick.nouns.statuses import CIRCUMSTANCES
from tallystick.nouns.violation import Violation
from tallystick.resources.lists.vocabulary import Wanted
from tallystick.resources.lists.wishes import page_parameters
from tallystick.rules.judge import judge
from tallystick.schemas.shapes import types_of
from tallystick.wire.bodies import UNJUDGED
from tallystick.wire.reading import Reading, operation_for, reader_of


@dataclass(frozen=True, slots=True)
class Verdict:
    """The violations of an exchange; `operation` is None if the contract has none for the request."""

    operation: Operation | None
    exchange: Exchange
    request: tuple[Violation, ...] = ()
    response: tuple[Violation, ...] = ()
    methods: tuple[str, ...] = ()
    """The methods that the contract has for the path, in any path template."""
    expected: frozenset[int] = frozenset()
    """The refusals and server errors that the user expects of the operation."""
    body_fault: BodyFault | None = None
    """Why the body of the response could not be decoded, and so is not judged; None if it was, or is not coded."""
    raised: Raised | None = None
    """The exception that an application in this process answered with a server error."""
    below: Exchange | None = None
    """The exchange with its path as the contract has it; None where that is the path that was sent."""
    is_forged: bool = False
    """Whether the request has well-formed credentials that nobody issued, though the run knows real ones."""
    seconds: float = 0.0
    """How long the response took."""
    was_deleted: bool = False
    """Whether the run itself has deleted before what the request asks for."""

    @property
    def status(self) -> int:
        return self.exchange.response.status if self.exchange.response is not None else 0

    @property
    def is_expected(self) -> bool:
        """Whether the user expects this refusal or server error."""
        return self.status in self.expected

    @property
    def leaves_value_open(self) -> bool:
        """Whether the body has a schema, and is of a media type that the judge does not read (YAML, say).

        Not where headers are documented, since the failures of other libraries do not say which of both they mean.
        """
        if self.operation is None or self.body_fault is not None:
            return False
        reading = Reading(self.operation, self.exchange)
        has_headers = reading.definition is not None and reading.definition.headers
        body = reading.response_body
        return body.value is UNJUDGED and body.format is not None and body.format.schema is not None and not has_headers

    @property
    def is_oddly_spelled(self) -> bool:
        """Whether a whole number stands in a parameter as `29.0` or `1e3`.

        JSON Schema takes it for an integer, and OpenAPI does not say how one is spelled there: a server may refuse it.
        """
        if self.operation is None:
            return False
        reading = Reading(self.operation, self.below or self.exchange)
        readers = reader_of(self.operation).parameters
        integers = (read for each, read in readers if types_of(each.described) <= {"integer", "null"})
        return any(isinstance(read(reading)[0], float) for read in integers)

    @property
    def speaks_of_circumstances(self) -> bool:
        """Whether the status is documented, and says that circumstances and not the request are to blame.

        An idempotency key that was used for another request is one: a 400 or 422 may say so. So is a JSON Patch that
        cannot be applied to the resource as it is (RFC 5789, section 2.2), and a cursor that the server did not make.
        """
        request = self.exchange.request
        is_patch = request.method == "PATCH" and request.body[:1] == b"["
        is_documented = self.operation is not None and self.operation.response_for(self.status) is not None
        has_key = any("idempot" in name.lower() for name, _ in request.headers)
        if not is_documented or self.status in CIRCUMSTANCES:
            return is_documented
        return self.status in (400, 422) and (has_key or is_patch or self._has_cursor)

    @property
    def _has_cursor(self) -> bool:
        """Whether the request names a place in a list by a text that only an earlier response can tell."""
        if self.operation is None:
            return False
        names = page_parameters(self.operation).names
        cursors = {names[each] for each in (Wanted.AFTER, Wanted.BEFORE) if each in names}
        query = Reading(self.operation, self.below or self.exchange).query
        described = [
            each.described for each in self.operation.parameters if each.name in cursors and each.name in query
        ]
        return any(types_of(each) <= {"string", "null"} and "format" not in each.resolved for each in described if each)


def verdict_of(
    contract: Contract,
    exchange: Exchange,
    base_path: str,
    operation: Operation | None = None,
    expected: frozenset[int] = frozenset(),
    body_fault: BodyFault | None = None,
) -> Verdict:
    """The verdict on an exchange whose path stands below the base path of the server that is fuzzed.

    `operation` is the one that is called; without it, the contract says which one that is, if any.
    """
    below = exchange_below(exchange, base_path)
    request = below.request
    methods = contract.methods(request.path)
    if operation is None:
        match = operation_for(contract, request.method, request.path, request)
        if match is None:
            return Verdict(None, exchange, methods=methods, expected=expected, body_fault=body_fault)
        operation = match[0]
    violations = _violations(contract, operation, below)
    of_request = tuple(violation for violation in violations if not violation.where.startswith("response."))
    of_response = tuple(violation for violation in violations if violation.where.startswith("response."))
    if body_fault is not None:
        of_response = tuple(violation for violation in of_response if not violation.where.startswith("response.body"))
    return Verdict(operation, exchange, of_request, of_response, methods, expected, body_fault, below=below)


def exchange_below(exchange: Exchange, base_path: str) -> Exchange:
    """An exchange with a server at a base path, its path as the contract has it."""
    request, response = exchange
    if base_path and request.path.startswith(base_path + "/"):
        return Exchange(request._replace(path=request.path[len(base_path) :]), response)
    return exchange


def _violations(contract: Contract, operation: Operation, exchange: Exchange) -> list[Violation]:
    """The violations by an operation; none where the exchange is right by another one with the same method and path.

    A server cannot know which of two such operations a client means (`/a/{x}` and `/a/{y}`, or `/a/{x}.json`); but a
    path without names is matched before any template (OpenAPI, Paths Object). Where the path leads to other operations
    or to none, as one with an empty path value does, the response is not the operation's, and only the request is
    judged.
    """
    violations = judge(operation, exchange)
    if violations and template_names(operation.path):
        request = exchange.request
        operations = [candidate for candidate, _ in contract.candidates(request.method, request.path)]
        if any(not judge(other, exchange) for other in operations if other is not operation):
            return []
        if operation not in operations:
            return [violation for violation in violations if not violation.where.startswith("response.")]
    return violations
