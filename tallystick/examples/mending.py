"""Mends an example that breaks its schema: exactly where it breaks, as the judge tells that, until it fits.

What is missing is added, what is not allowed is removed, and what is wrong is converted where it is obvious what was
meant; else a generated value takes its place.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any, cast

from jsonschema_rs import ValidationError
from jsonschema_rs import ValidationErrorKind as Kind
from jsonschema_rs.canonical.schema import clone

from tallystick.examples.choices import DeadEnd, OutOfSteps, Slot, ValuePath
from tallystick.examples.combined_schema import CombinedSchema
from tallystick.examples.conversions import conversions, same_letters
from tallystick.examples.draws import NOBODY, PLAIN, Holder, Style
from tallystick.examples.grafting import grafted
from tallystick.examples.holders import holder_of
from tallystick.examples.names import singular
from tallystick.examples.plain_schemas import Schema, SchemaObject, equality_key
from tallystick.examples.value_generator import ValueGenerator
from tallystick.nouns import budgets
from tallystick.nouns.json_value import JSON
from tallystick.nouns.node import Node
from tallystick.nouns.schema import Direction
from tallystick.schemas.branches import meant_branch
from tallystick.schemas.bundle import Bundle
from tallystick.schemas.messages import nearest_branch
from tallystick.schemas.validators import Validator

_BUDGET = 60
"""About how many slots a generated part has at most, beside what is required."""
_MOST_VARIANTS = 5
"""How many values are tried for one place."""
_OF_VALUES = frozenset(
    (
        Kind.Type,
        Kind.Enum,
        Kind.Constant,
        Kind.Format,
        Kind.Pattern,
        Kind.MinLength,
        Kind.MaxLength,
        Kind.Minimum,
        Kind.Maximum,
        Kind.ExclusiveMinimum,
        Kind.ExclusiveMaximum,
        Kind.MultipleOf,
    )
)
"""The kinds of errors that a value has as a whole."""

_UNEVALUATED = frozenset((Kind.UnevaluatedProperties, Kind.UnevaluatedItems))


class Mending:
    """The mending of one example. After `mend` the `value` fits, or nothing was found that does."""

    def __init__(self, bundle: Bundle, value: JSON, direction: Direction, style: Style = PLAIN) -> None:
        self.bundle = bundle
        self.direction = direction
        self.style = style
        self.example = value
        self.value: JSON = None
        self.url = _url_of(bundle.node)
        self.generator = ValueGenerator(bundle, direction, style, "")
        self.attempts: Counter[ValuePath] = Counter()
        """How often each place was given another value."""
        self.nulls: set[ValuePath] = set()
        """The places of members that were null and are left out."""
        self.validators: dict[int, Validator] = {}
        """The validators of parts of the bundle, by the `id` of the schema."""

    def mend(self) -> bool:
        """Whether the value fits now."""
        try:
            self.value = clone(self.example)
            if not self.bundle.bounded_errors.can_be_made(self.value):
                return False
            return self.is_mended() or self.grow()
        except ValueError:  # too deep, or schemas would be applied too often to tell the reason
            return False

    def is_mended(self) -> bool:
        """Judge the value and change it in turns; whether it fits at last."""
        for _ in range(budgets.MENDING_ROUNDS):
            if self.bundle.is_valid(self.value):
                return True
            if not self.change(list(islice(self.bundle.engine_errors(self.value), budgets.MENDING_ERRORS))):
                return False
        return self.bundle.is_valid(self.value)

    def grow(self) -> bool:
        """Put what is possible of the example into a generated value; whether there is one."""
        generator = ValueGenerator(self.bundle, self.direction, self.style, "")
        if not generator.generate():
            return False
        self.value = grafted(generator.value, self.example, self.bundle.is_valid)
        return True

    def change(self, errors: Sequence[ValidationError]) -> bool:
        """Change the value where it has errors, the outermost places first; whether anything is changed."""
        by_place: dict[ValuePath, list[ValidationError]] = {}
        causes = list(self.causes(errors))
        # What is wrong for another reason may be unevaluated for that alone.
        for error in [each for each in causes if type(each.kind) not in _UNEVALUATED] or causes:
            by_place.setdefault(tuple(error.instance_path), []).append(error)
        changed: set[ValuePath] = set()
        intricate: list[ValuePath] = []
        for path in sorted(by_place, key=len):
            if any(path[:length] in changed for length in range(len(path))) or not self.is_there(path):
                continue
            of_values = [error for error in by_place[path] if type(error.kind) in _OF_VALUES]
            if of_values:
                is_changed = self.replace(path, of_values)
            else:
                is_changed = sum(self.structure(path, error) for error in by_place[path]) > 0
            if is_changed and (of_values or isinstance(self.part(path), list)):
                changed.add(path)
            elif not is_changed:
                intricate.append(path)
        if changed or len(intricate) < len(by_place):
            return True
        return sum(self.remake(path, by_place[path]) for path in intricate) > 0

    def causes(self, errors: Sequence[ValidationError]) -> Iterator[ValidationError]:
        """The errors; in place of one of a composition, those of the branch that was meant."""
        for error in errors:
            match error.kind:
                case Kind.AnyOf(branches) | Kind.OneOfNotValid(branches) if any(branches):
                    node = self.bundle.origins.get(id(self.bundle.schema_of(error)))
                    branch = meant_branch(error, node) or branches[nearest_branch(len(error.instance_path), branches)]
                    yield from self.causes(branch)
                case _:
                    yield error

    # Places

    def part(self, path: ValuePath) -> Any:
        """The part of the value at a path; None where there is none any more."""
        part: Any = self.value
        for key in path:
            try:
                part = part[key]
            except (KeyError, IndexError, TypeError):
                return None
        return part

    def is_there(self, path: ValuePath) -> bool:
        """Whether there still is a place at a path."""
        if not path:
            return True
        container, key = self.part(path[:-1]), path[-1]
        if isinstance(container, list):
            return isinstance(key, int) and key < len(container)
        return isinstance(container, dict) and key in container

    def put(self, path: ValuePath, value: JSON) -> None:
        """Put a value at a path."""
        if path:
            self.part(path[:-1])[path[-1]] = value
        else:
            self.value = value

    def schemas_of(self, errors: Sequence[ValidationError]) -> list[Schema]:
        """The schemas with the keywords that the errors come from, each once."""
        schemas = {id(schema): schema for error in errors for schema in (self.bundle.schema_of(error),)}
        return [schema for schema in schemas.values() if isinstance(schema, (dict, bool))]

    def generated(self, path: ValuePath, schemas: Sequence[Schema], holder: Holder = NOBODY) -> JSON:
        """A generated value for a place: another one each time. Raises `DeadEnd` where there is none."""
        generator = self.generator
        generator.slots_filled = generator.characters = 0
        generator.choices.variants[path] = self.attempts[path]
        self.attempts[path] += 1
        try:
            return generator.value_of(schemas, Slot(path, _name(path), _BUDGET, holder=holder))
        except OutOfSteps as end:
            raise DeadEnd(str(end)) from None

    # Values

    def replace(self, path: ValuePath, errors: Sequence[ValidationError]) -> bool:
        """Convert the value at a place, leave it out if it is null, or put a generated one there."""
        schemas = self.schemas_of(errors)
        value = self.part(path)
        if self.attempts[path] >= _MOST_VARIANTS or not schemas:
            return False
        if not self.attempts[path]:
            self.attempts[path] += 1
            if value is None and path and isinstance(path[-1], str):
                del self.part(path[:-1])[path[-1]]  # what is required is missing from now on, and added
                self.nulls.add(path)
                return True
            combined = CombinedSchema(self.bundle, schemas)
            for candidate in conversions(value, combined, self.url):
                if combined.allows(candidate):
                    self.put(path, candidate)
                    return True
        try:
            self.put(path, self.generated(path, schemas))
        except DeadEnd:
            return False
        return True

    # Objects and arrays

    def structure(self, path: ValuePath, error: ValidationError) -> bool:
        """Add what is missing in an object or array, and remove what is not allowed."""
        part = self.part(path)
        match error.kind:
            case Kind.Required(name) if isinstance(part, dict) and name not in part:
                return self.add_member(path, part, name, error)
            case Kind.AdditionalProperties(names) | Kind.UnevaluatedProperties(names) if isinstance(part, dict):
                return sum(part.pop(name, self) is not self for name in names) > 0
            case Kind.PropertyNames(inner) if isinstance(part, dict):
                return isinstance(inner.instance, str) and part.pop(inner.instance, self) is not self
            case Kind.FalseSchema() if path:
                return self.remove(path)
            case Kind.MaxItems(most) if isinstance(part, list):
                del part[most:]
                return True
            case Kind.UniqueItems() if isinstance(part, list):
                part[:] = {equality_key(item): item for item in part}.values()
                return True
            case Kind.MinItems(least) if isinstance(part, list):
                return self.add_items(path, part, least, error)
        return False

    def remove(self, path: ValuePath) -> bool:
        """Remove a member, or an item and those behind it, which are not allowed either; whether it was there."""
        container, key = self.part(path[:-1]), path[-1]
        if isinstance(container, list) and isinstance(key, int) and key < len(container):
            del container[key:]
            return True
        return isinstance(container, dict) and container.pop(str(key), self) is not self

    def add_member(self, path: ValuePath, part: dict[str, JSON], name: str, error: ValidationError) -> bool:
        """Add a member that is missing: one with another spelling of its name, else a generated one."""
        combined = CombinedSchema(self.bundle, self.with_parents(error))
        declared = combined.property_names()
        other = next((other for other in part if other not in declared and same_letters(other, name)), None)
        if other is not None:
            part[name] = part.pop(other)
            return True
        holder = holder_of(self.bundle, combined, Slot(path, _name(path)))
        path = (*path, name)
        if self.attempts[path] >= _MOST_VARIANTS:
            return False
        schemas = combined.property_schemas(name)
        if path in self.nulls and CombinedSchema(self.bundle, schemas).types() == ["array"]:
            self.nulls.remove(path)
            part[name] = []
            return True
        try:
            part[name] = self.generated(path, schemas, holder)
        except DeadEnd:
            return False
        return True

    def with_parents(self, error: ValidationError) -> list[Schema]:
        """The schema with a keyword, and the schemas around it that apply to the same value."""
        keys = list(map(str, error.schema_path[:-1]))
        schemas = self.schemas_of([error])
        while len(keys) > 2 and keys[-2] == "allOf":
            keys = keys[:-2]
            around = _at({"$defs": self.bundle.definitions}, keys)
            schemas += [around] if isinstance(around, dict) else []
        if len(keys) == 2:  # a reference knows the name of the definition
            schemas[-1] = {"$ref": f"#/{'/'.join(keys)}"}
        return schemas

    def add_items(self, path: ValuePath, part: list[JSON], least: int, error: ValidationError) -> bool:
        """Add generated items until there are enough."""
        combined = CombinedSchema(self.bundle, self.schemas_of([error]))
        try:
            while len(part) < min(least, budgets.VALUE_PARTS):
                part.append(self.generated((*path, len(part)), combined.item_schemas(len(part))))
        except DeadEnd:
            return False
        return True

    # What no error says how to mend

    def remake(self, path: ValuePath, errors: Sequence[ValidationError]) -> bool:
        """Put a generated value at a place, and what is possible of the example into that."""
        schemas = self.schemas_of(errors)
        before = clone(self.part(path))
        if not schemas or self.attempts[path] >= _MOST_VARIANTS:
            return False
        validator = self.validator({"allOf": list(schemas)} if len(schemas) > 1 else schemas[0])
        best: tuple[int, JSON] = (-1, None)
        while self.attempts[path] < _MOST_VARIANTS and best[0] < _agreement(before, before):
            try:
                value = self.generated(path, schemas)
            except DeadEnd:
                continue
            if validator.is_valid(value):
                value = grafted(value, before, validator.is_valid)
                best = max(best, (_agreement(before, value), value), key=lambda each: each[0])
        if best[0] >= 0:
            self.put(path, best[1])
        return best[0] >= 0

    def validator(self, schema: Schema) -> Validator:
        """The validator of a part of the bundle."""
        if id(schema) not in self.validators:
            self.validators[id(schema)] = self.bundle.inner(cast("SchemaObject", schema))
        return self.validators[id(schema)]


def _name(path: ValuePath) -> str:
    """What the value at a path is called: by its key, or as one of those that a list is called after."""
    name = next((key for key in reversed(path) if isinstance(key, str)), "")
    return singular(name) if path and isinstance(path[-1], int) else name


def _agreement(example: JSON, value: JSON) -> int:
    """How many parts of an example a value has in the same places."""
    if isinstance(example, dict) and isinstance(value, dict):
        return 1 + sum(_agreement(member, value[name]) for name, member in example.items() if name in value)
    if isinstance(example, list) and isinstance(value, list):
        return 1 + sum(map(_agreement, example, value))
    return int(type(example) is type(value) and example == value)


def _at(value: JSON, keys: Sequence[str]) -> JSON:
    """The part of a value at a path of keys; None where there is none."""
    for key in keys:
        if isinstance(value, list):
            value = value[int(key)]
        elif isinstance(value, dict) and key in value:
            value = value[key]
        else:
            return None
    return value


def _url_of(node: Node) -> str:
    """The URL of the API that a schema belongs to; one that leads nowhere where its document names none."""
    root = node.document.root
    servers = root.items_of("servers")
    url = servers[0].get("url") if servers and isinstance(servers[0], dict) else None
    if isinstance(url, str) and url.startswith(("http://", "https://")) and "{" not in url:
        return url
    host = root.string("host")
    return f"https://{host or 'example.com'}/"
