"""Rules on the shape of a document: every object has the fields that the specification gives it, and no others."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from tallystick.load import Node
from tallystick.model import Rule, Severity, Violation
from tallystick.rules import keywords
from tallystick.rules.faults import Error, Fault, Path, faults_of
from tallystick.rules.metaschema import document_validator, metaschema, object_validator
from tallystick.rules.parts import Parts, kinds_along, named
from tallystick.schema import shown

_SORTS = {"missing": "required-field-missing", "field": "field-not-allowed"}


def structure(parts: Parts) -> Iterator[Violation]:
    """What the specification's own schema says of the document, and of the objects that references lead to."""
    version = parts.dialect.version
    validator = document_validator(version)
    if not validator.is_valid(parts.root.value):
        yield from found(parts, "openapi", parts.root, validator.iter_errors(parts.root.value), metaschema(version))
    for fragment in parts.fragments:
        node = fragment.node
        own = object_validator(version, fragment.kind)
        if own is not None and not own.is_valid(node.value):
            yield from found(parts, fragment.kind, node, own.iter_errors(node.value), metaschema(version))


def found(parts: Parts, kind: str, node: Node, errors: Iterable[Error], schema: Any) -> Iterator[Violation]:
    """The violations behind the errors that a meta-schema (`schema`) finds in an object of a kind."""

    def owner(path: Path) -> str:
        name = kinds_along(path, kind, parts.dialect)[-1]
        if name not in ("path-item", "schema") and _is_reference(_value_at(node, path)):
            return "a reference"
        return named(name) if name else ""

    for fault in faults_of(errors, schema, owner):
        yield _violation(parts, kind, node, fault)


def _is_reference(value: Any) -> bool:
    return isinstance(value, dict) and "$ref" in value


def _violation(parts: Parts, kind: str, node: Node, fault: Fault) -> Violation:
    version = parts.dialect.version
    kinds = kinds_along(fault.path, kind, parts.dialect)
    rule, fact = _SORTS.get(fault.sort, "field-invalid"), fault.fact
    place = node.place.at(*fault.path)
    if kinds[-1] in ("operation", "") and _is_reference(_value_at(node, fault.path)):
        what = named(kinds[-1]) if kinds[-1] else f"`{fault.path[-1]}`"
        fact = f"{what} cannot be a reference; the specification has `$ref` in other places only"
        return Violation("reference-not-allowed", Severity.ERROR, "", place.at("$ref"), fact)
    if "schema" in kinds:
        rule = "schema-invalid"
        hint = keywords.of_other_version(version, fault.path[-1], _value_at(node, fault.path)) if fault.path else ""
        if hint:
            rule, fact = "keyword-of-other-version", hint
    elif fault.sort == "missing" and fault.field == "description" and kinds[-1] == "response":
        rule = "response-without-description"
    elif fault.sort == "missing" and fault.field == "required" and kinds[-1] == "parameter":
        fact = "a path parameter needs `required: true`"
    elif fault.path == ("openapi",):
        example = {"3.0": "3.0.4", "3.1": "3.1.1", "3.2": "3.2.0"}.get(version, version)
        fact = f"`openapi`: {shown(_value_at(node, fault.path))} is no version; expected a string such as '{example}'"
    return Violation(rule, Severity.ERROR, "", place, fact)


def _value_at(node: Node, path: Path) -> Any:
    try:
        return node.raw(*path).value
    except KeyError:
        return None


RULES = (
    Rule("required-field-missing", Severity.ERROR, "contract", "An object has the fields that it needs.", structure),
    Rule("field-not-allowed", Severity.ERROR, "contract", "An object has no fields but its own.", structure),
    Rule("field-invalid", Severity.ERROR, "contract", "A field has a value that the specification allows.", structure),
    Rule(
        "reference-not-allowed",
        Severity.ERROR,
        "contract",
        "A reference stands only where the specification has one.",
        structure,
    ),
    Rule("response-without-description", Severity.ERROR, "contract", "A response has a description.", structure),
)
