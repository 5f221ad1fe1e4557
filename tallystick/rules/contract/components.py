"""Rules on declarations: each component is used, tags and their parents are sound, server variables are defined."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePath

from tallystick.nouns.errors import UnreadableError
from tallystick.nouns.json_pointer import to_pointer
from tallystick.nouns.node import Node, Path
from tallystick.nouns.rule import Check, Rule, Scope
from tallystick.nouns.violation import Severity, Violation
from tallystick.rules.contract.objects import Objects, component_kinds
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
SERVER_URL_MALFORMED = Rule(
    "server-url-malformed", Severity.ERROR, Scope.CONTRACT, "A path can be appended to the URL of a server."
)

_VARIABLE = re.compile(r"\{([^{}]+)\}")


def components(objects: Objects) -> Iterator[Violation]:
    """Components that no operation reaches through references; none are reported for a document without operations."""
    if not objects.has("operation"):
        return
    declared = dict(_declared(objects))
    edges: dict[Path, set[Path]] = {}
    for source, target in _edges(objects):
        edges.setdefault(_owner(source, declared), set()).add(_owner(target, declared))
    reached: set[Path] = set()
    waiting: list[Path] = [()]
    while waiting:
        path = waiting.pop()
        for target in edges.get(path, ()):
            if target not in reached:
                reached.add(target)
                waiting.append(target)
    for path, kind in declared.items():
        if path not in reached:
            fact = f"no operation uses the {kind.replace('-', ' ')} {path[-1]!r}"
            yield COMPONENT_UNUSED.at(objects.root.place.at(*path), fact)


def _declared(objects: Objects) -> Iterator[tuple[Path, str]]:
    """The path and the kind of each component."""
    for section, kind in component_kinds(objects.dialect).items():
        holder = objects.root.members_of(section[0]) if len(section) > 1 else objects.root.members
        declared = holder.get(section[-1])
        for name in declared if isinstance(declared, dict) else ():
            yield (*section, name), kind


def _owner(path: Path, declared: dict[Path, str]) -> Path:
    """The component that a path lies in; () for a path outside of all of them."""
    for length in (3, 2):
        if path[:length] in declared:
            return path[:length]
    return ()


def _edges(objects: Objects) -> Iterator[tuple[Path, Path]]:
    """The source and target path of all that leads to a place in the document; the source is () in another file."""
    root = objects.root.document

    def path_of(node: Node) -> Path:
        return node.path if node.document is root else ()

    for reference in objects.references:
        if reference.target is not None and reference.target.document is root:
            yield path_of(reference.node), reference.target.path
            if reference.kind == "schema":
                yield from _inherited(reference.node, reference.target)
    for node, ref in _references_in_extensions(objects):
        if not (node.document is root and ref.startswith("#")) and PurePath(root.file).name not in ref:
            continue  # it leads to another file, which is not worth reading for this rule
        try:
            target = node.target(ref)
        except UnreadableError:
            continue
        if target.document is root:
            yield path_of(node), target.path
    schemas, security_schemes = objects.dialect.schemas_at, objects.dialect.security_schemes_at
    for node in objects.nodes("discriminator"):
        for schema in node.members_of("mapping").values():
            yield path_of(node), (*schemas, str(schema).removeprefix(f"#{to_pointer(schemas)}/"))
    for node in objects.nodes("security-requirement"):
        for name in node.members:
            yield path_of(node), (*security_schemes, name)


def _inherited(source: Node, target: Node) -> Iterator[tuple[Path, Path]]:
    """The edge from a schema with a discriminator back to one that has it in its `allOf`, since names choose those."""
    if "allOf" in source.path and isinstance(target.value, dict) and "discriminator" in target.value:
        yield target.path, source.path


def _references_in_extensions(objects: Objects) -> Iterator[tuple[Node, str]]:
    """The references inside `x-` fields, which other tools may follow."""
    for node in objects.nodes("document", "path-item", "operation", "schema", "components", "info"):
        for key in node.members:
            if key.startswith("x-"):
                yield from _references_below(node.raw(key))


def _references_below(node: Node) -> Iterator[tuple[Node, str]]:
    if node.reference is not None:
        yield node, node.reference
    for _, child in node.raw_items():
        if isinstance(child.value, (dict, list)):
            yield from _references_below(child)


def tags(objects: Objects) -> Iterator[Violation]:
    """Tags that are declared twice, and tags with an undeclared parent (OpenAPI 3.2) or among their own ancestors."""
    first: dict[str, Node] = {}
    for node in objects.nodes("tag"):
        name = node.string("name")
        if name in first:
            fact = f"the tag {name!r} is declared twice ({first[name].place} has it too)"
            yield TAG_DECLARED_TWICE.at(node.place.at("name"), fact)
        first.setdefault(name, node)
    if not objects.dialect.has_tag_parents:
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


def servers(objects: Objects) -> Iterator[Violation]:
    """Variables in the URL of a server that are not defined, and defaults that are not in the variable's `enum`."""
    for node in objects.nodes("server"):
        variables = node.members_of("variables")
        yield from _server_url(node)
        for name in dict.fromkeys(_VARIABLE.findall(node.string("url"))):
            if name not in variables:
                fact = f"the URL has the variable {{{name}}}, which `variables` does not define"
                yield SERVER_VARIABLE_UNDEFINED.at(node.place.at("url"), fact)
        for name, variable in variables.items():
            if not isinstance(variable, dict) or "default" not in variable:
                continue
            allowed = variable.get("enum")
            if isinstance(allowed, list) and variable["default"] not in allowed:
                fact = f"the default {shown(variable['default'])} of {{{name}}} is not in its `enum`"
                yield SERVER_DEFAULT_NOT_ALLOWED.at(node.place.at("variables", name, "default"), fact)


def _server_url(server: Node) -> Iterator[Violation]:
    url = server.string("url")
    literal = _VARIABLE.sub("", url)
    place = server.place.at("url")
    delimiter = re.search(r"[?#]", literal)
    if delimiter:
        part = "query" if delimiter[0] == "?" else "fragment"
        yield SERVER_URL_MALFORMED.at(place, f"the URL {url} has a {part}, after which no path can be appended")
    if re.search(r"[{}]", literal):
        fact = f"the braces in the URL {url} do not come in pairs; expected {{name}} for each variable"
        yield SERVER_URL_MALFORMED.at(place, fact)


CHECKS = (
    Check(components, (COMPONENT_UNUSED,)),
    Check(tags, (TAG_DECLARED_TWICE, TAG_PARENT_UNDECLARED, TAG_PARENTS_IN_CIRCLE)),
    Check(servers, (SERVER_VARIABLE_UNDEFINED, SERVER_DEFAULT_NOT_ALLOWED, SERVER_URL_MALFORMED)),
)
