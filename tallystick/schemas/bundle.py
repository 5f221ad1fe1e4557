"""Bundles: a schema and all schemas that it refers to, compiled as one document, for values of one direction.

A bundle has no references to the outside. Each place in it leads back to the place in the contract.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property

import jsonschema_rs

from tallystick.nouns import budgets
from tallystick.nouns.json_pointer import part_at, step
from tallystick.nouns.json_value import JSON
from tallystick.nouns.node import Node
from tallystick.nouns.schema import SchemaError
from tallystick.nouns.violation import Place
from tallystick.schemas import patterns
from tallystick.schemas.bounded_errors import BoundedErrors
from tallystick.schemas.branches import COMPOSED, composed_fact, meant_branch, names_of_branches
from tallystick.schemas.evaluations import TOO_LARGE, UNEVALUATED, Evaluations
from tallystick.schemas.formats import FORMATS
from tallystick.schemas.long_texts import ShortTexts
from tallystick.schemas.messages import Wording, needed_wording, wording_of
from tallystick.schemas.table import SchemaTable
from tallystick.schemas.validators import SharedValidator, Validator

_LEAF = "s0"
"""The name of a schema that refers to no other in its own bundle, so that equal schemas share a validator."""


class Bundle:
    """A schema and all schemas that it refers to, taken from a table and compiled."""

    def __init__(self, table: SchemaTable, schemas: Sequence[Node]) -> None:
        self.fill(table, schemas)
        self.evaluations = self.counted()
        if self.evaluations.uncompilable:  # what is left out here may be judged where another schema leads to it
            self.fill(SchemaTable(table.dialect, table.direction), schemas)
            self.evaluations = self.bounded()
        self.keywords: dict[tuple[object, ...], tuple[str, Place, Wording]] = {}
        """The name, place and wording of each keyword that a value broke, by its kind and path in the bundle."""
        self.is_shared = len(self.names) >= budgets.LARGE_SCHEMAS and not self.has_slow_pattern
        """Whether an engine judges that other schemas use too."""
        self.validator = self.new_validator()
        is_small = self.evaluations.most <= budgets.SCHEMA_EVALUATIONS
        self.is_valid: Callable[[object], bool] = self.validator.is_valid if is_small else self.is_surely_valid

    def fill(self, table: SchemaTable, schemas: Sequence[Node]) -> None:
        """Take some schemas, and all that they lead to, from a table."""
        self.table = table
        added = table.add(schemas)
        self.names = table.reached(added)
        """The names of the schemas in the table."""
        converted = [table.converted[name] for name in self.names]
        self.is_leaf = len(converted) == 1 and not converted[0].refs
        self.has_slow_pattern = any(each.has_slow_pattern for each in converted)
        names = [_LEAF] if self.is_leaf else self.names
        self.definitions: dict[str, JSON] = dict(zip(names, (each.schema for each in converted), strict=True))
        self.origins = table.origins
        """The node that each schema object in `definitions` was made from, by the `id` of the object."""
        self.pointers = [f"/$defs/{_LEAF if self.is_leaf else name}" for name in added]
        """The pointers in the bundle to the schemas that it was made for."""
        self.references: list[dict[str, JSON]] = [{"$ref": f"#{pointer}"} for pointer in self.pointers]
        self.root = {**self.applied(), "$defs": self.definitions}

    @property
    def node(self) -> Node:
        """The node of the first schema."""
        return self.table.converted[self.names[0]].node

    def node_named(self, name: str) -> Node:
        """The node of a schema in `definitions`."""
        return self.node if name == _LEAF else self.table.converted[name].node

    @property
    def faults(self) -> list[SchemaError]:
        """What is wrong in the schemas themselves; it is left out so that the rest can be judged."""
        return [fault for name in self.names for fault in self.table.faults.get(name, ())]

    def counted(self) -> Evaluations:
        """How often the schemas are applied."""
        schemas = (*self.definitions.values(), self.root)
        return Evaluations(schemas, lambda schema: self.definitions[str(schema["$ref"])[len("#/$defs/") :]])

    def bounded(self) -> Evaluations:
        """The same without the keywords that the engine cannot compile, which are left out and told."""
        while (evaluations := self.counted()).uncompilable:
            for schema in evaluations.uncompilable:
                place = self.origins.get(id(schema), self.node).place
                for name in UNEVALUATED:
                    if name in schema:
                        self.table.left_out.append(schema.pop(name))
                        self.fault(self.names[0], name, place.at(name), TOO_LARGE)
        return evaluations

    def applied(self) -> dict[str, JSON]:
        """The schema that judges a value by the schemas that the bundle was made for."""
        return self.references[0]

    def new_validator(self) -> Validator:
        """The validator of the bundle, which it may have in common with others."""
        if self.is_leaf:
            return self.validator_of_text()
        if not self.is_shared:
            return self.compile(self.root)
        validators, name = self.table.validators, self.names[0]
        validators.join(name, self.definitions, self.compile)
        return SharedValidator(validators, name, lambda: self.compile(self.root))

    def validator_of_text(self) -> Validator:
        """The validator of an equal schema if there is one, else a new one, which is kept if it has no faults."""
        by_text, text = self.table.validators.by_text, json.dumps(self.root)
        if text not in by_text:
            validator = self.compile(self.root)
            if self.faults:
                return validator
            by_text[text] = validator
        return by_text[text]

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
                path = self.followed(root, [str(key) for key in error.instance_path])
                if len(path) < 3:
                    raise AssertionError(f"a bundle that cannot be compiled: {error.message}") from error
                place = self.source(path)
                self.remove(root, path)
                self.fault(path[1], path[-1], place, f"not JSON Schema: {error.message}")

    def followed(self, root: dict[str, JSON], path: list[str]) -> list[str]:
        """A path of the engine, which may lead through references, as one that begins at the last definition on it."""
        part: JSON = root
        followed: list[str] = []
        for key in path:
            for _ in self.definitions:  # a reference may lead to another one, and at last in a circle
                ref = part.get("$ref") if isinstance(part, dict) and key not in part else None
                if not isinstance(ref, str):
                    break
                followed = ref.split("/")[1:]
                part = self.definitions[followed[-1]]
            try:
                part = step(part, key)
            except KeyError:
                return path
            followed.append(key)
        return followed

    def remove(self, root: dict[str, JSON], path: list[str]) -> None:
        """Remove the invalid keyword: the last member of an object on the path."""
        while len(path) > 2:
            parent = part_at(root, path[:-1])
            if isinstance(parent, dict):
                self.table.left_out.append(parent.pop(path[-1], None))
                return
            path = path[:-1]

    def fault(self, name: str, keyword: str, place: Place, message: str) -> None:
        """Note what is wrong in the definition of a name."""
        name = self.names[0] if name == _LEAF else name
        self.table.fault(name, SchemaError(keyword, (), place, message))

    def source(self, path: Sequence[str | int]) -> Place:
        """The place in the contract of a path in the bundle; steps that a dialect has added are skipped."""
        if len(path) < 2 or path[0] != "$defs":
            return self.node.place
        node = self.node_named(str(path[1]))
        value, keys = node.value, []
        for key in path[2:]:
            written = self.table.dialect.written(value, str(key)) if isinstance(value, dict) else str(key)
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
            return (SchemaError("", (), self.node.place, fact),)
        return errors if len(errors) == 1 else _distinct(errors)

    def engine_errors(self, value: object) -> Iterator[jsonschema_rs.ValidationError]:
        """All errors of the engine; raises `ValueError` where they may be too many."""
        if self.leads_too_far(value):
            raise ValueError(_TOO_MANY_REASONS)
        return iter(self.validator.iter_errors(value))

    @cached_property
    def bounded_errors(self) -> BoundedErrors:
        """The errors of values, as many as can be told."""
        return BoundedErrors(
            self.errors_at_once, self.engine_errors, self.is_valid, self.definitions, self.told, self.node.place
        )

    def errors_at_once(self, value: object) -> Iterator[Sequence[SchemaError]]:
        """What is told of each error of the engine; raises `ValueError` where they may be too many."""
        if not self.is_shared:
            return map(self.told, self.engine_errors(value))
        if self.leads_too_far(value):
            raise ValueError(_TOO_MANY_REASONS)
        name = self.names[0]
        errors = self.table.validators.engines[name].validator.iter_errors({name: value})
        return ([each._replace(path=each.path[1:]) for each in self.told(error)] for error in errors)

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
        return self.node_named(ref.rpartition("/")[2]) if isinstance(ref, str) else self.origins.get(id(schema))

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
