"""An exchange as its operation reads it: each parameter, header and body with its value and what is wrong with it.

Everything that does not depend on the exchange (how a parameter is read, which regular expression its path meets) is
made once per operation.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Generic, NamedTuple, TypeVar
from weakref import finalize

from tallystick.nouns.contract import MediaType, Operation, Parameter, ResponseDefinition
from tallystick.nouns.exchange import Exchange, Response
from tallystick.nouns.path_templates import PathIndex, template_names
from tallystick.nouns.violation import Violation
from tallystick.wire import media_types
from tallystick.wire.bodies import BodyReader, body_reader, read_query
from tallystick.wire.parameters import FieldReader, Fields, TextReader, field_reader, fields_of, text_reader
from tallystick.wire.sequences import is_sequence
from tallystick.wire.values import MISSING, Value

T = TypeVar("T")

_NO_BODY_STATUSES = frozenset((204, 205, 304))
_KNOWN = 256
"""How many values of `Content-Type` an operation keeps its readers of bodies for; those of multipart are all new."""


class Body(NamedTuple):
    """The body of a request or a response, read.

    `media_type` is the documented one that it is of, None where it is of none of them; `value` is MISSING then, and
    `problem` what is wrong with how it is written. `is_parted` tells that it may be a sequence, judged item by item.
    """

    octets: bytes
    content_type: str
    media_type: MediaType | None
    value: Any
    problem: str
    is_parted: bool


ParameterReader = Callable[["Reading"], Value]
"""The reader of a parameter from an exchange: MISSING where that has none."""


class OperationReader:
    """How the exchanges of one operation are read."""

    def __init__(self, operation: Operation) -> None:
        names = template_names(operation.path)
        by_location: dict[str, list[Parameter]] = {"path": [], "query": [], "header": [], "cookie": []}
        for parameter in operation.parameters:
            by_location.setdefault(parameter.location, []).append(parameter)
        self.parameters: list[tuple[Parameter, ParameterReader]] = [
            *(
                (one, _of_path(names.index(one.name), text_reader(one)))
                for one in by_location["path"]
                if one.name in names
            ),
            *((one, _of_query(field_reader(one, _others(operation, one)))) for one in by_location["query"]),
            *((one, _of_whole_query(one.content)) for one in by_location.get("querystring", ()) if one.content),
            *((one, _of_header(one.name.lower(), text_reader(one))) for one in by_location["header"]),
            *((one, _of_cookie(one.name, text_reader(one))) for one in by_location["cookie"]),
        ]
        self.bodies: dict[tuple[str, str], tuple[MediaType | None, BodyReader, bool]] = {}
        self.names = len(names)
        self.paths: PathIndex[bool] = PathIndex()
        for base in ("", *(server.base_path for server in operation.servers)):
            self.paths.add(base + operation.path, True)

    def parts(self, path: str) -> Sequence[str] | None:
        """The raw parts of a path that stand for the names of the template; None where it does not meet it."""
        found = self.paths.matches(path)
        return found[0][1][len(found[0][1]) - self.names :] if found else None

    def body_as(
        self, status: str, content: Sequence[MediaType], content_type: str
    ) -> tuple[MediaType | None, BodyReader, bool]:
        """Which documented media type a body sent as `content_type` is, its reader, and whether it may be a sequence.

        `content` is that of the response documented as `status`, or with "" that of the request.
        """
        known = self.bodies.get((status, content_type))
        if known is None:
            media_type = media_types.documented(content, content_type)
            read = body_reader(media_type, content_type) if media_type is not None else _nothing
            known = media_type, read, is_sequence(content_type)
            if len(self.bodies) >= _KNOWN:
                self.bodies.clear()
            self.bodies[status, content_type] = known
        return known


def _nothing(_: bytes) -> Value:
    return MISSING, ""


def _of_path(index: int, read: TextReader) -> ParameterReader:
    def value(reading: Reading) -> Value:
        parts = reading.parts
        return read(parts[index]) if parts is not None else (MISSING, "")

    return value


def _of_query(read: FieldReader) -> ParameterReader:
    return lambda reading: read(reading.query)


def _of_whole_query(content: MediaType) -> ParameterReader:
    return lambda reading: read_query(reading.request.query, content) if reading.request.query else (MISSING, "")


def _of_header(name: str, read: TextReader) -> ParameterReader:
    return lambda reading: read(reading.headers[name]) if name in reading.headers else (MISSING, "")


def _of_cookie(name: str, read: TextReader) -> ParameterReader:
    return lambda reading: read(reading.cookies[name]) if name in reading.cookies else (MISSING, "")


def _others(operation: Operation, parameter: Parameter) -> Callable[[str], bool]:
    """Which fields of a query another parameter, or a security scheme, has claimed."""
    others = [one for one in operation.parameters if one.location == "query" and one is not parameter]
    names = {one.name for one in others}
    names.update(scheme.name for schemes in operation.security for scheme in schemes if scheme.location == "query")
    deep = tuple(f"{one.name}[" for one in others)
    return lambda name: name in names or name.startswith(deep)


def reader_of(operation: Operation) -> OperationReader:
    """The reader of an operation, made on first use."""
    key = id(operation)
    reader = _READERS.get(key)
    if reader is None:
        reader = _READERS[key] = OperationReader(operation)
        finalize(operation, _READERS.pop, key).atexit = False
    return reader


_READERS: dict[int, OperationReader] = {}
"""The readers of all operations that are in use, by `id`: a `WeakKeyDictionary` takes four times as long for a look."""


class lazy(Generic[T]):
    """A method that is called once for each reading, and whose result then stands in its place.

    It is what `functools.cached_property` is from Python 3.12 on: without the lock that costs more than most readings.
    """

    def __init__(self, method: Callable[[Any], T]) -> None:
        self.method = method
        self.name = method.__name__
        self.__doc__ = method.__doc__

    def __get__(self, reading: Any, owner: type) -> T:
        value = reading.__dict__[self.name] = self.method(reading)
        return value


class Reading:
    """One exchange read by its operation; each part is read when a rule asks for it, and once.

    `parts` are the raw parts of the path, for who has found them already by leading the request to its operation;
    `headers` are the request's, by name (see `by_name`).
    """

    def __init__(
        self,
        operation: Operation,
        exchange: Exchange,
        parts: Sequence[str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self.operation = operation
        if parts is not None:
            self.parts = parts
        self.exchange = exchange
        self.request = exchange.request
        if headers is not None:
            self.headers = headers
        self.request_violations: Sequence[Violation] = ()
        """What was found wrong with the request, once it is judged: a response to it may have to refuse it."""

    @lazy
    def parts(self) -> Sequence[str] | None:
        """The raw parts of the path that stand for the names of its template; None where it does not meet that."""
        return reader_of(self.operation).parts(self.request.path)

    @lazy
    def headers(self) -> Mapping[str, str]:
        """The request's header fields (see `by_name`)."""
        return by_name(self.request.headers)

    @lazy
    def cookies(self) -> dict[str, str]:
        """The request's cookies by name, their values as they stand."""
        found: dict[str, str] = {}
        for cookie in self.headers.get("cookie", "").split(";"):
            name, equals, value = cookie.partition("=")
            if equals:
                found.setdefault(name.strip(), value.strip())
        return found

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

    def _read(self, status: str, content: Sequence[MediaType], content_type: str, octets: bytes) -> Body:
        media_type, read, is_parted = reader_of(self.operation).body_as(status, content, content_type)
        value, problem = read(octets)
        return Body(octets, content_type, media_type, value, problem, is_parted)

    @property
    def response(self) -> Response:
        """The response; asked for only by rules of the scope "response", which are given exchanges that have one."""
        if self.exchange.response is None:
            raise ValueError("the exchange has no response yet")
        return self.exchange.response

    @lazy
    def definition(self) -> ResponseDefinition | None:
        """The documented response that covers the response's status."""
        return self.operation.response_for(self.response.status)

    @lazy
    def response_headers(self) -> Mapping[str, str]:
        """The response's header fields (see `by_name`)."""
        return by_name(self.response.headers)

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
            return Body(self.response.body, content_type, None, MISSING, "", False)
        return self._read(documented.status, documented.content, content_type, self.response.body)


def by_name(headers: Sequence[tuple[str, str]]) -> dict[str, str]:
    """Header fields by name in lower case; repeated ones are joined as RFC 9110, section 5.3, says."""
    found: dict[str, str] = {}
    for name, value in headers:
        name, value = name.lower(), value if value.isascii() else _in_utf_8(value)
        if name in found:  # RFC 9110, section 5.3; of cookies RFC 9113, section 8.2.3
            value = f"{found[name]}{'; ' if name == 'cookie' else ', '}{value}"
        found[name] = value
    return found


def _in_utf_8(value: str) -> str:
    """The text of a header field that was decoded as latin-1, where its bytes are UTF-8 as they mostly are."""
    try:
        return value.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return value
