"""From a Swagger 2.0 document to the nouns of a contract.

Its bodies are parameters (`in: body` or `formData`), and its media types are lists (`consumes`, `produces`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from urllib.parse import quote

from tallystick.contracts.openapi3 import Indexer
from tallystick.nouns.contract import (
    BodyFormat,
    Encoding,
    Example,
    Parameter,
    RequestBody,
    ResponseDefinition,
    SecurityScheme,
    Server,
)
from tallystick.nouns.json_value import JSON
from tallystick.nouns.media_type import parse_media_type
from tallystick.nouns.node import Node

_FORM, _MULTIPART = "application/x-www-form-urlencoded", "multipart/form-data"
_STYLES = {"ssv": "spaceDelimited", "tsv": "tabDelimited", "pipes": "pipeDelimited"}


class SwaggerIndexer(Indexer):
    """Reads a Swagger 2.0 document (sections of its specification: Parameter, Response, Security Scheme Object)."""

    def servers(self, node: Node) -> Iterator[Server]:
        """The host and base path of the document, once for each scheme."""
        if node is not self.root:
            return
        host, base = node.string("host"), node.string("basePath")
        schemes = node.members.get("schemes")
        if host:
            for scheme in schemes if isinstance(schemes, list) and schemes else ["https"]:
                yield Server(f"{scheme}://{host}{base}", node.place.at("host"))
        elif base:
            yield Server(base, node.place.at("basePath"))

    def parameters(self, nodes: Sequence[Node]) -> Iterator[Parameter]:
        return super().parameters([node for node in nodes if node.string("in") not in ("body", "formData")])

    def read_parameter(self, node: Node, name: str, location: str, required: bool) -> Parameter:
        """A parameter or a header; in Swagger it is its own schema, and `collectionFormat` is its style."""
        style, explode = _style(node.string("collectionFormat"), location)
        return Parameter(
            name=name,
            location=location,
            place=node.place,
            required=required,
            schema=self.compiler.schema(node),
            style=style,
            explode=explode,
            allow_empty=node.flag("allowEmptyValue"),
            examples=tuple(self.extension_examples(node)),
        )

    def extension_examples(self, node: Node) -> Iterator[Example]:
        """`x-example`, which Swagger's own tools read, and `example`, which is not in its specification."""
        for key in ("x-example", "example"):
            if isinstance(node.value, dict) and key in node.value:
                yield Example("example", node.value[key], node.place.at(key))
                return

    def request_body(self, operation: Node, parameters: Sequence[Node]) -> RequestBody | None:
        fields: list[Node] = []
        for node in parameters:
            if node.string("in") == "body":
                return self.body(operation, node)
            if node.string("in") == "formData":
                fields.append(node)
        return self.form(operation, fields) if fields else None

    def body(self, operation: Node, node: Node) -> RequestBody:
        schema = self.schema(node, "schema")
        examples = tuple(self.examples(node)) or tuple(self.extension_examples(node))
        content = tuple(
            BodyFormat(parse_media_type(name), node.place, schema, examples=examples)
            for name in self.media_types(operation, "consumes")
        )
        return RequestBody(node.place, node.flag("required"), content)

    def form(self, operation: Node, fields: list[Node]) -> RequestBody:
        """The form fields of an operation as one object; the place of the body is that of the first field."""
        first = fields[0]
        required: list[JSON] = [node.string("name") for node in fields if node.flag("required")]
        value: JSON = {
            "type": "object",
            "properties": {node.string("name"): {"$ref": _address(node)} for node in fields},
            "required": required,
        }
        form_schema = Node(operation.document, (*operation.path, "parameters"), value)
        form_types = [name for name in self.media_types(operation, "consumes") if name in (_FORM, _MULTIPART)]
        has_file = any(node.string("type") == "file" for node in fields)
        encoding = {}
        for node in fields:
            style, explode = _style(node.string("collectionFormat"), "query")
            encoding[node.string("name")] = Encoding(style=style, explode=explode)
        content = tuple(
            BodyFormat(parse_media_type(name), first.place, self.compiler.schema(form_schema), encoding=encoding)
            for name in form_types or [_MULTIPART if has_file else _FORM]
        )
        return RequestBody(first.place, bool(required), content)

    def media_types(self, operation: Node, key: str) -> list[str]:
        """What an operation consumes or produces: its own list, the document's, else JSON."""
        for owner in (operation, self.root):
            names = [name for name in owner.items_of(key) if isinstance(name, str)]
            if names:
                return names
        return ["application/json"]

    def response(self, status: str, operation: Node, node: Node) -> ResponseDefinition:
        return ResponseDefinition(
            status=status,
            place=node.place,
            description=node.string("description"),
            headers=self.response_headers(node),
            content=tuple(self.produced(operation, node)),
        )

    def header(self, name: str, node: Node) -> Parameter:
        return self.read_header(name, node, required=False)

    def produced(self, operation: Node, node: Node) -> Iterator[BodyFormat]:
        """The body formats of a response, one for each media type in `produces`; none if the response has no schema."""
        schema = self.schema(node, "schema")
        if schema is None:
            return
        examples = self.member(node, "examples")
        schema_examples = tuple(self.schema_examples(schema.followed))
        is_file = schema.resolved.get("type") == "file" or schema.followed.string("type") == "file"
        for name in self.media_types(operation, "produces"):
            own_examples: tuple[Example, ...] = schema_examples
            if examples is not None and isinstance(examples.value, dict) and name in examples.value:
                own_examples = (Example("example", examples.value[name], examples.place.at(name)),)
            yield BodyFormat(parse_media_type(name), node.place, None if is_file else schema, examples=own_examples)

    def security_scheme(self, name: str, node: Node) -> SecurityScheme:
        if node.string("type") == "basic":
            return SecurityScheme(name, "http", node.place, scheme="basic")
        return super().security_scheme(name, node)


def _style(collection: str, location: str) -> tuple[str, bool]:
    """The `style` and `explode` that a `collectionFormat` stands for."""
    if location in ("path", "header"):
        return "simple", False
    return ("form", True) if collection == "multi" else (_STYLES.get(collection, "form"), False)


def _address(node: Node) -> str:
    """An absolute reference to a node."""
    return f"{node.document.uri}#{quote(node.place.pointer, safe='/~')}"
