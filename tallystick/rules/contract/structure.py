"""Rules on the shape of a document: every object has the fields that the specification gives it, and no others."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from tallystick.contracts.read import version_warning
from tallystick.documents.dialect import DIALECTS
from tallystick.nouns.json_value import JSON
from tallystick.nouns.node import Node
from tallystick.nouns.rule import Check, Rule, Scope
from tallystick.nouns.schema import Direction
from tallystick.nouns.violation import Severity, Violation
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

_RULES = {"missing": REQUIRED_FIELD_MISSING, "field": FIELD_NOT_ALLOWED}
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

    for fault in faults_of(errors, schema, owner):
        yield _violation(objects, kind, node, fault)


def _violation(objects: Objects, kind: str, node: Node, fault: Fault) -> Violation:
    dialect = objects.dialect
    kinds = kinds_along(fault.path, kind, dialect)
    rule, fact = _RULES.get(fault.sort, FIELD_INVALID), fault.fact
    misplaced = _misplaced_reference(node, fault, kinds)
    if misplaced:
        return misplaced
    if "schema" in kinds and not (fault.field and kinds[-1] == "schema" and fault.sort == "value"):
        rule = SCHEMA_INVALID
        hint = of_other_version(dialect, fault.path[-1], _value_at(node, fault.path)) if fault.path else ""
        if hint:
            rule, fact = KEYWORD_OF_OTHER_VERSION, hint
    elif fault.sort == "missing" and fault.field == "description" and kinds[-1] == "response":
        rule = RESPONSE_WITHOUT_DESCRIPTION
    elif fault.sort == "missing" and fault.field == "required" and kinds[-1] == "parameter":
        fact = "a path parameter needs `required: true`"
    elif kinds[0] == "document" and fault.path == (dialect.version_field,):
        value = shown(_value_at(node, fault.path))
        expected = f"expected a string such as '{dialect.example_version}'"
        fact = f"`{dialect.version_field}`: {value} is no version; {expected}"
    return rule.at(node.place.at(*fault.path), fact)


def _misplaced_reference(node: Node, fault: Fault, kinds: list[str]) -> Violation | None:
    """The violation for a `$ref` where the specification allows none: in an operation, or in place of a plain value."""
    path = fault.path[:-1] if fault.field == "$ref" and fault.sort == "field" else fault.path
    kind = kinds[len(path)]
    if kind not in ("operation", "") or not _is_reference(_value_at(node, path)):
        return None
    subject = named(kind) if kind else f"`{path[-1]}`"
    fact = f"{subject} cannot be a reference; the specification has `$ref` in other places only"
    return REFERENCE_NOT_ALLOWED.at(node.place.at(*path, "$ref"), fact)


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
