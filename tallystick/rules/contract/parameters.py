"""Rules on what an operation is sent: bodies and parameters that exclude each other, styles, encodings and scopes."""

from __future__ import annotations

from collections.abc import Iterator

from tallystick.nouns.contract import DocumentedOperation
from tallystick.nouns.node import Node
from tallystick.nouns.rule import Check, Rule, Scope
from tallystick.nouns.violation import Severity, Violation
from tallystick.nouns.words import did_you_mean, in_a_row, with_hint
from tallystick.rules.contract.objects import Objects
from tallystick.schemas.shapes import properties_of, types_of

BODY_NOT_UNIQUE = Rule(
    "body-not-unique",
    Severity.ERROR,
    Scope.CONTRACT,
    "An operation of Swagger 2.0 has one body parameter at most, and none beside form fields.",
)
FILE_WITHOUT_FORM = Rule(
    "file-without-form",
    Severity.ERROR,
    Scope.CONTRACT,
    "An operation of Swagger 2.0 that takes a file consumes a form.",
)
QUERYSTRING_NOT_ALONE = Rule(
    "querystring-not-alone",
    Severity.ERROR,
    Scope.CONTRACT,
    "A parameter for the whole query (`in: querystring`) has no other query parameter beside it.",
)
STYLE_NOT_APPLICABLE = Rule(
    "style-not-applicable", Severity.WARNING, Scope.CONTRACT, "A style can carry values of its schema's type."
)
ENCODING_WITHOUT_PROPERTY = Rule(
    "encoding-without-property",
    Severity.ERROR,
    Scope.CONTRACT,
    "Each name in `encoding` is a property of the schema beside it.",
)

_ARRAYS_AND_OBJECTS = frozenset(("array", "object"))
_CARRIES = {
    "deepObject": (_ARRAYS_AND_OBJECTS, "an object"),
    "spaceDelimited": (_ARRAYS_AND_OBJECTS, "an array or an object"),
    "pipeDelimited": (_ARRAYS_AND_OBJECTS, "an array or an object"),
}
"""The types that are let pass for each style, and those it is for (OpenAPI 3.1, section 4.8.12.3); any other has all.

`deepObject` is not for arrays, but real documents mean `name[]=` or `name[0]=` by it, which is read here too.
"""
_FORMS = ("multipart/form-data", "application/x-www-form-urlencoded")


def bodies(objects: Objects) -> Iterator[Violation]:
    """Second bodies of operations: body parameters, form fields, and parameters for the whole query."""
    swagger, querystring = objects.dialect.parameters_are_schemas, objects.dialect.has_querystring
    if not (swagger or querystring):
        return
    for operation in objects.operations:
        nodes: dict[tuple[str, str], Node] = {}
        for node in operation.parameters:  # those of the path item come last, and are overridden
            nodes.setdefault((node.string("in"), node.string("name")), node)
        by_location: dict[str, list[Node]] = {}
        for node in nodes.values():
            by_location.setdefault(node.string("in"), []).append(node)
        if swagger:
            yield from _second_body(operation, by_location.get("body", []), by_location.get("formData", []))
            yield from _file(objects, operation, by_location.get("formData", []))
        else:
            yield from _second_query(operation, by_location.get("querystring", []), by_location.get("query", []))


def _second_body(operation: DocumentedOperation, body: list[Node], form: list[Node]) -> Iterator[Violation]:
    for node in _after_first(body):
        fact = f"{operation.label} has a second body parameter, {node.string('name')!r}; a request has one body"
        yield BODY_NOT_UNIQUE.at(node.place, f"{fact} ({body[0].place} describes it)")
    if body and form:
        fact = f"{operation.label} has the form field {form[0].string('name')!r} beside a body parameter"
        yield BODY_NOT_UNIQUE.at(form[0].place, f"{fact} ({body[0].place}); a request has one body")


def _after_first(nodes: list[Node]) -> list[Node]:
    """The nodes but the first one, after they were put in the order of their lines."""
    if len(nodes) > 1:
        nodes.sort(key=lambda node: node.place.line)
    return nodes[1:]


def _file(objects: Objects, operation: DocumentedOperation, form: list[Node]) -> Iterator[Violation]:
    owner = operation.node if "consumes" in operation.node.members else objects.root
    consumes = owner.items_of("consumes")
    if not consumes or any(str(name).partition(";")[0].strip().lower() in _FORMS for name in consumes):
        return
    for node in form:
        if node.string("type") == "file":
            fact = f"{operation.label} takes the file {node.string('name')!r}, and consumes no form"
            yield FILE_WITHOUT_FORM.at(owner.place.at("consumes"), f"{fact}; add {_FORMS[0]} here")


def _second_query(operation: DocumentedOperation, whole: list[Node], fields: list[Node]) -> Iterator[Violation]:
    for node in (*_after_first(whole), *(fields[:1] if whole else ())):
        fact = f"{operation.label} has the parameter {node.string('name')!r} beside one for the whole query"
        yield QUERYSTRING_NOT_ALONE.at(node.place, f"{fact} ({whole[0].place})")


def styles(objects: Objects) -> Iterator[Violation]:
    """Styles of parameters that cannot carry what their schema describes."""
    for node in objects.nodes("parameter"):
        style = node.string("style")
        if style not in _CARRIES or "schema" not in node.members:
            continue
        (passing, expected), types = _CARRIES[style], types_of(objects.compiler.schema(node.raw("schema")))
        if types - {"null"} and passing.isdisjoint(types):
            described = in_a_row(sorted(types), "or")
            fact = f"`style: {style}` has no form for a value of the type {described}; it is for {expected}"
            yield STYLE_NOT_APPLICABLE.at(node.place.at("style"), fact)


def encodings(objects: Objects) -> Iterator[Violation]:
    """Names in `encoding` that are no property of the schema beside it."""
    for node in objects.nodes("media-type"):
        names = node.members_of("encoding")
        if not names or "schema" not in node.members:
            continue
        properties = properties_of(objects.compiler.schema(node.raw("schema")))
        for name in names if properties else ():
            if name not in properties:
                fact = with_hint(f"the schema has no property {name!r}", did_you_mean(name, properties))
                yield ENCODING_WITHOUT_PROPERTY.at(node.place.at("encoding", name), fact)


CHECKS = (
    Check(bodies, (BODY_NOT_UNIQUE, FILE_WITHOUT_FORM, QUERYSTRING_NOT_ALONE)),
    Check(styles, (STYLE_NOT_APPLICABLE,)),
    Check(encodings, (ENCODING_WITHOUT_PROPERTY,)),
)
