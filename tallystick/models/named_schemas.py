"""The schemas of a contract by name, as one document that needs no other, whatever its files, references and version.

A schema of the components keeps its name. Another schema gets a name if a reference leads to it, or if it is a body and
no reference.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from tallystick.contracts.unreadable import UNREADABLE_PART
from tallystick.models.enumerations import NOTHING
from tallystick.models.keywords import VALUE_TYPES, Schema, text
from tallystick.models.patterns import engine_pattern, unsupported_patterns
from tallystick.models.python_names import Names, class_name, short
from tallystick.models.simplify import joined, simplify, with_required_declared
from tallystick.nouns import budgets
from tallystick.nouns.contract import BodyFormat, Contract, Operation
from tallystick.nouns.errors import UnreadableError
from tallystick.nouns.json_value import JSON
from tallystick.nouns.keywords import SUBSCHEMA, SUBSCHEMA_MAP, SUBSCHEMAS
from tallystick.nouns.node import Key, Node
from tallystick.nouns.schema import Direction
from tallystick.nouns.violation import Place, Violation
from tallystick.schemas.compiled import ContractSchema
from tallystick.schemas.formats import narrow_to_format

POINTER = "#/components/schemas/"
REQUEST = "request"
_COMPONENTS = (("components", "schemas"), ("definitions",))
_MEDIA_WORDS = {"application/x-www-form-urlencoded": "form", "multipart/form-data": "multipart"}
_MEANINGLESS = frozenset("schema schemas components definitions properties items content responses paths".split())
"""Keys of a path that say nothing of what a schema is."""


@dataclass(frozen=True, slots=True)
class Body:
    """A body of an operation: `part` is `request` or a documented status, `name` the name of its schema."""

    operation: str
    part: str
    media_type: str
    name: str


@dataclass(frozen=True, slots=True)
class NamedSchemas:
    """What of a contract becomes models: schemas by class name, bodies, and what was left out.

    `keys` has the name in the components of each schema that is there.
    """

    schemas: Mapping[str, Schema]
    keys: Mapping[str, str]
    bodies: tuple[Body, ...]
    left_out: tuple[Violation, ...]


_MOST_ITEMS = {
    "enum": (budgets.MODEL_ENUMERATION_VALUES, "values"),
    **dict.fromkeys(("allOf", "anyOf", "oneOf"), (budgets.MODEL_BRANCHES, "branches")),
    **dict.fromkeys(("properties", "required"), (budgets.MODEL_MEMBERS, "members")),
}
"""The most items of a keyword that go into a model, and what they are called."""


def named_schemas(contract: Contract) -> NamedSchemas:
    """The named schemas of a contract, each in JSON Schema 2020-12 and with references to named schemas only."""
    return _Collector(contract).collect(contract)


class _Collector:
    """Gives names to all schemas that get one (`names`, `nodes`), then converts them."""

    def __init__(self, contract: Contract) -> None:
        self.dialect = contract.dialect
        self.compiler = contract.compiler
        self.components = dict(_components(contract.root))
        self.used_names = Names()
        self.names: dict[Key, str] = {}
        self.nodes: list[Node] = []
        self.targets: dict[tuple[str, str], Node | None] = {}
        self.sound: set[Key] = set()
        self.faults: dict[Key, UnreadableError] = {}
        """Why the reference in a schema leads to none."""
        self.patterns: set[str] = set()
        self.unsupported: Mapping[str, str] = {}
        self.left_out: set[Violation] = set()

    def collect(self, contract: Contract) -> NamedSchemas:
        """Name, then convert all schemas of a contract."""
        keys = {self.name(node, class_name(key)): key for key, node in self.components.items()}
        bodies = [body for operation in contract for body in self.bodies(operation)]
        for node in self.nodes:  # the list grows during the loop
            self.discover(node)
        self.unsupported = unsupported_patterns(self.patterns)
        schemas = {self.names[node.key]: self.convert(node, is_inside=False) for node in self.nodes}
        extended = {text(branch, "$ref") for schema in schemas.values() for branch in joined(schema)}
        schemas = {
            name: schema if POINTER + name in extended else with_required_declared(schema)
            for name, schema in schemas.items()
        }
        return NamedSchemas(schemas, keys, tuple(bodies), tuple(sorted(self.left_out)))

    # Names

    def name(self, node: Node, *candidates: str) -> str:
        """The name of a schema; it takes one of the candidates if it has none yet."""
        name = self.names.get(node.key)
        if name is None:
            name = self.names[node.key] = self.used_names.claim(*candidates)
            self.nodes.append(node)
        return name

    def bodies(self, operation: Operation) -> Iterator[Body]:
        """Name the schemas of an operation's bodies."""
        title = class_name(operation.operation_id or f"{operation.method.lower()} {operation.path}")
        if operation.request_body is not None:
            yield from self.part(operation, REQUEST, operation.request_body.content, f"{title}Request")
        success = min((response.status for response in operation.responses), default="")
        for response in operation.responses:
            name = f"{title}Response" if response.status == success else class_name(title, response.status, "response")
            yield from self.part(operation, response.status, response.content, name)

    def part(self, operation: Operation, part: str, content: Sequence[BodyFormat], name: str) -> Iterator[Body]:
        """Name the schemas of a request or response; one that is written for several media types gets one name."""
        equal: dict[str, str] = {}
        for body_format in content:
            yield from self.body(operation, part, body_format, short(name), equal)

    def body(
        self, operation: Operation, part: str, body_format: BodyFormat, name: str, equal: dict[str, str]
    ) -> Iterator[Body]:
        """Name the schema of one body; nothing where it has none, or its reference leads nowhere.

        `equal` has the names of the equal schemas beside it, by their text.
        """
        schema = body_format.schema or body_format.item_schema
        if not isinstance(schema, ContractSchema) or not schema.value:
            return
        node = self.followed(schema.node)
        if node is not None:
            media_type = body_format.media_type.text
            text = json.dumps([node.document.uri, node.value], sort_keys=True, default=str)
            if text in equal:
                self.names.setdefault(node.key, equal[text])
            word = _MEDIA_WORDS.get(media_type, media_type.rpartition("/")[2])
            by_operation = (name, short(class_name(name, word)))
            by_path = _names_from_path(node) if node.key != schema.node.key else ()
            own_name = self.name(node, *_names_from_component(node), *by_path, *by_operation)
            equal.setdefault(text, own_name)
            yield Body(operation.label, part, media_type, own_name)

    def followed(self, node: Node) -> Node | None:
        """The schema that a reference leads to, if the reference has nothing beside it; else the node itself.

        None where the reference leads nowhere.
        """
        while node.key not in self.names and (ref := node.reference) is not None:
            if self.dialect.ref_siblings and len(node.members) > 1:
                break
            target = self.target(node, ref)
            if target is None:
                return None
            node = target
        return node

    def discover(self, node: Node) -> None:
        """Name the schemas that the references in a schema lead to, and note its patterns."""
        ref = _reference(node)
        if ref is not None:
            target = self.target(node, ref)
            if target is not None:
                self.name(target, *_names_from_path(target))
            if not self.dialect.ref_siblings:
                return
        self.patterns.update(_patterns(node))
        for child in _children(node):
            self.discover(child)

    def target(self, node: Node, ref: str) -> Node | None:
        """The schema that a reference leads to; None, and noted, where that is nothing or the reference itself."""
        key = (node.document.uri, ref)
        if key not in self.targets or node.document.resources:
            try:
                self.targets[key] = self.sound_target(node, ref)
            except UnreadableError as error:
                self.targets[key] = None
                self.leave_out(node.place.at("$ref"), error.fact)
        return self.targets[key]

    def sound_target(self, node: Node, ref: str) -> Node:
        """The schema that a reference leads to; raises `UnreadableError` where that leads nowhere or back to itself.

        Each chain of references is followed once, though each of its nodes is asked for its target.
        """
        target = node.target(ref)
        if target.key in self.faults:
            raise self.faults[target.key]
        if target.key not in self.sound:
            try:
                node.follow()
            except UnreadableError as error:
                self.faults.update(dict.fromkeys((each.key for each in node.chain()), error))
                raise
            self.sound.update(each.key for each in target.chain())
        return target

    def leave_out(self, place: Place, fact: str) -> None:
        """Note that a part of the contract is left out, and why."""
        self.left_out.add(UNREADABLE_PART.at(place, fact))

    # Conversion

    def convert(self, node: Node, is_inside: bool = True) -> Schema:
        """A schema for the generator; a reference to it where it has a name and stands inside another schema."""
        name = self.names.get(node.key)
        if is_inside and name is not None:
            return {"$ref": POINTER + name}
        if not isinstance(node.value, dict):
            if not isinstance(node.value, bool):
                self.leave_out(node.place, "a schema must be an object or a boolean")
            return {**NOTHING} if node.value is False else {}
        schema: Schema = {}
        ref = _reference(node)
        if ref is not None:
            target = self.target(node, ref)
            if target is not None and target.key != node.key:
                schema["$ref"] = POINTER + self.names[target.key]
            if not self.dialect.ref_siblings:
                return schema
        for keyword, value in self.dialect.modern(node.value).items():
            self.convert_keyword(node, keyword, value, schema)
        has_all_names = "properties" in schema or "properties" not in node.members
        if not has_all_names or not self.unsupported.keys().isdisjoint(node.members_of("patternProperties")):
            for keyword in ("additionalProperties", "unevaluatedProperties"):
                schema.pop(keyword, None)  # it may be about the members that what is left out allows
        if schema.get("default") is not None and not self.is_valid_default(node):
            del schema["default"]
        narrow_to_format(schema, self.dialect.open_formats)
        return simplify(schema)

    def is_valid_default(self, node: Node) -> bool:
        """Whether the default of a schema fits it; `check` tells of one that does not."""
        return self.compiler.schema(node).is_valid(node.raw("default").value, Direction.RESPONSE)

    def convert_keyword(self, node: Node, keyword: str, value: JSON, schema: Schema) -> None:
        """Add one keyword to a schema, unless the generator has no use for it or its value has the wrong type."""
        if keyword in SUBSCHEMA:
            schema[keyword] = value if isinstance(value, bool) else self.convert_inside(node, value, keyword)
        elif keyword == "discriminator":
            self.convert_discriminator(node, value, schema)
        elif keyword not in VALUE_TYPES:
            return
        elif keyword in _MOST_ITEMS and isinstance(value, (list, dict)) and len(value) > _MOST_ITEMS[keyword][0]:
            most, word = _MOST_ITEMS[keyword]
            self.leave_out(
                node.place.at(keyword), f"{len(value):,} {word} are left out of the model; {most:,} are the most"
            )
        elif not VALUE_TYPES[keyword].fits(value):
            self.leave_out(node.place.at(keyword), f"{keyword} must be {VALUE_TYPES[keyword].expected}")
        elif keyword in SUBSCHEMAS and isinstance(value, list):
            schema[keyword] = [self.convert_inside(node, item, keyword, str(i)) for i, item in enumerate(value)]
        elif keyword == "patternProperties" and isinstance(value, dict):
            schema[keyword] = self.convert_pattern_properties(node, value)
        elif keyword in SUBSCHEMA_MAP and isinstance(value, dict):
            schema[keyword] = {name: self.convert_inside(node, item, keyword, name) for name, item in value.items()}
        elif keyword == "pattern" and isinstance(value, str) and value in self.unsupported:
            self.leave_out(node.place.at(keyword), self.unsupported[value])
        elif keyword == "pattern" and isinstance(value, str) and (pattern := engine_pattern(value)) is not None:
            schema[keyword] = pattern.text
        else:
            schema[keyword] = value

    def convert_inside(self, node: Node, value: JSON, *keys: str) -> Schema:
        """The schema under some keys of another one."""
        keyword, *names = keys
        return self.convert(
            Node(node.document, (*node.path, self.dialect.written(node.members, keyword), *names), value)
        )

    def convert_pattern_properties(self, node: Node, value: Mapping[str, JSON]) -> Schema:
        """The schemas of `patternProperties`, without those whose pattern is not supported."""
        for pattern in self.unsupported.keys() & value.keys():
            self.leave_out(node.place.at("patternProperties", pattern), self.unsupported[pattern])
        return {
            pattern: self.convert_inside(node, item, "patternProperties", pattern)
            for pattern, item in value.items()
            if pattern not in self.unsupported
        }

    def convert_discriminator(self, node: Node, value: JSON, schema: Schema) -> None:
        """Add a discriminator; its mapping leads to names."""
        if not isinstance(value, dict):
            return
        property_name = value.get("propertyName")
        if isinstance(property_name, str):
            mapping: dict[str, JSON] = dict(self.mapped_names(node, value.get("mapping")))
            schema["discriminator"] = {"propertyName": property_name, "mapping": mapping}

    def mapped_names(self, node: Node, mapping: JSON) -> Iterator[tuple[str, str]]:
        """The values of a discriminator's mapping, each with the name of the schema that it means."""
        for value, ref in mapping.items() if isinstance(mapping, dict) else ():
            if not isinstance(ref, str):
                continue
            try:
                target = self.components.get(ref) or node.target(ref)
            except UnreadableError:
                continue  # a value that leads nowhere selects no branch
            if target.key in self.names:
                yield value, self.names[target.key]


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
    """The reference of a schema; for a type, a `$dynamicRef` is the same as a `$ref`."""
    dynamic = node.members.get("$dynamicRef")
    return node.reference or (dynamic if isinstance(dynamic, str) else None)


