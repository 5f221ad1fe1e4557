"""Rules on paths and operations: ids, path templates and their parameters, and responses."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tallystick.nouns.contract import DocumentedOperation
from tallystick.nouns.errors import UnreadableError
from tallystick.nouns.node import Node
from tallystick.nouns.path_templates import template_names, template_shape
from tallystick.nouns.rule import Check, Rule, Scope
from tallystick.nouns.violation import Place, Severity, Violation
from tallystick.nouns.words import did_you_mean
from tallystick.rules.contract.objects import Objects

OPERATION_ID_MISSING = Rule(
    "operation-id-missing", Severity.WARNING, Scope.CONTRACT, "An operation has an id.", likeness=lambda _: ""
)
OPERATION_ID_NOT_UNIQUE = Rule(
    "operation-id-not-unique", Severity.ERROR, Scope.CONTRACT, "No two operations have the same id."
)
PATH_PARAMETER_UNDEFINED = Rule(
    "path-parameter-undefined",
    Severity.ERROR,
    Scope.CONTRACT,
    "Every name in a path template is a path parameter of each operation.",
)
PATH_PARAMETER_WITHOUT_BRACES = Rule(
    "path-parameter-without-braces", Severity.WARNING, Scope.CONTRACT, "A name in a path template stands in braces."
)
PATH_PARAMETER_NOT_IN_PATH = Rule(
    "path-parameter-not-in-path", Severity.ERROR, Scope.CONTRACT, "A path parameter is named in the path template."
)
PATH_TEMPLATES_IDENTICAL = Rule(
    "path-templates-identical", Severity.ERROR, Scope.CONTRACT, "No two path templates match the same paths."
)
PATH_NAME_NOT_UNIQUE = Rule(
    "path-name-not-unique", Severity.ERROR, Scope.CONTRACT, "A name stands once in a path template."
)
PATH_WITH_QUERY_OR_FRAGMENT = Rule(
    "path-with-query-or-fragment",
    Severity.ERROR,
    Scope.CONTRACT,
    "A path has no `?` and no `#`, since nobody could send it.",
)
PATH_TEMPLATE_MALFORMED = Rule(
    "path-template-malformed",
    Severity.ERROR,
    Scope.CONTRACT,
    "The braces of a path template come in pairs, each around one name.",
)
PARAMETER_DEFINED_TWICE = Rule(
    "parameter-defined-twice", Severity.ERROR, Scope.CONTRACT, "A parameter stands once in its list."
)
OPERATION_WITHOUT_SUCCESS = Rule(
    "operation-without-success", Severity.WARNING, Scope.CONTRACT, "An operation documents a response for its success."
)
RESPONSE_DESCRIPTION_EMPTY = Rule(
    "response-description-empty", Severity.WARNING, Scope.CONTRACT, "A response's description says something."
)


def operation_ids(objects: Objects) -> Iterator[Violation]:
    """Operations without an id, and ids that two operations have."""
    first: dict[str, tuple[str, Node]] = {}
    labelled = [(operation.label, operation.node) for operation in objects.operations]
    keys_in_paths = {node.key for _, node in labelled}
    for label, node in labelled:
        if not node.string("operationId"):
            fact = f"{label} has no operationId"
            yield OPERATION_ID_MISSING.at(node.place, fact)
    others = [node for node in objects.nodes("operation") if node.key not in keys_in_paths]
    for label, node in (*labelled, *((_label(node), node) for node in others)):
        name = node.string("operationId")
        if not name:
            continue
        if name in first:
            first_label, first_node = first[name]
            first_place = first_node.place.at("operationId")
            fact = f"the operationId {name!r} is not unique; {first_label} has it too ({first_place})"
            if first_node.key == node.key:
                fact = f"the operationId {name!r} is not unique; this is both {first_label} and {label}"
            yield OPERATION_ID_NOT_UNIQUE.at(node.place.at("operationId"), fact)
        else:
            first[name] = (label, node)


def _label(node: Node) -> str:
    return " ".join((node.path[-1].upper(), *node.path[-2:-1])) if node.path else "the operation"


def path_parameters(objects: Objects) -> Iterator[Violation]:
    """Names in a path template that no parameter defines, and path parameters that are not in the template.

    A name is not missed in an operation that has a parameter which cannot be read: that may define it.
    """
    undefined: dict[tuple[str, str], list[DocumentedOperation]] = {}
    stray: dict[tuple[str, Place], str] = {}
    for operation in objects.operations:
        names = template_names(operation.template)
        defined = {node.string("name"): node for node in operation.parameters if node.string("in") == "path"}
        for name in dict.fromkeys(names):
            if name and name not in defined and not operation.unreadable:
                undefined.setdefault((operation.template, name), []).append(operation)
        for name, node in defined.items():
            if name not in names and (operation.unreadable or name.lower() not in map(str.lower, names)):
                fact = f"the path {operation.template} has no {{{name}}}; {_how_written(operation.template, name)}"
                stray.setdefault((operation.template, node.place.at("name")), fact)
    for (template, name), operations in undefined.items():
        methods = ", ".join(operation.method for operation in operations)
        place = operations[0].node.place if len(operations) == 1 else objects.root.place.at("paths", template)
        fact = f"{methods} {template} has no parameter {name!r}; {_how_defined(operations[0], name)}"
        yield PATH_PARAMETER_UNDEFINED.at(place, fact)
    for (_, place), fact in stray.items():
        yield PATH_PARAMETER_NOT_IN_PATH.at(place, fact)
    yield from _without_braces(objects)


def _without_braces(objects: Objects) -> Iterator[Violation]:
    """Names that a path template has as other tools write them (`/:id`, `/<id>`), unless a parameter tells it."""
    defined: dict[str, set[str]] = {}
    for operation in objects.operations:
        names = (node.string("name") for node in operation.parameters if node.string("in") == "path")
        defined.setdefault(operation.template, set()).update(names)
    for template, parameters in defined.items():
        written = {match[0]: match[1] or match[2] for match in _OTHER_SYNTAX.finditer(template)}
        if written and parameters.isdisjoint(written.values()):
            meant = template
            for text, name in written.items():
                meant = meant.replace(text, f"/{{{name}}}")
            fact = f"the path {template} has a name without braces, and matches only itself; did you mean {meant}?"
            yield PATH_PARAMETER_WITHOUT_BRACES.at(objects.root.place.at("paths", template), fact)


_OTHER_SYNTAX = re.compile(r"/(?::([A-Za-z_]\w*)\??|<(?:\w+:)?(\w+)>)(?=/|$)")
"""A segment that is a name in the syntax of another tool."""


def _how_written(template: str, name: str) -> str:
    """The hint for a path parameter that its path does not name in braces."""
    for other in (f":{name}?", f":{name}", f"<{name}>", f"${{{name}}}", f"{{{{{name}}}}}"):
        if other in template:
            return f"write {template.replace(other, f'{{{name}}}')}"
    hint = did_you_mean(name, template_names(template), form="{{{}}}")
    return hint or "a path parameter stands in the path, in braces"


def _how_defined(operation: DocumentedOperation, name: str) -> str:
    """The hint for a name of a path that no path parameter defines."""
    for parameter in operation.parameters:
        if parameter.string("name") == name:
            return f"the parameter of this name is `in: {parameter.string('in')}`; write `in: path`"
    others = [parameter.string("name") for parameter in operation.parameters if parameter.string("in") == "path"]
    strays = [other for other in others if other not in template_names(operation.template)]
    return did_you_mean(name, strays) or "define it with `in: path` and `required: true`"


def path_templates(objects: Objects) -> Iterator[Violation]:
    """Path templates that cannot be sent or match the same paths, and names that stand twice in one template."""
    first: dict[str, str] = {}
    methods: dict[str, set[str]] = {}
    for operation in objects.operations:
        methods.setdefault(operation.template, set()).add(operation.method)
    for template, _ in objects.root.readable("paths"):
        if template.startswith("x-"):
            continue
        place = objects.root.place.at("paths", template)
        yield from _unsendable(template, place)
        names = template_names(template)
        for name in sorted({name for name in names if names.count(name) > 1}):
            fact = f"{{{name}}} stands twice in the path {template}"
            yield PATH_NAME_NOT_UNIQUE.at(place, fact)
        other = first.setdefault(template_shape(template), template)
        if other != template:
            other_place = objects.root.place.at("paths", other)
            fact = f"the path {template} is the same as {other} ({other_place}); the specification allows one of them"
            if methods.get(template, set()).isdisjoint(methods.get(other, ())):
                yield PATH_TEMPLATES_IDENTICAL.mildly_at(place, f"{fact}, and these have no method in common")
            else:
                yield PATH_TEMPLATES_IDENTICAL.at(place, fact)


def _unsendable(template: str, place: Place) -> Iterator[Violation]:
    shape = template_shape(template)
    delimiter = re.search(r"[?#]", shape)
    if delimiter:
        hint = (
            "it begins the fragment, which stays with the client; tell the operations apart by another part of the path"
        )
        if delimiter[0] == "?":
            hint = "it begins the query; describe what follows as parameters with `in: query`"
        fact = f"nobody can send the path {template}: `{delimiter[0]}` is not part of a path, {hint}"
        yield PATH_WITH_QUERY_OR_FRAGMENT.at(place, fact)
    if re.search(r"[{}]", shape.replace("{}", "")):
        fact = f"the braces in the path {template} do not come in pairs; expected {{name}} for each path parameter"
        yield PATH_TEMPLATE_MALFORMED.at(place, fact)
    elif "" in template_names(template):
        fact = f"{{}} in the path {template} has no name; expected the name of a path parameter"
        yield PATH_TEMPLATE_MALFORMED.at(place, fact)


def parameters(objects: Objects) -> Iterator[Violation]:
    """Parameters that stand twice in one list."""
    for owner in objects.nodes("operation", "path-item"):
        seen: dict[tuple[str, str], Node] = {}
        for _, node in _raw_parameters(owner):
            try:
                parameter = node.follow()
            except UnreadableError:
                continue
            name, location = parameter.string("name"), parameter.string("in")
            key = (name.lower() if location == "header" else name, location)
            if name and key in seen:
                fact = f"the {location} parameter {name!r} is defined twice ({seen[key].place} has it too)"
                yield PARAMETER_DEFINED_TWICE.at(node.place, fact)
            seen.setdefault(key, node)


def _raw_parameters(owner: Node) -> Iterator[tuple[str, Node]]:
    if owner.items_of("parameters"):
        yield from owner.raw("parameters").raw_items()


def responses(objects: Objects) -> Iterator[Violation]:
    """Operations without a documented success, and responses with an empty description.

    Where `responses` must be there and is not, or is empty, another rule tells it.
    """
    for operation in objects.operations:
        responses = operation.node.members_of("responses")
        statuses = [name for name in responses if not name.startswith("x-")]
        is_told_elsewhere = not statuses and (
            not responses if objects.dialect.requires_responses else "responses" in operation.node.members
        )
        if not is_told_elsewhere and not any(
            status[:1] in ("1", "2", "3") or status == "default" or status == "$ref" for status in statuses
        ):
            fact = f"{operation.label} documents no success; expected a 2xx or 3xx status, or default"
            place = operation.node.place.at("responses") if statuses else operation.node.place
            yield OPERATION_WITHOUT_SUCCESS.at(place, fact)
    for node in objects.nodes("response"):
        description = node.members.get("description")
        if isinstance(description, str) and not description.strip():
            yield RESPONSE_DESCRIPTION_EMPTY.at(
                node.place.at("description"), "the description of this response is empty"
            )


CHECKS = (
    Check(operation_ids, (OPERATION_ID_MISSING, OPERATION_ID_NOT_UNIQUE)),
    Check(path_parameters, (PATH_PARAMETER_UNDEFINED, PATH_PARAMETER_NOT_IN_PATH, PATH_PARAMETER_WITHOUT_BRACES)),
    Check(
        path_templates,
        (PATH_TEMPLATES_IDENTICAL, PATH_NAME_NOT_UNIQUE, PATH_WITH_QUERY_OR_FRAGMENT, PATH_TEMPLATE_MALFORMED),
    ),
    Check(parameters, (PARAMETER_DEFINED_TWICE,)),
    Check(responses, (OPERATION_WITHOUT_SUCCESS, RESPONSE_DESCRIPTION_EMPTY)),
)
