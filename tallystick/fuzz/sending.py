"""Requests of our own, beside those of Schemathesis: sent to the server of a run, or to its application in process."""

from __future__ import annotations

import threading
import time
from typing import NamedTuple

import requests

from tallystick.contracts.self_contained import self_contained
from tallystick.fuzz.body_faults import BodyFault, BodyFaults
from tallystick.fuzz.bounded_http import BoundedAdapter
from tallystick.fuzz.broken_responses import how_it_failed
from tallystick.fuzz.clock import Clock
from tallystick.fuzz.credentials import authorized
from tallystick.fuzz.exchanges import prepared_request, response_of, without_client_fields
from tallystick.fuzz.ignored_headers import documented_fields, take_ignored_headers
from tallystick.fuzz.in_process import HOST, Answer, ServedApplication
from tallystick.fuzz.raised import Raised
from tallystick.fuzz.renewal import Renewal
from tallystick.fuzz.settings import Settings
from tallystick.nouns.contract import Contract, Operation
from tallystick.nouns.exchange import Exchange, Headers, Request, Response
from tallystick.wire.reading import operation_for

_WRITTEN_BY_CLIENT = frozenset(("host", "content-length"))


class Sent(NamedTuple):
    """A request that was answered: the exchange as a finding shows it."""

    exchange: Exchange
    body_fault: BodyFault | None = None
    """Why the body of the response could not be decoded; None if it was, or is not coded."""
    raised: Raised | None = None
    """The exception that an application in this process answered with a server error."""
    seconds: float = 0.0
    """How long the answer took."""


class NoResponseError(Exception):
    """A request without a response, or without all of it; its text says why."""

    def __init__(self, fact: str, request: Request, is_time_up: bool = False) -> None:
        super().__init__(fact)
        self.request = request
        self.is_time_up = is_time_up
        """Whether the time of the run is up, and nothing is wrong with the server."""


class Sender:
    """Sends requests as a run does: with its credentials, within its time. Several threads may send at once.

    Paths are those on the wire, so they begin with the base path of the settings. Used as a context manager, it closes
    its connections at the end.
    """

    def __init__(
        self, contract: Contract, settings: Settings, clock: Clock, served: ServedApplication | None = None
    ) -> None:
        self.contract, self.settings, self.clock = contract, settings, clock
        self.served = served
        self._connections = _Connections(clock, settings.renewal)
        self._opened: list[requests.Session] = []
        self._documented: dict[str, Headers] = {}

    def __enter__(self) -> Sender:
        return self

    def __exit__(self, *_: object) -> None:
        for session in self._opened:
            session.close()

    def send(self, request: Request) -> Sent:
        """Sends a request with the header fields of the run, and with the credentials that its operation needs.

        Raises `NoResponseError`.
        """
        operation = self.operation_of(request)
        if operation is not None:
            request = self._with_documented_headers(request, operation)
        return self.send_as_is(authorized(request, operation, self.settings.credentials))

    def send_as_is(self, request: Request) -> Sent:
        """Sends a request, and adds nothing to it; raises `NoResponseError`."""
        base = f"http://{HOST}" if self.served is not None else self.settings.origin
        url = base + request.path + (f"?{request.query}" if request.query else "")
        headers = {name: value for name, value in request.headers if name not in _WRITTEN_BY_CLIENT}
        started = time.monotonic()
        try:
            prepared = requests.Request(request.method, url, headers, data=request.body or None).prepare()
            response, body_fault = self._answer(prepared)
        except requests.RequestException as error:
            raise NoResponseError(how_it_failed(error) or str(error), request, self.clock.is_over) from error
        except ValueError as error:  # a path or a header field that no client can send
            raise NoResponseError(f"the request cannot be sent: {error}", request) from error
        exchange = without_client_fields(Exchange(prepared_request(prepared), response))
        raised = self.served.raised.get(prepared) if self.served is not None else None
        return Sent(exchange, body_fault, raised, time.monotonic() - started)

    def operation_of(self, request: Request) -> Operation | None:
        """The operation that a request calls; None where the contract has none for it."""
        path = request.path
        if (base_path := self.settings.base_path) and path.startswith(f"{base_path}/"):
            path = path[len(base_path) :]
        match = operation_for(self.contract, request.method, path, request)
        return match[0] if match is not None else None

    def _with_documented_headers(self, request: Request, operation: Operation) -> Request:
        """A request with what the contract documents of `Accept` and `Authorization`, which no generator fills in."""
        label = operation.label
        if label not in self._documented:
            fields = documented_fields(self.contract, operation)
            if fields is None:
                document = self_contained(self.contract, (label,))
                fields = take_ignored_headers(document, self.contract.dialect.methods).get(label, {})
            given = {name.lower() for name in self.settings.credentials.headers}
            left_out = given | ({"authorization"} if operation.security else set())
            self._documented[label] = tuple(
                (name.lower(), value) for name, value in fields.items() if name.lower() not in left_out
            )
        has = {name for name, _ in request.headers}
        missing = tuple(field for field in self._documented[label] if field[0] not in has)
        return request._replace(headers=(*request.headers, *missing)) if missing else request

    def _answer(self, request: requests.PreparedRequest) -> tuple[Response, BodyFault | None]:
        if self.served is not None:
            served, renewal = self.served, self.settings.renewal

            def send() -> Answer:
                return served.answer(request, self.clock.left(self.settings.timeout_seconds))

            answer = send() if renewal is None else renewal.answer(request, send, lambda each: each.status)
            return response_of(answer.status, answer.headers, answer.content), answer.body_fault
        session = self._connections.session
        if session not in self._opened:
            self._opened.append(session)
        settings = self.settings
        got = session.send(request, allow_redirects=False, timeout=settings.timeout_seconds, verify=settings.verify)
        fields = got.raw.headers  # keeps repeated fields apart
        response = response_of(got.status_code, {name: fields.getlist(name) for name in fields}, got.content)
        return response, self._connections.body_faults.get(request)


class _Connections(threading.local):
    """The connections of one thread."""

    def __init__(self, clock: Clock, renewal: Renewal | None) -> None:
        self.body_faults: BodyFaults = BodyFaults()
        self.session = requests.Session()
        for scheme in ("http://", "https://"):
            self.session.mount(scheme, BoundedAdapter(clock, self.body_faults, renewal))
