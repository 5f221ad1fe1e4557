"""Reads an exchange by its operation: each parameter, header and body becomes a value, with its fault if it has one.

What does not depend on the exchange (how to read each parameter, which path templates to match) is prepared once per
operation.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from types import MappingProxyType
from typing import Generic, NamedTuple, TypeVar
from urllib.parse import parse_qsl
from weakref import finalize

from tallystick.nouns.contract import BodyFormat, Contract, Operation, Parameter, ResponseDefinition
from tallystick.nouns.exchange import Exchange, Request, Response
from tallystick.nouns.media_type import MediaType, parse_media_type
from tallystick.nouns.path_templates import PathIndex, PathValues, template_names
from tallystick.nouns.schema import Direction
from tallystick.nouns.violation import Violation
from tallystick.wire.bodies import UNJUDGED, BodyReader, body_reader, read_query
from tallystick.wire.fields import Fields, OtherFields, fields_of
from tallystick.wire.negotiation import documented_format
from tallystick.wire.parameters import (
    SET_COOKIE,
    FieldReader,
    PiecesReader,
    TextReader,
    cookie_reader,
    field_reader,
    text_reader,
)
from tallystick.wire.values import MISSING, Value

T = TypeVar("T")

_NO_BODY_STATUSES = frozenset((204, 205, 304))
_JSON = parse_media_type("application/json")
_MOST_CONTENT_TYPES = 256
"""How many readers of bodies an operation keeps, one per `Content-Type`; each multipart body brings a new boundary."""


class Body(NamedTuple):
    """The body of a request or a response, read.

    `media_type` is that of its `Content-Type`; where there is none, JSON if the body is read as that, else one without
    a text. `format` is the documented format that covers it; where there is none, it is None and `value` is MISSING.
    `fault` says what is wrong with the syntax.
    """

    octets: bytes
    media_type: MediaType
    format: BodyFormat | None
    value: object
    fault: str


class ContentTypeReader(NamedTuple):
    """The reader of all bodies with the same `Content-Type`."""

    media_type: MediaType
    format: BodyFormat | None
    read: BodyReader


ParameterReader = Callable[["Reading"], Value]
"""The reader of a parameter from an exchange: the value is MISSING where the exchange has none."""


class OperationReader:
    """Reads the exchanges of one operation."""

    def __init__(self, operation: Operation) -> None:
        names = template_names(operation.path)
        indexes = {name: index for index, name in reversed(list(enumerate(names)))}
        by_location: dict[str, list[Parameter]] = {"path": [], "query": [], "header": [], "cookie": []}
        for parameter in operation.parameters:
            by_location.setdefault(parameter.location, []).append(parameter)
        key_names = {each.name for schemes in operation.security for each in schemes if each.location == "query"}
        others = OtherFields([each.name for each in by_location["query"]], key_names)
        self.parameters: list[tuple[Parameter, ParameterReader]] = [
            *(
                (each, _of_path(indexes[each.name], text_reader(each)))
                for each in by_location["path"]
                if each.name in indexes
            ),
            *(
                (each, _of_query(field_reader(each, partial(others.belongs_elsewhere, each.name))))
                for each in by_location["query"]
            ),
            *((each, _of_whole_query(each.content)) for each in by_location.get("querystring", ()) if each.content),
            *((each, _of_header(each.name.lower(), text_reader(each))) for each in by_location["header"]),
            *((each, _of_cookie(each.name, cookie_reader(each))) for each in by_location["cookie"]),
        ]
        self.bodies: dict[tuple[str, str], ContentTypeReader] = {}
        self.name_count = len(names)
        self.paths: PathIndex[bool] = PathIndex()
        for base in ("", *(server.base_path for server in operation.servers)):
            self.paths.add(base + operation.path, True)

    def path_values(self, path: str) -> Sequence[str] | None:
        """The raw path values, in the order of the template's names; None where the path does not match."""
        matches = self.paths.matches(path)
        if not matches:
            return None
        _, values = matches[0]
        return values[len(values) - self.name_count :]  # the base path of a server may have names too

    def content_type_reader(self, status: str, content: Sequence[BodyFormat], content_type: str) -> ContentTypeReader:
        """The reader of bodies that are sent as `content_type`.

        `content` has the formats of the response that is documented as `status`; of the request if `status` is "".
        """
        reader = self.bodies.get((status, content_type))
        if reader is None:
            media_type = parse_media_type(content_type)
            body_format = documented_format(content, media_type)
            read = body_reader(body_format, media_type) if body_format is not None else _read_nothing
            reader = ContentTypeReader(media_type, body_format, read)
            if len(self.bodies) >= _MOST_CONTENT_TYPES:
                self.bodies.clear()
            self.bodies[status, content_type] = reader
        return reader


