"""Rules on the shape of a document: every object has the fields that the specification gives it, and no others."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from tallystick.contracts.read import version_warning
from tallystick.documents.dialect import DIALECTS
from tallystick.nouns.json_value import JSON
from tallystick.nouns.node import Node
from tallystick.nouns.rule import Check, Rule, Scope
from tallystick.nouns.schema import Direction
from tallystick.nouns.violation import Severity, Violation
from tallystick.nouns.words import with_hint
from tallystick.rules.contract import hints
from tallystick.rules.contract.faults import Error, Fault, Path, faults_of
from tallystick.rules.contract.keywords import of_other_version
from tallystick.rules.contract.metaschema import (
    document_validator,
    is_dialect,
    metaschema,
    object_validator,
    schema_validator,
)
from tallystick.rules.contract.objects import Objects, SpecObject, kinds_along, named
from tallystick.rules.contract.schemas import KEYWORD_OF_OTHER_VERSION, SCHEMA_INVALID, schemas
from tallystick.schemas.messages import shown

REQUIRED_FIELD_MISSING = Rule(
    "required-field-missing", Severity.ERROR, Scope.CONTRACT, "An object has the fields that it needs."
)
FIELD_NOT_ALLOWED = Rule("field-not-allowed", Severity.ERROR, Scope.CONTRACT, "An object has no fields but its own.")
FIELD_INVALID = Rule(
    "field-invalid", Severity.ERROR, Scope.CONTRACT, "A field has a value that the specification allows."
)
REFERENCE_NOT_ALLOWED = Rule(
    "reference-not-allowed", Severity.ERROR, Scope.CONTRACT, "A reference stands only where the specification has one."
)
RESPONSE_WITHOUT_DESCRIPTION = Rule(
    "response-without-description", Severity.ERROR, Scope.CONTRACT, "A response has a description."
)
SCHEMA_DIALECT_UNKNOWN = Rule(
    "schema-dialect-unknown", Severity.ERROR, Scope.CONTRACT, "A JSON Schema dialect is one that is known."
)
VERSION_UNKNOWN = Rule(
    "version-unknown", Severity.WARNING, Scope.CONTRACT, "The version of OpenAPI is one that is known."
)

_RULES = {"missing": REQUIRED_FIELD_MISSING, "field": FIELD_NOT_ALLOWED, "unevaluated": FIELD_NOT_ALLOWED}
"""The rule that a fault breaks, by its sort; for any other sort it is `field-invalid`."""


def version(objects: Objects) -> Iterator[Violation]:
    """A version that is newer than all known ones, and read as the newest of them."""
    warning = version_warning(objects.contract)
    if warning:
        yield VERSION_UNKNOWN.at(objects.root.place.at(objects.dialect.version_field), warning)


def structure(objects: Objects) -> Iterator[Violation]:
    """Violations of the meta-schema of OpenAPI, in the document and in the objects that references lead to.

    Then, except for objects that are wrong already, those of the meta-schema of each Schema Object's dialect, and of
    the rules on schemas that no meta-schema can state.
    """
    wrong: set[tuple[str, Path]] = set()
    for violation in _by_specification(objects):
        place = violation.contract
        wrong |= {(place.file, place.path), (place.file, place.path[:-1])}
        yield violation
    for violation in (*_by_dialect(objects), *schemas(objects)):
        place = violation.contract
        if wrong.isdisjoint({(place.file, place.path), (place.file, place.path[:-1])}):
            yield violation


def _by_specification(objects: Objects) -> Iterator[Violation]:
    name = objects.dialect.name
    document, validator = _of_known_version(objects), document_validator(name)
    if not validator.is_valid(document):
        yield from _violations(objects, "document", objects.root, validator.iter_errors(document), metaschema(name))
    for detached in objects.detached:
        node, kind = detached.node, detached.kind
        own = object_validator(name, kind)
        if own is not None and not own.is_valid(node.value):
            yield from _violations(objects, kind, node, own.iter_errors(node.value), metaschema(name))


def _of_known_version(objects: Objects) -> JSON:
    """The document, with the version that it is read as in place of an unknown one."""
    dialect, document = objects.dialect, objects.root.members
    release = document.get(dialect.version_field)
    if dialect.covers(str(release)) or not isinstance(release, str) or release.count(".") < 2:
        return document
    return {**document, dialect.version_field: dialect.example_version}


def _by_dialect(objects: Objects) -> Iterator[Violation]:
    default, root = objects.dialect.schema_dialect, objects.root
    chosen = root.members.get("jsonSchemaDialect") if objects.dialect.ref_siblings else None
    if isinstance(chosen, str):
        default = chosen
        if not is_dialect(chosen):
            yield _unknown_dialect(root.raw("jsonSchemaDialect"))
    for schema in objects.of("schema"):
        node = schema.node
        if not schema.is_root or _is_file(objects, schema):
            continue
        dialect = node.members.get("$schema", default) if objects.dialect.ref_siblings else default
        if not isinstance(dialect, str) or (dialect != default and not is_dialect(dialect)):
            yield _unknown_dialect(node.raw("$schema"))
            continue
        validator = schema_validator(dialect)
        if validator is not None and not validator.is_valid(node.value):
            yield from _violations(objects, "schema", node, validator.iter_errors(node.value), {})


def _is_file(objects: Objects, schema: SpecObject) -> bool:
    """Whether a schema has the type `file` of Swagger 2.0 (Response Object)."""
    is_response = objects.dialect.has_type_file and schema.direction is Direction.RESPONSE
    return is_response and schema.node.members.get("type") == "file"


def _unknown_dialect(node: Node) -> Violation:
    known = ", ".join(dict.fromkeys(dialect.schema_dialect for dialect in DIALECTS))
    fact = f"the JSON Schema dialect {shown(node.value)} is not known; known are those of JSON Schema, and {known}"
    return SCHEMA_DIALECT_UNKNOWN.at(node.place, fact)


def _violations(objects: Objects, kind: str, node: Node, errors: Iterable[Error], schema: JSON) -> Iterator[Violation]:
    """The violations for the errors of a meta-schema (`schema`) in an object of a kind."""

    def owner(path: Path) -> str:
        name = kinds_along(path, kind, objects.dialect)[-1]
        if name not in ("path-item", "schema") and _is_reference(_value_at(node, path)):
            return "a reference"
        return named(name) if name else ""

    hinted = [
        replace(fault, hint=_hint(objects, node, fault, kinds_along(fault.path, kind, objects.dialect)))
        for fault in faults_of(errors, schema, owner)
    ]
    explained = frozenset(explanation for fault in hinted for explanation in _explained(fault))
    for fault in hinted:
        if fault.sort != "missing" or explained.isdisjoint({(fault.path, fault.field), (fault.path[:-1], fault.field)}):
            violation = _violation(objects, kind, node, fault)
            if violation is not None:
                yield violation


def _explained(fault: Fault) -> Iterator[tuple[Path, str]]:
    """The missing fields that a field which is not allowed explains: each with the path of an object.

    They are missing there, or in an object of it: the fields that the hint says to write, and the field itself, which
    may only be indented too little.
    """
    if fault.sort in ("field", "unevaluated"):
        yield fault.path[:-1], fault.field
        for name in _IN_BACKTICKS.findall(fault.hint):
            yield fault.path[:-1], name


_IN_BACKTICKS = re.compile(r"`(\w+)[`:]")


def _violation(objects: Objects, kind: str, node: Node, fault: Fault) -> Violation | None:
    """The violation for a fault; None for one that only follows from what is told elsewhere."""
    dialect = objects.dialect
    kinds = kinds_along(fault.path, kind, dialect)
    place = node.place.at(*fault.path)
    misplaced = _misplaced_reference(objects, node, fault, kinds)
    if misplaced:
        return misplaced
    if kinds[-1] == "responses" and (fault.field == "default" or not fault.field) and fault.sort != "type":
        responses = _value_at(node, fault.path)
        if isinstance(responses, dict) and all(name.startswith("x-") for name in responses):
            return FIELD_INVALID.at(place, "`responses` is empty; write at least one, such as '200'")
        return None  # the names of the others are told
    rule, fact = _rule_and_fact(objects, node, fault, kinds)
    return rule.at(place, fact)


def _rule_and_fact(objects: Objects, node: Node, fault: Fault, kinds: list[str]) -> tuple[Rule, str]:
    dialect, kind = objects.dialect, kinds[-1]
    rule, fact = _RULES.get(fault.sort, FIELD_INVALID), with_hint(fault.fact, fault.hint)
    owners = kinds[:-1] if fault.sort in ("field", "unevaluated") else kinds
    if "schema" in owners and not (fault.field and kind == "schema" and fault.sort == "value"):
        foreign = of_other_version(dialect, node, fault.path) if fault.path else ""
        if foreign:
            return KEYWORD_OF_OTHER_VERSION, foreign
        rule = SCHEMA_INVALID
    if fault.sort == "missing" and fault.field == "description" and kind == "response":
        rule = RESPONSE_WITHOUT_DESCRIPTION
    elif (fault.sort, fault.field, kind) == ("missing", "required", "parameter") or _is_optional(fault, kinds):
        fact = "a path parameter needs `required: true`"
    elif kinds[0] == "document" and fault.path == (dialect.version_field,):
        expected = f"expected a string such as '{dialect.example_version}'"
        fact = f"`{dialect.version_field}`: {shown(_value_at(node, fault.path))} is no version; {expected}"
    elif fault.sort in ("value", "type") and _is_type(fault.path, kinds) and fault.hint:
        fact = f"`type`: {shown(_value_at(node, fault.path))} is no type; {fault.hint}"
    return rule, fact


def _is_optional(fault: Fault, kinds: list[str]) -> bool:
    """Whether a fault is that a path parameter says `required: false`."""
    return fault.path[-1:] == ("required",) and kinds[-2] == "parameter" and fault.expected == (True,)


def _is_type(path: Path, kinds: list[str]) -> bool:
    """Whether a path leads to the `type` of a schema, or to an item of it."""
    if path[-1:] == ("type",):
        return kinds[-2] in _TYPED
    return path[-2:-1] == ("type",) and kinds[-3] in _TYPED


def _hint(objects: Objects, node: Node, fault: Fault, kinds: list[str]) -> str:
    """What would have worked; "" where the fact says it all, or nothing is known."""
    dialect, value = objects.dialect, _value_at(node, fault.path)
    if not fault.path:
        return fault.hint
    key, owner = fault.path[-1], kinds[-2]
    if fault.sort in ("field", "unevaluated"):
        if owner == "responses":
            return hints.for_status(key, dialect)
        return hints.for_field(owner, key, dialect) or fault.hint
    schemas = objects.schema_names
    if _is_type(fault.path, kinds):
        return hints.for_type(value, dialect, schemas) or hints.for_choice(owner, key, value, (), dialect)
    if "object" in fault.expected:
        return hints.for_object(kinds[-1], value, fault.path, dialect, schemas)
    if "array" in fault.expected:
        return hints.for_array(key, owner, value)
    if value == [] and owner == "schema":
        return "leave it out"
    if fault.sort == "value" and fault.expected:
        return hints.for_choice(owner, key, value, fault.expected, dialect)
    return fault.hint


_TYPED = ("schema", "parameter", "items", "header")
"""The kinds of objects that have a `type` of JSON."""


def _misplaced_reference(objects: Objects, node: Node, fault: Fault, kinds: list[str]) -> Violation | None:
    """The violation for a `$ref` where the specification allows none: in an operation, or in place of a plain value.

    It is a warning where the contract is read through it all the same (see `tallystick.contracts`).
    """
    path = fault.path
    if path[-1:] == ("$ref",) and isinstance(_value_at(node, path), str):
        path = path[:-1]
    elif kinds[-1] not in ("operation", ""):
        return None
    value, kind = _value_at(node, path), kinds[len(path)]
    if not _is_reference(value) or not path:
        return None
    target = objects.target_of(node.raw(*path))
    instead = objects.instead_of(kind, target) if target is not None and kind else ""
    subject = named(kind) if kind else f"`{path[-1]}`"
    place = node.place.at(*path, "$ref")
    if target is not None and not instead and _is_read_through(kinds):
        fact = f"{subject} cannot be a reference; it is followed here, and other tools may stop at it"
        return REFERENCE_NOT_ALLOWED.mildly_at(place, fact)
    hint = hints.for_misplaced_reference(kind, path[-1], leads_to_schema=instead == named("schema"))
    return REFERENCE_NOT_ALLOWED.at(place, with_hint(f"{subject} cannot be a reference", hint))


def _is_read_through(kinds: list[str]) -> bool:
    """Whether a contract is read through a reference of an object that these kinds lead to."""
    return "schema" not in kinds and not _READ_THROUGH.isdisjoint(kinds)


_READ_THROUGH = frozenset(("paths", "path-item", "operation", "parameter", "request-body", "response", "header"))


def _is_reference(value: JSON) -> bool:
    return isinstance(value, dict) and "$ref" in value


def _value_at(node: Node, path: Path) -> JSON:
    try:
        return node.raw(*path).value
    except KeyError:
        return None


CHECKS = (
    Check(version, (VERSION_UNKNOWN,)),
    Check(
        structure,
        (
            REQUIRED_FIELD_MISSING,
            FIELD_NOT_ALLOWED,
            FIELD_INVALID,
            REFERENCE_NOT_ALLOWED,
            RESPONSE_WITHOUT_DESCRIPTION,
            SCHEMA_INVALID,
            KEYWORD_OF_OTHER_VERSION,
            SCHEMA_DIALECT_UNKNOWN,
        ),
    ),
)
