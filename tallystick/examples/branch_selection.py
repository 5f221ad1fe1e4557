"""Selects a branch of each `oneOf`, `anyOf` and `if`, and the discriminator's value for it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from tallystick.examples.choices import DeadEnd, Slot
from tallystick.examples.combined_schema import Alternatives, CombinedSchema, common_types, definition_name
from tallystick.examples.memory import Memory
from tallystick.examples.plain_schemas import Schema, schema_list
from tallystick.nouns.errors import UnreadableError
from tallystick.nouns.node import Node
from tallystick.schemas.bundle import Bundle

_LOOKAHEAD = 3
"""How many levels of required values are searched for a definition that contains itself."""
_BARE_NAME = re.compile(r"[A-Za-z0-9._ -]+")
_CANDIDATES: Memory[list[int]] = Memory()
_LEADS_BACK: Memory[bool] = Memory()


def select_branches(bundle: Bundle, combined: CombinedSchema, slot: Slot) -> list[tuple[Alternatives, int]]:
    """Apply one branch of each of the alternatives until none is open; return them with the index of that branch."""
    selected = []
    while combined.alternatives:
        alternatives = combined.alternatives.pop(0)
        candidates = _candidates(bundle, combined, alternatives, slot.ancestors)
        if not candidates:
            raise DeadEnd(f"no branch of {alternatives.keyword} fits with the rest at {slot.where}")
        index = candidates[slot.variant.choose(len(candidates))]
        selected.append((alternatives, index))
        for schema in alternatives.options[index]:
            combined.add(schema)
        _note_branch(bundle, alternatives, index, slot)
    component = next((name for name in combined.refs if _is_component(bundle, name)), None)
    if component is not None:
        for node in combined.origins():  # a discriminator beside no branches was inherited through `allOf`
            if "discriminator" in node.members and not {"oneOf", "anyOf"} & node.members.keys():
                _note_discriminator(bundle, node, component, slot)
    return selected


def _is_component(bundle: Bundle, name: str) -> bool:
    """Whether a definition of a bundle is one of the named schemas of its document."""
    return bundle.node_named(name).path[-2:-1] in (("schemas",), ("definitions",))


def _candidates(
    bundle: Bundle, combined: CombinedSchema, alternatives: Alternatives, ancestors: tuple[str, ...]
) -> list[int]:
    """The indices of the branches that a value can fit; those that need an ancestor or allow only null are last."""
    if combined.excluded:
        return _fitting_branches(bundle, combined, alternatives, ancestors)
    return _CANDIDATES.recall(
        bundle,
        [alternatives.source, *(source for source in combined.sources if source.keys() != {"$ref"})],
        (alternatives.keyword, ancestors, combined.is_satisfiable),
        lambda: _fitting_branches(bundle, combined, alternatives, ancestors),
    )


def _fitting_branches(
    bundle: Bundle, combined: CombinedSchema, alternatives: Alternatives, ancestors: tuple[str, ...]
) -> list[int]:
    types = combined.types()
    candidates: list[tuple[bool, bool, int]] = []
    for index, option in enumerate(alternatives.options):
        branch = CombinedSchema(bundle, option)
        common = common_types(types, branch.types())
        if branch.is_satisfiable and common and _fits_enumerated(combined, branch):
            candidates.append((_requires_ancestor(branch, ancestors, 0), common == ["null"], index))
    return [index for _, _, index in sorted(candidates)]


def _fits_enumerated(combined: CombinedSchema, branch: CombinedSchema) -> bool:
    """Whether one of the enumerated values fits a branch too; true where no values are enumerated."""
    if not (combined.is_enumerated or branch.is_enumerated):
        return True
    both = CombinedSchema(combined.bundle, [*combined.sources, *branch.sources])
    return any(both.allows(value) for value in both.enumerated() or ())


def _requires_ancestor(combined: CombinedSchema, ancestors: tuple[str, ...], depth: int) -> bool:
    """Whether a value that fits must contain a value of a definition for which one is being made already."""
    if not ancestors:
        return False
    if _leads_to_ancestor(combined, ancestors):
        return True
    if depth == _LOOKAHEAD:
        return False
    required = combined.required_names()
    contained = [combined.property_schemas(name) for name in required]
    if combined.highest("minItems") > 0:
        contained.append(combined.item_schemas(0))
    if combined.highest("minProperties") > len(required):
        contained.append(combined.schemas("additionalProperties"))
    return any(_requires_ancestor(CombinedSchema(combined.bundle, each), ancestors, depth + 1) for each in contained)


def leads_to_ancestor(bundle: Bundle, schemas: Sequence[Schema], ancestors: tuple[str, ...]) -> bool:
    """Whether references lead, in every branch, to a definition for which a value is being made already."""
    if not ancestors:
        return False
    return _LEADS_BACK.recall(
        bundle, schemas, ancestors, lambda: _leads_to_ancestor(CombinedSchema(bundle, schemas), ancestors)
    )


def _leads_to_ancestor(combined: CombinedSchema, ancestors: tuple[str, ...]) -> bool:
    if not set(combined.refs).isdisjoint(ancestors):
        return True
    return any(
        all(
            leads_to_ancestor(combined.bundle, option, ancestors)
            for option in alternatives.options
            if option[0] != {"type": "null"}
        )
        for alternatives in combined.alternatives
        if alternatives.keyword != "if"
    )


def _note_branch(bundle: Bundle, alternatives: Alternatives, index: int, slot: Slot) -> None:
    """Note the value with which the discriminator of a `oneOf` or `anyOf` selects a branch."""
    node = bundle.origins.get(id(alternatives.source))
    schema = alternatives.options[index][0]
    while isinstance(schema, dict) and "$ref" not in schema and len(branches := schema_list(schema, "allOf")) == 1:
        schema = branches[0]
    if node is not None and alternatives.keyword != "if" and isinstance(schema, dict) and "$ref" in schema:
        _note_discriminator(bundle, node, definition_name(schema["$ref"]), slot)


def _note_discriminator(bundle: Bundle, node: Node, definition: str, slot: Slot) -> None:
    """Note the value with which the discriminator of a schema selects a definition."""
    discriminator = node.members_of("discriminator")
    property_name = discriminator.get("propertyName")
    if not isinstance(property_name, str):
        return
    target = bundle.node_named(definition)
    mapping = discriminator.get("mapping")
    pairs = mapping.items() if isinstance(mapping, dict) else ()
    own_name = target.path[-1] if target.path else definition
    value = next((key for key, ref in pairs if isinstance(ref, str) and _means(node, ref, target)), own_name)
    slot.discriminator_values.setdefault(property_name, value)


def _means(node: Node, ref: str, target: Node) -> bool:
    """Whether a value in a discriminator's mapping, which is a reference or a bare name, means a schema."""
    refs = [f"#/components/schemas/{ref}"] if _BARE_NAME.fullmatch(ref) else []
    refs += [ref] if not refs or "." in ref else []
    for candidate in refs:
        try:
            if node.document.resolve(node.path, candidate).key == target.key:
                return True
        except UnreadableError:
            continue
    return False