def _read_nothing(_: bytes) -> Value:
    return MISSING, ""


def _of_path(index: int, read: TextReader) -> ParameterReader:
    def value(reading: Reading) -> Value:
        values = reading.path_values
        return read(values[index]) if values is not None else (MISSING, "")

    return value


def _of_query(read: FieldReader) -> ParameterReader:
    return lambda reading: read(reading.query)


def _of_whole_query(content: BodyFormat) -> ParameterReader:
    return lambda reading: read_query(reading.request.query, content) if reading.request.query else (MISSING, "")


def _of_header(name: str, read: TextReader) -> ParameterReader:
    return lambda reading: read(reading.headers[name]) if name in reading.headers else (MISSING, "")


def _of_cookie(name: str, read: PiecesReader) -> ParameterReader:
    return lambda reading: read(reading.cookies[name]) if name in reading.cookies else (MISSING, "")


def reader_of(operation: Operation) -> OperationReader:
    """The reader of an operation, made on first use."""
    try:
        return _READERS[id(operation)]
    except KeyError:
        key = id(operation)
        finalize(operation, _READERS.pop, key, None).atexit = False  # two threads may come here at once
        return _READERS.setdefault(key, OperationReader(operation))


def operation_for(
    contract: Contract, method: str, path: str, request: Request | None = None
) -> tuple[Operation, PathValues] | None:
    """The first operation for a method and a raw path whose path parameters fit, else the first; and its values.

    Where paths of the contract ask for more (`/files?beta=true`), the request says which is meant.
    """
    candidates = list(contract.candidates(method, path))
    if any(operation.mark for operation, _ in candidates):
        candidates.sort(key=lambda each: mark_order(each[0], request))
    return next((each for each in candidates if path_fits(*each)), candidates[0]) if candidates else None


def mark_order(operation: Operation, request: Request | None) -> int:
    """The place of an operation among those of one path: first those whose marks a request has, the most of them first.

    Then come those without marks, and last those whose marks it lacks.
    """
    if not operation.mark:
        return 0
    fields = set(parse_qsl(request.query, keep_blank_values=True)) if request is not None else set()
    if request is not None and operation.mark[0] == "#":
        headers = {name.lower(): value for name, value in request.headers}
        fields |= {(name, headers[name.lower()]) for name, _ in operation.marks if name.lower() in headers}
    return -len(operation.marks) if fields.issuperset(operation.marks) else 1


def path_fits(operation: Operation, path_values: Sequence[str]) -> bool:
    """Whether the path parameters of an operation can be read from these values, and fit their schemas."""
    if not path_values:
        return True
    reading = Reading(operation, Exchange(Request(operation.method, operation.path)), path_values)
    for parameter, read in reader_of(operation).parameters:
        if parameter.location == "path":
            value, fault = read(reading)
            schema = parameter.described
            if fault or (schema is not None and not schema.is_valid(value, Direction.REQUEST)):
                return False
    return True


_READERS: dict[int, OperationReader] = {}
"""The readers of all operations in use, by `id`: a look-up in a `WeakKeyDictionary` takes four times as long."""


class lazy(Generic[T]):
    """A method that is called once for each reading; its result then takes its place.

    It is `functools.cached_property` as of Python 3.12: without the lock, which costs more than most readings.
    """

    def __init__(self, method: Callable[[Reading], T]) -> None:
        self.method = method
        self.name = method.__name__
        self.__doc__ = method.__doc__

    def __get__(self, reading: Reading, owner: type) -> T:
        value = reading.__dict__[self.name] = self.method(reading)
        return value


