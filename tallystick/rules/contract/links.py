"""Rules on links and callbacks: a link leads to an operation, and what is written as a runtime expression is one."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tallystick.nouns.contract import DocumentedOperation
from tallystick.nouns.errors import UnreadableError, WrongReferenceError
from tallystick.nouns.node import Node
from tallystick.nouns.rule import Check, Rule, Scope
from tallystick.nouns.violation import Severity, Violation
from tallystick.nouns.words import did_you_mean, with_hint
from tallystick.rules.contract.objects import Objects

LINK_TARGET_MISSING = Rule(
    "link-target-missing", Severity.ERROR, Scope.CONTRACT, "A link leads to an operation that is there."
)
LINK_PARAMETER_UNKNOWN = Rule(
    "link-parameter-unknown", Severity.ERROR, Scope.CONTRACT, "A link sets parameters that its operation has."
)
LINK_SOURCE_UNKNOWN = Rule(
    "link-source-unknown",
    Severity.ERROR,
    Scope.CONTRACT,
    "A link takes values from parameters that the operation around it has.",
)
RUNTIME_EXPRESSION_MALFORMED = Rule(
    "runtime-expression-malformed",
    Severity.ERROR,
    Scope.CONTRACT,
    "A runtime expression, in a link or as the key of a callback, is written as the specification has it.",
)

_TOKEN = r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+"
_SOURCE = rf"header\.{_TOKEN}|(?:query|path)\..*|body(?:#(?:/(?:[^~/]|~[01])*)*)?"
_EXPRESSION = rf"(?s:\$(?:url|method|statusCode|(?:request|response)\.(?:{_SOURCE})))"
"""A runtime expression (OpenAPI 3.0.3, section 4.7.20.4); compiled where there is one, not when a check starts."""
_EMBEDDED = r"\{(\$[^{}]*)\}"
_OF_REQUEST = r"\$request\.(path|query)\.([^{}]*)"


def links(objects: Objects) -> Iterator[Violation]:
    """Links to an operation that is not there, and link parameters that the operation does not have."""
    if not objects.has("link"):
        return
    by_id = {operation.operation_id: operation for operation in objects.operations if operation.operation_id}
    elsewhere = {node.string("operationId") for node in objects.nodes("operation")}
    by_place = {operation.node.key: operation for operation in objects.operations}
    for node in objects.nodes("link"):
        name, ref = node.string("operationId"), node.string("operationRef")
        target = None
        if name:
            target = by_id.get(name)
            if target is None and name not in elsewhere:
                fact = with_hint(f"no operation has the operationId {name!r}", did_you_mean(name, by_id))
                yield LINK_TARGET_MISSING.at(node.place.at("operationId"), fact)
        elif ref:
            fact = ""
            try:
                operation = node.target(ref).follow()
                target = by_place.get(operation.key)
                instead = objects.instead_of("operation", operation)
                fact = f"the operationRef {ref} leads to {instead}; expected an operation" if instead else ""
            except WrongReferenceError as error:
                fact = error.fact.replace("the reference", "the operationRef", 1)
            except UnreadableError:
                pass  # a link may lead to another file, which need not be there
            if fact:
                yield LINK_TARGET_MISSING.at(node.place.at("operationRef"), fact)
        if target is not None and not target.unreadable:
            yield from _link_parameters(node, target)


def _link_parameters(link: Node, target: DocumentedOperation) -> Iterator[Violation]:
    names = {parameter.string("name") for parameter in target.parameters}
    qualified = {f"{parameter.string('in')}.{parameter.string('name')}" for parameter in target.parameters}
    for name in link.members_of("parameters"):
        if name in names or name in qualified:
            continue
        hint = did_you_mean(name, names) or f"it has {', '.join(sorted(names)) or 'none'}"
        fact = f"{target.label} has no parameter {name!r}; {hint}"
        place = link.place.at("parameters", name)
        yield LINK_PARAMETER_UNKNOWN.at(place, fact)


def expressions(objects: Objects) -> Iterator[Violation]:
    """Strings in links, and keys of callbacks, that look like a runtime expression and are none."""
    for link in objects.nodes("link"):
        for node, text in _texts(link):
            for expression in [text] if re.match(r"\$[A-Za-z]", text) else re.findall(_EMBEDDED, text):
                if not re.fullmatch(_EXPRESSION, expression):
                    yield RUNTIME_EXPRESSION_MALFORMED.at(node.place, _no_expression(expression))
    for callback in objects.nodes("callback"):
        for key in callback.members:
            if not key.startswith("x-"):
                wrong = _wrong_expression_of_key(key)
                if wrong:
                    yield RUNTIME_EXPRESSION_MALFORMED.at(callback.place.at(key), _no_expression(wrong))


def _texts(link: Node) -> Iterator[tuple[Node, str]]:
    """The strings that a link passes to its operation, with their nodes."""
    nodes = [link.raw("parameters", name) for name in link.members_of("parameters")]
    if "requestBody" in link.members:
        nodes.append(link.raw("requestBody"))
    return ((node, node.value) for node in nodes if isinstance(node.value, str))


def _wrong_expression_of_key(key: str) -> str:
    """What is no expression in the key of a callback, "" if nothing is; an absolute URL needs none."""
    if key.startswith("$"):
        return "" if re.fullmatch(_EXPRESSION, key) else key
    embedded: list[str] = re.findall(_EMBEDDED, key)
    if not embedded:
        return "" if re.match(r"[a-z][a-z0-9+.-]*://[^{}]*$", key, re.IGNORECASE) else key
    return next((expression for expression in embedded if not re.fullmatch(_EXPRESSION, expression)), "")


def _no_expression(text: str) -> str:
    """The fact for what is no expression, with what was probably meant."""
    meant = text.strip("{}")
    meant = meant if meant.startswith("$") else f"${meant}"
    dotted = re.fullmatch(r"(\$re(?:quest|sponse)\.body)[./](.*)", meant)
    if dotted:
        meant = f"{dotted[1]}#/{dotted[2].replace('.', '/')}"
    hint = f"did you mean {meant}?" if meant != text and re.fullmatch(_EXPRESSION, meant) else ""
    hint = hint or "one is written as $url, $request.query.NAME or $response.body#/POINTER"
    return f"`{text}` is no runtime expression; {hint}"


def sources(objects: Objects) -> Iterator[Violation]:
    """Links that take a value from a parameter that their own operation does not have."""
    if not any(re.search(_OF_REQUEST, text) for link in objects.nodes("link") for _, text in _texts(link)):
        return
    for operation in objects.operations:
        has = {(parameter.string("in"), parameter.string("name")) for parameter in operation.parameters}
        for _, response in operation.node.readable("responses"):
            for _, link in response.readable("links"):
                for node, text in _texts(link):
                    for location, name in re.findall(_OF_REQUEST, text):
                        if (location, name) not in has:
                            names = [name for of, name in has if of == location]
                            fact = f"{operation.label} has no {location} parameter {name!r}"
                            yield LINK_SOURCE_UNKNOWN.at(node.place, with_hint(fact, did_you_mean(name, names)))


CHECKS = (
    Check(links, (LINK_TARGET_MISSING, LINK_PARAMETER_UNKNOWN)),
    Check(expressions, (RUNTIME_EXPRESSION_MALFORMED,)),
    Check(sources, (LINK_SOURCE_UNKNOWN,)),
)
