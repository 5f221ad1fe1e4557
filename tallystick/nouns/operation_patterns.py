"""Patterns that name operations, as the command line and the configuration have them."""

from __future__ import annotations

import fnmatch

from tallystick.nouns.contract import Operation

_TAG = "tag:"


def is_named(operation: Operation, pattern: str) -> bool:
    """Whether a pattern (with `*` and `?`) matches an operation's label, path or id, or, as `tag:NAME`, a tag of it."""
    names: tuple[str, ...] = (operation.label, operation.path, operation.operation_id or "")
    if pattern.startswith(_TAG):
        pattern, names = pattern[len(_TAG) :], operation.tags
    return any(name == pattern or fnmatch.fnmatchcase(name, pattern) for name in names)
