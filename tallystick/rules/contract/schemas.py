"""Rules on Schema Objects that no meta-schema can state: patterns, enums and required properties make sense."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import chain

from tallystick.nouns import budgets
from tallystick.nouns.errors import UnreadableError
from tallystick.nouns.json_value import JSON
from tallystick.nouns.node import Node
from tallystick.nouns.rule import Check, Rule, Scope
from tallystick.nouns.violation import Severity, Violation
from tallystick.nouns.words import did_you_mean, with_hint
from tallystick.rules.contract.faults import no_pattern
from tallystick.rules.contract.keywords import of_other_version
from tallystick.rules.contract.objects import Objects, SpecObject
from tallystick.schemas.messages import shown
from tallystick.schemas.patterns import is_lawful

SCHEMA_INVALID = Rule(
    "schema-invalid", Severity.ERROR, Scope.CONTRACT, "A Schema Object is JSON Schema in its dialect."
)
KEYWORD_OF_OTHER_VERSION = Rule(
    "keyword-of-other-version",
    Severity.ERROR,
    Scope.CONTRACT,
    "A Schema Object has only keywords of its version of OpenAPI.",
    likeness=lambda violation: violation.contract.path[-1],
)
ENUM_VALUE_OF_OTHER_TYPE = Rule(
    "enum-value-of-other-type", Severity.WARNING, Scope.CONTRACT, "Every value of an enum is of the schema's type."
)
REQUIRED_PROPERTY_NOWHERE = Rule(
    "required-property-nowhere",
    Severity.ERROR,
    Scope.CONTRACT,
    "What a composed schema (`allOf`) requires is described by one of its parts.",
)
REQUIRED_PROPERTY_UNDESCRIBED = Rule(
    "required-property-undescribed",
    Severity.WARNING,
    Scope.CONTRACT,
    "What a schema requires is one of its properties.",
)
ARRAY_WITHOUT_ITEMS = Rule(
    "array-without-items",
    Severity.ERROR,
    Scope.CONTRACT,
    "An array has `items`, where its version of OpenAPI wants it.",
)
READ_ONLY_AND_WRITE_ONLY = Rule(
    "read-only-and-write-only",
    Severity.ERROR,
    Scope.CONTRACT,
    "No property is both `readOnly` and `writeOnly` in a version of OpenAPI that forbids it.",
)

IS_OF_TYPE: dict[str, Callable[[JSON], bool]] = {
    "array": lambda value: isinstance(value, list),
    "boolean": lambda value: isinstance(value, bool),
    "integer": lambda value: not isinstance(value, bool) and isinstance(value, (int, float)) and value == int(value),
    "null": lambda value: value is None,
    "number": lambda value: isinstance(value, (int, float)) and not isinstance(value, bool),
    "object": lambda value: isinstance(value, dict),
    "string": lambda value: isinstance(value, str),
}
"""For each type, the function that says whether a value is of it."""


def schemas(objects: Objects) -> Iterator[Violation]:
    """Invalid patterns, and `nullable` in a version without it.

    It is no check of its own: the check `structure()` calls it, and leaves out objects that are wrong already.
    """
    for schema in objects.schemas_with("nullable", "pattern", "patternProperties"):
        node, value = schema.node, schema.node.members
        if value.get("nullable") is True:
            fact = of_other_version(objects.dialect, node, ("nullable",))
            if fact:
                yield KEYWORD_OF_OTHER_VERSION.at(node.place.at("nullable"), fact)
        yield from _patterns(node, value)


def _patterns(node: Node, value: dict[str, JSON]) -> Iterator[Violation]:
    patterns = value.get("patternProperties")
    named: list[tuple[str, tuple[str, ...]]] = []
    if isinstance(patterns, dict):
        named += [(name, ("patternProperties", name)) for name in patterns]
    pattern = value.get("pattern")
    if isinstance(pattern, str):
        named.append((pattern, ("pattern",)))
    for pattern, keys in named:
        if not is_lawful(pattern):
            yield SCHEMA_INVALID.at(node.place.at(*keys), no_pattern(pattern))


def enums(objects: Objects) -> Iterator[Violation]:
    """Values of an `enum` that the `type` beside it excludes."""
    for spec_object in chain(objects.schemas_with("enum"), objects.of("parameter", "items", "header")):
        node, value = spec_object.node, spec_object.node.members
        values, of_type = value.get("enum"), value.get("type")
        if not isinstance(values, list):
            continue
        names = of_type if isinstance(of_type, list) else [of_type]
        types = [name for name in names if isinstance(name, str) and name in IS_OF_TYPE]
        if not values or len(types) != len(names):
            continue
        nullable = value.get("nullable") is True or value.get("x-nullable") is True
        fits = [any(IS_OF_TYPE[name](item) for name in types) or (item is None and nullable) for item in values]
        place = node.place.at("enum")
        if not any(fits):
            hint = "; is it meant for the items?" if types == ["array"] else ""
            fact = f"no value of this `enum` is of the type {' or '.join(types)}{hint}"
            yield ENUM_VALUE_OF_OTHER_TYPE.at(place, fact)
            continue
        for index, item in enumerate(values):
            if not fits[index]:
                fact = f"{shown(item)} in this `enum` is not of the type {' or '.join(types)}; it can never be used"
                yield ENUM_VALUE_OF_OTHER_TYPE.at(place.at(str(index)), fact)


def keywords(objects: Objects) -> Iterator[Violation]:
    """Keywords of one schema that do not go together, or that need another one."""
    dialect = objects.dialect
    for schema in objects.of("schema"):
        value = schema.node.members
        if "required" in value:
            yield from _required(schema)
        if "readOnly" in value and dialect.forbids_read_only_and_write_only and _is_neither_way(value):
            fact = "`readOnly` and `writeOnly` exclude each other: the property could be in no request and no response"
            yield READ_ONLY_AND_WRITE_ONLY.at(schema.node.place.at("writeOnly"), fact)
        if value.get("type") == "array" and "items" not in value and dialect.arrays_need_items:
            yield _array_without_items(schema.node)
    if dialect.parameters_are_schemas:
        for node in objects.nodes("parameter", "header", "items"):
            if node.members.get("type") == "array" and "items" not in node.members:
                yield _array_without_items(node)


def _array_without_items(node: Node) -> Violation:
    fact = "an array needs `items`, which says what is in it; `items: {}` allows anything"
    return ARRAY_WITHOUT_ITEMS.at(node.place.at("type"), fact)


def _is_neither_way(value: dict[str, JSON]) -> bool:
    return value["readOnly"] is True and value.get("writeOnly") is True


def _required(schema: SpecObject) -> Iterator[Violation]:
    """Required names that no property of the schema, or of the schemas that it is composed of, describes."""
    node = schema.node
    value = node.members
    names = value["required"]
    if not isinstance(names, list) or not names:
        return
    composed = not _COMPOSING.isdisjoint(value)
    if composed and not (schema.is_root and "allOf" in value):
        return
    if not composed and (not isinstance(value.get("properties"), dict) or _is_branch(node)):
        return
    described = _properties_of_all(node)
    for index, name in enumerate(names):
        if isinstance(name, str) and name not in described:
            rule = REQUIRED_PROPERTY_NOWHERE if composed else REQUIRED_PROPERTY_UNDESCRIBED
            fact = f"{name!r} is required, and no property of that name is described"
            fact = with_hint(fact, did_you_mean(name, described, 0.7))
            yield rule.at(node.place.at("required", str(index)), fact)


_COMPOSING = frozenset("$ref allOf anyOf oneOf not if dependentSchemas patternProperties $dynamicRef".split())
_BRANCHES = frozenset("allOf anyOf oneOf not if then else dependentSchemas".split())


def _is_branch(node: Node) -> bool:
    """Whether a schema is a branch of another one, and so describes only a part of a value."""
    return not _BRANCHES.isdisjoint(node.path[-2:])


def _properties_of_all(schema: Node) -> set[str]:
    """The names of all properties in a schema and in the schemas that it is composed of.

    What is more than `budgets.SCHEMA_STEPS` steps away is left out; another rule tells that.
    """
    described: set[str] = set()
    waiting, passed = [(schema, 0)], set[int]()
    while waiting:
        part, steps = waiting.pop()
        try:
            node = part.follow()
        except UnreadableError:
            continue
        value = node.value
        if not isinstance(value, dict) or id(value) in passed or steps > budgets.SCHEMA_STEPS:
            continue
        passed.add(id(value))
        described.update(node.members_of("properties"))
        for key in ("allOf", "anyOf", "oneOf"):
            if isinstance(value.get(key), list):
                waiting += ((child, steps + 1) for _, child in node.raw(key).raw_items())
        waiting += ((node.raw(key), steps + 1) for key in ("items", "not", "if", "then", "else") if key in value)
    return described


CHECKS = (
    Check(enums, (ENUM_VALUE_OF_OTHER_TYPE,)),
    Check(
        keywords,
        (REQUIRED_PROPERTY_NOWHERE, REQUIRED_PROPERTY_UNDESCRIBED, ARRAY_WITHOUT_ITEMS, READ_ONLY_AND_WRITE_ONLY),
    ),
)
