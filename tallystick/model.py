"""The nouns: what a contract says, what was exchanged, and what is wrong with it. Plain frozen data.

What is made for every exchange is a named tuple, which is made in a third of a frozen dataclass's time.

Names and shapes are those of the OpenAPI Specification 3.1 and of RFC 9110; every other version of OpenAPI is
brought to them by its dialect before it gets here.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple, Protocol

from tallystick.paths import PathIndex, template_shape

JSON = Any
"""A JSON value: dict with string keys, list, str, int, float, bool or None."""

Headers = tuple[tuple[str, str], ...]
"""Header fields in order; names in lower case, values decoded as latin-1."""


class Severity(enum.StrEnum):
    """How bad a violation is: an error refuses and fails, a warning is told and counted."""

    ERROR = "error"
    WARNING = "warning"


class Direction(enum.StrEnum):
    """Which way a value goes: `readOnly` and `writeOnly` mean something else in each."""

    REQUEST = "request"
    RESPONSE = "response"


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a contract: the file as the user knows it and the path of keys to the part, most lazily a line."""

    file: str
    path: tuple[str, ...] = ()
    locate: Callable[[tuple[str, ...]], int] | None = field(default=None, compare=False, repr=False)
    _line: int = field(default=-1, init=False, compare=False, repr=False)

    @property
    def line(self) -> int:
        """The line of the part, from 1; 0 where the file as a whole is meant."""
        if self._line < 0:
            object.__setattr__(self, "_line", self.locate(self.path) if self.locate is not None else 0)
        return self._line

    @property
    def pointer(self) -> str:
        """The JSON Pointer (RFC 6901) of the part in its file, "" for the whole."""
        return "".join("/" + key.replace("~", "~0").replace("/", "~1") for key in self.path)

    def at(self, *keys: str) -> Place:
        """The place of a part of this part."""
        return Place(self.file, self.path + keys, self.locate)

    def __str__(self) -> str:
        line = self.line
        return f"{self.file}:{line}" if line else self.file


class Violation(NamedTuple):
    """One way in which a document or an exchange breaks a rule.

    `where` names the part of the exchange (`query.limit`, `body/items/0/id`, `response.status`; "" in a contract
    that is judged without one), `contract` the place of what was broken, `message` the fact and what was expected.
    """

    rule: str
    severity: Severity
    where: str
    contract: Place
    message: str

    @property
    def sort_key(self) -> tuple[str, int, str, str, str, str]:
        """File and line first, then where, rule and message: the order in which violations are shown."""
        place = self.contract
        return (place.file, place.line, place.pointer, self.where, self.rule, self.message)

    # The order of violations, and not that of tuples.
    def __lt__(self, other: Violation) -> bool:  # type: ignore[override]
        return self.sort_key < other.sort_key

    def __le__(self, other: Violation) -> bool:  # type: ignore[override]
        return self.sort_key <= other.sort_key

    def __gt__(self, other: Violation) -> bool:  # type: ignore[override]
        return self.sort_key > other.sort_key

    def __ge__(self, other: Violation) -> bool:  # type: ignore[override]
        return self.sort_key >= other.sort_key

    def __str__(self) -> str:
        where = f"{self.where}: " if self.where else ""
        return f"{where}{self.message} ({self.contract})"


class Request(NamedTuple):
    """An HTTP request as it is on the wire: `path` still percent-encoded, `query` without its question mark."""

    method: str
    path: str
    query: str = ""
    headers: Headers = ()
    body: bytes = b""


class Response(NamedTuple):
    """An HTTP response as it is on the wire."""

    status: int
    headers: Headers = ()
    body: bytes = b""


class Exchange(NamedTuple):
    """A request and, once there is one, its response."""

    request: Request
    response: Response | None = None


class SchemaError(NamedTuple):
    """One reason why a value does not fit a schema: the keyword, the path into the value, and the place."""

    keyword: str
    path: tuple[str | int, ...]
    place: Place
    message: str


