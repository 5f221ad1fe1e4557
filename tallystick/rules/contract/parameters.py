"""Rules on what an operation is sent: bodies and parameters that exclude each other, styles, encodings and scopes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tallystick.nouns.node import Node
from tallystick.nouns.rule import Check, Rule, Scope
from tallystick.nouns.schema import Direction
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
MULTIPART_WITHOUT_SCHEMA = Rule(
    "multipart-without-schema",
    Severity.ERROR,
    Scope.CONTRACT,
    "A multipart body of a request has a schema, which says what its parts are.",
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
    swagger = objects.dialect.parameters_are_schemas
    if not (swagger or objects.dialect.has_querystring):
        return
    for label, operation, parameters in _operations(objects):
        nodes: dict[tuple[str, str], Node] = {}
        for node in parameters:  # those of the path item come last, and are overridden
            nodes.setdefault((node.string("in"), node.string("name")), node)
        by_location: dict[str, list[Node]] = {}
        for node in nodes.values():
            by_location.setdefault(node.string("in"), []).append(node)
        if swagger:
            yield from _second_body(label, by_location.get("body", []), by_location.get("formData", []))
            yield from _file(objects, label, operation, by_location.get("formData", []))
        else:
            yield from _second_query(label, by_location.get("querystring", []), by_location.get("query", []))


def _operations(objects: Objects) -> Iterator[tuple[str, Node, Sequence[Node]]]:
    """The operations with their labels and parameters; of webhooks and callbacks only with those of their own list."""
    documented = {operation.node.key for operation in objects.operations}
    for operation in objects.operations:
        yield operation.label, operation.node, operation.parameters
    for node in objects.nodes("operation"):
        if node.key not in documented:
            yield "this operation", node, [parameter for _, parameter in node.readable("parameters")]


def _second_body(label: str, body: list[Node], form: list[Node]) -> Iterator[Violation]:
    for node in _after_first(body):
        fact = f"{label} has a second body parameter, {node.string('name')!r}; a request has one body"
        yield BODY_NOT_UNIQUE.at(node.place, f"{fact} ({body[0].place} describes it)")
    if body and form:
        fact = f"{label} has the form field {form[0].string('name')!r} beside a body parameter"
        yield BODY_NOT_UNIQUE.at(form[0].place, f"{fact} ({body[0].place}); a request has one body")


def _after_first(nodes: list[Node]) -> list[Node]:
    """The nodes but the first one, after they were put in the order of their lines."""
    if len(nodes) > 1:
        nodes.sort(key=lambda node: node.place.line)
    return nodes[1:]


def _file(objects: Objects, label: str, operation: Node, form: list[Node]) -> Iterator[Violation]:
    owner = operation if "consumes" in operation.members else objects.root
    consumes = owner.items_of("consumes")
    if not consumes or any(str(name).partition(";")[0].strip().lower() in _FORMS for name in consumes):
        return
    for node in form:
        if node.string("type") == "file":
            fact = f"{label} takes the file {node.string('name')!r}, and consumes no form"
            yield FILE_WITHOUT_FORM.at(owner.place.at("consumes"), f"{fact}; add {_FORMS[0]} here")


def _second_query(label: str, whole: list[Node], fields: list[Node]) -> Iterator[Violation]:
    for node in (*_after_first(whole), *(fields[:1] if whole else ())):
        fact = f"{label} has the parameter {node.string('name')!r} beside one for the whole query"
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


def body_formats(objects: Objects) -> Iterator[Violation]:
    """Names in `encoding` that are no property of the schema, and multipart bodies of requests without a schema."""
    for body_format in objects.of("media-type"):
        node = body_format.node
        if "schema" not in node.members:
            is_multipart = (
                body_format.direction is Direction.REQUEST and node.path[-1:] and _is_multipart(node.path[-1])
            )
            if is_multipart and "itemSchema" not in node.members:
                fact = "a multipart body needs a `schema`, whose properties are its parts"
                yield MULTIPART_WITHOUT_SCHEMA.at(node.place, fact)
        elif node.members_of("encoding"):
            properties = properties_of(objects.compiler.schema(node.raw("schema")))
            for name in node.members_of("encoding") if properties else ():
                if name not in properties:
                    fact = with_hint(f"the schema has no property {name!r}", did_you_mean(name, properties))
                    yield ENCODING_WITHOUT_PROPERTY.at(node.place.at("encoding", name), fact)


def _is_multipart(media_type: str) -> bool:
    return media_type.lower().startswith("multipart/")


CHECKS = (
    Check(bodies, (BODY_NOT_UNIQUE, FILE_WITHOUT_FORM, QUERYSTRING_NOT_ALONE)),
    Check(styles, (STYLE_NOT_APPLICABLE,)),
    Check(body_formats, (ENCODING_WITHOUT_PROPERTY, MULTIPART_WITHOUT_SCHEMA)),
)
