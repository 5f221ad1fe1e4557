"""The schemas of a contract by name, as one self-contained document, whatever its files, references and version.

Each schema of the components keeps its name; one that a reference leads to beside them gets a name, and so does each
body that is no reference.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tallystick.contracts.problems import UNREADABLE_PART
from tallystick.models.keywords import SHAPES, Schema
from tallystick.models.python_names import Names, class_name
from tallystick.models.simplify import plain
from tallystick.models.unsupported_patterns import unusable
from tallystick.nouns.contract import BodyFormat, Contract, Operation
from tallystick.nouns.dialect import Dialect
from tallystick.nouns.errors import UnreadableError
from tallystick.nouns.node import Node
from tallystick.nouns.violation import Place, Violation
from tallystick.schemas.compiled import ContractSchema
from tallystick.schemas.keywords import SUBSCHEMA, SUBSCHEMA_MAP, SUBSCHEMAS

POINTER = "#/components/schemas/"
REQUEST = "request"
_COMPONENTS = (("components", "schemas"), ("definitions",))
_SAYS_NOTHING = frozenset("schema schemas components definitions properties items content responses paths".split())

Key = tuple[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Body:
    """A body of an operation: `part` is `request` or a documented status, `name` the schema's name."""

    operation: str
    part: str
    media_type: str
    name: str


@dataclass(frozen=True, slots=True)
class NamedSchemas:
    """What of a contract becomes models: schemas by class name, bodies, and what was left out and why.

    `keys` has the name in the components of each schema that has one.
    """

    schemas: Mapping[str, Schema]
    keys: Mapping[str, str]
    bodies: tuple[Body, ...]
    left_out: tuple[Violation, ...]


def named_schemas(contract: Contract) -> NamedSchemas:
    """The named schemas of a contract, each in JSON Schema 2020-12 and with references to named schemas only."""
    return _Collector(contract.root, contract.dialect).collect(contract)


