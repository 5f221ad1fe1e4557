"""From an OpenAPI 3 document to the nouns of a contract, with a violation for each part that cannot be read."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from tallystick.contracts.paths import documented_operations
from tallystick.contracts.unreadable import UNREADABLE_PART, unreadable_part
from tallystick.contracts.x_examples import x_examples
from tallystick.documents.dialect import version_of
from tallystick.nouns.contract import (
    BodyFormat,
    Contract,
    DocumentedOperation,
    Encoding,
    Example,
    Link,
    Operation,
    Parameter,
    RequestBody,
    ResponseDefinition,
    SecurityRequirement,
    SecurityScheme,
    Server,
)
from tallystick.nouns.dialect import Dialect
from tallystick.nouns.errors import NotFollowedError, UnreadableError
from tallystick.nouns.json_value import JSON
from tallystick.nouns.media_type import parse_media_type
from tallystick.nouns.node import Node
from tallystick.nouns.path_templates import path_and_mark
from tallystick.nouns.violation import Violation
from tallystick.schemas.compiled import Compiler, ContractSchema

T = TypeVar("T")

DEFAULT_STYLE = {"path": "simple", "query": "form", "header": "simple", "cookie": "form"}
_IGNORED_HEADERS = frozenset(("accept", "content-type", "authorization"))
_STATUS = re.compile(r"[1-5](?:\d\d|XX)|default")
_VARIABLE = re.compile(r"\{([^{}]+)\}")


class Indexer:
    """Reads the objects of one document into nouns, and collects a violation for each part that it cannot read."""

    def __init__(self, root: Node, name: str, dialect: Dialect) -> None:
        self.root = root
        self.name = name
        self.dialect = dialect
        self.compiler = Compiler(self.dialect)
        self.unreadable_parts: list[Violation] = []
        self.documented: tuple[DocumentedOperation, ...] = ()
        self.schemes: dict[str, SecurityScheme] = {}
        self.parameters_read: dict[tuple[Node, str], Parameter] = {}
        self.responses_read: dict[tuple[Node, str], ResponseDefinition] = {}
        """Nouns that were read already: an object that many references lead to is read once."""

    def contract(self) -> Contract:
        root = self.root
        schemes: Node | None = root
        for key in self.dialect.security_schemes_at:
            schemes = self.member(schemes, key) if schemes is not None else None
        for name, node in self.readable(schemes):
            self.schemes[name] = self.security_scheme(name, node)
        servers = tuple(self.servers(root))
        paths = self.member(root, "paths")
        if paths is not None:
            self.documented = tuple(documented_operations(paths, self.dialect, self.note))
        operations = tuple(self.operations(servers))
        info = self.member(root, "info")
        return Contract(
            name=self.name,
            file=root.document.file,
            version=str(version_of(root.members)),
            dialect=self.dialect,
            title=info.string("title") if info else "",
            operations=operations,
            servers=servers,
            security_schemes=self.schemes,
            unreadable_parts=tuple(sorted(set(self.unreadable_parts))),
            files=tuple(document.file for document in root.document.family),
            root=root,
            compiler=self.compiler,
            documented_operations=self.documented,
        )

    def memoised(self, cache: dict[tuple[Node, str], T], node: Node, name: str, read: Callable[[], T]) -> T:
        """Call read() once for each node and name; again only if it met unreadable parts: each use reports them."""
        noun = cache.get((node, name))
        if noun is None:
            count = len(self.unreadable_parts)
            noun = read()
            if len(self.unreadable_parts) == count:
                cache[node, name] = noun
        return noun

    def member(self, owner: Node, key: str) -> Node | None:
        """The member of an object under a key, its `$ref` followed; None, and noted, where that cannot be read."""
        try:
            return owner.get(key)
        except UnreadableError as error:
            self.note(owner.raw(key), error)
            return None

    def followed(self, node: Node) -> Node | None:
        """What a node's `$ref` leads to; None, and noted, where that cannot be read."""
        try:
            return node.follow()
        except UnreadableError as error:
            self.note(node, error)
            return None

    def readable(self, parent: Node | None) -> Iterator[tuple[str, Node]]:
        """The members of an object that can be read, references followed; each other one is noted as unreadable."""
        for key, node in parent.raw_items() if parent is not None else ():
            followed = self.followed(node)
            if followed is not None:
                yield key, followed

    def operations(self, servers: tuple[Server, ...]) -> Iterator[Operation]:
        return (self.operation(each, servers) for each in self.documented if each.template.startswith("/"))

    def note(self, node: Node, reason: UnreadableError | str) -> None:
        """Note that a node cannot be read, for this reason."""
        if isinstance(reason, UnreadableError):
            self.unreadable_parts.append(unreadable_part(reason, node))
        else:
            self.unreadable_parts.append(UNREADABLE_PART.at(node.place, reason))

    def operation(self, documented: DocumentedOperation, servers: tuple[Server, ...]) -> Operation:
        for part, reason in documented.unreadable:
            self.note(part, reason)
        node, items = documented.node, documented.path_items
        parameters = _without_repeated(documented.parameters)
        path, mark = path_and_mark(documented.template)
        own_servers = next(filter(None, (self.member(owner, "servers") for owner in (node, *items))), None)
        return Operation(
            method=documented.method,
            path=path,
            mark=mark,
            place=node.place,
            operation_id=node.string("operationId") or None,
            summary=node.string("summary"),
            parameters=tuple(self.parameters(parameters)),
            request_body=self.request_body(node, parameters),
            responses=tuple(self.responses(node)),
            security=tuple(self.security(node)),
            servers=tuple(self.servers_of(own_servers)) if own_servers is not None else servers,
            deprecated=node.flag("deprecated"),
            tags=tuple(tag for tag in node.items_of("tags") if isinstance(tag, str)),
            accept=self.accept(parameters),
            extensions={name: value for name, value in node.members.items() if name.startswith("x-")},
        )

    def parameters(self, nodes: Sequence[Node]) -> Iterator[Parameter]:
        """The parameters of an operation, without the headers that the specification ignores."""
        for node in nodes:
            parameter = self.parameter(node)
            if parameter is not None:
                yield parameter

    def accept(self, nodes: Sequence[Node]) -> Parameter | None:
        """The definition of the header `Accept` among the parameters of an operation."""
        for node in nodes:
            if node.string("in") == "header" and node.string("name").lower() == "accept":
                return self.read_parameter(node, "Accept", "header", required=False)
        return None

    def parameter(self, node: Node) -> Parameter | None:
        name, location = node.string("name"), node.string("in")
        if location == "header" and name.lower() in _IGNORED_HEADERS:
            return None  # OpenAPI 3.1, section 4.8.12.2.1: such a definition shall be ignored
        if location not in (*DEFAULT_STYLE, "querystring"):
            self.note(node, "a parameter needs an `in` of path, query, header or cookie")
            return None
        required = node.flag("required") or location == "path"
        return self.memoised(
            self.parameters_read, node, "", lambda: self.read_parameter(node, name, location, required)
        )

    def read_parameter(self, node: Node, name: str, location: str, required: bool) -> Parameter:
        """A parameter or a header: its schema or content, its style and its examples."""
        style = node.string("style") or DEFAULT_STYLE.get(location, "simple")
        bodies = tuple(self.content(node))
        return Parameter(
            name=name,
            location=location,
            place=node.place,
            required=required,
            schema=self.schema(node, "schema"),
            content=bodies[0] if bodies else None,
            style=style,
            explode=node.flag("explode", style == "form"),
            allow_reserved=node.flag("allowReserved"),
            allow_empty=node.flag("allowEmptyValue"),
            examples=tuple(self.examples(node)),
        )

    def schema(self, node: Node, key: str) -> ContractSchema | None:
        return self.compiler.schema(node.raw(key)) if key in node.members else None

    def examples(self, node: Node) -> Iterator[Example]:
        """The examples of a parameter or body format: its own, else those of its schema."""
        named = self.member(node, "examples")
        if named is not None and isinstance(named.value, dict):
            for name, example_node in self.readable(named):
                example = self.example(name, example_node)
                if example is not None:
                    yield example
        elif "example" in node.members:
            single = node.raw("example")
            yield Example("example", single.value, single.place)
        elif (schema := self.schema(node, "schema")) is not None:
            yield from self.schema_examples(schema.followed)

    def schema_examples(self, node: Node) -> Iterator[Example]:
        if "example" in node.members:
            single = node.raw("example")
            yield Example("example", single.value, single.place)
        elif node.items_of("examples") and self.dialect.ref_siblings:
            for key, single in node.raw("examples").raw_items():
                yield Example(f"example-{int(key) + 1}", single.value, single.place)
        yield from x_examples(node)

    def example(self, name: str, node: Node) -> Example | None:
        """A named example; None where its value is elsewhere (`externalValue`) and cannot be read there."""
        value = node.members
        if "dataValue" in value:
            return Example(name, value["dataValue"], node.place.at("dataValue"))
        if "value" in value:
            return Example(name, value["value"], node.place.at("value"))
        serialized = value.get("serializedValue")
        if isinstance(serialized, str):
            return Example(name, None, node.place.at("serializedValue"), serialized.encode())
        octets = self.external_value(node)
        return Example(name, None, node.place.at("externalValue"), octets) if octets is not None else None

    def external_value(self, example: Node) -> bytes | None:
        """What `externalValue` leads to, as a reference would; None where there is none, or it may not be followed."""
        address = example.members.get("externalValue")
        if not isinstance(address, str):
            return None
        try:
            return example.document.external(example.path, address)
        except NotFollowedError:
            return None  # many lead to the web, and nothing that is judged depends on them
        except UnreadableError as error:
            self.note(example.raw("externalValue"), error)
            return None

    def content(self, owner: Node) -> Iterator[BodyFormat]:
        """The body formats in the `content` of an object; one that cannot be read lets any body of its type through."""
        content = self.member(owner, "content")
        for name, node in content.raw_items() if content is not None else ():
            body_format, media_type = self.followed(node), parse_media_type(name)
            yield (
                BodyFormat(media_type, node.place)
                if body_format is None
                else BodyFormat(
                    media_type=media_type,
                    place=body_format.place,
                    schema=self.schema(body_format, "schema"),
                    item_schema=self.schema(body_format, "itemSchema"),
                    examples=tuple(self.examples(body_format)),
                    encoding=self.encoding(body_format),
                )
            )

    def encoding(self, body_format: Node) -> dict[str, Encoding]:
        """The encoding of each property; a field of a wrong type is left out."""
        node = self.member(body_format, "encoding")
        return encodings_of(node.members) if node is not None else {}

    def request_body(self, operation: Node, parameters: Sequence[Node]) -> RequestBody | None:  # noqa: ARG002 - SwaggerIndexer's
        node = self.member(operation, "requestBody")
        if node is None:
            return None
        return RequestBody(place=node.place, required=node.flag("required"), content=tuple(self.content(node)))

    def responses(self, operation: Node) -> Iterator[ResponseDefinition]:
        """The responses of an operation; one that cannot be read has its status, and lets anything through."""
        responses = self.member(operation, "responses")
        for status, node in responses.raw_items() if responses is not None else ():
            key = status if status == "default" else status.upper()
            if _STATUS.fullmatch(key):
                response = self.followed(node)
                if response is None:
                    yield ResponseDefinition(key, node.place)
                else:
                    yield self.response(key, operation, response)

    def response(self, status: str, operation: Node, node: Node) -> ResponseDefinition:  # noqa: ARG002 - SwaggerIndexer's
        return self.memoised(self.responses_read, node, status, lambda: self.read_response(status, node))

    def read_response(self, status: str, node: Node) -> ResponseDefinition:
        return ResponseDefinition(
            status=status,
            place=node.place,
            description=node.string("description"),
            headers=self.response_headers(node),
            content=tuple(self.content(node)),
            links=tuple(self.link(name, link) for name, link in self.readable(self.member(node, "links"))),
        )

    def response_headers(self, response: Node) -> tuple[Parameter, ...]:
        """The headers of a response, without `Content-Type`, whose definition shall be ignored."""
        headers = self.readable(self.member(response, "headers"))
        return tuple(self.header(name, header) for name, header in headers if name.lower() != "content-type")

    def header(self, name: str, node: Node) -> Parameter:
        return self.read_header(name, node, node.flag("required"))

    def read_header(self, name: str, node: Node, required: bool) -> Parameter:
        def read() -> Parameter:
            return self.read_parameter(node, name, "header", required)

        return self.memoised(self.parameters_read, node, f"header {name}", read)

    def link(self, name: str, node: Node) -> Link:
        return Link(
            name=name,
            place=node.place,
            operation_id=node.string("operationId") or None,
            operation_ref=node.string("operationRef") or None,
            parameters=node.members_of("parameters"),
            request_body=node.members.get("requestBody"),
        )

    def security_scheme(self, name: str, node: Node) -> SecurityScheme:
        return SecurityScheme(
            id=name,
            kind=node.string("type"),
            place=node.place,
            location=node.string("in"),
            name=node.string("name"),
            scheme=node.string("scheme").lower(),
        )

    def security(self, operation: Node) -> Iterator[SecurityRequirement]:
        """The security requirements of an operation; a scheme that is not defined is left out of its requirement."""
        owner = operation if "security" in operation.members else self.root
        for requirement in owner.items_of("security"):
            if isinstance(requirement, dict):
                yield tuple(
                    _with_scopes(self.schemes[name], scopes)
                    for name, scopes in requirement.items()
                    if name in self.schemes
                )

    def servers(self, node: Node) -> Iterator[Server]:
        servers = self.member(node, "servers")
        return self.servers_of(servers) if servers is not None else iter(())

    def servers_of(self, servers: Node) -> Iterator[Server]:
        for _, node in self.readable(servers):
            default = _default_of(node.members_of("variables"))
            yield Server(_VARIABLE.sub(default, node.string("url", "/")), node.place)


