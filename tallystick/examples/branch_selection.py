"""Which branch of a `oneOf`, an `anyOf` or an `if` is taken, and what its discriminator says then."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from tallystick.examples.choices import DeadEnd, Part
from tallystick.examples.combined_schema import Branches, Conjunction, common_kinds, definition_name
from tallystick.nouns.errors import UnreadableError
from tallystick.nouns.node import Node
from tallystick.schemas.compiled import Bundle

_FORESIGHT = 3
"""How many levels of what is required are looked at to find out whether a branch has an end."""
_BARE_NAME = re.compile(r"[A-Za-z0-9._ -]+")


def take(bundle: Bundle, form: Conjunction, part: Part) -> list[tuple[Branches, int]]:
    """Lets one branch hold of each keyword that is open, and of those that this opens; returns what was taken."""
    taken = []
    while form.open:
        branches = form.open.pop(0)
        likely = _likely(bundle, form, branches, part.stack)
        if not likely:
            raise DeadEnd(f"no branch of {branches.keyword} fits with the rest at {part.where}")
        index = likely[part.ways.pick(len(likely))]
        taken.append((branches, index))
        for schema in branches.options[index]:
            form.add(schema)
        _name_branch(bundle, branches, index, part)
    heir = next((name for name in form.refs if _is_component(bundle, name)), None)
    for node in form.origins() if heir is not None else ():
        if "discriminator" in node.members and not {"oneOf", "anyOf"} & set(node.members):
            _note(bundle, node, str(heir), part)  # it comes through `allOf`, and names the heir
    return taken


def _is_component(bundle: Bundle, name: str) -> bool:
    """Whether a definition of a bundle stands among the named schemas of its document."""
    return bundle.parts[int(name[1:])].path[-2:-1] in (("schemas",), ("definitions",))


def _likely(bundle: Bundle, form: Conjunction, branches: Branches, stack: tuple[str, ...]) -> list[int]:
    """The branches by number that a value can fit beside the rest; last those that lead in a circle or to null."""
    kinds = form.kinds()
    found: list[tuple[bool, bool, int]] = []
    for index, option in enumerate(branches.options):
        probe = Conjunction(bundle, option)
        left = common_kinds(kinds, probe.kinds())
        if probe.possible and left and _leaves_a_value(bundle, form, option):
            found.append((_demands(bundle, option, stack, 0), left == ["null"], index))
    return [index for _, _, index in sorted(found)]


def _leaves_a_value(bundle: Bundle, form: Conjunction, option: Sequence[Any]) -> bool:
    """Whether one of the enumerated values, if there is an `enum`, fits an option too."""
    both = Conjunction(bundle, [*form.sources, *option])
    listed = both.enumerated()
    return listed is None or any(both.allows(value) for value in listed)


def _demands(bundle: Bundle, schemas: Sequence[Any], stack: tuple[str, ...], depth: int) -> bool:
    """Whether what schemas require leads back to a definition that is being made."""
    if recurs(bundle, schemas, stack):
        return True
    if not stack or depth == _FORESIGHT:
        return False
    probe = Conjunction(bundle, schemas)
    required = dict.fromkeys(name for listed in probe.values("required") for name in listed)
    parts = [probe.property_schemas(name) for name in required]
    if probe.least("minItems") > 0:
        parts.append(probe.item_schemas(0))
    if probe.least("minProperties") > len(required):
        parts.append(probe.values("additionalProperties"))
    return any(_demands(bundle, part, stack, depth + 1) for part in parts)


def recurs(bundle: Bundle, schemas: Sequence[Any], stack: tuple[str, ...]) -> bool:
    """Whether schemas lead back to a definition that is being made, whichever branch is taken."""
    if not stack:
        return False
    probe = Conjunction(bundle, schemas)
    if not set(probe.refs).isdisjoint(stack):
        return True
    return any(
        all(recurs(bundle, option, stack) for option in branches.options if option[0] != {"type": "null"})
        for branches in probe.open
        if branches.keyword != "if"
    )


def _name_branch(bundle: Bundle, branches: Branches, index: int, part: Part) -> None:
    """Notes the value that the discriminator of a `oneOf` or `anyOf` has for a branch."""
    node = bundle.origins.get(id(branches.source))
    option = branches.options[index][0]
    if node is not None and branches.keyword != "if" and isinstance(option, dict) and "$ref" in option:
        _note(bundle, node, definition_name(option["$ref"]), part)


def _note(bundle: Bundle, node: Node, name: str, part: Part) -> None:
    discriminator = node.members_of("discriminator")
    tag = discriminator.get("propertyName")
    if not isinstance(tag, str):
        return
    target = bundle.parts[int(name[1:])]
    mapping = discriminator.get("mapping")
    pairs = mapping.items() if isinstance(mapping, dict) else ()
    named = target.path[-1] if target.path else name
    value = next((key for key, ref in pairs if isinstance(ref, str) and _leads_to(node, ref, target)), named)
    part.preferred.setdefault(tag, value)


def _leads_to(node: Node, ref: str, target: Node) -> bool:
    """Whether a value of a discriminator's mapping means a schema: a reference, or the bare name of one."""
    refs = [f"#/components/schemas/{ref}"] if _BARE_NAME.fullmatch(ref) else []
    refs += [ref] if not refs or "." in ref else []
    for one in refs:
        try:
            if node.document.resolve(node.path, one).key == target.key:
                return True
        except UnreadableError:
            continue
    return False
