"""Findings made sure and made small: their request is sent again, and without all that they do not need.

Schemathesis shrinks what it finds while it makes up cases; what it finds otherwise is shrunk here.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import requests
from schemathesis import Response

from tallystick.fuzz import claims
from tallystick.fuzz.exchanges import as_written, exchange_of, verdict_of
from tallystick.fuzz.findings import Finding
from tallystick.fuzz.in_process import HOST, InProcess
from tallystick.fuzz.run import Settings
from tallystick.nouns.contract import Contract, Operation
from tallystick.nouns.exchange import Exchange, Request

_SECONDS = 10.0
"""How long all findings of a run together may take."""
_ATTEMPTS = 60
"""How many smaller requests are tried for one finding."""
_NEEDED = frozenset(("authorization", "cookie", "host", "content-type", "content-length"))


Sender = Callable[[requests.PreparedRequest], Response]


def reduce(contract: Contract, found: list[Finding], settings: Settings, served: InProcess | None) -> None:
    """Gives each finding that one request shows the smallest such request, and says whether it showed it again.

    Requests go to an application that is served in this process, if there is one, else to the server of the settings.
    """
    deadline = time.monotonic() + _SECONDS
    operations = {operation.label: operation for operation in contract}
    with requests.Session() as session:

        def send(request: requests.PreparedRequest) -> Response:
            if served is not None:
                return served.exchange(request, settings.timeout)
            verify = settings.verify
            answer = session.send(request, allow_redirects=False, timeout=settings.timeout, verify=verify)
            return Response.from_requests(answer, verify=verify)

        for finding in found:
            operation = operations.get(finding.subject)
            if len(finding.steps) == 1 and operation is not None and time.monotonic() < deadline:
                _reduce(finding, _Shower(contract, operation, finding, settings, send), deadline)


class _Shower:
    """Sends requests, and says which of them show a finding."""

    def __init__(
        self, contract: Contract, operation: Operation, finding: Finding, settings: Settings, send: Sender
    ) -> None:
        self.contract, self.operation, self.settings, self.send = contract, operation, settings, send
        self.claim = finding.claim
        self.before = self.verdict(finding.steps[0])
        self.known = settings.credentials.known_for(operation)

    def verdict(self, exchange: Exchange) -> claims.Verdict:
        return verdict_of(self.contract, exchange, self.settings.base_path, self.operation)

    @property
    def can_tell(self) -> bool:
        """Whether one exchange is enough to tell."""
        return claims.shows(self.before, self.claim, self.before, self.known) is not None

    def __call__(self, request: Request) -> Exchange | None:
        """The exchange that a request makes, None where it does not show the finding."""
        exchange = _sent(self.send, request, self.settings)
        if exchange is None or not claims.shows(self.verdict(exchange), self.claim, self.before, self.known):
            return None
        return exchange


def _reduce(finding: Finding, shown: _Shower, deadline: float) -> None:
    if not shown.can_tell:
        return
    best = shown(finding.steps[0].request)
    finding.again = best is not None
    attempts = 0
    while best is not None:
        smaller = None
        for request in without_parts(best.request):
            attempts += 1
            if attempts > _ATTEMPTS or time.monotonic() > deadline:
                return
            smaller = shown(request)
            if smaller is not None:
                break
        best = smaller
        if best is not None:
            finding.steps = (best,)


def without_parts(request: Request) -> Iterator[Request]:
    """The request without one of its parts: a query field, a header, a member or an item of its JSON body."""
    fields = request.query.split("&") if request.query else []
    for index in range(len(fields)):
        yield request._replace(query="&".join(fields[:index] + fields[index + 1 :]))
    for index, (name, _) in enumerate(request.headers):
        if name not in _NEEDED:
            yield request._replace(headers=request.headers[:index] + request.headers[index + 1 :])
    if any(name == "content-type" and "json" in value for name, value in request.headers):
        try:
            value = json.loads(request.body)
        except (ValueError, RecursionError):
            return
        for smaller in _without_members(value):
            yield request._replace(body=json.dumps(smaller, ensure_ascii=False).encode("utf-8", "surrogatepass"))


def _without_members(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        for key in value:
            yield {name: item for name, item in value.items() if name != key}
        for key, item in value.items():
            for smaller in _without_members(item):
                yield {**value, key: smaller}
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield value[:index] + value[index + 1 :]
            for smaller in _without_members(item):
                yield [*value[:index], smaller, *value[index + 1 :]]


def _sent(send: Sender, request: Request, settings: Settings) -> Exchange | None:
    """The exchange that a request makes now; None where there is no response."""
    base = f"http://{HOST}" if settings.application is not None else settings.origin
    url = base + request.path + (f"?{request.query}" if request.query else "")
    headers = {name: value for name, value in request.headers if name not in ("host", "content-length")}
    try:
        prepared = requests.Request(request.method, url, headers, data=request.body or None).prepare()
        return as_written(exchange_of(prepared, send(prepared)))
    except (requests.RequestException, ValueError):
        return None
