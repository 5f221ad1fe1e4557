"""An exchange as its operation reads it: each parameter, header and body with its value and what is wrong with it.

Everything that does not depend on the exchange (how a parameter is read, which regular expression its path meets) is
made once per operation.
"""

from __future__ import annotations

import re
import weakref
from collections.abc import Sequence
from functools import cached_property

from tallystick import media
from tallystick.bodies import read_body
from tallystick.model import Exchange, MediaType, Operation, Parameter, Response, ResponseDefinition, Violation
from tallystick.paths import template_names
from tallystick.values import MISSING, FieldReader, Fields, Reader, Value, field_reader, pairs, text_reader

ReadParameter = tuple[Parameter, object, str]
"""A parameter, the value read for it (MISSING where there is none), and what is wrong with how it is written."""

_NO_BODY_STATUSES = frozenset((204, 205, 304))


class OperationReader:
    """How the exchanges of one operation are read."""

    def __init__(self, operation: Operation) -> None:
        names = template_names(operation.path)
        by_location: dict[str, list[Parameter]] = {"path": [], "query": [], "header": [], "cookie": []}
        for parameter in operation.parameters:
            by_location.setdefault(parameter.location, []).append(parameter)
        self.path: list[tuple[Parameter, int, Reader]] = [
            (parameter, names.index(parameter.name), text_reader(parameter))
            for parameter in by_location["path"]
            if parameter.name in names
        ]
        claimed = frozenset(parameter.name for parameter in by_location["query"])
        self.query: list[tuple[Parameter, FieldReader]] = [
            (parameter, field_reader(parameter, claimed - {parameter.name})) for parameter in by_location["query"]
        ]
        self.header = [
            (parameter, parameter.name.lower(), text_reader(parameter)) for parameter in by_location["header"]
        ]
        self.cookie = [(parameter, parameter.name, text_reader(parameter)) for parameter in by_location["cookie"]]
        source = "([^/]+)".join(re.escape(part) for part in re.split(r"\{[^{}]*\}", operation.path))
        bases = {server.base_path for server in operation.servers if server.base_path}
        prefix = f"(?:{'|'.join(map(re.escape, bases))})?" if bases else ""
        self.pattern = re.compile(prefix + source)

    def parts(self, path: str) -> Sequence[str] | None:
        """The raw parts of a path that stand for the names of the template; None where it does not meet it."""
        found = self.pattern.fullmatch(path)
        return found.groups() if found else None


_READERS: weakref.WeakKeyDictionary[Operation, OperationReader] = weakref.WeakKeyDictionary()


def reader_of(operation: Operation) -> OperationReader:
    """The reader of an operation, made on first use."""
    reader = _READERS.get(operation)
    if reader is None:
        reader = _READERS[operation] = OperationReader(operation)
    return reader


class Reading:
    """One exchange read by its operation; each part is read when a rule asks for it, and once."""

    def __init__(self, operation: Operation, exchange: Exchange) -> None:
        self.operation = operation
        self.exchange = exchange
        self.request = exchange.request
        self.request_violations: Sequence[Violation] = ()
        """What was found wrong with the request, once it is judged: a response to it may have to refuse it."""

    @cached_property
    def headers(self) -> dict[str, str]:
        """The request's header fields by name in lower case, repeated ones joined with a comma."""
        return _joined(self.request.headers)

    @cached_property
    def cookies(self) -> dict[str, str]:
        """The request's cookies by name, their values as they stand."""
        found: dict[str, str] = {}
        for cookie in self.headers.get("cookie", "").split(";"):
            name, equals, value = cookie.partition("=")
            if equals:
                found.setdefault(name.strip(), value.strip())
        return found

    @cached_property
    def query(self) -> Fields:
        """The request's query fields: raw values by decoded name."""
        found: dict[str, list[str]] = {}
        for name, raw in pairs(self.request.query):
            found.setdefault(name, []).append(raw)
        return found

    @cached_property
    def parameters(self) -> list[ReadParameter]:
        """Every parameter of the operation, read."""
        reader = reader_of(self.operation)
        found: list[ReadParameter] = []
        if reader.path:
            parts = reader.parts(self.request.path)
            for parameter, index, read in reader.path:
                value, problem = read((parts[index],)) if parts is not None else (MISSING, "")
                found.append((parameter, value, problem))
        for parameter, read_field in reader.query:
            value, problem = read_field(self.query)
            found.append((parameter, value, problem))
        for parameter, name, read in reader.header:
            value, problem = read((self.headers[name],)) if name in self.headers else (MISSING, "")
            found.append((parameter, value, problem))
        for parameter, name, read in reader.cookie:
            value, problem = read((self.cookies[name],)) if name in self.cookies else (MISSING, "")
            found.append((parameter, value, problem))
        return found

    @cached_property
    def content_type(self) -> str:
        """The request's `Content-Type`, "" where it has none."""
        return self.headers.get("content-type", "")

    @cached_property
    def media_type(self) -> MediaType | None:
        """The documented media type that the request's body is; None where it is none of them."""
        body = self.operation.request_body
        return media.documented(body.content, self.content_type) if body is not None else None

    @cached_property
    def body(self) -> Value:
        """The value of the request's body; MISSING where it has none or is of an undocumented type."""
        if self.media_type is None or not self.request.body:
            return MISSING, ""
        return read_body(self.request.body, self.media_type, self.content_type)

    @property
    def response(self) -> Response:
        """The response; asked for only by rules of the scope "response", which are given exchanges that have one."""
        if self.exchange.response is None:
            raise ValueError("the exchange has no response yet")
        return self.exchange.response

    @cached_property
    def definition(self) -> ResponseDefinition | None:
        """The documented response that covers the response's status."""
        return self.operation.response_for(self.response.status)

    @cached_property
    def response_headers(self) -> dict[str, str]:
        """The response's header fields by name in lower case, repeated ones joined with a comma."""
        return _joined(self.response.headers)

    @cached_property
    def response_content_type(self) -> str:
        return self.response_headers.get("content-type", "")

    @property
    def response_may_have_body(self) -> bool:
        """Whether a response to this request with this status can have a body at all (RFC 9110, section 6.4.1)."""
        status = self.response.status
        return self.request.method != "HEAD" and status >= 200 and status not in _NO_BODY_STATUSES

    @cached_property
    def response_media_type(self) -> MediaType | None:
        """The documented media type that the response's body is; None where it is none of them."""
        if self.definition is None:
            return None
        return media.documented(self.definition.content, self.response_content_type)

    @cached_property
    def response_body(self) -> Value:
        """The value of the response's body; MISSING where it has none or is of an undocumented type."""
        if self.response_media_type is None or not self.response.body:
            return MISSING, ""
        return read_body(self.response.body, self.response_media_type, self.response_content_type)


def _joined(headers: Sequence[tuple[str, str]]) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in headers:
        name = name.lower()
        found[name] = f"{found[name]}, {value}" if name in found else value
    return found
