"""What a JSON document may hold."""

from __future__ import annotations

from typing import TypeAlias

JSON: TypeAlias = "dict[str, JSON] | list[JSON] | str | int | float | bool | None"
"""A JSON value."""


def is_shallow(value: JSON, levels: int) -> bool:
    """Whether a value has at most so many levels; a text or a number has one."""
    members = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return levels > 0 and all(is_shallow(each, levels - 1) for each in members)
