"""Schemathesis's way to an application in this process, without a client and a session for each request.

Imported only where there is such an application, and only under a release of Schemathesis that is patched.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import requests
from requests.utils import get_encoding_from_headers
from schemathesis import Response
from schemathesis.generation.overrides import Override
from schemathesis.transport import asgi
from schemathesis.transport.prepare import normalize_base_url

from tallystick.fuzz.body_faults import BodyFaults
from tallystick.fuzz.in_process import HOST, Answer, ServedApplication
from tallystick.fuzz.renewal import Renewal
from tallystick.fuzz.replacements import Replacement
from tallystick.nouns.statuses import phrase_of

if TYPE_CHECKING:
    from schemathesis import Case


def transport_replacement(served: ServedApplication, body_faults: BodyFaults, renewal: Renewal | None) -> Replacement:
    """Makes Schemathesis send its requests to an application that is served in this process."""
    return Replacement(asgi, "ASGI_TRANSPORT", InProcessTransport(served, body_faults, renewal))


class InProcessTransport(asgi.ASGITransport):
    """The transport to one application, and Schemathesis's own to every other."""

    def __init__(self, served: ServedApplication, body_faults: BodyFaults, renewal: Renewal | None) -> None:
        super().__init__()
        self._copy_serializers_from(asgi.ASGI_TRANSPORT)
        self.served = served
        self.body_faults = body_faults
        self.renewal = renewal

    def send(self, case: Case[Any], *, session: requests.Session | None = None, **kwargs: Any) -> Response:
        """Sends a case as Schemathesis sends it over HTTP; the configuration has credentials be part of the case."""
        application = kwargs.pop("app", case.operation.app)
        if application is not self.served.application:
            return super().send(case, session=session, app=application, **kwargs)
        if kwargs.get("base_url") is None:
            kwargs["base_url"] = normalize_base_url(case.operation.base_url, host=HOST)
        if session is not None and session.headers:
            kwargs["headers"] = {**session.headers, **(kwargs.get("headers") or {})}
        config = case.operation.schema.config
        request = _prepared(self.serialize_case(case, **kwargs))
        timeout_seconds = kwargs.get("timeout") or config.request_timeout_for(operation=case.operation)
        started = time.monotonic()
        most_events, renewal = config.max_stream_events_for(operation=case.operation), self.renewal

        def answered() -> Answer:
            return self.served.answer(request, timeout_seconds, most_events)

        answer = answered() if renewal is None else renewal.answer(request, answered, lambda each: each.status)
        if answer.body_fault is not None:
            self.body_faults[request] = answer.body_fault
        first_values = {name: values[0] for name, values in answer.headers.items()}
        return Response(
            status_code=answer.status,
            headers=answer.headers,
            content=answer.content,
            request=request,
            elapsed=time.monotonic() - started,
            verify=kwargs.get("verify", True),
            message=phrase_of(answer.status),
            encoding=get_encoding_from_headers(first_values),  # type: ignore[arg-type] # a mapping is enough
            stream_cut_short=answer.is_cut,
            _override=Override.from_send_kwargs(kwargs),
        )


def _prepared(serialized: dict[str, Any]) -> requests.PreparedRequest:
    """The request of a case that Schemathesis has serialized; a header without a value is left out."""
    parts = {part: serialized.get(part) for part in ("method", "url", "files", "data", "auth", "cookies", "json")}
    fields = {name: value for name, value in serialized["headers"].items() if value is not None}
    request = requests.PreparedRequest()
    request.prepare(headers=fields, params=serialized.get("params") or "", **parts)
    return request
