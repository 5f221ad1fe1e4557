"""Rules on what a document declares: components that something uses, tags, and the variables of servers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from tallystick.nouns.errors import UnreadableError
from tallystick.nouns.node import Node
from tallystick.nouns.rule import Check, Rule, Scope
from tallystick.nouns.violation import Severity, Violation
from tallystick.rules.contract.parts import FIELDS, Parts
from tallystick.schemas.messages import shown

COMPONENT_UNUSED = Rule("component-unused", Severity.WARNING, Scope.CONTRACT, "A component is used by some operation.")
TAG_DECLARED_TWICE = Rule("tag-declared-twice", Severity.ERROR, Scope.CONTRACT, "A tag is declared once.")
TAG_PARENT_UNDECLARED = Rule(
    "tag-parent-undeclared", Severity.ERROR, Scope.CONTRACT, "The parent of a tag is declared too."
)
TAG_PARENTS_IN_CIRCLE = Rule("tag-parents-in-circle", Severity.ERROR, Scope.CONTRACT, "No tag is a parent of itself.")
SERVER_VARIABLE_UNDEFINED = Rule(
    "server-variable-undefined", Severity.WARNING, Scope.CONTRACT, "Every variable in the URL of a server is defined."
)
SERVER_DEFAULT_NOT_ALLOWED = Rule(
    "server-default-not-allowed", Severity.ERROR, Scope.CONTRACT, "The default of a server variable is in its enum."
)

Keys = tuple[str, ...]
_VARIABLE = re.compile(r"\{([^{}]+)\}")
_OLD_SECTIONS = {"definitions": "schema", "parameters": "parameter", "responses": "response"}


def components(parts: Parts) -> Iterator[Violation]:
    """Components that no operation reaches, through however many references; none in a document without operations."""
    if next(parts.of("operation"), None) is None:
        return
    declared = dict(_declared(parts))
    edges: dict[Keys, set[Keys]] = {}
    for source, target in _edges(parts):
        edges.setdefault(_owner(source, declared), set()).add(_owner(target, declared))
    reached: set[Keys] = set()
    waiting: list[Keys] = [()]
    while waiting:
        path = waiting.pop()
        for target in edges.get(path, ()):
            if target not in reached:
                reached.add(target)
                waiting.append(target)
    for path, kind in declared.items():
        if path not in reached:
            fact = f"no operation uses the {kind.replace('-', ' ')} {path[-1]!r}"
            yield COMPONENT_UNUSED.at(parts.root.place.at(*path), fact)


def _declared(parts: Parts) -> Iterator[tuple[Keys, str]]:
    sections: dict[Keys, str]
    if parts.dialect.version == "2.0":
        sections = {(name,): kind for name, kind in _OLD_SECTIONS.items()}
        sections[("securityDefinitions",)] = "security-scheme"
        holder = parts.root.members
    else:
        holder = parts.root.members_of("components")
        sections = {("components", name): kind for name, (kind, _) in FIELDS["components"].items()}
    for path, kind in sections.items():
        section = holder.get(path[-1])
        for name in section if isinstance(section, dict) else ():
            yield (*path, name), kind


def _owner(path: Keys, declared: dict[Keys, str]) -> Keys:
    """The component that a path lies in; () for a path outside of all of them."""
    for length in (3, 2):
        if path[:length] in declared:
            return path[:length]
    return ()


def _edges(parts: Parts) -> Iterator[tuple[Keys, Keys]]:
    """From where to where something in the document leads, as paths; a place in another file counts as outside."""
    root = parts.root.document

    def path_of(node: Node) -> Keys:
        return node.path if node.document is root else ()

    for reference in parts.references:
        if reference.target is not None and reference.target.document is root:
            yield path_of(reference.node), reference.target.path
            if reference.kind == "schema":
                yield from _inherited(reference.node, reference.target)
    for node, ref in _references_in_extensions(parts):
        if not (node.document is root and ref.startswith("#")) and Path(root.file).name not in ref:
            continue  # it leads to another file, which need not be read for this
        try:
            target = node.target(ref)
        except UnreadableError:
            continue
        if target.document is root:
            yield path_of(node), target.path
    for part in parts.of("discriminator"):
        for schema in part.node.members_of("mapping").values():
            yield path_of(part.node), ("components", "schemas", str(schema).removeprefix("#/components/schemas/"))
    section = ("securityDefinitions",) if parts.dialect.version == "2.0" else ("components", "securitySchemes")
    for part in parts.of("security-requirement"):
        for name in part.node.members:
            yield path_of(part.node), (*section, name)


def _inherited(source: Node, target: Node) -> Iterator[tuple[Keys, Keys]]:
    """A schema with a discriminator leads to those that have it in their `allOf`: they are chosen by name."""
    if "allOf" in source.path and isinstance(target.value, dict) and "discriminator" in target.value:
        yield target.path, source.path


def _references_in_extensions(parts: Parts) -> Iterator[tuple[Node, str]]:
    """The references inside `x-` fields, which other tools may follow."""
    for kind in ("openapi", "path-item", "operation", "schema", "components", "info"):
        for part in parts.of(kind):
            for key in part.node.members:
                if key.startswith("x-"):
                    yield from _references_below(part.node.raw(key))


def _references_below(node: Node) -> Iterator[tuple[Node, str]]:
    if node.reference is not None:
        yield node, node.reference
    for _, child in node.raw_items():
        if isinstance(child.value, (dict, list)):
            yield from _references_below(child)


def tags(parts: Parts) -> Iterator[Violation]:
    """Tags that are declared twice, and those whose parent (OpenAPI 3.2) is not declared or is themselves."""
    first: dict[str, Node] = {}
    for part in parts.of("tag"):
        name = part.node.string("name")
        if name in first:
            fact = f"the tag {name!r} is declared twice ({first[name].place} has it too)"
            yield TAG_DECLARED_TWICE.at(part.node.place.at("name"), fact)
        first.setdefault(name, part.node)
    if parts.dialect.version < "3.2":
        return
    for name, node in first.items():
        parent = node.string("parent")
        place = node.place.at("parent")
        if parent and parent not in first:
            fact = f"the tag {name!r} has the parent {parent!r}, which is not declared"
            yield TAG_PARENT_UNDECLARED.at(place, fact)
        chain = [name]
        while parent and parent in first and parent not in chain:
            chain.append(parent)
            parent = first[parent].string("parent")
        if parent and parent == name and name == min(chain):
            fact = f"the tags {' > '.join((*chain, name))} are parents of themselves"
            yield TAG_PARENTS_IN_CIRCLE.at(place, fact)


def servers(parts: Parts) -> Iterator[Violation]:
    """Variables in the URL of a server that are not defined, and defaults that their own `enum` does not have."""
    for part in parts.of("server"):
        variables = part.node.members_of("variables")
        for name in dict.fromkeys(_VARIABLE.findall(part.node.string("url"))):
            if name not in variables:
                fact = f"the URL has the variable {{{name}}}, which `variables` does not define"
                yield SERVER_VARIABLE_UNDEFINED.at(part.node.place.at("url"), fact)
        for name, variable in variables.items():
            if not isinstance(variable, dict) or "default" not in variable:
                continue
            allowed = variable.get("enum")
            if isinstance(allowed, list) and variable["default"] not in allowed:
                fact = f"the default {shown(variable['default'])} of {{{name}}} is not in its `enum`"
                place = part.node.place.at("variables", name, "default")
                yield SERVER_DEFAULT_NOT_ALLOWED.at(place, fact)


CHECKS = (
    Check(components, (COMPONENT_UNUSED,)),
    Check(tags, (TAG_DECLARED_TWICE, TAG_PARENT_UNDECLARED, TAG_PARENTS_IN_CIRCLE)),
    Check(servers, (SERVER_VARIABLE_UNDEFINED, SERVER_DEFAULT_NOT_ALLOWED)),
)