class Schema(Protocol):
    """A schema at a place in a contract. Its keywords are those of its document, its meaning JSON Schema 2020-12."""

    @property
    def place(self) -> Place: ...

    @property
    def value(self) -> JSON:
        """The schema as its document has it, its own `$ref` not followed."""
        ...

    @property
    def resolved(self) -> Mapping[str, JSON]:
        """The schema in JSON Schema 2020-12 with its own `$ref` followed; a boolean schema as `{}` or `{"not": {}}`."""
        ...

    def child(self, *keys: str) -> Schema | None:
        """The schema under these keys of this one (`"properties", "id"`), its `$ref` followed on the way."""
        ...

    def is_valid(self, value: JSON, direction: Direction) -> bool: ...

    def errors(self, value: JSON, direction: Direction) -> Sequence[SchemaError]:
        """Every reason why the value does not fit, none if it does."""
        ...


@dataclass(frozen=True, slots=True)
class Example:
    """A named example: a value, or the text on the wire where the contract gives that (`serialized`)."""

    name: str
    value: JSON
    place: Place
    serialized: str | None = None


@dataclass(frozen=True, slots=True)
class MediaType:
    """What a body of one media type (`application/json`) or range (`image/*`) is."""

    name: str
    place: Place
    schema: Schema | None = None
    item_schema: Schema | None = None
    examples: tuple[Example, ...] = ()
    encoding: Mapping[str, Mapping[str, JSON]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter or a response header: where it is (`in`), how its value is written, and what it may be."""

    name: str
    location: str
    place: Place
    required: bool = False
    schema: Schema | None = None
    content: MediaType | None = None
    style: str = "simple"
    explode: bool = False
    allow_reserved: bool = False
    allow_empty: bool = False
    examples: tuple[Example, ...] = ()

    @property
    def described(self) -> Schema | None:
        """The schema of its value, be it given by `schema` or by `content`."""
        return self.schema or (self.content.schema if self.content is not None else None)

    @property
    def where(self) -> str:
        """The parameter as a violation names it: `query.limit`."""
        return f"{self.location}.{self.name}"


@dataclass(frozen=True, slots=True)
class RequestBody:
    """The body of a request, by media type."""

    place: Place
    required: bool = False
    content: tuple[MediaType, ...] = ()


@dataclass(frozen=True, slots=True)
class Link:
    """What of a response feeds which parameter of another operation."""

    name: str
    place: Place
    operation_id: str | None = None
    operation_ref: str | None = None
    parameters: Mapping[str, JSON] = field(default_factory=dict)
    request_body: JSON = None


@dataclass(frozen=True, slots=True)
class ResponseDefinition:
    """A documented response: its key (`200`, `2XX`, `default`), headers and bodies by media type."""

    status: str
    place: Place
    description: str | None = None
    headers: tuple[Parameter, ...] = ()
    content: tuple[MediaType, ...] = ()
    links: tuple[Link, ...] = ()

    def covers(self, status: int) -> bool:
        """Whether this response stands for a status code, as itself, as a range or as the default."""
        key = self.status
        return key == str(status) or key == "default" or (key[1:].upper() == "XX" and key[0] == str(status)[0])


@dataclass(frozen=True, slots=True)
class SecurityScheme:
    """How a caller proves who it is; `kind` is the specification's `type`, `location` its `in`."""

    id: str
    kind: str
    place: Place
    location: str = ""
    name: str = ""
    scheme: str = ""


SecurityRequirement = tuple[SecurityScheme, ...]
"""The schemes that are wanted together; none at all means that no credentials are needed."""


@dataclass(frozen=True, slots=True)
class Server:
    """Where the API is: the URL with its variables filled in by their defaults."""

    url: str
    place: Place

    @property
    def host(self) -> str:
        """Host and port in lower case (`api.example.com:8080`), "" for a relative URL."""
        _, found, rest = self.url.partition("://")
        return rest.partition("/")[0].lower() if found else ""

    @property
    def base_path(self) -> str:
        """The path of the URL without a slash at its end: "" or `/v2`."""
        _, found, rest = self.url.partition("://")
        path = "/" + rest.partition("/")[2] if found else self.url
        path = path.partition("?")[0].partition("#")[0].rstrip("/")
        return path if not path or path.startswith("/") else "/" + path


@dataclass(frozen=True, eq=False)
class Operation:
    """One method on one path template of a contract."""

    method: str
    path: str
    place: Place
    operation_id: str | None = None
    summary: str = ""
    parameters: tuple[Parameter, ...] = ()
    request_body: RequestBody | None = None
    responses: tuple[ResponseDefinition, ...] = ()
    security: tuple[SecurityRequirement, ...] = ()
    servers: tuple[Server, ...] = ()
    deprecated: bool = False
    prepared: dict[type, Any] = field(default_factory=dict, init=False, repr=False)
    """What is made of the operation once, for all its exchanges, by type (see `tallystick.reading.reader_of`)."""

    @property
    def label(self) -> str:
        """Method and path template, as messages name an operation: `GET /pets/{id}`."""
        return f"{self.method} {self.path}"

    @cached_property
    def _response_by_status(self) -> dict[int, ResponseDefinition | None]:
        return {}

    def response_for(self, status: int) -> ResponseDefinition | None:
        """The documented response that covers a status: the exact one, else its range, else the default."""
        known = self._response_by_status
        if status not in known:
            covering = [response for response in self.responses if response.covers(status)]
            order = {str(status): 0, "default": 2}
            known[status] = min(covering, key=lambda response: order.get(response.status, 1), default=None)
        return known[status]


@dataclass(frozen=True, eq=False)
class Contract:
    """One OpenAPI document, read, resolved and indexed.

    `file` is the path as the user gave it, `name` its stem in lower case with dashes, `version` the value of its
    `openapi` (or `swagger`) field. `problems` says which operations could not be indexed, and why.
    """

    name: str
    file: str
    version: str
    title: str
    place: Place
    value: JSON
    operations: tuple[Operation, ...] = ()
    servers: tuple[Server, ...] = ()
    security_schemes: Mapping[str, SecurityScheme] = field(default_factory=dict)
    problems: tuple[Violation, ...] = ()
    files: tuple[str, ...] = ()
    root: Any = field(default=None, repr=False)
    """The root of the document (a `tallystick.load.Node`), for those who look at what the nouns leave out."""

    def __iter__(self) -> Iterator[Operation]:
        return iter(self.operations)

    @cached_property
    def _index(self) -> PathIndex[dict[str, Operation]]:
        index: PathIndex[dict[str, Operation]] = PathIndex()
        by_shape: dict[str, dict[str, Operation]] = {}
        for operation in self.operations:
            by_shape.setdefault(template_shape(operation.path), {}).setdefault(operation.method, operation)
        for shape, methods in by_shape.items():
            index.add(shape, methods)
        return index

    def find(self, method: str, path: str) -> tuple[Operation, tuple[str, ...]] | None:
        """The operation that a request to a raw path (without any server's base path) is for.

        With it come the raw parts of the path that stand for the names of the operation's template, in order.
        """
        for methods, parts in self._index.matches(path):
            operation = methods.get(method)
            if operation is not None:
                return operation, parts
        return None

    def methods(self, path: str) -> tuple[str, ...]:
        """The methods, in upper case, that a raw path has; none at all if it meets no template."""
        return tuple(dict.fromkeys(method for methods, _ in self._index.matches(path) for method in methods))


@dataclass(frozen=True, slots=True)
class Rule:
    """One row of the rule table; `check` yields the violations of what it is given.

    A rule of the scope "contract" is given the parts of a contract (see `tallystick.rules.parts`); one of "request" or
    "response" a reading of an exchange (see `tallystick.reading`).
    """

    id: str
    severity: Severity
    scope: str
    sentence: str
    check: Callable[..., Iterable[Violation]]


def count_by_rule(violations: Sequence[Violation]) -> dict[str, int]:
    """How many violations each rule has, the most frequent first."""
    counts: dict[str, int] = {}
    for violation in violations:
        counts[violation.rule] = counts.get(violation.rule, 0) + 1
    return dict(sorted(counts.items(), key=lambda row: (-row[1], row[0])))
