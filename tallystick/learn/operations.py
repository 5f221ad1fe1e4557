"""What recorded exchanges of one operation have in common: its parameters, its bodies, its credentials."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from tallystick.exchanges.members import as_read, field_of
from tallystick.exchanges.recorded import Recorded
from tallystick.exchanges.secrets import MASK, Secrets
from tallystick.learn.fields import Field
from tallystick.learn.shapes import Shape
from tallystick.nouns import budgets
from tallystick.nouns.exchange import Headers, Request
from tallystick.nouns.json_value import JSON
from tallystick.nouns.media_type import MediaKind, MediaType, parse_media_type
from tallystick.nouns.request_fields import is_sent_with_all
from tallystick.nouns.statuses import CIRCUMSTANCES
from tallystick.wire.multipart import split_parts
from tallystick.wire.values import MISSING, decode_field, pairs, read_json

LEAST_REQUESTS = 3
"""In how many requests a parameter must be, and all, to be required."""
_SENT = frozenset(("idempotency-key",))
_OF_PAGES = frozenset(("csrf", "xsrf"))
"""Words in the names of header fields whose secret says from which page a request is, and not who asks."""
_ANSWERED = frozenset(("link", "location", "retry-after"))
NO_SECRETS = Secrets(())


@dataclass(slots=True)
class LearnedBody:
    """The bodies of one media type: how they are read, and the first one that is small enough for an example."""

    content_type: str
    kind: MediaKind
    shape: Shape = field(default_factory=Shape)
    fields: dict[str, Field] = field(default_factory=dict)
    count: int = 0
    example: object = MISSING

    def add(self, octets: bytes, media_type: MediaType, times: int) -> None:
        """Add a body that came so often."""
        self.count += times
        if self.kind is MediaKind.JSON:
            value, fault = read_json(octets)
            if fault:
                self.kind = MediaKind.OTHER  # its schema would be one of something else
                return
            self.shape.add(value, times)
            self._keep(value, octets)
        elif self.kind in (MediaKind.FORM, MediaKind.MULTIPART):
            for name, texts in _fields(octets, media_type).items():
                self.fields.setdefault(name, Field()).add(texts, times)
        elif self.kind is MediaKind.TEXT:
            self._keep(octets.decode("utf-8", "replace"), octets)

    def _keep(self, value: object, octets: bytes) -> None:
        if self.example is MISSING and len(octets) <= budgets.LEARNED_EXAMPLE_BYTES:
            self.example = value


def _fields(octets: bytes, media_type: MediaType) -> dict[str, list[str | None]]:
    """The texts of a form by their names; None for a part that is no text."""
    fields: dict[str, list[str | None]] = {}
    if media_type.kind is MediaKind.FORM:
        for name, raw in pairs(octets.decode("utf-8", "replace")):
            fields.setdefault(name, []).append(decode_field(raw)[0])
        return fields
    for part in split_parts(octets, media_type)[0]:
        is_text = part.media_type.name in ("", "text/plain")
        text = part.content.decode("utf-8", "replace") if is_text else None
        fields.setdefault(part.name, []).append(text)
    return fields


Bodies = dict[str, LearnedBody]
"""Bodies by the name of their media type."""


@dataclass(slots=True)
class LearnedResponse:
    """The responses of one status."""

    count: int = 0
    bodies: Bodies = field(default_factory=dict)
    headers: dict[str, Field] = field(default_factory=dict)


@dataclass(slots=True)
class LearnedOperation:
    """One method on one template, and what its exchanges have in common."""

    method: str
    template: str
    names: tuple[str, ...]
    calls: int = 0
    requests: int = 0
    """How many requests it was learned from; one that was refused for what it says tells nothing."""
    path: list[Field] = field(default_factory=list)
    query: dict[str, Field] = field(default_factory=dict)
    headers: dict[str, Field] = field(default_factory=dict)
    with_body: int = 0
    bodies: Bodies = field(default_factory=dict)
    credentials: Counter[tuple[str, ...]] = field(default_factory=Counter)
    responses: dict[int, LearnedResponse] = field(default_factory=dict)

    def add(self, recorded: Recorded, values: Sequence[str], is_telling: bool) -> None:
        """Add an exchange, with its path values; `is_telling` says whether its request is learned from."""
        request, response = recorded.exchange
        times = recorded.count
        self.calls += times
        if is_telling:
            self.requests += times
            self._add_request(request, values, recorded.has_whole_request, times)
        if response is None:
            return
        learned = self.responses.setdefault(response.status, LearnedResponse())
        learned.count += times
        if response.body and request.method != "HEAD":
            _add_body(learned.bodies, response.headers, response.body, recorded.has_whole_response, times)
        for name, texts in _grouped(response.headers):
            if (name in _ANSWERED or name.startswith("x-")) and not is_sent_with_all(name):
                learned.headers.setdefault(name, Field()).add(texts, times)

    def _add_request(self, request: Request, values: Sequence[str], is_whole: bool, times: int) -> None:
        self.path = self.path or [Field() for _ in values]
        for each, value in zip(self.path, values, strict=True):
            each.add([value], times)
        schemes = schemes_of(request)
        query: dict[str, list[str]] = {}
        for name, raw in pairs(request.query):
            if name:  # a parameter has a name
                query.setdefault(name, []).append(decode_field(raw)[0])
        for name, texts in query.items():
            if f"query:{name}" not in schemes:
                self.query.setdefault(name, Field()).add(texts, times)
        for name, texts in _grouped(request.headers):
            is_own = name in _SENT or (name.startswith("x-") and not is_sent_with_all(name))
            if is_own and f"header:{name}" not in schemes:
                self.headers.setdefault(name, Field()).add([", ".join(texts)], times)
        self.credentials[schemes] += times
        if request.body:
            self.with_body += times
            _add_body(self.bodies, request.headers, request.body, is_whole, times)


def _add_body(bodies: Bodies, headers: Headers, octets: bytes, is_whole: bool, times: int) -> None:
    content_type = field_of(headers, "content-type")
    media_type = parse_media_type(content_type)
    name = media_type.name or "application/octet-stream"
    body = bodies.setdefault(name, LearnedBody(name, media_type.kind))
    if is_whole:
        body.add(octets, media_type, times)


def _grouped(headers: Headers) -> list[tuple[str, list[str]]]:
    by_name: dict[str, list[str]] = {}
    for name, value in headers:
        by_name.setdefault(name, []).append(as_read(value))
    return [*by_name.items()]


def schemes_of(request: Request) -> tuple[str, ...]:
    """The kinds of credentials that a request brings: `bearer`, `basic`, `header:x-api-key`, `query:api_key`."""
    schemes: set[str] = set()
    for name, value in request.headers:
        if name in ("proxy-authorization", "cookie"):
            continue
        if name == "authorization":
            scheme = value.partition(" ")[0].lower() if " " in value.strip() else ""
            schemes.add(scheme if scheme in ("bearer", "basic", "digest") else "header:authorization")
        elif name in NO_SECRETS.headers or (value == MASK and not _OF_PAGES.intersection(name.split("-"))):
            schemes.add(f"header:{name}")
    schemes.update(f"query:{name}" for name, raw in pairs(request.query) if name in NO_SECRETS.query or raw == MASK)
    return tuple(sorted(schemes))


def is_telling(recorded: Recorded) -> bool:
    """Whether a request says what the API takes: it was not refused for what it says, and did not break the server."""
    response = recorded.exchange.response
    return response is not None and (response.status < 400 or response.status in CIRCUMSTANCES)


def is_missing(recorded: Recorded) -> bool:
    """Whether the answer says that there is no such path, method or thing."""
    request, response = recorded.exchange
    if response is None or response.status in (404, 410, 501):
        return True
    allowed = field_of(response.headers, "allow").upper().replace(" ", "")  # without it, the path may have the method
    return response.status == 405 and bool(allowed) and request.method not in allowed.split(",")


def is_refused(recorded: Recorded) -> bool:
    """Whether the answer may be one for any path: that nothing is there, or that nobody knows who asks."""
    request, response = recorded.exchange
    if response is None or response.status in (401, 405) or is_missing(recorded):
        return True
    return response.status == 403 and not schemes_of(request) and not field_of(request.headers, "cookie")


def json_of(recorded: Recorded) -> JSON:
    """The JSON value of the response's body; None where it has none."""
    response = recorded.exchange.response
    if response is None or response.status >= 400 or not recorded.has_whole_response:
        return None
    if parse_media_type(field_of(response.headers, "content-type")).kind is not MediaKind.JSON:
        return None
    value, fault = read_json(response.body)
    return None if fault else value  # type: ignore[return-value] # what orjson reads is JSON