class _Collector:
    """First gives every schema that is to have one its name (`names`, `parts`), then converts them."""

    def __init__(self, root: Node, dialect: Dialect) -> None:
        self.root = root
        self.dialect = dialect
        self.components = dict(_components(root))
        self.given = Names()
        self.names: dict[Key, str] = {}
        self.parts: list[Node] = []
        self.targets: dict[tuple[str, str], Node | None] = {}
        self.patterns: set[str] = set()
        self.unusable: Mapping[str, str] = {}
        self.left_out: set[Violation] = set()

    def collect(self, contract: Contract) -> NamedSchemas:
        keys = {self.name(node, class_name(key)): key for key, node in self.components.items()}
        bodies = [body for operation in contract for body in self.bodies(operation)]
        for part in self.parts:  # grows while it is walked
            self.discover(part)
        self.unusable = unusable(self.patterns)
        schemas = {self.names[part.key]: self.convert(part, inside=False) for part in self.parts}
        return NamedSchemas(schemas, keys, tuple(bodies), tuple(sorted(self.left_out)))

    # Names

    def name(self, node: Node, *wishes: str) -> str:
        """The name of a schema, made from the wishes if it has none yet."""
        name = self.names.get(node.key)
        if name is None:
            name = self.names[node.key] = self.given.claim(*wishes)
            self.parts.append(node)
        return name

    def bodies(self, operation: Operation) -> Iterator[Body]:
        title = class_name(operation.operation_id or f"{operation.method.lower()} {operation.path}")
        if operation.request_body is not None:
            for body_format in operation.request_body.content:
                yield from self.body(operation, REQUEST, body_format, f"{title}Request")
        success = min((response.status for response in operation.responses), default="")
        for response in operation.responses:
            name = f"{title}Response" if response.status == success else class_name(title, response.status, "response")
            for body_format in response.content:
                yield from self.body(operation, response.status, body_format, name)

    def body(self, operation: Operation, part: str, body_format: BodyFormat, name: str) -> Iterator[Body]:
        schema = body_format.schema or body_format.item_schema
        if not isinstance(schema, ContractSchema) or not schema.value:
            return
        node = self.end(schema.node)
        if node is not None:
            wishes = (name, class_name(name, body_format.media_type.text.rpartition("/")[2]))
            elsewhere = _names_of(node) if node.key != schema.node.key else ()
            wanted = self.wishes(node, *elsewhere, *wishes)
            yield Body(operation.label, part, body_format.media_type.text, self.name(node, *wanted))

    def end(self, node: Node) -> Node | None:
        """What a reference that says nothing else leads to; the node itself where it is none."""
        while node.key not in self.names and (ref := node.reference) is not None:
            if self.dialect.ref_siblings and len(node.members) > 1:
                break
            target = self.target(node, ref)
            if target is None:
                return None
            node = target
        return node

    def wishes(self, node: Node, *wishes: str) -> tuple[str, ...]:
        """What a schema might be called: after the component that it stands in, if it is not one itself."""
        path = node.path
        if path[:1] == ("components",) and len(path) > 3:
            kind = {"responses": "response", "requestBodies": "request"}.get(path[1], "")
            return (class_name(path[2]), class_name(path[2], kind), *wishes)
        return wishes

    def discover(self, node: Node) -> None:
        """Names what the references in a schema lead to, and notes its patterns."""
        value = node.value
        if not isinstance(value, dict):
            return
        ref = _reference(node)
        if ref is not None:
            target = self.target(node, ref)
            if target is not None:
                self.name(target, *_names_of(target))
            if not self.dialect.ref_siblings:
                return
        self.patterns.update(_patterns(value))
        for child in _children(node):
            self.discover(child)

    def target(self, node: Node, ref: str) -> Node | None:
        """What a reference in a node leads to; None, and a note, where it leads nowhere or back to itself."""
        key = (node.document.uri, ref)
        if key not in self.targets or node.document.resources:
            try:
                self.targets[key] = node.target(ref)
                node.follow()
            except UnreadableError as error:
                self.targets[key] = None
                self.note(node.place.at("$ref"), error.fact)
        return self.targets[key]

    def note(self, place: Place, fact: str) -> None:
        self.left_out.add(UNREADABLE_PART.at(place, fact))

    # Conversion

    def convert(self, node: Node, inside: bool = True) -> Schema:
        """A schema as the generator takes it; a reference where it has a name and stands in another."""
        name = self.names.get(node.key)
        if inside and name is not None:
            return {"$ref": POINTER + name}
        value = node.value
        if not isinstance(value, dict):
            if not isinstance(value, bool):
                self.note(node.place, "a schema must be an object or a boolean")
            return {"not": {}} if value is False else {}
        schema: Schema = {}
        ref = _reference(node)
        if ref is not None:
            target = self.target(node, ref)
            if target is not None and target.key != node.key:
                schema["$ref"] = POINTER + self.names[target.key]
            if not self.dialect.ref_siblings:
                return schema
        for key, item in self.dialect.modern(value).items():
            self.keyword(node, key, item, schema)
        return plain(schema)

    def keyword(self, node: Node, key: str, item: Any, schema: Schema) -> None:
        """Adds one keyword of a node to its schema, if it is one for the generator and is what it should be."""
        if key in SUBSCHEMA:
            schema[key] = item if isinstance(item, bool) else self.part(node, item, key)
        elif key == "discriminator":
            if (
                isinstance(item, dict)
                and isinstance(item.get("propertyName"), str)
                and {"oneOf", "anyOf"} & {*node.members}
            ):
                mapping = item.get("mapping")
                schema[key] = {"propertyName": item["propertyName"], "mapping": dict(self.mapped(node, mapping))}
        elif key in SHAPES:
            shape = SHAPES[key]
            if not shape.fits(item):
                self.note(node.place.at(key), f"{key} must be {shape.expected}")
            elif key in SUBSCHEMAS:
                schema[key] = [self.part(node, one, key, str(index)) for index, one in enumerate(item)]
            elif key in SUBSCHEMA_MAP:
                for name in self.unusable.keys() & item.keys() if key == "patternProperties" else ():
                    self.note(node.place.at(key, name), self.unusable[name])
                schema[key] = {
                    name: self.part(node, one, key, name)
                    for name, one in item.items()
                    if key != "patternProperties" or name not in self.unusable
                }
            elif key == "pattern" and item in self.unusable:
                self.note(node.place.at(key), self.unusable[item])
            else:
                schema[key] = item

    def part(self, node: Node, value: Any, *keys: str) -> Schema:
        return self.convert(Node(node.document, node.path + keys, value))

    def mapped(self, node: Node, mapping: Any) -> Iterator[tuple[str, str]]:
        """The values of a discriminator's mapping, each with the name that it leads to."""
        for value, target in mapping.items() if isinstance(mapping, dict) else ():
            if not isinstance(target, str):
                continue
            try:
                found = self.components.get(target) or node.target(target)
            except UnreadableError:
                continue  # a value that leads nowhere is that of no branch
            if found.key in self.names:
                yield value, self.names[found.key]


def _components(root: Node) -> Iterator[tuple[str, Node]]:
    """The schemas that the document names."""
    for keys in _COMPONENTS:
        try:
            node = root.raw(*keys)
        except KeyError:
            continue
        if isinstance(node.value, dict):
            yield from node.raw_items()


def _reference(node: Node) -> str | None:
    """What a schema refers to; a `$dynamicRef` is to a type what a `$ref` is."""
    dynamic = node.value.get("$dynamicRef") if isinstance(node.value, dict) else None
    return node.reference or (dynamic if isinstance(dynamic, str) else None)


def _patterns(value: Mapping[str, Any]) -> Iterator[str]:
    """The regular expressions in a schema object, beside those in its parts."""
    named = value.get("patternProperties")
    for pattern in (value.get("pattern"), *(named if isinstance(named, dict) else ())):
        if isinstance(pattern, str):
            yield pattern


def _children(node: Node) -> Iterator[Node]:
    """The schemas that stand directly in a schema."""
    for key, item in node.members.items():
        if key in SUBSCHEMA:
            yield node.raw(key)
        elif (key in SUBSCHEMAS and isinstance(item, list)) or (key in SUBSCHEMA_MAP and isinstance(item, dict)):
            for _, child in node.raw(key).raw_items():
                yield child


def _names_of(node: Node) -> tuple[str, ...]:
    """Names for a schema that has none: the last word of its path that says something, then the last two, or its
    file's name."""
    words = [word for word in node.path if word.lower() not in _SAYS_NOTHING and not word.isdecimal()]
    if not words:
        words = [node.document.uri.rpartition("/")[2].partition(".")[0]]
    return tuple(class_name(*words[-count:]) for count in range(1, min(len(words), 3) + 1))
