"""Finds the regular expressions of a contract that Pydantic does not support.

Pydantic has two engines, Rust's and Python's, and uses one of them for a whole class. Contracts use a third syntax,
that of ECMA-262.
"""

from __future__ import annotations

import re
from collections.abc import Iterable


def unsupported_patterns(patterns: Iterable[str]) -> dict[str, str]:
    """The patterns that are left out of the models, each with the reason."""
    reasons: dict[str, str] = {}
    only_rust: list[str] = []
    first_only_python = ""
    for pattern in sorted(set(patterns)):
        by_rust, by_python = _is_supported_by_rust(pattern), _is_supported_by_python(pattern)
        if not by_rust and not by_python:
            reasons[pattern] = f"the pattern {pattern} is left out of the model; Pydantic has no engine that takes it"
        elif not by_rust:
            first_only_python = first_only_python or pattern
        elif not by_python:
            only_rust.append(pattern)
    if first_only_python:
        for pattern in only_rust:
            reasons[pattern] = (
                f"the pattern {pattern} is left out of the model; "
                f"Pydantic takes it only with an engine that does not take {first_only_python}"
            )
    return reasons


def _is_supported_by_rust(pattern: str) -> bool:
    from pydantic_core import SchemaError, SchemaValidator, core_schema

    try:
        SchemaValidator(core_schema.str_schema(pattern=pattern))
    except SchemaError:
        return False
    return True


def _is_supported_by_python(pattern: str) -> bool:
    try:
        re.compile(pattern)
    except (re.error, OverflowError, RecursionError):
        return False
    return True
