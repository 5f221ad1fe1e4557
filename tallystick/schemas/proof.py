"""Proofs by the schema engine that no value fits a schema, where they take a second or so.

Where nothing tells the branches of a `oneOf` apart, the time of the engine grows with the fourth power of their number.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from jsonschema_rs import canonical

from tallystick.nouns import budgets
from tallystick.nouns.json_value import JSON
from tallystick.nouns.node import Node
from tallystick.schemas import patterns
from tallystick.schemas.bundle import Bundle
from tallystick.schemas.table import SchemaTable

_TELLING_APART = frozenset("$ref const enum pattern items".split())
"""Keywords of branches that the engine compares in no time."""


def contradictions(root: dict[str, JSON]) -> Mapping[str, canonical.UnsatisfiableReason]:
    """The schemas inside a schema for which the engine can show that no value fits: why, by the pointer to each.

    Raises `ValidationError` of jsonschema-rs, or `ValueError`, for what is not JSON Schema.
    """
    return canonical.find_unsatisfiable(
        root, validate_formats=True, offline=True, pattern_options=patterns.PATTERN_OPTIONS
    )


def is_provable(bundle: Bundle) -> bool:
    """Whether a proof for the schemas of a bundle does not take too long."""
    return sum(map(_comparisons, bundle.definitions.values())) <= budgets.PROOF_COMPARISONS


def provable(table: SchemaTable, nodes: Sequence[Node]) -> list[Node]:
    """Those of some nodes for which proofs do not take too long, all together; the first ones have the first chance."""
    names = table.add(nodes)
    total, counted, within = 0, set[str](), []
    for node, name in zip(nodes, names, strict=True):
        new = [each for each in table.reached([name]) if each not in counted]
        more = sum(_comparisons(table.converted[each].schema) for each in new)
        if total + more <= budgets.PROOF_COMPARISONS:
            total += more
            counted.update(new)
            within.append(node)
    return within


def _comparisons(schema: JSON) -> int:
    """About how often branches of each `oneOf` inside a schema are compared, where nothing tells them apart."""
    total, waiting = 0, [schema]
    while waiting:
        part = waiting.pop()
        if isinstance(part, dict):
            branches = part.get("oneOf")
            total += sum(map(_is_like_others, branches)) ** 4 if isinstance(branches, list) else 0
            waiting += part.values()
        elif isinstance(part, list):
            waiting += part
    return total


def _is_like_others(branch: JSON) -> bool:
    """Whether a branch has nothing, itself or in its properties, that tells it apart from others at once."""
    if not isinstance(branch, dict):
        return False
    properties = branch.get("properties")
    parts = [branch, *(properties.values() if isinstance(properties, dict) else ())]
    return all(_TELLING_APART.isdisjoint(part) for part in parts if isinstance(part, dict))
