"""The parts of an OpenAPI 3 document as nouns: its operations, indexed and resolved, and what could not be."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from tallystick.contracts.problems import UNREADABLE_PART, problem
from tallystick.documents.dialect import Dialect
from tallystick.nouns.contract import (
    BodyFormat,
    Contract,
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
from tallystick.nouns.errors import UnreadableError
from tallystick.nouns.media_type import parse_media_type
from tallystick.nouns.node import Node
from tallystick.nouns.violation import Violation
from tallystick.schemas.compiled import Compiler, references

T = TypeVar("T")

DEFAULT_STYLE = {"path": "simple", "query": "form", "header": "simple", "cookie": "form"}
_IGNORED_HEADERS = frozenset(("accept", "content-type", "authorization"))
_STATUS = re.compile(r"[1-5](?:\d\d|XX)|default")
_VARIABLE = re.compile(r"\{([^{}]+)\}")


class Indexer:
    """Reads one document's parts into the nouns, and collects what it cannot read."""

    def __init__(self, root: Node, name: str, dialect: Dialect) -> None:
        self.root = root
        self.name = name
        self.dialect = dialect
        self.compiler = Compiler(self.dialect)
        self.problems: list[Violation] = []
        self.schemes: dict[str, SecurityScheme] = {}
        self.made: dict[tuple[Node, str], Any] = {}
        """What was made of parts; one that many references lead to is the same node each time, and is made once."""

    def contract(self) -> Contract:
        root = self.root
        schemes = self.scheme_definitions()
        if schemes is not None:
            for name, node in self.readable(schemes):
                self.schemes[name] = self.security_scheme(name, node)
        servers = tuple(self.servers(root))
        operations = tuple(self.operations(servers))
        info = root.get("info")
        return Contract(
            name=self.name,
            file=root.document.file,
            version=str(root.members.get("openapi", root.members.get("swagger"))),
            title=info.string("title") if info else "",
            operations=operations,
            servers=servers,
            security_schemes=self.schemes,
            problems=tuple(sorted(self.problems)),
            files=tuple(document.file for document in root.document.family),
            root=root,
        )

    def scheme_definitions(self) -> Node | None:
        components = self.root.get("components")
        return components.get("securitySchemes") if components is not None else None

    def once(self, node: Node, name: str, make: Callable[[], T]) -> T:
        """What is made of a part under a name; anew for each use where it has problems, so that each tells them."""
        made: T | None = self.made.get((node, name))
        if made is None:
            before = len(self.problems)
            made = make()
            if len(self.problems) == before:
                self.made[node, name] = made
        return made

    def readable(self, parent: Node, extensible: bool = False) -> Iterator[tuple[str, Node]]:
        """The members of a part that can be read; the others become problems.

        Only some parts are `extensible`: what begins with `x-` in them is no member (a header may well do so).
        """
        for key, node in parent.raw_items():
            if extensible and key.startswith("x-"):
                continue
            try:
                followed = node.follow()
            except UnreadableError as error:
                self.problems.append(problem(error, node))
            else:
                yield key, followed

    def operations(self, servers: tuple[Server, ...]) -> Iterator[Operation]:
        paths = self.root.get("paths")
        if paths is None:
            return
        for template, listed in paths.raw_items():
            if not template.startswith("/"):
                continue
            met: set[str] = set()
            items = self.path_items(listed)
            for item in items:
                for method, node in self.path_item_operations(item):
                    if method in met:
                        continue
                    met.add(method)
                    try:
                        node = node.follow()  # not in the specification, but real documents are split there
                        if isinstance(node.value, dict):
                            yield self.operation(template, method, items, node, servers)
                        else:
                            self.note(node, f"an operation must be an object; {method} {template} is not")
                    except UnreadableError as error:
                        self.problems.append(problem(error, node))

    def path_items(self, node: Node) -> list[Node]:
        """A path item, and those that its `$ref` leads to: documents mean the operations of all, the nearest first."""
        try:
            node.follow()
        except UnreadableError as error:
            self.problems.append(problem(error, node))
        return [item for item in references(node) if isinstance(item.value, dict)]

    def path_item_operations(self, item: Node) -> Iterator[tuple[str, Node]]:
        """Each operation of a path item with its method in upper case (an additional one as it is written)."""
        for key, node in item.raw_items():
            if key in self.dialect.methods:
                yield key.upper(), node
            elif key == "additionalOperations" and self.dialect.version == "3.2":
                try:
                    yield from node.follow().raw_items()
                except UnreadableError as error:
                    self.problems.append(problem(error, node))

    def note(self, node: Node, message: str) -> None:
        self.problems.append(UNREADABLE_PART.at(node.place, message))

    def operation(
        self, template: str, method: str, items: Sequence[Node], node: Node, servers: tuple[Server, ...]
    ) -> Operation:
        own = next(filter(None, (owner.get("servers") for owner in (node, *items))), None)
        responses = node.get("responses")
        return Operation(
            method=method,
            path=template,
            place=node.place,
            operation_id=node.string("operationId") or None,
            summary=node.string("summary"),
            parameters=tuple(self.parameters(items, node)),
            request_body=self.request_body(items, node),
            responses=tuple(self.responses(node, responses)) if responses is not None else (),
            security=tuple(self.security(node)),
            servers=tuple(self.servers_of(own)) if own is not None else servers,
            deprecated=node.flag("deprecated"),
        )

    def parameters(self, items: Sequence[Node], operation: Node) -> Iterator[Parameter]:
        """The parameters of an operation and of its path items, those that are to be ignored left out."""
        for node in self.parameter_nodes(items, operation):
            parameter = self.parameter(node)
            if parameter is not None:
                yield parameter

    def parameter_nodes(self, items: Sequence[Node], operation: Node) -> Iterator[Node]:
        """The parameter objects of both; the operation's own goes before one of a path item of the same name."""
        found: dict[tuple[str, str], Node] = {}
        for owner in (operation, *items):
            listed = owner.get("parameters")
            for _, node in listed.items() if listed is not None else ():
                location, name = node.string("in"), node.string("name")
                found.setdefault((location, name.lower() if location == "header" else name), node)
        return iter(found.values())

    def parameter(self, node: Node) -> Parameter | None:
        name, location = node.string("name"), node.string("in")
        if location == "header" and name.lower() in _IGNORED_HEADERS:
            return None  # OpenAPI 3.1, section 4.8.12.2.1: such a definition shall be ignored
        if not name or location not in (*DEFAULT_STYLE, "querystring"):
            raise UnreadableError(
                node.document.file,
                node.place.line,
                "a parameter needs a `name` and an `in` of path, query, header or cookie",
            )
        required = node.flag("required") or location == "path"
        return self.once(node, "", lambda: self.value_of(node, name, location, required))

    def value_of(self, node: Node, name: str, location: str, required: bool) -> Parameter:
        """What parameters and headers have in common: the schema or content, the style and the examples."""
        style = node.string("style") or DEFAULT_STYLE.get(location, "simple")
        content = node.get("content")
        bodies = tuple(self.content(content)) if content is not None else ()
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

    def schema(self, node: Node, key: str) -> Any:
        if not isinstance(node.value, dict) or key not in node.value:
            return None
        return self.compiler.schema(node.raw(key))

    def examples(self, node: Node) -> Iterator[Example]:
        """The examples of a parameter or media type, those of its schema where it has none of its own."""
        named = node.get("examples")
        if named is not None and isinstance(named.value, dict):
            for name, example in self.readable(named):
                found = self.example(name, example)
                if found is not None:
                    yield found
        elif isinstance(node.value, dict) and "example" in node.value:
            single = node.raw("example")
            yield Example("example", single.value, single.place)
        elif (schema := self.schema(node, "schema")) is not None:
            yield from self.schema_examples(schema.followed)

    def schema_examples(self, node: Node) -> Iterator[Example]:
        if not isinstance(node.value, dict):
            return
        if "example" in node.value:
            single = node.raw("example")
            yield Example("example", single.value, single.place)
        elif isinstance(node.value.get("examples"), list) and self.dialect.ref_siblings:
            for key, single in node.raw("examples").raw_items():
                yield Example(f"example-{int(key) + 1}", single.value, single.place)

    def example(self, name: str, node: Node) -> Example | None:
        """A named example; None where its value is elsewhere (`externalValue`), which is not fetched."""
        value = node.members
        if "dataValue" in value:
            return Example(name, value["dataValue"], node.place.at("dataValue"))
        if "value" in value:
            return Example(name, value["value"], node.place.at("value"))
        serialized = value.get("serializedValue")
        if isinstance(serialized, str):
            return Example(name, None, node.place.at("serializedValue"), serialized)
        return None

    def content(self, node: Node) -> Iterator[BodyFormat]:
        for name, media_type in self.readable(node):
            yield BodyFormat(
                media_type=parse_media_type(name),
                place=media_type.place,
                schema=self.schema(media_type, "schema"),
                item_schema=self.schema(media_type, "itemSchema"),
                examples=tuple(self.examples(media_type)),
                encoding=self.encoding(media_type),
            )

    def encoding(self, media_type: Node) -> dict[str, Encoding]:
        """The Encoding Object of each property; a field of another type than it should be is left out."""
        node = media_type.get("encoding")
        members = node.value.items() if node is not None and isinstance(node.value, dict) else ()
        return {name: _encoding(value) for name, value in members if isinstance(value, dict)}

    def request_body(self, items: Sequence[Node], operation: Node) -> RequestBody | None:  # noqa: ARG002 - Swagger's
        node = operation.get("requestBody")
        if node is None:
            return None
        content = node.get("content")
        return RequestBody(
            place=node.place,
            required=node.flag("required"),
            content=tuple(self.content(content)) if content is not None else (),
        )

    def responses(self, operation: Node, listed: Node) -> Iterator[ResponseDefinition]:
        for status, response in self.readable(listed, extensible=True):
            key = status if status == "default" else status.upper()
            if _STATUS.fullmatch(key):
                yield self.response(key, operation, response)

    def response(self, status: str, operation: Node, node: Node) -> ResponseDefinition:  # noqa: ARG002 - Swagger's
        return self.once(node, status, lambda: self.response_of(status, node))

    def response_of(self, status: str, node: Node) -> ResponseDefinition:
        headers, content, links = node.get("headers"), node.get("content"), node.get("links")
        return ResponseDefinition(
            status=status,
            place=node.place,
            description=node.string("description"),
            headers=tuple(
                self.header(name, header)
                for name, header in (self.readable(headers) if headers is not None else ())
                if name.lower() != "content-type"
            ),
            content=tuple(self.content(content)) if content is not None else (),
            links=tuple(self.link(name, link) for name, link in (self.readable(links) if links is not None else ())),
        )

    def header(self, name: str, node: Node) -> Parameter:
        return self.once(node, f"header {name}", lambda: self.value_of(node, name, "header", node.flag("required")))

    def link(self, name: str, node: Node) -> Link:
        value: Mapping[str, Any] = node.value if isinstance(node.value, dict) else {}
        parameters = value.get("parameters")
        return Link(
            name=name,
            place=node.place,
            operation_id=node.string("operationId") or None,
            operation_ref=node.string("operationRef") or None,
            parameters=parameters if isinstance(parameters, dict) else {},
            request_body=value.get("requestBody"),
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
        """The alternatives of an operation; a scheme that is not defined makes its alternative one without it."""
        listed = operation.members.get("security", self.root.members.get("security"))
        for requirement in listed if isinstance(listed, list) else ():
            if isinstance(requirement, dict):
                yield tuple(self.schemes[name] for name in requirement if name in self.schemes)

    def servers(self, node: Node) -> Iterator[Server]:
        listed = node.get("servers")
        return self.servers_of(listed) if listed is not None else iter(())

    def servers_of(self, listed: Node) -> Iterator[Server]:
        for _, node in self.readable(listed):
            variables = node.value.get("variables") if isinstance(node.value, dict) else None
            yield Server(_VARIABLE.sub(_default_of(variables), node.string("url", "/")), node.place)


def _default_of(variables: Any) -> Callable[[re.Match[str]], str]:
    def default(found: re.Match[str]) -> str:
        variable = variables.get(found[1]) if isinstance(variables, dict) else None
        value = variable.get("default") if isinstance(variable, dict) else None
        return str(value) if value is not None else found[0]

    return default


def _encoding(value: Mapping[str, object]) -> Encoding:
    content_type, style, explode = value.get("contentType"), value.get("style"), value.get("explode")
    return Encoding(
        content_type if isinstance(content_type, str) else None,
        style if isinstance(style, str) else None,
        explode if isinstance(explode, bool) else None,
    )
