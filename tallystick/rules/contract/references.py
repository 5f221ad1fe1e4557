"""Rules on what one part of a document says of another: references, mappings, security requirements and links."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from urllib.parse import unquote

from tallystick.nouns.errors import NotFollowedError, UnreadableError
from tallystick.nouns.json_pointer import escape, step, unescape
from tallystick.nouns.json_value import JSON
from tallystick.nouns.node import Node
from tallystick.nouns.rule import Check, Rule, Scope
from tallystick.nouns.violation import Place, Severity, Violation
from tallystick.nouns.words import did_you_mean, nearest
from tallystick.rules.contract.parts import Parts, declared_kind, named

REFERENCE_UNRESOLVABLE = Rule("reference-unresolvable", Severity.ERROR, Scope.CONTRACT, "A reference leads somewhere.")
REFERENCE_TO_OTHER_KIND = Rule(
    "reference-to-other-kind",
    Severity.ERROR,
    Scope.CONTRACT,
    "A reference leads to an object of the kind that is expected.",
)
REFERENCE_NOT_FOLLOWED = Rule(
    "reference-not-followed",
    Severity.WARNING,
    Scope.CONTRACT,
    "A reference stays in the contract's folder, or goes where the user allows it.",
)
SECURITY_SCHEME_UNDEFINED = Rule(
    "security-scheme-undefined",
    Severity.ERROR,
    Scope.CONTRACT,
    "A security requirement names a scheme that is defined.",
)


def references(parts: Parts) -> Iterator[Violation]:
    """References that lead nowhere, that may not be followed, or that lead to an object of another kind."""
    for reference in parts.references:
        place = reference.node.place.at("$ref")
        if reference.target is not None:
            found = declared_kind(reference.target)
            if found not in ("", reference.kind):
                fact = f"the reference {reference.ref} leads to {named(found)}; expected {named(reference.kind)}"
                yield REFERENCE_TO_OTHER_KIND.at(place, fact)
        elif reference.error is not None:
            yield _broken(place, reference.node, reference.ref, reference.error)
    for part in parts.of("discriminator"):
        yield from _mapping(parts, part.node)


def _broken(place: Place, node: Node, ref: str, error: UnreadableError) -> Violation:
    if isinstance(error, NotFollowedError):
        return REFERENCE_NOT_FOLLOWED.at(place, error.fact)
    fact = error.fact
    if error.file != node.document.file:
        fact = f"the reference {ref} leads to a file that cannot be read: {error}"
    elif ref.startswith("#/"):
        near = _nearest(node.document.value, ref)
        fact += f"; did you mean {near}?" if near else ""
    return REFERENCE_UNRESOLVABLE.at(place, fact)


def _nearest(document: JSON, ref: str) -> str:
    """The pointer that comes nearest to one which leads nowhere: right up to a last key that is misspelt."""
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
            mended = escape(near[0])
            return "#/" + "/".join([*keys[:index], mended, *keys[index + 1 :]])
    return ""


def _mapping(parts: Parts, discriminator: Node) -> Iterator[Violation]:
    for value, target in discriminator.members_of("mapping").items():
        if not isinstance(target, str) or target in _components(parts, "schemas"):
            continue
        node = discriminator.raw("mapping")
        try:
            node.target(target)
        except UnreadableError as error:
            violation = _broken(node.place.at(value), node, target, error)
            if violation.severity is Severity.ERROR and "/" not in target and "#" not in target:
                fact = f"the discriminator maps {value!r} to {target!r}, which is no schema here and no file"
                violation = violation._replace(message=fact)
            yield violation


def _components(parts: Parts, section: str) -> Mapping[str, JSON]:
    members = parts.root.members_of("components").get(section)
    return members if isinstance(members, dict) else {}


def security(parts: Parts) -> Iterator[Violation]:
    """Security requirements that name a scheme which is not defined."""
    if parts.dialect.version == "2.0":
        known: Mapping[str, JSON] = parts.root.members_of("securityDefinitions")
        where = "securityDefinitions"
    else:
        known = _components(parts, "securitySchemes")
        where = "components/securitySchemes"
    for part in parts.of("security-requirement"):
        for name in part.node.members:
            if name in known or _is_uri_of_scheme(parts, part.node, name):
                continue
            hint = did_you_mean(name, known) or f"define it under {where}"
            fact = f"the security scheme {name!r} is not defined; {hint}"
            yield SECURITY_SCHEME_UNDEFINED.at(part.node.place.at(name), fact)


def _is_uri_of_scheme(parts: Parts, node: Node, name: str) -> bool:
    """Whether a requirement names its scheme by URI, as OpenAPI 3.2 lets it (section 4.30)."""
    if parts.dialect.version < "3.2":
        return False
    try:
        return isinstance(node.target(name).value, dict)
    except UnreadableError:
        return False


CHECKS = (
    Check(references, (REFERENCE_UNRESOLVABLE, REFERENCE_TO_OTHER_KIND, REFERENCE_NOT_FOLLOWED)),
    Check(security, (SECURITY_SCHEME_UNDEFINED,)),
)