def _patterns(node: Node) -> Iterator[str]:
    """The regular expressions that stand directly in a schema."""
    for pattern in (node.members.get("pattern"), *node.members_of("patternProperties")):
        if isinstance(pattern, str):
            yield pattern


def _children(node: Node) -> Iterator[Node]:
    """The schemas that stand directly in a schema."""
    for keyword, value in node.members.items():
        if keyword in SUBSCHEMA and not isinstance(value, list):
            yield node.raw(keyword)
        elif (keyword in SUBSCHEMAS | {"items"} and isinstance(value, list)) or (
            keyword in SUBSCHEMA_MAP and isinstance(value, dict)
        ):
            for _, child in node.raw(keyword).raw_items():
                yield child


def _names_from_component(node: Node) -> tuple[str, ...]:
    """Names for a schema inside a component, after that component."""
    path = node.path
    if path[:1] != ("components",) or len(path) <= 3:
        return ()
    suffix = {"responses": "response", "requestBodies": "request"}.get(path[1], "")
    return class_name(path[2]), class_name(path[2], suffix)


def _names_from_path(node: Node) -> tuple[str, ...]:
    """Names for a schema, after the last key of its path that says something, then the last two, or its file's name."""
    words = [key for key in node.path if key.lower() not in _MEANINGLESS and not key.isdecimal()]
    if not words:
        words = [node.document.uri.rpartition("/")[2].partition(".")[0]]
    return tuple(class_name(*words[-count:]) for count in range(1, min(len(words), 3) + 1))
