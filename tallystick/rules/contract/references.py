"""Rules on references by pointer or name: `$ref`, discriminator mappings and security requirements."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from urllib.parse import unquote

from tallystick.nouns.errors import NotFollowedError, UnreadableError
from tallystick.nouns.json_pointer import escape, step, unescape
from tallystick.nouns.json_value import JSON
from tallystick.nouns.node import Key, Node, Path
from tallystick.nouns.rule import Check, Rule, Scope
from tallystick.nouns.violation import Place, Severity, Violation
from tallystick.nouns.words import did_you_mean, nearest, with_hint
from tallystick.rules.contract.objects import Objects, Reference, component_kinds, named

REFERENCE_UNRESOLVABLE = Rule("reference-unresolvable", Severity.ERROR, Scope.CONTRACT, "A reference leads somewhere.")
REFERENCE_TO_OTHER_KIND = Rule(
    "reference-to-other-kind",
    Severity.ERROR,
    Scope.CONTRACT,
    "A reference leads to an object of the kind that is expected.",
)
REFERENCE_NOT_FOLLOWED = Rule(
    "reference-not-followed",
    Severity.ERROR,
    Scope.CONTRACT,
    "A reference stays in the contract's folder, or goes where the user allows it.",
)
SECURITY_SCHEME_UNDEFINED = Rule(
    "security-scheme-undefined",
    Severity.ERROR,
    Scope.CONTRACT,
    "A security requirement names a scheme that is defined.",
)
SCOPES_NOT_ALLOWED = Rule(
    "scopes-not-allowed",
    Severity.WARNING,
    Scope.CONTRACT,
    "A security requirement lists scopes only of a scheme that has some, where its version of OpenAPI wants that.",
)


def references(objects: Objects) -> Iterator[Violation]:
    """References that lead nowhere, that may not be followed, or that lead to an object of another kind."""
    circling: set[Key] = set()
    for reference in objects.references:
        if reference.error is None or reference.node.key in circling:
            continue
        node = reference.node
        route = _route(node, circling)
        end = _target(route[-1])
        if end is None:
            place = node.place.at("$ref")
            yield _broken(place, node, reference.ref, reference.error, _component_meant(objects, reference))
            continue
        if end.key not in circling:
            fact = f"the reference {end.reference} leads back to itself"
            yield REFERENCE_UNRESOLVABLE.at(end.place.at("$ref"), fact)
        circling.update(passed.key for passed in route)
    yield from _dynamic(objects)
    for reference, instead in objects.mistaken:
        yield _to_other_kind(reference.node.place.at("$ref"), reference.ref, instead, reference.kind)
    for node in objects.nodes("discriminator"):
        yield from _mapping(objects, node)


def _dynamic(objects: Objects) -> Iterator[Violation]:
    """Each `$dynamicRef` that leads nowhere or may not be followed (JSON Schema 2020-12, section 8.2.3.2)."""
    for schema in objects.schemas_with("$dynamicRef") if objects.dialect.ref_siblings else ():
        node = schema.node
        ref = node.string("$dynamicRef")
        try:
            node.target(ref)
        except UnreadableError as error:
            yield _broken(node.place.at("$dynamicRef"), node, ref, error)


def _route(node: Node, circling: set[Key]) -> list[Node]:
    """The nodes in the chain of references that begins with a node, up to the last before one that is known.

    It is known where it leads back to the chain, or to a circle that is told already.
    """
    route, passed = [node], {node.key}
    while (onward := _target(route[-1])) is not None and onward.key not in passed and onward.key not in circling:
        passed.add(onward.key)
        route.append(onward)
    return route


def _target(node: Node) -> Node | None:
    try:
        return node.target(node.reference) if node.reference is not None else None
    except UnreadableError:
        return None


def _to_other_kind(place: Place, ref: str, instead: str, kind: str) -> Violation:
    fact = f"the reference {ref or repr('')} leads to {instead}; expected {named(kind)}"
    return REFERENCE_TO_OTHER_KIND.at(place, fact)


def _broken(place: Place, node: Node, ref: str, error: UnreadableError, component: str = "") -> Violation:
    """The violation for a reference that leads nowhere; `component` is the reference that was perhaps meant."""
    if isinstance(error, NotFollowedError):
        return REFERENCE_NOT_FOLLOWED.at(place, error.fact)
    fact, meant = error.fact, component
    if error.file != node.document.file:
        fact = f"the reference {ref} leads to a file that cannot be read: {error}"
    elif ref.startswith("#/"):
        meant = _nearest(node.document.value, ref) or component
    return REFERENCE_UNRESOLVABLE.at(place, with_hint(fact, f"did you mean {meant}?" if meant else ""))


def _component_meant(objects: Objects, reference: Reference) -> str:
    """The reference to the component that has the last name of one that leads nowhere; "" if there is none."""
    name = unescape(unquote(reference.ref.rpartition("/")[2].lstrip("#")))
    for section, kind in component_kinds(objects.dialect).items():
        if kind == reference.kind and name in _declared(objects, section):
            return f"#/{'/'.join(section)}/{escape(name)}"
    return ""


def _nearest(document: JSON, ref: str) -> str:
    """The pointer that was probably meant by one that leads nowhere: its first unknown key is corrected; else ""."""
    keys = ref[2:].split("/")
    value = document
    for index, key in enumerate(keys):
        name = unescape(unquote(key))
        try:
            value = step(value, name)
        except KeyError:
            if not isinstance(value, dict):
                return ""
            near = nearest(name, value)
            if not near:
                return ""
            corrected = escape(near[0])
            return "#/" + "/".join([*keys[:index], corrected, *keys[index + 1 :]])
    return ""


def _mapping(objects: Objects, discriminator: Node) -> Iterator[Violation]:
    """Mappings of a discriminator that lead to no schema."""
    for value, target in discriminator.members_of("mapping").items():
        if not isinstance(target, str) or target in _declared(objects, objects.dialect.schemas_at):
            continue
        node = discriminator.raw("mapping")
        place = node.place.at(value)
        try:
            instead = objects.instead_of("schema", node.target(target))
            if instead:
                yield _to_other_kind(place, target, instead, "schema")
        except UnreadableError as error:
            violation = _broken(place, node, target, error)
            if violation.severity is Severity.ERROR and "/" not in target and "#" not in target:
                fact = f"the discriminator maps {value!r} to {target!r}, which is no schema here and no file"
                violation = violation._replace(message=fact)
            yield violation


def _declared(objects: Objects, section: Path) -> Mapping[str, JSON]:
    """The reusable objects in a section of the document."""
    try:
        return objects.root.raw(*section).members
    except KeyError:
        return {}


def security(objects: Objects) -> Iterator[Violation]:
    """Security requirements that name a scheme which is not defined, or scopes of a scheme that has none."""
    section = objects.dialect.security_schemes_at
    schemes = _declared(objects, section)
    without_scopes = _without_scopes(objects, section) if objects.dialect.only_oauth_has_scopes else {}
    scoped: dict[str, list[Node]] = {}
    for node in objects.nodes("security-requirement"):
        for name, scopes in node.members.items():
            if scopes and name in without_scopes:
                scoped.setdefault(name, []).append(node)
            if name in schemes or (objects.dialect.names_security_schemes_by_uri and _leads_to_object(node, name)):
                continue
            hint = did_you_mean(name, schemes) or f"define it under {'/'.join(section)}"
            fact = f"the security scheme {name!r} is not defined; {hint}"
            yield SECURITY_SCHEME_UNDEFINED.at(node.place.at(name), fact)
    for name, (first, *others) in scoped.items():
        fact = f"the security scheme {name!r} is of the type {without_scopes[name]}, which has no scopes"
        more = f"; {len(others)} more of the requirements likewise" if others else ""
        yield SCOPES_NOT_ALLOWED.at(first.place.at(name), f"{fact}; expected an empty list{more}")


def _without_scopes(objects: Objects, section: Path) -> dict[str, str]:
    """The type of each security scheme that has no scopes, by name."""
    try:
        holder = objects.root.get(section[0]) if len(section) > 1 else objects.root
    except UnreadableError:  # told at the reference
        return {}
    types = {name: scheme.string("type") for name, scheme in holder.readable(section[-1])} if holder else {}
    return {name: kind for name, kind in types.items() if kind in ("apiKey", "basic", "http")}


def _leads_to_object(node: Node, ref: str) -> bool:
    try:
        return isinstance(node.target(ref).value, dict)
    except UnreadableError:
        return False


CHECKS = (
    Check(references, (REFERENCE_UNRESOLVABLE, REFERENCE_TO_OTHER_KIND, REFERENCE_NOT_FOLLOWED)),
    Check(security, (SECURITY_SCHEME_UNDEFINED, SCOPES_NOT_ALLOWED)),
)