class Reading:
    """One exchange read by its operation; nothing is read before a rule asks for it, and nothing twice.

    A caller that already has the raw `path_values` or the request's `headers` (see `headers_by_name`) passes them.
    """

    scheme = "http"
    """The scheme of the request's URL."""
    prefix = ""
    """What stands in the request's URL before the path of the contract."""
    session = ""
    """The session of a mock that the request is for, "" where it names none."""
    is_spoiled = False
    """Whether the reply is not to arrive as it is, on purpose: then a mock remembers nothing of the request."""
    preferences: Mapping[str, str] = MappingProxyType({})
    """What the query of the request asks of a mock (`__code=404`), by name; it is no part of `request`."""

    def __init__(
        self,
        operation: Operation,
        exchange: Exchange,
        path_values: Sequence[str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self.operation = operation
        if path_values is not None:
            self.path_values = path_values
        self.exchange = exchange
        self.request = exchange.request
        if headers is not None:
            self.headers = headers
        self.request_violations: Sequence[Violation] = ()
        """The violations of the request, once it is judged: the response to an invalid request may be a refusal."""

    @lazy
    def path_values(self) -> Sequence[str] | None:
        """The raw path values (see `OperationReader.path_values`)."""
        return reader_of(self.operation).path_values(self.request.path)

    @lazy
    def headers(self) -> Mapping[str, str]:
        """The request's header fields (see `headers_by_name`)."""
        return headers_by_name(self.request.headers)

    @lazy
    def cookies(self) -> Mapping[str, Sequence[str]]:
        """The request's cookies: raw values by name, in order."""
        cookies: dict[str, list[str]] = {}
        for cookie in self.headers.get("cookie", "").split(";"):
            name, equals, value = cookie.partition("=")
            if equals:
                cookies.setdefault(name.strip(), []).append(value.strip())
        return cookies

    @lazy
    def query(self) -> Fields:
        """The request's query fields: raw values by decoded name."""
        return fields_of(self.request.query)

    @lazy
    def body(self) -> Body:
        """The request's body."""
        documented = self.operation.request_body
        content = documented.content if documented is not None else ()
        return self._read("", content, self.headers.get("content-type", ""), self.request.body)

    def _read(self, status: str, content: Sequence[BodyFormat], content_type: str, octets: bytes) -> Body:
        media_type, body_format, read = reader_of(self.operation).content_type_reader(status, content, content_type)
        value, fault = read(octets)
        if not content_type and body_format is not None and value is not UNJUDGED:
            media_type = _JSON
        return Body(octets, media_type, body_format, value, fault)

    @property
    def response(self) -> Response:
        """The response. Only rules of the scope "response" use it: their exchanges have one."""
        if self.exchange.response is None:
            raise ValueError("the exchange has no response yet")
        return self.exchange.response

    @lazy
    def definition(self) -> ResponseDefinition | None:
        """The documented response that covers the response's status."""
        return self.operation.response_for(self.response.status)

    @lazy
    def response_headers(self) -> Mapping[str, str]:
        """The response's header fields (see `headers_by_name`)."""
        return headers_by_name(self.response.headers)

    @lazy
    def response_cookies(self) -> Sequence[str]:
        """The lines of the response's `Set-Cookie`, which cannot be joined (RFC 9110, section 5.3)."""
        lines = (value for name, value in self.response.headers if name.lower() == SET_COOKIE)
        return [line if line.isascii() else _in_utf_8(line) for line in lines]

    @property
    def response_may_have_body(self) -> bool:
        """Whether a response to this request with this status can have a body at all (RFC 9110, section 6.4.1)."""
        status = self.response.status
        return self.request.method != "HEAD" and status >= 200 and status not in _NO_BODY_STATUSES

    @lazy
    def response_body(self) -> Body:
        """The response's body."""
        documented, content_type = self.definition, self.response_headers.get("content-type", "")
        if documented is None:
            return Body(self.response.body, parse_media_type(content_type), None, MISSING, "")
        return self._read(documented.status, documented.content, content_type, self.response.body)


def headers_by_name(headers: Sequence[tuple[str, str]]) -> dict[str, str]:
    """Header fields by name in lower case; repeated ones are joined."""
    by_name: dict[str, str] = {}
    repeated: dict[str, list[str]] = {}
    for name, value in headers:
        name, value = name.lower(), value if value.isascii() else _in_utf_8(value)
        if name not in by_name:
            by_name[name] = value
        elif name in repeated:
            repeated[name].append(value)
        else:
            repeated[name] = [by_name[name], value]
    for name, values in repeated.items():  # RFC 9110, section 5.3; of cookies RFC 9113, section 8.2.3
        by_name[name] = ("; " if name == "cookie" else ", ").join(values)
    return by_name


def _in_utf_8(value: str) -> str:
    """The text of a header field that was decoded as latin-1, if its bytes are UTF-8, as most are."""
    try:
        return value.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return value
