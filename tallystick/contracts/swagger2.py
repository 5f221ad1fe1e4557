"""From a Swagger 2.0 document to the nouns of a contract.

Its bodies are parameters (`in: body` or `formData`), and its media types are lists (`consumes`, `produces`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from urllib.parse import quote

from tallystick.contracts.openapi3 import Indexer
from tallystick.contracts.x_examples import x_examples
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
from tallystick.nouns.media_type import MediaType, parse_media_type
from tallystick.nouns.node import Node

_ANY = parse_media_type("*/*")
_FORM, _MULTIPART = "application/x-www-form-urlencoded", "multipart/form-data"
_MOST_NESTED = 10
"""How deep arrays of a parameter are read; a reference may lead back."""
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
            item_styles=self.item_styles(node),
            allow_empty=node.flag("allowEmptyValue"),
            examples=tuple(self.extension_examples(node)),
        )

    def extension_examples(self, node: Node) -> Iterator[Example]:
        """`x-example`, which Swagger's own tools read, else `example` or `x-examples`, which others do."""
        for key in ("x-example", "example"):
            if isinstance(node.value, dict) and key in node.value:
                yield Example("example", node.value[key], node.place.at(key))
                return
        yield from x_examples(node)

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
            "properties": {node.string("name"): _form_field(node) for node in fields},
            "required": required,
        }
        form_schema = Node(operation.document, (*operation.path, "parameters"), value)
        form_types = [name for name in self.media_types(operation, "consumes") if name in (_FORM, _MULTIPART)]
        has_file = any(node.string("type") == "file" for node in fields)
        encoding = {}
        for node in fields:
            encoding[node.string("name")] = self.field_encoding(node)
        content = tuple(
            BodyFormat(parse_media_type(name), first.place, self.compiler.schema(form_schema), encoding=encoding)
            for name in form_types or [_MULTIPART if has_file else _FORM]
        )
        return RequestBody(first.place, bool(required), content)

    def field_encoding(self, node: Node) -> Encoding:
        """How a form field is written; an array is one part of a multipart body unless its items are files."""
        style, explode = _style(node.string("collectionFormat"), "query")
        items = self.member(node, "items")
        has_parts = explode or node.string("type") != "array" or (items is not None and items.string("type") == "file")
        part_style = None if has_parts else style
        return Encoding(style=style, explode=explode, part_style=part_style, item_styles=self.item_styles(node))

    def item_styles(self, node: Node) -> tuple[str, ...]:
        """The styles of the arrays in an array (Items Object, `collectionFormat`), the outermost first."""
        styles: list[str] = []
        items = self.member(node, "items")
        while items is not None and items.string("type") == "array" and len(styles) < _MOST_NESTED:
            styles.append(_STYLES.get(items.string("collectionFormat"), "form"))
            items = self.member(items, "items")
        return tuple(styles)

    def media_types(self, operation: Node, key: str) -> list[str]:
        """What an operation consumes or produces: its own list, the document's, else JSON."""
        return self.declared_types(operation, key) or ["application/json"]

    def declared_types(self, operation: Node, key: str) -> list[str]:
        """The media types of an operation's own list, else of the document's; none if neither has one."""
        for owner in (operation, self.root):
            names = [name for name in owner.items_of(key) if isinstance(name, str)]
            if names:
                return names
        return []

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
        """The body formats of a response: one for each media type in `produces`, and for each other one in `examples`.

        A response without a schema has the formats of its examples, and one for everything else.
        """
        schema, examples = self.schema(node, "schema"), self.produced_examples(node)
        if schema is None and not examples:
            return
        produced = [parse_media_type(name) for name in self.media_types(operation, "produces")]
        own_types = [key for key in examples if not key.is_range]
        if schema is None:
            shown = [each for each in produced if any(key.is_range and key.covers(each) for key in examples)]
            content = [*shown, *own_types, _ANY]
        else:
            named = {media_type.name for media_type in produced}
            is_open = not self.declared_types(operation, "produces")
            under_ranges = [key for key in own_types if is_open or any(each.covers(key) for each in produced)]
            content = [*produced, *(key for key in under_ranges if key.name not in named)]
        is_file = schema is not None and "file" in (schema.resolved.get("type"), schema.followed.string("type"))
        others = tuple(self.schema_examples(schema.followed)) if schema is not None else ()
        for media_type in sorted(content, key=lambda each: each.is_range):
            own = _example_for(media_type, examples)
            yield BodyFormat(media_type, node.place, None if is_file else schema, examples=(own,) if own else others)

    def produced_examples(self, response: Node) -> dict[MediaType, Example]:
        """The examples of a response (Example Object), by the media type or range that is their key."""
        examples = self.member(response, "examples")
        if examples is None or not isinstance(examples.value, dict):
            return {}
        return {
            parse_media_type(key): Example("example", example.value, example.place)
            for key, example in examples.raw_items()
            if not key.startswith("x-")
        }

    def security_scheme(self, name: str, node: Node) -> SecurityScheme:
        if node.string("type") == "basic":
            return SecurityScheme(name, "http", node.place, scheme="basic")
        return super().security_scheme(name, node)


def _example_for(media_type: MediaType, examples: Mapping[MediaType, Example]) -> Example | None:
    """The example of a media type: that of the type as it stands, else without its parameters, else of a range."""
    is_meant: tuple[Callable[[MediaType], bool], ...] = (
        lambda key: key.text == media_type.text,
        lambda key: key.name == media_type.name,
        lambda key: key.is_range and key.covers(media_type),
    )
    matching = (example for is_key in is_meant for key, example in examples.items() if is_key(key))
    return next(matching, None)


def _style(collection: str, location: str) -> tuple[str, bool]:
    """The `style` and `explode` that a `collectionFormat` stands for."""
    if location in ("path", "header"):
        return _STYLES.get(collection, "simple"), False
    return ("form", True) if collection == "multi" else (_STYLES.get(collection, "form"), False)


def _form_field(node: Node) -> JSON:
    """The schema of a form field; an empty text does not fit where `allowEmptyValue: false` says so.

    It is false where it is left out, too, but many contracts never speak of it and mean nothing by that.
    """
    field: JSON = {"$ref": _address(node)}
    if node.string("type") != "string" or node.flag("allowEmptyValue", default=True):
        return field
    return {"allOf": [field, {"minLength": 1}]}


def _address(node: Node) -> str:
    """An absolute reference to a node."""
    return f"{node.document.uri}#{quote(node.place.pointer, safe='/~')}"
