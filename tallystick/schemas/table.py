"""The schemas of a contract as JSON Schema 2020-12, each converted once for values of one direction.

They refer to each other by names, `s1`, `s2` and so on, and to nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import count
from typing import NamedTuple

from tallystick.nouns import budgets
from tallystick.nouns.dialect import Dialect
from tallystick.nouns.errors import UnreadableError
from tallystick.nouns.json_value import JSON
from tallystick.nouns.keywords import PLAIN, SUBSCHEMA, SUBSCHEMA_MAP, SUBSCHEMAS
from tallystick.nouns.node import Key, Node
from tallystick.nouns.schema import Direction, SchemaError
from tallystick.nouns.violation import Place
from tallystick.schemas import patterns
from tallystick.schemas.dynamic_scope import NO_SCOPE, DynamicScope, scope_within
from tallystick.schemas.formats import narrow_to_format
from tallystick.schemas.long_texts import is_slow
from tallystick.schemas.repetition import bound_repetition
from tallystick.schemas.required import NO_NAMES, Excuses, Names
from tallystick.schemas.validators import Validator, Validators

_AS_IS = PLAIN - {"required", "pattern"}
_CONVERTED = SUBSCHEMA | SUBSCHEMAS | SUBSCHEMA_MAP | {"required", "pattern"}
_Key = tuple[Key, Names, DynamicScope]
"""What a converted schema is known by: its node, the names that it excuses, and its dynamic scope."""


class Converted(NamedTuple):
    """A converted schema; `refs` are the names of those that it refers to."""

    schema: JSON
    node: Node
    refs: tuple[str, ...]
    has_slow_pattern: bool


class SchemaTable:
    """The converted schemas of a contract, for values of one direction.

    A conversion adds all its schemas at once when it ends, so that several threads may add to a table. Later only
    keywords are taken out that are not JSON Schema.
    """

    def __init__(self, dialect: Dialect, direction: Direction, by_text: dict[str, Validator] | None = None) -> None:
        """`by_text` are the validators of schemas that refer to no other, which tables may share."""
        self.dialect = dialect
        self.direction = direction
        self.validators = Validators({} if by_text is None else by_text)
        self.names: dict[_Key, str] = {}
        self.converted: dict[str, Converted] = {}
        self.faults: dict[str, list[SchemaError]] = {}
        """What is wrong in each converted schema, by its name: keywords that are left out."""
        self.origins: dict[int, Node] = {}
        """The node that each schema object was made from, by the `id` of the object."""
        self.left_out: list[JSON] = []
        """What was taken out of the schemas later: the `id` of its parts is in `origins`."""
        self.numbers = count(1)

    def add(self, nodes: Sequence[Node]) -> list[str]:
        """The names of the schemas of some nodes, which are converted with all that they refer to."""
        conversion = _Conversion(self)
        names = [conversion.name(node) for node in nodes]
        conversion.convert_all()
        return names

    def reached(self, names: Iterable[str]) -> list[str]:
        """Some names, and those of all schemas that are referred to from there, each once."""
        reached = dict.fromkeys(names)
        waiting = list(reached)
        for name in waiting:  # grows while it is walked
            new = [ref for ref in self.converted[name].refs if ref not in reached]
            reached.update(dict.fromkeys(new))
            waiting += new
        return list(reached)

    def fault(self, name: str, fault: SchemaError) -> None:
        """Note what is wrong in a converted schema."""
        faults = self.faults.setdefault(name, [])
        if fault not in faults:
            faults.append(fault)


class _Conversion:
    """The conversion of some schemas, and of those that they refer to and that are not in the table yet.

    To excuse a name means not to require it (see `tallystick.schemas.required`).
    """

    def __init__(self, table: SchemaTable) -> None:
        self.table = table
        self.dialect = table.dialect
        self.excuses = Excuses(table.dialect, table.direction)
        self.names: dict[_Key, str] = {}
        """The names of what is converted here."""
        self.waiting: list[tuple[str, Node, Names, DynamicScope]] = []
        """What has a name and is converted next: the name, the node, and what else the schema is known by."""
        self.origins: dict[int, Node] = {}
        self.faults: list[SchemaError] = []
        self.refs: dict[str, None] = {}
        self.has_slow_pattern = False
        self.scope = NO_SCOPE
        """The dynamic scope of the schema that is being converted."""
        self.inlined: dict[int, Node] = {}
        """The first node of each schema inside the one that is being converted, by the `id` of its value: the aliases
        of YAML lead to one many times."""

    def name(self, node: Node, excused: Names = NO_NAMES) -> str:
        """The name of the schema of a node, with some names excused; it is converted if it is new."""
        scope = scope_within(self.scope, node) if len(self.names) < budgets.SCOPED_SCHEMAS else NO_SCOPE
        key = node.key, excused, scope
        name = self.table.names.get(key) or self.names.get(key)
        if name is None:
            name = self.names[key] = f"s{next(self.table.numbers)}"
            self.waiting.append((name, node, excused, scope))
        return name

    def convert_all(self) -> None:
        """Convert what was named, and what that leads to."""
        converted: dict[str, Converted] = {}
        for name, node, excused, scope in self.waiting:  # grows while it is walked
            self.scope = scope
            self.faults, self.refs, self.inlined, self.has_slow_pattern = [], {}, {}, False
            schema = self.convert(node, self.excuses.excused(node) | excused)
            converted[name] = Converted(schema, node, tuple(self.refs), self.has_slow_pattern)
            if self.faults:
                self.table.faults[name] = self.faults
        self.table.origins.update(self.origins)
        self.table.converted.update(converted)
        for key, name in self.names.items():
            self.table.names.setdefault(key, name)

    def reference_to(self, node: Node, excused: Names = NO_NAMES) -> str:
        """A reference to the schema of a node."""
        name = self.name(node, excused)
        self.refs[name] = None
        return f"#/$defs/{name}"

    def convert(self, node: Node, excused: Names) -> JSON:
        """The schema of a node as it stands in a bundle, with some names excused."""
        value = node.value
        if not isinstance(value, dict):
            if not isinstance(value, bool):
                self.fault("schema", node.place, "a schema must be an object or a boolean")
            return value if isinstance(value, bool) else True
        schema: dict[str, JSON] = {}
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
        if "dependencies" in value:
            self.dependencies(node, schema)
        dynamic = value.get("$dynamicRef")
        if isinstance(dynamic, str) and self.dialect.ref_siblings:
            self.dynamic_reference(node, dynamic, schema)
        if "format" in schema:
            narrow_to_format(schema, self.dialect.open_formats)
        if "pattern" in schema:
            bound_repetition(schema)
        return schema

    def reference(self, node: Node, ref: str, schema: dict[str, JSON], excused: Names) -> None:
        try:
            target = node.target(ref)
        except UnreadableError as error:
            self.fault("$ref", node.place.at("$ref"), error.fact)
        else:
            if target.key != node.key:
                schema["$ref"] = self.reference_to(
                    target, self.excuses.excused_in(target, excused) if excused else NO_NAMES
                )

    def dynamic_reference(self, node: Node, ref: str, schema: dict[str, JSON]) -> None:
        """Add a `$dynamicRef` to `schema`: it leads to the outermost anchor of the dynamic scope.

        JSON Schema 2020-12, section 8.2.3.2.
        """
        try:
            target = node.target(ref)
        except UnreadableError as error:
            self.fault("$dynamicRef", node.place.at("$dynamicRef"), error.fact)
            return
        anchor = ref.partition("#")[2]
        if target.string("$dynamicAnchor") == anchor:
            target = self.scope.anchors.get(anchor, target)
        if target.key != node.key:
            _apply_too(schema, {"$ref": self.reference_to(target)})

    def dependencies(self, node: Node, schema: dict[str, JSON]) -> None:
        """Add `dependencies` to `schema`, as its successors say it: real documents use it in every version of OpenAPI.

        JSON Schema draft 7, section 6.5.7; a single name is a list of one, as in draft 3.
        """
        names: dict[str, JSON] = {}
        schemas: dict[str, JSON] = {}
        for name, item in node.members_of("dependencies").items():
            if isinstance(item, (dict, bool)):
                schemas[name] = self.part(node, item, "dependencies", name)
            else:
                names[name] = [item] if isinstance(item, str) else item
        _apply_too(schema, {"dependentRequired": names, "dependentSchemas": schemas})

    def keyword(self, node: Node, key: str, item: JSON, schema: dict[str, JSON], excused: Names) -> None:
        if key == "required":
            if excused and isinstance(item, list):
                item = [name for name in item if not isinstance(name, str) or name not in excused]
            schema[key] = item
        elif key == "pattern":
            schema[key] = self.pattern(item) if isinstance(item, str) else item
        elif key in SUBSCHEMA:
            schema[key] = self.part(node, item, key)
        elif key in SUBSCHEMAS and isinstance(item, list):
            is_whole = key == "allOf" or item is not node.members.get(key)  # else a dialect has added it
            branch_excused = excused if is_whole else None
            schema[key] = [
                self.part(node, branch, key, str(index), excused=branch_excused) for index, branch in enumerate(item)
            ]
        elif key == "patternProperties" and isinstance(item, dict):
            schema[key] = {self.pattern(name): self.part(node, child, key, name) for name, child in item.items()}
        elif key in SUBSCHEMA_MAP and isinstance(item, dict):
            schema[key] = {name: self.part(node, child, key, name) for name, child in item.items()}

    def pattern(self, ecma: str) -> str:
        """The pattern in the engine's syntax."""
        self.has_slow_pattern = self.has_slow_pattern or is_slow(ecma)
        return patterns.to_engine_syntax(ecma)

    def part(self, node: Node, value: JSON, *keys: str, excused: Names | None = None) -> JSON:
        """The schema inside that of a node, under some keys; by default it excuses the names that it excuses itself."""
        keyword, *names = keys
        part = Node(node.document, (*node.path, self.dialect.written(node.members, keyword), *names), value)
        first = self.inlined.setdefault(id(value), part)
        if first is not part and first.value is value and _holds_schemas(value):
            return {"$ref": self.reference_to(first, self.excuses.excused_in(first, excused) if excused else NO_NAMES)}
        around = self.scope
        if isinstance(value, dict) and "$id" in value:  # a schema resource of its own
            self.scope = scope_within(around, part)
        converted = self.convert(part, self.excuses.excused(part) if excused is None else excused)
        self.scope = around
        return converted

    def fault(self, keyword: str, place: Place, message: str) -> None:
        self.faults.append(SchemaError(keyword, (), place, message))


def _holds_schemas(value: JSON) -> bool:
    """Whether a schema may have others inside, so that it is worth to convert it once and refer to it."""
    return isinstance(value, dict) and any(isinstance(item, (dict, list)) for item in value.values())


def _apply_too(schema: dict[str, JSON], other: dict[str, JSON]) -> None:
    """Apply the keywords of another schema too."""
    branches = schema.get("allOf")
    schema["allOf"] = [*(branches if isinstance(branches, list) else ()), other]
