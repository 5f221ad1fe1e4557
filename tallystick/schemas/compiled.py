"""Schemas of a contract, brought to JSON Schema 2020-12 and compiled once each, on first use.

What is compiled is a bundle: the schema and all that it refers to, in whatever file, as one document without
references to the outside; a place in the bundle leads back to the place in the contract.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import cached_property
from typing import Any

import jsonschema_rs

from tallystick.documents.dialect import Dialect
from tallystick.nouns.errors import UnreadableError
from tallystick.nouns.json_pointer import part_at, step
from tallystick.nouns.node import Key, Node
from tallystick.nouns.schema import Direction, SchemaError
from tallystick.nouns.violation import Place
from tallystick.schemas import patterns
from tallystick.schemas.messages import Wording, wording_of

SUBSCHEMA = frozenset(
    "not if then else items contains additionalProperties propertyNames unevaluatedItems unevaluatedProperties "
    "additionalItems".split()
)
SUBSCHEMAS = frozenset("allOf anyOf oneOf prefixItems".split())
SUBSCHEMA_MAP = frozenset("properties patternProperties dependentSchemas".split())
PLAIN = frozenset(
    "type enum const multipleOf maximum exclusiveMaximum minimum exclusiveMinimum maxLength minLength pattern "
    "maxItems minItems uniqueItems maxContains minContains maxProperties minProperties required dependentRequired "
    "format".split()
)
_AS_IS = PLAIN - {"required", "pattern"}
_JOINING = frozenset(("$ref", "allOf"))
_CONVERTED = SUBSCHEMA | SUBSCHEMAS | SUBSCHEMA_MAP | {"required", "pattern"}
_REQUEST = Direction.REQUEST
_NONE: frozenset[str] = frozenset()


class Compiler:
    """Makes the schemas of one contract; what it compiled is kept for as long as the contract."""

    def __init__(self, dialect: Dialect) -> None:
        self.dialect = dialect
        self.bundles: dict[tuple[str, tuple[str, ...], Direction], Bundle] = {}
        self.validators: dict[str, jsonschema_rs.Validator] = {}
        """What judges schemas that refer to no other, by their text: many properties say the same."""

    def schema(self, node: Node) -> ContractSchema:
        """The schema at a node, whose own `$ref` is not followed yet."""
        return ContractSchema(self, node)

    def bundle(self, node: Node, direction: Direction) -> Bundle:
        key = (*node.key, direction)
        if key not in self.bundles:
            self.bundles[key] = Bundle(self, (node,), direction)
        return self.bundles[key]


class ContractSchema:
    """A schema at a place in a contract (see `tallystick.nouns.contract.Schema`)."""

    def __init__(self, compiler: Compiler, node: Node) -> None:
        self.compiler = compiler
        self.node = node

    def __repr__(self) -> str:
        return f"ContractSchema({self.place.file}#{self.place.pointer})"

    @property
    def place(self) -> Place:
        return self.node.place

    @property
    def value(self) -> Any:
        return self.node.value

    @cached_property
    def followed(self) -> Node:
        """The node that the schema's own `$ref` leads to; the node itself where it leads nowhere."""
        try:
            return self.node.follow()
        except UnreadableError:
            return self.node

    @cached_property
    def resolved(self) -> Mapping[str, Any]:
        modern = self._modern(self.followed.value)
        if self.followed is not self.node and self.compiler.dialect.ref_siblings and isinstance(self.value, dict):
            modern = {**modern, **self._modern({k: v for k, v in self.value.items() if k != "$ref"})}
        return modern

    def _modern(self, value: Any) -> dict[str, Any]:
        if isinstance(value, dict):
            return self.compiler.dialect.modern(value)
        return {"not": {}} if value is False else {}

    def child(self, *keys: str) -> ContractSchema | None:
        node = self.followed
        for key in keys:
            try:
                found = node.get(key) if isinstance(node.value, dict) else node.raw(key).follow()
            except (KeyError, UnreadableError):
                return None
            if found is None:
                return None
            node = found
        return ContractSchema(self.compiler, node)

    def is_valid(self, value: Any, direction: Direction) -> bool:
        return (self._of_requests if direction is _REQUEST else self._of_responses).is_valid(value)

    def errors(self, value: Any, direction: Direction) -> Sequence[SchemaError]:
        return (self._of_requests if direction is _REQUEST else self._of_responses).errors(value)

    @property
    def faults(self) -> tuple[SchemaError, ...]:
        """What of the schema itself is wrong, and was left out so that the rest can be judged."""
        return tuple(self.bundle(Direction.RESPONSE).faults)

    def bundle(self, direction: Direction) -> Bundle:
        """The schema compiled for values going one way, with all that it refers to."""
        return self._of_requests if direction is _REQUEST else self._of_responses

    @cached_property
    def _of_requests(self) -> Bundle:
        return self.compiler.bundle(self.named, Direction.REQUEST)

    @cached_property
    def _of_responses(self) -> Bundle:
        return self.compiler.bundle(self.named, Direction.RESPONSE)

    @cached_property
    def named(self) -> Node:
        """The schema that this one only refers to, so that all who do share what is compiled; else this one."""
        node, met = self.node, {self.node.key}
        if node.document.anchors:  # whose schemas may mean something else where they are referred to
            return node
        while (ref := node.reference) is not None and (
            len(node.members) == 1 or not self.compiler.dialect.ref_siblings
        ):
            try:
                node = node.target(ref)
            except UnreadableError:
                return self.node
            if node.key in met:
                return self.node
            met.add(node.key)
        return node


