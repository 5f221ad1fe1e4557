"""Regular expressions of a contract that Pydantic cannot take.

It has two engines, Rust's and Python's, and uses one for a whole class. Contracts are written for a third, ECMA-262's.
"""

from __future__ import annotations

import re
from collections.abc import Iterable


def unusable(patterns: Iterable[str]) -> dict[str, str]:
    """The patterns that models have to do without, each with the reason."""
    from pydantic_core import SchemaError, SchemaValidator, core_schema

    def rust_takes(pattern: str) -> bool:
        try:
            SchemaValidator(core_schema.str_schema(pattern=pattern))
        except SchemaError:
            return False
        return True

    found: dict[str, str] = {}
    rust_only: list[str] = []
    python_only = ""
    for pattern in sorted(set(patterns)):
        rust, python = rust_takes(pattern), _python_takes(pattern)
        if not rust and not python:
            found[pattern] = f"the pattern {pattern} is left out of the model; Pydantic has no engine that takes it"
        elif not rust:
            python_only = python_only or pattern
        elif not python:
            rust_only.append(pattern)
    if python_only:
        for pattern in rust_only:
            found[pattern] = (
                f"the pattern {pattern} is left out of the model; "
                f"Pydantic takes it only with an engine that does not take {python_only}"
            )
    return found


def _python_takes(pattern: str) -> bool:
    try:
        re.compile(pattern)
    except (re.error, OverflowError, RecursionError):
        return False
    return True
