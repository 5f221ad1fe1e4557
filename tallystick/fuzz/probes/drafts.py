"""Valid requests of a run's own: from the contract, with values of the user's and of earlier responses."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace

from tallystick.examples.draws import Style
from tallystick.examples.media_files import file_of
from tallystick.examples.requests import Given, example_request
from tallystick.examples.samples import Unsatisfiable, body_sample
from tallystick.fuzz.idempotency_keys import IdempotencyKeys
from tallystick.fuzz.known_values import GivenValue, value_for
from tallystick.fuzz.settings import Settings
from tallystick.nouns.contract import BodyFormat, Contract, Operation
from tallystick.nouns.exchange import Request
from tallystick.nouns.json_value import JSON
from tallystick.nouns.media_type import MediaKind
from tallystick.nouns.path_templates import template_names
from tallystick.nouns.schema import Direction
from tallystick.wire.negotiation import concrete_type
from tallystick.wire.write import write_body

_JSON_PATCH = "application/json-patch+json"


class Drafts:
    """Drafts of requests, always the same for one seed."""

    def __init__(self, contract: Contract, settings: Settings) -> None:
        self.settings = settings
        self.keys = IdempotencyKeys(contract, settings)
        self._alone: dict[Operation, Operation] = {}

    def request(
        self,
        operation: Operation,
        path_values: Sequence[str] = (),
        query: Mapping[str, JSON] | None = None,
        headers: Mapping[str, str] | None = None,
        body: JSON = None,
        others: Mapping[tuple[str, str], JSON] | None = None,
        without: tuple[str, str] | None = None,
    ) -> Request | None:
        """A request whose parameters are those that are given, those that are required, and no others.

        `others` has the values of parameters by location and name, `without` names one that is left out. None where the
        contract allows no value for something that is required. Credentials are the sender's to add.
        """
        values: dict[tuple[str, str], JSON] = {("query", name): value for name, value in (query or {}).items()}
        values.update(
            (("path", name), value) for name, value in zip(template_names(operation.path), path_values, strict=False)
        )
        values.update(others or {})
        left_out: set[tuple[str, str]] = {without} if without is not None else set()
        for parameter in operation.parameters:
            key = parameter.location, parameter.name
            value = value_for(self.settings.values, operation, parameter)
            if value is not None and key not in values:
                values[key] = value
            elif not parameter.required and key not in values:
                left_out.add(key)
        if without is not None:
            values.pop(without, None)
        body_format = format_of(operation)
        written = None
        if body is not None and body_format is not None:
            written = write_body(body, body_format, concrete_type(body_format.media_type), file_of)
        given = Given(values, frozenset(left_out), written)
        try:
            request = example_request(self.without_security(operation), seed=self.settings.seed, given=given)
        except Unsatisfiable:
            return None
        return with_headers(self.with_own_key(operation, request), headers or {})

    def with_own_key(self, operation: Operation, request: Request) -> Request:
        """A request with an idempotency key that no other one has, if it has a valid one."""
        return with_headers(request, self.keys.fresh(operation.label, dict(request.headers)))

    def without_security(self, operation: Operation) -> Operation:
        """An operation as a request has to keep it to which the sender adds the credentials."""
        if operation not in self._alone:
            self._alone[operation] = replace(operation, security=())
        return self._alone[operation]

    def body(self, operation: Operation, number: int) -> JSON:
        """A valid value for a body: first the documented one, then made ones; None where there is none."""
        body_format = format_of(operation)
        if body_format is None:
            return None
        style = Style(self.settings.seed + number, fresh=number > 0)
        try:
            sample = body_sample(body_format, Direction.REQUEST, style)
        except Unsatisfiable:
            return None
        if sample is None:
            return None
        value: JSON = json.loads(json.dumps(sample.value))  # a copy, which may be changed
        for given in self.settings.values:
            if given.location == "body" and given.is_for(operation):
                _put(value, given)
        return value


def format_of(operation: Operation) -> BodyFormat | None:
    """The format of the bodies that are sent: JSON, or else a form; None where there is none of these."""
    content = operation.request_body.content if operation.request_body is not None else ()
    wanted = [each for each in content if each.media_type.name != _JSON_PATCH]
    for kind in (MediaKind.JSON, MediaKind.FORM, MediaKind.MULTIPART):
        for each in wanted:
            if each.media_type.kind is kind:
                return each
    return None


def with_headers(request: Request, headers: Mapping[str, str]) -> Request:
    """A request with other header fields in place of those of the same names."""
    names = {name.lower() for name in headers}
    kept = tuple(field for field in request.headers if field[0] not in names)
    return request._replace(headers=(*kept, *((name.lower(), value) for name, value in headers.items())))


def _put(value: JSON, given: GivenValue) -> None:
    """Sets the member of a body that the user gave a value for, where the body has it or may have it."""
    *way, last = given.name.replace("[*]", "").split(".")
    for name in way:
        value = value.get(name) if isinstance(value, dict) else None
    if isinstance(value, dict):
        before = value.get(last)
        is_number = isinstance(before, (int, float)) and not isinstance(before, bool)
        try:
            value[last] = json.loads(given.value) if is_number or isinstance(before, bool) else given.value
        except ValueError:
            value[last] = given.value