def _with_scopes(scheme: SecurityScheme, scopes: JSON) -> SecurityScheme:
    demanded = tuple(scope for scope in scopes if isinstance(scope, str)) if isinstance(scopes, list) else ()
    return replace(scheme, scopes=demanded) if demanded else scheme


def _without_repeated(parameters: Sequence[Node]) -> Sequence[Node]:
    """The first parameter of each name and location: one of the operation goes before one of a path item."""
    nodes: dict[tuple[str, str], Node] = {}
    for node in parameters:
        location, name = node.string("in"), node.string("name")
        nodes.setdefault((location, name.lower() if location == "header" else name), node)
    return tuple(nodes.values())


def encodings_of(members: Mapping[str, JSON]) -> dict[str, Encoding]:
    """The encodings in an `encoding` map; a field of a wrong type is left out."""
    return {name: _encoding(value) for name, value in members.items() if isinstance(value, dict)}


def _encoding(value: Mapping[str, JSON]) -> Encoding:
    content_type, style, explode = value.get("contentType"), value.get("style"), value.get("explode")
    allow_reserved = value.get("allowReserved")
    return Encoding(
        content_type if isinstance(content_type, str) else None,
        style if isinstance(style, str) else None,
        explode if isinstance(explode, bool) else None,
        allow_reserved=allow_reserved if isinstance(allow_reserved, bool) else None,
    )


def _default_of(variables: Mapping[str, JSON]) -> Callable[[re.Match[str]], str]:
    def default(match: re.Match[str]) -> str:
        variable = variables.get(match[1])
        value = variable.get("default") if isinstance(variable, dict) else None
        return str(value) if value is not None else match[0]

    return default
