"""The noun of an exchange in the journal, as it is kept and as it is read back."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any, NamedTuple

import orjson

from tallystick.nouns.exchange import Headers, Request, Response
from tallystick.nouns.json_value import JSON


class Record(NamedTuple):
    """One exchange: when its request arrived (Unix seconds), how long it took, and what was said.

    The bodies may be cut (`budgets.JOURNAL_BODY_BYTES`); `request_bytes` and `response_bytes` are their whole sizes.
    The path is that of the contract; `prefix` stood before it. `contract` and `label` name the operation, "" for none.
    """

    id: str
    time: float
    seconds: float
    session: str
    contract: str
    label: str
    operation_id: str
    scheme: str
    prefix: str
    request: Request
    response: Response
    request_bytes: int
    response_bytes: int
    violations: tuple[Mapping[str, str], ...]
    """Each with the `side` (request or response) that it is of."""
    why: Mapping[str, JSON]
    """See `tallystick.mock.journal.why`."""

    @property
    def url(self) -> str:
        """The URL of the request, as far as the request says."""
        host = next((value for name, value in self.request.headers if name == "host"), "localhost")
        query = f"?{self.request.query}" if self.request.query else ""
        return f"{self.scheme}://{host}{self.prefix}{self.request.path}{query}"

    @property
    def sent_headers(self) -> Headers:
        """The header fields of the response, with the length that a reply of the mock is sent with."""
        status, headers, _ = self.response
        if status < 200 or status in (204, 304) or self.request.method == "HEAD":
            return headers
        if self.why.get("source") == "upstream" or any(name == "content-length" for name, _ in headers):
            return headers  # as the upstream has sent them: in chunks, perhaps
        return (*headers, ("content-length", str(self.response_bytes)))

    @property
    def text(self) -> bytes:
        """The record as it is kept."""
        return text_of(self, response_text(self.response), write(self.why))


def text_of(record: Record, response: bytes, why: bytes) -> bytes:
    """A record as it is kept; its response and its reasons are texts already."""
    request = record.request
    fields = {
        "id": record.id,
        "time": record.time,
        "seconds": record.seconds,
        "contract": record.contract,
        "label": record.label,
        "operation_id": record.operation_id,
        "scheme": record.scheme,
        "prefix": record.prefix,
        "request": [request.method, request.path, request.query, request.headers, _encoded(request.body)],
        "response": orjson.Fragment(response),
        "bytes": [record.request_bytes, record.response_bytes],
        "violations": record.violations,
        "why": orjson.Fragment(why),
    }
    return orjson.dumps(fields)


def response_text(response: Response) -> bytes:
    """A response as it is kept."""
    return orjson.dumps([response.status, response.headers, _encoded(response.body)])


def write(value: Mapping[str, JSON]) -> bytes:
    """An object as it is kept."""
    return orjson.dumps(value)


def read_record(session: str, text: bytes) -> Record:
    """The record in a text that was kept."""
    fields: dict[str, Any] = orjson.loads(text)
    method, path, query, headers, body = fields["request"]
    status, response_headers, response_body = fields["response"]
    request_bytes, response_bytes = fields["bytes"]
    return Record(
        fields["id"],
        fields["time"],
        fields["seconds"],
        session,
        fields["contract"],
        fields["label"],
        fields["operation_id"],
        fields["scheme"],
        fields["prefix"],
        Request(method, path, query, _headers(headers), _decoded(body)),
        Response(status, _headers(response_headers), _decoded(response_body)),
        request_bytes,
        response_bytes,
        tuple(fields["violations"]),
        fields["why"],
    )


def _headers(fields: list[list[str]]) -> Headers:
    return tuple((name, value) for name, value in fields)


def _encoded(body: bytes) -> str | list[str]:
    """A body as JSON can have it: a text, or a list of its text in base64."""
    try:
        return body.decode()
    except UnicodeDecodeError:
        return [base64.b64encode(body).decode()]


def _decoded(value: str | list[str]) -> bytes:
    return value.encode() if isinstance(value, str) else base64.b64decode(value[0])
