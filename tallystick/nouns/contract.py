"""What a contract says: its operations, their parameters, bodies and responses.

Names and shapes are those of the OpenAPI Specification 3.1; every other version is brought to them by its dialect.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from urllib.parse import parse_qsl

from tallystick.nouns.dialect import Dialect
from tallystick.nouns.errors import UnreadableError
from tallystick.nouns.json_value import JSON
from tallystick.nouns.media_type import MediaType
from tallystick.nouns.node import Node
from tallystick.nouns.path_templates import PathIndex, PathValues, template_shape
from tallystick.nouns.schema import Schema, SchemaCompiler
from tallystick.nouns.violation import Place, Violation


@dataclass(frozen=True, slots=True)
class Example:
    """A named example: a value, or its bytes on the wire if the contract gives only these (`serialized`)."""

    name: str
    value: JSON
    place: Place
    serialized: bytes | None = None


@dataclass(frozen=True, slots=True)
class Encoding:
    """How one property of a form or multipart body is written; None where the contract does not say.

    `content_type` lists media types or ranges with commas between them. `part_style` is the style of an array that
    stands in one part of a multipart body; without it, each item is a part. `item_styles`: see `Parameter`.
    `allow_reserved` is about reserved characters (RFC 3986) that are not percent-encoded.
    """

    content_type: str | None = None
    style: str | None = None
    explode: bool | None = None
    part_style: str | None = None
    item_styles: tuple[str, ...] = ()
    allow_reserved: bool | None = None


NO_ENCODING = Encoding()


@dataclass(frozen=True, slots=True)
class BodyFormat:
    """A body format: OpenAPI's Media Type Object, with `media_type` for its key in `content` (a type or a range)."""

    media_type: MediaType
    place: Place
    schema: Schema | None = None
    item_schema: Schema | None = None
    examples: tuple[Example, ...] = ()
    encoding: Mapping[str, Encoding] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter or a response header: where it is (`in`), how its value is written, and what it may be.

    `item_styles` holds the styles of the arrays in an array, the outermost first (in Swagger 2.0 they have some).
    """

    name: str
    location: str
    place: Place
    required: bool = False
    schema: Schema | None = None
    content: BodyFormat | None = None
    style: str = "simple"
    explode: bool = False
    item_styles: tuple[str, ...] = ()
    allow_reserved: bool = False
    allow_empty: bool = False
    examples: tuple[Example, ...] = ()

    @property
    def described(self) -> Schema | None:
        """The schema of the value, from `schema` or from `content`."""
        return self.schema or (self.content.schema if self.content is not None else None)

    @property
    def where(self) -> str:
        """The parameter as a violation names it: `query.limit`."""
        return f"{self.location}.{self.name}"


@dataclass(frozen=True, slots=True)
class RequestBody:
    """The body of a request, with one body format for each media type."""

    place: Place
    required: bool = False
    content: tuple[BodyFormat, ...] = ()


@dataclass(frozen=True, slots=True)
class Link:
    """A link from a response to another operation: the parts of the response that give its parameters and body."""

    name: str
    place: Place
    operation_id: str | None = None
    operation_ref: str | None = None
    parameters: Mapping[str, JSON] = field(default_factory=dict)
    request_body: JSON = None


@dataclass(frozen=True, slots=True)
class ResponseDefinition:
    """A documented response: its key (`200`, `2XX`, `default`), headers, and one body format for each media type."""

    status: str
    place: Place
    description: str = ""
    headers: tuple[Parameter, ...] = ()
    content: tuple[BodyFormat, ...] = ()
    links: tuple[Link, ...] = ()

    def covers(self, status: int) -> bool:
        """Whether this response documents a status code: by the code itself, by its range, or as the default."""
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
    scopes: tuple[str, ...] = ()
    """The scopes that the requirement demands in which the scheme stands."""


SecurityRequirement = tuple[SecurityScheme, ...]
"""The schemes that a request needs together; an empty tuple means that it needs no credentials."""


@dataclass(frozen=True, slots=True)
class Server:
    """Where the API is: the URL with its variables filled in by their defaults."""

    url: str
    place: Place

    @property
    def host(self) -> str:
        """Host and port in lower case (`api.example.com:8080`), "" for a relative URL."""
        rest = self._after_scheme
        return rest.partition("/")[0].lower() if rest is not None else ""

    @property
    def base_path(self) -> str:
        """The path of the URL without a slash at its end: "" or `/v2`."""
        rest = self._after_scheme
        path = "/" + rest.partition("/")[2] if rest is not None else self.url
        path = path.partition("?")[0].partition("#")[0].rstrip("/")
        return path if not path or path.startswith("/") else "/" + path

    @property
    def _after_scheme(self) -> str | None:
        """The URL from its host on; None for a relative URL. One that begins with `//` has a host but no scheme."""
        if self.url.startswith("//"):
            return self.url[2:]
        _, separator, rest = self.url.partition("://")
        return rest if separator else None


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
    tags: tuple[str, ...] = ()
    accept: Parameter | None = None
    """Its definition of the header `Accept`, which is no parameter (OpenAPI 3.1, section 4.8.12.2.1)."""
    extensions: Mapping[str, JSON] = field(default_factory=dict)
    """Its own fields that begin with `x-`."""
    mark: str = ""
    """What its path in the document asks for beside the path: `?beta=true`, or `#Action=Add` of a query or a header."""

    @property
    def label(self) -> str:
        """Method and path template, as messages name an operation: `GET /pets/{id}`."""
        return f"{self.method} {self.path}{self.mark}"

    @cached_property
    def marks(self) -> tuple[tuple[str, str], ...]:
        """The names and values that its mark asks for."""
        return tuple(parse_qsl(self.mark[1:], keep_blank_values=True))

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


UnreadableNode = tuple[Node, UnreadableError | str]
"""A part that cannot be read, and why."""


@dataclass(frozen=True, slots=True, eq=False)
class DocumentedOperation:
    """An operation as its document has it, even if no `Operation` could be made from it.

    `path_items` holds its path item, then the path items that the `$ref` of the path item leads to, nearest first.
    `parameters` holds its own parameters, then those of its path items, references followed. `unreadable` holds the
    parameters (or lists of them) that cannot be read, each with the reason.
    """

    method: str
    template: str
    node: Node
    path_items: tuple[Node, ...]
    parameters: tuple[Node, ...]
    unreadable: tuple[UnreadableNode, ...] = ()

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

    `file` is the path as the user gave it, `name` its stem in lower case with dashes. `version` is the
    version that the document names, for messages only; `dialect` holds what it means. `unreadable_parts` holds a
    violation for each part that could not be indexed.
    """

    name: str
    file: str
    version: str
    title: str
    dialect: Dialect
    root: Node
    """The whole document, for everything that the nouns leave out."""
    compiler: SchemaCompiler
    documented_operations: tuple[DocumentedOperation, ...] = ()
    operations: tuple[Operation, ...] = ()
    servers: tuple[Server, ...] = ()
    security_schemes: Mapping[str, SecurityScheme] = field(default_factory=dict)
    unreadable_parts: tuple[Violation, ...] = ()
    files: tuple[str, ...] = ()

    def __iter__(self) -> Iterator[Operation]:
        return iter(self.operations)

    @property
    def place(self) -> Place:
        """The document as a whole."""
        return self.root.place

    @cached_property
    def _index(self) -> PathIndex[dict[str, list[Operation]]]:
        index: PathIndex[dict[str, list[Operation]]] = PathIndex()
        by_shape: dict[str, dict[str, list[Operation]]] = {}
        for operation in self.operations:
            by_shape.setdefault(template_shape(operation.path), {}).setdefault(operation.method, []).append(operation)
        for shape, methods in by_shape.items():
            index.add(shape, methods)
        return index

    def find(self, method: str, path: str) -> tuple[Operation, PathValues] | None:
        """The operation for a method and a raw path without the server's base path, and the path values; else None.

        The path values are still percent-encoded, in the order of the names in the template. Of several operations, the
        one with the most concrete template is found, and the first of those whose templates differ in names alone; see
        `tallystick.wire.reading.operation_for` for the one whose path parameters fit.
        """
        return next(self.candidates(method, path), None)

    def candidates(self, method: str, path: str) -> Iterator[tuple[Operation, PathValues]]:
        """Every operation for a method and a raw path, the most concrete template first, with the path values."""
        for methods, path_values in self._index.matches(path):
            for operation in methods.get(method, ()):
                yield operation, path_values

    def methods(self, path: str) -> tuple[str, ...]:
        """The documented methods of a raw path, in upper case; empty if no template matches the path."""
        return tuple(dict.fromkeys(method for methods, _ in self._index.matches(path) for method in methods))
