"""Bundles: a schema and all schemas that it refers to, compiled as one document, for values of one direction.

A bundle has no references to the outside. Each place in it leads back to the place in the contract.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property

import jsonschema_rs

from tallystick.nouns import budgets
from tallystick.nouns.dialect import Dialect
from tallystick.nouns.errors import UnreadableError
from tallystick.nouns.json_pointer import part_at, step
from tallystick.nouns.json_value import JSON
from tallystick.nouns.keywords import PLAIN, SUBSCHEMA, SUBSCHEMA_MAP, SUBSCHEMAS
from tallystick.nouns.node import Key, Node
from tallystick.nouns.schema import Direction, SchemaError
from tallystick.nouns.violation import Place
from tallystick.schemas import patterns
from tallystick.schemas.bounded_errors import BoundedErrors
from tallystick.schemas.branches import COMPOSED, composed_fact, meant_branch, names_of_branches
from tallystick.schemas.dynamic_scope import NO_SCOPE, DynamicScope, scope_within
from tallystick.schemas.evaluations import TOO_LARGE, UNEVALUATED, Evaluations
from tallystick.schemas.formats import FORMATS, narrow_to_format
from tallystick.schemas.long_texts import ShortTexts, is_slow
from tallystick.schemas.messages import Wording, needed_wording, wording_of
from tallystick.schemas.repetition import bound_repetition
from tallystick.schemas.required import NO_NAMES, Excuses, Names

ROOT: dict[str, JSON] = {"$ref": "#/$defs/s0"}
"""The reference to the schema that a bundle was made for."""

Validator = jsonschema_rs.Validator | ShortTexts

Validators = dict[str, Validator]
"""Validators of schemas that refer to no other, by the text of the schema: many properties have equal schemas."""

_AS_IS = PLAIN - {"required", "pattern"}
_CONVERTED = SUBSCHEMA | SUBSCHEMAS | SUBSCHEMA_MAP | {"required", "pattern"}


class Bundle:
    """A schema and all schemas that it refers to, compiled for values of one direction.

    To excuse a name means not to require it (see `tallystick.schemas.required`).
    """

    def __init__(self, dialect: Dialect, validators: Validators, schemas: Sequence[Node], direction: Direction) -> None:
        self.dialect = dialect
        self.excuses = Excuses(dialect, direction)
        self.faults: list[SchemaError] = []
        self.has_slow_pattern = False
        self.nodes: list[Node] = []
        """The nodes of the schemas `s0`, `s1` and so on in the bundle."""
        self.excused: list[Names] = []
        """For each of these nodes, the names that the schema with the reference to it excuses."""
        self.scopes: list[DynamicScope] = []
        """For each of these nodes, the dynamic scope in which it is applied."""
        self.scope = NO_SCOPE
        """The dynamic scope of the schema that is being converted."""
        self.names: dict[tuple[Key, Names, DynamicScope], str] = {}
        self.definitions: dict[str, JSON] = {}
        self.inlined: dict[int, Node] = {}
        """The first node of each inner schema, by the `id` of its value: the aliases of YAML lead to one many times."""
        self.keywords: dict[tuple[object, ...], tuple[str, Place, Wording]] = {}
        """The name, place and wording of each keyword that a value broke, by its kind and path in the bundle."""
        self.origins: dict[int, Node] = {}
        """The node that each schema object in `definitions` was made from, by the `id` of the object."""
        root = {**self.applied([{"$ref": self.name(schema)} for schema in schemas]), "$defs": self.definitions}
        for index, node in enumerate(self.nodes):  # grows while it is walked
            self.scope = self.scopes[index]
            self.definitions[f"s{index}"] = self.convert(node, self.excuses.excused(node) | self.excused[index])
        self.root = root
        self.evaluations = self.bounded()
        self.validator = self.compile(root) if len(self.nodes) > 1 else self.shared(root, validators)
        is_small = self.evaluations.most <= budgets.SCHEMA_EVALUATIONS
        self.is_valid: Callable[[object], bool] = self.validator.is_valid if is_small else self.is_surely_valid

    def bounded(self) -> Evaluations:
        """How often the schemas are applied; what the engine could not compile is removed and added to `faults`."""
        while True:
            schemas = (*self.definitions.values(), self.root)
            evaluations = Evaluations(schemas, lambda schema: self.definitions[str(schema["$ref"])[len("#/$defs/") :]])
            if not evaluations.uncompilable:
                return evaluations
            for schema in evaluations.uncompilable:
                place = self.origins.get(id(schema), self.nodes[0]).place
                for name in UNEVALUATED:
                    if schema.pop(name, None) is not None:
                        self.fault(name, place.at(name), TOO_LARGE)

    def applied(self, references: Sequence[dict[str, JSON]]) -> dict[str, JSON]:
        """The schema that applies the references, one for each schema of the bundle, to a value."""
        return references[0]

    def name(self, node: Node, excused: Names = NO_NAMES) -> str:
        """A reference to the schema of a node, with some names excused; the schema is added if it is new."""
        scope = scope_within(self.scope, node) if len(self.names) < budgets.SCOPED_SCHEMAS else NO_SCOPE
        key = node.key, excused, scope
        name = self.names.get(key)
        if name is None:
            name = self.names[key] = f"s{len(self.names)}"
            self.nodes.append(node)
            self.excused.append(excused)
            self.scopes.append(scope)
        return f"#/$defs/{name}"

    def convert(self, node: Node, excused: Names) -> JSON:
        """The schema of a node as it stands in the bundle, with some names excused."""
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
                schema["$ref"] = self.name(target, self.excuses.excused_in(target, excused) if excused else NO_NAMES)

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
            _apply_too(schema, {"$ref": self.name(target)})

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
            return {"$ref": self.name(first, self.excuses.excused_in(first, excused) if excused else NO_NAMES)}
        around = self.scope
        if isinstance(value, dict) and "$id" in value:  # a schema resource of its own
            self.scope = scope_within(around, part)
        converted = self.convert(part, self.excuses.excused(part) if excused is None else excused)
        self.scope = around
        return converted

    def shared(self, root: dict[str, JSON], validators: Validators) -> Validator:
        """The validator of an equal schema if there is one, else a new one, which is kept if it has no faults."""
        text = json.dumps(root)
        if text in validators:
            return validators[text]
        before = len(self.faults)
        validator = self.compile(root)
        if len(self.faults) == before:
            validators[text] = validator
        return validator

    def inner(self, schema: dict[str, JSON]) -> Validator:
        """The validator of a schema that is a part of this bundle."""
        return self.compile({"$defs": self.definitions, "allOf": [schema]})

    def compile(self, root: dict[str, JSON]) -> Validator:
        """The validator; each keyword that is not valid JSON Schema is removed and added to `faults`."""
        while True:
            try:
                validator = jsonschema_rs.Draft202012Validator(
                    root,
                    validate_formats=True,
                    offline=True,
                    formats=FORMATS,
                    pattern_options=patterns.PATTERN_OPTIONS,
                )
                return ShortTexts(validator) if self.has_slow_pattern else validator
            except jsonschema_rs.ValidationError as error:
                path = [str(key) for key in error.instance_path]
                if len(path) < 3:
                    raise AssertionError(f"a bundle that cannot be compiled: {error.message}") from error
                self.fault(path[-1], self.source(path), f"not JSON Schema: {error.message}")
                self.remove(root, path)

    def remove(self, root: dict[str, JSON], path: list[str]) -> None:
        """Remove the invalid keyword: the last member of an object on the path."""
        while len(path) > 2:
            parent = part_at(root, path[:-1])
            if isinstance(parent, dict):
                del parent[path[-1]]
                return
            path = path[:-1]

    def fault(self, keyword: str, place: Place, message: str) -> None:
        self.faults.append(SchemaError(keyword, (), place, message))

    def source(self, path: Sequence[str | int]) -> Place:
        """The place in the contract of a path in the bundle; steps that a dialect has added are skipped."""
        if len(path) < 2 or path[0] != "$defs":
            return self.nodes[0].place
        node = self.nodes[int(str(path[1])[1:])]
        value, keys = node.value, []
        for key in path[2:]:
            written = self.dialect.written(value, str(key)) if isinstance(value, dict) else str(key)
            for name in (written, _WRITTEN_AS.get(str(key), "")):
                try:
                    value = step(value, name)
                except KeyError:
                    continue
                keys.append(name)
                break
        return node.place.at(*keys)

    def is_surely_valid(self, value: object) -> bool:
        """Whether a value fits; false for one that would be judged more often than is allowed."""
        return not self.evaluations.exceed(self.root, value, budgets.SCHEMA_EVALUATIONS) and self.validator.is_valid(
            value
        )

    def leads_too_far(self, value: object) -> bool:
        """Whether schemas are applied to a value too often for the reasons to be told why it does not fit."""
        return self.evaluations.is_many and self.evaluations.exceed(self.root, value, budgets.REASON_EVALUATIONS)

    def errors(self, value: object) -> Sequence[SchemaError]:
        try:
            if self.is_valid(value):
                return ()
            errors = self.bounded_errors.of(value)
        except ValueError as error:  # jsonschema-rs raises it beyond 255 levels, and for half of a surrogate pair
            fact = f"the value does not fit, or cannot be judged: {error}"
            return (SchemaError("", (), self.nodes[0].place, fact),)
        return errors if len(errors) == 1 else _distinct(errors)

    def engine_errors(self, value: object) -> Iterator[jsonschema_rs.ValidationError]:
        """All errors of the engine; raises `ValueError` where they may be too many."""
        if self.leads_too_far(value):
            raise ValueError(_TOO_MANY_REASONS)
        return iter(self.validator.iter_errors(value))

    @cached_property
    def bounded_errors(self) -> BoundedErrors:
        """The errors of values, as many as can be told."""
        return BoundedErrors(self.engine_errors, self.is_valid, self.definitions, self.told, self.nodes[0].place)

    def told(self, error: jsonschema_rs.ValidationError) -> Sequence[SchemaError]:
        """What is told of an error of the engine: the error itself, or those of the branch that was meant."""
        if type(error.kind) not in COMPOSED:
            return (self.error(error),)
        schema = self.schema_of(error)
        node = self.origins.get(id(schema))
        branch = meant_branch(error, node)
        if branch:
            return [schema_error for nested in branch for schema_error in self.told(nested)]
        branches = schema.get(str(error.schema_path[-1])) if isinstance(schema, dict) else None
        names = names_of_branches(branches if isinstance(branches, list) else [], self.node_of)
        path, fact = composed_fact(error, node, names)
        return (SchemaError(error.kind.name, path, self.source(error.schema_path), fact),)

    def schema_of(self, error: jsonschema_rs.ValidationError) -> JSON:
        """The schema in the bundle with the keyword that an error comes from; None where that is in no definition."""
        try:
            return part_at({"$defs": self.definitions}, list(map(str, error.schema_path[:-1])))
        except KeyError:
            return None

    def node_of(self, schema: JSON) -> Node | None:
        """The node that a schema in the bundle was made from, its `$ref` followed."""
        ref = schema.get("$ref") if isinstance(schema, dict) and len(schema) == 1 else None
        return self.nodes[int(ref.rpartition("/s")[2])] if isinstance(ref, str) else self.origins.get(id(schema))

    def error(self, error: jsonschema_rs.ValidationError) -> SchemaError:
        """An error of the engine, with its place in the contract and its message."""
        kind = error.kind
        key = (type(kind), *error.schema_path)
        keyword = self.keywords.get(key)
        if keyword is None:
            keyword = self.keywords[key] = kind.name, self.source(error.schema_path), self.wording(error)
        name, place, message = keyword
        return SchemaError(name, tuple(error.instance_path), place, message(error))

    def wording(self, error: jsonschema_rs.ValidationError) -> Wording:
        """The function that words the errors of the keyword of one error."""
        path = list(map(str, error.schema_path))
        if path[-1] == "dependentRequired":
            demands = part_at({"$defs": self.definitions}, path)
            return needed_wording(demands if isinstance(demands, dict) else {})
        if path[-3:-2] == ["dependentSchemas"] and path[-1] == "required":
            return needed_wording({path[-2]: None})
        return wording_of(error.kind)


_WRITTEN_AS = {
    **dict.fromkeys(("minimum", "maximum"), "format"),
    **dict.fromkeys(("minLength", "maxLength"), "pattern"),
    **dict.fromkeys(("dependentRequired", "dependentSchemas"), "dependencies"),
}
"""Keywords of the bundle that may not stand in the contract, each with the one that says the same there."""


def _distinct(errors: Sequence[SchemaError]) -> Sequence[SchemaError]:
    """The errors without those that are told already: two parts of an `allOf` may lead to the same schema."""
    distinct: dict[tuple[object, ...], SchemaError] = {}
    for error in errors:
        distinct.setdefault((error.path, error.place.file, error.place.path, error.message), error)
    return list(distinct.values())


_TOO_MANY_REASONS = (
    "the branches and references of this schema lead to more than "
    f"{budgets.REASON_EVALUATIONS:,} comparisons, too many to tell the reason"
)


def _holds_schemas(value: JSON) -> bool:
    """Whether a schema may have others inside, so that it is worth to convert it once and refer to it."""
    return isinstance(value, dict) and any(isinstance(item, (dict, list)) for item in value.values())


def _apply_too(schema: dict[str, JSON], other: dict[str, JSON]) -> None:
    """Apply the keywords of another schema too."""
    branches = schema.get("allOf")
    schema["allOf"] = [*(branches if isinstance(branches, list) else ()), other]
