"""What a failed test says of an exchange: the violations, the request as a curl line, and the response."""

from __future__ import annotations

from collections.abc import Sequence

from tallystick.exchanges.recorded import Recorded
from tallystick.exchanges.secrets import Secrets
from tallystick.nouns.contract import Contract
from tallystick.nouns.exchange import Request, Response
from tallystick.nouns.printing import visible
from tallystick.nouns.request_fields import fields_that_matter
from tallystick.nouns.violation import Violation
from tallystick.reports.curl import curl
from tallystick.reports.results import sentence

_BODY_SHOWN = 1000


def broken_text(contract: Contract, recorded: Recorded, violations: Sequence[Violation]) -> str:
    """The lines about an exchange that breaks its contract."""
    request, response = recorded.exchange
    secrets = Secrets([contract])
    status = response.status if response is not None else "no response"
    lines = [f"{request.method} {recorded.origin}{secrets.in_path(request.path)} -> {status} breaks the contract:"]
    lines += [f"  {each.rule}: {sentence(each)} ({each.contract})" for each in violations]
    lines.append(f"  {curl(_plain(request, secrets), recorded.origin, _variables(request, secrets))}")
    if response is not None:
        lines += [f"  {line}" for line in _response(response)]
    return "\n".join(lines)


def _plain(request: Request, secrets: Secrets) -> Request:
    """A request without what each client sends, and without the secrets of its path and query."""
    path, query = secrets.in_path(request.path), secrets.in_query(request.query)
    return request._replace(path=path, query=query, headers=fields_that_matter(request.headers))


def _variables(request: Request, secrets: Secrets) -> dict[str, str]:
    """The variables that stand for the secrets of a request, by their values."""
    hidden = {*secrets.headers, "cookie"}
    return {
        value.partition(" ")[2] or value: name.upper().replace("-", "_")
        for name, value in request.headers
        if name in hidden
    }


def _response(response: Response) -> list[str]:
    kind = next((value for name, value in response.headers if name == "content-type"), "no Content-Type")
    body = visible(" ".join(response.body.decode("utf-8", "replace").split()))
    shown = body if len(body) <= _BODY_SHOWN else f"{body[:_BODY_SHOWN]}… ({len(response.body):,} bytes)"
    return [f"{response.status} {kind}", *([shown] if shown else [])]
