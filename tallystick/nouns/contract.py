"""What a contract says: its operations, their parameters, bodies and responses.

Names and shapes are those of the OpenAPI Specification 3.1; every other version is brought to them by its dialect.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from tallystick.nouns.dialect import Dialect
from tallystick.nouns.errors import UnreadableError
from tallystick.nouns.media_type import MediaType
from tallystick.nouns.node import Node
from tallystick.nouns.path_templates import PathIndex, PathValues, template_shape
from tallystick.nouns.schema import JSON, Schema, SchemaCompiler
from tallystick.nouns.violation import Place, Violation


@dataclass(frozen=True, slots=True)
class Example:
    """A named example: a value, or the text on the wire where the contract gives that (`serialized`)."""

    name: str
    value: JSON
    place: Place
    serialized: str | None = None


@dataclass(frozen=True, slots=True)
class Encoding:
    """How one property of a form or multipart body is written; None where the contract does not say.

    `content_type` lists media types or ranges with commas between them.
    """

    content_type: str | None = None
    style: str | None = None
    explode: bool | None = None


NO_ENCODING = Encoding()


@dataclass(frozen=True, slots=True)
class BodyFormat:
    """What a body of one media type or range is: OpenAPI's Media Type Object, with its key in `content`."""

    media_type: MediaType
    place: Place
    schema: Schema | None = None
    item_schema: Schema | None = None
    examples: tuple[Example, ...] = ()
    encoding: Mapping[str, Encoding] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter or a response header: where it is (`in`), how its value is written, and what it may be."""

    name: str
    location: str
    place: Place
    required: bool = False
    schema: Schema | None = None
    content: BodyFormat | None = None
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
    content: tuple[BodyFormat, ...] = ()


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
    description: str = ""
    headers: tuple[Parameter, ...] = ()
    content: tuple[BodyFormat, ...] = ()
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
        _, scheme_ends, rest = self.url.partition("://")
        return rest.partition("/")[0].lower() if scheme_ends else ""

    @property
    def base_path(self) -> str:
        """The path of the URL without a slash at its end: "" or `/v2`."""
        _, scheme_ends, rest = self.url.partition("://")
        path = "/" + rest.partition("/")[2] if scheme_ends else self.url
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
    extensions: Mapping[str, JSON] = field(default_factory=dict)
    """Its own fields that begin with `x-`."""

    @property
    def label(self) -> str:
        """Method and path template, as messages name an operation: `GET /pets/{id}`."""
        return f"{self.method} {self.path}"

    @cached_property
    def _response_by_status(self) -> dict[int, ResponseDefinition | None]:
        return {}

    def response_for(self, status: int) -> ResponseDefinition | None:
        """The documented response that covers a status: the exact one, else its range, else the default."""
        responses = self._response_by_status
        if status not in responses:
            covering = [response for response in self.responses if response.covers(status)]
            order = {str(status): 0, "default": 2}
            responses[status] = min(covering, key=lambda response: order.get(response.status, 1), default=None)
        return responses[status]


@dataclass(frozen=True, slots=True, eq=False)
class DocumentedOperation:
    """An operation as it stands in its document, whether it could be brought to an `Operation` or not.

    `path_items` are the path item that it stands in and those that this one's `$ref` leads to, the nearest first.
    `parameters` are its own and then those of its path items, references followed; `error` says why one of them, or
    all, cannot be read.
    """

    method: str
    template: str
    node: Node
    path_items: tuple[Node, ...]
    parameters: tuple[Node, ...]
    error: UnreadableError | None = None

    @property
    def label(self) -> str:
        """Method and path template: `GET /pets/{id}`."""
        return f"{self.method} {self.template}"

    @property
    def operation_id(self) -> str:
        return self.node.string("operationId")


@dataclass(frozen=True, eq=False)
class Contract:
    """One OpenAPI document, read, resolved and indexed.

    `file` is the path as the user gave it, `name` its stem in lower case with dashes. `version` is what the document
    says of itself, and only shown: what it means is in the `dialect`. `problems` says which operations could not be
    indexed, and why.
    """

    name: str
    file: str
    version: str
    title: str
    dialect: Dialect
    root: Node
    """The document as a whole, for what the nouns leave out."""
    compiler: SchemaCompiler
    documented_operations: tuple[DocumentedOperation, ...] = ()
    operations: tuple[Operation, ...] = ()
    servers: tuple[Server, ...] = ()
    security_schemes: Mapping[str, SecurityScheme] = field(default_factory=dict)
    problems: tuple[Violation, ...] = ()
    files: tuple[str, ...] = ()

    def __iter__(self) -> Iterator[Operation]:
        return iter(self.operations)

    @property
    def place(self) -> Place:
        """The document as a whole."""
        return self.root.place

    @cached_property
    def _index(self) -> PathIndex[dict[str, Operation]]:
        index: PathIndex[dict[str, Operation]] = PathIndex()
        by_shape: dict[str, dict[str, Operation]] = {}
        for operation in self.operations:
            by_shape.setdefault(template_shape(operation.path), {}).setdefault(operation.method, operation)
        for shape, methods in by_shape.items():
            index.add(shape, methods)
        return index

    def find(self, method: str, path: str) -> tuple[Operation, PathValues] | None:
        """The operation that a request to a raw path (without any server's base path) is for.

        With it come the raw values in the path for the names of the operation's template, in order.
        """
        for methods, path_values in self._index.matches(path):
            operation = methods.get(method)
            if operation is not None:
                return operation, path_values
        return None

    def methods(self, path: str) -> tuple[str, ...]:
        """The methods, in upper case, that a raw path has; none at all if it meets no template."""
        return tuple(dict.fromkeys(method for methods, _ in self._index.matches(path) for method in methods))
