"""Rules on the shape of a document: every object has the fields that the specification gives it, and no others."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from tallystick.nouns.node import Node
from tallystick.nouns.rule import Check, Rule, Scope
from tallystick.nouns.schema import Direction
from tallystick.nouns.violation import Severity, Violation
from tallystick.rules.contract import keywords
from tallystick.rules.contract.faults import Error, Fault, Path, faults_of
from tallystick.rules.contract.metaschema import (
    DEFAULT_DIALECTS,
    document_validator,
    is_dialect,
    metaschema,
    object_validator,
    schema_validator,
)
from tallystick.rules.contract.parts import Part, Parts, kinds_along, named
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

_SORTS = {"missing": REQUIRED_FIELD_MISSING, "field": FIELD_NOT_ALLOWED}


def structure(parts: Parts) -> Iterator[Violation]:
    """What the specification's own schema says of the document, and of the objects that references lead to.

    After it the schema of each Schema Object's dialect, and what that cannot state, for what has not been told of the
    same object.
    """
    told: set[tuple[str, Path]] = set()
    for violation in _by_specification(parts):
        place = violation.contract
        told |= {(place.file, place.path), (place.file, place.path[:-1])}
        yield violation
    for violation in (*_by_dialect(parts), *schemas(parts)):
        place = violation.contract
        if told.isdisjoint({(place.file, place.path), (place.file, place.path[:-1])}):
            yield violation


def _by_specification(parts: Parts) -> Iterator[Violation]:
    version = parts.dialect.version
    validator = document_validator(version)
    if not validator.is_valid(parts.root.value):
        yield from _found(parts, "openapi", parts.root, validator.iter_errors(parts.root.value), metaschema(version))
    for fragment in parts.fragments:
        node = fragment.node
        own = object_validator(version, fragment.kind)
        if own is not None and not own.is_valid(node.value):
            yield from _found(parts, fragment.kind, node, own.iter_errors(node.value), metaschema(version))


def _by_dialect(parts: Parts) -> Iterator[Violation]:
    default = DEFAULT_DIALECTS[parts.dialect.version]
    chosen = parts.root.members.get("jsonSchemaDialect") if parts.dialect.ref_siblings else None
    if isinstance(chosen, str):
        default = chosen
        if not is_dialect(chosen):
            yield _unknown_dialect(parts.root.raw("jsonSchemaDialect"))
    for part in parts.of("schema"):
        node = part.node
        if not part.is_root or _is_file(parts, part):
            continue
        dialect = node.members.get("$schema", default) if parts.dialect.ref_siblings else default
        if not isinstance(dialect, str) or (dialect != default and not is_dialect(dialect)):
            yield _unknown_dialect(node.raw("$schema"))
            continue
        validator = schema_validator(dialect)
        if validator is not None and not validator.is_valid(node.value):
            yield from _found(parts, "schema", node, validator.iter_errors(node.value), {})


def _is_file(parts: Parts, part: Part) -> bool:
    """Whether a schema is that of a response which is a file (Swagger 2.0, Response Object)."""
    is_response = parts.dialect.version == "2.0" and part.direction is Direction.RESPONSE
    return is_response and bool(part.node.members.get("type") == "file")


def _unknown_dialect(node: Node) -> Violation:
    known = ", ".join(dict.fromkeys(DEFAULT_DIALECTS.values()))
    fact = f"the JSON Schema dialect {shown(node.value)} is not known; known are those of JSON Schema, and {known}"
    return SCHEMA_DIALECT_UNKNOWN.at(node.place, fact)


def _found(parts: Parts, kind: str, node: Node, errors: Iterable[Error], schema: Any) -> Iterator[Violation]:
    """The violations behind the errors that a meta-schema (`schema`) finds in an object of a kind."""

    def owner(path: Path) -> str:
        name = kinds_along(path, kind, parts.dialect)[-1]
        if name not in ("path-item", "schema") and _is_reference(_value_at(node, path)):
            return "a reference"
        return named(name) if name else ""

    for fault in faults_of(errors, schema, owner):
        yield _violation(parts, kind, node, fault)


def _violation(parts: Parts, kind: str, node: Node, fault: Fault) -> Violation:
    version = parts.dialect.version
    kinds = kinds_along(fault.path, kind, parts.dialect)
    rule, fact = _SORTS.get(fault.sort, FIELD_INVALID), fault.fact
    misplaced = _misplaced_reference(node, fault, kinds)
    if misplaced:
        return misplaced
    if "schema" in kinds and not (fault.field and kinds[-1] == "schema" and fault.sort == "value"):
        rule = SCHEMA_INVALID
        hint = keywords.of_other_version(version, fault.path[-1], _value_at(node, fault.path)) if fault.path else ""
        if hint:
            rule, fact = KEYWORD_OF_OTHER_VERSION, hint
    elif fault.sort == "missing" and fault.field == "description" and kinds[-1] == "response":
        rule = RESPONSE_WITHOUT_DESCRIPTION
    elif fault.sort == "missing" and fault.field == "required" and kinds[-1] == "parameter":
        fact = "a path parameter needs `required: true`"
    elif fault.path == ("openapi",):
        example = {"3.0": "3.0.4", "3.1": "3.1.1", "3.2": "3.2.0"}.get(version, version)
        fact = f"`openapi`: {shown(_value_at(node, fault.path))} is no version; expected a string such as '{example}'"
    return rule.at(node.place.at(*fault.path), fact)


def _misplaced_reference(node: Node, fault: Fault, kinds: list[str]) -> Violation | None:
    """The violation of a `$ref` in an object, or in place of a text, where the specification has none."""
    path = fault.path[:-1] if fault.field == "$ref" and fault.sort == "field" else fault.path
    kind = kinds[len(path)]
    if kind not in ("operation", "") or not _is_reference(_value_at(node, path)):
        return None
    what = named(kind) if kind else f"`{path[-1]}`"
    fact = f"{what} cannot be a reference; the specification has `$ref` in other places only"
    return REFERENCE_NOT_ALLOWED.at(node.place.at(*path, "$ref"), fact)


def _is_reference(value: Any) -> bool:
    return isinstance(value, dict) and "$ref" in value


def _value_at(node: Node, path: Path) -> Any:
    try:
        return node.raw(*path).value
    except KeyError:
        return None


CHECKS = (
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
