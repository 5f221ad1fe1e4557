"""Proofs by the schema engine that no value fits a schema."""

from __future__ import annotations

from collections.abc import Mapping

from jsonschema_rs import canonical

from tallystick.nouns import budgets
from tallystick.nouns.json_value import JSON
from tallystick.schemas import patterns


def unsatisfiable(root: dict[str, JSON]) -> Mapping[str, canonical.UnsatisfiableReason]:
    """Why nothing fits each of the schemas inside a schema that the engine can show that of, by the pointer to it.

    Nothing is shown where `oneOf` has more branches than can be compared. Raises what the engine raises for a schema
    that is not JSON Schema (`ValidationError` or `ValueError`).
    """
    if _comparisons(root) > budgets.PROOF_COMPARISONS:
        return {}
    return canonical.find_unsatisfiable(
        root, validate_formats=True, offline=True, pattern_options=patterns.PATTERN_OPTIONS
    )


def _comparisons(schema: JSON) -> int:
    """About how often the engine compares branches: each two of a `oneOf` with each two of what is left of them."""
    total, waiting = 0, [schema]
    while waiting:
        part = waiting.pop()
        if isinstance(part, dict):
            branches = part.get("oneOf")
            total += len(branches) ** 4 if isinstance(branches, list) else 0
            waiting += part.values()
        elif isinstance(part, list):
            waiting += part
    return total