class Bundle:
    """One compiled schema with all that it refers to, for values going one way."""

    def __init__(self, compiler: Compiler, nodes: Sequence[Node], direction: Direction) -> None:
        self.dialect = compiler.dialect
        self.direction = direction
        self.faults: list[SchemaError] = []
        self.parts: list[Node] = []
        self.excuses: list[frozenset[str]] = []
        """For each part the names that it need not require, because of what it is a part of."""
        self.names: dict[tuple[Key, frozenset[str]], str] = {}
        self.definitions: dict[str, Any] = {}
        self.keywords: dict[tuple[Any, ...], tuple[str, Place, Wording]] = {}
        """Of each keyword that a value broke, by its path in the bundle: its name, its place, and who tells of it."""
        self.origins: dict[int, Node] = {}
        """The part of the contract that each schema object in `definitions` was made from, by its identity."""
        root = {**self.applied([{"$ref": self.name(node)} for node in nodes]), "$defs": self.definitions}
        for index, part in enumerate(self.parts):  # grows while it is walked
            self.definitions[f"s{index}"] = self.convert(part, self.excused(part) | self.excuses[index])
        self.validator = self.compile(root) if len(self.parts) > 1 else self.shared(root, compiler.validators)
        self.is_valid: Callable[[Any], bool] = self.validator.is_valid

    def applied(self, roots: list[dict[str, str]]) -> dict[str, Any]:
        """The schema that applies what is compiled to a value."""
        return dict(roots[0])

    def name(self, node: Node, excused: frozenset[str] = _NONE) -> str:
        """The place in the bundle for a node that need not require some names, made if it is new."""
        name = self.names.get((node.key, excused))
        if name is None:
            name = self.names[node.key, excused] = f"s{len(self.names)}"
            self.parts.append(node)
            self.excuses.append(excused)
        return f"#/$defs/{name}"

    def convert(self, node: Node, excused: frozenset[str]) -> Any:
        """The schema at a node for the bundle; what is `excused` it does not require."""
        value = node.value
        if not isinstance(value, dict):
            if not isinstance(value, bool):
                self.fault("schema", node.place, "a schema must be an object or a boolean")
            return value if isinstance(value, bool) else True
        schema: dict[str, Any] = {}
        self.origins[id(schema)] = node
        ref = value.get("$ref")
        if isinstance(ref, str):
            self.reference(node, ref, schema, excused)
            if not self.dialect.ref_siblings:
                return schema
        for key, item in self.dialect.modern(value).items():
            if key in _AS_IS:
                schema[key] = item
            elif key in _CONVERTED:
                self.keyword(node, key, item, schema, excused)
        dynamic = value.get("$dynamicRef")
        if isinstance(dynamic, str) and self.dialect.ref_siblings:
            self.dynamic_reference(node, dynamic, schema)
        if isinstance(schema.get("format"), str) and schema["format"] in WHOLE_NUMBERS:
            _bound(schema, WHOLE_NUMBERS[schema["format"]])
        return schema

    def reference(self, node: Node, ref: str, schema: dict[str, Any], excused: frozenset[str]) -> None:
        try:
            target = node.target(ref)
        except UnreadableError as error:
            self.fault("$ref", node.place.at("$ref"), error.fact)
        else:
            if target.key != node.key:
                more = excused & self.required(self.whole(target)) - self.excused(target) if excused else _NONE
                schema["$ref"] = self.name(target, more)

    def dynamic_reference(self, node: Node, ref: str, schema: dict[str, Any]) -> None:
        """Leads a `$dynamicRef` to the outermost anchor of the dynamic scope (JSON Schema 2020-12, section 8.2.3.2)."""
        try:
            target = node.target(ref)
        except UnreadableError as error:
            self.fault("$dynamicRef", node.place.at("$dynamicRef"), error.fact)
            return
        anchor = ref.partition("#")[2]
        if target.string("$dynamicAnchor") == anchor:
            target = self.outermost(anchor) or target
        if target.key != node.key:
            schema["allOf"] = [*schema.get("allOf", ()), {"$ref": self.name(target)}]

    def outermost(self, anchor: str) -> Node | None:
        """The part with a dynamic anchor in the resource of the schema that is compiled, or of what that refers to."""
        for root in references(self.parts[0]):
            path = root.document.anchors.get((root.document.resource_of(root.path)[1], anchor))
            if path is not None:
                found = root.document.root.raw(*path)
                if found.string("$dynamicAnchor") == anchor:
                    return found
        return None

    def keyword(self, node: Node, key: str, item: Any, schema: dict[str, Any], excused: frozenset[str]) -> None:
        if key == "required":
            is_cut = bool(excused) and isinstance(item, list)
            schema[key] = [one for one in item if not isinstance(one, str) or one not in excused] if is_cut else item
        elif key == "pattern":
            schema[key] = patterns.to_engine_syntax(item) if isinstance(item, str) else item
        elif key in SUBSCHEMA:
            schema[key] = self.part(node, item, key)
        elif key in SUBSCHEMAS and isinstance(item, list):
            is_whole = key == "allOf" or item is not node.members.get(key)  # a dialect put it around the rest
            given = excused if is_whole else None
            schema[key] = [self.part(node, one, key, str(index), excused=given) for index, one in enumerate(item)]
        elif key == "patternProperties" and isinstance(item, dict):
            schema[key] = {
                patterns.to_engine_syntax(name): self.part(node, one, key, name) for name, one in item.items()
            }
        elif key in SUBSCHEMA_MAP and isinstance(item, dict):
            schema[key] = {name: self.part(node, one, key, name) for name, one in item.items()}

    def part(self, node: Node, value: Any, *keys: str, excused: frozenset[str] | None = None) -> Any:
        part = Node(node.document, node.path + keys, value)
        return self.convert(part, self.excused(part) if excused is None else excused)

    def excused(self, node: Node) -> frozenset[str]:
        """The properties that a schema requires and that need not be there in this direction: `readOnly` in a request,
        `writeOnly` in a response, wherever in the schema as a whole they are declared and required."""
        value = node.value
        if not isinstance(value, dict) or value.keys().isdisjoint(("required", "allOf", "properties")):
            return _NONE
        whole = self.whole(node)
        required = self.required(whole)
        if not required:
            return _NONE
        flag = "readOnly" if self.direction is Direction.REQUEST else "writeOnly"
        declared = ((part, part.members.get("properties")) for part in whole)
        return frozenset(
            name
            for part, properties in declared
            if isinstance(properties, dict)
            for name, child in properties.items()
            if name in required and isinstance(child, dict) and self.is_flagged(part, name, child, flag)
        )

    def is_flagged(self, node: Node, name: str, child: dict[str, Any], flag: str) -> bool:
        """Whether a property of the schema at a node is `readOnly` (or `writeOnly`), itself or by its parts."""
        if _JOINING.isdisjoint(child):
            return child.get(flag) is True
        return any(part.flag(flag) for part in self.whole(node.raw("properties", name)))

    @staticmethod
    def required(parts: Iterable[Node]) -> frozenset[str]:
        """The names that some parts of a schema require."""
        lists = (part.members.get("required") for part in parts)
        return frozenset(name for names in lists if isinstance(names, list) for name in names if isinstance(name, str))

    def whole(self, node: Node) -> list[Node]:
        """A schema, what its `$ref` leads to, the branches of its `allOf`, and so on with these; each once."""
        if isinstance(node.value, dict) and _JOINING.isdisjoint(node.value):
            return [node]
        found: list[Node] = []
        waiting, met = [node], set[Key]()
        while waiting:
            part = waiting.pop()
            if part.key in met or not isinstance(part.value, dict):
                continue
            met.add(part.key)
            found.append(part)
            if part.reference is not None:
                with suppress(UnreadableError):
                    waiting.append(part.target(part.reference))
                if not self.dialect.ref_siblings:
                    continue
            if isinstance(part.value.get("allOf"), list):
                waiting += (branch for _, branch in part.raw("allOf").raw_items())
        return found

    def shared(self, root: dict[str, Any], known: dict[str, jsonschema_rs.Validator]) -> jsonschema_rs.Validator:
        """The validator of another schema that says the same, if there is one without faults."""
        text = json.dumps(root)
        if text in known:
            return known[text]
        before = len(self.faults)
        validator = self.compile(root)
        if len(self.faults) == before:
            known[text] = validator
        return validator

    def compile(self, root: dict[str, Any]) -> jsonschema_rs.Validator:
        """The validator; a keyword that is no JSON Schema is left out and kept in `faults`."""
        while True:
            try:
                return jsonschema_rs.Draft202012Validator(root, validate_formats=True, offline=True, formats=FORMATS)
            except jsonschema_rs.ValidationError as error:
                path = [str(key) for key in error.instance_path]
                if len(path) < 3:
                    raise AssertionError(f"a bundle that cannot be compiled: {error.message}") from error
                self.fault(path[-1], self.source(path), _fault_message(error))
                self.remove(root, path)

    def remove(self, root: dict[str, Any], path: list[str]) -> None:
        """Takes out the keyword at fault: the last step of the path that names a member of an object."""
        while len(path) > 2:
            parent = part_at(root, path[:-1])
            if isinstance(parent, dict):
                del parent[path[-1]]
                return
            path = path[:-1]

    def fault(self, keyword: str, place: Place, message: str) -> None:
        self.faults.append(SchemaError(keyword, (), place, message))

    def source(self, path: Sequence[Any]) -> Place:
        """The place in the contract of a path in the bundle; steps that a dialect put in are passed over."""
        if len(path) < 2 or path[0] != "$defs":
            return self.parts[0].place
        node = self.parts[int(str(path[1])[1:])]
        value, keys = node.value, []
        for key in path[2:]:
            try:
                value = step(value, str(key))
            except KeyError:
                continue
            keys.append(str(key))
        return node.place.at(*keys)

    def errors(self, value: Any) -> Sequence[SchemaError]:
        try:
            if self.is_valid(value):
                return ()
            found = list(self.validator.iter_errors(value))
        except ValueError as error:  # jsonschema-rs takes 255 levels in what is wrong, and no half of a surrogate pair
            fact = f"the value does not fit, or cannot be judged: {error}"
            return (SchemaError("", (), self.parts[0].place, fact),)
        return [self.error(each) for each in found]

    def error(self, found: jsonschema_rs.ValidationError) -> SchemaError:
        kind = found.kind
        key = (type(kind), *found.schema_path)
        known = self.keywords.get(key)
        if known is None:
            known = self.keywords[key] = kind.name, self.source(found.schema_path), wording_of(kind)
        keyword, place, tell = known
        return SchemaError(keyword, tuple(found.instance_path), place, tell(found))


def references(node: Node) -> Iterator[Node]:
    """A part, what its `$ref` leads to, what that one's does, and so on; each once, as far as they can be read."""
    met: set[tuple[str, tuple[str, ...]]] = set()
    while node.key not in met:
        met.add(node.key)
        yield node
        ref = node.reference
        if ref is None:
            return
        try:
            node = node.target(ref)
        except UnreadableError:
            return


def _fault_message(error: jsonschema_rs.ValidationError) -> str:
    return f"not JSON Schema: {error.message}"


def _is_base64(value: Any) -> bool:
    if not isinstance(value, str):
        return True
    try:
        base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        return False
    return True


def _bound(schema: dict[str, Any], most: int) -> None:
    """Narrows the bounds of a schema to those of a signed number with a greatest value."""
    for key, narrower, bound in (("minimum", max, -most - 1), ("maximum", min, most)):
        own = schema.get(key, bound)
        schema[key] = narrower(own, bound) if isinstance(own, (int, float)) else own


WHOLE_NUMBERS = {"int8": 2**7 - 1, "int16": 2**15 - 1, "int32": 2**31 - 1, "int64": 2**63 - 1}
"""Formats of the OpenAPI Format Registry that are ranges of numbers: the engine asks for a format of strings only."""

FORMATS: dict[str, Callable[[Any], bool]] = {"byte": _is_base64}
"""Formats of the registry beside those of JSON Schema; a format that is in neither is not judged."""
